//! EKS clusters of an account, and their pod identity associations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Account, ApplyError, ResourceKind};
use crate::change::{AssociationSettings, ClusterChange, EksChange, NewAssociation};

/// A cluster, as far as its identity goes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cluster {
    /// The region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// The URL in its tokens' `iss`.
    pub issuer: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// By id.
    pub associations: BTreeMap<String, Association>,
}

/// Which role the pods of a service account get.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Association {
    /// `a-…`.
    pub id: String,
    /// The Kubernetes namespace.
    pub namespace: String,
    /// The Kubernetes service account's name.
    pub service_account: String,
    /// Its role, and what goes with it.
    pub settings: AssociationSettings,
    /// When it was made.
    pub created: OffsetDateTime,
    /// When it was last changed.
    pub modified: OffsetDateTime,
    /// Unlike IAM's, the keys differ by their case.
    pub tags: BTreeMap<String, String>,
    /// What makes a repeated request the same one.
    pub request_token: Option<String>,
}

impl Account {
    /// A cluster of a region.
    pub fn cluster(&self, region: &str, name: &str) -> Option<&Cluster> {
        self.clusters.get(&(region.to_owned(), name.to_owned()))
    }

    /// A region's clusters by name.
    pub fn clusters_in(&self, region: &str) -> impl Iterator<Item = &Cluster> {
        self.clusters.values().filter(move |cluster| cluster.region == region)
    }

    /// Adds a cluster as it was when the authority was started with it: without associations.
    pub(super) fn restore_cluster(&mut self, old: &Cluster) {
        let new = Cluster {
            region: old.region.clone(),
            name: old.name.clone(),
            issuer: old.issuer.clone(),
            created: old.created,
            associations: BTreeMap::new(),
        };
        self.clusters.insert((old.region.clone(), old.name.clone()), new);
    }

    /// Applies a change of a cluster.
    pub(super) fn change_cluster(
        &mut self,
        at: OffsetDateTime,
        change: &EksChange,
    ) -> Result<(), ApplyError> {
        let EksChange { region, cluster: name, what } = change;
        let key = (region.clone(), name.clone());
        if let ClusterChange::Known { issuer } = what {
            let cluster = self.clusters.entry(key).or_insert_with(|| Cluster {
                region: region.clone(),
                name: name.clone(),
                issuer: String::new(),
                created: at,
                associations: BTreeMap::new(),
            });
            cluster.issuer.clone_from(issuer);
            return Ok(());
        }
        let cluster = self.clusters.get_mut(&key);
        cluster.ok_or_else(|| ResourceKind::Cluster.missing(name))?.apply(at, what)
    }
}

impl Cluster {
    /// The association of a service account.
    pub fn association_of(&self, namespace: &str, service_account: &str) -> Option<&Association> {
        self.associations
            .values()
            .find(|own| own.namespace == namespace && own.service_account == service_account)
    }

    fn apply(&mut self, at: OffsetDateTime, change: &ClusterChange) -> Result<(), ApplyError> {
        match change {
            ClusterChange::Known { .. } => {}
            ClusterChange::AssociationCreated(new) => {
                self.associations.insert(new.id.clone(), Association::new(new, at));
            }
            ClusterChange::AssociationUpdated { id, settings } => {
                let own = self.association(id)?;
                own.settings.clone_from(settings);
                own.modified = at;
            }
            ClusterChange::AssociationDeleted { id } => {
                self.associations.remove(id).ok_or_else(|| missing(id))?;
            }
            ClusterChange::Tagged { id, tags } => self.association(id)?.tags.extend(tags.clone()),
            ClusterChange::Untagged { id, keys } => {
                self.association(id)?.tags.retain(|own, _| !keys.contains(own));
            }
        }
        Ok(())
    }

    fn association(&mut self, id: &str) -> Result<&mut Association, ApplyError> {
        self.associations.get_mut(id).ok_or_else(|| missing(id))
    }
}

impl Association {
    /// An association that is new at that time.
    pub fn new(new: &NewAssociation, at: OffsetDateTime) -> Self {
        Self {
            id: new.id.clone(),
            namespace: new.namespace.clone(),
            service_account: new.service_account.clone(),
            settings: new.settings.clone(),
            created: at,
            modified: at,
            tags: new.tags.clone(),
            request_token: new.request_token.clone(),
        }
    }
}

fn missing(id: &str) -> ApplyError {
    ResourceKind::Association.missing(id)
}
