//! What policies are checked by.

use serde::Serialize;

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
#[serde(rename_all = "camelCase")]
pub struct LintRule {
    /// Its name, which stays the same.
    pub id: &'static str,
    /// How bad it is at worst to break it.
    pub level: Level,
    /// What it is about, in a sentence.
    pub about: &'static str,
    /// The finding of IAM Access Analyzer that is the same: its type and its issue code.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html>.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_analyzer: Option<&'static str>,
}

pub(super) const fn rule(id: &'static str, level: Level, about: &'static str) -> LintRule {
    LintRule { id, level, about, access_analyzer: None }
}

impl LintRule {
    /// The same as this finding of Access Analyzer.
    pub(super) const fn same_as(self, access_analyzer: &'static str) -> Self {
        Self { access_analyzer: Some(access_analyzer), ..self }
    }
}
