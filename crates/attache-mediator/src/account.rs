//! One account at run time: its target, its session, and the warnings about both.

use std::sync::{Mutex, PoisonError};

use attache_aws_accounts::LinkStatus;
use attache_identifiers::AccountId;
use attache_manifests::Account as Target;
use serde::Serialize;
use time::OffsetDateTime;

use crate::session::{Assumer, Evidence, Session, SessionError, still_usable};
use crate::view_model::{ChainLink, serialize_status};

/// An account that is to be scraped.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) target: Target,
    state: Mutex<State>,
    /// Held during a call of STS, so that many scrapes make one.
    renewing: tokio::sync::Mutex<()>,
}

/// What is known of the session.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) session: Option<Session>,
    /// Why the last attempt failed, and what its token said.
    pub(crate) session_error: Option<(SessionError, Evidence)>,
    pub(crate) renewals: u64,
    pub(crate) failures: u64,
}

/// Something that works but is not as it should be, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// One account, as the API reports it.
#[derive(Debug, Clone, Serialize)]
pub struct AccountReport {
    /// The account that `GetCallerIdentity` named; before that, the role's.
    pub id: String,
    /// The identity of the session: `arn:aws:sts::ID:assumed-role/NAME/SESSION`.
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
    /// What works but should be fixed.
    pub warnings: Vec<Warning>,
    /// Why there is no session, and what to do.
    pub error: Option<Warning>,
    /// The same as a type.
    #[serde(skip)]
    pub session_error: Option<SessionError>,
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
    pub(crate) async fn session(&self, assumer: &Assumer) -> Result<Session, SessionError> {
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
                state.session_error = None;
                state.session = Some(session.clone());
                Ok(session)
            }
            Err((session_error, evidence)) => {
                state.failures += 1;
                tracing::warn!(role = %self.target.role, %session_error, "no session");
                state.session_error = Some((session_error.clone(), evidence));
                let now = assumer.clock.now();
                match present.filter(|session| still_usable(session.expires_at, now)) {
                    Some(session) => Ok(session),
                    None => Err(session_error),
                }
            }
        }
    }

    /// Gives the session up: AWS no longer accepts it.
    pub(crate) fn forget_session(&self, given_up: &Session) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |session: &Session| session.expires_at == given_up.expires_at;
        if let Some(session) = state.session.as_mut().filter(|session| same(session)) {
            // It stays for the page; the next scrape renews it.
            session.renew_at = OffsetDateTime::UNIX_EPOCH;
        }
    }

    /// The account's ID: the session's, else the role's. Never the claimed one.
    pub(crate) fn id(&self) -> AccountId {
        self.state().session.map_or_else(|| self.target.role.account(), |session| session.account)
    }

    /// What works but should be fixed.
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
