//! The sessions of a role, by who began them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use time::OffsetDateTime;

use crate::caller::Caller;
use crate::record::Record;
use crate::report::Workload;

/// Ours: as many session names and addresses as a person reads.
const EXAMPLES: usize = 5;

/// Sessions that one caller began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assumption {
    /// Who.
    pub by: Caller,
    /// Whether that is the workload which the role is for.
    pub is_workload: bool,
    /// How many sessions.
    pub count: usize,
    /// When the first of them began.
    #[serde(with = "time::serde::rfc3339")]
    pub first: OffsetDateTime,
    /// When the last of them began.
    #[serde(with = "time::serde::rfc3339")]
    pub last: OffsetDateTime,
    /// The pods, where the records name them; at most five.
    pub pods: BTreeSet<String>,
    /// Names of the sessions; at most five.
    pub session_names: BTreeSet<String>,
    /// The addresses that they were asked from; at most five.
    pub from: BTreeSet<String>,
    /// The regions.
    pub regions: BTreeSet<String>,
}

/// The records by which a session of the role began, grouped; those of its workloads first.
pub(crate) fn assumptions(
    records: &[&Record],
    role: &str,
    workloads: &[Workload],
) -> Vec<Assumption> {
    let began = records.iter().filter(|record| record.begins(role));
    let mut groups: BTreeMap<Caller, Assumption> = BTreeMap::new();
    for record in began {
        let by = record.caller.grouped();
        let group = groups.entry(by.clone()).or_insert_with(|| Assumption {
            is_workload: workloads.iter().any(|own| is_workload(&by, own)),
            by,
            count: 0,
            first: record.at,
            last: record.at,
            pods: BTreeSet::new(),
            session_names: BTreeSet::new(),
            from: BTreeSet::new(),
            regions: BTreeSet::new(),
        });
        group.count += 1;
        group.first = group.first.min(record.at);
        group.last = group.last.max(record.at);
        group.regions.insert(record.region.clone());
        let pod = match &record.caller {
            Caller::Pod { pod, .. } => pod.clone(),
            _ => None,
        };
        add(&mut group.pods, pod);
        add(&mut group.session_names, record.session_name.clone());
        add(&mut group.from, record.from.clone());
    }
    let mut all: Vec<Assumption> = groups.into_values().collect();
    all.sort_by_key(|group| (!group.is_workload, std::cmp::Reverse(group.count)));
    all
}

/// Whether a caller is the workload: by its subject, and where the record names a provider by that too.
pub(crate) fn is_workload(caller: &Caller, workload: &Workload) -> bool {
    let same_subject = caller.subject().as_deref() == Some(workload.subject.as_str());
    let issuer = match caller {
        Caller::WebIdentity { provider: Some(provider), .. } => provider
            .split_once(":oidc-provider/")
            .zip(workload.issuer.as_ref())
            .is_some_and(|((_, found), issuer)| found == issuer.host_and_path()),
        _ => true,
    };
    same_subject && issuer
}

fn add(examples: &mut BTreeSet<String>, value: Option<String>) {
    if examples.len() < EXAMPLES {
        examples.extend(value);
    }
}

#[cfg(test)]
mod tests {
    use attache_identifiers::Issuer;
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::222222222222:role/R";
    const HOST: &str = "oidc.example/id/A";

    fn record(subject: &str, host: &str, second: u8, error: Option<&str>) -> Record {
        let provider = format!("arn:aws:iam::222222222222:oidc-provider/{host}");
        let record = json!({
            "eventID": "1", "eventTime": format!("2026-11-27T18:11:{second:02}Z"),
            "eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithWebIdentity",
            "awsRegion": "us-east-1", "errorCode": error,
            "userIdentity": {"type": "WebIdentityUser", "userName": subject, "identityProvider": provider},
            "requestParameters": {"roleArn": ROLE, "roleSessionName": format!("s{second}")},
        });
        Record::read(&record.to_string()).unwrap()
    }

    #[test]
    fn sessions_are_grouped_by_who_began_them() {
        let subject = "system:serviceaccount:causely:mediator";
        let workload = Workload {
            issuer: Some(Issuer::parse(&format!("https://{HOST}")).unwrap()),
            subject: subject.to_owned(),
        };
        let records = [
            record("system:serviceaccount:causely:other", HOST, 1, None),
            record(subject, HOST, 2, None),
            record(subject, HOST, 3, None),
            record(subject, "oidc.example/id/B", 4, None),
            record(subject, HOST, 5, Some("AccessDenied")),
        ];
        let records: Vec<&Record> = records.iter().collect();
        let found = assumptions(&records, ROLE, std::slice::from_ref(&workload));
        let counts: Vec<_> = found.iter().map(|one| (one.is_workload, one.count)).collect();
        assert_eq!(counts, [(true, 2), (false, 1), (false, 1)]);
        assert_eq!(found[0].last - found[0].first, time::Duration::SECOND);
        assert!(
            assumptions(&records, "arn:aws:iam::222222222222:role/Other", &[workload]).is_empty()
        );
    }
}
