//! The Pod Identity association, in a file of its own with the provider of the cluster's region.

use attache_federation::desired::Account;

use super::Resource;
use super::hcl::{Block, Expression, comment};
use super::imports::{self, Import};
use super::versions::provider;

const KIND: &str = "aws_eks_pod_identity_association";
const LABEL: &str = "workload";
const ALIAS: &str = "cluster";

/// The text of the file, and the resource in it; none in another mode than `podIdentity`.
pub(super) fn resource(accounts: &[Account], source: Option<&str>) -> Option<(String, Resource)> {
    let new = accounts.iter().find_map(|account| account.association.as_ref())?;
    let (account, partition) = (new.role.account(), new.role.partition().clone());
    let configuration = provider(ALIAS, account, new.cluster.region.as_str(), partition);
    let role = source.map(|label| Expression::Bare(format!("aws_iam_role.{label}.arn")));
    let block = Block::resource(KIND, LABEL)
        .with("provider", Expression::Bare(format!("aws.{ALIAS}")))
        .with("cluster_name", Expression::text_of(&new.cluster.name))
        .with("namespace", Expression::text_of(&new.workload.namespace))
        .with("service_account", Expression::text_of(&new.workload.service_account))
        .with("role_arn", role.unwrap_or_else(|| Expression::text_of(&new.role)))
        .maybe("target_role_arn", new.target.as_ref().map(Expression::text_of))
        .with("tags", Expression::Map(new.tags.clone()));
    let head = comment(
        "The resource is in version 5.29 of the provider and later, target_role_arn in 6.2 and later.",
    ) + &comment("The cluster needs the add-on eks-pod-identity-agent.");
    let text = format!("{head}{}\n{}", configuration.text(), block.text());
    let id = imports::association(new, account);
    Some((text, Resource { block, import: Import::new(KIND, LABEL, id) }))
}
