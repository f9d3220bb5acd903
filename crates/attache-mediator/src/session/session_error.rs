//! Why there is no session, and what to do about it.

use std::path::PathBuf;
use std::sync::Arc;

use attache_aws_accounts::{Link, NoCredentials};
use attache_identifiers::{Arn, PrincipalArn, Region, RoleArn};

use super::{Evidence, TokenFileError};

/// Why there is no session. Messages are STS's own; nothing of the token is in them.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// The token file cannot be read.
    #[error("the token file {} could not be read: {source}", attache_identifiers::printable(&path.to_string_lossy()))]
    NoToken {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Arc<TokenFileError>,
    },
    /// The container's credentials are not to be had.
    #[error("{source}")]
    NoCredentials {
        /// Why.
        source: Arc<NoCredentials>,
    },
    /// It is not known whose the container's credentials are.
    #[error("the container's credentials are there, but GetCallerIdentity failed: {why}")]
    SourceIdentity {
        /// Why.
        why: String,
    },
    /// The token file holds something else.
    #[error("STS does not accept the token as a JWT: {message}")]
    NotAToken {
        /// What STS says.
        message: String,
    },
    /// The token has expired.
    #[error("the token has expired: {message}")]
    Expired {
        /// What STS says.
        message: String,
    },
    /// The account has no OIDC provider for the token's issuer.
    #[error("{message}")]
    NoProvider {
        /// What STS says.
        message: String,
    },
    /// The provider does not list the token's audience.
    #[error("the provider does not accept the token's audience: {message}")]
    Audience {
        /// What STS says.
        message: String,
    },
    /// STS gives one sentence for a foreign audience, a wrong signature and a key that it may not use.
    #[error("STS could not validate the token: {message}")]
    NotValidated {
        /// What STS says.
        message: String,
    },
    /// The issuer's keys could not be had, or none is the token's.
    #[error("STS could not check the token's signature: {message}")]
    Signature {
        /// What STS says.
        message: String,
    },
    /// The trust policy does not allow it, or there is no such role: STS does not say which.
    #[error("{message}")]
    Denied {
        /// What STS says.
        message: String,
    },
    /// STS has no endpoint in the region for this account.
    #[error("STS is not active for this account in the region: {message}")]
    RegionDisabled {
        /// What STS says.
        message: String,
    },
    /// STS throttles.
    #[error("STS throttles: {message}")]
    Throttled {
        /// What STS says.
        message: String,
    },
    /// No answer.
    #[error("STS could not be reached: {why}")]
    Unreachable {
        /// The network's complaint.
        why: String,
    },
    /// The session has no valid identity.
    #[error("the session was assumed, but GetCallerIdentity failed: {why}")]
    Identity {
        /// Why.
        why: String,
    },
    /// Another answer of STS.
    #[error("STS refused: {code}: {message}")]
    Other {
        /// AWS's code.
        code: String,
        /// What STS says.
        message: String,
    },
}

impl SessionError {
    /// What an error code and message of `AssumeRoleWithWebIdentity` mean.
    ///
    /// One code, `InvalidIdentityToken`, has many causes that only the message tells apart.
    pub(super) fn from_sts(code: &str, message: &str) -> Self {
        let message = message.to_owned();
        let says = |words: &str| message.to_lowercase().contains(words);
        match code {
            "AccessDenied" => Self::Denied { message },
            "ExpiredTokenException" | "ExpiredToken" => Self::Expired { message },
            "RegionDisabledException" => Self::RegionDisabled { message },
            "IDPCommunicationError" => Self::Signature { message },
            "InvalidIdentityToken" if says("no openidconnect provider") => {
                Self::NoProvider { message }
            }
            "InvalidIdentityToken" if says("could not be validated") => {
                Self::NotValidated { message }
            }
            "InvalidIdentityToken" if says("audience") => Self::Audience { message },
            "InvalidIdentityToken" if says("verification key") || says("signature") => {
                Self::Signature { message }
            }
            "InvalidIdentityToken" => Self::NotAToken { message },
            _ if aws_runtime::retries::classifiers::THROTTLING_ERRORS.contains(&code) => {
                Self::Throttled { message }
            }
            _ => Self::Other { code: code.to_owned(), message },
        }
    }

    /// The link that does not hold.
    #[must_use]
    pub fn link(&self) -> Link {
        match self {
            Self::NoToken { .. }
            | Self::NoCredentials { .. }
            | Self::SourceIdentity { .. }
            | Self::NotAToken { .. }
            | Self::Expired { .. } => Link::Token,
            Self::NoProvider { .. }
            | Self::Audience { .. }
            | Self::NotValidated { .. }
            | Self::Signature { .. } => Link::Provider,
            Self::Identity { .. } => Link::Identity,
            _ => Link::Session,
        }
    }

