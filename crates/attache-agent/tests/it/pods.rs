//! Pods with tokens, and a source whose credentials name the pod that they are for.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use attache_agent::{
    AUDIENCE, Association, CredentialSource, ExchangeError, Issued, PodCredentials, PodToken,
};
use attache_identifiers::{AccountId, RoleArn, Secret};
use attache_oidc::{Algorithm, Claims, SigningKey};
use serde_json::{Map, json};
use time::OffsetDateTime;

/// Pods of one service account each but for every tenth, which shares the one before.
pub(crate) fn tokens(count: usize, now: OffsetDateTime) -> Vec<PodToken> {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    (0..count).map(|pod| token(&key, pod, now)).collect()
}

pub(crate) fn token(key: &SigningKey, pod: usize, now: OffsetDateTime) -> PodToken {
    let account = format!("sa-{}", pod / 10);
    let bound = json!({"namespace": "shop", "serviceaccount": {"name": account, "uid": "s"},
                       "pod": {"name": format!("pod-{pod}"), "uid": format!("uid-{pod}")}});
    let claims = Claims::new()
        .issuer("https://issuer.example")
        .subject(&format!("system:serviceaccount:shop:{account}"))
        .audience(AUDIENCE)
        .valid(now, time::Duration::hours(24))
        .set("kubernetes.io", bound);
    PodToken::parse(attache_oidc::sign(key, &claims).unwrap().expose()).unwrap()
}

/// The pod's number, as its token has it.
pub(crate) fn pod_of(token: &PodToken) -> usize {
    let claim = token.unverified().claims().get("kubernetes.io").unwrap();
    claim["pod"]["uid"].as_str().unwrap()[4..].parse().unwrap()
}

pub(crate) fn credentials(pod: usize, number: usize, expires: OffsetDateTime) -> PodCredentials {
    PodCredentials::new(
        AccountId::parse("111111111111").unwrap(),
        &format!("KEY-{pod}-{number}"),
        &Secret::new(format!("secret-of-{pod}")),
        &Secret::new(format!("session-of-{pod}")),
        expires,
        Map::new(),
    )
}

/// Whether an answer is this pod's own.
pub(crate) fn is_of(pod: usize, credentials: &PodCredentials) -> bool {
    let document: serde_json::Value = serde_json::from_slice(&credentials.document()).unwrap();
    credentials.access_key_id().starts_with(&format!("KEY-{pod}-"))
        && document["SecretAccessKey"] == format!("secret-of-{pod}")
        && document["Token"] == format!("session-of-{pod}")
}

pub(crate) fn association(role: &str) -> Arc<Association> {
    Arc::new(Association {
        namespace: "shop".to_owned(),
        service_account: "web".to_owned(),
        role: RoleArn::parse(&format!("arn:aws:iam::111111111111:role/{role}")).unwrap(),
        target_role: None,
        external_id: None,
        disable_session_tags: false,
        policy: None,
        cluster_arn: None,
    })
}

/// Epoch seconds; each test has its own process-wide clock by taking another of these.
pub(crate) struct TestClock(pub(crate) AtomicI64);

impl TestClock {
    pub(crate) const fn new() -> Self {
        Self(AtomicI64::new(1_795_000_000))
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0.load(Ordering::SeqCst)).unwrap()
    }

    pub(crate) fn advance(&self, by: time::Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

/// What the source answers, and how often it was asked.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) calls: AtomicUsize,
    pub(crate) of_pod: Mutex<HashMap<usize, usize>>,
    pub(crate) refuse: Mutex<Option<ExchangeError>>,
    pub(crate) association: Mutex<Option<Arc<Association>>>,
}

pub(crate) struct Source {
    pub(crate) log: Arc<Log>,
    pub(crate) clock: fn() -> OffsetDateTime,
    pub(crate) life: time::Duration,
    /// Milliseconds that an answer takes at most.
    pub(crate) slow: u64,
}

impl CredentialSource for Source {
    fn exchange<'a>(
        &'a self,
        token: &'a PodToken,
    ) -> Pin<Box<dyn Future<Output = Result<Issued, ExchangeError>> + Send + 'a>> {
        Box::pin(async move {
            let number = self.log.calls.fetch_add(1, Ordering::SeqCst);
            let pod = pod_of(token);
            *self.log.of_pod.lock().unwrap().entry(pod).or_default() += 1;
            let association = self.log.association.lock().unwrap().clone();
            let wait = (number as u64).wrapping_mul(7_919) % (self.slow + 1);
            tokio::time::sleep(Duration::from_millis(wait)).await;
            if let Some(error) = self.log.refuse.lock().unwrap().clone() {
                return Err(error);
            }
            let credentials = credentials(pod, number, (self.clock)() + self.life);
            Ok(Issued { credentials, association })
        })
    }

    fn is_current(&self, association: &Association) -> bool {
        self.log.association.lock().unwrap().as_deref() == Some(association)
    }
}
