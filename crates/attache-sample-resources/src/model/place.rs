//! One region of an account whose resources are made as they are asked for.
//!
//! Each function makes the resource of a number, and what it refers to it makes, too: an instance's
//! subnet is the one of the number that its own leads to.

use attache_identifiers::{AccountId, Arn};
use attache_ledger::PARTITION;

use super::dice::Dice;
use super::make::{CLASSES, ENGINES, KINDS, RUNTIMES};
use super::{
    Balancer, Bucket, Database, Function, Instance, Queue, SecurityGroup, Subnet, Table,
    TargetGroup, Vpc,
};
use crate::REGIONS;

/// What the workloads are called, in their order: so names are in the order of their numbers.
const TEAMS: [&str; 8] =
    ["billing", "catalog", "checkout", "identity", "media", "reports", "search", "shipping"];

/// The instances of a subnet. AWS keeps a /24's first four addresses and its last.
pub(super) const IN_SUBNET: usize = 240;

/// The subnets of a VPC, which has room for 256 of this size.
pub(super) const IN_VPC: usize = 200;

/// What each load balancer is in, and each database: as many zones as there are.
const ZONES: usize = 3;

/// The targets of a target group.
const TARGETS: usize = 3;

/// An odd number, and the one that undoes a multiplication by it, in 32 bits.
const MIX: u32 = 0x9e37_79b1;
const UNMIX: u32 = inverse(MIX);

/// By Newton's method: each step doubles the bits that are right.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut step = 0;
    while step < 5 {
        inverse = inverse.wrapping_mul(2_u32.wrapping_sub(odd.wrapping_mul(inverse)));
        step += 1;
    }
    inverse
}

/// The types, as numbers for seeds.
#[derive(Debug, Clone, Copy)]
enum Of {
    /// None: what the ids are mixed with.
    Mask,
    Vpc,
    Subnet,
    Group,
    Instance,
    Database,
    Balancer,
    TargetGroup,
    Queue,
    Function,
    Table,
    Bucket,
}

/// How much there is of each type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) subnets: usize,
    pub(super) vpcs: usize,
    pub(super) instances: usize,
    pub(super) databases: usize,
    /// Of load balancers, and of target groups.
    pub(super) balancers: usize,
    pub(super) queues: usize,
    pub(super) functions: usize,
    pub(super) tables: usize,
    pub(super) buckets: usize,
}

/// One region of an account, or what is in none: its buckets.
#[derive(Debug)]
pub(crate) struct Place {
    seed: u64,
    account: AccountId,
    region: String,
    /// Which of the regions it is, for seeds.
    number: u64,
    /// What differs between the ids of one place and those of another.
    mask: u32,
    pub(super) counts: Counts,
}

impl Place {
    pub(super) fn new(seed: u64, account: AccountId, region: &str, counts: Counts) -> Self {
        let number = REGIONS.iter().zip(1..).find(|(name, _)| **name == region);
        let number = number.map_or(0, |(_, number)| number);
        let (region, mask) = (region.to_owned(), 0);
        let mut place = Self { seed, account, region, number, mask, counts };
        let mask = place.dice(Of::Mask, 0).below(1 << 32);
        place.mask = u32::try_from(mask).unwrap_or_default();
        place
    }

    fn dice(&self, of: Of, number: usize) -> Dice {
        Dice::of_number(self.seed, self.account, self.number * 64 + of as u64, number as u64)
    }

    fn arn(&self, service: &'static str, resource: &str) -> String {
        Arn::new(PARTITION, service, &self.region, Some(self.account), resource).to_string()
    }

    /// An id of seventeen digits, from which the place reads the number again.
    fn id(&self, prefix: &str, number: usize, dice: &mut Dice) -> String {
        let mixed = u32::try_from(number).unwrap_or(u32::MAX).wrapping_mul(MIX) ^ self.mask;
        format!("{prefix}-{mixed:08x}{}", dice.hex(9))
    }

    /// The number that an id of seventeen digits tells.
    pub(super) fn number_of_id(&self, id: &str) -> Option<usize> {
        let digits = id.rsplit('-').next()?.get(..8)?;
        let mixed = u32::from_str_radix(digits, 16).ok()?;
        usize::try_from((mixed ^ self.mask).wrapping_mul(UNMIX)).ok()
    }

