//! `Action` and `NotAction`.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.

use super::reader::{Reader, quoted};
use super::{Kind, aws_messages, named};
use crate::actions;
use crate::invalid::Diagnostic;
use crate::json::{Member, Node};
use crate::pattern::Pattern;
use crate::syntax::{Patterns, Text};

/// The actions that a trust policy speaks about.
const TRUST: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

pub(super) fn read(reader: &mut Reader, node: &Node, members: &[Member]) -> Option<Patterns> {
    let Some(found) = named::find(reader, members, "Action") else {
        none(reader, node, "a statement needs Action or NotAction");
        return None;
    };
    if found.negated && reader.kind == Kind::ResourceControl {
        let message = "a resource control policy does not support NotAction";
        reader.add(Diagnostic::error(&found.member.key_at, message));
    }
    let node = &found.member.node;
    let list = reader.texts(node, &found.member.key, false);
    if matches!(&node.value, crate::json::Value::Array(items) if items.is_empty()) {
        none(reader, node, "the list of actions is empty");
    }
    for action in &list {
        check(reader, action);
    }
    Some(Patterns { negated: found.negated, list })
}

fn none(reader: &mut Reader, node: &Node, message: &str) {
    let aws = match reader.kind {
        Kind::Trust => aws_messages::TRUST_NO_ACTION,
        _ => aws_messages::NO_ACTIONS,
    };
    reader.add(Diagnostic::error(&node.at, message).aws(aws));
}

fn check(reader: &mut Reader, action: &Text) {
    let (at, text) = (&action.at, action.text.as_str());
    let shown = quoted(text);
    if reader.kind == Kind::Trust {
        return trust(reader, action);
    }
    if text == "*" {
        return;
    }
    let Some((vendor, name)) = text.split_once(':') else {
        let message = format!("{shown} is not an action: expected service:Action");
        reader.add(Diagnostic::error(at, message).aws(aws_messages::NO_VENDOR));
        return;
    };
    if name.contains(':') {
        let message = format!("{shown} is not an action: it has more than one colon");
        reader.add(Diagnostic::error(at, message).aws(aws_messages::TWO_COLONS));
    } else if vendor.is_empty() {
        reader.add(Diagnostic::error(at, format!("{shown} names no service")));
    } else if vendor != "*" && !vendor.chars().all(is_vendor) {
        let message = if vendor.contains(['*', '?']) {
            format!("{shown} has a wildcard in its service, where AWS takes none")
        } else {
            format!("{shown} names no service that can be")
        };
        reader.add(Diagnostic::error(at, message).aws(format!("Vendor {vendor} is not valid")));
    } else if name.is_empty() || !name.chars().all(is_name) {
        reader.add(Diagnostic::warning(at, format!("no action is called {shown}")));
    }
}

fn is_vendor(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.'
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_')
}

/// In a trust policy: the ways to become a role, and nothing else.
fn trust(reader: &mut Reader, action: &Text) {
    let text = action.text.as_str();
    let (at, shown) = (&action.at, quoted(text));
    let ours = text.get(..4).is_some_and(|vendor| vendor.eq_ignore_ascii_case("sts:"));
    if !ours {
        let message = format!("{shown} is not an action that assumes a role");
        let help =
            (text == "*").then(|| "name the actions: sts:AssumeRole and its like".to_owned());
        let finding = Diagnostic::error(at, message).aws(aws_messages::TRUST_ACTION);
        reader.add(finding.help(help));
        return;
    }
    // A document that is there already may name more than the ways to become a role.
    let wild = Pattern::has_wildcards(text);
    let refused =
        if wild { reader.written.is_some() && !assumes_only(text) } else { !assumes(text) };
    if refused {
        let near = crate::operator::nearest(text, TRUST.iter().copied());
        let message = match wild {
            true => format!("{shown} names more than the actions that assume a role"),
            false => format!("{shown} is not an action that assumes a role"),
        };
        let help = match (wild, near) {
            (false, Some(near)) => Some(format!("did you mean {near}?")),
            _ => None,
        };
        let finding = reader.refused_in_writing(at, message, aws_messages::TRUST_ACTION);
        reader.add(finding.help(help));
    }
}

/// Whether an action is a way to become a role.
pub(super) fn assumes(action: &str) -> bool {
    TRUST.iter().any(|known| known.eq_ignore_ascii_case(action))
}

/// Whether a pattern matches ways to become a role, and no other action of STS. `sts:*` is refused
/// by IAM for the others that it names.
fn assumes_only(pattern: &str) -> bool {
    let name = pattern.split_once(':').map_or("", |(_, name)| name);
    let matching = actions::service("sts").map(|sts| sts.matching(name)).unwrap_or_default();
    let is_way = |name: &str| name.starts_with("Assume") || assumes(&format!("sts:{name}"));
    !matching.is_empty() && matching.iter().all(|action| is_way(action.name))
}
