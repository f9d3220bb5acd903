//! What EKS says when it refuses.

use attache_aws_protocol::ServiceError;

pub(crate) fn parameter(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "InvalidParameterException", message)
}

pub(crate) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new(404, "ResourceNotFoundException", message)
}

pub(crate) fn no_cluster(name: &str) -> ServiceError {
    not_found(format!("No cluster found for name: {name}."))
}

/// Our words: AWS's are not documented.
pub(super) fn no_association(id: &str) -> ServiceError {
    not_found(format!("No pod identity association found for ID: {id}."))
}

pub(super) fn no_addon(name: &str, cluster: &str) -> ServiceError {
    not_found(format!("No addon: {name} found in cluster: {cluster}"))
}

pub(super) fn in_use(id: &str) -> ServiceError {
    ServiceError::new(409, "ResourceInUseException", format!("Association already exists: {id}"))
}

/// As EKS says it for a role that is not there, whichever call brings it.
pub(super) fn no_role() -> ServiceError {
    parameter("Role provided in the request does not exist.")
}

pub(super) fn cross_account() -> ServiceError {
    ServiceError::new(403, "AccessDeniedException", "Cross-account pass role is not allowed.")
}

pub(super) fn too_many(limit: usize) -> ServiceError {
    let message =
        format!("The limit of {limit} pod identity associations of a cluster is reached.");
    ServiceError::new(400, "ResourceLimitExceededException", message)
}