    /// The number that a name ends with, or the name in an ARN.
    pub(super) fn number_of_name(&self, name: &str) -> Option<usize> {
        // Of `loadbalancer/app/NAME/ID` and `targetgroup/NAME/ID`; of `db:NAME` by its last hyphen.
        let name = match name.rsplit_once('/') {
            Some((before, _)) => before,
            None => name,
        };
        name.rsplit('-').next()?.parse().ok()
    }

    /// A name that no other resource of its type has; the names are in the order of the numbers.
    fn name(&self, number: usize, of: usize, suffix: &str) -> String {
        let team = number.saturating_mul(TEAMS.len()) / of.max(1);
        format!("{}-{suffix}-{number:07}", TEAMS.get(team).copied().unwrap_or("shipping"))
    }

    pub(super) fn vpc(&self, number: usize) -> Vpc {
        let mut dice = self.dice(Of::Vpc, number);
        let octet = u8::try_from(number).unwrap_or(u8::MAX);
        let id = self.id("vpc", number, &mut dice);
        Vpc { id, octet, tags: dice.tags(&format!("vpc-{number}-{}", self.region)) }
    }

    pub(super) fn subnet(&self, number: usize) -> Subnet {
        let mut dice = self.dice(Of::Subnet, number);
        let vpc = self.vpc(number / IN_VPC);
        let (third, zone) = (number % IN_VPC, ["a", "b", "c"][number % ZONES]);
        Subnet {
            id: self.id("subnet", number, &mut dice),
            zone: format!("{}{zone}", self.region),
            octets: (vpc.octet, u8::try_from(third).unwrap_or(u8::MAX)),
            tags: dice.tags(&format!("private-{number}-{zone}")),
            vpc: vpc.id,
        }
    }

    /// Two of each VPC.
    pub(super) fn group(&self, number: usize) -> SecurityGroup {
        let mut dice = self.dice(Of::Group, number);
        let name = if number.is_multiple_of(2) { "default" } else { "web" };
        let id = self.id("sg", number, &mut dice);
        SecurityGroup { id, vpc: self.vpc(number / 2).id, name: name.to_owned() }
    }

    /// The group for the web of a VPC.
    fn web(&self, vpc: usize) -> SecurityGroup {
        self.group(2 * vpc + 1)
    }

    pub(super) fn instance(&self, number: usize) -> Instance {
        let mut dice = self.dice(Of::Instance, number);
        let subnet = self.subnet(number / IN_SUBNET);
        let group = self.web(number / IN_SUBNET / IN_VPC);
        let (second, third) = subnet.octets;
        let state = match dice.below(8) {
            0 => (80, "stopped"),
            _ => (16, "running"),
        };
        let name = self.name(number, self.counts.instances, "app");
        Instance {
            id: self.id("i", number, &mut dice),
            kind: dice.pick(&KINDS, "t3.medium"),
            image: format!("ami-{}", dice.hex(17)),
            state,
            address: format!("10.{second}.{third}.{}", 10 + number % IN_SUBNET),
            vpc: subnet.vpc,
            subnet: subnet.id,
            zone: subnet.zone,
            group: (group.id, group.name),
            launched: dice.instant(),
            tags: dice.tags(&name),
        }
    }

    /// A VPC with a subnet in each zone, for what needs all of them.
    fn vpc_for(&self, number: usize) -> usize {
        number % (self.counts.subnets / IN_VPC).max(1)
    }

