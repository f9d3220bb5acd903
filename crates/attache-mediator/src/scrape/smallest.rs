//! One smallest call a service: whether a session may list what a scrape will ask for.

use std::collections::BTreeSet;

use attache_catalog::{Catalog, Entry};
use attache_identifiers::{AccountId, Region};
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use super::{Client, Fault, Limits, Place, Target};
use crate::Clock;

/// The smallest page that a service takes, where it is not one item.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>,
/// <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html>,
/// <https://docs.aws.amazon.com/redshift/latest/APIReference/API_DescribeClusters.html>
const SMALLEST: [(&str, u32); 4] = [("ec2", 5), ("rds", 20), ("elasticache", 20), ("redshift", 20)];

/// The first list operation of each service of a catalog, with its smallest page.
#[derive(Debug, Clone)]
pub struct SmallestCalls {
    entries: Vec<Entry>,
    connector: SharedHttpConnector,
    clock: Clock,
}

/// What came of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallestCall {
    /// The IAM action that the call needs: `ec2:DescribeInstances`.
    pub action: String,
    /// Nothing, or why there is no page.
    pub result: Result<(), Fault>,
}

impl SmallestCalls {
    /// Those of a catalog.
    #[must_use]
    pub fn new(catalog: &Catalog, connector: SharedHttpConnector, clock: Clock) -> Self {
        let mut seen = BTreeSet::new();
        let first =
            catalog.entries().iter().filter(|entry| seen.insert(entry.call.service.clone()));
        Self { entries: first.map(smallest).collect(), connector, clock }
    }

    /// Makes them with a session, one after the other.
    pub async fn make(
        &self,
        (credentials, account): (Credentials, AccountId),
        region: &Region,
        endpoint_url: Option<String>,
    ) -> Vec<SmallestCall> {
        let limits = Limits::default();
        let client = Client::new(self.connector.clone(), endpoint_url, limits, self.clock);
        let partition = region.partition();
        let target = Target { credentials, account, partition, region: region.clone() };
        let place =
            Place { account, partition: target.partition.clone(), region: target.region.clone() };
        let mut made = Vec::new();
        for entry in &self.entries {
            let mut calls = 0;
            let answer = client.call(entry, &target, &place, None, &mut calls).await;
            let action = entry.actions.first().cloned().unwrap_or_else(|| entry.kind.clone());
            made.push(SmallestCall { action, result: answer.map(drop) });
        }
        made
    }
}

fn smallest(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    let service = entry.call.service.as_str();
    let least = SMALLEST.iter().find(|(name, _)| *name == service).map_or(1, |(_, least)| *least);
    if let Some(page) = &mut entry.page {
        page.size = page.size.map(|size| size.min(least));
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_is_asked_once_for_its_smallest_page() {
        let catalog = Catalog::embedded().unwrap();
        let services: BTreeSet<&str> =
            catalog.entries().iter().map(|entry| entry.call.service.as_str()).collect();
        let mut asked = BTreeSet::new();
        for entry in catalog.entries().iter().map(smallest) {
            let size = entry.page.as_ref().and_then(|page| page.size);
            let least = if entry.call.service == "ec2" { 5 } else { 20 };
            assert!(size.is_none_or(|size| size <= least), "{}: {size:?}", entry.kind);
            asked.insert(entry.call.service);
        }
        assert_eq!(asked.len(), services.len());
    }
}
