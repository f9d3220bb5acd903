//! Which services an identity may use, and when it last did, by the recorded calls.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html>

use std::collections::BTreeMap;

use attache_aws_protocol::ServiceError;
use attache_ledger::state::{Role, User};
use attache_ledger::usage::{Job, Kind, ServiceUse};
use attache_policy::{PolicySet, services_allowed};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::policies::well_formed;
use super::policy_source::Source;
use super::{Call, Operation, Resource, Response, members, page, show};
use crate::refusal::no_such_entity;
use crate::validation::{Member, Pattern, Shape, optional, required};

const JOB: Member = required("JobId", &Shape::Text { min: 36, max: 36, pattern: Pattern::Any });
const NAMESPACE: Member =
    required("ServiceNamespace", &Shape::Text { min: 1, max: 64, pattern: Pattern::Any });

pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        name: "GenerateServiceLastAccessedDetails",
        members: &[
            required("Arn", &members::ARN),
            optional("Granularity", &Shape::Enum(&["SERVICE_LEVEL", "ACTION_LEVEL"])),
        ],
        resource: Resource::Arn,
        changes: false,
        run: |call| generate(call, &call.read()?),
    },
    Operation {
        name: "GetServiceLastAccessedDetails",
        members: &[JOB, members::AT_MOST, members::AT_MARKER],
        resource: Resource::Any,
        changes: false,
        run: details,
    },
    Operation {
        name: "GetServiceLastAccessedDetailsWithEntities",
        members: &[JOB, NAMESPACE, members::AT_MOST, members::AT_MARKER],
        resource: Resource::Any,
        changes: false,
        run: entities,
    },
];

/// A user or a role who may have used something.
#[derive(Clone, Copy)]
enum Entity<'s> {
    User(&'s User),
    Role(&'s Role),
}

impl<'s> Entity<'s> {
    fn arn(self) -> &'s str {
        match self {
            Self::User(user) => &user.arn,
            Self::Role(role) => &role.arn,
        }
    }

    /// What it used, looked up once for all services.
    fn with_use(self, call: &Call<'s>) -> Option<Active<'s>> {
        let (kind, name, since) = match self {
            Self::User(user) => (Kind::User, &user.name, user.created),
            Self::Role(role) => (Kind::Role, &role.name, role.created),
        };
        let services = call.usage().services_of(call.account.id, kind, name)?;
        Some(Active { entity: self, services, since })
    }

    fn info(self) -> Value {
        match self {
            Self::User(u) => json!({
                "Arn": u.arn, "Name": u.name, "Type": "USER", "Id": u.id, "Path": u.path,
            }),
            Self::Role(r) => json!({
                "Arn": r.arn, "Name": r.name, "Type": "ROLE", "Id": r.id, "Path": r.path,
            }),
        }
    }
}

/// A user or a role that used something at all.
struct Active<'s> {
    entity: Entity<'s>,
    services: &'s BTreeMap<String, ServiceUse>,
    /// One of its name may have been before.
    since: OffsetDateTime,
}

impl<'s> Active<'s> {
    fn used(&self, service: &str) -> Option<&'s ServiceUse> {
        self.services.get(service).filter(|used| used.at >= self.since)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateServiceLastAccessedDetails<'a> {
    arn: &'a str,
    granularity: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JobInput<'a> {
    job_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceInput<'a> {
    service_namespace: &'a str,
}

/// The report is made when it is fetched: there is nothing to wait for.
fn generate(
    call: &Call<'_>,
    input: &GenerateServiceLastAccessedDetails<'_>,
) -> Result<Response, ServiceError> {
    let arn = input.arn;
    well_formed(arn)?;
    let arn = match call.state.managed_policy_named(call.account, arn) {
        Some(policy) => &policy.arn,
        None => Source::find(call, arn)?.arn(),
    };
    let job = Job {
        account: call.account.id,
        arn: arn.to_owned(),
        actions: input.granularity == Some("ACTION_LEVEL"),
        at: call.now,
    };
    Ok(Response::read_only(json!({"JobId": call.usage().begin(job)})))
}

fn job(call: &Call<'_>) -> Result<Job, ServiceError> {
    let id = call.read::<JobInput<'_>>()?.job_id;
    let found = call.usage().job(id).filter(|job| job.account == call.account.id);
    found.ok_or_else(|| no_such_entity(format!("The job with id {id} cannot be found.")))
}

