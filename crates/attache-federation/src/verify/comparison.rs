//! What stands in an account beside the federation's file, by the plan's own comparison.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, ProviderArn};

use crate::apply::Operation;
use crate::clients::Clients;
use crate::kept::SetAside;
use crate::observe::{FoundProvider, ObservedAccount, ObservedPods, ObservedRole};
use crate::plan::{self, Action, Change, Difference, Kind, StepClass, same_name};

use super::chain::{Chain, RoleHop};
use super::check::{ApplyEffect, Checks};
use super::fix::{CommandLine, Fix};
use super::narrowing;

/// The checks that the comparison decides.
pub(super) const NAMES: [&str; 3] = ["policies", "settings", "narrower"];

/// What a plan would change, and what of it takes away what narrows access.
#[derive(Debug, Default)]
pub(super) struct HopComparison {
    pub(super) account: Option<AccountId>,
    pub(super) changes: Vec<Change>,
    /// What narrows access, for each operation that would take it away.
    narrowing: Vec<(Operation, Vec<String>)>,
    /// Whether the role exists without the federation's tag.
    adopts: bool,
    /// What others put on the role and the file accepts, in words.
    kept: Vec<String>,
}

/// How a person goes on where something narrows access.
const SOMEBODY_SET_IT: &str =
    "whoever set it may want it so: ask before it is changed; this shows who changed the role last";

impl HopComparison {
    /// Compares the providers and the role with the file's; nothing without a file.
    pub(super) async fn new(
        hop: &RoleHop,
        chain: &Chain,
        providers: BTreeMap<ProviderArn, FoundProvider>,
        role: Option<&ObservedRole>,
        clients: &Clients,
    ) -> Option<Self> {
        Self::with_pods(hop, chain, (providers, role, None), clients).await
    }

    /// The same with the associations of the cluster.
    pub(super) async fn with_pods(
        hop: &RoleHop,
        chain: &Chain,
        (providers, role, pods): (
            BTreeMap<ProviderArn, FoundProvider>,
            Option<&ObservedRole>,
            Option<&ObservedPods>,
        ),
        clients: &Clients,
    ) -> Option<Self> {
        let (owner, desired) = (chain.federation.as_ref()?, hop.desired.as_ref()?);
        let roles = role.map(|role| (hop.role.name().clone(), role.clone()));
        let observed = ObservedAccount {
            providers,
            roles: roles.into_iter().collect::<BTreeMap<_, _>>(),
            pods: pods.cloned(),
            ..ObservedAccount::default()
        };
        let changes = plan::compare(owner, desired, &observed, clients).await;
        let mut compared = Self {
            account: Some(hop.role.account()),
            adopts: role.is_some_and(|role| !plan::is_owned(&role.tags, owner)),
            kept: role
                .zip(desired.roles.first())
                .map(|(role, own)| SetAside::new(own, role).words())
                .unwrap_or_default(),
            ..Self::default()
        };
        for change in &changes {
            for (operation, step) in change.operations.iter().zip(&change.steps) {
                if !matches!(step.class, StepClass::Widens | StepClass::Unknown) {
                    continue;
                }
                let Some(role) = role else { continue };
                let found = takes_away(operation, role, desired);
                if !found.is_empty() {
                    compared.narrowing.push((operation.clone(), found));
                }
            }
        }
        compared.changes = changes;
        Some(compared)
    }

    /// What `apply` would do in this account.
    pub(super) fn effect(&self) -> ApplyEffect {
        let steps = self.changes.iter().flat_map(|change| &change.steps);
        ApplyEffect {
            is_harmless: self.narrowing.is_empty()
                && !self.changes.iter().any(|change| change.action == Action::Blocked),
            adopts: self.adopts,
            widens: steps.into_iter().any(plan::PlannedStep::needs_consent),
        }
    }

    /// What mends the difference: those of the operations that are wanted, unless one of them takes away
    /// what narrows access.
    pub(super) fn fix(&self, line: &CommandLine, wanted: impl Fn(&Operation) -> bool) -> Fix {
        let Some(account) = self.account else { return Fix::default() };
        let operations = self.changes.iter().flat_map(|change| &change.operations);
        let wanted: Vec<&Operation> = operations.filter(|one| wanted(one)).collect();
        let narrows = |one: &&&Operation| self.narrowing.iter().any(|(other, _)| other == **one);
        if wanted.iter().any(|one| narrows(&one)) {
            return Fix::from(SOMEBODY_SET_IT);
        }
        Fix::by_apply(wanted.into_iter().map(|one| line.operation(account, one)))
    }

    /// The rows of the comparison: the file's policies, the role's settings, what narrows access.
    pub(super) fn rows(&self, checks: &mut Checks, hop: &RoleHop, line: &CommandLine) {
        let blocked = self.changes.iter().find(|change| {
            change.action == Action::Blocked && change.resource.kind != Kind::Association
        });
        if let Some(note) = blocked.and_then(|change| change.note.as_ref()) {
            checks.fail("policies", format!("not compared: {note}"), "");
            return;
        }
        self.policies(checks, line);
        self.settings(checks, line);
        self.narrower(checks, hop, line);
    }

