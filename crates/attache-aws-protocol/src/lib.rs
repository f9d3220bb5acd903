//! The AWS protocols in both directions, and Signature Version 4 as the side that checks it.
//!
//! Knows: how a call and its answer are written in awsQuery, ec2Query, awsJson, restJson and
//! restXml; how each of them, and RPC v2 CBOR, writes an error; how a signed request is checked. A client reads with
//! the same functions that a server writes with.
//!
//! Does not know: any service, operation or shape, any socket, any clock. What a member is called
//! and which list has which item name is the caller's to say.
//!
//! Start at [`call`] for what comes in and goes out, then [`query`] and [`xml`], which carry most
//! of the traffic. What arrives from the network is hostile: the modules that read it ([`query`],
//! [`xml`], [`json`], [`sigv4`]) have their limits as named constants and never panic on input.

pub mod call;
mod cbor;
mod de;
mod error;
pub mod json;
pub mod number;
mod protocol;
pub mod query;
pub mod request_id;
pub mod rest;
mod select;
mod service_error;
pub mod sigv4;
pub mod timestamp;
pub mod xml;

pub use error::WireError;
pub use protocol::Protocol;
pub use select::select;
pub use service_error::ServiceError;
