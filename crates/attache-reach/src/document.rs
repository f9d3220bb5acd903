//! A policy document of the snapshot: read by `policy`, and its statements beside it with their
//! lines, principals and condition keys, which tell where to look and what is not known.

use attache_policy::{Kind, Policy, PolicySet};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::SnapshotError;
use crate::lines::Lines;

/// The number of a document in its snapshot.
pub(crate) type DocumentId = usize;

/// A document, read.
#[derive(Debug)]
pub(crate) struct Document {
    /// Whose it is: `role arn:aws:iam::222222222222:role/Reader, inline policy s3`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Decoded.
    pub(crate) text: String,
    pub(crate) set: PolicySet,
    pub(crate) statements: Vec<Statement>,
    /// The condition keys of all statements in lower case, each once.
    pub(crate) keys: Vec<String>,
}

/// A statement, as far as the graph needs to look into it.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sid: Option<String>,
    /// In the snapshot's file, from 1.
    pub(crate) line: usize,
    pub(crate) allows: bool,
    pub(crate) principals: Principals,
    /// In lower case.
    pub(crate) actions: Patterns,
    pub(crate) resources: Patterns,
    pub(crate) conditions: Vec<Condition>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Default)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    /// Kind (`AWS`, `Service`, …; `*` for all) and name.
    pub(crate) list: Vec<(String, String)>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    pub(crate) negated: bool,
    pub(crate) list: Vec<String>,
}

/// One operator with one key.
#[derive(Debug)]
pub(crate) struct Condition {
    /// In lower case.
    pub(crate) operator: String,
    /// As it is written.
    pub(crate) name: String,
    /// The same in lower case.
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

impl Document {
    /// Reads a document that is an object, or text, plain or URL-encoded. `id` becomes the
    /// policy's name, by which its statements are found again.
    pub(crate) fn read(
        id: DocumentId,
        raw: &RawValue,
        kind: Kind,
        name: String,
        lines: &Lines<'_>,
    ) -> Result<Self, SnapshotError> {
        let first = lines.of(raw.get());
        let wrong = |why: String| lines.error(first, &name, why);
        let (text, is_object) = text(raw).map_err(wrong)?;
        let policy = Policy::parse(&text, kind).map_err(|invalid| {
            let found = invalid.diagnostics.first();
            let line = found.filter(|_| is_object).map_or(0, |d| d.line.saturating_sub(1));
            let why = found.map_or_else(|| invalid.to_string(), |d| d.message.clone());
            lines.error(first + line, &name, format!("it is no {}: {why}", kind.name()))
        })?;
        let inside = Lines::new(lines.file, &text);
        // Text within a string stands on one line of the file.
        let line = |at: &str| if is_object { first + inside.of(at) - 1 } else { first };
        let statements = statements(&text, line).map_err(|e| wrong(e.to_string()))?;
        let mut keys: Vec<String> =
            statements.iter().flat_map(|s| &s.conditions).map(|c| c.key.clone()).collect();
        keys.sort();
        keys.dedup();
        let set = policy.named(id.to_string()).into();
        Ok(Self { name, kind, text, set, statements, keys })
    }
}

fn text(raw: &RawValue) -> Result<(String, bool), String> {
    let got = raw.get();
    if got.starts_with('{') {
        return Ok((got.to_owned(), true));
    }
    if !got.starts_with('"') {
        return Err("a policy document must be an object or text".to_owned());
    }
    let text: String = serde_json::from_str(got).map_err(|e| e.to_string())?;
    if text.trim_start().starts_with('{') {
        return Ok((text, false));
    }
    let decoded = percent_decode_str(&text).decode_utf8().map_err(|e| e.to_string())?;
    Ok((decoded.into_owned(), false))
}

#[derive(Deserialize)]
struct Whole<'d> {
    #[serde(rename = "Statement", borrow)]
    statement: &'d RawValue,
}

fn statements<'d>(
    text: &'d str,
    line: impl Fn(&'d str) -> usize,
) -> Result<Vec<Statement>, serde_json::Error> {
    let whole: Whole<'d> = serde_json::from_str(text)?;
    let raws: Vec<&'d RawValue> = if whole.statement.get().starts_with('[') {
        serde_json::from_str(whole.statement.get())?
    } else {
        vec![whole.statement]
    };
    let read = |raw: &&'d RawValue| {
        let value: Value = serde_json::from_str(raw.get())?;
        Ok(Statement::new(&value, line(raw.get())))
    };
    raws.iter().map(read).collect()
}

impl Statement {
    fn new(value: &Value, line: usize) -> Self {
        let conditions = value.get("Condition").and_then(Value::as_object);
        let conditions = conditions.into_iter().flatten().flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| Condition {
                operator: operator.to_lowercase(),
                name: key.clone(),
                key: key.to_lowercase(),
                values: texts(values),
            })
        });
        let mut actions = Patterns::of(value, "Action", "NotAction");
        actions.list.iter_mut().for_each(|action| action.make_ascii_lowercase());
        Self {
            sid: value.get("Sid").and_then(Value::as_str).map(str::to_owned),
            line,
            allows: value.get("Effect").and_then(Value::as_str) == Some("Allow"),
            principals: Principals::of(value),
            actions,
            resources: Patterns::of(value, "Resource", "NotResource"),
            conditions: conditions.collect(),
        }
    }

    /// Whether it is about the action, given in lower case.
    pub(crate) fn takes_action(&self, action: &str) -> bool {
        let takes = self.actions.list.iter().any(|own| crate::glob::fits(own, action));
        takes != self.actions.negated
    }
}

impl Principals {
    fn of(value: &Value) -> Self {
        let (negated, named) = match value.get("NotPrincipal") {
            Some(named) => (true, Some(named)),
            None => (false, value.get("Principal")),
        };
        let list = match named {
            Some(Value::Object(kinds)) => kinds
                .iter()
                .flat_map(|(kind, names)| texts(names).into_iter().map(|n| (kind.clone(), n)))
                .collect(),
            Some(_) => vec![("*".to_owned(), "*".to_owned())],
            None => Vec::new(),
        };
        Self { negated, list }
    }
}

impl Patterns {
    fn of(value: &Value, plain: &str, negated: &str) -> Self {
        match value.get(negated) {
            Some(list) => Self { negated: true, list: texts(list) },
            None => Self { negated: false, list: value.get(plain).map(texts).unwrap_or_default() },
        }
    }
}

/// One text or several; numbers and bools as they are written.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}
