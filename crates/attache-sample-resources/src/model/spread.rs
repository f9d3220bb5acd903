//! Spreading a number of resources over accounts, regions and types.

use std::sync::Arc;

use attache_identifiers::AccountId;

use super::collection::Made;
use super::place::{Counts, IN_SUBNET, IN_VPC, Place};
use super::{Account, Collection, Region};
use crate::REGIONS;

/// Ours: with fewer in a region there is no network, and what needs one.
const LEAST_WITH_NETWORK: usize = 50;

/// Of a hundred resources of a region. The rest are instances, with their network.
const QUEUES: usize = 15;
const FUNCTIONS: usize = 15;
const TABLES: usize = 8;
const DATABASES: usize = 6;
const BALANCERS: usize = 4;

/// Of a hundred resources of an account.
const BUCKETS: usize = 2;

impl Account {
    /// An account of exactly so many resources, which are made as they are asked for.
    pub(crate) fn spread(seed: u64, id: AccountId, resources: usize) -> Self {
        let buckets = resources * BUCKETS / 100;
        let shares = shares(resources - buckets, REGIONS.len());
        let regions = REGIONS.iter().zip(shares).map(|(name, share)| {
            let place = Place::new(seed, id, name, Counts::of(share));
            ((*name).to_owned(), Region::of(&Arc::new(place)))
        });
        // Their names are unique over all regions: they are in none.
        let counts = Counts { buckets, ..Counts::default() };
        let place = Arc::new(Place::new(seed, id, "", counts));
        let buckets = made(&place, buckets, Place::bucket, Place::number_of_name);
        Self { id, regions: regions.collect(), buckets }
    }
}

/// A number in so many parts that differ by one at most; the first are the larger ones.
pub(crate) fn shares(number: usize, parts: usize) -> impl Iterator<Item = usize> {
    let parts = parts.max(1);
    (0..parts).map(move |part| number / parts + usize::from(part < number % parts))
}

impl Counts {
    /// So many resources in all.
    fn of(resources: usize) -> Self {
        let part = |of_hundred: usize| resources * of_hundred / 100;
        let (functions, tables) = (part(FUNCTIONS), part(TABLES));
        if resources < LEAST_WITH_NETWORK {
            let queues = resources - functions - tables;
            return Self { queues, functions, tables, ..Self::default() };
        }
        let (queues, databases, balancers) = (part(QUEUES), part(DATABASES), part(BALANCERS));
        let rest = resources - queues - functions - tables - databases - 2 * balancers;
        let subnets = rest.div_ceil(IN_SUBNET).max(3);
        let vpcs = subnets.div_ceil(IN_VPC);
        let instances = rest - subnets - vpcs;
        Self {
            subnets,
            vpcs,
            instances,
            databases,
            balancers,
            queues,
            functions,
            tables,
            buckets: 0,
        }
    }
}

impl Region {
    fn of(place: &Arc<Place>) -> Self {
        let counts = place.counts;
        let by_id = Place::number_of_id;
        let by_name = Place::number_of_name;
        Self {
            vpcs: made(place, counts.vpcs, Place::vpc, by_id),
            subnets: made(place, counts.subnets, Place::subnet, by_id),
            groups: made(place, 2 * counts.vpcs, Place::group, by_id),
            instances: made(place, counts.instances, Place::instance, by_id),
            databases: made(place, counts.databases, Place::database, by_name),
            balancers: made(place, counts.balancers, Place::balancer, by_name),
            target_groups: made(place, counts.balancers, Place::target_group, by_name),
            queues: made(place, counts.queues, Place::queue, by_name),
            functions: made(place, counts.functions, Place::function, by_name),
            tables: made(place, counts.tables, Place::table, by_name),
        }
    }
}

