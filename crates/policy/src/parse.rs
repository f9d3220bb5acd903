//! From text to a policy, or to everything that is wrong with it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;

use crate::invalid::{Diagnostic, Invalid, Severity, place};
use crate::json::{self, Member, Node, Value};
use crate::operator::Operator;
use crate::rule::Rule;
use crate::statement::{Condition, Effect, Patterns, PrincipalKind, Principals, Statement, Text};

/// What a document is attached to, which decides its grammar and its say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Attached to a user, group or role, inline or managed.
    Identity,
    /// Attached to a resource.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// Given when a session begins.
    Session,
    /// An organization's service control policy.
    ServiceControl,
    /// An organization's resource control policy.
    ResourceControl,
}

impl Kind {
    /// As AWS names it in its refusals: `identity-based policy`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
        }
    }

    /// `an identity-based policy`, `a permissions boundary`.
    #[must_use]
    pub fn with_article(self) -> String {
        let article = if self == Self::Identity { "an" } else { "a" };
        format!("{article} {}", self.name())
    }

    pub(crate) const ALL: [Self; 7] = [
        Self::Identity,
        Self::Resource,
        Self::Trust,
        Self::Boundary,
        Self::Session,
        Self::ServiceControl,
        Self::ResourceControl,
    ];

    fn takes_principal(self) -> bool {
        matches!(self, Self::Resource | Self::Trust | Self::ResourceControl)
    }

    fn takes_resource(self) -> bool {
        self != Self::Trust
    }
}

/// A policy document that was read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) inner: Arc<Inner>,
    name: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Whether `${…}` are variables: in version 2012-10-17 alone.
    pub(crate) variables: bool,
    pub(crate) statements: Vec<Statement>,
    /// The statements compiled, in their order.
    pub(crate) rules: Vec<Rule>,
}

impl Policy {
    /// Reads a document of that kind.
    ///
    /// # Errors
    /// [`Invalid`] with every finding and its place, when it is not JSON or not a policy.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Invalid> {
        let mut reader = Reader { text, kind, found: Vec::new() };
        let node = match json::read(text) {
            Ok(node) => node,
            Err(not) => {
                let message = format!("this is not JSON: {}", not.why);
                reader.wrong(
                    &(not.at..not.at + 1),
                    message,
                    Some("This policy contains invalid Json"),
                );
                return Err(Invalid::new(text, reader.found));
            }
        };
        let (variables, statements) = reader.document(&node);
        if reader.found.iter().any(|d| d.severity == Severity::Error) {
            return Err(Invalid::new(text, reader.found));
        }
        let rules = statements.iter().map(|statement| Rule::new(statement, variables)).collect();
        let inner = Inner { text: text.to_owned(), kind, variables, statements, rules };
        Ok(Self { inner: Arc::new(inner), name: None })
    }

    /// Gives it the name that explanations show: a file, an ARN, an inline policy's name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into().into());
        self
    }

    /// The name that explanations show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The document as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Whether `${…}` are variables in it: in version 2012-10-17 they are.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.inner.variables
    }

    /// What it is attached to.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }
}

/// Ours: nobody reads more, and each costs a look through the text for its place.
const MOST_FINDINGS: usize = 100;

struct Reader<'t> {
    text: &'t str,
    kind: Kind,
    found: Vec<Diagnostic>,
}

