//! EKS, as far as identity goes: clusters with their issuers, and pod identity associations.
//!
//! Knows: what each operation takes, answers and refuses. As in IAM an operation is a pure
//! function: the state and an input in, an answer and perhaps a change out. `assume` is EKS Auth,
//! which turns a pod's token into a session.
//!
//! Does not know: how a cluster is made. One exists here because its issuer was given.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations_Amazon_Elastic_Kubernetes_Service.html>

mod associations;
mod assume;
mod clusters;
mod limits;
mod members;
mod page;
mod refusal;
mod route;
mod show;
mod tagging;
mod update;

use attache_aws_protocol::ServiceError;
use attache_aws_protocol::serve::Permission;
use attache_identifiers::{AccountId, RoleArn};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::shape::{self, Input, Member};
use attache_ledger::change::Change;
use attache_ledger::change::EksChange;
use attache_ledger::state::{Account, Cluster};

pub(crate) use assume::{AUTH_ACTION, assume_role_for_pod_identity};
pub(crate) use route::{Routed, UNKNOWN_PATH, route, route_auth};

/// What an operation works on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'s> {
    pub(crate) account: &'s Account,
    pub(crate) region: &'s str,
    pub(crate) input: Input<'s>,
    pub(crate) now: OffsetDateTime,
}

/// What an operation answers, and what it changes.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Value,
    pub(crate) change: Option<Change>,
}

impl Done {
    fn told(result: Value) -> Self {
        Self { result, change: None }
    }

    fn both(result: Value, change: EksChange) -> Self {
        Self { result, change: Some(Change::Eks(change)) }
    }

    fn changed(change: EksChange) -> Self {
        Self::both(json!({}), change)
    }
}

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Nothing in particular.
    Account,
    Cluster,
    Association,
    /// What the member `resourceArn` names.
    Named,
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    members: &'static [Member],
    about: About,
    /// Whether it may change the state, and so needs it alone.
    pub(crate) changes: bool,
    run: fn(&Call<'_>) -> Result<Done, ServiceError>,
}

/// The operation of that name.
pub(crate) fn operation(name: &str) -> Option<&'static Operation> {
    let tables =
        [clusters::OPERATIONS, associations::OPERATIONS, update::OPERATIONS, tagging::OPERATIONS];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Operation {
    /// Refuses an input that the model does not allow.
    pub(crate) fn check(&self, input: &Value) -> Result<(), ServiceError> {
        shape::check(self.members, input).map_err(|broken| refusal::parameter(broken.message))
    }

    /// All that the caller must be allowed.
    pub(crate) fn permissions(&self, call: &Call<'_>) -> Vec<Permission> {
        let own =
            Permission { action: format!("eks:{}", self.name), resource: self.resource(call) };
        // Whoever associates a role must be allowed to look at it and to hand it on. Another account's
        // is refused for what it is, whatever the caller may.
        let role = call.input.optional("roleArn").filter(|_| self.changes);
        let ours =
            |arn: &&str| RoleArn::parse(arn).is_ok_and(|arn| arn.account() == call.account.id);
        let handed = role.filter(ours).into_iter().flat_map(|arn| {
            ["iam:GetRole", "iam:PassRole"]
                .map(|action| Permission { action: action.to_owned(), resource: arn.to_owned() })
        });
        std::iter::once(own).chain(handed).collect()
    }

    fn resource(&self, call: &Call<'_>) -> String {
        let (id, region) = (call.account.id, call.region);
        let name = call.input.text("clusterName");
        match self.about {
            About::Account => cluster_arn(id, region, "*"),
            About::Cluster => cluster_arn(id, region, name),
            About::Association => {
                association_arn(id, region, name, call.input.text("associationId"))
            }
            About::Named => call.input.text("resourceArn").to_owned(),
        }
    }

    /// Answers a call that was authorised.
    pub(crate) fn answer(&self, call: &Call<'_>) -> Result<Done, ServiceError> {
        (self.run)(call)
    }
}

impl<'s> Call<'s> {
    /// The cluster that the call names, in its region.
    fn cluster(&self) -> Result<&'s Cluster, ServiceError> {
        let name = self.input.text("clusterName");
        let found = self.account.cluster(self.region, name);
        found.ok_or_else(|| refusal::no_cluster(name))
    }
}

/// `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`.
pub(crate) fn cluster_arn(account: AccountId, region: &str, name: &str) -> String {
    format!("arn:aws:eks:{region}:{account}:cluster/{name}")
}

/// `arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID`.
fn association_arn(account: AccountId, region: &str, cluster: &str, id: &str) -> String {
    format!("arn:aws:eks:{region}:{account}:podidentityassociation/{cluster}/{id}")
}
