//! What was used when: derived from the journal's events, as the state is from its changes.
//!
//! Knows: for each access key, user and role when it last asked for what. As AWS counts it, a call
//! that was refused is a use too, once the caller was proved.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Event, Outcome};

/// The services of one principal, and the actions of one service, that are remembered. Ours: callers
/// choose the names, and AWS has fewer services and few have more actions.
const MOST: usize = 1_000;

/// All of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Usage {
    keys: HashMap<String, Used>,
    /// By account and `role/Name` or `user/Name`.
    #[serde(with = "crate::state::serde_map_as_pairs")]
    principals: BTreeMap<(AccountId, String), BTreeMap<String, ServiceUse>>,
    /// The reports that were asked for, the oldest first.
    #[serde(skip)]
    jobs: Mutex<VecDeque<(String, Job)>>,
}

/// A report that was asked for.
#[derive(Debug, Clone)]
pub struct Job {
    /// The account.
    pub account: AccountId,
    /// The ARN that it is about.
    pub arn: String,
    /// Whether it lists actions too.
    pub actions: bool,
    /// When it was asked for.
    pub at: OffsetDateTime,
}

/// The last use of a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Used {
    /// When it was.
    pub at: OffsetDateTime,
    /// `iam`.
    pub service: String,
    /// The region of that call.
    pub region: String,
}

/// The last use of a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceUse {
    /// When it was last used.
    pub at: OffsetDateTime,
    /// The region of that call.
    pub region: String,
    /// When each action was last asked for and allowed, and where.
    pub actions: BTreeMap<String, (OffsetDateTime, String)>,
}

/// Who used something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A role.
    Role,
    /// A user.
    User,
}

impl Usage {
    /// Whether an event says who used something.
    pub(crate) fn has_use(event: &Event) -> bool {
        event.account.is_some() && principal_name(&event.principal).is_some()
    }

    /// Takes an event in.
    pub fn record(&mut self, event: &Event) {
        let (Some(account), Some((kind, name))) = (event.account, principal_name(&event.principal))
        else {
            return;
        };
        let (service, action) = event.action.split_once(':').unwrap_or((&event.action, ""));
        // IAM reports no use of a session's key, and there are as many of them as there are sessions.
        if let Some(key) = event.access_key.as_ref().filter(|key| key.starts_with("AKIA")) {
            let (service, region) = (service.to_owned(), event.region.clone());
            self.keys.insert(key.clone(), Used { at: event.at, service, region });
        }
        let services = self.principals.entry((account, place(kind, name))).or_default();
        if services.len() >= MOST && !services.contains_key(service) {
            return;
        }
        let (at, region) = (event.at, event.region.clone());
        let used = services.entry(service.to_owned()).or_insert_with(|| ServiceUse {
            at,
            region: region.clone(),
            actions: BTreeMap::new(),
        });
        (used.at, used.region) = (at, region.clone());
        let known = used.actions.len() < MOST || used.actions.contains_key(action);
        if known && event.outcome == Outcome::Allowed {
            used.actions.insert(action.to_owned(), (at, region));
        }
    }

    /// Remembers a report; the oldest is forgotten where there are too many.
    pub fn begin(&self, job: Job) -> String {
        let id = uuid::Uuid::new_v4().to_string();
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.len() >= MOST {
            jobs.pop_front();
        }
        jobs.push_back((id.clone(), job));
        id
    }

    /// A report that was asked for.
    pub fn job(&self, id: &str) -> Option<Job> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().find(|(own, _)| own == id).map(|(_, job)| job.clone())
    }

    /// The last use of an access key.
    pub fn of_key(&self, access_key: &str) -> Option<&Used> {
        self.keys.get(access_key)
    }

    /// What a principal used, by service, since it was made: one of its name may have been before.
    pub fn of(
        &self,
        account: AccountId,
        kind: Kind,
        name: &str,
        since: OffsetDateTime,
    ) -> impl Iterator<Item = (&str, &ServiceUse)> {
        let services = self.services_of(account, kind, name);
        let services = services.into_iter().flatten().filter(move |(_, used)| used.at >= since);
        services.map(|(service, used)| (service.as_str(), used))
    }

    /// The same of all principals that ever had the name, to look services up in.
    pub fn services_of(
        &self,
        account: AccountId,
        kind: Kind,
        name: &str,
    ) -> Option<&BTreeMap<String, ServiceUse>> {
        self.principals.get(&(account, place(kind, name)))
    }
}

fn place(kind: Kind, name: &str) -> String {
    match kind {
        Kind::Role => format!("role/{name}"),
        Kind::User => format!("user/{name}"),
    }
}

/// The kind and name of the role or user of a caller's ARN.
fn principal_name(principal: &str) -> Option<(Kind, &str)> {
    let resource = principal.splitn(6, ':').nth(5)?;
    match resource.split_once('/')? {
        ("assumed-role", rest) => rest.split('/').next().map(|name| (Kind::Role, name)),
        ("user", rest) => rest.rsplit('/').next().map(|name| (Kind::User, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_sessions_are_not_remembered() {
        let mut usage = Usage::default();
        for key in ["AKIAEXAMPLE", "ASIAEXAMPLE"] {
            let event = serde_json::json!({
                "at": "2026-09-21T14:26:40Z", "account": "222222222222",
                "principal": "arn:aws:iam::222222222222:user/ann", "action": "iam:GetUser",
                "resource": "*", "outcome": "allowed", "request_id": "1", "access_key": key,
            });
            usage.record(&serde_json::from_value(event).unwrap());
        }
        assert!(usage.of_key("AKIAEXAMPLE").is_some());
        assert!(usage.of_key("ASIAEXAMPLE").is_none());
    }

    #[test]
    fn callers_are_known_by_role_or_user() {
        for (arn, wanted) in [
            ("arn:aws:sts::222222222222:assumed-role/Reader/s", Some((Kind::Role, "Reader"))),
            ("arn:aws:iam::222222222222:user/team/ann", Some((Kind::User, "ann"))),
            ("arn:aws:sts::222222222222:federated-user/bob", None),
            ("anonymous", None),
        ] {
            assert_eq!(principal_name(arn), wanted, "{arn}");
        }
    }
}
