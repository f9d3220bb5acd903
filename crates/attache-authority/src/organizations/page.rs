//! Lists in pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Call, Done, Refused, limits, refusal};

/// One page of a list, as `{name: [...], NextToken?}`.
///
/// The items come with keys that sort them, and the token is the last key that was told: a list
/// that changes between two pages neither repeats nor skips what stays.
pub(super) fn page<T>(
    call: &Call<'_>,
    name: &str,
    items: impl Iterator<Item = (String, T)>,
    show: impl Fn(T) -> Value,
) -> Result<Done, Refused> {
    let after = call.input.optional("NextToken").map(read_token).transpose()?;
    let most = call.input.whole("MaxResults").unwrap_or(limits::PAGE);
    let most = usize::try_from(most).unwrap_or(1);
    let mut items: Vec<(String, T)> =
        items.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let more = items.len() > most;
    items.truncate(most);
    let token = items.last().filter(|_| more).map(|(key, _)| URL_SAFE_NO_PAD.encode(key));
    let told: Vec<Value> = items.into_iter().map(|(_, item)| show(item)).collect();
    let mut page = json!({name: told});
    if let (Some(token), Some(members)) = (token, page.as_object_mut()) {
        members.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Done::told(page))
}

fn read_token(token: &str) -> Result<String, Refused> {
    let decoded = URL_SAFE_NO_PAD.decode(token).ok();
    decoded.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(refusal::invalid_token)
}
