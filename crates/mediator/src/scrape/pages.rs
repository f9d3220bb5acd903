//! All pages of a listing, each of them understood or the whole of it refused.

use std::collections::HashSet;

use serde_json::Value;
use wire::{Protocol, select};

use super::client::Reach;
use super::{Client, Fault, Place, Resource, item};
use crate::catalog::Entry;

/// Ours: no account has a thousand pages of one type in a region at the sizes that we ask for.
const MOST_PAGES: usize = 1_000;

/// A complete listing, and the calls that it took.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) result: Result<Vec<Resource>, Fault>,
    pub(crate) calls: u64,
}

/// Lists one resource type to its end.
pub(crate) async fn all(client: &Client, entry: &Entry, reach: &Reach) -> Counted {
    let mut calls = 0;
    let result = every_page(client, entry, reach, &mut calls).await;
    Counted { result, calls }
}

async fn every_page(
    client: &Client,
    entry: &Entry,
    reach: &Reach,
    calls: &mut u64,
) -> Result<Vec<Resource>, Fault> {
    let place = Place {
        account: reach.account,
        partition: reach.partition.clone(),
        region: reach.region.clone(),
    };
    let mut resources = Vec::new();
    let mut seen = HashSet::new();
    let mut token: Option<Value> = None;
    for page in 1..=MOST_PAGES {
        let answer = client.call(entry, reach, token.as_ref(), calls).await?;
        for found in select(&answer, &entry.item.path) {
            let read = item::read(entry, &place, found);
            resources.push(read.map_err(|why| Fault::Malformed { why })?);
        }
        let Some(next) = next_token(entry, &answer) else { return Ok(resources) };
        if !seen.insert(next.to_string()) {
            return Err(Fault::Loop { page });
        }
        token = Some(next);
    }
    Err(Fault::TooManyPages { limit: MOST_PAGES })
}

/// The token of the next page; an empty or null one is none.
fn next_token(entry: &Entry, answer: &Value) -> Option<Value> {
    let page = entry.page.as_ref()?;
    let token = *select(answer, &page.token_out).first()?;
    match token {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        other => Some(other.clone()),
    }
}

/// Decodes an answer with status 200 to the operation's result, and makes sure that it is one.
///
/// A body that is not the operation's (a proxy's page, an empty object) must not pass for an empty
/// listing: everything known would be removed.
pub(super) fn understood(entry: &Entry, body: &[u8]) -> Result<Value, String> {
    let call = &entry.call;
    let result = if call.protocol.is_json() {
        wire::json::decode(body).map_err(|e| e.to_string())?
    } else {
        let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
        let document = wire::xml::parse(text).map_err(|e| e.to_string())?;
        let wanted = format!("{}Response", call.operation);
        match call.protocol {
            Protocol::RestXml => document.content,
            _ if document.root != wanted => {
                return Err(format!("it is <{}>, not <{wanted}>", document.root));
            }
            Protocol::Query => {
                let result = format!("{}Result", call.operation);
                let inner = document.content.get(&result);
                inner.cloned().ok_or_else(|| format!("there is no <{result}> in it"))?
            }
            _ => document.content,
        }
    };
    let first = entry.item.path.split('.').next().unwrap_or_default();
    if !entry.item.absent_when_empty && !first.is_empty() && result.get(first).is_none() {
        return Err(format!("there is no {first} in it"));
    }
    Ok(result)
}
