//! EC2's filters: any of a filter's values, all of the filters, `*` and `?` in values.

use attache_aws_protocol::ServiceError;
use attache_policy::Pattern;
use serde_json::Value;

use super::input::{text, texts};
use crate::model::Tags;

/// A filter of a call. Its values are compiled once: a list passes over every resource of a region.
pub(super) struct Filter<'v> {
    name: &'v str,
    values: Vec<Pattern>,
}

/// The filters of a call.
pub(super) fn filters(input: &Value) -> Vec<Filter<'_>> {
    let list = input.get("Filter").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|filter| Filter {
            name: text(filter, "Name").unwrap_or_default(),
            values: texts(filter, "Value").into_iter().map(Pattern::new).collect(),
        })
        .collect()
}

/// Whether a resource passes them all. `field` gives a resource's value for a filter's name; none
/// means that there is no such filter.
pub(super) fn passes(
    filters: &[Filter<'_>],
    tags: &Tags,
    field: impl Fn(&str) -> Option<String>,
) -> Result<bool, ServiceError> {
    for filter in filters {
        let found: Vec<String> = match filter.name.strip_prefix("tag:") {
            Some(key) => tags.iter().filter(|(k, _)| k == key).map(|(_, v)| v.clone()).collect(),
            None if filter.name == "tag-key" => tags.iter().map(|(k, _)| k.clone()).collect(),
            None => match field(filter.name) {
                Some(value) => vec![value],
                None => return Err(invalid(filter.name)),
            },
        };
        if !found.iter().any(|value| filter.values.iter().any(|pattern| pattern.matches(value))) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn invalid(name: &str) -> ServiceError {
    ServiceError::new(400, "InvalidParameterValue", format!("The filter '{name}' is invalid"))
}
