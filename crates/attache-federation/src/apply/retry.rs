//! Retries for IAM, which is eventually consistent: a role that was just created may not be found by the
//! next call, and concurrent changes may fail. And for another run of the same federation at the same time.

use std::time::Duration;

use crate::clients::Clients;
use crate::error::FederationError;
use crate::observe;
use crate::plan::{differences, is_owned};

use super::association;
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
    owner: &str,
) -> Result<(), FederationError> {
    let mut pauses = clients.patience.pauses();
    let mut waits = WAITS.iter();
    loop {
        let error = match operation.run(clients).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if error.throttled() && pauses.rest().await {
            continue;
        }
        if done_already(operation, &error, clients, owner).await? {
            tracing::info!(%operation, "it was done already");
            return Ok(());
        }
        let Some(wait) = waits.next().filter(|_| is_retryable(operation, &error)) else {
            return Err(error);
        };
        tracing::info!(%operation, %error, ?wait, "waiting for IAM");
        tokio::time::sleep(*wait).await;
    }
}

/// Whether another run of the same federation, or an attempt whose answer was lost, has done it: what was to go
/// is gone, what was to be made is there, by this federation and as it is to be.
async fn done_already(
    operation: &Operation,
    error: &FederationError,
    clients: &Clients,
    owner: &str,
) -> Result<bool, FederationError> {
    match (operation, error.code()) {
        (
            Operation::Detach { .. }
            | Operation::DeleteInline { .. }
            | Operation::DeleteRole { .. }
            | Operation::DeleteProvider { .. }
            | Operation::RemoveBoundary { .. }
            | Operation::UntagRole { .. },
            Some("NoSuchEntity"),
        ) => Ok(true),
        (Operation::DeleteAssociation { .. }, Some(observe::NOT_FOUND)) => Ok(true),
        (Operation::UntagAssociation { .. }, Some("NotFoundException" | observe::NOT_FOUND)) => {
            Ok(true)
        }
        (Operation::CreateAssociation(new), Some("ResourceInUseException")) => {
            association::is_there(new, clients).await
        }
        (Operation::CreateRole(role), Some("EntityAlreadyExists")) => {
            let Some(found) = observe::role(clients, role.arn.name()).await? else {
                return Ok(false);
            };
            let ours = is_owned(&found.tags, owner) && found.arn == role.arn.to_string();
            Ok(ours && differences("", &found.trust, &role.trust).is_empty())
        }
        (Operation::CreateProvider(provider), Some("EntityAlreadyExists")) => {
            let Some(found) = observe::provider(clients, &provider.arn).await? else {
                return Ok(false);
            };
            let missing = provider.client_ids.iter().filter(|id| !found.client_ids.contains(*id));
            for client_id in missing {
                let (arn, client_id) = (provider.arn.clone(), client_id.clone());
                Operation::AddClientId { provider: arn, client_id }.run(clients).await?;
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn is_retryable(operation: &Operation, error: &FederationError) -> bool {
    let Some((code, message)) = error.refusal() else { return false };
    if RETRYABLE.contains(&code) {
        return true;
    }
    // EKS looks for the role that an earlier step created.
    let associates =
        matches!(operation, Operation::CreateAssociation(_) | Operation::UpdateAssociation { .. });
    if associates && code == "InvalidParameterException" {
        return message.to_lowercase().contains("does not exist");
    }
    // A role that cannot be found was created by an earlier step; a policy that cannot be found has a
    // wrong name, and waiting does not help.
    let role = matches!(
        operation,
        Operation::Attach { .. } | Operation::PutInline { .. } | Operation::SetBoundary { .. }
    );
    role && code == "NoSuchEntity" && message.to_lowercase().contains("role")
}
