//! How a request becomes condition keys: the one place that knows which keys AWS sets for which principal,
//! and which it never sets.
//!
//! A request's context has five sources, each a plain description with an `add_to`:
//!
//! - [`PrincipalKeys`]: the calling principal (`aws:PrincipalArn`, `aws:userid`, …);
//! - [`CallKeys`]: how the call is made (`aws:SourceIp`, `aws:RequestedRegion`, …);
//! - [`AssumeRoleKeys`]: the parameters of a call for a session (`sts:ExternalId`, …);
//! - [`ResourceKeys`]: the owner of the resource (`aws:ResourceAccount`, …);
//! - [`ServiceSource`]: on whose behalf an AWS service calls (`aws:SourceArn`, …).
//!
//! Tags are [`add_principal_tags`] and [`add_request_tags`]; a web identity's token is
//! [`crate::Context::add_web_identity`], what of it stays in the session [`SessionTokenKeys`], and what it
//! says to AWS itself [`crate::TokenClaims`]. What is not known is left out of a description, and no key
//! is made up for it.
//!
//! Which keys may have several values is [`is_multivalued`], which claims of a token are keys
//! [`claims_of`], which of them the caller alone decides [`caller_keys()`].
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

mod assume_role;
mod call;
mod caller_keys;
mod claims;
pub(crate) mod global;
mod multivalued;
mod principal;
mod resource;
mod service;
mod session_token;
mod sink;
mod tags;

pub use assume_role::AssumeRoleKeys;
pub use call::CallKeys;
pub use caller_keys::{CallerKey, CallerKeyKind, caller_key, caller_keys};
pub use claims::{claim_key, claims_of, is_no_claim_key};
pub use multivalued::is_multivalued;
pub use principal::{OrganizationKeys, PrincipalKeys, set_principal_arn, set_user_id};
pub use resource::ResourceKeys;
pub use service::{POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS, SERVICE_SOURCE_KEYS, ServiceSource};
pub use session_token::SessionTokenKeys;
pub use sink::KeySink;
pub use tags::{
    add_principal_tags, add_request_tags, add_resource_tags, add_tag_keys, is_tag_char,
};
