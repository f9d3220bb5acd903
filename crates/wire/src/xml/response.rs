//! Whole answers in XML, with their request ids.

use serde::Serialize;
use serde_json::Value;

use super::Lists;
use super::encode::{close, content, encode, escape, open, unwritable};
use crate::call::Answer;
use crate::{Protocol, WireError};

/// The namespace of EC2's answers, for the one version of its interface.
pub const EC2_XMLNS: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// An awsQuery answer: `<ActionResponse><ActionResult>..</ActionResult><ResponseMetadata>..`.
/// Without a result (one that serializes to null, as `()` does) there is no result element; an
/// empty result still has its own, because clients look for it.
///
/// # Errors
/// As [`encode`].
pub fn query_response(
    action: &str,
    xmlns: &str,
    result: &impl Serialize,
    lists: &Lists,
    request_id: &str,
) -> Result<Answer, WireError> {
    let (root, result_name) = (format!("{action}Response"), format!("{action}Result"));
    let mut text = String::new();
    open(&mut text, &root, xmlns);
    let result =
        serde_json::to_value(result).map_err(|e| unwritable(&result_name, e.to_string()))?;
    if !result.is_null() {
        text.push_str(&encode(&result_name, "", &result, lists)?);
    }
    text.push_str("<ResponseMetadata><RequestId>");
    escape(&mut text, request_id);
    text.push_str("</RequestId></ResponseMetadata>");
    close(&mut text, &root);
    Ok(Answer::new(200, Protocol::Query, request_id, text))
}

/// An EC2 answer: `<ActionResponse><requestId>..</requestId>` and then the result's members, whose
/// names are the caller's to write as EC2 does (`instancesSet`). All lists have `item`.
///
/// # Errors
/// As [`encode`].
pub fn ec2_response(
    action: &str,
    result: &impl Serialize,
    request_id: &str,
) -> Result<Answer, WireError> {
    let root = format!("{action}Response");
    let value: Value = serde_json::to_value(result).map_err(|e| WireError::Unwritable {
        what: root.clone(),
        protocol: "XML",
        why: e.to_string(),
    })?;
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    open(&mut text, &root, EC2_XMLNS);
    text.push_str("<requestId>");
    escape(&mut text, request_id);
    text.push_str("</requestId>");
    content(&mut text, &root, &value, &Lists::EC2)?;
    close(&mut text, &root);
    Ok(Answer::new(200, Protocol::Ec2Query, request_id, text))
}

/// A restXml answer, such as S3's: the document alone, the request id in its header.
///
/// # Errors
/// As [`encode`].
pub fn rest_response(
    root: &str,
    xmlns: &str,
    result: &impl Serialize,
    lists: &Lists,
    request_id: &str,
) -> Result<Answer, WireError> {
    let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    let text = format!("{declaration}{}", encode(root, xmlns, result, lists)?);
    Ok(Answer::new(200, Protocol::RestXml, request_id, text))
}
