//! What AWS's policies mean where it is easy to be wrong: each rule by its name, with the page that
//! states it.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "rules/arns.rs"]
mod arns;
#[path = "rules/bounds.rs"]
mod bounds;
#[path = "rules/claims.rs"]
mod claims;
#[path = "rules/conditions.rs"]
mod conditions;
#[path = "rules/given.rs"]
mod given;
#[path = "rules/grammar.rs"]
mod grammar;
#[path = "rules/order.rs"]
mod order;
#[path = "rules/principals.rs"]
mod principals;
#[path = "rules/scp.rs"]
mod scp;
#[path = "rules/sets.rs"]
mod sets;
#[path = "rules/trust.rs"]
mod trust;
#[path = "rules/values.rs"]
mod values;
#[path = "rules/variables.rs"]
mod variables;
