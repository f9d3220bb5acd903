//! Whether an answer is the one that was asked for, and what it lists.
//!
//! A complete listing removes from the inventory what it does not have, so an answer counts only
//! with evidence that this operation of this service gave it: status 200, a request id, and
//!
//! - XML: the operation's own root element in the service's own namespace, and over awsQuery its
//!   result element;
//! - awsJson: the content type `application/x-amz-json-1.*`. An account without queues is
//!   answered `{}`, which says nothing by itself;
//! - restJson: the list; an empty one only with the content type `application/json`.
//!
//! A proxy's page, an empty object, another operation's result or a document that was cut has not
//! all of these. Sources: the protocols' pages at <https://smithy.io/2.0/aws/protocols/>.

use attache_aws_protocol::{Protocol, request_id, select};
use attache_catalog::{Address, Call, Entry};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::answer_error::AnswerError;
use super::item::{self, Resource};
use super::{Limit, Place};

/// Ours: a page's token. Those of AWS have at most some 4,000 bytes, and a GET's query must take it.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// What came back, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// One page of a listing.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) resources: Vec<Resource>,
    /// The token of the next page, where there is one.
    pub(super) next: Option<Value>,
}

/// Reads one page, or says why the answer is none.
pub(super) fn read(entry: &Entry, place: &Place, answer: &Answer) -> Result<Page, AnswerError> {
    let result = result(&entry.call, answer)?;
    let items = items(entry, &result)?;
    if items.is_empty() && entry.call.protocol == Protocol::RestJson {
        content_type(answer, |media| media == "application/json")?;
    }
    let resources = items.into_iter().map(|found| item::read(entry, place, found));
    let resources = resources.collect::<Result<Vec<_>, _>>()?;
    Ok(Page { resources, next: next_token(entry, &result)? })
}

/// The operation's result, where there is evidence that it is one.
fn result(call: &Call, answer: &Answer) -> Result<Value, AnswerError> {
    if answer.status != 200 {
        return Err(AnswerError::Status(answer.status));
    }
    if answer.body.trim_ascii().is_empty() {
        return Err(AnswerError::Empty);
    }
    if call.protocol.is_json() { json_result(call, answer) } else { xml_result(call, answer) }
}

fn json_result(call: &Call, answer: &Answer) -> Result<Value, AnswerError> {
    let header = answer.headers.get(request_id::header(call.protocol));
    if header.is_none_or(|id| id.is_empty()) {
        return Err(AnswerError::NoRequestId("x-amzn-RequestId"));
    }
    if call.protocol != Protocol::RestJson {
        content_type(answer, |media| media.starts_with("application/x-amz-json-1."))?;
    }
    let result = attache_aws_protocol::json::decode(&answer.body)?;
    if answer.headers.contains_key("x-amzn-errortype") || result.get("__type").is_some() {
        return Err(AnswerError::ServiceError);
    }
    Ok(result)
}

fn content_type(answer: &Answer, fits: fn(&str) -> bool) -> Result<(), AnswerError> {
    let found = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = found.and_then(|text| text.split(';').next()).unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    match fits(&media) {
        true => Ok(()),
        false => Err(AnswerError::ContentType(media)),
    }
}

fn xml_result(call: &Call, answer: &Answer) -> Result<Value, AnswerError> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| AnswerError::NotUtf8)?;
    let document = attache_aws_protocol::xml::parse(text)?;
    let expected = match (call.protocol, &call.root) {
        (Protocol::RestXml, Some(root)) => root.clone(),
        _ => format!("{}Response", call.operation),
    };
    if document.root != expected {
        return Err(AnswerError::Root { expected, found: document.root });
    }
    if !is_services(call, &document.namespace) {
        return Err(AnswerError::Namespace { element: expected, found: document.namespace });
    }
    let id = request_id::read(call.protocol, &answer.headers, &answer.body);
    if id.is_none_or(|id| id.is_empty()) {
        return Err(AnswerError::NoRequestId("request id"));
    }
    let mut content = document.content;
    if ["Error", "Errors"].iter().any(|name| content.get(name).is_some()) {
        return Err(AnswerError::ServiceError);
    }
    if call.protocol != Protocol::Query {
        return Ok(content);
    }
    let name = format!("{}Result", call.operation);
    match content.get_mut(&name).map(Value::take) {
        Some(result @ Value::Object(_)) => Ok(result),
        Some(Value::String(text)) if text.trim().is_empty() => {
            Ok(Value::Object(Default::default()))
        }
        Some(_) => Err(AnswerError::NotAStructure(name)),
        None => Err(AnswerError::NoElement(name)),
    }
}

