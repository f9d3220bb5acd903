//! EKS, as far as identity goes: clusters with their issuers, and pod identity associations.
//!
//! Knows: what each operation takes, answers and refuses. As in IAM an operation is a pure
//! function: the state and an input in, an answer and perhaps a change out. EKS Auth is `crate::eks_auth`.
//!
//! Does not know: how a cluster is made. One exists here because its issuer was given.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_Operations_Amazon_Elastic_Kubernetes_Service.html>

mod addons;
mod associations;
mod clusters;
mod limits;
pub(crate) mod members;
mod page;
pub(crate) mod refusal;
pub(crate) mod route;
pub(crate) mod show;
mod tagging;
mod update;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{AccountId, Arn, RoleArn};
use attache_ledger::state::Cluster;
use attache_ledger::{PARTITION, Tag};
use attache_policy::Context;
use attache_policy::condition_keys::POD_IDENTITY_SERVICE;
use serde::Deserialize;
use serde_json::Value;

use crate::access::{Caller, context};
use crate::json_protocol;
use crate::service::{self, Body, Call, Permission, Refusal, Response, Routed};
use crate::validation::{self, Member, member};

pub(crate) use route::UNKNOWN_PATH;

/// What an operation's permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ResourceKind {
    /// Nothing in particular.
    Account,
    Cluster,
    Association,
    Addon,
    /// What the member `resourceArn` names.
    Named,
}

/// What permissions need of any operation's input.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject<'a> {
    cluster_name: Option<&'a str>,
    association_id: Option<&'a str>,
    addon_name: Option<&'a str>,
    resource_arn: Option<&'a str>,
    role_arn: Option<&'a str>,
}

/// The input of an operation on one cluster.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterInput<'a> {
    cluster_name: &'a str,
}

/// One operation.
struct Operation {
    name: &'static str,
    members: &'static [Member],
    resource_kind: ResourceKind,
    /// Whether it may change the state, and so needs it alone.
    changes: bool,
    run: fn(&Call<'_>) -> Result<Response, ServiceError>,
}

/// The operation of that name.
fn operation(name: &str) -> Option<&'static Operation> {
    let tables = [
        clusters::OPERATIONS,
        addons::OPERATIONS,
        associations::OPERATIONS,
        update::OPERATIONS,
        tagging::OPERATIONS,
    ];
    tables.into_iter().flatten().find(|operation| operation.name == name)
}

impl Operation {
    /// Refuses an input that the model does not allow.
    fn check(&self, input: &Value) -> Result<(), ServiceError> {
        validation::check(self.members, input)
            .map_err(|invalid| invalid.json(|violation| refusal::parameter(violation.message)))
    }

    /// All that the caller must be allowed.
    fn required_permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, ServiceError> {
        let subject: Subject<'_> = call.input.read_declared(self.members)?;
        let resource = self.resource(call, &subject);
        let operation = Permission { action: format!("eks:{}", self.name), resource };
        // Whoever associates a role must be allowed to look at it and to hand it on. Another account's
        // is refused for what it is, whatever the caller may.
        let role = subject.role_arn.filter(|_| self.changes);
        let ours =
            |arn: &&str| RoleArn::parse(arn).is_ok_and(|arn| arn.account() == call.account.id);
        let handed = role.filter(ours).into_iter().flat_map(|arn| {
            ["iam:GetRole", "iam:PassRole"]
                .map(|action| Permission { action: action.to_owned(), resource: arn.to_owned() })
        });
        Ok(std::iter::once(operation).chain(handed).collect())
    }

    fn resource(&self, call: &Call<'_>, subject: &Subject<'_>) -> String {
        let (id, region) = (call.account.id, call.region());
        let name = subject.cluster_name.unwrap_or_default();
        match self.resource_kind {
            ResourceKind::Account => cluster_arn(id, region, "*"),
            ResourceKind::Cluster => cluster_arn(id, region, name),
            ResourceKind::Association => {
                association_arn(id, region, name, subject.association_id.unwrap_or_default())
            }
            ResourceKind::Addon => {
                addon_arn(id, region, name, subject.addon_name.unwrap_or_default())
            }
            ResourceKind::Named => subject.resource_arn.unwrap_or_default().to_owned(),
        }
    }
}

impl<'s> Call<'s> {
    /// The cluster of that name in the call's region.
    fn cluster(&self, name: &str) -> Result<&'s Cluster, ServiceError> {
        let found = self.account.cluster(self.region(), name);
        found.ok_or_else(|| refusal::no_cluster(name))
    }
}

/// `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`.
pub fn cluster_arn(account: AccountId, region: &str, name: &str) -> String {
    arn(account, region, format!("cluster/{name}"))
}

/// `arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID`.
pub(crate) fn association_arn(account: AccountId, region: &str, cluster: &str, id: &str) -> String {
    arn(account, region, format!("podidentityassociation/{cluster}/{id}"))
}

/// `arn:aws:eks:REGION:ACCOUNT:addon/CLUSTER/NAME/UUID`, where the UUID is always the same here: an add-on
/// is never made anew.
fn addon_arn(account: AccountId, region: &str, cluster: &str, name: &str) -> String {
    arn(account, region, format!("addon/{cluster}/{name}/{}", uuid::Uuid::nil()))
}

fn arn(account: AccountId, region: &str, resource: String) -> String {
    Arn::new(PARTITION, "eks", region, Some(account), resource).to_string()
}

/// EKS.
pub struct Eks;

impl service::Service for Eks {
    fn name(&self) -> &'static str {
        "eks"
    }

    fn protocol(&self) -> Protocol {
        Protocol::RestJson
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        route::route(inbound)
    }

    fn operation(&self, name: &str) -> Option<&dyn service::Operation> {
        operation(name).map(|operation| operation as _)
    }

    fn unserved_resource(&self, caller: &Caller, input: &Value) -> String {
        match member(input, "clusterName").and_then(Value::as_str) {
            Some(name) => cluster_arn(caller.account, &caller.region, name),
            None => "*".to_owned(),
        }
    }

    fn answer(&self, _name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        json_protocol::answer(self.protocol(), body, id)
    }

    fn unknown_path(&self) -> Option<&'static str> {
        Some(route::UNKNOWN_PATH)
    }
}

impl service::Operation for Operation {
    fn changes(&self) -> bool {
        self.changes
    }

    fn validate(&self, _caller: &Caller, input: &Value) -> Result<(), Refusal> {
        Ok(self.check(input)?)
    }

    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        Ok(self.required_permissions(call)?)
    }

    fn add_keys(
        &self,
        context: &mut Context,
        permission: &Permission,
        call: &Call<'_>,
    ) -> Result<(), Refusal> {
        if permission.action == "iam:PassRole" {
            context.set("iam:PassedToService", POD_IDENTITY_SERVICE);
        }
        // They are checked when they are read; what is none is refused then.
        let tags = member(call.input.0, "tags").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tags = tags.into_iter().flatten();
        let tags: Vec<Tag> =
            tags.map(|(key, value)| Tag { key: key.clone(), value: text(value) }).collect();
        context::add_tags(context, &tags);
        Ok(())
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        Ok((self.run)(call)?)
    }
}
