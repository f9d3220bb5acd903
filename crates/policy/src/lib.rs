//! The IAM policy language: parse, check, evaluate, explain.
//!
//! Knows: the grammar of both versions, who is named by a principal, what a condition means, and in
//! which order the kinds of policy decide. Pure: documents and a request in, a decision with its
//! reasons out.
//!
//! Does not know: where documents come from, the clock, any I/O. Start at [`Policy::parse`], then
//! [`evaluate()`] and [`evaluate_trust`].
//!
//! ```
//! use policy::{Context, Kind, Policy, PolicySet, Principal, Request, evaluate};
//! let text = r#"{"Version": "2012-10-17", "Statement": [
//!   {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}"#;
//! let identity = vec![Policy::parse(text, Kind::Identity).expect("it is a policy")];
//! let policies = PolicySet { identity, ..PolicySet::default() };
//! let request = Request {
//!     principal: Principal::User { arn: "arn:aws:iam::222222222222:user/ann".into() },
//!     action: "ec2:DescribeInstances".into(),
//!     resource: "*".into(),
//!     resource_account: None,
//!     context: Context::new(),
//! };
//! assert!(evaluate(&policies, &request).is_allowed());
//! ```

mod condition;
mod context;
mod decision;
mod evaluate;
mod explain;
mod invalid;
mod json;
mod operator;
mod parse;
mod principal;
mod request;
mod statement;
mod variable;
mod wildcard;

pub use context::Context;
pub use decision::{Decision, Denial, Outcome};
pub use evaluate::{PolicySet, evaluate, evaluate_trust};
pub use explain::{Explanation, Miss};
pub use invalid::{Diagnostic, Invalid, Severity};
pub use parse::{Kind, Policy};
pub use request::{Principal, Request};
