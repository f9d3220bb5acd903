//! A policy document of the snapshot: read once by the policy engine, with the lines of its
//! statements in the snapshot's file.

use std::collections::HashSet;

use attache_policy::{Kind, Policy, PolicySet};
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;

use crate::line_index::LineIndex;
use crate::{SnapshotError, SnapshotProblem};

/// The number of a document in its snapshot.
pub(crate) type DocumentId = usize;

/// A document, read.
#[derive(Debug)]
pub(crate) struct Document {
    /// Whose it is: `role arn:aws:iam::222222222222:role/Reader, inline policy s3`.
    pub(crate) name: String,
    /// Named by its number in the snapshot.
    pub(crate) policy: Policy,
    pub(crate) set: PolicySet,
    /// The line of each statement in the snapshot's file, from 1.
    pub(crate) lines: Vec<usize>,
    /// The condition keys of all statements in lower case, each once.
    pub(crate) keys: Vec<String>,
}

impl Document {
    pub(crate) fn read(
        id: DocumentId,
        raw: &RawValue,
        kind: Kind,
        name: String,
        lines: &LineIndex<'_>,
    ) -> Result<Self, SnapshotError> {
        let first = lines.of(raw.get());
        let (text, is_object) = text(raw).map_err(|source| lines.error(first, &name, source))?;
        let policy = Policy::parse(&text, kind).map_err(|invalid| {
            let found = invalid.diagnostics.first();
            let line = found.filter(|_| is_object).map_or(0, |d| d.line.saturating_sub(1));
            let source = SnapshotProblem::InvalidPolicy { kind, source: Box::new(invalid) };
            lines.error(first + line, &name, source)
        })?;
        let inside = LineIndex::new(lines.file, &text);
        // Text within a string is on one line of the file.
        let line = |at: usize| if is_object { first + inside.at(at) - 1 } else { first };
        let lines = policy.statements().iter().map(|statement| line(statement.at.start)).collect();
        let conditions = policy.statements().iter().flat_map(|statement| &statement.conditions);
        let keys: HashSet<String> =
            conditions.map(|condition| condition.key.text.to_lowercase()).collect();
        let mut keys: Vec<String> = keys.into_iter().collect();
        keys.sort();
        let policy = policy.named(id.to_string());
        Ok(Self { name, set: policy.clone().into(), policy, lines, keys })
    }
}

/// The text that stands in for a document that cannot be read. It gives no path, and takes none away.
pub(crate) fn substitute(kind: Kind) -> &'static str {
    match kind {
        Kind::Trust => {
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}"#
        }
        Kind::Boundary | Kind::ServiceControl => {
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#
        }
        Kind::ResourceControl => {
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#
        }
        _ => {
            r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}}"#
        }
    }
}

/// The document's text, and whether it is in the file as an object.
fn text(raw: &RawValue) -> Result<(String, bool), SnapshotProblem> {
    let raw = raw.get();
    if raw.starts_with('{') {
        return Ok((raw.to_owned(), true));
    }
    if !raw.starts_with('"') {
        return Err(SnapshotProblem::NotADocument);
    }
    let text: String = serde_json::from_str(raw).map_err(SnapshotProblem::DocumentText)?;
    if text.trim_start().starts_with('{') {
        return Ok((text, false));
    }
    let decoded = percent_decode_str(&text).decode_utf8().map_err(SnapshotProblem::NotUtf8)?;
    Ok((decoded.into_owned(), false))
}
