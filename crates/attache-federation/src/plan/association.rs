//! The Pod Identity association of the workload. EKS allows a service account one in a cluster.

use std::collections::BTreeMap;

use attache_aws_accounts::{Association, AssociationChange};

use crate::adoption::{ADOPTED_TAG, Adoption};
use crate::apply::{AssociationName, Operation};
use crate::desired::{Account, DesiredAssociation, OWNER_TAG};
use crate::document::Cluster;
use crate::observe::{AGENT, AgentAddon, ObservedAccount, ObservedPods};

use super::change::{Action, Change, Difference, Finding, Kind};
use super::{PlanOptions, is_owned};

/// The workload's association; what else of ours is in the cluster is left over.
pub(super) fn changes(
    owner: &str,
    desired: &Account,
    observed: &ObservedAccount,
    options: PlanOptions,
) -> Vec<Change> {
    let Some((expected, pods)) = desired.association.as_ref().zip(observed.pods.as_ref()) else {
        return Vec::new();
    };
    let change = match pods.of(&expected.workload) {
        _ if pods.listed.is_none() => no_cluster(expected),
        None => create(expected),
        Some(found) => update(owner, expected, found, options),
    };
    let change = with_agent(change, expected, pods);
    let others = gone(owner, expected, pods, pods.of(&expected.workload)).into_iter();
    let others = others.map(|change| change.because("the file no longer has it"));
    std::iter::once(change).chain(others).collect()
}

fn no_cluster(expected: &DesiredAssociation) -> Change {
    let Cluster { name, region } = &expected.cluster;
    let account = expected.role.account();
    Change::new(Kind::Association, expected.name(), Action::Blocked).note(format!(
        "{account} has no EKS cluster {name} in {region}; its clusters: aws eks list-clusters --region {region} \
         --profile {account}"
    ))
}

fn create(expected: &DesiredAssociation) -> Change {
    let mut values = vec![Difference::new("role", None, Some(expected.role.to_string()))];
    if let Some(target) = &expected.target {
        values.push(Difference::new("target role", None, Some(target.to_string())));
    }
    Change::new(Kind::Association, expected.name(), Action::Create)
        .differs(values)
        .does(vec![Operation::CreateAssociation(Box::new(expected.clone()))])
}

/// What of an association is the plan's: its roles, that its sessions have tags, and our tags. All else stays.
fn update(
    owner: &str,
    expected: &DesiredAssociation,
    found: &Association,
    options: PlanOptions,
) -> Change {
    let change = |action| Change::new(Kind::Association, expected.name(), action);
    let ours = is_owned(&found.tags, owner);
    if !ours && !options.adopt {
        let whose = match found.tags.get(OWNER_TAG) {
            Some(other) => format!("belongs to the federation {other}"),
            None => format!("exists and was not made by attache (no tag {OWNER_TAG})"),
        };
        return change(Action::Blocked).note(format!(
            "the service account has the association {}, which {whose}, and can have no other: --adopt takes it over",
            found.id
        ));
    }
    let name = AssociationName::of(&expected.cluster, found);
    if found.disable_session_tags && found.policy.is_some() {
        let (options, account) = (name.options().join(" "), expected.role.account());
        return change(Action::Blocked).note(format!(
            "the association {} has a session policy, which EKS takes only without session tags, and the trust \
             policies of the roles ask for these tags. If the policy is not needed: aws eks \
             update-pod-identity-association {options} --policy '' --profile {account}",
            found.id
        ));
    }
    let (mut differences, mut operations) = tags(ours, expected, found, &name);
    let (changed, fields) = settings(expected, found);
    if changed != AssociationChange::default() {
        differences.extend(fields);
        operations.push(Operation::UpdateAssociation { name, change: changed });
    }
    let action = if operations.is_empty() { Action::Unchanged } else { Action::Update };
    let change = change(action).differs(differences).does(operations);
    if found.target_role_arn.is_some() && expected.target.is_none() {
        return change.finding(Finding::warning(format!(
            "the file has several targets: the pods get a session of {} instead of one of the target's role, and \
             assume the targets' roles themselves",
            expected.role
        )));
    }
    change
}

