//! Making an account's resources from a seed.
//!
//! The numbers of a region are drawn one after the other: adding a type must draw its numbers after all
//! others.

use attache_identifiers::{AccountId, Arn};
use attache_ledger::PARTITION;

use super::dice::Dice;
use super::{
    Account, Balancer, Bucket, Database, Function, HeldRegion, Instance, Queue, SecurityGroup,
    Subnet, Table, TargetGroup, Vpc,
};
use crate::REGIONS;

/// What the workloads are called.
const TEAMS: [&str; 8] =
    ["checkout", "catalog", "search", "billing", "identity", "shipping", "reports", "media"];
pub(super) const KINDS: [&str; 5] =
    ["t3.medium", "m6i.large", "c6i.xlarge", "r6g.large", "m7g.2xlarge"];
pub(super) const ENGINES: [(&str, &str, u16); 3] =
    [("postgres", "16.3", 5432), ("mysql", "8.0.39", 3306), ("mariadb", "10.11.8", 3306)];
pub(super) const CLASSES: [&str; 3] = ["db.t4g.medium", "db.r6g.large", "db.m6g.xlarge"];
pub(super) const RUNTIMES: [&str; 4] = ["python3.12", "nodejs20.x", "java21", "provided.al2023"];

impl Account {
    /// Everything the account holds.
    pub(crate) fn make(seed: u64, id: AccountId, factor: u32) -> Self {
        let region = |name: &&str| {
            let maker =
                Maker { account: id, region: name, dice: Dice::new(seed, id, name), factor };
            ((*name).to_owned(), maker.region().into())
        };
        let mut dice = Dice::new(seed, id, "global");
        let bucket = |i: u64| Bucket {
            name: format!(
                "{}-{}-{id}",
                dice.pick(&TEAMS, "checkout"),
                dice.hex(6 + usize::from(i > 9))
            ),
            region: dice.pick(&REGIONS, "us-east-1"),
            created: dice.instant(),
        };
        let mut buckets: Vec<Bucket> = (0..6 * u64::from(factor)).map(bucket).collect();
        buckets.sort_by(|a, b| a.name.cmp(&b.name));
        buckets.dedup_by(|a, b| a.name == b.name);
        Self { id, regions: REGIONS.iter().map(region).collect(), buckets: buckets.into() }
    }
}

struct Maker<'r> {
    account: AccountId,
    region: &'r str,
    dice: Dice,
    factor: u32,
}

