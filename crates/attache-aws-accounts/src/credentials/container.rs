//! The credentials of the container that this runs in.

use std::sync::Arc;

use aws_credential_types::Credentials;

use super::{NoCredentials, Provider};

/// What `AWS_CONTAINER_CREDENTIALS_FULL_URI`, or `..._RELATIVE_URI`, leads to: an EKS Pod Identity agent, `attache
/// agent`, Amazon ECS. Plain http only to a loopback address, 169.254.170.2, 169.254.170.23 and `fd00:ec2::23`, as the
/// SDKs have it. The token of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` is read anew for each request.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
#[derive(Debug, Clone)]
pub struct ContainerCredentials(pub(crate) Arc<Provider>);

impl ContainerCredentials {
    /// Those that were fetched last, or new ones where these end within a minute.
    ///
    /// # Errors
    /// [`NoCredentials`].
    pub async fn fetch(&self) -> Result<Credentials, Arc<NoCredentials>> {
        self.0.credentials().await
    }
}
