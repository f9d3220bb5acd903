//! Reading an operation's input: text, numbers within limits, lists.

use attache_aws_protocol::number::natural;
use serde_json::Value;

/// A member's text.
pub(super) fn text<'v>(input: &'v Value, name: &str) -> Option<&'v str> {
    input.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A list's texts; one text alone is a list of one.
pub(super) fn texts<'v>(input: &'v Value, name: &str) -> Vec<&'v str> {
    match input.get(name) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

/// A number that is not within its limits, or none at all.
pub(super) struct OutOfRange(pub(super) String);

/// A whole number, sent as a number or as text. `otherwise` where it is not sent.
pub(super) fn number(
    input: &Value,
    name: &str,
    limits: std::ops::RangeInclusive<usize>,
    otherwise: usize,
) -> Result<usize, OutOfRange> {
    let given = match input.get(name) {
        None | Some(Value::Null) => return Ok(otherwise),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let number = natural(&given).and_then(|number| usize::try_from(number).ok());
    number.filter(|number| limits.contains(number)).ok_or(OutOfRange(given))
}

impl OutOfRange {
    /// The validator's sentence.
    pub(super) fn violation(
        &self,
        member: &str,
        limits: std::ops::RangeInclusive<usize>,
    ) -> String {
        let Self(given) = self;
        let is_small =
            given.starts_with('-') || natural(given) < u64::try_from(*limits.start()).ok();
        let (side, limit) =
            if is_small { ("greater", limits.start()) } else { ("less", limits.end()) };
        format!(
            "1 validation error detected: Value '{given}' at '{member}' failed to satisfy constraint: \
             Member must have value {side} than or equal to {limit}"
        )
    }
}