impl Maker<'_> {
    fn region(mut self) -> HeldRegion {
        let mut region = HeldRegion::default();
        self.network(&mut region);
        for _ in 0..self.count(10, 6) {
            self.instance(&mut region);
        }
        for i in 0..self.count(3, 2) {
            self.database(&mut region, i);
        }
        for i in 0..self.count(2, 2) {
            self.balancer(&mut region, i);
        }
        for i in 0..self.count(5, 4) {
            self.queue(&mut region, i);
        }
        for i in 0..self.count(5, 4) {
            self.function(&mut region, i);
        }
        for i in 0..self.count(3, 3) {
            self.table(&mut region, i);
        }
        region.queues.sort_by(|a, b| a.name.cmp(&b.name));
        region.functions.sort_by(|a, b| a.name.cmp(&b.name));
        region.tables.sort_by(|a, b| a.name.cmp(&b.name));
        region.databases.sort_by(|a, b| a.id.cmp(&b.id));
        region
    }

    fn count(&mut self, least: u64, spread: u64) -> u64 {
        (least + self.dice.below(spread)) * u64::from(self.factor)
    }

    fn arn(&self, service: &'static str, resource: &str) -> String {
        Arn::new(PARTITION, service, self.region, Some(self.account), resource).to_string()
    }

    fn zone(&mut self) -> String {
        format!("{}{}", self.region, self.dice.pick(&["a", "b", "c"], "a"))
    }

    /// A name that no other resource of its type in the region has.
    fn name(&mut self, i: u64, suffix: &str) -> String {
        format!("{}-{suffix}-{i}", self.dice.pick(&TEAMS, "checkout"))
    }

    fn network(&mut self, region: &mut HeldRegion) {
        for (name, octet) in [("main", 0), ("shared", 1)] {
            let id = format!("vpc-{}", self.dice.hex(17));
            let name = format!("{name}-{}", self.region);
            region.vpcs.push(Vpc { id: id.clone(), octet, tags: self.dice.tags(&name) });
            for (i, zone) in ["a", "b", "c"].into_iter().enumerate() {
                let third = u8::try_from(i).unwrap_or_default();
                let tags = self.dice.tags(&format!("{name}-private-{zone}"));
                region.subnets.push(Subnet {
                    id: format!("subnet-{}", self.dice.hex(17)),
                    vpc: id.clone(),
                    zone: format!("{}{zone}", self.region),
                    octets: (octet, third),
                    tags,
                });
            }
            for name in ["default", "web"] {
                let id_of_group = format!("sg-{}", self.dice.hex(17));
                let name = name.to_owned();
                region.groups.push(SecurityGroup { id: id_of_group, vpc: id.clone(), name });
            }
        }
    }

    fn instance(&mut self, region: &mut HeldRegion) {
        let at = usize::try_from(self.dice.below(region.subnets.len() as u64)).unwrap_or_default();
        let Some(subnet) = region.subnets.get(at).cloned() else { return };
        let group = region.groups.iter().find(|g| g.vpc == subnet.vpc && g.name == "web");
        let group = group.map(|g| (g.id.clone(), g.name.clone())).unwrap_or_default();
        // AWS keeps a subnet's first four addresses and its last; ours count up from ten.
        let used = region.instances.iter().filter(|i| i.subnet == subnet.id).count() % 240;
        let (second, third) = subnet.octets;
        let name = self.name(region.instances.len() as u64, "app");
        let state = match self.dice.below(8) {
            0 => (80, "stopped"),
            _ => (16, "running"),
        };
        region.instances.push(Instance {
            id: format!("i-{}", self.dice.hex(17)),
            kind: self.dice.pick(&KINDS, "t3.medium"),
            image: format!("ami-{}", self.dice.hex(17)),
            state,
            address: format!("10.{second}.{third}.{}", 10 + used),
            vpc: subnet.vpc,
            subnet: subnet.id,
            zone: subnet.zone,
            group,
            launched: self.dice.instant(),
            tags: self.dice.tags(&name),
        });
    }

    fn database(&mut self, region: &mut HeldRegion, i: u64) {
        let id = self.name(i, "db");
        let Some(vpc) = region.vpcs.first().map(|v| v.id.clone()) else { return };
        let subnets = region.subnets.iter().filter(|s| s.vpc == vpc);
        let host = self.dice.hex(12);
        region.databases.push(Database {
            arn: self.arn("rds", &format!("db:{id}")),
            class: self.dice.pick(&CLASSES, "db.t4g.medium"),
            engine: self.dice.pick(&ENGINES, ("postgres", "16.3", 5432)),
            endpoint: format!("{id}.{host}.{}.rds.amazonaws.com", self.region),
            subnets: subnets.map(|s| (s.id.clone(), s.zone.clone())).collect(),
            vpc,
            zone: self.zone(),
            multi_zone: self.dice.below(2) == 0,
            storage: self.dice.pick(&[20, 100, 500], 20),
            created: self.dice.instant(),
            resource_id: format!("db-{}", self.dice.hex(26).to_uppercase()),
            tags: self.dice.tags(&id),
            id,
        });
    }

    fn balancer(&mut self, region: &mut HeldRegion, i: u64) {
        let Some(vpc) = region.vpcs.first().map(|v| v.id.clone()) else { return };
        let name = self.name(i, "alb");
        let id = self.dice.hex(16);
        let arn = self.arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/{id}"));
        let zones = region.subnets.iter().filter(|s| s.vpc == vpc);
        let group = region.groups.iter().find(|g| g.vpc == vpc && g.name == "web");
        let listener = format!("listener/app/{name}/{id}/{}", self.dice.hex(16));
        region.balancers.push(Balancer {
            dns: format!(
                "{name}-{}.{}.elb.amazonaws.com",
                self.dice.below(1_000_000_000),
                self.region
            ),
            kind: "application",
            scheme: self.dice.pick(&["internet-facing", "internal"], "internal"),
            zones: zones.map(|s| (s.zone.clone(), s.id.clone())).collect(),
            group: group.map(|g| g.id.clone()).unwrap_or_default(),
            listener: self.arn("elasticloadbalancing", &listener),
            created: self.dice.instant(),
            tags: self.dice.tags(&name),
            vpc: vpc.clone(),
            arn: arn.clone(),
            name,
        });
        let in_vpc: Vec<String> =
            region.instances.iter().filter(|t| t.vpc == vpc).map(|t| t.id.clone()).collect();
        let group = self.name(i, "tg");
        let arn_of_group = format!("targetgroup/{group}/{}", self.dice.hex(16));
        let start = usize::try_from(self.dice.below(in_vpc.len() as u64)).unwrap_or_default();
        region.target_groups.push(TargetGroup {
            arn: self.arn("elasticloadbalancing", &arn_of_group),
            balancer: arn,
            protocol: "HTTP",
            port: self.dice.pick(&[80, 8080, 8443], 80),
            vpc,
            targets: in_vpc.into_iter().skip(start).take(3).collect(),
            tags: self.dice.tags(&group),
            name: group,
        });
    }

    fn queue(&mut self, region: &mut HeldRegion, i: u64) {
        let suffix = self.dice.pick(&["events", "jobs", "dead-letters"], "jobs");
        let name = self.name(i, suffix);
        let messages = u32::try_from(self.dice.below(5_000)).unwrap_or_default();
        region.queues.push(Queue { name, messages, created: self.dice.moment() });
    }

    fn function(&mut self, region: &mut HeldRegion, i: u64) {
        let name = self.name(i, "handler");
        region.functions.push(Function {
            runtime: self.dice.pick(&RUNTIMES, "python3.12"),
            memory: self.dice.pick(&[128, 256, 512, 1024], 128),
            size: 10_000 + self.dice.below(5_000_000),
            sha: format!("{}=", self.dice.hex(43)),
            modified: self.dice.instant().replace('Z', ".000+0000"),
            tags: self.dice.tags(&name),
            name,
        });
    }

    fn table(&mut self, region: &mut HeldRegion, i: u64) {
        let name = self.name(i, "table");
        let items = self.dice.below(1_000_000);
        let id = [8, 4, 4, 4, 12].map(|n| self.dice.hex(n)).join("-");
        region.tables.push(Table {
            name,
            id,
            items,
            bytes: items * 412,
            created: self.dice.moment(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(seed: u64) -> Account {
        Account::make(seed, AccountId::parse("222222222222").unwrap(), 3)
    }

    #[test]
    fn a_seed_gives_the_same_account_forever() {
        let show = |a: &Account| format!("{a:?}");
        assert_eq!(show(&account(1)), show(&account(1)));
        assert_ne!(show(&account(1)), show(&account(2)));
        let name = |a: &Account| a.buckets.get(0).unwrap().name.clone();
        let other = Account::make(1, AccountId::parse("333333333333").unwrap(), 3);
        assert_ne!(name(&account(1)), name(&other));
    }

    #[test]
    fn what_refers_to_something_refers_to_what_exists() {
        for region in account(7).regions.values() {
            for instance in region.instances.iter() {
                let subnet = region.subnets.iter().find(|s| s.id == instance.subnet).unwrap();
                let (second, third) = subnet.octets;
                assert!(instance.address.starts_with(&format!("10.{second}.{third}.")));
                assert_eq!(instance.vpc, subnet.vpc);
                assert_eq!(instance.zone, subnet.zone);
                assert!(
                    region.groups.iter().any(|g| g.id == instance.group.0 && g.vpc == instance.vpc)
                );
            }
            for group in region.target_groups.iter() {
                assert!(region.balancers.iter().any(|b| b.arn == group.balancer));
                for target in &group.targets {
                    let instance = region.instances.iter().find(|i| i.id == *target).unwrap();
                    assert_eq!(instance.vpc, group.vpc);
                }
            }
            for balancer in region.balancers.iter() {
                assert_eq!(balancer.zones.len(), 3);
            }
        }
    }

    #[test]
    fn no_two_resources_share_a_name_or_an_address() {
        for region in account(9).regions.values() {
            let distinct = |all: Vec<String>| {
                let set: std::collections::BTreeSet<_> = all.iter().collect();
                assert_eq!(set.len(), all.len(), "{all:?}");
            };
            distinct(region.instances.iter().map(|i| i.address.clone()).collect());
            distinct(region.instances.iter().map(|i| i.id.clone()).collect());
            distinct(region.databases.iter().map(|d| d.id.clone()).collect());
            distinct(region.queues.iter().map(|q| q.name.clone()).collect());
            distinct(region.functions.iter().map(|f| f.name.clone()).collect());
            distinct(region.tables.iter().map(|t| t.name.clone()).collect());
        }
    }
}
