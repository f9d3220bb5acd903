//! What each change does to an account.

use attache_identifiers::Arn;
use attache_policy::Kind;
use time::OffsetDateTime;

use super::{
    Account, ApplyError, Document, ManagedPolicy, OwnPolicies, Provider, ResourceKind, Role,
    Version,
};
use crate::PARTITION;
use crate::change::{Change, NewPolicy, NewRole, OwnPolicyChange, Tagged};
use crate::tags::Tags;

impl Account {
    /// Makes a change of this account.
    pub(super) fn apply(&mut self, at: OffsetDateTime, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::AccountOpened { .. } | Change::Whole(_) | Change::Organization(_) => {
                Err(ApplyError::Misdirected(ResourceKind::Account))
            }
            Change::Identity(change) => self.change_identity(at, change),
            Change::Eks(change) => self.change_cluster(at, change),
            Change::ProviderCreated { .. }
            | Change::ProviderDeleted { .. }
            | Change::ClientIdAdded { .. }
            | Change::ClientIdRemoved { .. }
            | Change::ThumbprintsSet { .. }
            | Change::IdentityPropagationSet { .. } => self.apply_to_provider(at, change),
            Change::RoleCreated(new) => self.create_role(at, new),
            Change::RoleDeleted { role, task } => {
                self.roles.remove(role).ok_or_else(|| ResourceKind::Role.missing(role))?;
                self.remember_deletion(task.as_ref());
                Ok(())
            }
            Change::PolicyCreated(new) => self.create_policy(at, new),
            Change::PolicyDeleted { arn } => {
                self.policies.remove(arn).map(drop).ok_or_else(|| ResourceKind::Policy.missing(arn))
            }
            Change::PolicyVersionCreated { arn, .. }
            | Change::PolicyVersionDeleted { arn, .. }
            | Change::PolicyDefaultSet { arn, .. } => {
                let policy =
                    self.policies.get_mut(arn).ok_or_else(|| ResourceKind::Policy.missing(arn))?;
                policy.apply(at, change)
            }
            Change::Tagged { on, tags, compared } => {
                self.tags_of(on)?.set(tags, *compared);
                Ok(())
            }
            Change::Untagged { on, keys, compared } => {
                self.tags_of(on)?.remove(keys, *compared);
                Ok(())
            }
            Change::RoleUpdated { role, .. }
            | Change::TrustSet { role, .. }
            | Change::InlinePolicySet { role, .. }
            | Change::InlinePolicyDeleted { role, .. }
            | Change::PolicyAttached { role, .. }
            | Change::PolicyDetached { role, .. }
            | Change::BoundarySet { role, .. }
            | Change::BoundaryRemoved { role } => self
                .roles
                .get_mut(role)
                .ok_or_else(|| ResourceKind::Role.missing(role))?
                .apply(change),
        }
    }

    fn apply_to_provider(&mut self, at: OffsetDateTime, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::ProviderCreated { url, client_ids, thumbprints, tags, propagation } => {
                let provider = Provider {
                    arn: Arn::oidc_provider(PARTITION, self.id, url).to_string(),
                    url: url.clone(),
                    client_ids: client_ids.clone(),
                    thumbprints: thumbprints.clone(),
                    created: at,
                    tags: Tags::from(tags.clone()),
                    propagation: propagation.clone(),
                };
                self.providers.insert(url.clone(), provider);
            }
            Change::ProviderDeleted { url } => {
                self.providers.remove(url).ok_or_else(|| ResourceKind::Provider.missing(url))?;
            }
            Change::ClientIdAdded { url, client_id } => {
                self.provider(url)?.client_ids.push(client_id.clone());
            }
            Change::ClientIdRemoved { url, client_id } => {
                self.provider(url)?.client_ids.retain(|own| own != client_id);
            }
            Change::ThumbprintsSet { url, thumbprints } => {
                self.provider(url)?.thumbprints.clone_from(thumbprints);
            }
            Change::IdentityPropagationSet { url, propagation } => {
                self.provider(url)?.propagation.clone_from(propagation);
            }
            _ => return Err(ApplyError::Misdirected(ResourceKind::Provider)),
        }
        Ok(())
    }

    fn provider(&mut self, url: &str) -> Result<&mut Provider, ApplyError> {
        self.providers.get_mut(url).ok_or_else(|| ResourceKind::Provider.missing(url))
    }

    fn tags_of(&mut self, on: &Tagged) -> Result<&mut Tags, ApplyError> {
        match on {
            Tagged::Provider(url) => self.provider(url).map(|provider| &mut provider.tags),
            Tagged::Role(name) => {
                let role =
                    self.roles.get_mut(name).ok_or_else(|| ResourceKind::Role.missing(name))?;
                Ok(&mut role.tags)
            }
            Tagged::User(name) => self.user(name).map(|user| &mut user.tags),
            Tagged::Profile(name) => {
                let own = self.profiles.get_mut(name);
                own.map(|profile| &mut profile.tags)
                    .ok_or_else(|| ResourceKind::InstanceProfile.missing(name))
            }
            Tagged::Policy(arn) => {
                let own = self.policies.get_mut(arn);
                own.map(|policy| &mut policy.tags).ok_or_else(|| ResourceKind::Policy.missing(arn))
            }
        }
    }

    fn create_role(&mut self, at: OffsetDateTime, new: &NewRole) -> Result<(), ApplyError> {
        let arn = Arn::role(PARTITION, self.id, &new.path, &new.name).to_string();
        let role = Role {
            name: new.name.clone(),
            path: new.path.clone(),
            id: new.id.clone(),
            trust: parse(&new.document, Kind::Trust, &arn)?,
            arn,
            created: at,
            description: new.description.clone(),
            max_session: new.max_session,
            policies: OwnPolicies { attached: new.attached.clone(), ..OwnPolicies::default() },
            boundary: new.boundary.clone(),
            tags: Tags::from(new.tags.clone()),
        };
        match self.roles.insert(new.name.clone(), Box::new(role)) {
            None => Ok(()),
            Some(_) => Err(ApplyError::Exists { kind: ResourceKind::Role, name: new.name.clone() }),
        }
    }

    fn create_policy(&mut self, at: OffsetDateTime, new: &NewPolicy) -> Result<(), ApplyError> {
        let arn = Arn::policy(PARTITION, self.id, &new.path, &new.name).to_string();
        let document = parse(&new.document, Kind::Identity, &arn)?;
        let policy = ManagedPolicy {
            name: new.name.clone(),
            path: new.path.clone(),
            id: new.id.clone(),
            arn: arn.clone(),
            description: new.description.clone(),
            created: at,
            updated: at,
            versions: vec![Version { number: 1, document, created: at }],
            default: 1,
            tags: Tags::from(new.tags.clone()),
        };
        match self.policies.insert(arn, policy) {
            None => Ok(()),
            Some(_) => {
                Err(ApplyError::Exists { kind: ResourceKind::Policy, name: new.name.clone() })
            }
        }
    }
}