/// Whether a namespace is the service's: `http://rds.amazonaws.com/doc/2014-10-31/`. All services
/// are named there as in their endpoints, or else (SES) as in signatures; the last part is the
/// version.
fn is_services(call: &Call, namespace: &str) -> bool {
    let Some((_, rest)) = namespace.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let name = host.split('.').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let version = match &call.address {
        Address::Version(version) => version == last,
        _ => true,
    };
    version && (name == call.service || name == call.signing_name)
}

/// The items of the listing. A list that is not there, or that is something else, is an error.
fn items<'v>(entry: &Entry, result: &'v Value) -> Result<Vec<&'v Value>, AnswerError> {
    let json = entry.call.protocol.is_json();
    let steps: Vec<&str> = entry.item.path.split('.').filter(|step| !step.is_empty()).collect();
    let Some((first, rest)) = steps.split_first() else { return Ok(select(result, "")) };
    let list = result.get(first).filter(|list| !list.is_null());
    let Some(list) = list else {
        if !entry.item.absent_when_empty {
            return Err(AnswerError::NoList((*first).to_owned()));
        }
        return match result.as_object().and_then(|members| foreign(entry, members)) {
            Some(found) if json => {
                Err(AnswerError::OtherMember { list: (*first).to_owned(), found: found.to_owned() })
            }
            _ => Ok(Vec::new()),
        };
    };
    let mut found = Vec::new();
    let walk = if json { json_items } else { xml_items };
    walk(list, first, rest, &mut found)?;
    Ok(found)
}

/// A member that an empty page of the listing does not have.
fn foreign<'v>(entry: &Entry, members: &'v serde_json::Map<String, Value>) -> Option<&'v str> {
    let head = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
    let token = entry.page.as_ref().map(|page| head(&page.token_out));
    let known = [Some(head(&entry.item.path)), token];
    members.keys().map(String::as_str).find(|name| !known.iter().flatten().any(|k| k == name))
}

/// JSON says what a list is.
fn json_items<'v>(
    value: &'v Value,
    name: &str,
    rest: &[&str],
    into: &mut Vec<&'v Value>,
) -> Result<(), AnswerError> {
    match (value, rest.split_first()) {
        (Value::Array(items), None) => into.extend(items),
        (_, None) => return Err(AnswerError::NotAList(name.to_owned())),
        (Value::Array(items), Some(_)) => {
            for item in items {
                json_items(item, name, rest, into)?;
            }
        }
        (value, Some((next, rest))) => {
            let inner = value.get(next);
            json_items(inner.ok_or_else(|| missing(next, name))?, next, rest, into)?;
        }
    }
    Ok(())
}

/// In XML a list of one looks as its item does, and an empty list as empty text.
fn xml_items<'v>(
    value: &'v Value,
    name: &str,
    rest: &[&str],
    into: &mut Vec<&'v Value>,
) -> Result<(), AnswerError> {
    let Some((next, after)) = rest.split_first() else {
        match value {
            Value::Array(items) => into.extend(items),
            item => into.push(item),
        }
        return Ok(());
    };
    // What holds items may hold none; a structure, such as a reservation, has its members.
    let holds_items = after.is_empty() || matches!(*next, "item" | "member");
    match value {
        Value::Array(values) => {
            for value in values {
                xml_items(value, name, rest, into)?;
            }
            Ok(())
        }
        Value::String(text) if text.trim().is_empty() && holds_items => Ok(()),
        Value::Object(members) => {
            let inner = members.get(*next).ok_or_else(|| missing(next, name))?;
            xml_items(inner, next, after, into)
        }
        _ => Err(missing(next, name)),
    }
}

fn missing(member: &str, within: &str) -> AnswerError {
    AnswerError::NoMember { member: member.to_owned(), within: within.to_owned() }
}

/// The token of the next page; an empty or null one is none.
fn next_token(entry: &Entry, result: &Value) -> Result<Option<Value>, AnswerError> {
    let Some(page) = &entry.page else { return Ok(None) };
    match select(result, &page.token_out).as_slice() {
        [] | [Value::Null] => Ok(None),
        [Value::String(text)] if text.is_empty() => Ok(None),
        [Value::String(text)] if text.len() > MAX_TOKEN_BYTES => {
            Err(Limit::TokenBytes(MAX_TOKEN_BYTES).into())
        }
        [token @ (Value::String(_) | Value::Number(_))] => Ok(Some((*token).clone())),
        _ => Err(AnswerError::NotAToken(page.token_out.clone())),
    }
}
