//! What is wrong with a policy that AWS takes: too broad, without effect, or open to others.
//!
//! `elements` looks at actions, resources and condition keys against what the services know, `names`
//! at services and global keys, `arns` at wildcards in an ARN, `claims` at keys that no token has,
//! `sets` at keys with several values, `nulls` and `addresses` at conditions that decide nothing,
//! `breadth` and `passing` at what is wider than people mean, `sources` at services in the policies of
//! resources, `trust` at which principals may assume a role, `invisible` at characters that no editor
//! shows.

mod addresses;
mod arns;
mod breadth;
mod claims;
mod elements;
mod invisible;
mod names;
mod nulls;
mod passing;
mod rule;
mod sets;
mod sources;
mod trust;

use std::ops::Range;

use attache_excerpt::{MAX_MESSAGE_BYTES, clip, position};
use serde::Serialize;

use crate::invalid::{Diagnostic, Severity};
use crate::{IamDocument, Invalid, Kind, Policy, limits};
use rule::rule;
pub use rule::{Level, LintRule};

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
    /// The message of IAM's own `MalformedPolicyDocument`, where it refuses the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_message: Option<String>,
    /// The finding of IAM Access Analyzer that is the same: its type and its issue code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_analyzer: Option<&'static str>,
}

const INVALID: LintRule = rule("invalid", Level::Error, "AWS refuses the document");
const ODD: LintRule =
    rule("no-effect", Level::Warning, "AWS takes it, and it does not do what it seems to");
const SIZE: LintRule =
    rule("too-long", Level::Error, "The document is longer than AWS's quota for its kind");

/// All rules.
pub fn lint_rules() -> impl Iterator<Item = LintRule> {
    let own = [INVALID, ODD, SIZE];
    let others = elements::RULES
        .iter()
        .chain(names::RULES)
        .chain(arns::RULES)
        .chain(claims::RULES)
        .chain(sets::RULES)
        .chain(nulls::RULES)
        .chain(addresses::RULES)
        .chain(breadth::RULES)
        .chain(passing::RULES)
        .chain(sources::RULES)
        .chain(trust::RULES)
        .chain(invisible::RULES);
    own.into_iter().chain(others.copied())
}

/// Reads a document and checks it, in the order of the text. A document that AWS refuses has the
/// reasons alone: those for which it refuses to write a document of that kind, though it may be
/// there already.
#[must_use]
pub fn check(text: &str, kind: Kind) -> Vec<Finding> {
    match kind {
        Kind::Trust => check_as(text, IamDocument::TrustPolicy),
        Kind::Boundary => check_as(text, IamDocument::PermissionsBoundary),
        // Whether it is a managed or an inline policy is not known.
        _ => checked(text, kind, Policy::parse(text, kind)),
    }
}

/// The same, of what it is to be written as.
#[must_use]
pub fn check_as(text: &str, document: IamDocument) -> Vec<Finding> {
    checked(text, document.kind(), Policy::accept(text, document))
}

fn checked(text: &str, kind: Kind, read: Result<Policy, Invalid>) -> Vec<Finding> {
    let mut found = Found { text, list: Vec::new() };
    match read {
        Err(invalid) => found.diagnostics(&invalid.diagnostics),
        Ok(policy) => {
            found.diagnostics(policy.warnings());
            found.size(kind);
            for rules in [
                elements::check,
                names::check,
                arns::check,
                claims::check,
                sets::check,
                nulls::check,
                addresses::check,
                breadth::check,
                passing::check,
                sources::check,
                trust::check,
            ] {
                rules(&policy, &mut found);
            }
        }
    }
    invisible::check(text, &mut found);
    found.list.sort_by_key(|finding| (finding.span.start, std::cmp::Reverse(finding.level)));
    found.list
}

/// Findings under way.
struct Found<'t> {
    text: &'t str,
    list: Vec<Finding>,
}

impl Found<'_> {
    fn add(&mut self, rule: LintRule, at: &Range<usize>, message: impl AsRef<str>, help: &str) {
        self.add_at(rule, rule.level, at, message, help);
    }

    /// The same, where it is less bad than the rule's own level.
    fn add_at(
        &mut self,
        rule: LintRule,
        level: Level,
        at: &Range<usize>,
        message: impl AsRef<str>,
        help: &str,
    ) {
        let (line, column) = position(self.text, at.start);
        let (end_line, end_column) = position(self.text, at.end);
        let clip = |text: &str| clip(text, MAX_MESSAGE_BYTES);
        self.list.push(Finding {
            rule: rule.id,
            level,
            message: clip(message.as_ref()),
            line,
            column,
            end_line,
            end_column,
            span: at.clone(),
            help: (!help.is_empty()).then(|| clip(help)),
            aws_message: None,
            access_analyzer: rule.access_analyzer,
        });
    }

    fn diagnostics(&mut self, diagnostics: &[Diagnostic]) {
        for own in diagnostics {
            let rule = if own.severity == Severity::Error { INVALID } else { ODD };
            self.add(rule, &own.span, &own.message, own.help.as_deref().unwrap_or_default());
            if let Some(last) = self.list.last_mut() {
                last.aws_message.clone_from(&own.aws);
            }
        }
    }

    fn size(&mut self, kind: Kind) {
        let size = limits::counted_size(self.text, kind);
        let Some(limit) = kind.default_size_limit().filter(|limit| size > *limit) else { return };
        let message =
            format!("it counts {size} characters; {} may have {limit}", kind.with_article());
        let (level, help) = match kind {
            // AWS's own policies are longer than a customer's may be.
            Kind::Identity | Kind::Boundary => (
                Level::Note,
                "that is a customer's limit; AWS's own managed policies may be longer",
            ),
            Kind::Trust if size <= limits::TRUST_POLICY_RAISED => {
                (Level::Note, "an account can have its quota ACLSizePerRole raised")
            }
            _ => (SIZE.level, ""),
        };
        self.add_at(SIZE, level, &(0..0), message, help);
    }
}
