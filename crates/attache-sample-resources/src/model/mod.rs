//! What an account holds: plain data, consistent with itself.

mod collection;
mod dice;
mod make;
mod place;
mod spread;

use std::borrow::Cow;
use std::collections::BTreeMap;

use attache_identifiers::AccountId;

pub(crate) use collection::Collection;
pub(crate) use spread::shares;

/// One account's resources.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) regions: BTreeMap<String, Region>,
    pub(crate) buckets: Collection<Bucket>,
}

/// What an account holds in one region. Queues, functions, tables and databases are in the order of
/// their names.
#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) vpcs: Collection<Vpc>,
    pub(crate) subnets: Collection<Subnet>,
    pub(crate) groups: Collection<SecurityGroup>,
    pub(crate) instances: Collection<Instance>,
    pub(crate) databases: Collection<Database>,
    pub(crate) balancers: Collection<Balancer>,
    pub(crate) target_groups: Collection<TargetGroup>,
    pub(crate) queues: Collection<Queue>,
    pub(crate) functions: Collection<Function>,
    pub(crate) tables: Collection<Table>,
}

impl Region {
    /// The target groups of a load balancer.
    pub(crate) fn target_groups_of(&self, balancer: &Balancer) -> Vec<Cow<'_, TargetGroup>> {
        let is_of = |group: &TargetGroup| group.balancer == balancer.arn;
        match &self.target_groups {
            Collection::Held(all) => {
                all.iter().filter(|group| is_of(group)).map(Cow::Borrowed).collect()
            }
            // Each has the one of its own number.
            made @ Collection::Made(_) => made.find(&balancer.name, is_of).into_iter().collect(),
        }
    }
}

/// What an account holds in one region, while it is made.
#[derive(Debug, Default)]
struct HeldRegion {
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    groups: Vec<SecurityGroup>,
    instances: Vec<Instance>,
    databases: Vec<Database>,
    balancers: Vec<Balancer>,
    target_groups: Vec<TargetGroup>,
    queues: Vec<Queue>,
    functions: Vec<Function>,
    tables: Vec<Table>,
}

impl From<HeldRegion> for Region {
    fn from(held: HeldRegion) -> Self {
        Self {
            vpcs: held.vpcs.into(),
            subnets: held.subnets.into(),
            groups: held.groups.into(),
            instances: held.instances.into(),
            databases: held.databases.into(),
            balancers: held.balancers.into(),
            target_groups: held.target_groups.into(),
            queues: held.queues.into(),
            functions: held.functions.into(),
            tables: held.tables.into(),
        }
    }
}

/// A resource's tags, in order.
pub(crate) type Tags = Vec<(String, String)>;

#[derive(Debug, Clone)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    /// The second octet of its 10.x.0.0/16.
    pub(crate) octet: u8,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) zone: String,
    /// `10.x.y.0/24`: the second and third octet.
    pub(crate) octets: (u8, u8),
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Instance {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) image: String,
    pub(crate) state: (u16, &'static str),
    pub(crate) vpc: String,
    pub(crate) subnet: String,
    pub(crate) zone: String,
    pub(crate) address: String,
    pub(crate) group: (String, String),
    /// ISO 8601.
    pub(crate) launched: String,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) class: &'static str,
    pub(crate) engine: (&'static str, &'static str, u16),
    pub(crate) endpoint: String,
    pub(crate) vpc: String,
    pub(crate) subnets: Vec<(String, String)>,
    pub(crate) zone: String,
    pub(crate) multi_zone: bool,
    pub(crate) storage: u32,
    pub(crate) created: String,
    pub(crate) resource_id: String,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct Balancer {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) dns: String,
    pub(crate) kind: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) vpc: String,
    /// Zone and subnet.
    pub(crate) zones: Vec<(String, String)>,
    pub(crate) group: String,
    pub(crate) listener: String,
    pub(crate) created: String,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct TargetGroup {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) balancer: String,
    pub(crate) protocol: &'static str,
    pub(crate) port: u16,
    pub(crate) vpc: String,
    /// Instance ids.
    pub(crate) targets: Vec<String>,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) messages: u32,
    /// Epoch seconds.
    pub(crate) created: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) runtime: &'static str,
    pub(crate) memory: u32,
    pub(crate) size: u64,
    pub(crate) sha: String,
    pub(crate) modified: String,
    pub(crate) tags: Tags,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    /// Epoch seconds.
    pub(crate) created: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    pub(crate) region: &'static str,
    pub(crate) created: String,
}

impl Account {
    /// An account that holds nothing.
    pub(crate) fn empty(id: AccountId) -> Self {
        Self { id, regions: BTreeMap::new(), buckets: Collection::default() }
    }

    /// How many resources of each type it holds.
    pub(crate) fn census(&self) -> Vec<(&'static str, usize)> {
        let sum = |count: fn(&Region) -> usize| self.regions.values().map(count).sum();
        vec![
            ("ec2:vpc", sum(|r| r.vpcs.len())),
            ("ec2:subnet", sum(|r| r.subnets.len())),
            ("ec2:instance", sum(|r| r.instances.len())),
            ("rds:db", sum(|r| r.databases.len())),
            ("elasticloadbalancing:loadbalancer", sum(|r| r.balancers.len())),
            ("elasticloadbalancing:targetgroup", sum(|r| r.target_groups.len())),
            ("sqs:queue", sum(|r| r.queues.len())),
            ("lambda:function", sum(|r| r.functions.len())),
            ("dynamodb:table", sum(|r| r.tables.len())),
            ("s3:bucket", self.buckets.len()),
        ]
    }
}
