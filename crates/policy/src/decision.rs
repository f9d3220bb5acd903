//! What came of an evaluation.

use serde::Serialize;

use crate::{Explanation, Kind};

/// Allowed or denied, and by which kind of policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Every kind that had to allow did.
    Allowed {
        /// The kinds whose statements allowed.
        by: Vec<Kind>,
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

/// An outcome with its explanation.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    outcome: Outcome,
    explanation: Explanation,
}

impl Decision {
    pub(crate) fn new(outcome: Outcome, explanation: Explanation) -> Self {
        Self { outcome, explanation }
    }

    /// Allowed or denied.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether the request is allowed.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self.outcome, Outcome::Allowed { .. })
    }

    /// The statements that decided or came close, and what they lacked.
    #[must_use]
    pub fn explanation(&self) -> &Explanation {
        &self.explanation
    }
}