    fn policies(&self, checks: &mut Checks, line: &CommandLine) {
        let of_policies = |change: &&Change| {
            matches!(change.resource.kind, Kind::ManagedPolicy | Kind::InlinePolicy)
        };
        let changes: Vec<&Change> = self.changes.iter().filter(of_policies).collect();
        let mut lines: Vec<String> = Vec::new();
        for change in &changes {
            let name = &change.resource.name;
            match change.action {
                Action::Attach => lines.push(format!("not attached: {name}")),
                Action::Create => lines.push(format!("not on the role: the inline policy {name}")),
                Action::Update if !self.is_narrowing(change) => {
                    lines.push(format!("not as in the file: the inline policy {name}"));
                    lines.extend(change.differences.iter().map(|d| format!("  {d}")));
                }
                _ => {}
            }
        }
        let there = changes
            .iter()
            .filter(|change| !matches!(change.action, Action::Attach | Action::Create));
        if lines.is_empty() {
            let count = there.count();
            return checks
                .ok("policies", format!("{count} on the role, including all of the file's"));
        }
        let fix = self.fix(line, |operation| {
            matches!(operation, Operation::Attach { .. } | Operation::PutInline { .. })
        });
        checks.fail("policies", lines.join("\n"), fix);
    }

    /// The fields of the role and of the provider, one row for each that differs.
    fn settings(&self, checks: &mut Checks, line: &CommandLine) {
        let mut all_same = true;
        for (change, difference) in self.fields() {
            let Some((name, is_weaker)) = setting(difference) else { continue };
            let operations: Vec<&Operation> =
                change.operations.iter().filter(|operation| sets(operation, name)).collect();
            if operations.iter().any(|one| self.narrowing.iter().any(|(own, _)| own == *one)) {
                continue;
            }
            all_same = false;
            let (found, expected) = (or_none(&difference.before), or_none(&difference.after));
            let detail = format!("expected {expected}, found {found}");
            let fix = self.fix(line, |operation| sets(operation, name));
            if is_weaker {
                checks.fail(name, detail, fix);
            } else {
                checks.warn(name, detail, fix);
            }
        }
        if all_same {
            let detail = "boundary, session length, description and tags as in the file";
            checks.ok("settings", detail);
        }
    }

    fn fields(&self) -> impl Iterator<Item = (&Change, &Difference)> {
        let changes = self.changes.iter().filter(|change| {
            matches!(change.resource.kind, Kind::Role | Kind::Provider)
                && change.action == Action::Update
        });
        changes.flat_map(|change| change.differences.iter().map(move |d| (change, d)))
    }

    fn narrower(&self, checks: &mut Checks, hop: &RoleHop, line: &CommandLine) {
        let found: Vec<String> =
            self.narrowing.iter().flat_map(|(_, found)| found.iter().cloned()).collect();
        if found.is_empty() && !self.kept.is_empty() {
            let detail = format!("kept, as the file says: {}", self.kept.join("; "));
            return checks.ok_with("narrower", detail, self.kept.clone());
        }
        if found.is_empty() {
            return checks.ok("narrower", "nothing narrows it beyond the file");
        }
        let detail = format!("narrower than the file: {}", found.join("; "));
        let fix = Fix::commands([line.who_changed(&hop.role)]).saying(SOMEBODY_SET_IT);
        checks.warn("narrower", detail, fix);
    }

    fn is_narrowing(&self, change: &Change) -> bool {
        change.operations.iter().any(|one| self.narrowing.iter().any(|(other, _)| other == one))
    }
}

/// What narrows access and goes with an operation that is not known to be no wider.
fn takes_away(
    operation: &Operation,
    found: &ObservedRole,
    desired: &crate::desired::Account,
) -> Vec<String> {
    let of = |what: String, found: Vec<String>| -> Vec<String> {
        found.into_iter().map(|text| format!("{what}, {text}")).collect()
    };
    match operation {
        Operation::Detach { policy, .. } => vec![format!("the policy {policy} denies")],
        Operation::DeleteInline { name, .. } => vec![format!("the inline policy {name} denies")],
        Operation::RemoveBoundary { .. } | Operation::SetBoundary { .. } => {
            let boundary = found.boundary.iter();
            boundary.map(|arn| format!("the permissions boundary {arn}")).collect()
        }
        Operation::SetTrust { .. } => {
            let issuers: Vec<_> = desired.providers.iter().map(|own| &own.issuer).collect();
            let found = match (issuers.as_slice(), desired.roles.first()) {
                ([_, ..], _) => narrowing::of_trust(&found.trust, &issuers),
                ([], Some(role)) => {
                    narrowing::beside(&found.trust, &role.trust, attache_policy::Kind::Trust)
                }
                ([], None) => Vec::new(),
            };
            of("trust policy".to_owned(), found)
        }
        Operation::PutInline { name, document, .. } => {
            let now = found.inline.iter().find(|(other, _)| same_name(other, name));
            let found = now
                .map(|(_, text)| narrowing::beside(text, document, attache_policy::Kind::Identity));
            of(format!("inline policy {name}"), found.unwrap_or_default())
        }
        _ => Vec::new(),
    }
}

/// The check of a field of the plan's, and whether the difference makes it weaker than the file;
/// nothing for fields that have their own checks.
fn setting(difference: &Difference) -> Option<(&'static str, bool)> {
    let seconds = |text: &Option<String>| -> Option<i32> {
        text.as_deref()?.trim_end_matches(" s").parse().ok()
    };
    Some(match difference.field.as_str() {
        "max session" => {
            ("session length", seconds(&difference.before) > seconds(&difference.after))
        }
        "permissions boundary" => ("permissions boundary", difference.after.is_some()),
        "description" => ("description", false),
        "tags" => ("tags", false),
        "thumbprints" => ("thumbprints of the file", false),
        _ => return None,
    })
}

fn sets(operation: &Operation, name: &str) -> bool {
    match operation {
        Operation::SetMaxSession { .. } => name == "session length",
        Operation::SetBoundary { .. } | Operation::RemoveBoundary { .. } => {
            name == "permissions boundary"
        }
        Operation::SetDescription { .. } => name == "description",
        Operation::TagRole { .. } => name == "tags",
        Operation::SetThumbprints { .. } => name == "thumbprints of the file",
        _ => false,
    }
}

fn or_none(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or("none")
}
