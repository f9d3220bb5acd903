//! What is wrong with a policy that AWS takes: too broad, without effect, or open to others.
//!
//! `elements` looks at actions, resources and condition keys against what the services know,
//! `claims` at keys that no token has, `sets` at keys with several values, `breadth` at what is wider
//! than people mean, `trust` at which principals may assume a role.

mod breadth;
mod claims;
mod elements;
mod sets;
mod trust;

use std::ops::Range;

use attache_excerpt::{MAX_MESSAGE_BYTES, clip, position};
use serde::Serialize;

use crate::invalid::{Diagnostic, Severity};
use crate::{Invalid, Kind, Policy, limits};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth a thought.
    Note,
    /// Probably not what is meant.
    Warning,
    /// AWS refuses it.
    Error,
}

/// A rule that policies are checked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LintRule {
    /// Its name, which stays the same.
    pub id: &'static str,
    /// How bad it is to break it.
    pub level: Level,
    /// What it is about, in a sentence.
    pub about: &'static str,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What is wrong.
    pub message: String,
    /// Where it begins: the line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// Where it ends: the line, from 1.
    pub end_line: usize,
    /// The column in characters, from 1, after its last one.
    pub end_column: usize,
    /// The byte range in the text.
    pub span: Range<usize>,
    /// What would be better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

const INVALID: LintRule = rule("invalid", Level::Error, "AWS refuses the document");
const ODD: LintRule =
    rule("no-effect", Level::Warning, "AWS takes it, and it does not do what it seems to");
const SIZE: LintRule =
    rule("too-long", Level::Error, "The document is longer than AWS's quota for its kind");

const fn rule(id: &'static str, level: Level, about: &'static str) -> LintRule {
    LintRule { id, level, about }
}

/// All rules.
pub fn lint_rules() -> impl Iterator<Item = LintRule> {
    let own = [INVALID, ODD, SIZE];
    let others = elements::RULES
        .iter()
        .chain(claims::RULES)
        .chain(sets::RULES)
        .chain(breadth::RULES)
        .chain(trust::RULES);
    own.into_iter().chain(others.copied())
}

/// Reads a document and checks it, in the order of the text. A document that AWS refuses has the
/// reasons alone.
#[must_use]
pub fn check(text: &str, kind: Kind) -> Vec<Finding> {
    let mut found = Found { text, list: Vec::new() };
    match Policy::parse(text, kind) {
        Err(invalid) => found.refused(&invalid),
        Ok(policy) => {
            found.taken(policy.warnings());
            found.size(kind);
            elements::check(&policy, &mut found);
            claims::check(&policy, &mut found);
            sets::check(&policy, &mut found);
            breadth::check(&policy, &mut found);
            trust::check(&policy, &mut found);
        }
    }
    found.list.sort_by_key(|finding| (finding.span.start, std::cmp::Reverse(finding.level)));
    found.list
}

/// Findings under way.
struct Found<'t> {
    text: &'t str,
    list: Vec<Finding>,
}

impl Found<'_> {
    fn add(&mut self, rule: LintRule, at: &Range<usize>, message: impl Into<String>, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.put(rule.id, rule.level, at, &message.into(), help);
    }

    fn put(
        &mut self,
        rule: &'static str,
        level: Level,
        at: &Range<usize>,
        message: &str,
        help: Option<String>,
    ) {
        let (line, column) = position(self.text, at.start);
        let (end_line, end_column) = position(self.text, at.end);
        let span = at.clone();
        self.list.push(Finding {
            rule,
            level,
            message: clip(message, MAX_MESSAGE_BYTES),
            line,
            column,
            end_line,
            end_column,
            span,
            help: help.map(|help| clip(&help, MAX_MESSAGE_BYTES)),
        });
    }

    fn refused(&mut self, invalid: &Invalid) {
        self.taken(&invalid.diagnostics);
    }

    fn taken(&mut self, diagnostics: &[Diagnostic]) {
        for own in diagnostics {
            let rule = if own.severity == Severity::Error { INVALID } else { ODD };
            self.put(rule.id, rule.level, &own.span, &own.message, own.help.clone());
        }
    }

    fn size(&mut self, kind: Kind) {
        let size = limits::counted_size(self.text, kind);
        let Some(limit) = kind.default_size_limit().filter(|limit| size > *limit) else { return };
        let name = kind.with_article();
        let message = format!("it counts {size} characters; {name} may have {limit}");
        // An inline policy of a role may be longer than a managed one.
        let level = match kind {
            Kind::Identity if size <= limits::ROLE_INLINE_POLICIES => Level::Warning,
            _ => SIZE.level,
        };
        self.put(SIZE.id, level, &(0..0), &message, None);
    }
}
