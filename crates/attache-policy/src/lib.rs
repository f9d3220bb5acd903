//! The IAM policy language: parse, check, evaluate, explain.
//!
//! Knows: the grammar of both versions, which principals an element names, what a condition means, and in
//! which order the kinds of policy decide. Pure: documents and a request in, a decision with its
//! reasons out.
//!
//! Does not know: where documents come from, the clock, any I/O. Start at [`Policy::parse`], then
//! [`evaluate()`] and [`evaluate_trust`]. A policy is compiled when it is read, and found by its
//! actions in a [`PolicySet`]; a decision allocates nothing, and is explained when asked.
//!
//! ```
//! use attache_policy::{EffectivePolicies, Context, Kind, Policy, Principal, Request, evaluate};
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!   {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}"#;
//! let identity = Policy::parse(text, Kind::Identity).expect("it is a policy").into();
//! let policies = EffectivePolicies { identity, ..EffectivePolicies::default() };
//! let request = Request {
//!     principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
//!     action: "ec2:DescribeInstances".into(),
//!     resource: "*".into(),
//!     resource_account: None,
//!     context: Context::new(),
//! };
//! assert!(evaluate(&policies, &request).is_allowed());
//! ```

mod actions;
mod arn;
mod assume;
mod check;
mod condition;
pub mod condition_keys;
mod context;
mod context_keys;
mod decision;
mod diff;
mod effective_policies;
mod embedded;
mod eq;
mod evaluate;
mod explain;
mod glob;
mod index;
mod invalid;
mod invisible;
mod json;
pub mod limits;
mod operand;
mod operator;
mod parse;
mod pattern;
mod pattern_search;
mod prefix_index;
mod principal;
mod principal_parse;
mod principals;
mod print;
mod request;
mod role_arns;
mod rule;
mod segment;
mod set;
mod summary;
pub mod syntax;
mod token_claims;
mod value;
mod variables;
mod web_identity;

pub use actions::is_action;
pub use assume::Assumption;
pub use check::{Finding, Level, LintRule, check, check_as, lint_rules};
pub use context::{Context, Values};
pub use context_keys::context_keys;
pub use decision::{Decision, Denial, Kinds, Outcome};
pub use diff::{Diff, Difference, Witness, diff, first_gain};
pub use effective_policies::EffectivePolicies;
pub use embedded::{Embedded, embedded_documents};
pub use evaluate::{evaluate, evaluate_trust};
pub use explain::{Explanation, NearMiss, Place};
pub use invalid::{Diagnostic, Invalid, Severity};
pub use parse::{IamDocument, Kind, Policy};
pub use pattern::Pattern;
pub use principal_parse::EXAMPLE_SESSION;
pub use request::{Principal, Request, RequiredPolicy};
pub use role_arns::RoleArns;
pub use set::PolicySet;
pub use summary::services_allowed;
pub use token_claims::{TokenClaimError, TokenClaims};
pub use variables::{fill_variables, widen_variables};
pub use web_identity::WebIdentity;
