//! Lists in pages.

use attache_aws_protocol::ServiceError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::{limits, refusal};
use crate::shape::Input;

/// One page of a list, as `{name: [...], nextToken?}`. The items come sorted by their key, and the
/// token is the last key that was told.
///
/// # Errors
/// When the token is not one of ours.
pub(super) fn page<'k>(
    input: Input<'_>,
    name: &str,
    items: impl Iterator<Item = (&'k str, Value)>,
) -> Result<Value, ServiceError> {
    let after = input.optional("nextToken").filter(|token| !token.is_empty());
    let after = after.map(read).transpose()?;
    let most = usize::try_from(input.whole("maxResults").unwrap_or(limits::PAGE)).unwrap_or(1);
    let mut rest = items.filter(|(key, _)| after.as_deref().is_none_or(|after| *key > after));
    let told: Vec<(&str, Value)> = rest.by_ref().take(most).collect();
    let more = rest.next().is_some();
    let last = told.last().map_or("", |(key, _)| key);
    let mut page = Map::new();
    if more {
        page.insert("nextToken".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
    }
    let items = told.into_iter().map(|(_, item)| item).collect();
    page.insert(name.to_owned(), Value::Array(items));
    Ok(Value::Object(page))
}

fn read(token: &str) -> Result<String, ServiceError> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| refusal::parameter("The nextToken is not one that was given."))
}
