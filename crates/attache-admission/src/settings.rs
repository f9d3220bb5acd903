//! What an operator chooses.

use attache_identifiers::Region;
use attache_kubernetes::admission::AnnotationDomain;

/// The original's: a token's life where nobody chose another, in seconds.
pub(super) const DEFAULT_EXPIRATION: i64 = 86_400;

/// What the webhook was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The domain of the annotations that EKS's users write.
    pub domain: AnnotationDomain,
    /// The domain of what only Attaché does.
    pub own_domain: AnnotationDomain,
    /// The region that a container gets which has none.
    pub region: Option<Region>,
    /// The audience of a token whose service account asks for no other.
    pub audience: String,
    /// Whether a service account that does not say so gets regional STS endpoints.
    pub regional_sts: bool,
    /// The life of a token for which nobody asks for another, in seconds.
    pub token_expiration: i64,
    /// Where the token is mounted.
    pub mount_path: String,
    /// The other way, for the service accounts of the watched file.
    pub container: ContainerCredentials,
    /// Namespaces whose pods are never touched: kube-system, and the webhook's own.
    pub left_alone: Vec<String>,
    /// What becomes of a pod whose service account could not be read.
    pub on_fault: OnFault,
}

/// EKS Pod Identity: the agent on the node gives the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerCredentials {
    /// The token's audience.
    pub audience: String,
    /// Where the token is mounted.
    pub mount_path: String,
    /// The volume's name.
    pub volume: String,
    /// The token's name in the volume.
    pub token_path: String,
    /// Where the agent answers.
    pub full_uri: String,
}

/// What becomes of a pod when the webhook itself fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFault {
    /// It is admitted as it is, with a warning.
    #[default]
    Admit,
    /// It is refused.
    Refuse,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            domain: AnnotationDomain::default(),
            own_domain: AnnotationDomain::attache(),
            region: None,
            audience: "sts.amazonaws.com".to_owned(),
            regional_sts: false,
            token_expiration: DEFAULT_EXPIRATION,
            mount_path: "/var/run/secrets/eks.amazonaws.com/serviceaccount".to_owned(),
            container: ContainerCredentials::default(),
            left_alone: vec!["kube-system".to_owned()],
            on_fault: OnFault::default(),
        }
    }
}

impl Default for ContainerCredentials {
    fn default() -> Self {
        Self {
            audience: "pods.eks.amazonaws.com".to_owned(),
            mount_path: "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount".to_owned(),
            volume: "eks-pod-identity-token".to_owned(),
            token_path: "eks-pod-identity-token".to_owned(),
            full_uri: "http://169.254.170.23/v1/credentials".to_owned(),
        }
    }
}

impl Settings {
    /// Whether the pods of a namespace are none of the webhook's.
    #[must_use]
    pub fn leaves_alone(&self, namespace: &str) -> bool {
        self.left_alone.iter().any(|one| one == namespace)
    }
}
