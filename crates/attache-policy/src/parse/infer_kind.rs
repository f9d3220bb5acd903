//! The kind of a document, inferred from its elements.

use super::{Kind, action};
use crate::json::{self, Member, Node, Value};

impl Kind {
    /// The kind that a document is most likely of. With principals it is a trust policy if all its
    /// actions are of STS and no statement has a resource; also where one has, if its actions are
    /// ways to become a role and its principals are named: such a policy is a trust policy with one
    /// element too many, and hardly a VPC endpoint's. Otherwise it is a resource's policy. Without
    /// principals it is an identity's. What cannot be read is an identity's too.
    #[must_use]
    pub fn infer(text: &str) -> Self {
        let Ok(document) = json::read(text) else { return Self::Identity };
        let Some(statements) = member(&document, &["Statement"]).map(Node::items) else {
            return Self::Identity;
        };
        let has = |names: &[&str]| statements.iter().any(|own| member(own, names).is_some());
        if !has(&["Principal", "NotPrincipal"]) {
            return Self::Identity;
        }
        let all = |is: fn(&str) -> bool| {
            statements
                .iter()
                .all(|own| member(own, &["Action"]).is_some_and(|actions| texts(actions).all(is)))
        };
        let trusts = match has(&["Resource", "NotResource"]) {
            false => all(of_sts),
            true => all(action::assumes) && statements.iter().all(names_principals),
        };
        if trusts { Self::Trust } else { Self::Resource }
    }
}

fn of_sts(action: &str) -> bool {
    action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}

/// Whether a statement's principals are others than everybody.
fn names_principals(statement: &Node) -> bool {
    match member(statement, &["Principal"]).map(|own| &own.value) {
        Some(Value::Object(kinds)) => {
            let named = |own: &Member| texts(&own.node).any(|name| name != "*");
            kinds.iter().any(named)
        }
        _ => false,
    }
}

fn member<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Node> {
    let Value::Object(members) = &node.value else { return None };
    let found = members.iter().find(|Member { key, .. }| names.contains(&key.as_str()));
    found.map(|member| &member.node)
}

fn texts(node: &Node) -> impl Iterator<Item = &str> {
    node.items().iter().filter_map(|item| match &item.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    })
}
