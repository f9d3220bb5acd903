//! What each change does to an organization.

use attache_identifiers::AccountId;
use time::OffsetDateTime;

use super::tree::Named;
use super::{AccountOutcome, AccountRequest, Joined, Member, Organization, Unit};
use crate::change::{Change, NewAccount, OrganizationChange};
use crate::state::{Account, ApplyError, ResourceKind, State};
use crate::tags::{Tag, TagKeys};

impl State {
    /// Makes a change of the organization that an account is in.
    pub(in crate::state) fn change_organization(
        &mut self,
        account: AccountId,
        at: OffsetDateTime,
        change: &OrganizationChange,
    ) -> Result<(), ApplyError> {
        match change {
            OrganizationChange::Created { id, root_id } => {
                if self.organizations.of(account).is_some() {
                    return Err(ApplyError::InOrganization(account));
                }
                let new = Organization::new(account, id.clone(), root_id.clone(), at);
                self.organizations.add(new);
            }
            OrganizationChange::Deleted => {
                let management = self.organizations.of_mut(account)?.management;
                self.organizations.delete(management);
            }
            OrganizationChange::AccountCreated(new) => self.create_account(account, at, new)?,
            OrganizationChange::AccountClosed { account } => {
                let closed = self.accounts.get_mut(account);
                closed.ok_or(ApplyError::NoAccount(*account))?.closed = Some(at);
            }
            OrganizationChange::AccountRemoved { account: left } => {
                let organization = self.organizations.of_mut(account)?;
                organization.members.remove(left);
                organization.delegates.remove(left);
                organization.tags.remove(&left.to_string());
                self.organizations.left(*left);
            }
            _ => return self.organizations.of_mut(account)?.apply(at, change),
        }
        Ok(())
    }

    fn create_account(
        &mut self,
        by: AccountId,
        at: OffsetDateTime,
        new: &NewAccount,
    ) -> Result<(), ApplyError> {
        let id = new.id;
        let organization = self.organizations.of_mut(by)?;
        if self.accounts.contains_key(&id) {
            return Err(ApplyError::AccountExists(id));
        }
        let mut account = Account::new(id, at, &new.user_id, &new.access_key);
        account.given = false;
        account.apply(at, &Change::RoleCreated(new.role.clone()))?;
        let (name, document) = new.role_policy.clone();
        let role = new.role.name.clone();
        account.apply(at, &Change::InlinePolicySet { role, name, document })?;
        self.accounts.insert(id, account);
        let named = Named { name: new.name.clone(), email: new.email.clone() };
        organization.join(id, Joined::Created, Some(named));
        organization.tag(&id.to_string(), &new.tags);
        let request =
            AccountRequest { name: new.name.clone(), at, outcome: AccountOutcome::Created(id) };
        organization.requests.insert(new.request.clone(), request);
        self.organizations.joined(id, by);
        Ok(())
    }
}

impl Organization {
    fn apply(&mut self, at: OffsetDateTime, change: &OrganizationChange) -> Result<(), ApplyError> {
        match change {
            OrganizationChange::PolicyTypeEnabled { kind } => self.enable(*kind),
            OrganizationChange::PolicyTypeDisabled { kind } => self.disable(*kind),
            OrganizationChange::UnitCreated { id, parent, name, tags } => {
                self.require_parent(parent)?;
                // A unit that is created again could be put below itself, and its path would not end.
                if self.units.contains_key(id) {
                    return Err(ApplyError::Exists { kind: ResourceKind::Unit, name: id.clone() });
                }
                let (parent, name, attached) = (parent.clone(), name.clone(), self.defaults());
                self.units.insert(id.clone(), Unit { id: id.clone(), parent, name, attached });
                self.tag(id, tags);
            }
            OrganizationChange::UnitRenamed { id, name } => {
                let unit = self.units.get_mut(id).ok_or_else(|| ResourceKind::Unit.missing(id))?;
                unit.name.clone_from(name);
            }
            OrganizationChange::UnitDeleted { id } => {
                self.units.remove(id).ok_or_else(|| ResourceKind::Unit.missing(id))?;
                self.tags.remove(id);
            }
            OrganizationChange::AccountMoved { account, to } => {
                self.require_parent(to)?;
                let moved = self.members.get_mut(account);
                let moved =
                    moved.ok_or_else(|| ResourceKind::Member.missing(&account.to_string()))?;
                moved.parent.clone_from(to);
            }
            OrganizationChange::AccountRefused { request, name, reason } => {
                let (name, outcome) = (name.clone(), AccountOutcome::Failed(reason.clone()));
                self.requests.insert(request.clone(), AccountRequest { name, at, outcome });
            }
            OrganizationChange::ServiceEnabled { service } => {
                self.services.entry(service.clone()).or_insert(at);
            }
            OrganizationChange::ServiceDisabled { service } => {
                self.services.remove(service);
            }
            OrganizationChange::Delegated { account, service } => {
                self.delegates.entry(*account).or_default().insert(service.clone(), at);
            }
            OrganizationChange::Undelegated { account, service } => {
                let services = self.delegates.entry(*account).or_default();
                services.remove(service);
                if services.is_empty() {
                    self.delegates.remove(account);
                }
            }
            OrganizationChange::Tagged { resource, tags } => self.tag(resource, tags),
            OrganizationChange::Untagged { resource, keys } => {
                if let Some(own) = self.tags.get_mut(resource) {
                    own.remove(keys, TagKeys::AnyCase);
                }
            }
            _ => return self.apply_to_policy(change),
        }
        Ok(())
    }

    fn require_parent(&self, id: &str) -> Result<(), ApplyError> {
        if self.is_parent(id) { Ok(()) } else { Err(ResourceKind::Unit.missing(id)) }
    }

    fn apply_to_policy(&mut self, change: &OrganizationChange) -> Result<(), ApplyError> {
        match change {
            OrganizationChange::PolicyCreated { id, kind, name, description, content, tags } => {
                self.create_policy(id, *kind, (name, description), content)?;
                self.tag(id, tags);
            }
            OrganizationChange::PolicyUpdated { id, name, description, content } => {
                self.update_policy(id, name.as_ref(), description.as_ref(), content.as_ref())?;
            }
            OrganizationChange::PolicyDeleted { id } => {
                self.policies.remove(id).ok_or_else(|| ResourceKind::Policy.missing(id))?;
                self.tags.remove(id);
            }
            OrganizationChange::PolicyAttached { policy, target } => {
                let kind = self
                    .policies
                    .get(policy)
                    .ok_or_else(|| ResourceKind::Policy.missing(policy))?
                    .kind;
                self.change_attached(target, kind, |ids| ids.push(policy.clone()))?;
            }
            OrganizationChange::PolicyDetached { policy, target } => {
                let kind = self
                    .policies
                    .get(policy)
                    .ok_or_else(|| ResourceKind::Policy.missing(policy))?
                    .kind;
                self.change_attached(target, kind, |ids| ids.retain(|own| own != policy))?;
            }
            _ => return Err(ApplyError::Misdirected(ResourceKind::Organization)),
        }
        Ok(())
    }

    pub(super) fn join(&mut self, account: AccountId, how: Joined, named: Option<Named>) {
        let (parent, attached) = (self.root_id.clone(), self.defaults());
        self.members.insert(account, Member { parent, how, named, attached });
    }

    fn tag(&mut self, resource: &str, tags: &[Tag]) {
        if !tags.is_empty() {
            self.tags.entry(resource.to_owned()).or_default().set(tags, TagKeys::AnyCase);
        }
    }
}
