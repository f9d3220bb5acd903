//! A statement: `Effect`; its other elements have their own files.

use super::reader::{Reader, quoted};
use super::{Kind, action, aws_messages, condition, principal, resource, shared_issuer};
use crate::invalid::Diagnostic;
use crate::json::{Member, Node, Value};
use crate::syntax::{Effect, Statement};

pub(crate) const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Nothing where so much is wrong that there is nothing to evaluate; then an error was reported.
pub(super) fn read(
    reader: &mut Reader,
    node: &Node,
    members: &[Member],
    variables: bool,
) -> Option<Statement> {
    let get = |name: &str| members.iter().find(|m| m.key == name);
    let effect = effect(reader, node, get("Effect"));
    let principal = principal::read(reader, node, members, effect);
    let actions = action::read(reader, node, members);
    let resources = resource::read(reader, node, members, variables);
    let conditions = match get("Condition") {
        Some(member) => condition::read(reader, &member.node, variables),
        None => Vec::new(),
    };
    let sid = get("Sid").and_then(|m| match &m.node.value {
        Value::String(sid) => Some(sid.clone()),
        _ => None,
    });
    let at = node.at.clone();
    let statement =
        Statement { at, sid, effect: effect?, principal, actions: actions?, resources, conditions };
    if statement.effect == Effect::Allow && reader.kind == Kind::ResourceControl {
        allowed_by_resource_control(reader, &statement);
    }
    if reader.kind == Kind::Trust && reader.written.is_some() {
        shared_issuer::check(reader, &statement);
    }
    Some(statement)
}

fn effect(reader: &mut Reader, node: &Node, member: Option<&Member>) -> Option<Effect> {
    let Some(member) = member else {
        let aws = match reader.kind {
            kind if kind.is_iam() => aws_messages::SYNTAX,
            _ => aws_messages::TRUST_NO_EFFECT,
        };
        reader.add(Diagnostic::error(&node.at, "a statement needs an Effect").aws(aws));
        return None;
    };
    let node = &member.node;
    let Value::String(text) = &node.value else {
        reader.syntax(node, "Effect must be Allow or Deny");
        return None;
    };
    let near = ["Allow", "Deny"].into_iter().find(|known| known.eq_ignore_ascii_case(text));
    match text.as_str() {
        "Allow" => return Some(Effect::Allow),
        "Deny" => return Some(Effect::Deny),
        _ => {}
    }
    let aws = match (reader.kind.is_iam(), near) {
        (true, Some(_)) => aws_messages::LEGACY.to_owned(),
        (true, None) => aws_messages::SYNTAX.to_owned(),
        (false, _) => format!("Invalid effect: {text}"),
    };
    let message = format!("Effect must be Allow or Deny, not {}", quoted(text));
    let help = near.map(|near| format!("it is spelled {near}"));
    reader.add(Diagnostic::error(&node.at, message).aws(aws).help(help));
    None
}

/// AWS's own `RCPFullAWSAccess` alone may allow: an organization's own policies only deny.
fn allowed_by_resource_control(reader: &mut Reader, statement: &Statement) {
    let all = |list: &crate::syntax::Patterns| {
        !list.negated && matches!(list.list.as_slice(), [one] if one.text == "*")
    };
    let full = all(&statement.actions)
        && statement.resources.as_ref().is_some_and(all)
        && statement.conditions.is_empty();
    if !full {
        let message = "a resource control policy only denies: RCPFullAWSAccess alone may allow";
        reader.add(Diagnostic::error(&statement.at, message));
    }
}
