//! Why a token is not traded for credentials.

use attache_aws_protocol::ServiceError;
use attache_oidc::TokenError;

use crate::cache::TooShort;

/// Why there are no credentials for a token. Nothing of the token or of the credentials is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The service, or this agent in its words, refused.
    #[error("({}): {}", .0.code, .0.message)]
    Refused(ServiceError),
    /// There was no answer, or none that could be read.
    #[error("{why}")]
    NoAnswer {
        /// What happened.
        why: String,
    },
    /// The credentials are of no use.
    #[error(transparent)]
    TooShort(#[from] TooShort),
    /// Too many tokens of this client, or of all, are being exchanged. Ours.
    #[error("Too many tokens are being exchanged; try again.")]
    Busy,
}

/// Whose clocks decide on a token's times.
const EXPIRED: &str = " The time is this node's clock, the end the API server's: compare date -u on both. If they \
                       agree, the kubelet does not renew the pod's token file, or the pod read it long ago.";
const EARLY: &str =
    " The time is this node's clock, the claim the API server's: compare date -u on both.";

/// The original's: after these nothing changes by itself, and the pod's credentials are dropped.
/// <https://github.com/aws/eks-pod-identity-agent>
const FINAL: [&str; 4] = [
    "ResourceNotFoundException",
    "ExpiredTokenException",
    "InvalidTokenException",
    "AccessDeniedException",
];

impl ExchangeError {
    /// A refusal in EKS Auth's words, with the status that its model gives the code.
    /// <https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html>
    #[must_use]
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        let status = match code {
            "ResourceNotFoundException" => 404,
            "ThrottlingException" => 429,
            "InternalServerException" => 500,
            "ServiceUnavailableException" => 503,
            _ => 400,
        };
        Self::Refused(ServiceError::new(status, code, message))
    }

    /// A token that is none of ours, or no longer.
    #[must_use]
    pub fn of_token(refused: &TokenError) -> Self {
        let (code, clock) = match refused {
            TokenError::Expired { .. } => ("ExpiredTokenException", EXPIRED),
            TokenError::NotYetValid { .. } => ("InvalidTokenException", EARLY),
            _ => ("InvalidTokenException", ""),
        };
        Self::refused(code, format!("{refused}.{clock}"))
    }

    /// Whether asking again with the same token is of no use.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(error) if FINAL.contains(&error.code.as_str()))
    }

    /// The HTTP status that the pod gets: the service's own.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(error) if (400..600).contains(&error.status) => error.status,
            Self::Busy => 429,
            _ => 500,
        }
    }

    /// The code, as the metrics count it.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(error) => &error.code,
            Self::NoAnswer { .. } => "NoAnswer",
            Self::TooShort(_) => "TooShort",
            Self::Busy => "Busy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_eks_auth_have_their_status_and_four_are_final() {
        for (code, status, is_final) in [
            ("AccessDeniedException", 400, true),
            ("ExpiredTokenException", 400, true),
            ("InvalidTokenException", 400, true),
            ("InvalidParameterException", 400, false),
            ("InvalidRequestException", 400, false),
            ("ResourceNotFoundException", 404, true),
            ("ThrottlingException", 429, false),
            ("InternalServerException", 500, false),
            ("ServiceUnavailableException", 503, false),
        ] {
            let error = ExchangeError::refused(code, "x");
            assert_eq!((error.status(), error.is_final()), (status, is_final), "{code}");
        }
        let odd = ExchangeError::Refused(ServiceError::new(200, "Odd", "x"));
        assert_eq!((odd.status(), odd.is_final()), (500, false));
    }
}
