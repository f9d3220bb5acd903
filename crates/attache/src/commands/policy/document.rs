//! Reading a policy from a file whose kind may be given or guessed.

use std::path::Path;

use attache_policy::{Embedded, IamDocument, Kind, Policy, embedded_documents};
use clap::ValueEnum;
use miette::miette;

use crate::input;

/// A kind of policy, as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    /// Of a user, group or role.
    Identity,
    /// A managed policy, whose version has to be 2012-10-17.
    Managed,
    /// An inline policy of a user, group or role.
    Inline,
    /// Of a bucket, a queue, a key.
    Resource,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// An organization's service control policy.
    Scp,
    /// An organization's resource control policy.
    Rcp,
}

impl KindName {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Identity | Self::Managed | Self::Inline => Kind::Identity,
            Self::Resource => Kind::Resource,
            Self::Trust => Kind::Trust,
            Self::Boundary => Kind::Boundary,
            Self::Session => Kind::Session,
            Self::Scp => Kind::ServiceControl,
            Self::Rcp => Kind::ResourceControl,
        }
    }

    fn written_as(self) -> Option<IamDocument> {
        match self {
            Self::Managed => Some(IamDocument::ManagedPolicy),
            Self::Inline => Some(IamDocument::InlinePolicy),
            _ => None,
        }
    }
}

/// A policy's text and its name, as it is shown.
pub(super) struct Document {
    pub(super) name: String,
    pub(super) text: String,
    /// Where it begins in its file: line and column, from 1.
    pub(super) at: (usize, usize),
    pub(super) kind: Kind,
    /// As what it is to be written, where `--kind` says so.
    pub(super) written_as: Option<IamDocument>,
    /// Whether the kind is a guess.
    pub(super) is_inferred: bool,
}

impl Document {
    /// Reads a file, or standard input for `-`, which has one policy.
    pub(super) fn open(file: &Path, kind: Option<KindName>) -> miette::Result<Self> {
        let mut all = Self::open_all(file, kind)?;
        let count = all.len();
        match all.pop().filter(|_| count == 1) {
            Some(only) => Ok(only),
            None => Err(miette!(
                help = "give the one alone, as jq prints it",
                "{} has {count} policies",
                file.display()
            )),
        }
    }

    /// The policy of a file, or those inside what AWS answers around them.
    pub(super) fn open_all(file: &Path, kind: Option<KindName>) -> miette::Result<Vec<Self>> {
        let text = input::text(file, input::MAX_POLICY_BYTES)?;
        let name = match file.to_str() {
            Some("-") => "standard input".to_owned(),
            _ => file.display().to_string(),
        };
        let inside = embedded_documents(&text);
        if inside.is_empty() {
            return Ok(vec![Self::new(name, text, (1, 1), None, kind)]);
        }
        let one = inside.len() == 1;
        let document = |own: Embedded| {
            let name = if one { name.clone() } else { format!("{name} ({})", own.path) };
            Self::new(name, own.text, (own.line, own.column), own.kind, kind)
        };
        Ok(inside.into_iter().map(document).collect())
    }

    fn new(
        name: String,
        text: String,
        at: (usize, usize),
        known: Option<Kind>,
        given: Option<KindName>,
    ) -> Self {
        let is_inferred = given.is_none() && known.is_none();
        let inferred = || known.unwrap_or_else(|| Kind::infer(&text));
        let kind = given.map_or_else(inferred, KindName::kind);
        let written_as = given.and_then(KindName::written_as);
        Self { name, text, at, kind, written_as, is_inferred }
    }

    /// The policy that it is.
    pub(super) fn policy(&self) -> miette::Result<Policy> {
        input::policy(&[&*blank(self.at), &*self.text].concat(), &self.name, self.kind)
    }
}

/// What stands for the text before a document, so that its places are those of its file.
pub(super) fn blank((line, column): (usize, usize)) -> String {
    "\n".repeat(line.saturating_sub(1)) + &" ".repeat(column.saturating_sub(1))
}
