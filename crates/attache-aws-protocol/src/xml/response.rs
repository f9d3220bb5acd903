//! Whole answers in XML, with their request ids.

use serde::Serialize;

use super::Lists;
use super::element::{Element, Place};
use super::encode::{close, escape, open, write};
use crate::call::Answer;
use crate::{Protocol, WireError};

/// The namespace of EC2's answers, for the one version of its interface.
pub const EC2_XMLNS: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// Room for an answer that needs no more: that of a session has some two kilobytes.
const USUAL_ANSWER: usize = 2048;

/// An awsQuery answer: `<ActionResponse><ActionResult>..</ActionResult><ResponseMetadata>..`.
/// Without a result (null) there is no result element; an empty result still has its own, because
/// clients look for it.
///
/// # Errors
/// As [`encode`](super::encode()).
pub fn query_response(
    action: &str,
    xmlns: &str,
    result: &impl Serialize,
    lists: &Lists,
    request_id: &str,
) -> Result<Answer, WireError> {
    let (root, name) = ([action, "Response"].concat(), [action, "Result"].concat());
    let mut text = String::with_capacity(USUAL_ANSWER);
    open(&mut text, &root, xmlns);
    let (into, place) = (&mut text, Place::Member);
    result.serialize(Element { into, name: &name, xmlns: "", place, lists })?;
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
/// As [`encode`](super::encode()).
pub fn ec2_response(
    action: &str,
    result: &impl Serialize,
    request_id: &str,
) -> Result<Answer, WireError> {
    let root = format!("{action}Response");
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    open(&mut text, &root, EC2_XMLNS);
    text.push_str("<requestId>");
    escape(&mut text, request_id);
    text.push_str("</requestId>");
    let (into, place) = (&mut text, Place::Content);
    result.serialize(Element { into, name: &root, xmlns: "", place, lists: &Lists::EC2 })?;
    close(&mut text, &root);
    Ok(Answer::new(200, Protocol::Ec2Query, request_id, text))
}

/// A restXml answer, such as S3's: the document alone, the request id in its header.
///
/// # Errors
/// As [`encode`](super::encode()).
pub fn rest_response(
    root: &str,
    xmlns: &str,
    result: &impl Serialize,
    lists: &Lists,
    request_id: &str,
) -> Result<Answer, WireError> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    write(&mut text, root, xmlns, result, lists)?;
    Ok(Answer::new(200, Protocol::RestXml, request_id, text))
}
