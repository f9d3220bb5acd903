//! STS's refusals in EKS Auth's words, so that a pod's SDK sees one set of codes on every cluster.

use crate::ExchangeError;

/// What STS says where it could not fetch the issuer's keys, which passes by itself. Its other
/// sentences of this code are verdicts on the token.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const NO_KEY: &str = "Couldn't retrieve verification key";

/// An answer of STS with an error.
pub(super) struct StsRefusal<'a> {
    /// What was attempted, such as `assume ROLE`.
    pub(super) attempt: &'a str,
    pub(super) status: u16,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
}

impl StsRefusal<'_> {
    pub(super) fn in_words_of_eks_auth(&self) -> ExchangeError {
        let Self { attempt, status, code, message } = self;
        let own = match *code {
            "AccessDenied" | "AccessDeniedException" => "AccessDeniedException",
            "ExpiredTokenException" | "ExpiredToken" => "ExpiredTokenException",
            "InvalidIdentityToken" if message.starts_with(NO_KEY) => "ServiceUnavailableException",
            "InvalidIdentityToken" => "InvalidTokenException",
            "IDPRejectedClaim" => "AccessDeniedException",
            "IDPCommunicationError" => "ServiceUnavailableException",
            "Throttling" | "ThrottlingException" | "RequestLimitExceeded" => "ThrottlingException",
            "ValidationError" | "MalformedPolicyDocument" | "PackedPolicyTooLarge" => {
                "InvalidParameterException"
            }
            _ if *status >= 500 => "ServiceUnavailableException",
            _ => "InvalidRequestException",
        };
        ExchangeError::refused(own, format!("could not {attempt}: {code}: {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_sts_has_the_code_and_the_finality_of_eks_auths() {
        for (code, message, status, own, is_final) in [
            ("AccessDenied", "Not authorized", 400, "AccessDeniedException", true),
            ("ExpiredTokenException", "Token expired", 400, "ExpiredTokenException", true),
            (
                "InvalidIdentityToken",
                "No OpenIDConnect provider found",
                400,
                "InvalidTokenException",
                true,
            ),
            (
                "InvalidIdentityToken",
                "Couldn't retrieve verification key from your identity provider,  please reference",
                503,
                "ServiceUnavailableException",
                false,
            ),
            ("IDPCommunicationError", "x", 503, "ServiceUnavailableException", false),
            ("Throttling", "Rate exceeded", 429, "ThrottlingException", false),
            ("ValidationError", "x", 400, "InvalidParameterException", false),
            ("PackedPolicyTooLarge", "x", 400, "InvalidParameterException", false),
            ("InternalFailure", "x", 503, "ServiceUnavailableException", false),
            ("RegionDisabledException", "x", 400, "InvalidRequestException", false),
        ] {
            let sent = if code == "InternalFailure" { 500 } else { 400 };
            let refusal = StsRefusal { attempt: "assume R", status: sent, code, message };
            let error = refusal.in_words_of_eks_auth();
            assert_eq!((error.code(), error.status()), (own, status), "{code}");
            assert_eq!(error.is_final(), is_final, "{code}");
            assert!(error.to_string().contains(code), "{error}");
        }
    }
}
