//! The checks of the mode `podIdentity`: the association, the agent, each role.
//!
//! No session is tried: EKS gives one to a pod of the service account alone. What was not tried is unknown.

use std::collections::BTreeMap;

use attache_aws_accounts::{Connections, Link};
use attache_identifiers::{AccountId, printable};
use futures_util::{StreamExt, stream};
use time::OffsetDateTime;

use crate::apply::Operation;
use crate::clients::{ACCOUNTS_AT_ONCE, Clients};
use crate::comparison::Gain;
use crate::desired::DesiredAssociation;
use crate::document::Cluster;
use crate::observe::{self, AGENT, AgentAddon, ObservedPods, ObservedRole};
use crate::patience::Patience;
use crate::plan::trust_gain;

use super::chain::{Chain, RoleHop};
use super::check::{ApplyEffect, Check, Checks};
use super::comparison::HopComparison;
use super::fix::Fix;
use super::near_names::{self, beside};
use super::observed::{Observed, Unreadable};
use super::pod_trust::{self, PodTrustAnswer};
use super::trust::TrustAnswer;
use super::{HopContext, VerifyOptions, comparison, effect_of_all, excess_access, reader, role};

/// Verifies a chain that begins at an association.
pub(super) async fn verify(
    (chain, association): (&Chain, &DesiredAssociation),
    connections: &Connections,
    now: OffsetDateTime,
    options: &VerifyOptions,
) -> Vec<Check> {
    let hops = stream::iter(&chain.hops)
        .map(|hop| {
            let context = HopContext { hop, chain, token: None, now, options };
            verify_hop(context, association, connections)
        })
        .buffered(ACCOUNTS_AT_ONCE);
    let hops: Vec<(Vec<Check>, Option<ApplyEffect>)> = hops.collect().await;
    let effect = effect_of_all(hops.iter().map(|(_, effect)| *effect));
    let mut checks: Vec<Check> = hops.into_iter().flat_map(|(checks, _)| checks).collect();
    for check in &mut checks {
        check.resolve(effect, &options.commands);
    }
    checks
}

async fn verify_hop(
    context: HopContext<'_>,
    association: &DesiredAssociation,
    connections: &Connections,
) -> (Vec<Check>, Option<ApplyEffect>) {
    let HopContext { hop, chain, options, .. } = context;
    let is_source = hop.role == association.role;
    let reader = reader(hop, connections, None, Patience::of(options.timeout)).await;
    let mut observed = Observed::read_role(&context, &reader).await;
    let pods = match (&reader, is_source) {
        (_, false) => None,
        (Err(why), true) => Some(Err(why.again())),
        (Ok(clients), true) => {
            let owner = chain.federation.as_deref().unwrap_or_default();
            let read = observe::pods(clients, owner, association).await;
            Some(read.map_err(Unreadable::from))
        }
    };
    if let Ok(clients) = &reader {
        if let Ok(found) = &observed.role {
            let known = pods.as_ref().and_then(|pods| pods.as_ref().ok());
            let found = (BTreeMap::new(), found.as_ref(), known);
            observed.compared = HopComparison::with_pods(hop, chain, found, clients).await;
        }
        if let Ok(None) = &observed.role {
            let near = near_names::roles(clients, hop.role.name(), None).await;
            observed.near_role = near.ok().flatten();
        }
    }
    let mut checks = Vec::new();
    if let Some(pods) = pods {
        let read = (hop.role.account(), pods);
        checks.extend(association_checks(&context, association, &observed, read));
    }
    checks.extend(role_checks(&context, association, &observed, reader.as_ref()).await);
    checks.extend(session(hop, association));
    // Without what the cluster has it is not known what `apply` does.
    let effect = observed.compared.as_ref().map(HopComparison::effect);
    (checks, effect)
}

