//! One account at run time: its target, its session, and what is to be said about both.

use std::sync::{Mutex, PoisonError};

use attache_aws_accounts::LinkStatus;
use attache_identifiers::AccountId;
use attache_manifests::Account as Target;
use serde::Serialize;
use time::OffsetDateTime;

use crate::session::{Assumer, Evidence, Refused, Session, still_usable};
use crate::view::{ChainLink, serialize_status};

/// An account that is to be scraped.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) target: Target,
    state: Mutex<State>,
    /// Held while STS is asked, so that many scrapes ask once.
    renewing: tokio::sync::Mutex<()>,
}

/// What is known of the session.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) session: Option<Session>,
    /// Why the last attempt failed, and what its token said.
    pub(crate) refused: Option<(Refused, Evidence)>,
    pub(crate) renewals: u64,
    pub(crate) failures: u64,
}

/// Something that works but is not as it should be, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// One account, as the API tells it.
#[derive(Debug, Clone, Serialize)]
pub struct AccountReport {
    /// The account that `GetCallerIdentity` named; before that, the role's.
    pub id: String,
    /// Who the session is: `arn:aws:sts::ID:assumed-role/NAME/SESSION`.
    pub identity_arn: Option<String>,
    /// The role that is assumed.
    pub role_arn: String,
    /// The Secret that names it.
    pub secret: String,
    /// The ARN by which the values claim the account.
    pub claimed_arn: String,
    /// The account that it claims.
    pub claimed_account: String,
    /// The regions that are scraped.
    pub regions: Vec<String>,
    /// The state of the whole chain.
    #[serde(serialize_with = "serialize_status")]
    pub status: LinkStatus,
    /// Resources in the inventory.
    pub resources: usize,
    /// When the session ends.
    #[serde(with = "time::serde::rfc3339::option")]
    pub session_expires_at: Option<OffsetDateTime>,
    /// What works but should be mended.
    pub warnings: Vec<Warning>,
    /// Why there is no session, and what to do.
    pub error: Option<Warning>,
    /// The same as a type.
    #[serde(skip)]
    pub refused: Option<Refused>,
    /// The links of the chain.
    pub chain: Vec<ChainLink>,
}

impl Account {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, state: Mutex::default(), renewing: tokio::sync::Mutex::default() }
    }

    /// What is known of the session now.
    pub(crate) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A session to scrape with: the present one, or a new one when it is time or there is none.
    /// While a renewal fails, the present session is used to its end.
    pub(crate) async fn session(&self, assumer: &Assumer) -> Result<Session, Refused> {
        let _one_at_a_time = self.renewing.lock().await;
        let present = self.state().session;
        let now = assumer.clock.now();
        if let Some(session) = present.as_ref().filter(|session| now < session.renew_at) {
            return Ok(session.clone());
        }
        let assumed = assumer.assume(&self.target.role, &self.target.home).await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match assumed {
            Ok(session) => {
                state.renewals += 1;
                state.refused = None;
                state.session = Some(session.clone());
                Ok(session)
            }
            Err((refused, evidence)) => {
                state.failures += 1;
                tracing::warn!(role = %self.target.role, %refused, "no session");
                state.refused = Some((refused.clone(), evidence));
                let now = assumer.clock.now();
                match present.filter(|session| still_usable(session.expires_at, now)) {
                    Some(session) => Ok(session),
                    None => Err(refused),
                }
            }
        }
    }

    /// Gives the session up: AWS no longer takes it.
    pub(crate) fn forget_session(&self, given_up: &Session) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |own: &Session| own.expires_at == given_up.expires_at;
        if let Some(session) = state.session.as_mut().filter(|session| same(session)) {
            // It stays for the page; the next scrape renews it.
            session.renew_at = OffsetDateTime::UNIX_EPOCH;
        }
    }

    /// The account's number: the session's own, else the role's. Never the claimed one.
    pub(crate) fn id(&self) -> AccountId {
        self.state().session.map_or_else(|| self.target.role.account(), |session| session.account)
    }

    /// What works but should be mended.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let of_secret = self.target.warnings.iter().cloned();
        let of_secret = of_secret.map(|w| Warning { message: w.message, remedy: w.remedy });
        self.mismatch().into_iter().chain(of_secret).collect()
    }

    /// The session is in another account than the values say.
    pub(crate) fn mismatch(&self) -> Option<Warning> {
        let session = self.state().session?;
        let Target { declared, role, secret, .. } = &self.target;
        let (real, claimed) = (session.account, declared.account);
        if real == claimed {
            return None;
        }
        let message = format!(
            "the values claim account {claimed} ({}), but the Secret `{secret}` leads to account \
             {real}: its resources are recorded under {real}",
            declared.arn
        );
        let remedy = format!(
            "if {claimed} is meant, put a role of that account into the Secret's AWS_ROLE_ARN, \
             which is {role}; if {real} is meant, write arn:{}:iam::{real}:root into the values",
            role.partition()
        );
        Some(Warning { message, remedy })
    }
}
