//! XML, as the query protocols' answers, EC2's and S3's are written.
//!
//! Elements and text, nothing else: attributes and namespaces are skipped on the way in, and the
//! root's namespace is the only one on the way out. [`decode()`] is for documents from the network
//! and has limits; [`encode()`] is for our own.

mod decode;
mod element;
mod encode;
mod response;

pub use decode::{Document, MAX_DEPTH, MAX_ELEMENTS, MAX_XML_BYTES, decode, parse};
pub(crate) use encode::escaped;
pub use encode::{Lists, encode};
pub use response::{EC2_XMLNS, ec2_response, query_response, rest_response};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{WireError, de};

/// Reads a decoded document as a typed value.
///
/// As [`crate::query::read`]; besides, a list may be its only item by itself, since XML shows no
/// difference, or may be inside `member` or `item` elements.
///
/// # Errors
/// [`WireError::Shape`] where a member is missing or has not its type.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, WireError> {
    de::read(value, de::Single::IsList)
}