/// The association, field by field, and the agent.
fn association_checks(
    context: &HopContext<'_>,
    expected: &DesiredAssociation,
    observed: &Observed,
    (account, read): (AccountId, Result<ObservedPods, Unreadable>),
) -> Vec<Check> {
    let mut checks = Checks::new(Link::Association, Some(account));
    let Cluster { name, region } = &expected.cluster;
    let line = &context.options.commands;
    let pods = match read {
        Ok(pods) => pods,
        Err(why) => {
            checks.not_checked("exists", &why);
            checks.not_checked("agent", why);
            return checks.into_list();
        }
    };
    let Some(listed) = &pods.listed else {
        let fix = Fix::commands([line.list_clusters(account, region)]).saying(
            "correct the cluster's name or region in the file, or the source's account; these are its clusters:",
        );
        checks.fail("exists", format!("{account} has no EKS cluster {name} in {region}"), fix);
        return checks.into_list();
    };
    let fix = |wanted: fn(&Operation) -> bool| observed.fix(context, wanted);
    match pods.of(&expected.workload) {
        None => {
            let detail = format!("{} has no association in {name}", expected.workload.subject());
            let near = near_names::associated(listed, &expected.workload);
            let fix = fix(|operation| matches!(operation, Operation::CreateAssociation(_)));
            checks.fail("exists", beside(&detail, near.as_ref()), fix);
        }
        Some(found) => {
            checks.ok("exists", format!("{} of {}", found.id, expected.workload.subject()));
            let update =
                || fix(|operation| matches!(operation, Operation::UpdateAssociation { .. }));
            let role = expected.role.to_string();
            match found.role_arn == role {
                true => checks.ok("role", role),
                false => {
                    let found = printable(&found.role_arn);
                    checks.fail("role", format!("expected {role}, found {found}"), update());
                }
            }
            let target = expected.target.as_ref().map(ToString::to_string);
            let shown = |target: Option<&String>| {
                target.map_or_else(|| "none".to_owned(), |arn| printable(arn).into_owned())
            };
            let (own, other) = (shown(target.as_ref()), shown(found.target_role_arn.as_ref()));
            match found.target_role_arn == target {
                true => checks.ok("target role", own),
                false => {
                    checks.fail("target role", format!("expected {own}, found {other}"), update());
                }
            }
            match found.disable_session_tags {
                false => checks.ok("session tags", "enabled"),
                true => {
                    let detail = "disabled, and the trust policies of the roles ask for them";
                    checks.fail("session tags", detail, update());
                }
            }
        }
    }
    agent(&mut checks, &pods.agent, line.add_agent(account, &expected.cluster));
    checks.into_list()
}

/// The agent may have been installed without being an add-on.
fn agent(checks: &mut Checks, found: &AgentAddon, add: String) {
    const NAME: &str = "agent";
    match found {
        AgentAddon::Installed(status) if status == "ACTIVE" => {
            checks.ok(NAME, format!("the add-on {AGENT} is ACTIVE"));
        }
        AgentAddon::Installed(status) => {
            let detail = format!("the status of the add-on {AGENT} is {}", printable(status));
            checks.warn(NAME, detail, "without the agent no pod gets a session");
        }
        AgentAddon::Missing => {
            let fix = Fix::commands([add]).saying("unless the agent runs otherwise:");
            checks.warn(NAME, format!("the cluster does not have the add-on {AGENT}"), fix);
        }
        AgentAddon::Unknown(why) => checks.not_checked(NAME, why),
        AgentAddon::NotAsked => checks.not_checked(NAME, "it was not asked for"),
    }
}

async fn role_checks(
    context: &HopContext<'_>,
    association: &DesiredAssociation,
    observed: &Observed,
    reader: Result<&Clients, &Unreadable>,
) -> Vec<Check> {
    let HopContext { hop, options, .. } = *context;
    let mut checks = Checks::new(Link::Role, Some(hop.role.account()));
    let (found, clients) = match (&observed.role, reader) {
        (Ok(Some(found)), Ok(clients)) => (found, clients),
        (Ok(_), Ok(_)) => {
            let fix = observed.fix(context, is_of_a_role);
            let detail = format!("there is no role {}", hop.role.name());
            checks.fail("exists", beside(&detail, observed.near_role.as_ref()), fix);
            return checks.into_list();
        }
        (Err(why), _) | (_, Err(why)) => {
            checks.not_checked("exists", why);
            checks.not_checked("trust policy", why);
            checks.not_checked(excess_access::WHO_ELSE, why);
            comparison::NAMES.iter().for_each(|name| checks.not_checked(name, why));
            checks.not_checked(excess_access::WHAT_ELSE, why);
            return checks.into_list();
        }
    };
    role::exists(&mut checks, hop, found);
    trust(&mut checks, context, association, (observed, found));
    who_else(&mut checks, context, (observed, found)).await;
    if let Some(compared) = &observed.compared {
        compared.rows(&mut checks, hop, &options.commands);
    }
    excess_access::excess_permissions(&mut checks, context, observed, found, clients).await;
    checks.into_list()
}

