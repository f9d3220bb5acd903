//! Ways that there must not be.

use attache_identifiers::AccountId;
use attache_policy::Pattern;
use serde::{Deserialize, Serialize};

use crate::graph::Graph;
use crate::paths::{Path, Query};
use crate::{RulesError, Who};

/// Rules of a file: `[[deny]]` tables.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Each of them.
    #[serde(default)]
    deny: Vec<Rule>,
}

/// A way that there must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// Whose: a pattern of ARNs, of `issuer/namespace/name`, `service:NAME`, `account:ID` (anybody
    /// of it) or `anyone`.
    pub from: String,
    /// To which roles: a pattern of their ARNs.
    pub to: String,
    /// Who is excepted, written as `from` is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Only ways of at most so many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<usize>,
    /// Why not, for whoever reads that it is broken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A rule and a way that breaks it.
#[derive(Debug, Clone, Serialize)]
pub struct Broken {
    /// The rule.
    pub rule: Rule,
    /// The way.
    pub path: Path,
}

impl Rules {
    /// Reads a file's text.
    ///
    /// # Errors
    /// With its place, when it is no TOML or no rules.
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

    /// Why it is not known whether all of them hold, where no way that is seen breaks one: what the
    /// snapshot does not have, and roles of accounts that it does not cover which `to` may mean.
    #[must_use]
    pub fn unknown(&self, graph: &Graph<'_>) -> Vec<String> {
        let uncovered = |arn: &str| {
            let account = arn.split(':').nth(4).and_then(|id| AccountId::parse(id).ok());
            account.is_some_and(|id| !graph.snapshot.accounts.contains_key(&id))
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
                    "{} allows to assume {role}, whose account is not in the snapshot",
                    document.name
                ));
            }
        }
        unknown
    }

    /// Every way that breaks a rule, rule by rule.
    #[must_use]
    pub fn broken(&self, graph: &Graph<'_>) -> Vec<Broken> {
        let broken = |rule: &Rule| {
            let Rule { from, to, within, .. } = rule;
            let query = Query { from: Some(from), to: Some(to), longest: *within };
            let excepted = |path: &Path| rule.except.iter().any(|one| path.from.is_within(one));
            let paths = graph.paths(query).into_iter().filter(|path| !excepted(path));
            paths.map(|path| Broken { rule: rule.clone(), path }).collect::<Vec<_>>()
        };
        self.deny.iter().flat_map(broken).collect()
    }
}

impl Who {
    /// Whether a pattern may mean them. A trust policy's own pattern is meant where both take in
    /// somebody.
    #[must_use]
    pub fn is_meant(&self, pattern: &str) -> bool {
        if let Some(account) = pattern.strip_prefix("account:")
            && self.account().is_some_and(|own| Pattern::new(account).matches(&own.to_string()))
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

    /// Whether a pattern means them and nobody else is meant by what they are. A trust policy's own
    /// pattern is within another that takes its wildcards in as it takes any characters; only a `?`
    /// would take a star for less than it is.
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
