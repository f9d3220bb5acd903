//! Add-ons: the EKS Pod Identity Agent, which every cluster has here. Nothing else runs in one.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddon.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::state::Cluster;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Call, ClusterInput, Operation, ResourceKind, Response, addon_arn, members, page, refusal, show,
};

/// AWS's name of the agent's add-on:
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-agent-setup.html>.
const AGENT: &str = "eks-pod-identity-agent";

/// A version of it that AWS has published; which one does not matter, for it is not what runs here.
const VERSION: &str = "v1.3.8-eksbuild.2";

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListAddons",
        members: &[members::CLUSTER, members::AT_MOST, members::AFTER],
        resource_kind: ResourceKind::Cluster,
        changes: false,
        run: |call| {
            call.cluster(call.read::<ClusterInput<'_>>()?.cluster_name)?;
            let named = std::iter::once((AGENT, json!(AGENT)));
            page::page(call.input, "addons", named).map(Response::read_only)
        },
    },
    Operation {
        name: "DescribeAddon",
        members: &[members::CLUSTER, members::ADDON],
        resource_kind: ResourceKind::Addon,
        changes: false,
        run: |call| describe(call, &call.read()?).map(Response::read_only),
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeAddon<'a> {
    cluster_name: &'a str,
    addon_name: &'a str,
}

fn describe(call: &Call<'_>, input: &DescribeAddon<'_>) -> Result<Value, ServiceError> {
    let cluster = call.cluster(input.cluster_name)?;
    if input.addon_name != AGENT {
        return Err(refusal::no_addon(input.addon_name, &cluster.name));
    }
    Ok(json!({"addon": shown(call, cluster)}))
}

fn shown(call: &Call<'_>, cluster: &Cluster) -> Value {
    let created = show::time(cluster.created);
    json!({
        "addonName": AGENT,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "addonVersion": VERSION,
        "health": {"issues": []},
        "addonArn": addon_arn(call.account.id, &cluster.region, &cluster.name, AGENT),
        "createdAt": created,
        "modifiedAt": created,
        "tags": {},
        "publisher": "eks",
        "owner": "aws",
        "podIdentityAssociations": [],
    })
}
