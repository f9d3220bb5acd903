//! The condition keys that are given on the command line.

use attache_policy::Context;
use miette::miette;
use serde_json::{Map, Value};

/// Reads the keys; the same key again is one more value.
pub(super) fn read(given: &[String]) -> miette::Result<Context> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |key: &str, values: Vec<String>| match keys
        .iter_mut()
        .find(|(known, _)| known.eq_ignore_ascii_case(key))
    {
        Some((_, known)) => known.extend(values),
        None => keys.push((key.to_owned(), values)),
    };
    for text in given {
        if text.trim_start().starts_with('{') {
            let read: Map<String, Value> = serde_json::from_str(text)
                .map_err(|error| miette!("--context is not a JSON object: {error}"))?;
            for (key, value) in read {
                add(&key, values(&key, value)?);
            }
        } else {
            let (key, value) = text.split_once('=').ok_or_else(|| {
                let help = "write --context aws:SourceIp=10.0.0.1, or a JSON object";
                miette!(help = help, "expected KEY=VALUE, found {text:?}")
            })?;
            add(key, vec![value.to_owned()]);
        }
    }
    let mut context = Context::new();
    for (key, values) in keys {
        context.set_many(&key, values);
    }
    Ok(context)
}

fn values(key: &str, value: Value) -> miette::Result<Vec<String>> {
    match value {
        Value::Array(items) => {
            let items = items.into_iter().map(|item| values(key, item));
            Ok(items.collect::<miette::Result<Vec<_>>>()?.into_iter().flatten().collect())
        }
        Value::String(text) => Ok(vec![text]),
        Value::Bool(_) | Value::Number(_) => Ok(vec![value.to_string()]),
        Value::Null | Value::Object(_) => Err(miette!(
            "the value of the condition key {key} must be text, a number, a bool or a list of those"
        )),
    }
}
