//! The names that Kubernetes takes for its objects.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names>

/// In characters: a DNS label.
pub const LONGEST_DNS_LABEL: usize = 63;
/// In characters: a DNS subdomain.
pub const LONGEST_DNS_SUBDOMAIN: usize = 253;

/// Whether a text is a DNS label as Kubernetes takes it (RFC 1123), such as a namespace's name: at most 63 of
/// `a-z`, `0-9` and `-`, with a letter or a digit at each end.
///
/// ```
/// # use attache_identifiers::is_dns_label;
/// assert!(is_dns_label("causely-1"));
/// assert!(!is_dns_label("a.b") && !is_dns_label("-a") && !is_dns_label("A") && !is_dns_label(""));
/// ```
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= LONGEST_DNS_LABEL && is_part(text)
}

/// Whether a text is a DNS subdomain as Kubernetes takes it (RFC 1123), such as a service account's name: at most
/// 253 characters, labels with `.` between them. Kubernetes does not limit each label.
///
/// ```
/// # use attache_identifiers::is_dns_subdomain;
/// assert!(is_dns_subdomain("eks.amazonaws.com") && is_dns_subdomain(&"a".repeat(253)));
/// assert!(!is_dns_subdomain("a..b") && !is_dns_subdomain(&"a".repeat(254)));
/// ```
#[must_use]
pub fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= LONGEST_DNS_SUBDOMAIN && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let ends = !text.starts_with('-') && !text.ends_with('-');
    !text.is_empty() && ends && text.bytes().all(legal)
}
