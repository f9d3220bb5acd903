//! `LookupEvents`, page by page: the events of an account's last 90 days that have one attribute.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use attache_aws_accounts::CallFailure;
use attache_identifiers::Region;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region as SdkRegion;
use time::OffsetDateTime;

use crate::error::AuditError;
use crate::record::Record;

/// AWS's: events of a page.
const PAGE: i32 = 50;

/// Ours: attempts of one call. AWS takes two calls a second of an account and a region; the SDK's
/// adaptive retries slow down by themselves.
const ATTEMPTS: u32 = 12;

/// The trail of an account in a region.
pub(crate) struct Trail {
    client: Client,
    region: String,
    from: DateTime,
    to: DateTime,
    most: usize,
}

/// The events that a lookup found, newest first.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) records: Vec<Record>,
    /// What the records do not have, a sentence each.
    pub(crate) not_read: Vec<String>,
}

impl Trail {
    /// The trail in a region; at most `most` events of a lookup are read.
    pub(crate) fn of(
        config: &SdkConfig,
        region: &Region,
        from: OffsetDateTime,
        to: OffsetDateTime,
        most: usize,
    ) -> Self {
        let config = aws_sdk_cloudtrail::config::Builder::from(config)
            .region(SdkRegion::new(region.to_string()))
            .retry_config(RetryConfig::adaptive().with_max_attempts(ATTEMPTS))
            .build();
        // Whole seconds: the last one is within.
        let seconds = |at: OffsetDateTime| DateTime::from_secs(at.unix_timestamp());
        let to = to.saturating_add(time::Duration::SECOND);
        Self {
            client: Client::from_conf(config),
            region: region.to_string(),
            from: seconds(from),
            to: seconds(to),
            most,
        }
    }

    /// The events whose attribute has that value.
    pub(crate) async fn events(
        &self,
        key: LookupAttributeKey,
        value: &str,
    ) -> Result<Found, AuditError> {
        let Self { region, most, .. } = self;
        let attempt = || format!("look up the events of {} {value} in {region}", key.as_str());
        let attribute =
            LookupAttribute::builder().attribute_key(key.clone()).attribute_value(value).build();
        // Both members are there.
        let Ok(attribute) = attribute else { return Ok(Found::default()) };
        let (mut found, mut token): (_, Option<String>) = (Found::default(), None);
        let mut unreadable = 0;
        loop {
            let call = self.client.lookup_events().lookup_attributes(attribute.clone());
            let call = call.start_time(self.from).end_time(self.to).max_results(PAGE);
            let page = call.set_next_token(token.clone()).send().await;
            let page = page.map_err(|error| AuditError::Call {
                attempt: attempt(),
                source: CallFailure::of(&error),
            })?;
            for event in page.events() {
                match event.cloud_trail_event().map(Record::read) {
                    Some(Ok(record)) => found.records.push(record),
                    _ => unreadable += 1,
                }
            }
            let next = page.next_token.filter(|next| !next.is_empty());
            let Some(next) = next else { break };
            let repeated = token.as_ref() == Some(&next);
            if found.records.len() >= *most || repeated {
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
