//! Which credentials a pod is to get, by what is known of its service account.

use super::chain::Chain;
use super::settings::DEFAULT_EXPIRATION;
use super::warnings::{Warnings, shown};
use super::{AccountAnnotations, MappedRoles, PodIdentities, Settings, expiration};
use attache_identifiers::RoleArn;

/// What is known of a pod's service account.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// Its annotations.
    pub account: &'a AccountAnnotations,
    /// The roles of the ConfigMap.
    pub mapped: &'a MappedRoles,
    /// The service accounts of the watched file.
    pub identities: &'a PodIdentities,
}

/// The credentials that a pod is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) kind: Kind,
    pub(super) audience: String,
    pub(super) regional_sts: bool,
    /// The token's life in seconds, before the pod's own annotation.
    pub(super) expiration: i64,
}

/// Where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    WebIdentity { role: String },
    Container,
    Chain(Chain),
}

impl Identity {
    /// The watched file wins, then the annotation, then the ConfigMap.
    pub(super) fn of(
        namespace: &str,
        name: &str,
        knowledge: Knowledge<'_>,
        settings: &Settings,
        warnings: &mut Warnings,
    ) -> Option<Self> {
        let account = Account { namespace, name, knowledge, settings };
        if knowledge.identities.has(namespace, name) {
            return Some(account.container(warnings));
        }
        account.annotated(warnings).or_else(|| account.mapped(warnings))
    }
}

struct Account<'a> {
    namespace: &'a str,
    name: &'a str,
    knowledge: Knowledge<'a>,
    settings: &'a Settings,
}

impl Account<'_> {
    fn shown(&self) -> String {
        format!("service account {}/{}", self.namespace, self.name)
    }

    fn annotated(&self, warnings: &mut Warnings) -> Option<Identity> {
        let role = self.knowledge.account.role()?;
        let kind = self.kind(role, warnings);
        let audience = self.knowledge.account.audience.as_deref();
        Some(Identity {
            kind,
            audience: audience.unwrap_or(&self.settings.audience).to_owned(),
            regional_sts: self.regional_sts(warnings),
            expiration: self.expiration(warnings),
        })
    }

    /// The role alone, or with a second one. A chain that cannot be written leaves the role alone: its pod
    /// can do less than it was to, and the warning says so.
    fn kind(&self, role: &str, warnings: &mut Warnings) -> Kind {
        if let Some(text) = self.knowledge.account.chain.as_deref() {
            let key = self.settings.own_domain.key("chain");
            match Chain::read(role, text) {
                Ok(chain) => return Kind::Chain(chain),
                Err(error) => warnings.add(format!(
                    "{}: {key} is passed over, and the pod gets the role alone: {error}",
                    self.shown()
                )),
            }
        }
        check_role(&self.shown(), &self.settings.domain.key("role-arn"), role, warnings);
        Kind::WebIdentity { role: role.to_owned() }
    }

    fn mapped(&self, warnings: &mut Warnings) -> Option<Identity> {
        let mapped = self.knowledge.mapped.of(self.namespace, self.name)?;
        check_role(&self.shown(), "RoleARN of the ConfigMap", &mapped.role, warnings);
        let seconds = mapped.token_expiration;
        let audience = Some(&mapped.audience).filter(|one| !one.is_empty());
        Some(Identity {
            kind: Kind::WebIdentity { role: mapped.role.clone() },
            audience: audience.unwrap_or(&self.settings.audience).clone(),
            regional_sts: mapped.regional_sts,
            // As the original: unchecked, 0 for the webhook's.
            expiration: if seconds == 0 { self.settings.token_expiration } else { seconds },
        })
    }

    /// The file has neither a life nor a kind of endpoint: both are the annotations' or the ConfigMap's.
    fn container(&self, warnings: &mut Warnings) -> Identity {
        let mapped = self.knowledge.mapped.exact(self.namespace, self.name);
        let (regional_sts, expiration) = match mapped {
            Some(mapped) if self.knowledge.account.is_empty() => {
                let seconds = Some(mapped.token_expiration).filter(|seconds| *seconds != 0);
                (mapped.regional_sts, seconds.unwrap_or(self.settings.token_expiration))
            }
            _ => (self.regional_sts(warnings), self.expiration(warnings)),
        };
        let audience = self.settings.container.audience.clone();
        Identity { kind: Kind::Container, audience, regional_sts, expiration }
    }

    /// What is no truth value, as Go reads one, counts as absent.
    fn regional_sts(&self, warnings: &mut Warnings) -> bool {
        match self.knowledge.account.regional_sts.as_deref() {
            None => self.settings.regional_sts,
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            Some(other) => {
                let key = self.settings.domain.key("sts-regional-endpoints");
                warnings.add(format!(
                    "{}: {key} is {}, neither true nor false: it is passed over",
                    self.shown(),
                    shown(other)
                ));
                self.settings.regional_sts
            }
        }
    }

    fn expiration(&self, warnings: &mut Warnings) -> i64 {
        let key = self.settings.domain.key("token-expiration");
        let text = self.knowledge.account.token_expiration.as_deref();
        let seconds = text.and_then(|text| expiration::read(text, &self.shown(), &key, warnings));
        seconds.unwrap_or(self.settings.token_expiration)
    }
}

/// The original logs a role that is none, and uses it all the same: here the client is told.
fn check_role(account: &str, what: &str, role: &str, warnings: &mut Warnings) {
    if RoleArn::parse(role).is_err() {
        warnings.add(format!(
            "{account}: {what} is {}, not the ARN of a role, and AWS will refuse it: expected \
             arn:aws:iam::ACCOUNT:role/NAME",
            shown(role)
        ));
    }
}

/// The original's bounds of the life of an agent's token for which nobody asked for another: pods that
/// began together do not renew together.
pub(super) fn jittered(expiration: i64, seed: u64) -> i64 {
    const SPREAD: u64 = 7_200;
    if expiration != DEFAULT_EXPIRATION {
        return expiration;
    }
    DEFAULT_EXPIRATION - i64::try_from(seed % (SPREAD + 1)).unwrap_or_default()
}
