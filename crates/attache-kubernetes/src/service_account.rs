//! A service account's name, and the subject that its tokens carry.

use attache_identifiers::{
    is_dns_label, is_dns_subdomain, namespace_and_name, service_account_subject,
};

use crate::ClusterError;

/// A Kubernetes service account: its namespace and its name.
///
/// ```
/// # use attache_kubernetes::ServiceAccount;
/// let account = ServiceAccount::new("causely", "causely-mediator").unwrap();
/// assert_eq!(account.subject(), "system:serviceaccount:causely:causely-mediator");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceAccount {
    namespace: String,
    name: String,
}

impl ServiceAccount {
    /// Reads a namespace and a name.
    ///
    /// # Errors
    /// When the namespace is no DNS label or the name no DNS subdomain.
    pub fn new(namespace: &str, name: &str) -> Result<Self, ClusterError> {
        let wrong = |what, text: &str, why| {
            Err(ClusterError::Name { what, text: text.chars().take(300).collect(), why })
        };
        if !is_dns_label(namespace) {
            let why = "it must be 1 to 63 of a-z, 0-9 and -, with a letter or digit at each end";
            return wrong("a namespace", namespace, why);
        }
        if !is_dns_subdomain(name) {
            let why =
                "it must be 1 to 253 of a-z, 0-9, - and ., with a letter or digit at each end";
            return wrong("a service account's name", name, why);
        }
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// Reads a token's subject, `system:serviceaccount:NAMESPACE:NAME`.
    ///
    /// # Errors
    /// When it is another kind of subject, or its parts are not names.
    pub fn from_subject(subject: &str) -> Result<Self, ClusterError> {
        let (namespace, name) = namespace_and_name(subject).ok_or_else(|| ClusterError::Name {
            what: "a service account's subject",
            text: subject.chars().take(300).collect(),
            why: "it must be system:serviceaccount:NAMESPACE:NAME",
        })?;
        Self::new(namespace, name)
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name within the namespace.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `sub` of the account's tokens.
    #[must_use]
    pub fn subject(&self) -> String {
        service_account_subject(&self.namespace, &self.name)
    }
}

/// Shown as `NAMESPACE/NAME`.
impl std::fmt::Display for ServiceAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
