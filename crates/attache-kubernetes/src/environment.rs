//! The environment that the identity webhook gives a pod, from which AWS's SDKs find the rest.

use std::path::PathBuf;

use attache_identifiers::{Region, RoleArn};

/// Where the webhook mounts the token in a container.
/// Source: <https://github.com/aws/amazon-eks-pod-identity-webhook>.
pub const MOUNTED_TOKEN_FILE: &str = "/var/run/secrets/eks.amazonaws.com/serviceaccount/token";

/// Where a container's credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// The service account's token, for a role of STS.
    WebIdentity {
        /// The annotation `role-arn`, as it was written: the original does not check it either.
        role: String,
        /// Where the container finds the token: [`MOUNTED_TOKEN_FILE`] in a cluster.
        token_file: String,
    },
    /// An agent on the node.
    Container {
        /// Where the agent answers.
        uri: String,
        /// Where the container finds the token for it.
        token_file: String,
    },
    /// A configuration file of AWS's SDKs, whose default profile has the rest.
    ConfigFile {
        /// Where the container finds it.
        path: String,
    },
}

/// What the webhook knows of a pod when it fills in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injection {
    /// Where its credentials come from.
    pub source: CredentialSource,
    /// The webhook's own region, if it was configured with one.
    pub region: Option<Region>,
    /// The annotation `sts-regional-endpoints`: use the region's own STS endpoint and not the global one,
    /// whose sessions opt-in regions do not take.
    pub regional_sts: bool,
}

impl CredentialSource {
    fn variables(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::WebIdentity { role, token_file } => vec![
                ("AWS_ROLE_ARN", role.clone()),
                ("AWS_WEB_IDENTITY_TOKEN_FILE", token_file.clone()),
            ],
            Self::Container { uri, token_file } => vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.clone()),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file.clone()),
            ],
            // Older SDKs for Go and JavaScript read the file only when they are told to.
            Self::ConfigFile { path } => {
                vec![("AWS_CONFIG_FILE", path.clone()), ("AWS_SDK_LOAD_CONFIG", "1".to_owned())]
            }
        }
    }

    /// The variables that say that a container has chosen its credentials itself. One of two without
    /// the other is no identity: a container that has either is left as it is.
    fn chosen_by(&self) -> &'static [&'static str] {
        match self {
            Self::WebIdentity { .. } => &["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"],
            Self::Container { .. } => {
                &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]
            }
            // A role in the environment stands before the file, and a profile is of another file.
            Self::ConfigFile { .. } => {
                &["AWS_CONFIG_FILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"]
            }
        }
    }
}

impl Injection {
    /// The variables to add to a container that has those in `present` already. None of those is
    /// changed; the region is added only where neither of its two names is there, and so are the role and
    /// its token, as the webhook's code has it.
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
        if !self.source.chosen_by().iter().any(|name| present.contains(name)) {
            added.extend(self.source.variables());
        }
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
    let token_file = token_file.into().to_string_lossy().into_owned();
    let source = CredentialSource::WebIdentity { role: role.to_string(), token_file };
    Injection { source, region: region.cloned(), regional_sts: true }.environment(&[])
}