/// Before anything else, so that it is known whose it is: our tag, and the mark of one that was there before.
fn tags(
    ours: bool,
    expected: &DesiredAssociation,
    found: &Association,
    name: &AssociationName,
) -> (Vec<Difference>, Vec<Operation>) {
    if ours {
        return (Vec::new(), Vec::new());
    }
    let mark = Adoption::read(&found.tags).unwrap_or_default().value().unwrap_or_default();
    let mut tags: BTreeMap<String, String> = expected.tags.clone();
    tags.insert(ADOPTED_TAG.to_owned(), mark);
    let shown: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let before = found.tags.get(OWNER_TAG).map(|other| format!("{OWNER_TAG}={other}"));
    let difference = Difference::new("tags", before, Some(shown.join(", ")));
    (vec![difference], vec![Operation::TagAssociation { name: name.clone(), tags }])
}

fn settings(
    expected: &DesiredAssociation,
    found: &Association,
) -> (AssociationChange, Vec<Difference>) {
    let (mut change, mut differences) = (AssociationChange::default(), Vec::new());
    let role = expected.role.to_string();
    if found.role_arn != role {
        let before = Some(found.role_arn.clone());
        differences.push(Difference::new("role", before, Some(role.clone())));
        change.role_arn = Some(role);
    }
    let target = expected.target.as_ref().map(ToString::to_string);
    if found.target_role_arn != target {
        let before = found.target_role_arn.clone();
        differences.push(Difference::new("target role", before, target.clone()));
        // An empty text removes it.
        change.target_role_arn = Some(target.unwrap_or_default());
    }
    if found.disable_session_tags {
        let (before, after) = (Some("disabled".to_owned()), Some("enabled".to_owned()));
        differences.push(Difference::new("session tags", before, after));
        change.disable_session_tags = Some(false);
    }
    (change, differences)
}

/// Where the agent is missing, no pod gets a session. It is an add-on or was installed otherwise: so it only warns.
fn with_agent(change: Change, expected: &DesiredAssociation, pods: &ObservedPods) -> Change {
    if pods.agent != AgentAddon::Missing {
        return change;
    }
    let Cluster { name, region } = &expected.cluster;
    let account = expected.role.account();
    let finding = Finding::warning(format!(
        "the cluster {name} does not have the add-on {AGENT}: without the agent no pod gets a session"
    ));
    change.finding(finding.help(format!(
        "unless it runs otherwise: aws eks create-addon --cluster-name {name} --addon-name {AGENT} --region {region} \
         --profile {account}"
    )))
}

/// The federation's associations in the cluster, but for the one that stays.
pub(super) fn gone(
    owner: &str,
    expected: &DesiredAssociation,
    pods: &ObservedPods,
    stays: Option<&Association>,
) -> Vec<Change> {
    let ours = pods.associations.iter().filter(|found| is_owned(&found.tags, owner));
    let ours = ours.filter(|found| stays.is_none_or(|own| own.id != found.id));
    ours.map(|found| remove(&expected.cluster, found)).collect()
}

/// One that existed before loses our tags alone.
fn remove(cluster: &Cluster, found: &Association) -> Change {
    let name = AssociationName::of(cluster, found);
    let change = |action| Change::new(Kind::Association, name.to_string(), action);
    if Adoption::read(&found.tags).is_none() {
        return change(Action::Delete).does(vec![Operation::DeleteAssociation { name }]);
    }
    let ours = [OWNER_TAG, ADOPTED_TAG].map(str::to_owned).into_iter();
    let keys: Vec<String> = ours.filter(|key| found.tags.contains_key(key)).collect();
    change(Action::Release)
        .note("it existed before, and is kept: it needs another role where its own goes")
        .does(vec![Operation::UntagAssociation { name, keys }])
}