fn made<T>(
    place: &Arc<Place>,
    count: usize,
    make: fn(&Place, usize) -> T,
    number: fn(&Place, &str) -> Option<usize>,
) -> Collection<T> {
    Collection::Made(Made { count, place: Arc::clone(place), make, number })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn account(resources: usize) -> Account {
        Account::spread(1, AccountId::parse("222222222222").unwrap(), resources)
    }

    #[test]
    fn there_are_exactly_as_many_as_were_asked_for() {
        for resources in [0, 1, 7, 49, 100, 101, 1_000, 12_345, 1_000_000, 5_000_000] {
            let census = account(resources).census();
            let sum: usize = census.iter().map(|(_, count)| count).sum();
            assert_eq!(sum, resources, "{census:?}");
        }
        assert_eq!(shares(7, 3).collect::<Vec<_>>(), [3, 2, 2]);
    }

    #[test]
    fn each_is_found_by_its_id_and_nothing_else_is() {
        let account = account(2_000);
        for region in account.regions.values() {
            for (number, one) in region.instances.iter().enumerate() {
                let found = region.instances.find(&one.id, |i| i.id == one.id);
                assert_eq!(found.unwrap().id, region.instances.get(number).unwrap().id);
            }
            for one in region.balancers.iter() {
                assert!(region.balancers.find(&one.arn, |b| b.arn == one.arn).is_some());
                assert!(region.balancers.find(&one.name, |b| b.name == one.name).is_some());
                let groups = region.target_groups_of(&one);
                assert_eq!(groups.len(), 1);
                let arn = &groups[0].arn;
                assert!(region.target_groups.find(arn, |g| g.arn == *arn).is_some());
            }
            for one in region.tables.iter() {
                assert!(region.tables.find(&one.name, |t| t.name == one.name).is_some());
            }
            for one in region.databases.iter() {
                assert!(region.databases.find(&one.arn, |d| d.arn == one.arn).is_some());
            }
            for id in ["", "i", "i-0", "i-ffffffffffffffff0", "i-é", "vpc-1"] {
                assert!(region.instances.find(id, |i| i.id == id).is_none(), "{id}");
            }
        }
        for one in account.buckets.iter() {
            assert!(account.buckets.find(&one.name, |b| b.name == one.name).is_some());
        }
    }

    #[test]
    fn there_is_room_for_the_most_in_one_account() {
        for region in account(1_000_000).regions.values() {
            let last = region.instances.get(region.instances.len() - 1).unwrap();
            let subnet = region.subnets.find(&last.subnet, |s| s.id == last.subnet).unwrap();
            assert!(region.vpcs.find(&subnet.vpc, |v| v.id == subnet.vpc).is_some());
            assert_eq!(region.instances.get(region.instances.len()).map(|i| i.id.clone()), None);
            let group = region.target_groups.get(region.target_groups.len() - 1).unwrap();
            assert_eq!(group.targets.len(), 3);
            assert!(region.vpcs.len() > 2 && region.vpcs.len() < 256, "{}", region.vpcs.len());
        }
    }

    #[test]
    fn what_refers_to_something_refers_to_what_exists() {
        for region in account(3_000).regions.values() {
            for one in region.instances.iter() {
                let subnet = region.subnets.find(&one.subnet, |s| s.id == one.subnet).unwrap();
                let (second, third) = subnet.octets;
                assert!(one.address.starts_with(&format!("10.{second}.{third}.")));
                assert_eq!((&one.vpc, &one.zone), (&subnet.vpc, &subnet.zone));
                assert!(region.vpcs.find(&one.vpc, |v| v.id == one.vpc).is_some());
                let group = region.groups.find(&one.group.0, |g| g.id == one.group.0).unwrap();
                assert_eq!((&group.vpc, &group.name), (&one.vpc, &one.group.1));
            }
            for group in region.target_groups.iter() {
                let balancer = &group.balancer;
                assert!(region.balancers.find(balancer, |b| b.arn == *balancer).is_some());
                for id in &group.targets {
                    let target = region.instances.find(id, |i| i.id == *id).unwrap();
                    assert_eq!(target.vpc, group.vpc);
                }
            }
            assert!(region.balancers.iter().all(|b| b.zones.len() == 3));
        }
    }

    #[test]
    fn no_two_share_a_name_or_an_address_and_names_are_in_order() {
        for region in account(20_000).regions.values() {
            let ids: BTreeSet<String> = region.instances.iter().map(|i| i.id.clone()).collect();
            let addresses: BTreeSet<_> =
                region.instances.iter().map(|i| i.address.clone()).collect();
            assert_eq!((ids.len(), addresses.len()), (region.instances.len(), ids.len()));
            let names: Vec<String> = region.tables.iter().map(|t| t.name.clone()).collect();
            assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
            let middle = &names[names.len() / 2];
            let after = region.tables.partition_point(|t| t.name <= *middle);
            assert_eq!(after, names.len() / 2 + 1);
        }
        let large = account(200_000);
        let other = Account::spread(1, AccountId::parse("333333333333").unwrap(), 200_000);
        let id = |account: &Account, region: &str| {
            account.regions[region].instances.get(0).unwrap().id.clone()
        };
        assert_ne!(id(&large, "us-east-1"), id(&large, "eu-west-1"));
        assert_ne!(id(&large, "us-east-1"), id(&other, "us-east-1"));
        assert_eq!(id(&large, "us-east-1"), id(&account(200_000), "us-east-1"));
    }
}
