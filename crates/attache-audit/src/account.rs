//! Reads the accounts, several at a time, and makes the report.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use attache_aws_accounts::{AccountError, CloudTrail, Connections, LookupAttribute, iam};
use attache_identifiers::{AccountId, PrincipalArn, Region};
use aws_types::SdkConfig;
use futures_util::{StreamExt, stream};

use crate::assumption::assumptions;
use crate::history::History;
use crate::last_use;
use crate::lookup::Trail;
use crate::record::Record;
use crate::refusal::refused;
use crate::report::{AuditReport, AuditSettings, AuditedRole, Change, RoleReport, UnreadAccount};
use crate::service_use::{granted, services};

/// Ours: accounts that are read at the same time.
const AT_ONCE: usize = 8;

/// Ours: names of sessions whose calls are looked up, the newest. Each is a lookup of its own.
const MOST_SESSION_NAMES: usize = 20;

/// Looks at the roles. `done` is told of each account that has been read.
pub async fn audit(
    roles: &[AuditedRole],
    settings: &AuditSettings,
    connections: &Connections,
    done: impl Fn(AccountId),
) -> AuditReport {
    let mut accounts: BTreeMap<AccountId, Vec<&AuditedRole>> = BTreeMap::new();
    for role in roles {
        accounts.entry(role.arn.account()).or_default().push(role);
    }
    let done = &done;
    let read = accounts.iter().map(|(id, roles)| async move {
        let found = account(*id, roles, settings, connections).await;
        done(*id);
        (*id, found)
    });
    let read: Vec<_> = stream::iter(read).buffer_unordered(AT_ONCE).collect().await;
    let mut report =
        AuditReport { from: settings.from, to: settings.to, roles: Vec::new(), unread: Vec::new() };
    let mut found = Vec::new();
    for (account, result) in read {
        match result {
            Ok(roles) => found.extend(roles),
            Err(error) => report.unread.push(UnreadAccount {
                account,
                why: error.to_string(),
                is_remote: error.is_remote(),
            }),
        }
    }
    let place = |report: &RoleReport| roles.iter().position(|r| r.arn.to_string() == report.role);
    found.sort_by_key(place);
    report.unread.sort_by_key(|unread| unread.account);
    report.roles = found;
    report
}

async fn account(
    id: AccountId,
    roles: &[&AuditedRole],
    settings: &AuditSettings,
    connections: &Connections,
) -> Result<Vec<RoleReport>, AccountError> {
    let region = roles.first().and_then(|role| role.regions.first());
    let config = connections.open(id, region).await?;
    let cloud_trail = connections.cloud_trail(&config);
    let account = Account { id, config: &config, cloud_trail, settings };
    let by_token = account.by_token(roles).await;
    let mut reports = Vec::with_capacity(roles.len());
    for role in roles {
        reports.push(account.role(role, &by_token).await);
    }
    Ok(reports)
}

/// One account that can be read.
struct Account<'a> {
    id: AccountId,
    config: &'a SdkConfig,
    cloud_trail: CloudTrail,
    settings: &'a AuditSettings,
}

/// The calls with a token, for whichever role of the account.
type ByToken<'r> = BTreeMap<&'r Region, History>;

