//! Forbidden paths.

use attache_policy::Pattern;
use serde::{Deserialize, Serialize};

use crate::graph::Graph;
use crate::paths::{Path, Query};
use crate::principal::account_of;
use crate::{GraphPrincipal, RulesError};

/// Rules of a file: `[[deny]]` tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Each of them.
    #[serde(default)]
    deny: Vec<Rule>,
}

/// A forbidden path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Where it begins: a pattern of ARNs, of `issuer/namespace/name`, `service:NAME`, `account:ID` (any
    /// principal of it), `organization:ID` or `anyone`.
    pub from: String,
    /// Where it ends: a pattern of role ARNs.
    pub to: String,
    /// Principals that are excepted, written as `from` is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Only paths of at most so many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<usize>,
    /// The reason that is shown with a violation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A rule and a path that violates it.
#[derive(Debug, Clone, Serialize)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// The path.
    pub path: Path,
}

impl Rules {
    /// Reads a file's text.
    ///
    /// # Errors
    /// With its place, when it is not TOML or has no rules.
    pub fn parse(name: &str, text: &str) -> Result<Self, RulesError> {
        let file = name.to_owned();
        let rules: Self = match toml::from_str(text) {
            Ok(rules) => rules,
            Err(error) => return Err(RulesError::Toml { file, source: Box::new(error) }),
        };
        if rules.deny.is_empty() {
            return Err(RulesError::Empty { file });
        }
        Ok(rules)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.deny.len()
    }

    /// Whether there is none; a file always has one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.deny.is_empty()
    }

    /// Why it is not known whether all of them hold, where no path is found that violates one: what is
    /// missing from the snapshot, and roles of accounts outside it that `to` may match.
    #[must_use]
    pub fn unknown(&self, graph: &Graph<'_>) -> Vec<String> {
        let uncovered = |arn: &str| {
            account_of(arn).is_some_and(|id| !graph.snapshot.accounts.contains_key(&id))
        };
        let mut unknown = graph.unknown().to_vec();
        for rule in self.deny.iter().filter(|rule| uncovered(&rule.to)) {
            unknown.push(format!(
                "the account of the rule's to = {:?} is not in the snapshot",
                rule.to
            ));
        }
        for (document, role) in graph.snapshot.roles_that_may_be_assumed() {
            let meant = self.deny.iter().any(|rule| Pattern::new(&rule.to).matches(role));
            if meant && uncovered(role) {
                unknown.push(format!(
                    "{} allows assuming {role}, whose account is not in the snapshot",
                    document.name
                ));
            }
        }
        unknown
    }

    /// Every path that violates a rule, rule by rule.
    #[must_use]
    pub fn violations(&self, graph: &Graph<'_>) -> Vec<Violation> {
        let broken = |rule: &Rule| {
            let Rule { from, to, within, .. } = rule;
            let query = Query { from: Some(from), to: Some(to), longest: *within };
            let excepted = |path: &Path| rule.except.iter().any(|one| path.from.is_within(one));
            let paths = graph.paths(query).into_iter().filter(|path| !excepted(path));
            paths.map(|path| Violation { rule: rule.clone(), path }).collect::<Vec<_>>()
        };
        self.deny.iter().flat_map(broken).collect()
    }
}

impl GraphPrincipal {
    /// Whether a pattern may mean the principal. A trust policy's own pattern is meant where the two
    /// have a match in common.
    #[must_use]
    pub fn is_meant(&self, pattern: &str) -> bool {
        if let Some(account) = pattern.strip_prefix("account:")
            && self.account().is_some_and(|id| Pattern::new(account).matches(&id.to_string()))
        {
            return true;
        }
        match self {
            Self::Subject { pattern: true, .. } => {
                Pattern::new(pattern).intersects(&Pattern::new(&self.id()))
            }
            _ => Pattern::new(pattern).matches(&self.id()),
        }
    }

    /// Whether a pattern covers the principal whole. A trust policy's own pattern is within another
    /// whose wildcards match its own as they match any characters; only a `?` would match a star for
    /// less than it is.
    fn is_within(&self, pattern: &str) -> bool {
        match self {
            Self::Subject { pattern: true, .. } => {
                let id = self.id();
                id == pattern || !pattern.contains('?') && Pattern::new(pattern).matches(&id)
            }
            _ => self.is_meant(pattern),
        }
    }
}
