//! One resource type in one account and region, from the catalog's entry to resources.
//!
//! Knows: how a call of any of the protocols is written, signed, paced, tried again and paged.
//! Does not know any resource type, nor where the session is from or the resources go to.

mod answer;
mod answer_error;
mod classify;
mod client;
mod fault;
mod item;
mod limits;
mod memory;
mod pace;
mod pages;
mod request;

pub(crate) use client::{Client, Reach};
pub use fault::Fault;
pub(crate) use item::{Place, Resource};
pub use limits::{Limit, Limits};
pub(crate) use pace::Paces;
pub(crate) use pages::{Counted, all};
