//! `${…}` in version 2012-10-17: what is a variable, and what only looks like one.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use super::reader::{Reader, quoted};
use crate::invalid::{Diagnostic, Severity};
use crate::syntax::Text;

/// A resource whose variables cannot be read is refused. It is not known what AWS says to it.
pub(super) fn in_resource(reader: &mut Reader, text: &Text) {
    if let Some(wrong) = wrong(&text.text) {
        let finding = match wrong.severity {
            Severity::Error => Diagnostic::error(&text.at, wrong.message),
            Severity::Warning => Diagnostic::warning(&text.at, wrong.message),
        };
        reader.add(finding.help(wrong.help));
        return;
    }
    let region = text.text.split(':').nth(3).unwrap_or_default();
    if region.starts_with("${") {
        let message = "a variable in an ARN's region is not known to work";
        reader.add(Diagnostic::warning(&text.at, message));
    }
}

/// Values of conditions are kept as they are; what is wrong with them matches nothing.
pub(super) fn in_value(reader: &mut Reader, text: &Text) {
    if let Some(wrong) = wrong(&text.text) {
        reader.add(Diagnostic::warning(&text.at, wrong.message).help(wrong.help));
    }
}

/// In the old version of the language, and without any, what looks like a variable is text.
pub(super) fn as_it_stands(reader: &mut Reader, text: &Text) {
    let inside = text.text.split_once("${").and_then(|(_, after)| after.split_once('}'));
    if inside.is_some_and(|(key, _)| key.contains(':') || matches!(key, "*" | "?" | "$")) {
        let message =
            "before version 2012-10-17 this is not a variable: it is compared as plain text";
        let help = Some("put \"Version\": \"2012-10-17\" first".to_owned());
        reader.add(Diagnostic::warning(&text.at, message).help(help));
    }
}

struct Wrong {
    /// Its position in a resource.
    severity: Severity,
    message: String,
    help: Option<String>,
}

impl Wrong {
    fn unreadable(message: &str, help: Option<String>) -> Self {
        Self { severity: Severity::Error, message: message.to_owned(), help }
    }
}

/// The first mistake in a text, and its remedy.
fn wrong(text: &str) -> Option<Wrong> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let Some((inside, tail)) = after.split_once('}') else {
            let help = "write ${$}{ for the characters themselves".to_owned();
            return Some(Wrong::unreadable("this variable has no end", Some(help)));
        };
        rest = tail;
        if matches!(inside, "*" | "?" | "$") {
            continue;
        }
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key.trim(), Some(default.trim())),
            None => (inside.trim(), None),
        };
        if key.is_empty() {
            return Some(Wrong::unreadable("this variable has no name", None));
        }
        let is_quoted = |d: &str| d.len() > 1 && d.starts_with('\'') && d.ends_with('\'');
        if default.is_some_and(|d| !is_quoted(d)) {
            let message = "this variable's default has no single quotes around it";
            return Some(Wrong::unreadable(message, Some(format!("write ${{{key}, 'default'}}"))));
        }
        if !key.contains(':') {
            let message = format!("no request has a key called {}", quoted(key));
            let help = Some("a variable is a condition key, such as aws:username".to_owned());
            return Some(Wrong { severity: Severity::Warning, message, help });
        }
    }
    None
}
