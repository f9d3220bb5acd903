//! awsQuery and ec2Query requests: a form whose dotted names spell a structure.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
//!
//! [`decode()`] and [`encode()`] know the three ways to write a list; neither knows which service uses
//! which. [`input`] reads a whole request, [`read`] turns the structure into a typed input.

mod decode;
mod encode;
mod position;

pub use decode::{
    MAX_DEPTH, MAX_FORM_BYTES, MAX_PARAMETERS, decode, decode_with, input, input_with,
};
pub use encode::{ListStyle, encode};
pub use position::{PositionError, Positions};

use std::borrow::Cow;

use percent_encoding::percent_decode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{WireError, de};

/// Reads a decoded form as a typed input.
///
/// A form has only text: it becomes a number or a bool where the type is one, and an empty
/// text becomes an empty list, which is how AWS's clients send one.
///
/// ```
/// #[derive(serde::Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct AssumeRole { role_arn: String, duration_seconds: Option<u32> }
///
/// let form = attache_aws_protocol::query::decode("Action=AssumeRole&RoleArn=arn&DurationSeconds=900")?;
/// let input: AssumeRole = attache_aws_protocol::query::read(&form)?;
/// assert_eq!(input.duration_seconds, Some(900));
/// # Ok::<(), attache_aws_protocol::WireError>(())
/// ```
///
/// # Errors
/// [`WireError::Shape`] where a member is missing or has not its type.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T, WireError> {
    de::read(value, de::Single::IsNoList)
}

/// The first value of a parameter, however it is escaped, where nothing else of the form is needed.
///
/// ```
/// # use attache_aws_protocol::query::parameter;
/// assert_eq!(parameter(b"A=1&%41ction=List%55sers", "Action").as_deref(), Some("ListUsers"));
/// assert_eq!(parameter(b"A=1", "Action"), None);
/// ```
#[must_use]
pub fn parameter<'f>(form: &'f [u8], name: &str) -> Option<Cow<'f, str>> {
    let mut pairs = form.split(|byte| *byte == b'&');
    let value = pairs.find_map(|pair| {
        let at = memchr::memchr(b'=', pair)?;
        let (found, value) = pair.split_at(at);
        let is_named = match found.contains(&b'%') {
            true => percent_decode(found).eq(name.bytes()),
            false => found == name.as_bytes(),
        };
        is_named.then(|| value.get(1..).unwrap_or_default())
    });
    Some(percent_decode(value?).decode_utf8_lossy())
}
