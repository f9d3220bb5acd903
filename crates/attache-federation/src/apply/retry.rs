//! Patience with IAM, which is eventually consistent: a role that was just created may not be found
//! by the next call, and two changes at once may exclude each other.

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

/// Codes that go away by themselves. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency>.
const PASSING: [&str; 3] =
    ["ConcurrentModification", "EntityTemporarilyUnmodifiable", "ServiceFailure"];

pub(super) async fn patiently(
    operation: &Operation,
    clients: &Clients,
) -> Result<(), FederationError> {
    for wait in WAITS {
        match operation.run(clients).await {
            Err(error) if passes(operation, &error) => {
                tracing::info!(%operation, %error, ?wait, "waiting for IAM");
                tokio::time::sleep(wait).await;
            }
            ended => return ended,
        }
    }
    operation.run(clients).await
}

fn passes(operation: &Operation, error: &FederationError) -> bool {
    let Some((code, message)) = error.refusal() else { return false };
    if PASSING.contains(&code) {
        return true;
    }
    // The role that cannot be found is the one of an earlier step; a policy that cannot be found
    // is a wrong name, and waiting does not make it right.
    let role = matches!(
        operation,
        Operation::Attach { .. } | Operation::PutInline { .. } | Operation::SetBoundary { .. }
    );
    role && code == "NoSuchEntity" && message.to_lowercase().contains("role")
}
