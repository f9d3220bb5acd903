//! The right that a call needs, as RBAC names it.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources>

use std::fmt::{Display, Formatter};

/// A verb on a resource: `get` on `secrets/aws-secret` in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    verb: &'static str,
    /// `secrets`; or a path such as `/openid/v1/jwks`.
    resource: &'static str,
    subresource: Option<&'static str>,
    name: Option<String>,
    namespace: Option<String>,
}

impl Access {
    /// A verb on all of a resource, in all namespaces.
    pub(crate) fn to(verb: &'static str, resource: &'static str) -> Self {
        Self { verb, resource, subresource: None, name: None, namespace: None }
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    pub(crate) fn within(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    pub(crate) fn subresource(mut self, name: &'static str) -> Self {
        self.subresource = Some(name);
        self
    }

    /// The verb: `create`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        self.verb
    }

    /// The resource as a rule of a Role names it: `serviceaccounts/token`.
    #[must_use]
    pub fn resource(&self) -> String {
        match self.subresource {
            Some(part) => format!("{}/{part}", self.resource),
            None => self.resource.to_owned(),
        }
    }

    /// What `kubectl` is given to ask whether it is allowed: `auth can-i get secrets/aws-secret -n causely`.
    #[must_use]
    pub fn can_i(&self) -> Vec<String> {
        let object = match &self.name {
            Some(name) => format!("{}/{name}", self.resource),
            None => self.resource.to_owned(),
        };
        let mut words = vec!["auth".to_owned(), "can-i".to_owned(), self.verb.to_owned(), object];
        words.extend(self.subresource.map(|part| format!("--subresource={part}")));
        if let Some(namespace) = &self.namespace {
            words.extend(["-n".to_owned(), namespace.clone()]);
        }
        words
    }
}

/// `create serviceaccounts/token causely-mediator in the namespace causely`.
impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.verb, self.resource())?;
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        match &self.namespace {
            Some(namespace) => write!(f, " in the namespace {namespace}"),
            None => Ok(()),
        }
    }
}
