//! The services that a role may use, and those that it uses: IAM's report beside the trail.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html>

use std::collections::BTreeMap;
use std::time::Duration;

use attache_aws_accounts::{CallFailure, Page, list_all};
use aws_sdk_iam::types::JobStatusType;
use serde::Serialize;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::error::AuditError;
use crate::record::Record;

/// Ours: between two looks at an unfinished report. AWS's reports take some seconds.
const PAUSE: Duration = Duration::from_secs(1);

/// A service and its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceUse {
    /// The prefix of its actions: `ec2`.
    pub service: String,
    /// Whether the role's policies allow anything of it; none where IAM did not tell.
    pub granted: Option<bool>,
    /// When IAM saw it used last.
    #[serde(with = "time::serde::rfc3339::option")]
    pub last_used: Option<OffsetDateTime>,
    /// Its calls in the time that was looked at, as far as CloudTrail records them.
    pub calls: usize,
    /// Those of them that were refused.
    pub refused: usize,
}

/// The services that the role may use, with the time of the last use.
pub(crate) async fn granted(
    iam: &aws_sdk_iam::Client,
    role: &str,
    patience: Duration,
) -> Result<BTreeMap<String, Option<OffsetDateTime>>, AuditError> {
    const ATTEMPT: &str = "read which services were used last";
    let failed = |source| AuditError::Call { attempt: ATTEMPT.to_owned(), source };
    let job = iam.generate_service_last_accessed_details().arn(role).send().await;
    let job = job.map_err(|error| failed(CallFailure::of(&error)))?.job_id.unwrap_or_default();
    let until = Instant::now() + patience;
    loop {
        let state = iam.get_service_last_accessed_details().job_id(&job).send().await;
        let state = state.map_err(|error| failed(CallFailure::of(&error)))?;
        match state.job_status() {
            JobStatusType::Completed => break,
            JobStatusType::InProgress if Instant::now() < until => tokio::time::sleep(PAUSE).await,
            _ => return Err(AuditError::Unfinished { seconds: patience.as_secs() }),
        }
    }
    let read_page = |marker: Option<String>| {
        let call = iam.get_service_last_accessed_details().job_id(&job).set_marker(marker);
        async move {
            let page = call.send().await.map_err(|error| failed(CallFailure::of(&error)))?;
            let marker = page.marker().map(str::to_owned);
            Ok(Page { items: page.services_last_accessed, marker })
        }
    };
    let incomplete = |source| AuditError::List { attempt: ATTEMPT.to_owned(), source };
    let services = list_all(read_page, incomplete).await?;
    let used = |last: Option<&aws_smithy_types::DateTime>| {
        last.and_then(|at| OffsetDateTime::from_unix_timestamp(at.secs()).ok())
    };
    let named = services
        .iter()
        .map(|one| (one.service_namespace().to_owned(), used(one.last_authenticated())));
    Ok(named.collect())
}

/// Both beside each other: what was called first, then what was only granted.
pub(crate) fn services(
    granted: Option<&BTreeMap<String, Option<OffsetDateTime>>>,
    calls: &[&Record],
) -> Vec<ServiceUse> {
    let mut all: BTreeMap<&str, ServiceUse> = BTreeMap::new();
    let empty = |service: &str| ServiceUse {
        service: service.to_owned(),
        granted: granted.map(|granted| granted.contains_key(service)),
        last_used: granted.and_then(|granted| granted.get(service).copied().flatten()),
        calls: 0,
        refused: 0,
    };
    for service in granted.into_iter().flat_map(BTreeMap::keys) {
        all.insert(service, empty(service));
    }
    for record in calls {
        let service = prefix(&record.service);
        let entry = all.entry(service).or_insert_with(|| empty(service));
        entry.calls += 1;
        entry.refused += usize::from(record.refusal.is_some());
    }
    let mut all: Vec<ServiceUse> = all.into_values().collect();
    all.sort_by_key(|one| (std::cmp::Reverse(one.calls), one.last_used.is_none()));
    all
}

/// The prefix of a service's actions, where its events come from another name.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
fn prefix(source: &str) -> &str {
    match source {
        "monitoring" => "cloudwatch",
        other => other,
    }
}
