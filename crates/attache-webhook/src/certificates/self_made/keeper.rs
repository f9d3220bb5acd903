//! Keeps the Secret, the webhook configurations and the certificate that is shown in agreement.

use attache_serving::ServingCertificate;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::PostParams;
use kube::{Api, Client};
use time::OffsetDateTime;

use super::super::CertificateError;
use super::super::bundle::{self, trust};
use super::{SelfMade, SelfMadeSettings, secret};

/// Ours: how often all of it is looked at. A short certificate is looked at more often.
const LONGEST_INTERVAL: std::time::Duration = std::time::Duration::from_secs(30);
const SHORTEST_INTERVAL: std::time::Duration = std::time::Duration::from_secs(1);
/// Ours: how long the API servers may take to see a configuration that was changed.
const SEEN_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
/// Ours: so often another replica can be first.
const ATTEMPTS: usize = 5;

pub(crate) struct Keeper {
    client: Client,
    settings: SelfMadeSettings,
    clock: fn() -> OffsetDateTime,
}

impl Keeper {
    pub(crate) fn new(
        client: Client,
        settings: SelfMadeSettings,
        clock: fn() -> OffsetDateTime,
    ) -> Self {
        Self { client, settings, clock }
    }

    /// Brings all of it into agreement. Says whether another certificate is shown now.
    pub(crate) async fn keep(
        &self,
        serving: &ServingCertificate,
    ) -> Result<bool, CertificateError> {
        let made = self.agreed().await?;
        let changed = self.trust(&made.trusted).await?;
        // Until then, only the one before is trusted.
        if changed && serving.until().is_some() {
            tokio::time::sleep(SEEN_WITHIN).await;
        }
        Ok(serving.replace(made.pair)?)
    }

    /// Does so for ever.
    pub(crate) async fn watch(&self, serving: &ServingCertificate) {
        let interval = self.settings.lifetime.unsigned_abs() / 10;
        let interval = interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        loop {
            tokio::time::sleep(interval).await;
            match self.keep(serving).await {
                Ok(true) => tracing::info!("a new certificate, valid until {:?}", serving.until()),
                Ok(false) => {}
                Err(error) => tracing::error!("the certificate stays as it was: {error}"),
            }
        }
    }

    /// What all replicas agree on: the Secret's, or a new one that this replica was first to write.
    async fn agreed(&self) -> Result<SelfMade, CertificateError> {
        let name = &self.settings.secret;
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.settings.namespace);
        let mut attempt = 0;
        loop {
            let read = CertificateError::api(format!("read the Secret {name}"));
            let found = api.get_opt(name).await.map_err(read)?;
            let now = (self.clock)();
            let before = found.as_ref().and_then(secret::read);
            let (hosts, lifetime) = (&self.settings.hosts, self.settings.lifetime);
            let before = match before {
                Some(made) if !made.is_due(hosts, now) => return Ok(made),
                other => other,
            };
            let made = SelfMade::next(before.as_ref(), hosts, lifetime, now)?;
            let written = match found {
                Some(mut found) => {
                    secret::write(&mut found, &made);
                    // With the version that was read: another replica's change is a conflict.
                    api.replace(name, &PostParams::default(), &found).await
                }
                None => {
                    let metadata = ObjectMeta { name: Some(name.clone()), ..ObjectMeta::default() };
                    let mut new = Secret { metadata, ..Secret::default() };
                    secret::write(&mut new, &made);
                    api.create(&PostParams::default(), &new).await
                }
            };
            attempt += 1;
            match written {
                Ok(_) => return Ok(made),
                Err(kube::Error::Api(status)) if status.code == 409 && attempt < ATTEMPTS => {}
                Err(error) => {
                    return Err(CertificateError::api(format!("write the Secret {name}"))(error));
                }
            }
        }
    }

    /// Puts the authorities into both configurations. Says whether anything was changed.
    async fn trust(&self, trusted: &str) -> Result<bool, CertificateError> {
        let (client, of) = (&self.client, &self.settings);
        let mut changed = false;
        if let Some(name) = &of.mutating {
            changed |= trust::<bundle::Mutating>(client, name, trusted).await?;
        }
        if let Some(name) = &of.validating {
            changed |= trust::<bundle::Validating>(client, name, trusted).await?;
        }
        Ok(changed)
    }
}
