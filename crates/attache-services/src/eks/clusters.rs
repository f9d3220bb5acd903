//! Clusters: what is known of them is their identity.

use attache_aws_protocol::ServiceError;
use serde_json::json;

use super::{Call, ClusterInput, Operation, ResourceKind, Response, members, page, show};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "ListClusters",
        members: &[members::AT_MOST, members::AFTER],
        resource_kind: ResourceKind::Account,
        changes: false,
        run: list,
    },
    Operation {
        name: "DescribeCluster",
        members: &[members::CLUSTER],
        resource_kind: ResourceKind::Cluster,
        changes: false,
        run: |call| {
            let cluster = call.cluster(call.read::<ClusterInput<'_>>()?.cluster_name)?;
            Ok(Response::read_only(json!({"cluster": show::cluster(call.account.id, cluster)})))
        },
    },
];

fn list(call: &Call<'_>) -> Result<Response, ServiceError> {
    let clusters = call.account.clusters_in(call.region());
    let named = clusters.map(|cluster| (cluster.name.as_str(), json!(cluster.name)));
    page::page(call.input, "clusters", named).map(Response::read_only)
}