    /// Whether STS looked at the links before this one and let them pass. One that could not be
    /// reached, or was too busy, has looked at nothing.
    pub(crate) fn passed_the_links_before(&self) -> bool {
        !matches!(
            self,
            Self::Unreachable { .. }
                | Self::Throttled { .. }
                | Self::RegionDisabled { .. }
                | Self::Other { .. }
        )
    }

    /// What to do about it.
    pub(crate) fn remedy(&self, role: &RoleArn, home: &Region, token: &Evidence) -> String {
        if let (Self::Denied { .. }, Some(identity)) = (self, &token.identity) {
            return denied_to_credentials(role, identity);
        }
        let account = role.account();
        let Evidence { issuer, subject, audience, .. } = token;
        let path = token.issuer_path();
        let provider = |path: &str| Arn::oidc_provider(role.partition().clone(), account, path);
        match self {
            Self::NoToken { .. } => "check that the pod's service account is annotated with \
                eks.amazonaws.com/role-arn, so that a token is projected, or name the file with \
                --token-file"
                .to_owned(),
            Self::NoCredentials { .. } => "check that AWS_CONTAINER_CREDENTIALS_FULL_URI leads to \
                the agent of this node, that the agent runs (kubectl get pods -A -o wide), and that \
                the pod's service account has an association or an annotation there"
                .to_owned(),
            Self::SourceIdentity { .. } => format!(
                "check the network to the STS endpoint of {home}, the proxy and AWS_CA_BUNDLE"
            ),
            Self::NotAToken { .. } => {
                "check that the file holds a projected service-account token: attache token show"
                    .to_owned()
            }
            Self::Expired { .. } => "check that the kubelet renews the token file, and the clocks \
                of the node and the issuer"
                .to_owned(),
            Self::NoProvider { .. } => format!(
                "register the cluster's issuer in account {account}: aws iam \
                 create-open-id-connect-provider --url {} --client-id-list {}",
                word(issuer, "ISSUER"),
                word(audience, "AUDIENCE"),
            ),
            Self::Audience { .. } => format!(
                "add the audience {audience:?} to the provider in account {account}: aws iam \
                 add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {} \
                 --client-id {}",
                provider(word(path, "ISSUER")),
                word(audience, "AUDIENCE"),
            ),
            Self::NotValidated { .. } => format!(
                "compare the audience {audience:?} with the provider's client IDs: aws iam \
                 get-open-id-connect-provider --open-id-connect-provider-arn {}; if it is among them, \
                 check that the token is signed by a key of {issuer}",
                provider(word(path, "ISSUER")),
            ),
            Self::Signature { .. } => format!(
                "check that {issuer}/.well-known/openid-configuration and the keys it names can \
                 be reached from AWS, and that the token is from this issuer"
            ),
            Self::Denied { .. } => format!(
                "check that the role {role} exists and that its trust policy allows \
                 sts:AssumeRoleWithWebIdentity to {} where {path}:sub is {subject:?} and {path}:aud is \
                 {audience:?}; a new role takes some seconds to be known",
                provider(path)
            ),
            Self::RegionDisabled { .. } => format!(
                "enable the region {home} in account {account}, or put an enabled one into the \
                 Secret's AWS_REGION"
            ),
            Self::Throttled { .. } => "nothing: it is tried again".to_owned(),
            Self::Unreachable { .. } => format!(
                "check the network to the STS endpoint of {home}, the proxy and AWS_CA_BUNDLE"
            ),
            Self::Identity { .. } => "check that no policy denies sts:GetCallerIdentity through \
                a VPC endpoint, and the network to STS"
                .to_owned(),
            Self::Other { .. } => {
                "see STS's message; docs/mediator.md lists the common ones".to_owned()
            }
        }
    }
}

/// What both sides of a chain of roles must allow. Pod Identity's sessions carry tags, which go on to the next
/// session: without `sts:TagSession` they are a denial.
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>
fn denied_to_credentials(role: &RoleArn, identity: &str) -> String {
    let source = match PrincipalArn::parse(identity) {
        Ok(PrincipalArn::Session(session)) => session.role_at_root(),
        _ => identity.to_owned(),
    };
    format!(
        "check that the role {role} exists, that its trust policy allows sts:AssumeRole and \
         sts:TagSession to {source}, and that a policy of {source} allows both on {role}; a new role \
         takes some seconds to be known"
    )
}

