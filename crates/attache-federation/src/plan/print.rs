//! The parts of a plan as text: one mark a resource, one line a difference.

use std::fmt::{Display, Formatter, Result};

use super::change::{
    Action, Change, Difference, Finding, FindingLevel, Kind, PlannedStep, StepClass, StepWitness,
    Summary,
};

impl Action {
    /// The mark in front of a resource: `+`, `~`, `-`, `!`, or a space when nothing happens.
    #[must_use]
    pub fn mark(self) -> char {
        match self {
            Self::Create | Self::Attach => '+',
            Self::Update => '~',
            Self::Detach | Self::Delete | Self::Release => '-',
            Self::Unchanged | Self::Kept => ' ',
            Self::Blocked => '!',
        }
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Attach => "attach",
            Self::Detach => "detach",
            Self::Delete => "delete",
            Self::Release => "release",
            Self::Unchanged => "no change",
            Self::Kept => "keep",
            Self::Blocked => "blocked",
        })
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.pad(match self {
            Self::Provider => "OIDC provider",
            Self::Role => "role",
            Self::Association => "association",
            Self::ManagedPolicy => "policy",
            Self::InlinePolicy => "inline policy",
        })
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { resource, action, .. } = self;
        write!(f, "{} {action:<9} {:<13} {}", action.mark(), resource.kind, resource.name)?;
        if let Some(role) = &resource.role {
            write!(f, " on {role}")?;
        }
        match &self.note {
            Some(note) => write!(f, "  ({note})"),
            None => Ok(()),
        }
    }
}

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (&self.before, &self.after) {
            (None, Some(after)) => write!(f, "{}: {after}", self.field),
            (Some(before), None) => write!(f, "{}: {before} -> (none)", self.field),
            (before, after) => {
                let or_none = |value: &Option<String>| value.clone().unwrap_or("(none)".into());
                write!(f, "{}: {} -> {}", self.field, or_none(before), or_none(after))
            }
        }
    }
}

impl Display for PlannedStep {
    /// `widens: attach … to …: for example …`, on one line.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.class {
            StepClass::Creates | StepClass::NoWider => write!(f, "{}", self.what)?,
            StepClass::Widens => write!(f, "widens: {}", self.what)?,
            StepClass::Unknown => write!(f, "not known to be no wider: {}", self.what)?,
        }
        if let Some(reason) = &self.reason {
            write!(f, ": {reason}")?;
        }
        match &self.witness {
            Some(StepWitness::Request(request)) => write!(f, ": for example {request}"),
            Some(StepWitness::Words(words)) => write!(f, ": for example {words}"),
            None => Ok(()),
        }
    }
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let level = match self.level {
            FindingLevel::Error => "error",
            FindingLevel::Warning => "warning",
        };
        write!(f, "{level}: {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n        {help}"),
            None => Ok(()),
        }
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self { create, update, delete, unchanged: _, blocked } = self;
        if create + update + delete + blocked == 0 {
            return f.write_str("No changes.");
        }
        write!(f, "Plan: {create} to create, {update} to update, {delete} to delete.")?;
        match blocked {
            0 => Ok(()),
            1 => f.write_str(" 1 is blocked: it cannot be applied."),
            n => write!(f, " {n} are blocked: it cannot be applied."),
        }
    }
}
