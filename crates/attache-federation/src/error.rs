//! How reading or changing an account fails.

use attache_aws_accounts::{AccountError, CallFailure, EksError, FailedCall, IncompleteList};
use attache_identifiers::AccountId;
use aws_sdk_iam::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::apply::Step;
use crate::plan::UnreadAccount;

/// Why an account could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FederationError {
    /// There are no credentials for an account, or they may be another account's.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A call failed.
    #[error(transparent)]
    Call(#[from] FailedCall),
    /// AWS answered with success and with something that cannot be used.
    #[error("could not {attempt} in {account}: {source}")]
    BadAnswer {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// In which account.
        account: AccountId,
        /// What is wrong with the answer.
        source: BadAnswer,
    },
    /// What is to be sent does not make a call.
    #[error("could not {attempt} in {account}: {source}")]
    BadCall {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// In which account.
        account: AccountId,
        /// What is missing.
        source: Box<BuildError>,
    },
    /// An account that could not be read, as another call found.
    #[error("{why}")]
    Unreadable {
        /// Why.
        why: String,
    },
    /// The plan has resources that may not be changed. Nothing was changed.
    #[error("the plan cannot be applied, and nothing was changed: {}", .reasons.join("; "))]
    Blocked {
        /// One sentence for each resource.
        reasons: Vec<String>,
    },
    /// The plan has steps that widen something that exists. Nothing was changed.
    #[error(
        "the plan widens what exists, and nothing was changed: {}; --allow-widening allows it",
        .steps.join("; ")
    )]
    Widens {
        /// One sentence for each step.
        steps: Vec<String>,
    },
    /// Accounts that could not be read. Nothing was done in them.
    #[error("{}", listed(.accounts))]
    Unread {
        /// Each with its reason.
        accounts: Vec<UnreadAccount>,
    },
    /// Applying stopped in some accounts, at a step each. What was done stays done, and the other
    /// accounts are done; running it again continues.
    #[error("{}; run it again to continue", stopped(.stops, .unread))]
    Stopped {
        /// The steps that were done.
        done: Vec<Step>,
        /// Where it stopped.
        stops: Vec<Stop>,
        /// The accounts that could not be read.
        unread: Vec<UnreadAccount>,
    },
}

/// The step at which an account's part of a plan stopped.
#[derive(Debug)]
pub struct Stop {
    /// The account.
    pub account: AccountId,
    /// The number of the step in the plan, from 1.
    pub number: usize,
    /// How many steps the plan has.
    pub of: usize,
    /// Why.
    pub source: FederationError,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stopped at step {} of {}: {}", self.number, self.of, self.source)
    }
}

fn listed(accounts: &[UnreadAccount]) -> String {
    match accounts {
        [only] => only.error.clone(),
        several => {
            let lines: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!("{} accounts could not be read:\n{}", lines.len(), lines.join("\n"))
        }
    }
}

fn stopped(stops: &[Stop], unread: &[UnreadAccount]) -> String {
    let unread = (!unread.is_empty()).then(|| listed(unread));
    let lines: Vec<String> = stops.iter().map(ToString::to_string).chain(unread).collect();
    lines.join("\n")
}

/// What is wrong with an answer of AWS's that is one of success.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadAnswer {
    /// A list that is not whole.
    #[error(transparent)]
    IncompleteList(#[from] IncompleteList),
    /// A session without its credentials.
    #[error("the answer holds no credentials")]
    NoCredentials,
    /// A managed policy without a version in force.
    #[error("IAM names no default version")]
    NoDefaultVersion,
    /// A policy version without its document.
    #[error("IAM gives no document")]
    NoDocument,
}

impl FederationError {
    /// From the SDK's error.
    pub(crate) fn of<E>(
        attempt: &str,
        account: AccountId,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        FailedCall::of(attempt, account, error).into()
    }

    /// From a call to EKS. `attempt` is a verb phrase.
    pub(crate) fn of_eks(attempt: String, account: AccountId, error: EksError) -> Self {
        let failure = match error {
            EksError::Call(failure) => failure,
            EksError::Incomplete(source) => {
                return Self::BadAnswer { attempt, account, source: source.into() };
            }
            other => CallFailure::NoAnswer { why: other.to_string() },
        };
        FailedCall { attempt, account, source: Box::new(failure) }.into()
    }

    /// AWS's error code and message, where AWS answered with an error.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &str)> {
        match self {
            Self::Call(call) => call.source.refusal(),
            Self::Account(AccountError::Identity { source, .. }) => source.refusal(),
            _ => None,
        }
    }

    /// AWS's code and message alone where AWS answered, else the whole sentence.
    pub(crate) fn brief(&self) -> String {
        match self.refusal() {
            Some((code, message)) => format!("{code}: {message}"),
            None => self.to_string(),
        }
    }

    /// Whether AWS said that there are too many calls.
    pub(crate) fn throttled(&self) -> bool {
        self.code().is_some_and(crate::patience::is_throttling)
    }

    /// AWS's error code, where AWS answered with an error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|(code, _)| code)
    }
}