/// A claim as a word of a command that will be pasted into a shell. Whoever can write the token
/// file can claim anything: what a shell could take for more than a word is left to be filled in.
fn word<'c>(claim: &'c str, placeholder: &'static str) -> &'c str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:@%+=,".contains(&b);
    match claim.bytes().all(plain) && !claim.is_empty() && !claim.starts_with('-') {
        true => claim,
        false => placeholder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_a_shell_would_act_on_is_in_no_command() {
        let role = RoleArn::parse("arn:aws:iam::222222222222:role/CauselyAccess").unwrap();
        let home = Region::parse("us-east-1").unwrap();
        for claim in ["https://x; rm -rf ~", "$(id)", "`id`", "--profile", "a b", "a|b", "", "'"] {
            let token = Evidence {
                issuer: claim.into(),
                subject: String::new(),
                audience: claim.into(),
                expires_at: None,
                ..Evidence::default()
            };
            for refused in [
                SessionError::NoProvider { message: "no".into() },
                SessionError::Audience { message: "no".into() },
            ] {
                let remedy = refused.remedy(&role, &home, &token);
                let command = remedy.split_once("aws iam").unwrap().1;
                assert!(command.contains("ISSUER") && command.contains("AUDIENCE"), "{remedy}");
                assert!(claim.is_empty() || !command.contains(claim), "{remedy}");
            }
        }
    }

    #[test]
    fn each_of_sts_answers_points_at_its_link() {
        for (code, message, link) in [
            (
                "AccessDenied",
                "Not authorized to perform sts:AssumeRoleWithWebIdentity",
                Link::Session,
            ),
            (
                "InvalidIdentityToken",
                "No OpenIDConnect provider found in your account for https://x",
                Link::Provider,
            ),
            ("InvalidIdentityToken", "Incorrect token audience", Link::Provider),
            (
                "InvalidIdentityToken",
                "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
                Link::Provider,
            ),
            ("InvalidIdentityToken", "Missing a required claim: iss", Link::Token),
            (
                "ExpiredTokenException",
                "Token expired: current date/time 2 must be before the expiration date/time 1",
                Link::Token,
            ),
            ("IDPCommunicationError", "x", Link::Provider),
            ("RegionDisabledException", "x", Link::Session),
            ("Throttling", "Rate exceeded", Link::Session),
            ("ValidationError", "x", Link::Session),
        ] {
            assert_eq!(SessionError::from_sts(code, message).link(), link, "{code}: {message}");
        }
    }

    #[test]
    fn a_refusal_says_what_the_trust_policy_must_hold() {
        let role = RoleArn::parse("arn:aws:iam::222222222222:role/CauselyAccess").unwrap();
        let home = Region::parse("us-east-1").unwrap();
        let token = Evidence {
            issuer: "https://oidc.example/id/1".into(),
            subject: "system:serviceaccount:causely:causely-mediator".into(),
            audience: "sts.amazonaws.com".into(),
            expires_at: None,
            ..Evidence::default()
        };
        let remedy = SessionError::from_sts("AccessDenied", "no").remedy(&role, &home, &token);
        assert!(remedy.contains("oidc.example/id/1:sub"), "{remedy}");
        assert!(remedy.contains("system:serviceaccount:causely:causely-mediator"), "{remedy}");
        let remedy = SessionError::NoProvider { message: "no".into() }.remedy(&role, &home, &token);
        assert!(remedy.contains("create-open-id-connect-provider --url https://oidc.example/id/1"));
    }

    /// One sentence with several causes: registering the audience would be wrong for most of them.
    #[test]
    fn a_token_that_could_not_be_validated_is_no_command_to_register_its_audience() {
        let message = "The web identity token provided could not be validated. See the \
            AssumeRoleWithWebIdentity documentation for requirements.";
        let refused = SessionError::from_sts("InvalidIdentityToken", message);
        assert!(matches!(refused, SessionError::NotValidated { .. }), "{refused:?}");
        assert_eq!(refused.link(), Link::Provider);
        let role = RoleArn::parse("arn:aws:iam::222222222222:role/CauselyAccess").unwrap();
        let token = Evidence {
            issuer: "https://oidc.example/id/1".into(),
            subject: String::new(),
            audience: "https://kubernetes.default.svc".into(),
            expires_at: None,
            ..Evidence::default()
        };
        let remedy = refused.remedy(&role, &Region::parse("us-east-1").unwrap(), &token);
        assert!(remedy.contains("get-open-id-connect-provider") && !remedy.contains("add-client"));
        assert!(remedy.contains("signed by a key of https://oidc.example/id/1"), "{remedy}");
    }
}
