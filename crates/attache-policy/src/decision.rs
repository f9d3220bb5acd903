//! What came of an evaluation.

use serde::{Serialize, Serializer};

use crate::effective_policies::BoundPolicies;
use crate::{Explanation, Kind, Request, explain};

/// Allowed or denied, and by which kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Every kind that had to allow did.
    Allowed {
        /// The kinds whose statements allowed.
        by: Kinds,
    },
    /// Refused.
    Denied(Denial),
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "why", content = "kind")]
pub enum Denial {
    /// A Deny statement of that kind matched.
    Explicit(Kind),
    /// No statement of that kind allowed, and one had to.
    Implicit(Kind),
}

/// Some of the kinds of policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    pub(crate) fn of(kind: Kind) -> Self {
        let mut kinds = Self::default();
        kinds.add(kind);
        kinds
    }

    pub(crate) fn add(&mut self, kind: Kind) {
        self.0 |= 1 << kind as u8;
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    /// Each of them, in the order of [`Kind`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

impl Serialize for Kinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// An outcome, and what it takes to explain it.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'p> {
    outcome: Outcome,
    sets: BoundPolicies<'p>,
    request: &'p Request,
}

impl<'p> Decision<'p> {
    pub(crate) fn new(outcome: Outcome, sets: BoundPolicies<'p>, request: &'p Request) -> Self {
        Self { outcome, sets, request }
    }

    /// Allowed or denied.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self.outcome, Outcome::Allowed { .. })
    }

    /// The statements that decided or came close, and what they lacked. Written when it is asked
    /// for: it costs far more than the decision.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        explain::explain(self.outcome, self.sets, self.request)
    }

    /// The explanation as text, for a caller that keeps only that.
    #[must_use]
    pub fn reason(&self) -> String {
        match self.outcome {
            Outcome::Allowed { by } => explain::allowed(by, self.sets, self.request),
            Outcome::Denied(_) => self.explain().to_string(),
        }
    }
}
