//! The environment that the identity webhook gives a pod, from which AWS's SDKs find the rest.

use std::path::PathBuf;

use attache_identifiers::{Region, RoleArn};

/// Where the webhook mounts the token in a container.
/// Source: <https://github.com/aws/amazon-eks-pod-identity-webhook>.
pub const MOUNTED_TOKEN_FILE: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/// What the webhook knows of a pod when it fills in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// The annotation `role-arn`.
    pub role: RoleArn,
    /// Where the container finds the token: [`MOUNTED_TOKEN_FILE`] in a cluster.
    pub token_file: PathBuf,
    /// The webhook's own region, if it was configured with one.
    pub region: Option<Region>,
    /// The annotation `sts-regional-endpoints`: use the region's own STS endpoint and not the global one,
    /// whose sessions opt-in regions do not take.
    pub regional_sts: bool,
}

impl Injection {
    /// The variables to add to a container that has those in `present` already. None of those is
    /// changed; the region is added only where neither of its two names is there.
    #[must_use]
    pub fn environment(&self, present: &[&str]) -> Vec<(String, String)> {
        let mut added = Vec::new();
        if self.regional_sts {
            added.push(("AWS_STS_REGIONAL_ENDPOINTS", "regional".to_owned()));
        }
        let regions = ["AWS_DEFAULT_REGION", "AWS_REGION"];
        if let Some(region) = &self.region
            && !regions.iter().any(|name| present.contains(name))
        {
            added.extend(regions.map(|name| (name, region.to_string())));
        }
        added.push(("AWS_ROLE_ARN", self.role.to_string()));
        let token_file = self.token_file.to_string_lossy().into_owned();
        added.push(("AWS_WEB_IDENTITY_TOKEN_FILE", token_file));
        let absent = added.into_iter().filter(|(name, _)| !present.contains(name));
        absent.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The environment of an injected pod with regional endpoints and nothing set before: what a
/// process outside a cluster needs to be that pod.
#[must_use]
pub fn pod_environment(
    role: &RoleArn,
    token_file: impl Into<PathBuf>,
    region: Option<&Region>,
) -> Vec<(String, String)> {
    let (role, region) = (role.clone(), region.cloned());
    Injection { role, token_file: token_file.into(), region, regional_sts: true }.environment(&[])
}
