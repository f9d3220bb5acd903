//! What a failed sign-in means: mostly that a person has to sign in again, by which command.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_signin::operation::create_o_auth2_token::CreateOAuth2TokenError;
use aws_sdk_sso::operation::get_role_credentials::GetRoleCredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::Reason;
use crate::failure::{At, CallFailure, find, is_unreached, words};

/// IAM Identity Center's answer, or the cached token's state.
pub(super) fn sso(profile: &str, error: &CredentialsError) -> Reason {
    let command = format!("aws sso login --profile {}", quoted(profile));
    let answered = find::<SdkError<GetRoleCredentialsError, HttpResponse>>(error);
    let Some(answered) = answered else {
        return sign_in("IAM Identity Center", error, command);
    };
    match CallFailure::of(answered) {
        // The token is not valid, or no longer.
        CallFailure::Refused { code, message, .. } if code == "UnauthorizedException" => {
            let why = format!("IAM Identity Center says: {}", message.trim_end_matches('.'));
            Reason::SignIn { why, command }
        }
        failure => {
            Reason::Call { attempt: "get the role's credentials from IAM Identity Center", failure }
        }
    }
}

/// The console sign-in's answer, or the cached token's state.
pub(super) fn login(profile: &str, error: &CredentialsError) -> Reason {
    let command = format!("aws login --profile {}", quoted(profile));
    let Some(answered) = find::<CreateOAuth2TokenError>(error) else {
        return sign_in("the console", error, command);
    };
    let message = answered.message().unwrap_or("no message").to_owned();
    match answered.code() {
        Some("AccessDeniedException" | "ValidationException") => {
            let message = attache_identifiers::displayable(&message, &[], 500);
            let why = format!("AWS Sign-In says: {}", message.trim_end_matches('.'));
            Reason::SignIn { why, command }
        }
        Some(code) => {
            let failure = CallFailure::Refused {
                code: code.to_owned(),
                message: attache_identifiers::displayable(&message, &[], 500),
                at: At::default(),
            };
            Reason::Call { attempt: "renew the console session", failure }
        }
        None => {
            let failure = CallFailure::NoAnswer { why: words(answered, &[]) };
            Reason::Call { attempt: "renew the console session", failure }
        }
    }
}

fn sign_in(with: &'static str, error: &CredentialsError, command: String) -> Reason {
    let why = words(error, &[]);
    if is_unreached(error) {
        return Reason::Call { attempt: "sign in", failure: CallFailure::NoAnswer { why } };
    }
    Reason::SignIn { why: format!("there is no valid sign-in to {with} ({why})"), command }
}

/// The name as a shell takes it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@/+=:".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}
