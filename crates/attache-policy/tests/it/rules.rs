//! What AWS's policies mean where it is easy to be wrong: each rule by its name, with the page that
//! states it.

mod arns;
mod bounds;
mod claims;
mod conditions;
pub(crate) mod given;
mod grammar;
mod order;
mod principals;
mod scp;
mod sets;
mod trust;
mod values;
mod variables;
