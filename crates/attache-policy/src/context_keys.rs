//! The condition keys that a document names, as IAM reports them.
//!
//! IAM's report takes more than its evaluation does: unfinished statements, values that no operator would
//! compare. Only what is not JSON, an element that there is not and an operator that there is not are
//! refused.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>

use std::collections::HashSet;

use crate::invalid::{Diagnostic, Invalid, with_positions};
use crate::json::{self, Member, Node, Value};
use crate::operator::Operator;
use crate::parse::{DOCUMENT_ELEMENTS, MOST_FINDINGS, NOT_JSON, STATEMENT_ELEMENTS, SYNTAX};
use crate::segment;

/// The keys of a document's conditions and of its variables, in the letters that they are written in and
/// each once, in the order of the text. `${*}`, `${?}` and `${$}` count as variables here.
///
/// # Errors
/// [`Invalid`], where the document is not JSON, or has an element or an operator that there is not.
///
/// ```
/// use attache_policy::context_keys;
/// let text = r#"{"Version": "2012-10-17", "Statement": [{"Resource": "arn:aws:s3:::b/${aws:username}",
///   "Condition": {"StringEquals": {"AWS:PrincipalTag/Team": "a", "aws:PrincipalTag/Team": "a"}}}]}"#;
/// let keys = context_keys(text).expect("it need not be finished");
/// assert_eq!(keys, ["aws:username", "AWS:PrincipalTag/Team", "aws:PrincipalTag/Team"]);
/// ```
pub fn context_keys(text: &str) -> Result<Vec<String>, Invalid> {
    let invalid = |findings| Invalid::new(text, with_positions(text, findings));
    let node = json::read(text).map_err(|not| {
        let message = format!("this is not JSON: {}", not.why);
        invalid(vec![Diagnostic::error(&not.span(text), message).aws(NOT_JSON)])
    })?;
    let mut keys = Keys::default();
    keys.document(&node);
    if keys.findings.is_empty() { Ok(keys.list) } else { Err(invalid(keys.findings)) }
}

#[derive(Default)]
struct Keys {
    list: Vec<String>,
    seen: HashSet<String>,
    variables: bool,
    findings: Vec<Diagnostic>,
}

impl Keys {
    fn add(&mut self, key: &str) {
        if !key.is_empty() && self.seen.insert(key.to_owned()) {
            self.list.push(key.to_owned());
        }
    }

    fn document(&mut self, node: &Node) {
        let members = self.elements(node, DOCUMENT_ELEMENTS, "a policy");
        let version = members.iter().find(|member| member.key == "Version");
        self.variables = version
            .is_some_and(|m| matches!(&m.node.value, Value::String(text) if text == "2012-10-17"));
        let given = members.iter().filter(|member| member.key == "Statement");
        for statement in given.flat_map(|member| member.node.items()) {
            self.statement(statement);
        }
    }

    fn statement(&mut self, node: &Node) {
        for member in self.elements(node, STATEMENT_ELEMENTS, "a statement") {
            match member.key.as_str() {
                "Resource" | "NotResource" => self.values(member),
                "Condition" => self.conditions(&member.node),
                _ => {}
            }
        }
    }

    fn conditions(&mut self, node: &Node) {
        let Value::Object(blocks) = &node.value else { return };
        for block in blocks {
            if Operator::parse(&block.key).is_err() {
                let message = format!("{:?} is not a condition operator", block.key);
                self.refuse(&block.key_at, message);
            }
            let Value::Object(members) = &block.node.value else { continue };
            for member in members {
                self.add(&member.key);
                self.values(member);
            }
        }
    }

    /// The variables of the texts under a member.
    fn values(&mut self, member: &Member) {
        if !self.variables {
            return;
        }
        for node in member.node.items() {
            let Value::String(text) = &node.value else { continue };
            segment::insides(text).for_each(|inside| self.add(segment::key_of(inside)));
        }
    }

    fn elements<'n>(&mut self, node: &'n Node, known: &[&str], what: &str) -> &'n [Member] {
        let Value::Object(members) = &node.value else {
            self.refuse(&node.at, format!("{what} must be an object"));
            return &[];
        };
        for member in members.iter().filter(|member| !known.contains(&member.key.as_str())) {
            self.refuse(&member.key_at, format!("{:?} is not an element of {what}", member.key));
        }
        members
    }

    fn refuse(&mut self, at: &std::ops::Range<usize>, message: String) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Diagnostic::error(at, message).aws(SYNTAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_FINDINGS, context_keys};

    fn keys(version: &str, statement: &str) -> Option<Vec<String>> {
        context_keys(&format!(r#"{{"Version": "{version}", "Statement": {statement}}}"#)).ok()
    }

    #[test]
    fn keys_are_told_as_they_are_written_each_once() {
        let twice = r#"[{"Condition": {"StringEquals": {"aws:username": "a"}}},
            {"Condition": {"Bool": {"aws:username": "b", "AWS:UserName": "c"}}}]"#;
        assert_eq!(keys("2012-10-17", twice).unwrap(), ["aws:username", "AWS:UserName"]);
    }

    #[test]
    fn variables_are_keys_in_the_new_version_alone() {
        let statement = r#"{"NotResource": ["a/${aws:username}", "${*}${?}${$}"],
            "Action": "s3:${aws:userid}", "Principal": {"AWS": "${aws:userid}"},
            "Condition": {"StringLike": {"s3:prefix": "${ aws:PrincipalTag/Team , 'none'}/${open"}}}"#;
        let wanted = ["aws:username", "*", "?", "$", "s3:prefix", "aws:PrincipalTag/Team"];
        assert_eq!(keys("2012-10-17", statement).unwrap(), wanted);
        assert_eq!(keys("2008-10-17", statement).unwrap(), ["s3:prefix"]);
    }

    #[test]
    fn unfinished_documents_are_taken_and_unknown_elements_are_not() {
        for (statement, wanted) in [
            ("{}", Some(0)),
            ("[]", Some(0)),
            (r#"{"Effect": "Perhaps", "Condition": {"NumericEquals": {"a:b": "x"}}}"#, Some(1)),
            (r#"{"Principal": "*", "Condition": {"Null": {"a:b": {}}}}"#, Some(1)),
            (r#"{"Actions": "s3:*"}"#, None),
            (r#"{"Condition": {"StringEqual": {"a:b": "x"}}}"#, None),
            (r#""text""#, None),
        ] {
            assert_eq!(keys("2012-10-17", statement).map(|keys| keys.len()), wanted, "{statement}");
        }
        assert!(context_keys("{").is_err() && context_keys("{}").is_ok());
    }

    #[test]
    fn the_findings_of_a_refusal_are_bounded() {
        let statements = vec!["0"; 1_000].join(", ");
        let refused = context_keys(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap_err();
        assert_eq!(refused.diagnostics.len(), MOST_FINDINGS);
    }
}
