//! `Condition`: operators, keys and their values.
//!
//! IAM reads the blocks and the dates; other values it takes as they are, and what is not a valid value of
//! its operator then never matches.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.

use std::collections::HashMap;

use super::reader::{Reader, quoted};
use super::{aws_messages, values};
use crate::invalid::Diagnostic;
use crate::json::{Member, Node, Value};
use crate::operator::{Operator, SetQualifier, Test};
use crate::syntax::{Condition, Text};

pub(super) fn read(reader: &mut Reader, node: &Node, variables: bool) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for block in reader.members(node, "Condition").unwrap_or_default() {
        let empty = matches!(&block.node.value, Value::Object(members) if members.is_empty());
        if empty {
            let message = format!("{} has no condition key", quoted(&block.key));
            reader.add(Diagnostic::warning(&block.node.at, message));
            continue;
        }
        match Operator::parse(&block.key) {
            Ok(operator) => {
                null_of_each(reader, block, &operator);
                keys(reader, block, &operator, variables, &mut conditions);
            }
            Err(near) => unknown(reader, block, near),
        }
    }
    conditions
}

/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-suggestion-null-with-qualifier>.
fn null_of_each(reader: &mut Reader, block: &Member, operator: &Operator) {
    let (Test::Null, Some(set)) = (operator.test, operator.set) else { return };
    let always = set == SetQualifier::All;
    let message = format!("{} is always {always}, whatever the request has", block.key);
    let help = "write Null".to_owned();
    reader.add(Diagnostic::warning(&block.key_at, message).help(Some(help)));
}

fn unknown(reader: &mut Reader, block: &Member, near: Option<String>) {
    let aws = match reader.kind.is_iam() {
        true => aws_messages::SYNTAX.to_owned(),
        false => format!("Invalid Condition type : {}", block.key),
    };
    let message = format!("{} is not a condition operator", quoted(&block.key));
    let help = near.map(|near| format!("did you mean {near}?"));
    reader.add(Diagnostic::error(&block.key_at, message).aws(aws).help(help));
}

fn keys(
    reader: &mut Reader,
    block: &Member,
    operator: &Operator,
    variables: bool,
    conditions: &mut Vec<Condition>,
) {
    let mut seen = HashMap::new();
    for member in reader.members(&block.node, &block.key).unwrap_or_default() {
        // The very same name is an error, which is reported already.
        if let Some(first) = seen.insert(member.key.to_lowercase(), &member.key)
            && *first != member.key
        {
            let message =
                format!("{} is {} again: both must hold", quoted(&member.key), quoted(first));
            let help = "keys compare without case: put the values together".to_owned();
            reader.add(Diagnostic::warning(&member.key_at, message).help(Some(help)));
        }
        let key = Text { at: member.key_at.clone(), text: member.key.clone() };
        if !is_key(&key.text) {
            let message = format!("no request has a key called {}", quoted(&key.text));
            reader.add(Diagnostic::warning(&key.at, message));
        }
        let values = reader.texts(&member.node, &member.key, true);
        if matches!(&member.node.value, Value::Array(items) if items.is_empty()) {
            let message = format!("{} is compared with no value at all", quoted(&key.text));
            reader.add(Diagnostic::warning(&member.node.at, message));
        }
        for value in &values {
            values::check(reader, operator, value, variables);
        }
        conditions.push(Condition { operator: operator.clone(), key, values });
    }
}

/// `service:name`, or `issuer/path:claim`.
fn is_key(key: &str) -> bool {
    let Some((service, name)) = key.split_once(':') else { return false };
    !service.is_empty() && !name.is_empty() && !service.contains([' ', '*'])
}
