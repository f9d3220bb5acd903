//! The answer to a review.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// What becomes of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// How the object is changed: a JSON Patch.
    pub patch: Vec<Operation>,
    /// What its client is told.
    pub warnings: Vec<String>,
    /// Why it is refused, and with which HTTP status; `None` admits it.
    pub refusal: Option<(u16, String)>,
    /// What the API server's audit log gets.
    pub audit: BTreeMap<String, String>,
}

/// One step of a JSON Patch (RFC 6902): all of them add.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    op: &'static str,
    /// Where.
    pub path: String,
    /// What.
    pub value: Value,
}

impl Operation {
    pub(super) fn add(path: impl Into<String>, value: Value) -> Self {
        Self { op: "add", path: path.into(), value }
    }
}

impl Answer {
    /// Admits an object with these warnings.
    #[must_use]
    pub fn warn(warnings: Vec<String>) -> Self {
        Self { warnings, ..Self::default() }
    }

    /// Refuses an object.
    #[must_use]
    pub fn refuse(status: u16, message: impl Into<String>) -> Self {
        Self { refusal: Some((status, message.into())), ..Self::default() }
    }
}

/// A key as one part of a JSON Pointer (RFC 6901).
pub(super) fn pointer(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
