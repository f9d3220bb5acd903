//! A failed call, with what it was made for: how reading or changing an account most often ends.

use std::error::Error;

use attache_identifiers::AccountId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::failure::CallFailure;

/// A call to AWS in an account that failed.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt} in {account}: {source}")]
pub struct FailedCall {
    /// What was attempted, as a verb phrase.
    pub attempt: String,
    /// In which account.
    pub account: AccountId,
    /// What AWS answered, or why there is no answer.
    pub source: Box<CallFailure>,
}

impl FailedCall {
    /// From the SDK's error.
    pub fn of<E>(
        attempt: impl Into<String>,
        account: AccountId,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        Self { attempt: attempt.into(), account, source: Box::new(CallFailure::of(error)) }
    }
}
