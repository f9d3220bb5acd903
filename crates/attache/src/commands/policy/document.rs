//! Reading a policy from a file whose kind may be given or guessed.

use std::path::Path;

use attache_policy::{Kind, Policy};
use clap::ValueEnum;

use crate::input;

/// A kind of policy, as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum KindName {
    /// Of a user, group or role.
    Identity,
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
            Self::Identity => Kind::Identity,
            Self::Resource => Kind::Resource,
            Self::Trust => Kind::Trust,
            Self::Boundary => Kind::Boundary,
            Self::Session => Kind::Session,
            Self::Scp => Kind::ServiceControl,
            Self::Rcp => Kind::ResourceControl,
        }
    }
}

/// A file's text and its name, as it is shown.
pub(super) struct Document {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) kind: Kind,
}

impl Document {
    /// Reads a file, or standard input for `-`.
    pub(super) fn open(file: &Path, kind: Option<KindName>) -> miette::Result<Self> {
        let text = input::text(file, input::MAX_POLICY_BYTES)?;
        let kind = kind.map_or_else(|| Kind::infer(&text), KindName::kind);
        let name = if file == Path::new("-") {
            "standard input".into()
        } else {
            file.display().to_string()
        };
        Ok(Self { name, text, kind })
    }

    /// The policy that it is.
    pub(super) fn policy(&self) -> miette::Result<Policy> {
        let policy = Policy::parse(&self.text, self.kind).map_err(|invalid| {
            let said = format!("{} is not a valid {}", self.name, self.kind.name());
            miette::Report::from(invalid).wrap_err(said)
        })?;
        Ok(policy.named(self.name.clone()))
    }
}
