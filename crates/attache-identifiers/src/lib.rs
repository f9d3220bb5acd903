//! The field's identifiers, parsed once at the edge into types that cannot be wrong.
//!
//! Knows: how an account id, an ARN, a role, an OIDC issuer and a region are written, and how one
//! follows from another (an issuer's provider ARN in an account). Also what may be shown of a text:
//! [`Secret`], the one type that a key, a token or a session travels in, because it cannot be
//! printed by accident; [`redact()`], which hides secrets in the text of others; and [`printable()`],
//! which makes such text fit for a terminal and a log. And [`Hosts`]: the names and
//! addresses that a server may be reached by; and durations, as people write them.
//!
//! Does not know: any protocol, any policy, any I/O. Every other crate may use this one.

mod account;
mod arn;
mod dns_name;
mod duration;
mod host;
mod iam_arns;
mod iam_path;
mod issuer;
mod organization_arns;
mod policy_name;
mod principal_arn;
mod printable;
mod redact;
mod region;
mod role;
mod secret;
mod service_account;

pub use account::AccountId;
pub use arn::{Arn, Partition};
pub use dns_name::{LONGEST_DNS_LABEL, LONGEST_DNS_SUBDOMAIN, is_dns_label, is_dns_subdomain};
pub use duration::{DurationError, format_duration, parse_duration};
pub use host::{AllowedHost, HostRefused, Hosts};
pub use iam_path::IamPath;
pub use issuer::{Issuer, ProviderArn};
pub use organization_arns::OrganizationArns;
pub use policy_name::PolicyName;
pub use principal_arn::{FederatedUserArn, PrincipalArn, SessionArn, UserArn};
pub use printable::{excerpt, printable, printable_json, printable_lines};
pub use redact::{displayable, redact};
pub use region::Region;
pub use role::{RoleArn, RoleName};
pub use secret::Secret;
pub use service_account::{
    after_service_account_prefix, namespace_and_name, service_account_subject,
};

/// Why a piece of text is not the identifier it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}: {why}")]
pub struct NameError {
    /// The identifier that was expected, with its article: `an account id`.
    pub what: &'static str,
    /// The text as it was given, cut at 200 characters.
    pub text: String,
    /// What is wrong with it, and what would be right.
    pub why: String,
}

impl NameError {
    fn new(what: &'static str, text: &str, why: impl Into<String>) -> Self {
        Self { what, text: text.chars().take(200).collect(), why: why.into() }
    }
}

/// Text in, text out: `FromStr`, `Display` and serde as a string, over one checked constructor.
macro_rules! text_type {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = crate::NameError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
    };
}
pub(crate) use text_type;
