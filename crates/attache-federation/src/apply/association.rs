//! The calls to EKS about a Pod Identity association.

use std::fmt;

use attache_aws_accounts::{Association, EksError};
use serde::Serialize;

use crate::clients::Clients;
use crate::desired::DesiredAssociation;
use crate::document::{Cluster, Workload};
use crate::error::FederationError;
use crate::shell::option;

use super::Operation;

/// By what an association that exists is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct AssociationName {
    pub(crate) cluster: Cluster,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) workload: Workload,
}

/// `CLUSTER/NAMESPACE/SERVICE-ACCOUNT`, as [`DesiredAssociation::name`].
impl fmt::Display for AssociationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload { namespace, service_account } = &self.workload;
        write!(f, "{}/{namespace}/{service_account}", self.cluster.name)
    }
}

impl AssociationName {
    pub(crate) fn of(cluster: &Cluster, found: &Association) -> Self {
        let (namespace, service_account) = (found.namespace.clone(), found.service_account.clone());
        Self {
            cluster: cluster.clone(),
            id: found.id.clone(),
            arn: found.arn.clone(),
            workload: Workload { namespace, service_account },
        }
    }

    /// The options that name it for the `aws` command.
    pub(crate) fn options(&self) -> Vec<String> {
        let Cluster { name, region } = &self.cluster;
        vec![
            option("cluster-name", name),
            option("association-id", &self.id),
            option("region", region.as_str()),
        ]
    }
}

/// Makes the call of one of the operations on an association; no other is made.
pub(super) async fn run(operation: &Operation, clients: &Clients) -> Result<(), FederationError> {
    let eks = clients.eks()?;
    let done = match operation {
        Operation::CreateAssociation(new) => {
            let Cluster { name, region } = &new.cluster;
            eks.create_association(region, name, &wanted(new)).await.map(drop)
        }
        Operation::UpdateAssociation { name, change } => {
            let Cluster { name: cluster, region } = &name.cluster;
            eks.update_association(region, cluster, (&name.id, change)).await
        }
        Operation::TagAssociation { name, tags } => {
            eks.tag(&name.cluster.region, &name.arn, tags).await
        }
        Operation::UntagAssociation { name, keys } => {
            eks.untag(&name.cluster.region, &name.arn, keys).await
        }
        Operation::DeleteAssociation { name } => {
            let Cluster { name: cluster, region } = &name.cluster;
            eks.delete_association(region, cluster, &name.id).await
        }
        _ => Ok(()),
    };
    done.map_err(|error| FederationError::of_eks(operation.to_string(), clients.account, error))
}

/// Whether the service account has the association already, of this federation and as it is to be.
pub(super) async fn is_there(
    new: &DesiredAssociation,
    clients: &Clients,
) -> Result<bool, FederationError> {
    let Cluster { name, region } = &new.cluster;
    let eks = clients.eks()?;
    let failed = |error: EksError| {
        let attempt = format!("read the Pod Identity association {}", new.name());
        FederationError::of_eks(attempt, clients.account, error)
    };
    let listed = eks.associations(region, name).await.map_err(failed)?;
    let Workload { namespace, service_account } = &new.workload;
    let own = listed
        .iter()
        .find(|one| one.namespace == *namespace && one.service_account == *service_account);
    let Some(own) = own else { return Ok(false) };
    let found = eks.association(region, name, &own.id).await.map_err(failed)?;
    let wanted = wanted(new);
    let has_tags = wanted.tags.iter().all(|(key, value)| found.tags.get(key) == Some(value));
    Ok(has_tags
        && found.role_arn == wanted.role_arn
        && found.target_role_arn == wanted.target_role_arn
        && !found.disable_session_tags)
}

/// The association as it is to be, but for what EKS chooses.
fn wanted(new: &DesiredAssociation) -> Association {
    Association {
        id: String::new(),
        arn: String::new(),
        namespace: new.workload.namespace.clone(),
        service_account: new.workload.service_account.clone(),
        role_arn: new.role.to_string(),
        target_role_arn: new.target.as_ref().map(ToString::to_string),
        disable_session_tags: false,
        policy: None,
        tags: new.tags.clone(),
    }
}