/// The policies of what an ARN names, and who may have used what they allow.
fn about<'s>(call: &Call<'s>, arn: &str) -> Result<(PolicySet, Vec<Entity<'s>>), ServiceError> {
    let account = call.account;
    if let Some(policy) = call.state.managed_policy(account, arn) {
        let policies = policy.current().map(|item| item.document.set().clone());
        // A group's policies are its members'.
        let grouped = |name: &String| account.groups.get(name).is_some_and(|g| g.policies.has(arn));
        let users = account.users.values();
        let users = users.filter(|item| item.policies.has(arn) || item.groups.iter().any(grouped));
        let users = users.map(|user| Entity::User(user));
        let roles = account
            .roles
            .values()
            .filter(|item| item.policies.has(arn))
            .map(|role| Entity::Role(role));
        return Ok((policies.unwrap_or_default(), users.chain(roles).collect()));
    }
    let source = Source::find(call, arn)?;
    let policies = source.policies(call).0;
    let entities = match source {
        Source::User(user) => vec![Entity::User(user)],
        Source::Role(role) => vec![Entity::Role(role)],
        Source::Group(group) => {
            let members = account.users.values().filter(|item| item.groups.contains(&group.name));
            members.map(|user| Entity::User(user)).collect()
        }
    };
    Ok((policies, entities))
}

fn details(call: &Call<'_>) -> Result<Response, ServiceError> {
    let job = job(call)?;
    let (policies, entities) = about(call, &job.arn)?;
    let users: Vec<_> = entities.iter().filter_map(|item| item.with_use(call)).collect();
    let items = services_allowed(&policies).into_iter().map(|service| (service, service));
    let answer = page::page(call.input, "ServicesLastAccessed", items, |service| {
        shown(&job, service, &users)
    });
    let mut answer = answer?;
    let granularity = if job.actions { "ACTION_LEVEL" } else { "SERVICE_LEVEL" };
    answer.insert("JobType".to_owned(), json!(granularity));
    completed(&mut answer, job.at);
    Ok(Response::read_only(Value::Object(answer)))
}

fn completed(answer: &mut Map<String, Value>, at: OffsetDateTime) {
    answer.insert("JobStatus".to_owned(), json!("COMPLETED"));
    answer.insert("JobCreationDate".to_owned(), show::time(at));
    answer.insert("JobCompletionDate".to_owned(), show::time(at));
}

fn shown(job: &Job, service: &str, users: &[Active<'_>]) -> Value {
    let used = users.iter().filter_map(|item| Some((item.entity.arn(), item.used(service)?)));
    let used: Vec<_> = used.collect();
    let last = used.iter().max_by_key(|(_, used)| used.at);
    let mut shown = json!({
        "ServiceName": service,
        "ServiceNamespace": service,
        "TotalAuthenticatedEntities": used.len(),
        "LastAuthenticated": last.map(|(_, used)| show::time(used.at)),
        "LastAuthenticatedEntity": last.map(|(arn, _)| arn),
        "LastAuthenticatedRegion": last.map(|(_, used)| &used.region),
    });
    if job.actions
        && let (Some((arn, used)), Some(shown)) = (last, shown.as_object_mut())
    {
        let actions = used.actions.iter().map(|(name, (at, region))| {
            json!({
                "ActionName": name,
                "LastAccessedEntity": arn,
                "LastAccessedTime": show::time(*at),
                "LastAccessedRegion": region,
            })
        });
        shown.insert("TrackedActionsLastAccessed".to_owned(), actions.collect());
    }
    shown
}

fn entities(call: &Call<'_>) -> Result<Response, ServiceError> {
    let job = job(call)?;
    let (_, mut entities) = about(call, &job.arn)?;
    // Pages go by the ARN.
    entities.sort_by_key(|item| item.arn());
    let service = call.read::<ServiceInput<'_>>()?.service_namespace;
    let items = entities.iter().filter_map(|item| {
        let used = item.with_use(call)?.used(service)?;
        Some((item.arn(), (item, used)))
    });
    let answer = page::page(
        call.input,
        "EntityDetailsList",
        items,
        |(item, used)| json!({"EntityInfo": item.info(), "LastAuthenticated": show::time(used.at)}),
    );
    let mut answer = answer?;
    completed(&mut answer, job.at);
    Ok(Response::read_only(Value::Object(answer)))
}
