//! The document around the statements: `Version`, `Id` and `Statement`.

use std::collections::HashSet;

use super::reader::{Reader, quoted};
use super::{IamDocument, Kind, aws_messages, sid, statement};
use crate::invalid::Diagnostic;
use crate::json::{Member, Node, Value};
use crate::syntax::Statement;

pub(crate) const ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

/// The elements beside the statements.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Head {
    pub(crate) version: Option<Version>,
    pub(crate) id: Option<String>,
}

/// The two versions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 2008-10-17, also where a document names none.
    Old,
    /// 2012-10-17, with variables.
    Current,
}

impl Version {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Old => "2008-10-17",
            Self::Current => "2012-10-17",
        }
    }
}

impl Head {
    pub(crate) fn has_variables(&self) -> bool {
        self.version == Some(Version::Current)
    }
}

pub(super) fn read(reader: &mut Reader, node: &Node) -> (Head, Vec<Statement>) {
    let Some(members) = reader.elements(node, ELEMENTS, "a policy") else {
        return (Head::default(), Vec::new());
    };
    let get = |name: &str| members.iter().find(|m| m.key == name);
    let inside = if get("Statement").is_none() { inside(members) } else { None };
    let version = match inside {
        Some(_) => None,
        None => version(reader, node, get("Version")),
    };
    if let Some(member) = get("Id").filter(|_| reader.kind.is_iam()) {
        let message =
            format!("{} has no Id: that is for policies of resources", reader.kind.with_article());
        reader.add(Diagnostic::warning(&member.key_at, message));
    }
    let id = get("Id").and_then(|m| match &m.node.value {
        Value::String(id) => Some(id.clone()),
        _ => {
            reader.syntax(&m.node, "Id must be text");
            None
        }
    });
    let head = Head { version, id };
    let statements = match get("Statement") {
        Some(member) => statements(reader, &member.node, head.has_variables()),
        None => {
            // Told by itself it would be a riddle: the document is a good one.
            let help = inside.map(|path| {
                format!("the policy is at {path}: give that alone, as `jq {path} FILE` prints it")
            });
            none(reader, node, "a policy needs a Statement", help);
            Vec::new()
        }
    };
    (head, statements)
}

fn version(reader: &mut Reader, node: &Node, member: Option<&Member>) -> Option<Version> {
    let version = match member.map(|m| (&m.node, &m.node.value)) {
        Some((_, Value::String(text))) if text == "2012-10-17" => return Some(Version::Current),
        Some((_, Value::String(text))) if text == "2008-10-17" => Some(Version::Old),
        None => None,
        Some((node, _)) => {
            let aws = match reader.kind {
                Kind::Trust => Some(aws_messages::TRUST_VERSION),
                _ => reader.syntax_wording(),
            };
            let message = "Version must be \"2012-10-17\" or \"2008-10-17\"";
            reader.add(Diagnostic::error(&node.at, message).aws_known(aws));
            return None;
        }
    };
    let at = member.map_or(node.at.start..node.at.start + 1, |m| m.node.at.clone());
    let help = Some("put \"Version\": \"2012-10-17\" first".to_owned());
    match reader.kind {
        Kind::ServiceControl | Kind::ResourceControl => {
            let message = format!("a {} must be of version 2012-10-17", reader.kind.name());
            reader.add(Diagnostic::error(&at, message).help(help));
        }
        Kind::Identity | Kind::Boundary if reader.written.is_some_and(IamDocument::is_managed) => {
            let message = "a managed policy must be of version 2012-10-17";
            reader.add(Diagnostic::error(&at, message).aws(aws_messages::VERSION).help(help));
        }
        // IAM takes them inline, and refuses them as managed policies: which one it will be is not known.
        Kind::Identity | Kind::Boundary => {
            let message =
                "as a managed policy it must be of version 2012-10-17; nor are there variables";
            let finding = Diagnostic::warning(&at, message);
            reader.add(finding.aws(aws_messages::VERSION).help(help));
        }
        Kind::Resource | Kind::Trust | Kind::Session => {}
    }
    version
}

fn statements(reader: &mut Reader, node: &Node, variables: bool) -> Vec<Statement> {
    let nodes = node.items();
    if nodes.is_empty() {
        none(reader, node, "a policy needs at least one statement", None);
    }
    let mut seen = HashSet::new();
    let mut statements = Vec::with_capacity(nodes.len());
    for node in nodes {
        let Some(members) = reader.elements(node, statement::ELEMENTS, "a statement") else {
            continue;
        };
        sid::check(reader, members, &mut seen);
        statements.extend(statement::read(reader, node, members, variables));
    }
    statements
}

/// Where a policy is inside what AWS answers around it: `get-policy-version`, `get-role`.
fn inside(members: &[Member]) -> Option<String> {
    members.iter().find_map(|member| {
        let Value::Object(own) = &member.node.value else { return None };
        if own.iter().any(|m| m.key == "Statement") {
            return Some(format!(".{}", member.key));
        }
        inside(own).map(|path| format!(".{}{path}", member.key))
    })
}

fn none(reader: &mut Reader, node: &Node, message: &str, help: Option<String>) {
    let aws = match reader.kind {
        Kind::Trust => Some(aws_messages::TRUST_STATEMENT),
        _ => reader.syntax_wording(),
    };
    reader.add(Diagnostic::error(&node.at, message).aws_known(aws).help(help));
}

/// Reports an element that may only be alone.
pub(super) fn not_both(reader: &mut Reader, second: &Member, name: &str) {
    let message = format!("a statement takes {name} or Not{name}, not both");
    let finding = Diagnostic::error(&second.key_at, message).aws_known(reader.syntax_wording());
    let help = format!("leave {} out, or make it a statement of its own", quoted(&second.key));
    reader.add(finding.help(Some(help)));
}
