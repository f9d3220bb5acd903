//! A policy as text again: its elements in AWS's order, one value without its list.
//!
//! What is printed reads as an equal policy. Numbers and bools come out as text, as they are
//! compared.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::Policy;
use crate::syntax::{Condition, Effect, Patterns, PrincipalKind, Principals, Statement, Text};

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let printed = serde_json::to_string_pretty(&Document(self)).map_err(|_| fmt::Error)?;
        f.write_str(&printed)
    }
}

struct Document<'p>(&'p Policy);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = &self.0.inner;
        let mut map = serializer.serialize_map(None)?;
        if let Some(version) = inner.head.version {
            map.serialize_entry("Version", version.name())?;
        }
        if let Some(id) = &inner.head.id {
            map.serialize_entry("Id", id)?;
        }
        let statements: Vec<_> = inner.statements.iter().map(Printed).collect();
        map.serialize_entry("Statement", &statements)?;
        map.end()
    }
}

/// The text of a document of the current version with these statements.
pub(crate) fn document(statements: &[Statement]) -> String {
    let statements: Vec<_> = statements.iter().map(Printed).collect();
    serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A part of the policy, as it is printed.
struct Printed<'p, T: ?Sized>(&'p T);

impl Serialize for Printed<'_, Statement> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let statement = self.0;
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = &statement.sid {
            map.serialize_entry("Sid", sid)?;
        }
        let effect = match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        map.serialize_entry("Effect", effect)?;
        if let Some(principal) = &statement.principal {
            let name = if principal.negated { "NotPrincipal" } else { "Principal" };
            map.serialize_entry(name, &Printed(principal))?;
        }
        patterns(&mut map, &statement.actions, "Action", "NotAction")?;
        if let Some(resources) = &statement.resources {
            patterns(&mut map, resources, "Resource", "NotResource")?;
        }
        if !statement.conditions.is_empty() {
            map.serialize_entry("Condition", &Printed(statement.conditions.as_slice()))?;
        }
        map.end()
    }
}

fn patterns<M: SerializeMap>(
    map: &mut M,
    patterns: &Patterns,
    plain: &str,
    negated: &str,
) -> Result<(), M::Error> {
    let name = if patterns.negated { negated } else { plain };
    let list: Vec<_> = patterns.list.iter().collect();
    map.serialize_entry(name, &Printed(list.as_slice()))
}

impl Serialize for Printed<'_, [&Text]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => serializer.serialize_str(&one.text),
            list => serializer.collect_seq(list.iter().map(|text| &text.text)),
        }
    }
}

impl Serialize for Printed<'_, Principals> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let [(PrincipalKind::Anyone, all)] = self.0.list.as_slice() {
            return serializer.serialize_str(&all.text);
        }
        let mut map = serializer.serialize_map(None)?;
        for kind in self.0.list.chunk_by(|a, b| a.0 == b.0) {
            let name = match kind.first() {
                Some((PrincipalKind::Federated, _)) => "Federated",
                Some((PrincipalKind::Service, _)) => "Service",
                Some((PrincipalKind::CanonicalUser, _)) => "CanonicalUser",
                _ => "AWS",
            };
            let list: Vec<_> = kind.iter().map(|(_, text)| text).collect();
            map.serialize_entry(name, &Printed(list.as_slice()))?;
        }
        map.end()
    }
}

impl Serialize for Printed<'_, [Condition]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for block in self.0.chunk_by(|a, b| a.operator.name == b.operator.name) {
            if let Some(first) = block.first() {
                map.serialize_entry(&first.operator.name, &Block(block))?;
            }
        }
        map.end()
    }
}

/// The conditions of one operator.
struct Block<'p>(&'p [Condition]);

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for condition in self.0 {
            let values: Vec<_> = condition.values.iter().collect();
            map.serialize_entry(&condition.key.text, &Printed(values.as_slice()))?;
        }
        map.end()
    }
}
