//! Retries for IAM, which is eventually consistent: a role that was just created may not be found by the
//! next call, and concurrent changes may fail.

use std::time::Duration;

use crate::clients::Clients;
use crate::error::FederationError;

use super::operation::Operation;

/// Ours: the waits before each repetition, 15.5 s in all. AWS shows a new role everywhere within
/// some ten seconds. Throttling and lost connections are the SDK's to repeat.
const WAITS: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Errors that do not last. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>.
const RETRYABLE: [&str; 3] =
    ["ConcurrentModification", "EntityTemporarilyUnmodifiable", "ServiceFailure"];

pub(super) async fn with_retry(
    operation: &Operation,
    clients: &Clients,
) -> Result<(), FederationError> {
    for wait in WAITS {
        match operation.run(clients).await {
            Err(error) if is_retryable(operation, &error) => {
                tracing::info!(%operation, %error, ?wait, "waiting for IAM");
                tokio::time::sleep(wait).await;
            }
            ended => return ended,
        }
    }
    operation.run(clients).await
}

fn is_retryable(operation: &Operation, error: &FederationError) -> bool {
    let Some((code, message)) = error.refusal() else { return false };
    if RETRYABLE.contains(&code) {
        return true;
    }
    // A role that cannot be found was created by an earlier step; a policy that cannot be found has a
    // wrong name, and waiting does not help.
    let role = matches!(
        operation,
        Operation::Attach { .. } | Operation::PutInline { .. } | Operation::SetBoundary { .. }
    );
    role && code == "NoSuchEntity" && message.to_lowercase().contains("role")
}
