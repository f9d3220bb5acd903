//! From the catalog to the policy that it needs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Catalog;

/// One statement: list calls take no resource, and are read only.
pub(super) fn least(catalog: &Catalog) -> Value {
    let actions: BTreeSet<&str> =
        catalog.entries.iter().flat_map(|entry| entry.actions.iter().map(String::as_str)).collect();
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
