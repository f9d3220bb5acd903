//! How reading or changing an account fails.

use attache_aws_accounts::{AccountError, CallFailure, IncompleteList};
use attache_identifiers::AccountId;
use aws_sdk_iam::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// Why an account could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FederationError {
    /// There are no credentials for an account, or they may be another account's.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A call failed.
    #[error("could not {attempt} in {account}: {source}")]
    Call {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// In which account.
        account: AccountId,
        /// What AWS answered, or why there is no answer.
        source: Box<CallFailure>,
    },
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
    /// Applying stopped at a step. What was done stays done; running it again continues.
    #[error("stopped at step {} of {of}: {source}; run it again to continue", .done.len() + 1)]
    Stopped {
        /// The steps that were done.
        done: Vec<String>,
        /// The step that failed.
        step: String,
        /// How many steps there are.
        of: usize,
        /// Why it failed.
        source: Box<FederationError>,
    },
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
        let source = Box::new(CallFailure::of(error));
        Self::Call { attempt: attempt.to_owned(), account, source }
    }

    /// AWS's error code and message, where AWS answered with an error.
    #[must_use]
    pub fn refusal(&self) -> Option<(&str, &str)> {
        match self {
            Self::Call { source, .. } => source.refusal(),
            Self::Stopped { source, .. } => source.refusal(),
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

    /// AWS's error code, where AWS answered with an error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|(code, _)| code)
    }
}
