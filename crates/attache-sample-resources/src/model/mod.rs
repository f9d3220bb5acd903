//! What an account holds: plain data, consistent with itself.

mod make;

use std::collections::BTreeMap;

use attache_identifiers::AccountId;

/// One account's resources.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) regions: BTreeMap<String, Region>,
    pub(crate) buckets: Vec<Bucket>,
}

/// What an account holds in one region.
#[derive(Debug, Clone, Default)]
pub(crate) struct Region {
    pub(crate) vpcs: Vec<Vpc>,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) groups: Vec<SecurityGroup>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) databases: Vec<Database>,
    pub(crate) balancers: Vec<Balancer>,
    pub(crate) target_groups: Vec<TargetGroup>,
    pub(crate) queues: Vec<Queue>,
    pub(crate) functions: Vec<Function>,
    pub(crate) tables: Vec<Table>,
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
        Self { id, regions: BTreeMap::new(), buckets: Vec::new() }
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
