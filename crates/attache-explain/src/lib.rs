//! Why one call is allowed or refused, from policy documents alone.
//!
//! Knows: which request a question means ([`Question`]: a principal or a token, an action, a
//! resource), what the question leaves open (a role's path, a session's name, a unique id, an
//! account) and whether that makes a difference, which documents have to allow and were not given,
//! and what calls need several actions. The policy engine decides; this puts the request together,
//! tries what is open, and says so.
//!
//! Does not know: files, accounts, AWS, the clock. Start at [`explain`].
//!
//! ```
//! use attache_explain::{Caller, Decision, Question, explain};
//! use attache_policy::{EffectivePolicies, Context, Kind, Policy};
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!   {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]}"#;
//! let identity = Policy::parse(text, Kind::Identity).expect("it is a policy").into();
//! let question = Question {
//!     policies: &EffectivePolicies { identity, ..EffectivePolicies::default() },
//!     caller: Caller::principal("arn:aws:iam::222222222222:user/ann"),
//!     action: Some("s3:ListAllMyBuckets"),
//!     resource: "*",
//!     resource_account: None,
//!     given: &Context::new(),
//!     now: time::OffsetDateTime::UNIX_EPOCH,
//! };
//! assert_eq!(explain(&question)?.decision, Decision::Allowed);
//! # Ok::<(), attache_explain::ExplainError>(())
//! ```

mod alternatives;
mod calls;
mod error;
mod notes;
mod open_keys;
mod principal;
mod question;
mod request;
mod required;
mod service_source;
mod token;
mod user_id;
mod verdict;

pub use error::ExplainError;
pub use question::{Caller, PrincipalCaller, Question, explain};
pub use required::Missing;
pub use token::TokenCaller;
pub use verdict::{Decision, Verdict};
