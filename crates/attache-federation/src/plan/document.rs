//! Policy documents compared by meaning: order, and one value against a list of one, are the same.
//!
//! AWS stores a document as it was sent, and people and other tools rewrite it: a plan that reports a
//! moved key is not read. What is compared without case is what IAM compares so: actions and
//! condition keys.

use serde_json::{Map, Value};

use super::change::Difference;

/// What differs between the stored text and the wanted document; empty when they mean the same.
pub(crate) fn differences(field: &str, before: &str, after: &Value) -> Vec<Difference> {
    let Ok(before_value) = serde_json::from_str::<Value>(before) else {
        let after = Some(after.to_string());
        return vec![Difference::new(field, Some(before.to_owned()), after)];
    };
    let mut found = Vec::new();
    compare(Element::Document, String::new(), &before_value, after, &mut found);
    for difference in &mut found {
        let path = std::mem::take(&mut difference.field);
        difference.field =
            if path.is_empty() { field.to_owned() } else { format!("{field}: {path}") };
    }
    found
}

/// An element of a policy: it decides whether order and case matter.
#[derive(Clone, Copy, PartialEq)]
enum Element {
    Document,
    Statement,
    /// `{"Federated": …}`
    Principal,
    /// `{"StringEquals": …}`
    Condition,
    /// `{"key": …}`
    Operator,
    /// A list that is a set of words.
    Words,
    /// A set of words without case.
    Actions,
    Scalar,
}

impl Element {
    fn inside(self, key: &str) -> Self {
        match (self, key) {
            (Self::Document, "Statement") => Self::Statement,
            (Self::Statement, "Action" | "NotAction") => Self::Actions,
            (Self::Statement, "Resource" | "NotResource") => Self::Words,
            (Self::Statement, "Principal" | "NotPrincipal") => Self::Principal,
            (Self::Statement, "Condition") => Self::Condition,
            (Self::Condition, _) => Self::Operator,
            (Self::Principal | Self::Operator, _) => Self::Words,
            _ => Self::Scalar,
        }
    }

    /// What has no meaning of its own: names, and a condition that is none.
    fn says_nothing(self, key: &str, value: &Value) -> bool {
        match (self, key) {
            (Self::Document, "Id") | (Self::Statement, "Sid") => true,
            (Self::Statement, "Condition") => value.as_object().is_some_and(Map::is_empty),
            _ => false,
        }
    }

    fn same_key(self, a: &str, b: &str) -> bool {
        if self == Self::Operator { a.eq_ignore_ascii_case(b) } else { a == b }
    }
}

fn compare(
    element: Element,
    path: String,
    before: &Value,
    after: &Value,
    found: &mut Vec<Difference>,
) {
    match (element, before, after) {
        (Element::Words | Element::Actions, _, _) => {
            if words(element, before) != words(element, after) {
                found.push(changed(path, before, after));
            }
        }
        (Element::Statement, _, _) if before.is_array() || after.is_array() => {
            statements(&path, list(before), list(after), found);
        }
        (_, Value::Object(before), Value::Object(after)) => {
            objects(element, &path, before, after, found);
        }
        _ if before == after => {}
        _ => found.push(changed(path, before, after)),
    }
}

fn objects(
    element: Element,
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    for (key, expected) in after.iter().filter(|(key, own)| !element.says_nothing(key, own)) {
        let path = join(path, key);
        match before.iter().find(|(other, _)| element.same_key(other, key)) {
            Some((_, now)) => compare(element.inside(key), path, now, expected, found),
            None => found.push(Difference::new(path, None, Some(shown(expected)))),
        }
    }
    for (key, now) in before.iter().filter(|(key, own)| !element.says_nothing(key, own)) {
        if !after.keys().any(|other| element.same_key(other, key)) {
            found.push(Difference::new(join(path, key), Some(shown(now)), None));
        }
    }
}

/// Statements that mean the same are matched wherever they stand; what is left is compared in
/// order, so that one changed value shows as one difference.
fn statements(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let mut left: Vec<&Value> = before.iter().collect();
    let mut unmatched: Vec<(usize, &Value)> = Vec::new();
    for (index, expected) in after.iter().enumerate() {
        let same = left.iter().position(|now| {
            let mut differences = Vec::new();
            compare(Element::Statement, String::new(), now, expected, &mut differences);
            differences.is_empty()
        });
        match same {
            Some(position) => drop(left.remove(position)),
            None => unmatched.push((index, expected)),
        }
    }
    let mut left = left.into_iter();
    for (index, expected) in unmatched {
        let path = format!("{path}[{index}]");
        match left.next() {
            Some(now) => compare(Element::Statement, path, now, expected, found),
            None => found.push(Difference::new(path, None, Some(shown(expected)))),
        }
    }
    for now in left {
        found.push(Difference::new(format!("{path}[-]"), Some(shown(now)), None));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice)
}

