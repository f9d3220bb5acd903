//! The quickstart's cluster: who signs the workload's tokens, and one pod's projected token.
//!
//! By default it is an issuer in this process. With a kubeconfig it is a real API server: the namespace and
//! the service account are made in it for as long as the quickstart runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use attache_api_server::{ApiError, ApiServer, Provisioned};
use attache_kubernetes::admission::AnnotationDomain;
use attache_kubernetes::{
    Issuer, Projection, PublishedIssuer, ServiceAccount, TokenIssuer, TokenRequest,
};
use attache_oidc::{Algorithm, SigningKey};
use miette::{Context, IntoDiagnostic};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

use crate::commands::cluster_client::KubeContext;
use crate::output::{self, Output, RemoteFailure};

/// The document's namespace, of a cluster that is not real.
const NAMESPACE: &str = "causely";
/// Ours, in a real cluster: a workload that is there already is none of the quickstart's.
const OWN_NAMESPACE: &str = "attache-quickstart";
/// The document's service account.
const ACCOUNT: &str = "causely-mediator";

/// A cluster: its workload and the signer of its tokens.
pub(super) struct Cluster {
    pub(super) workload: ServiceAccount,
    pub(super) issuer: PublishedIssuer,
    tokens: Arc<dyn TokenIssuer>,
    /// None where there is no cluster outside of this process.
    real: Option<Real>,
}

/// A real cluster, and what was made in it.
struct Real {
    server: Arc<ApiServer>,
    context: KubeContext,
    provisioned: Provisioned,
}

impl Cluster {
    /// One of this process alone, with a new key.
    pub(super) fn embedded() -> miette::Result<Self> {
        let url = attache_identifiers::Issuer::parse(super::plan::ISSUER).into_diagnostic()?;
        let key = SigningKey::generate(Algorithm::Rs256).into_diagnostic()?;
        let issuer = Arc::new(Issuer::new(url, key));
        Ok(Self {
            workload: ServiceAccount::new(NAMESPACE, ACCOUNT).into_diagnostic()?,
            issuer: issuer.published(),
            tokens: issuer,
            real: None,
        })
    }

    /// A real one. It is only read.
    pub(super) async fn of(context: KubeContext) -> miette::Result<Self> {
        let server = Arc::new(context.connect().await?);
        let issuer = server.issuer().await.map_err(|error| refused(&context, &error))?;
        Ok(Self {
            workload: ServiceAccount::new(OWN_NAMESPACE, ACCOUNT).into_diagnostic()?,
            issuer,
            tokens: Arc::<ApiServer>::clone(&server),
            real: Some(Real { server, context, provisioned: Provisioned::default() }),
        })
    }

    /// Makes the service account in a real cluster, annotated with its role, and says so before.
    pub(super) async fn provision(&mut self, role: &str, out: &Output) -> miette::Result<()> {
        let Some(real) = &mut self.real else { return Ok(()) };
        out.progress(format!(
            "in {}: the namespace {OWN_NAMESPACE} and the service account {ACCOUNT} are made where they are \
             absent, and what is made is removed at the end",
            real.server.url()
        ));
        let annotations =
            BTreeMap::from([(AnnotationDomain::default().key("role-arn"), role.to_owned())]);
        let made = real.server.provision(&self.workload, &annotations, &mut real.provisioned).await;
        made.map_err(|error| refused(&real.context, &error))?;
        for name in real.provisioned.names() {
            out.progress(format!("  made: {name}"));
        }
        Ok(())
    }

    /// Removes what was made. What cannot be removed is told, with the command that does it.
    pub(super) async fn remove(&mut self, out: &Output) {
        let Some(real) = &mut self.real else { return };
        let made = real.provisioned.names();
        let removed = real.server.remove(&mut real.provisioned).await;
        let left = real.provisioned.names();
        for name in made.iter().rev().filter(|name| !left.contains(name)) {
            out.progress(format!("  removed: {name}"));
        }
        if let Err(error) = removed {
            let delete = real.context.kubectl(&["delete", "namespace", OWN_NAMESPACE]);
            output::warn(&format!("{} was not removed: {error}; {delete}", left.join(", ")));
        }
    }

    /// Projects the workload's token into `folder`, and renews it until `stop`. The token's file.
    pub(super) async fn project(
        &self,
        folder: &Path,
        stop: &CancellationToken,
    ) -> miette::Result<PathBuf> {
        let request = TokenRequest::new(self.workload.clone());
        let projection = Projection::new(Arc::clone(&self.tokens), request, folder);
        let token_file = projection.token_file();
        let due = projection
            .write(OffsetDateTime::now_utc())
            .await
            .into_diagnostic()
            .wrap_err("could not project the workload's token")?;
        tokio::spawn(projection.run(due, stop.clone()));
        Ok(token_file)
    }

    /// Whose tokens they are, for a person.
    pub(super) fn described(&self) -> String {
        let signer = self.real.as_ref().map(|real| format!(", signed by {}", real.server.url()));
        let (subject, issuer) = (self.workload.subject(), self.issuer.url());
        format!("{subject} for {issuer}{}", signer.unwrap_or_default())
    }
}

/// Why the cluster cannot be used, with the command that shows it.
fn refused(context: &KubeContext, error: &ApiError) -> miette::Report {
    let words =
        error.forbidden().map_or_else(|| vec!["version".to_owned()], |access| access.can_i());
    RemoteFailure::report(error, Some(format!("see what this says: {}", context.kubectl(&words))))
}
