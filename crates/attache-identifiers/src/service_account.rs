//! The subject of a Kubernetes service account's tokens.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens>

/// What it begins with.
const PREFIX: &str = "system:serviceaccount:";

/// The `sub` of a service account's tokens. The names are not checked.
///
/// ```
/// # use attache_identifiers::service_account_subject;
/// let subject = service_account_subject("causely", "mediator");
/// assert_eq!(subject, "system:serviceaccount:causely:mediator");
/// ```
#[must_use]
pub fn service_account_subject(namespace: &str, name: &str) -> String {
    format!("{PREFIX}{namespace}:{name}")
}

/// What follows the prefix of a service account's subject, or of a pattern of such subjects; none for another
/// kind of subject.
#[must_use]
pub fn after_service_account_prefix(subject: &str) -> Option<&str> {
    subject.strip_prefix(PREFIX)
}

/// The namespace and the name of a service account's subject; none for another kind of subject.
///
/// ```
/// # use attache_identifiers::namespace_and_name;
/// let subject = "system:serviceaccount:causely:mediator";
/// assert_eq!(namespace_and_name(subject), Some(("causely", "mediator")));
/// assert_eq!(namespace_and_name("repo:o/r"), None);
/// ```
#[must_use]
pub fn namespace_and_name(subject: &str) -> Option<(&str, &str)> {
    after_service_account_prefix(subject)?.split_once(':')
}