/// A value or a list of values as a sorted set of text: IAM reads `true` and `"true"` alike, and an
/// account's number as its root.
fn words(element: Element, value: &Value) -> Vec<String> {
    let word = |value: &Value| match value {
        Value::String(text) if element == Element::Actions => text.to_lowercase(),
        Value::String(text) => root(text),
        other => other.to_string(),
    };
    let mut words: Vec<String> = list(value).iter().map(word).collect();
    words.sort();
    words.dedup();
    words
}

/// AWS answers `arn:aws:iam::111111111111:root` where `111111111111` was sent.
fn root(text: &str) -> String {
    match text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")) {
        Some(account) if account.len() == 12 => account.to_owned(),
        _ => text.to_owned(),
    }
}

fn changed(path: String, before: &Value, after: &Value) -> Difference {
    Difference::new(path, Some(shown(before)), Some(shown(after)))
}

/// Words bare, everything else as JSON.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("{text:?}"))
}

fn join(path: &str, key: &str) -> String {
    let key = if key.contains([':', '.', '/']) { format!("{key:?}") } else { key.to_owned() };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statement: impl Into<Value>) -> Value {
        json!({ "Version": "2012-10-17", "Statement": statement.into() })
    }

    #[test]
    fn documents_that_mean_the_same_do_not_differ() {
        let read = json!({"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"});
        let write = json!({"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"});
        let cases = [
            ("one statement alone or in a list", policy(read.clone()), policy(json!([read]))),
            (
                "keys in another order",
                json!({"Statement": [read], "Version": "2012-10-17"}),
                policy(json!([read])),
            ),
            (
                "actions in another order and case",
                policy(
                    json!([{"Effect": "Allow", "Action": ["S3:list*", "s3:Get*"], "Resource": ["*"]}]),
                ),
                policy(json!([read])),
            ),
            (
                "statements in another order",
                policy(json!([write, read])),
                policy(json!([read, write])),
            ),
            (
                "a condition's value alone or in a list, its key in another case",
                policy(json!({"Condition": {"Bool": {"AWS:SecureTransport": [true]}}})),
                policy(json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}})),
            ),
            (
                "names of statements, and none",
                policy(json!([{"Sid": "", "Effect": "Deny"}])),
                policy(json!([{"Sid": "Reads", "Effect": "Deny"}])),
            ),
            (
                "a name of a statement, and no name",
                json!({"Id": "terraform", "Statement": [{"Sid": "", "Effect": "Deny"}]}),
                json!({"Statement": {"Effect": "Deny"}}),
            ),
            (
                "an empty condition and none",
                policy(json!({"Effect": "Deny", "Condition": {}})),
                policy(json!({"Effect": "Deny"})),
            ),
            (
                "an account's number and its root",
                policy(json!({"Principal": {"AWS": "arn:aws:iam::111111111111:root"}})),
                policy(json!({"Principal": {"AWS": ["111111111111"]}})),
            ),
        ];
        for (what, before, after) in cases {
            assert_eq!(differences("policy", &before.to_string(), &after), [], "{what}");
            assert_eq!(differences("policy", &after.to_string(), &before), [], "{what}, reversed");
        }
    }

    #[test]
    fn a_difference_is_reported_with_its_path() {
        let trust = |sub: &str| json!({"Effect": "Allow", "Condition": {"StringEquals": {"oidc.example/id/A:sub": sub}}});
        let other = json!({"Effect": "Deny"});
        let cases = [
            (
                "a value of a condition",
                policy(json!([trust("a")])),
                policy(json!([trust("b")])),
                r#"p: Statement[0].Condition.StringEquals."oidc.example/id/A:sub" "a" -> "b""#,
            ),
            (
                "a statement that somebody added",
                policy(json!([trust("a"), other])),
                policy(json!([trust("a")])),
                r#"p: Statement[-] {"Effect":"Deny"} -> none"#,
            ),
            (
                "a statement that is missing",
                policy(json!([])),
                policy(json!([other])),
                r#"p: Statement[0] none -> {"Effect":"Deny"}"#,
            ),
            (
                "a condition that was removed",
                policy(
                    json!({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}),
                ),
                policy(other),
                r#"p: Statement.Condition {"Bool":{"aws:SecureTransport":"true"}} -> none"#,
            ),
            (
                "values compare with case",
                policy(json!([trust("a")])),
                policy(json!([trust("A")])),
                r#"p: Statement[0].Condition.StringEquals."oidc.example/id/A:sub" "a" -> "A""#,
            ),
            (
                "an older version of the language",
                json!({"Version": "2008-10-17"}),
                json!({"Version": "2012-10-17"}),
                r#"p: Version "2008-10-17" -> "2012-10-17""#,
            ),
        ];
        for (what, before, after, expected) in cases {
            let or_none = |v: &Option<String>| v.clone().unwrap_or("none".into());
            let got: Vec<String> = differences("p", &before.to_string(), &after)
                .iter()
                .map(|d| format!("{} {} -> {}", d.field, or_none(&d.before), or_none(&d.after)))
                .collect();
            assert_eq!(got, [expected], "{what}");
        }
    }

    #[test]
    fn text_that_is_not_json_differs_as_a_whole() {
        let found = differences("trust policy", "{oops", &json!({}));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].before.as_deref(), Some("{oops"));
    }
}
