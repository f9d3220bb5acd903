//! How large a session token is.
//!
//! AWS has one limit for it since September 2026, and answers how much of it a token takes.
//! <https://aws.amazon.com/about-aws/whats-new/2026/09/aws-sts/>

use attache_identifiers::Secret;

/// AWS's: the bytes of the largest session token.
const LARGEST: usize = 4096;

/// `MinimumSessionTokenSize`, which met its shape: none is zero.
pub(super) fn minimum(requested: Option<i64>) -> usize {
    usize::try_from(requested.unwrap_or_default()).unwrap_or_default()
}

/// `SessionTokenSize`.
pub(super) fn size(token: &Secret) -> usize {
    token.expose().len()
}

/// `SessionTokenUtilization`, in percent. AWS compresses policies and tags, and this does not: where they
/// were measured by themselves it is at least that measure, and it is never more than all.
pub(super) fn utilization(token: &Secret, packed: Option<usize>) -> usize {
    let percent = (size(token) * 100 + LARGEST / 2) / LARGEST;
    percent.max(packed.unwrap_or_default()).min(100)
}
