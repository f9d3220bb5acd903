//! Findings that a person has looked at, each with the reason why it may stay.

use std::path::Path;

use attache_policy::{Finding, Pattern, lint_rules};
use miette::{IntoDiagnostic, WrapErr, miette};
use serde::Deserialize;

use crate::input;

/// The entries of a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Silences {
    #[serde(default, rename = "silence")]
    list: Vec<Silence>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Silence {
    rule: String,
    file: Option<String>,
    contains: Option<String>,
    reason: String,
    #[serde(skip)]
    used: bool,
}

impl Silences {
    /// Reads a file; each entry names a rule that there is, and has a reason.
    pub(super) fn read(file: &Path) -> miette::Result<Self> {
        let text = input::text(file, input::MAX_DOCUMENT_BYTES)?;
        let silences: Self = toml::from_str(&text).into_diagnostic().wrap_err_with(|| {
            format!("could not read {} as findings to silence", file.display())
        })?;
        let wrong = silences.list.iter().find_map(|own| Some((own, own.wrong()?)));
        match wrong {
            Some((own, why)) => Err(miette!(
                help = "attache policy check --rules lists the rules",
                "the entry for {:?} in {} {why}",
                own.rule,
                file.display()
            )),
            None => Ok(silences),
        }
    }

    /// Why a finding is silenced, if it is.
    pub(super) fn reason(&mut self, file: &str, text: &str, finding: &Finding) -> Option<String> {
        let own = self.list.iter_mut().find(|own| own.is_about(file, text, finding))?;
        own.used = true;
        Some(own.reason.clone())
    }

    /// The entries that silenced nothing: what they were about is gone.
    pub(super) fn unused(&self) -> impl Iterator<Item = String> {
        let unused = self.list.iter().filter(|own| !own.used);
        unused.map(|own| format!("nothing was found that {:?} silences ({})", own.rule, own.reason))
    }
}

impl Silence {
    fn wrong(&self) -> Option<&'static str> {
        if self.reason.trim().is_empty() {
            return Some("has no reason");
        }
        // What AWS refuses stays refused.
        if self.rule == "invalid" {
            return Some("cannot be: AWS refuses the document, whatever the reason");
        }
        let known = lint_rules().any(|rule| rule.id == self.rule);
        (!known).then_some("names no rule")
    }

    fn is_about(&self, file: &str, text: &str, finding: &Finding) -> bool {
        let place = text.get(finding.span.clone()).unwrap_or_default();
        let has = |text: &String| place.contains(text) || finding.message.contains(text);
        self.rule == finding.rule
            && self.file.as_ref().is_none_or(|pattern| Pattern::new(pattern).matches(file))
            && self.contains.as_ref().is_none_or(has)
    }
}
