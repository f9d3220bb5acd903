//! The names that stand in a policy's text, each of a form that means nothing in YAML or CEL.
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

use attache_identifiers::{LONGEST_DNS_SUBDOMAIN, is_dns_subdomain};

use crate::ClusterError;

/// The domain before the `/` of an annotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationDomain(String);

/// A label: `key=value`, as `kubectl -l` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    key: String,
    value: String,
}

/// Kubernetes': a label's name and its value.
const LONGEST_NAME: usize = 63;

impl AnnotationDomain {
    /// Reads a domain.
    ///
    /// # Errors
    /// When it is no DNS subdomain.
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        if is_dns_subdomain(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(wrong("a domain", text))
        }
    }

    /// That of what only Attaché does.
    #[must_use]
    pub fn attache() -> Self {
        Self("attache.dev".to_owned())
    }

    /// An annotation or a label in this domain: `eks.amazonaws.com/role-arn`.
    #[must_use]
    pub fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// That of EKS.
impl Default for AnnotationDomain {
    fn default() -> Self {
        Self("eks.amazonaws.com".to_owned())
    }
}

impl Label {
    /// Reads `[DOMAIN/]NAME=VALUE`.
    ///
    /// # Errors
    /// When it is no label.
    pub fn parse(text: &str) -> Result<Self, ClusterError> {
        let failed = || wrong("a label", text);
        let (key, value) = text.split_once('=').ok_or_else(failed)?;
        let (domain, name) = match key.split_once('/') {
            Some((domain, name)) => (Some(domain), name),
            None => (None, key),
        };
        let fits = domain.is_none_or(is_dns_subdomain)
            && is_name(name)
            && (value.is_empty() || is_name(value));
        if !fits {
            return Err(failed());
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned() })
    }

    /// What stands before the `=`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What stands after it.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl std::str::FromStr for AnnotationDomain {
    type Err = ClusterError;
    fn from_str(text: &str) -> Result<Self, ClusterError> {
        Self::parse(text)
    }
}

impl std::str::FromStr for Label {
    type Err = ClusterError;
    fn from_str(text: &str) -> Result<Self, ClusterError> {
        Self::parse(text)
    }
}

fn wrong(what: &'static str, text: &str) -> ClusterError {
    let why = if what == "a label" {
        "expected [DOMAIN/]NAME=VALUE of letters, digits, '-', '_' and '.'"
    } else {
        "expected small letters, digits, '-' and '.', such as eks.amazonaws.com"
    };
    ClusterError::Name { what, text: text.chars().take(LONGEST_DNS_SUBDOMAIN).collect(), why }
}

fn is_name(text: &str) -> bool {
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= LONGEST_NAME
        && ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}
