//! One resource type in one account and region, from the catalog's entry to resources.
//!
//! Knows: how a call of any of the protocols is written, signed, paced, tried again and paged.
//! Does not know any resource type, nor where the session is from or the resources go to.

mod answer;
mod answer_error;
mod client;
mod fault;
mod item;
mod limits;
mod memory;
mod pages;
mod rate_limit;
mod request;
mod retry;
mod smallest;

pub(crate) use client::{Client, Target};
pub use fault::Fault;
pub(crate) use item::{Place, Resource};
pub use limits::{Limit, Limits};
pub(crate) use pages::{CountedListing, list_all};
pub(crate) use rate_limit::RateLimits;
pub use smallest::{SmallestCall, SmallestCalls};
