//! Answers reviews with what is known of the cluster.

use std::sync::Arc;

use attache_admission::{
    AccountAnnotations, Answer, GateAction, Knowledge, MappedRoles, OnFault, PodIdentities, Review,
    ReviewError, Settings, Target, mutate, validate,
};
use http::StatusCode;
use time::OffsetDateTime;

use crate::cluster::{Accounts, Cached, FetchError, Fetched, Fetcher};
use crate::metrics::Metrics;
use crate::shared::Shared;

/// The webhook behind its server.
#[derive(Debug)]
pub struct Webhook {
    /// What it was started with.
    pub settings: Arc<Settings>,
    /// What the gate does.
    pub gate: GateAction,
    /// The service accounts.
    pub accounts: Accounts,
    /// Asks for one that was not seen yet.
    pub fetcher: Fetcher,
    /// The ConfigMap.
    pub mapped: Shared<MappedRoles>,
    /// The watched file.
    pub identities: Shared<PodIdentities>,
    /// What is counted.
    pub metrics: Metrics,
    /// The clock.
    pub clock: fn() -> OffsetDateTime,
}

/// Which of the two is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// `/mutate`.
    Mutate,
    /// `/validate`.
    Validate,
}

impl Webhook {
    /// Answers the body of a review: with JSON, or with a text where there is nobody to answer to.
    pub(crate) async fn answer(&self, ask: Ask, body: &[u8]) -> (StatusCode, Vec<u8>) {
        let answer = match Review::read(body) {
            Ok(review) => {
                let answer = self.decide(ask, &review).await;
                review.answer(&answer)
            }
            Err(error) => match self.unreadable(&error) {
                Some(answer) => answer,
                None => return (StatusCode::BAD_REQUEST, format!("{error}\n").into_bytes()),
            },
        };
        (StatusCode::OK, answer.to_string().into_bytes())
    }

    fn unreadable(&self, error: &ReviewError) -> Option<serde_json::Value> {
        tracing::error!("{error}");
        self.metrics.fault();
        error.answer(&self.fault(400, &error.to_string()))
    }

    async fn decide(&self, ask: Ask, review: &Review) -> Answer {
        let (request, Some(object)) = (&review.request, &review.object) else {
            return Answer::default();
        };
        let (mapped, identities) = (self.mapped.get(), self.identities.get());
        let account = match (request.target(), request.pod_account(object, &self.settings)) {
            (Target::Pod, Some(name)) => match self.account(&request.namespace, name).await {
                Ok(account) => account,
                Err(error) => return self.unknown(&request.namespace, name, &error),
            },
            (Target::ServiceAccount, _) if ask == Ask::Validate => AccountAnnotations::default(),
            _ => return Answer::default(),
        };
        let known = Knowledge { account: &account, mapped: &mapped, identities: &identities };
        match ask {
            Ask::Mutate => {
                let injected = mutate(request, object, known, &self.settings);
                if let Some(method) = injected.method {
                    self.metrics.pod(method);
                }
                injected.answer
            }
            Ask::Validate => validate(request, object, known, &self.settings, self.gate),
        }
    }

    /// A service account's annotations: as the watch has them, or as the API server says now.
    async fn account(&self, namespace: &str, name: &str) -> Result<AccountAnnotations, FetchError> {
        if let Cached::Known(annotations) = self.accounts.get(namespace, name) {
            return Ok(annotations);
        }
        self.metrics.missing_account();
        match self.fetcher.fetch(namespace, name).await {
            Fetched::Found(annotations) => Ok(Arc::unwrap_or_clone(annotations)),
            Fetched::Absent => Ok(AccountAnnotations::default()),
            Fetched::Failed(error) => Err(error),
        }
    }

    fn unknown(&self, namespace: &str, name: &str, error: &FetchError) -> Answer {
        tracing::error!("service account {namespace}/{name}: {error}");
        self.metrics.fault();
        // The reason is the log's: it can name what a pod's author need not know.
        self.fault(503, &format!("the service account {namespace}/{name} could not be read"))
    }

    fn fault(&self, status: u16, what: &str) -> Answer {
        match self.settings.on_fault {
            OnFault::Admit => {
                Answer::warn(vec![format!("{what}: the pod is admitted without an AWS role")])
            }
            OnFault::Refuse => Answer::refuse(status, what),
        }
    }
}
