//! `LookupEvents`, page by page: the events of an account's last 90 days that have one attribute.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use attache_aws_accounts::{CloudTrail, EventLookup, LookupAttribute};
use attache_identifiers::Region;
use time::OffsetDateTime;

use crate::error::AuditError;
use crate::record::Record;

/// The trail of an account in a region.
pub(crate) struct Trail<'t> {
    pub(crate) cloud_trail: &'t CloudTrail,
    pub(crate) region: &'t Region,
    pub(crate) from: OffsetDateTime,
    pub(crate) to: OffsetDateTime,
    /// At most so many events of a lookup are read.
    pub(crate) most: usize,
}

/// The events that a lookup found, newest first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) records: Vec<Record>,
    /// What the records do not have, a sentence each.
    pub(crate) not_read: Vec<String>,
}

impl Trail<'_> {
    /// The events whose attribute has that value.
    pub(crate) async fn events(
        &self,
        attribute: LookupAttribute,
        value: &str,
    ) -> Result<Found, AuditError> {
        let Self { cloud_trail, region, from, to, most } = *self;
        let lookup = EventLookup { by: (attribute, value), from, to };
        let (mut found, mut token): (_, Option<String>) = (Found::default(), None);
        let mut unreadable = 0;
        loop {
            let page = cloud_trail.lookup_events(region, lookup, token.as_deref()).await;
            let page = page.map_err(|source| AuditError::Call {
                attempt: format!(
                    "look up the events of {} {value} in {region}",
                    attribute.as_str()
                ),
                source,
            })?;
            for event in page.events {
                match event.cloud_trail_event.as_deref().map(Record::read) {
                    Some(Ok(record)) => found.records.push(record),
                    _ => unreadable += 1,
                }
            }
            let next = page.next_token.filter(|next| !next.is_empty());
            let Some(next) = next else { break };
            let repeated = token.as_ref() == Some(&next);
            if found.records.len() >= most || repeated {
                found.not_read.push(format!(
                    "{value} in {region}: only the newest {} events were read",
                    found.records.len()
                ));
                break;
            }
            token = Some(next);
        }
        if unreadable > 0 {
            let why = format!("{value} in {region}: {unreadable} events could not be read");
            found.not_read.push(why);
        }
        Ok(found)
    }
}
