//! The Pod Identity associations of a cluster: the workload's, and those that carry the federation's tag.

use attache_aws_accounts::{Association, ListedAssociation};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::FederationError;
use crate::clients::Clients;
use crate::desired::{DesiredAssociation, OWNER_TAG};
use crate::document::{Cluster, Workload};

/// AWS's name of the agent's add-on:
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html>.
pub(crate) const AGENT: &str = "eks-pod-identity-agent";

/// Ours: associations that are read at once.
const READS_AT_ONCE: usize = 8;

/// AWS's code for a cluster, an association or an add-on that is not there.
pub(crate) const NOT_FOUND: &str = "ResourceNotFoundException";

/// What a cluster has for Pod Identity.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ObservedPods {
    /// None where the account has no such cluster.
    pub(crate) listed: Option<Vec<ListedAssociation>>,
    /// The workload's association, and those with the federation's tag.
    pub(crate) associations: Vec<Association>,
    pub(crate) agent: AgentAddon,
}

/// The agent that gives the pods their sessions, as an add-on of the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum AgentAddon {
    /// With its status, such as `ACTIVE`.
    Installed(String),
    Missing,
    /// It was not asked for, or could not be; why.
    #[default]
    NotAsked,
    Unknown(String),
}

impl ObservedPods {
    /// The association of a service account.
    pub(crate) fn of(&self, workload: &Workload) -> Option<&Association> {
        self.associations.iter().find(|one| is_of(workload, &one.namespace, &one.service_account))
    }
}

pub(crate) fn is_of(workload: &Workload, namespace: &str, service_account: &str) -> bool {
    workload.namespace == namespace && workload.service_account == service_account
}

/// Reads all of the cluster's associations: EKS lists them without their tags.
pub(crate) async fn read(
    clients: &Clients,
    owner: &str,
    expected: &DesiredAssociation,
) -> Result<ObservedPods, FederationError> {
    let eks = clients.eks()?;
    let Cluster { name, region } = &expected.cluster;
    let attempt = format!("list the Pod Identity associations of the cluster {name} in {region}");
    let listed = match eks.associations(region, name).await {
        Ok(listed) => listed,
        Err(error) if error.code() == Some(NOT_FOUND) => return Ok(ObservedPods::default()),
        Err(error) => return Err(FederationError::of_eks(attempt, clients.account, error)),
    };
    let read = listed.iter().map(|one| async move {
        match eks.association(region, name, &one.id).await {
            Ok(found) => Ok(Some(found)),
            // It went away between the two calls.
            Err(error) if error.code() == Some(NOT_FOUND) => Ok(None),
            Err(error) => {
                let attempt = format!("read the Pod Identity association {} of {name}", one.id);
                Err(FederationError::of_eks(attempt, clients.account, error))
            }
        }
    });
    let read: Vec<Option<Association>> =
        stream::iter(read).buffered(READS_AT_ONCE).try_collect().await?;
    let ours = |one: &Association| {
        one.tags.get(OWNER_TAG).is_some_and(|name| name == owner)
            || is_of(&expected.workload, &one.namespace, &one.service_account)
    };
    let associations = read.into_iter().flatten().filter(ours).collect();
    let agent = agent(clients, &expected.cluster).await?;
    Ok(ObservedPods { listed: Some(listed), associations, agent })
}

/// Whether the agent is there is no reason to stop.
async fn agent(clients: &Clients, cluster: &Cluster) -> Result<AgentAddon, FederationError> {
    let Cluster { name, region } = cluster;
    Ok(match clients.eks()?.addon_status(region, name, AGENT).await {
        Ok(status) => AgentAddon::Installed(status),
        Err(error) if error.code() == Some(NOT_FOUND) => AgentAddon::Missing,
        Err(error) => AgentAddon::Unknown(error.to_string()),
    })
}
