//! What STS says of a web identity that it does not take.
//!
//! Code, status and sentence of each as they were seen on AWS; `docs/authority.md` has the table.

use attache_aws_protocol::ServiceError;
use attache_oidc::TokenError;

use super::{NoKeys, Refusal};
use crate::issuer_keys::Failure;

const NOT_A_JWT: &str = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
/// The two spaces are AWS's.
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
const THUMBPRINT: &str =
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";
/// The code is AWS's, and has clients try again; the sentence is ours.
const UNREACHED: &str = "The identity provider could not be reached.";
const NOT_VALIDATED: &str = "The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity documentation for requirements.";
const ROLE_NOT_LISTED: &str =
    "The target role ARN is not present in the roles claim of the identity token";
const UNKNOWN_PROVIDER: &str = "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens";
const NOT_AMAZON: &str = "Provided Token is not a Login With Amazon token";
/// The code is AWS's; the sentence is its model's.
const REJECTED: &str = "The identity provider reported that authentication failed.";
const SEVERAL_AUDIENCES: &str =
    "Token audience contains more than one audience while authorized party is not present";

/// `InvalidIdentityToken`.
pub(super) fn invalid_identity(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "InvalidIdentityToken", message)
}

/// The trust policy does not allow, or there is no such role: the caller does not learn which.
pub(super) fn not_authorized(reason: impl Into<String>) -> Refusal {
    let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    Refusal::new(ServiceError::new(403, "AccessDenied", message), reason)
}

/// The role's account has no provider for the token's issuer.
pub(super) fn no_provider(issuer: &str, reason: impl Into<String>) -> Refusal {
    let message = format!("No OpenIDConnect provider found in your account for {issuer}");
    Refusal::new(invalid_identity(message), reason)
}

/// No key set is known for the token's issuer.
pub(super) fn no_keys(issuer: &str, why: NoKeys) -> Refusal {
    match why {
        NoKeys::Unknown => {
            let reason = format!(
                "no keys are known for the issuer {issuer}: give them with \
                 --issuer {issuer}=JWKS_FILE"
            );
            Refusal::new(invalid_identity(NO_KEY), reason)
        }
        NoKeys::Failed(failure @ Failure::Thumbprint(_)) => {
            Refusal::new(keys_not_had(&failure), failure.why())
        }
        NoKeys::Failed(failure) => {
            Refusal::new(keys_not_had(&failure), format!("the issuer's keys: {}", failure.why()))
        }
    }
}

/// STS's answer to a token whose issuer's keys could not be had.
pub(crate) fn keys_not_had(failure: &Failure) -> ServiceError {
    match failure {
        Failure::Thumbprint(_) => invalid_identity(THUMBPRINT),
        Failure::Unreached(_) => ServiceError::new(400, "IDPCommunicationError", UNREACHED),
        Failure::Other(_) => invalid_identity(NO_KEY),
    }
}

/// The role is not among those that the token's `https://aws.amazon.com/roles` lists.
pub(super) fn role_not_listed(role: &str) -> Refusal {
    let reason = format!("the token's claim https://aws.amazon.com/roles does not list {role}");
    Refusal::new(invalid_identity(ROLE_NOT_LISTED), reason)
}

/// `ProviderId` is for the access tokens of two OAuth 2.0 providers, which cannot be verified here: every
/// call with one is refused as STS refuses it for a JWT.
pub(super) fn oauth_provider(provider_id: &str) -> Refusal {
    let error = match provider_id {
        "www.amazon.com" => invalid_identity(NOT_AMAZON),
        "graph.facebook.com" => ServiceError::new(403, "IDPRejectedClaim", REJECTED),
        _ => ServiceError::new(403, "AccessDenied", UNKNOWN_PROVIDER),
    };
    Refusal::new(
        error,
        format!("the call has the ProviderId {provider_id}: leave it out for a JWT"),
    )
}

/// A token that is bad.
pub(super) fn token(refused: &TokenError) -> Refusal {
    let error = match refused {
        TokenError::NotAJwt { .. }
        | TokenError::TooShort { .. }
        | TokenError::TooLong { .. }
        | TokenError::BadClaim { .. }
        | TokenError::Critical => invalid_identity(NOT_A_JWT),
        TokenError::MissingClaim(claim) => {
            invalid_identity(format!("Missing a required claim: {claim}"))
        }
        TokenError::BadTimestamp { .. } => invalid_identity("Invalid timestamp in token claims."),
        TokenError::SeveralAudiences { .. } => invalid_identity(SEVERAL_AUDIENCES),
        TokenError::EmptyClaim(claim) => {
            invalid_identity(format!("Claim is not allowed to be empty: {claim}"))
        }
        TokenError::NullClaim(_) => {
            let message = "Unknown error validating third-party token";
            ServiceError::new(500, "InternalFailure", message)
        }
        TokenError::NotYetValid { claim: "nbf", now, at } => invalid_identity(format!(
            "Token not yet valid: current date/time {now} must be after or equal to the not-before \
             date/time {at}"
        )),
        TokenError::NotYetValid { at, .. } => {
            invalid_identity(format!("Token issued in the future: {at}"))
        }
        TokenError::UnknownKey { .. }
        | TokenError::WrongKey { .. }
        | TokenError::TooManyKeys { .. } => invalid_identity(NO_KEY),
        TokenError::Expired { now, exp } => {
            let message = format!(
                "Token expired: current date/time {now} must be before the expiration \
                 date/time {exp}"
            );
            ServiceError::new(400, "ExpiredTokenException", message)
        }
        TokenError::Algorithm { .. }
        | TokenError::Audience { .. }
        | TokenError::Issuer { .. }
        | TokenError::KeyOperations { .. }
        | TokenError::Signature { .. } => invalid_identity(NOT_VALIDATED),
    };
    Refusal::new(error, refused.to_string())
}
