//! Which operation a REST call to EKS Auth is for, and its input.

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::call::Inbound;
use http::Method;

use crate::eks::route::{input, segments, unknown};
use crate::service::Routed;

/// A call to EKS Auth.
///
/// # Errors
/// When it cannot be read, or its path is no operation's.
pub(super) fn route(inbound: &Inbound) -> Result<Routed, ServiceError> {
    let segments = segments(inbound)?;
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (&inbound.method, parts.as_slice()) {
        (&Method::POST, ["clusters", name, "assume-role-for-pod-identity"]) => {
            let input = input(inbound, &[("clusterName", name)])?;
            Ok(Routed { operation: "AssumeRoleForPodIdentity".to_owned(), input })
        }
        _ => Err(unknown(inbound)),
    }
}