const STATEMENT_NAMES: &[&str] = &[
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

impl Reader<'_> {
    fn wrong(
        &mut self,
        at: &std::ops::Range<usize>,
        message: impl Into<String>,
        aws: Option<&str>,
    ) {
        self.wrong_with_help(at, message, aws, None);
    }

    fn wrong_with_help(
        &mut self,
        at: &std::ops::Range<usize>,
        message: impl Into<String>,
        aws: Option<&str>,
        help: Option<String>,
    ) {
        if self.found.len() >= MOST_FINDINGS {
            return;
        }
        let (line, column) = place(self.text, at.start);
        self.found.push(Diagnostic {
            severity: Severity::Error,
            message: message.into(),
            line,
            column,
            span: at.clone(),
            aws: aws.map(str::to_owned),
            help,
        });
    }

    fn members<'n>(&mut self, node: &'n Node, known: &[&str], what: &str) -> &'n [Member] {
        let Value::Object(members) = &node.value else {
            self.wrong(&node.at, format!("{what} must be an object"), None);
            return &[];
        };
        let mut seen = HashSet::new();
        for member in members {
            if !seen.insert(member.key.as_str()) {
                self.wrong(&member.key_at, format!("{:?} is given twice", member.key), None);
            }
            if !known.is_empty() && !known.contains(&member.key.as_str()) {
                let near = known.iter().find(|k| k.eq_ignore_ascii_case(&member.key));
                let help = near.map(|near| format!("it is spelled {near}"));
                let message = format!("{:?} is no element of {what}", member.key);
                self.wrong_with_help(&member.key_at, message, None, help);
            }
        }
        members
    }

    fn document(&mut self, node: &Node) -> (bool, Vec<Statement>) {
        let members = self.members(node, &["Version", "Id", "Statement"], "a policy");
        let mut variables = false;
        let mut statements = Vec::new();
        for member in members {
            match (member.key.as_str(), &member.node.value) {
                ("Version", Value::String(version)) if version == "2012-10-17" => variables = true,
                ("Version", Value::String(version)) if version == "2008-10-17" => {}
                ("Version", _) => {
                    let message = "Version must be \"2012-10-17\" or \"2008-10-17\"";
                    self.wrong(&member.node.at, message, None);
                }
                ("Statement", Value::Array(list)) => {
                    statements = list.iter().filter_map(|n| self.statement(n)).collect();
                    if list.is_empty() {
                        self.wrong(&member.node.at, "a policy needs at least one statement", None);
                    }
                }
                ("Statement", _) => statements.extend(self.statement(&member.node)),
                ("Id", Value::String(_)) => {}
                ("Id", _) => self.wrong(&member.node.at, "Id must be text", None),
                _ => {}
            }
        }
        if matches!(node.value, Value::Object(_)) && !members.iter().any(|m| m.key == "Statement") {
            self.wrong(&node.at, "a policy needs a Statement", None);
        }
        (variables, statements)
    }

    fn statement(&mut self, node: &Node) -> Option<Statement> {
        let members = self.members(node, STATEMENT_NAMES, "a statement");
        let get = |name: &str| members.iter().find(|m| m.key == name);
        if !matches!(node.value, Value::Object(_)) {
            return None;
        }
        let effect = self.effect(node, get("Effect"));
        let actions = self.patterns(node, get("Action"), get("NotAction"), "Action");
        let principal = self.principals(node, get("Principal"), get("NotPrincipal"));
        let resources = if self.kind.takes_resource() {
            self.patterns(node, get("Resource"), get("NotResource"), "Resource")
        } else {
            if let Some(m) = get("Resource").or(get("NotResource")) {
                let aws = Some("Has prohibited field Resource");
                self.wrong(
                    &m.key_at,
                    "a trust policy takes no Resource: it is the role itself",
                    aws,
                );
            }
            None
        };
        for action in actions.iter().flat_map(|a| &a.list) {
            if action.text != "*" && !action.text.contains(':') {
                let message = format!("{:?} is no action: it must be service:Action", action.text);
                let aws =
                    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
                self.wrong(&action.at, message, Some(aws));
            }
        }
        for resource in resources.iter().flat_map(|r| &r.list) {
            let shaped = resource.text == "*"
                || resource.text.contains("${")
                || resource.text.starts_with("arn:") && resource.text.matches(':').count() >= 2;
            if !shaped {
                let message = format!("{:?} is neither an ARN nor *", resource.text);
                let aws = format!("Resource {} must be in ARN format or \"*\".", resource.text);
                self.wrong(&resource.at, message, Some(&aws));
            }
        }
        let sid = match get("Sid").map(|m| &m.node) {
            Some(Node { value: Value::String(sid), .. }) => Some(sid.clone()),
            Some(other) => {
                self.wrong(&other.at, "Sid must be text", None);
                None
            }
            None => None,
        };
        let conditions = get("Condition").map(|m| self.conditions(&m.node)).unwrap_or_default();
        Some(Statement {
            at: node.at.clone(),
            sid,
            effect: effect?,
            principal,
            actions: actions?,
            resources,
            conditions,
        })
    }

    fn effect(&mut self, node: &Node, member: Option<&Member>) -> Option<Effect> {
        let Some(member) = member else {
            self.wrong(
                &node.at,
                "a statement needs an Effect",
                Some("Missing required field Effect"),
            );
            return None;
        };
        match &member.node.value {
            Value::String(text) if text == "Allow" => Some(Effect::Allow),
            Value::String(text) if text == "Deny" => Some(Effect::Deny),
            Value::String(text) => {
                let aws = format!("Invalid effect: {text}");
                self.wrong(&member.node.at, "Effect must be Allow or Deny", Some(&aws));
                None
            }
            _ => {
                self.wrong(&member.node.at, "Effect must be Allow or Deny", None);
                None
            }
        }
    }

    fn patterns(
        &mut self,
        node: &Node,
        plain: Option<&Member>,
        negated: Option<&Member>,
        name: &str,
    ) -> Option<Patterns> {
        match (plain, negated) {
            (Some(_), Some(second)) => {
                let message = format!("a statement takes {name} or Not{name}, not both");
                self.wrong(&second.key_at, message, None);
                None
            }
            (Some(m), None) => Some(Patterns { negated: false, list: self.texts(&m.node, name) }),
            (None, Some(m)) => Some(Patterns { negated: true, list: self.texts(&m.node, name) }),
            (None, None) => {
                let aws = match name {
                    "Resource" => "Policy statement must contain resources.",
                    _ => "Policy statement must contain actions.",
                };
                self.wrong(&node.at, format!("a statement needs {name} or Not{name}"), Some(aws));
                None
            }
        }
    }

    fn texts(&mut self, node: &Node, what: &str) -> Vec<Text> {
        let one = |n: &Node| match &n.value {
            Value::String(text) | Value::Scalar(text) => {
                Some(Text { at: n.at.clone(), text: text.clone() })
            }
            _ => None,
        };
        let list: Vec<Option<Text>> = match &node.value {
            Value::Array(items) => items.iter().map(one).collect(),
            _ => vec![one(node)],
        };
        if list.is_empty() {
            self.wrong(&node.at, format!("{what} has no values"), None);
        }
        if list.iter().any(Option::is_none) {
            self.wrong(&node.at, format!("{what} must be text, or a list of texts"), None);
        }
        list.into_iter().flatten().collect()
    }

    fn principals(
        &mut self,
        node: &Node,
        plain: Option<&Member>,
        negated: Option<&Member>,
    ) -> Option<Principals> {
        let member = plain.or(negated);
        let Some(member) = member else {
            if self.kind.takes_principal() {
                let aws = Some("Missing required field Principal");
                self.wrong(&node.at, "a statement of this policy needs a Principal", aws);
            }
            return None;
        };
        if !self.kind.takes_principal() {
            let aws = Some("Policy document should not specify a principal.");
            let message = format!("a {} takes no Principal", self.kind.name());
            self.wrong(&member.key_at, message, aws);
            return None;
        }
        let negated = plain.is_none();
        if let Value::String(text) = &member.node.value {
            if text != "*" {
                self.wrong(&member.node.at, "Principal must be an object or \"*\"", None);
            }
            let all = Text { at: member.node.at.clone(), text: text.clone() };
            return Some(Principals { negated, list: vec![(PrincipalKind::Anyone, all)] });
        }
        let mut list = Vec::new();
        for m in self.members(
            &member.node,
            &["AWS", "Federated", "Service", "CanonicalUser"],
            "Principal",
        ) {
            let kind = match m.key.as_str() {
                "AWS" => PrincipalKind::Aws,
                "Federated" => PrincipalKind::Federated,
                "Service" => PrincipalKind::Service,
                _ => PrincipalKind::CanonicalUser,
            };
            list.extend(self.texts(&m.node, &m.key).into_iter().map(|text| (kind, text)));
        }
        Some(Principals { negated, list })
    }

    fn conditions(&mut self, node: &Node) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for m in self.members(node, &[], "Condition") {
            let operator = match Operator::parse(&m.key) {
                Ok(operator) => operator,
                Err(near) => {
                    let aws = format!("Invalid Condition type : {}", m.key);
                    let help = near.map(|near| format!("did you mean {near}?"));
                    let message = format!("{:?} is no condition operator", m.key);
                    self.wrong_with_help(&m.key_at, message, Some(&aws), help);
                    continue;
                }
            };
            for key in self.members(&m.node, &[], &m.key) {
                let values = self.texts(&key.node, &key.key);
                let key = Text { at: key.key_at.clone(), text: key.key.clone() };
                conditions.push(Condition { operator: operator.clone(), key, values });
            }
        }
        conditions
    }
}
