//! From the catalog to the policy that it needs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Catalog;

/// The actions of all entries.
pub(super) fn actions(catalog: &Catalog) -> BTreeSet<&str> {
    catalog.entries.iter().flat_map(|entry| entry.actions.iter().map(String::as_str)).collect()
}

/// One statement: list calls take no resource, and are read only.
pub(super) fn least(catalog: &Catalog) -> Value {
    let actions = actions(catalog);
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AttacheDiscovery",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}
