//! The quickstart's cluster: an issuer and one pod's projected token.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use attache_kubernetes::{Projection, ServiceAccount, TokenRequest};
use attache_oidc::{Algorithm, SigningKey};
use miette::{Context, IntoDiagnostic};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;

/// A cluster identity that runs: its issuer and the token file that a pod would have mounted.
pub(super) struct Cluster {
    pub(super) issuer: Arc<attache_kubernetes::Issuer>,
    pub(super) token_file: PathBuf,
}

/// Makes the issuer's key, projects the workload's token into `folder`, and renews it until `stop`.
pub(super) fn start(
    url: attache_identifiers::Issuer,
    workload: ServiceAccount,
    folder: &Path,
    stop: &CancellationToken,
) -> miette::Result<Cluster> {
    let key = SigningKey::generate(Algorithm::Rs256).into_diagnostic()?;
    let issuer = Arc::new(attache_kubernetes::Issuer::new(url, key));
    let projection = Projection::new(Arc::clone(&issuer), TokenRequest::new(workload), folder);
    let token_file = projection.token_file();
    let due = projection
        .write(OffsetDateTime::now_utc())
        .into_diagnostic()
        .wrap_err("could not project the workload's token")?;
    tokio::spawn(projection.run(due, stop.clone()));
    Ok(Cluster { issuer, token_file })
}