impl Role {
    fn apply(&mut self, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::RoleUpdated { description, max_session, .. } => {
                if description.is_some() {
                    self.description.clone_from(description);
                }
                self.max_session = max_session.unwrap_or(self.max_session);
            }
            Change::TrustSet { document, .. } => {
                self.trust = parse(document, Kind::Trust, &self.arn)?;
            }
            Change::InlinePolicySet { name, document, .. } => {
                let (name, document) = (name.clone(), document.clone());
                let set = OwnPolicyChange::InlineSet { name, document };
                self.policies.apply(&set, &self.arn)?;
            }
            Change::InlinePolicyDeleted { name, .. } => {
                let deleted = OwnPolicyChange::InlineDeleted { name: name.clone() };
                self.policies.apply(&deleted, &self.arn)?;
            }
            Change::PolicyAttached { arn, .. } => {
                let attached = OwnPolicyChange::Attached { arn: arn.clone() };
                self.policies.apply(&attached, &self.arn)?;
            }
            Change::PolicyDetached { arn, .. } => {
                let detached = OwnPolicyChange::Detached { arn: arn.clone() };
                self.policies.apply(&detached, &self.arn)?;
            }
            Change::BoundarySet { arn, .. } => self.boundary = Some(arn.clone()),
            Change::BoundaryRemoved { .. } => self.boundary = None,
            _ => return Err(ApplyError::Misdirected(ResourceKind::Role)),
        }
        Ok(())
    }
}

impl ManagedPolicy {
    fn apply(&mut self, at: OffsetDateTime, change: &Change) -> Result<(), ApplyError> {
        match change {
            Change::PolicyVersionCreated { document, default, .. } => {
                let number = self.next_number();
                let document = parse(document, Kind::Identity, &self.arn)?;
                self.versions.push(Version { number, document, created: at });
                if *default {
                    self.default = number;
                }
            }
            Change::PolicyVersionDeleted { version, .. } => {
                self.versions.retain(|own| own.number != *version);
            }
            Change::PolicyDefaultSet { version, .. } => self.default = *version,
            _ => return Err(ApplyError::Misdirected(ResourceKind::Policy)),
        }
        self.updated = at;
        Ok(())
    }
}

/// Reads a document that was accepted once; `of` is what it belongs to, in explanations too.
pub(super) fn parse(text: &str, kind: Kind, of: &str) -> Result<Document, ApplyError> {
    Document::read(text, kind, of)
        .map_err(|source| ApplyError::Document { of: of.to_owned(), source })
}
