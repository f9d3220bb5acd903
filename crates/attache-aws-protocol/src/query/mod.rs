//! awsQuery and ec2Query requests: a form whose dotted names spell a structure.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>
//!
//! [`decode()`] and [`encode()`] know the three ways to write a list; neither knows which service uses
//! which. [`input`] reads a whole request, [`read`] turns the structure into a typed input.

mod decode;
mod encode;

pub use decode::{
    MAX_DEPTH, MAX_FORM_BYTES, MAX_PARAMETERS, decode, decode_with, input, input_with,
};
pub use encode::{ListStyle, encode};

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
