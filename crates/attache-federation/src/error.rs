//! How asking or changing AWS fails.

use attache_identifiers::AccountId;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};

/// Why an account could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FederationError {
    /// No credentials were given for the account.
    #[error(
        "there are no credentials for the account {account}: name a profile {account}, or give \
         --profile {account}=NAME or --assume-role NAME"
    )]
    NoCredentials {
        /// The account.
        account: AccountId,
    },
    /// The credentials are another account's. Nothing was changed.
    #[error(
        "the credentials for the account {wanted} are those of {arn}, which is in {got}: nothing \
         was changed; correct the profile or the role"
    )]
    WrongAccount {
        /// The account that was meant.
        wanted: AccountId,
        /// The account that the credentials act in.
        got: String,
        /// Who the credentials are.
        arn: String,
    },
    /// AWS answered with an error.
    #[error("could not {attempt} in {account}: {code}: {message}{}", remedy(code))]
    Refused {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// In which account.
        account: AccountId,
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// No answer came, or none that could be read.
    #[error("could not {attempt} in {account}: {why}")]
    NoAnswer {
        /// What was attempted, as a verb phrase.
        attempt: String,
        /// In which account.
        account: AccountId,
        /// The chain of causes.
        why: String,
    },
    /// The plan holds resources that may not be touched. Nothing was changed.
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

/// What to do about AWS's commonest refusals.
fn remedy(code: &str) -> &'static str {
    match code {
        "AccessDenied" | "AccessDeniedException" => {
            "; give the credentials that IAM action, or use an administrator's"
        }
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException" => "; renew the credentials",
        "SignatureDoesNotMatch" => "; correct the secret access key",
        "LimitExceeded" => "; ask AWS for a higher quota or remove what is unused",
        _ => "",
    }
}

impl FederationError {
    /// From the SDK's error: AWS's own code and message where it answered, else the causes.
    pub(crate) fn of<E>(attempt: &str, account: AccountId, error: &SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let attempt = attempt.to_owned();
        match error.as_service_error().map(|e| (e.code(), e.message())) {
            Some((Some(code), message)) => Self::Refused {
                attempt,
                account,
                code: code.to_owned(),
                message: fit(message.unwrap_or("AWS gave no message")),
            },
            // An answer without a code is not AWS's: a proxy's page, an emulator's crash.
            Some((None, _)) => {
                let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
                let why = format!("the endpoint answered HTTP {status} without an AWS error");
                Self::NoAnswer { attempt, account, why }
            }
            None => Self::NoAnswer { attempt, account, why: causes(error) },
        }
    }

    /// AWS's error code, where AWS answered.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Stopped { source, .. } => source.code(),
            _ => None,
        }
    }
}

/// An error's causes in one line, without repetition.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.last().is_some_and(|last| last.contains(&text)) {
            words.push(text);
        }
        next = cause.source();
    }
    fit(&words.join(": "))
}

/// Ours: characters of a message that are kept. AWS's own are shorter.
const LONGEST: usize = 1_000;

/// A message fit to be shown. AWS's validation errors repeat the token that they refuse, and the
/// SDK's complaint about an endpoint repeats the whole call: neither may be printed.
fn fit(message: &str) -> String {
    let message = message.split("Request {").next().unwrap_or_default();
    // One less, for the mark of what was cut.
    attache_identifiers::displayable(message, &[], LONGEST - 1)
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_message_never_shows_a_token_or_a_call() {
        let cases = [
            (
                "Value 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c-_9' at 'webIdentityToken'",
                "Value '[hidden]' at 'webIdentityToken'",
            ),
            ("form WebIdentityToken=eyJh.eyJi.c&x=1", "form WebIdentityToken=[hidden]&x=1"),
            ("no scheme: Request { body: secret }", "no scheme: "),
            ("role/CauselyAccess is refused", "role/CauselyAccess is refused"),
        ];
        for (message, shown) in cases {
            assert_eq!(fit(message), shown);
        }
        assert_eq!(fit(&"é".repeat(5_000)).chars().count(), 1_000);
    }
}