    /// Those subnets of a VPC.
    fn zone_subnets(&self, vpc: usize) -> impl Iterator<Item = Subnet> + '_ {
        let numbers = (vpc * IN_VPC..).take(ZONES.min(self.counts.subnets));
        numbers.map(|number| self.subnet(number))
    }

    pub(super) fn database(&self, number: usize) -> Database {
        let mut dice = self.dice(Of::Database, number);
        let id = self.name(number, self.counts.databases, "db");
        let vpc = self.vpc_for(number);
        let host = dice.hex(12);
        let zone = dice.pick(&["a", "b", "c"], "a");
        Database {
            arn: self.arn("rds", &format!("db:{id}")),
            class: dice.pick(&CLASSES, "db.t4g.medium"),
            engine: dice.pick(&ENGINES, ("postgres", "16.3", 5432)),
            endpoint: format!("{id}.{host}.{}.rds.amazonaws.com", self.region),
            vpc: self.vpc(vpc).id,
            subnets: self.zone_subnets(vpc).map(|subnet| (subnet.id, subnet.zone)).collect(),
            zone: format!("{}{zone}", self.region),
            multi_zone: dice.below(2) == 0,
            storage: dice.pick(&[20, 100, 500], 20),
            created: dice.instant(),
            resource_id: format!("db-{}", dice.hex(26).to_uppercase()),
            tags: dice.tags(&id),
            id,
        }
    }

    pub(super) fn balancer(&self, number: usize) -> Balancer {
        let mut dice = self.dice(Of::Balancer, number);
        let name = self.name(number, self.counts.balancers, "alb");
        let vpc = self.vpc_for(number);
        let (id, listener) = (dice.hex(16), dice.hex(16));
        let resource = format!("app/{name}/{id}");
        let dns = dice.below(1_000_000_000);
        Balancer {
            arn: self.arn("elasticloadbalancing", &format!("loadbalancer/{resource}")),
            listener: self.arn("elasticloadbalancing", &format!("listener/{resource}/{listener}")),
            dns: format!("{name}-{dns}.{}.elb.amazonaws.com", self.region),
            kind: "application",
            scheme: dice.pick(&["internet-facing", "internal"], "internal"),
            vpc: self.vpc(vpc).id,
            zones: self.zone_subnets(vpc).map(|subnet| (subnet.zone, subnet.id)).collect(),
            group: self.web(vpc).id,
            created: dice.instant(),
            tags: dice.tags(&name),
            name,
        }
    }

    /// That of the load balancer of the same number.
    pub(super) fn target_group(&self, number: usize) -> TargetGroup {
        let mut dice = self.dice(Of::TargetGroup, number);
        let name = self.name(number, self.counts.balancers, "tg");
        let vpc = self.vpc_for(number);
        let first = vpc * IN_VPC * IN_SUBNET;
        let many = self.counts.instances.saturating_sub(first).min(IN_VPC * IN_SUBNET);
        let start = usize::try_from(dice.below(many as u64)).unwrap_or_default();
        let targets = (start..many).take(TARGETS).map(|nth| self.instance(first + nth).id);
        let resource = format!("targetgroup/{name}/{}", dice.hex(16));
        TargetGroup {
            arn: self.arn("elasticloadbalancing", &resource),
            balancer: self.balancer(number).arn,
            protocol: "HTTP",
            port: dice.pick(&[80, 8080, 8443], 80),
            vpc: self.vpc(vpc).id,
            targets: targets.collect(),
            tags: dice.tags(&name),
            name,
        }
    }

    pub(super) fn queue(&self, number: usize) -> Queue {
        let mut dice = self.dice(Of::Queue, number);
        let name = self.name(number, self.counts.queues, "jobs");
        let messages = u32::try_from(dice.below(5_000)).unwrap_or_default();
        Queue { name, messages, created: dice.moment() }
    }

    pub(super) fn function(&self, number: usize) -> Function {
        let mut dice = self.dice(Of::Function, number);
        let name = self.name(number, self.counts.functions, "handler");
        Function {
            runtime: dice.pick(&RUNTIMES, "python3.12"),
            memory: dice.pick(&[128, 256, 512, 1024], 128),
            size: 10_000 + dice.below(5_000_000),
            sha: format!("{}=", dice.hex(43)),
            modified: dice.instant().replace('Z', ".000+0000"),
            tags: dice.tags(&name),
            name,
        }
    }

    pub(super) fn table(&self, number: usize) -> Table {
        let mut dice = self.dice(Of::Table, number);
        let name = self.name(number, self.counts.tables, "table");
        let items = dice.below(1_000_000);
        let id = [8, 4, 4, 4, 12].map(|digits| dice.hex(digits)).join("-");
        Table { name, id, items, bytes: items * 412, created: dice.moment() }
    }

    pub(super) fn bucket(&self, number: usize) -> Bucket {
        let mut dice = self.dice(Of::Bucket, number);
        let suffix = self.account.to_string();
        Bucket {
            name: self.name(number, self.counts.buckets, &suffix),
            region: dice.pick(&REGIONS, "us-east-1"),
            created: dice.instant(),
        }
    }
}
