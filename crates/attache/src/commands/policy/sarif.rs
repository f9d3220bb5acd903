//! Findings as SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use attache_policy::{Finding, LintRule};
use serde_json::{Value, json};

use super::check::{Checked, word};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The whole log, with one run.
pub(super) fn log(checked: &[Checked]) -> Value {
    let rules: Vec<LintRule> = attache_policy::lint_rules().collect();
    let results: Vec<Value> = checked.iter().flat_map(|own| of_one(own, &rules)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "attache",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn of_one(checked: &Checked, rules: &[LintRule]) -> Vec<Value> {
    let file = checked.file.as_str();
    let shown = checked.findings.iter().map(|found| result(file, found, rules));
    let silenced = checked.silenced.iter().map(|own| {
        let mut result = result(file, &own.finding, rules);
        result["suppressions"] = json!([{"kind": "external", "justification": own.reason}]);
        result
    });
    shown.chain(silenced).collect()
}

fn rule(rule: &LintRule) -> Value {
    let mut shown = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.about},
        "defaultConfiguration": {"level": word(rule.level)},
    });
    if let Some(same) = rule.access_analyzer {
        shown["properties"] = json!({"accessAnalyzer": same});
    }
    shown
}

fn result(file: &str, found: &Finding, rules: &[LintRule]) -> Value {
    let mut text = match &found.help {
        Some(help) => format!("{}: {help}", found.message),
        None => found.message.clone(),
    };
    if let Some(message) = &found.aws_message {
        text.push_str(&format!(" (IAM says: {message})"));
    }
    json!({
        "ruleId": found.rule,
        "ruleIndex": rules.iter().position(|rule| rule.id == found.rule),
        "level": word(found.level),
        "message": {"text": text},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(file)},
            "region": {
                "startLine": found.line,
                "startColumn": found.column,
                "endLine": found.end_line,
                "endColumn": found.end_column,
            },
        }}],
    })
}

/// A file's name as a relative reference; a colon in it would be a scheme.
fn uri(file: &str) -> String {
    let mut uri = String::new();
    for byte in file.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(char::from(byte)),
            b'\\' => uri.push('/'),
            own if own.is_ascii_alphanumeric() => uri.push(char::from(own)),
            own => uri.push_str(&format!("%{own:02X}")),
        }
    }
    uri
}
