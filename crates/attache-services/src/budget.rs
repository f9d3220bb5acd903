//! What one call may cost.
//!
//! A simulation decides as often as its caller likes, over policies as large as its caller likes. So its
//! work is counted while it is done, and ends when it is too much or when its caller is gone.

use std::time::{Duration, Instant};

use attache_aws_protocol::ServiceError;
use tokio_util::sync::CancellationToken;

use crate::refusal::invalid_input;

/// How long a page is added to. Ours: IAM says of `MaxItems` that it "might return fewer results", and
/// a large answer has more pages.
const PAGE_TIME: Duration = Duration::from_millis(200);

/// How long one item of a page may take. Ours: everything that answers takes microseconds.
const MOST_TIME: Duration = Duration::from_millis(700);

/// The most bytes of one item of a page, about. Ours: an action's result on 5,000 resources has three
/// million.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// What is left of what a call may cost.
#[derive(Debug)]
pub struct Budget {
    started: Instant,
    gone: CancellationToken,
}

impl Budget {
    /// From now on; `gone` says when the caller no longer waits.
    pub fn begin(gone: CancellationToken) -> Self {
        Self { started: Instant::now(), gone }
    }

    /// Whether an answer in pages has to end with the page that it is at.
    pub(crate) fn page_is_full(&self) -> bool {
        self.started.elapsed() > PAGE_TIME
    }

    /// Checked between one decision and the next, with the bytes that the answer has so far.
    ///
    /// # Errors
    /// `InvalidInput` where it was too much. IAM's own word would be `PolicyEvaluation`, with status 500:
    /// clients try that again at once.
    pub(crate) fn check(&self, bytes: usize) -> Result<(), ServiceError> {
        if self.gone.is_cancelled() {
            return Err(invalid_input(
                "The caller closed the connection before the answer was made.",
            ));
        }
        if bytes > MOST_BYTES || self.started.elapsed() > MOST_TIME {
            return Err(Self::too_much());
        }
        Ok(())
    }

    /// The refusal of what costs too much.
    pub(crate) fn too_much() -> ServiceError {
        invalid_input(
            "The simulation is too large to be evaluated in one call. Simulate fewer resources, context \
             values or policies in each.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_when_its_caller_is_gone_or_its_answer_too_large() {
        let gone = CancellationToken::new();
        let budget = Budget::begin(gone.clone());
        assert_eq!(budget.check(MOST_BYTES), Ok(()));
        let too_large = budget.check(MOST_BYTES + 1).unwrap_err();
        assert_eq!((too_large.status, too_large.code.as_str()), (400, "InvalidInput"));
        gone.cancel();
        assert!(budget.check(0).unwrap_err().message.contains("closed the connection"));
    }
}