fn is_of_a_role(operation: &Operation) -> bool {
    !matches!(
        operation,
        Operation::CreateAssociation(_)
            | Operation::UpdateAssociation { .. }
            | Operation::TagAssociation { .. }
            | Operation::UntagAssociation { .. }
            | Operation::DeleteAssociation { .. }
    )
}

fn is_trust(operation: &Operation) -> bool {
    matches!(operation, Operation::SetTrust { .. })
}

/// Whether the role lets in whom the mode needs, for both actions.
fn trust(
    checks: &mut Checks,
    context: &HopContext<'_>,
    association: &DesiredAssociation,
    (observed, found): (&Observed, &ObservedRole),
) {
    const NAME: &str = "trust policy";
    let hop = context.hop;
    let who = match hop.role == association.role {
        true => attache_policy::condition_keys::POD_IDENTITY_SERVICE.to_owned(),
        false => format!("sessions of {}", association.role),
    };
    let cluster = association.cluster_arn();
    let answer = pod_trust::answer(hop, found, (association, &cluster), context.now);
    let (action, answer) = match answer {
        PodTrustAnswer::OfThePod(key) => {
            return checks.unknown(NAME, format!("it depends on the pod, by {key}"), "");
        }
        PodTrustAnswer::Decided { action, answer } => (action, answer),
    };
    let why = match answer {
        TrustAnswer::Allows => {
            let detail = format!("lets in {who} for sts:AssumeRole and sts:TagSession");
            return checks.ok(NAME, detail);
        }
        TrustAnswer::Open(open) => {
            let lines = open.iter().map(|own| format!("  {}: {}", own.text, own.what));
            let head = format!("lets in {who}; not known whether these conditions hold");
            let lines: Vec<String> = std::iter::once(head).chain(lines).collect();
            return checks.unknown(NAME, lines.join("\n"), "");
        }
        TrustAnswer::OlderVersion => {
            let detail = "not known: its Version is older than 2012-10-17, and it has a `$`";
            return checks.unknown(NAME, detail, "");
        }
        TrustAnswer::Refuses(why) => why.to_string(),
        TrustAnswer::Invalid(why) => why.to_string(),
    };
    let detail = format!("does not let in {who} for {action}\n{}", why.trim_end());
    checks.fail(NAME, detail, observed.fix(context, is_trust));
}

/// Whether the trust policy lets in others than the file's does.
async fn who_else(
    checks: &mut Checks,
    context: &HopContext<'_>,
    (observed, found): (&Observed, &ObservedRole),
) {
    let desired = context.hop.desired.as_ref().and_then(|account| account.roles.first());
    let Some(expected) = desired else { return };
    let fix = || observed.fix(context, is_trust);
    match trust_gain(&expected.trust.to_string(), &found.trust).await {
        Gain::Nothing => checks.ok(excess_access::WHO_ELSE, format!("only {}", expected.trusts)),
        Gain::Unknown(why) => {
            checks.unknown(excess_access::WHO_ELSE, format!("not known: {why}"), fix());
        }
        Gain::Something(witness) => {
            let detail =
                format!("the trust policy allows more than {}: {witness}", expected.trusts);
            checks.fail(excess_access::WHO_ELSE, detail, fix());
        }
    }
}

/// What only a pod can try.
fn session(hop: &RoleHop, association: &DesiredAssociation) -> Vec<Check> {
    let mut checks = Checks::new(Link::Session, Some(hop.role.account()));
    let is_source = hop.role == association.role;
    // With a target role the pods never see a session of the source role.
    if is_source && association.target.is_some() {
        return Vec::new();
    }
    let by = match (is_source, &association.target) {
        (true, _) | (_, Some(_)) => "aws sts get-caller-identity".to_owned(),
        (false, None) => {
            format!("aws sts assume-role --role-arn {} --role-session-name verify", hop.role)
        }
    };
    let subject = association.workload.subject();
    let detail = format!("not tried: EKS gives a session to the pods of {subject} alone");
    checks.unknown("assume the role", detail, Fix::commands([by]).saying("in such a pod:"));
    checks.into_list()
}
