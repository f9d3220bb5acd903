//! The kind of a document, inferred from its elements.

use super::Kind;
use crate::json::{self, Member, Node, Value};

impl Kind {
    /// The kind that a document is most likely of. With principals it is a trust policy if all its
    /// actions are of STS and no statement has a resource, and a resource's policy otherwise;
    /// without principals it is an identity's. What cannot be read is an identity's too.
    #[must_use]
    pub fn infer(text: &str) -> Self {
        let Ok(document) = json::read(text) else { return Self::Identity };
        let statements = match member(&document, &["Statement"]) {
            Some(Node { value: Value::Array(list), .. }) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => return Self::Identity,
        };
        let has = |names: &[&str]| statements.iter().any(|own| member(own, names).is_some());
        if !has(&["Principal", "NotPrincipal"]) {
            return Self::Identity;
        }
        let trusts = statements
            .iter()
            .all(|own| member(own, &["Action"]).is_some_and(|actions| texts(actions).all(of_sts)));
        if trusts && !has(&["Resource", "NotResource"]) { Self::Trust } else { Self::Resource }
    }
}

fn of_sts(action: &str) -> bool {
    action.get(..4).is_some_and(|service| service.eq_ignore_ascii_case("sts:"))
}

fn member<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Node> {
    let Value::Object(members) = &node.value else { return None };
    let found = members.iter().find(|Member { key, .. }| names.contains(&key.as_str()));
    found.map(|member| &member.node)
}

fn texts(node: &Node) -> impl Iterator<Item = &str> {
    let list = match &node.value {
        Value::Array(list) => list.as_slice(),
        _ => std::slice::from_ref(node),
    };
    list.iter().filter_map(|item| match &item.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    })
}