impl Account<'_> {
    /// Looked up once for all roles: a refused call has no resource, so its role is only in its parameters.
    async fn by_token<'r>(&self, roles: &[&'r AuditedRole]) -> ByToken<'r> {
        let mut found = BTreeMap::new();
        for region in roles.iter().flat_map(|role| &role.regions) {
            if let Entry::Vacant(place) = found.entry(region) {
                let name = "AssumeRoleWithWebIdentity";
                let history: &mut History = place.insert(History::default());
                history.add(self.trail(region).events(LookupAttribute::EventName, name).await);
            }
        }
        found
    }

    async fn role(&self, role: &AuditedRole, by_token: &ByToken<'_>) -> RoleReport {
        let arn = role.arn.to_string();
        let iam = iam(self.config);
        let now = last_use::role(&iam, role.arn.name()).await;
        let history = self.history(role, &arn, by_token).await;
        let made = self.calls(role, &arn, &history).await;
        let mut not_read = [history.not_read.clone(), made.not_read.clone()].concat();
        let all = history.newest_first();
        let sessions = assumptions(&all, &arn, &role.workloads);
        let calls = made.newest_first();
        let requests = all.iter().filter(|record| record.asks_for(&arn));
        let requests: Vec<&Record> = requests.chain(&calls).copied().collect();
        let granted = granted(&iam, &arn, self.settings.patience).await;
        let granted = granted.map_err(|error| not_read.push(error.to_string())).ok();
        let last_use = now.last_use(sessions.iter().map(|session| session.last).max());
        RoleReport {
            account: self.id,
            unused: last_use.is_unused(self.settings.to, self.settings.unused_days),
            last_use,
            refused: refused(&requests, &now),
            sessions,
            changes: changes(&all),
            services: (granted.is_some() || !calls.is_empty())
                .then(|| services(granted.as_ref(), &calls)),
            not_read,
            role: arn,
        }
    }

    /// The calls for a session of the role and the changes to it.
    async fn history(&self, role: &AuditedRole, arn: &str, by_token: &ByToken<'_>) -> History {
        let mut history = History::default();
        for region in &role.regions {
            // Those that succeeded, whoever made them.
            let trail = self.trail(region);
            history.add(trail.events(LookupAttribute::ResourceName, arn).await);
            history.append(by_token.get(region).cloned().unwrap_or_default());
        }
        let name = role.arn.name().as_str();
        let home = Region::of_iam(role.arn.partition());
        history.add(self.trail(&home).events(LookupAttribute::ResourceName, name).await);
        history
    }

    /// What the sessions of the role did, by the sessions' names.
    async fn calls(&self, role: &AuditedRole, arn: &str, history: &History) -> History {
        let all = history.newest_first();
        let began = all.iter().filter(|record| record.begins(arn));
        let (mut names, mut known) = (Vec::new(), BTreeSet::new());
        for name in began.filter_map(|record| record.session_name.as_deref()) {
            if known.insert(name) {
                names.push(name);
            }
        }
        let mut calls = History::default();
        if names.len() > MOST_SESSION_NAMES {
            calls.not_read.push(format!(
                "the calls of {} more sessions, each with a name of its own",
                names.len() - MOST_SESSION_NAMES
            ));
        }
        for region in &role.regions {
            let trail = self.trail(region);
            for name in names.iter().take(MOST_SESSION_NAMES) {
                calls.add(trail.events(LookupAttribute::Username, name).await);
            }
        }
        calls.retain(|record| is_of(record, arn));
        calls
    }

    fn trail<'t>(&'t self, region: &'t Region) -> Trail<'t> {
        let AuditSettings { from, to, most_events: most, .. } = *self.settings;
        Trail { cloud_trail: &self.cloud_trail, region, from, to, most }
    }
}

/// Whether a session of the role made the call; another role's session can have the same name.
fn is_of(record: &Record, arn: &str) -> bool {
    if record.session_of.as_deref() == Some(arn) {
        return true;
    }
    // A session's ARN has no path, and neither has what the trail makes of it.
    let crate::Caller::Session { arn: session } = &record.caller else { return false };
    match (PrincipalArn::parse(session), attache_identifiers::RoleArn::parse(arn)) {
        (Ok(PrincipalArn::Session(session)), Ok(role)) => session.is_of(&role),
        _ => false,
    }
}

/// What changed the role, in the records' order.
fn changes(records: &[&Record]) -> Vec<Change> {
    let changed = records
        .iter()
        .filter(|record| record.service == "iam" && record.refusal.is_none() && !record.read_only);
    changed
        .map(|record| Change { at: record.at, call: record.call(), by: record.caller.to_string() })
        .collect()
}
