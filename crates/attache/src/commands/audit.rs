//! `attache audit`: what became of the access, by CloudTrail and IAM.

use attache_audit::{AuditReport, AuditSettings, AuditedRole, RoleReport, Workload, audit};
use attache_federation::Federation;
use attache_identifiers::Region;
use time::{Duration, OffsetDateTime};

use super::duration;
use super::federate::{ConnectArgs, FileArgs, Interruption, TimeArgs, completed, connect, or_json};
use crate::output::{Exit, Format, Output};

mod csv;
mod table;

/// AWS's: how long CloudTrail's event history goes back.
const KEPT: Duration = Duration::days(90);

/// What to look at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
For each role of the federation: the sessions and who began them, refused calls with their cause, changes of
the role, the services that it may use beside those that it used, and when it was used last. It reads
CloudTrail's event history, which has the management events of 90 days and is up to 15 minutes late, and
IAM's last use, which is hours late. What could not be read is named.

It needs cloudtrail:LookupEvents, iam:GetRole, iam:GenerateServiceLastAccessedDetails and
iam:GetServiceLastAccessedDetails in each account. AWS allows two lookups a second in an account and
region: a busy account takes minutes.

Examples:
  attache audit -f federation.yaml
  attache audit -f federation.yaml --since 7d --output csv > audit.csv
  attache audit -f federation.yaml --check       # exit code 1 when others assumed a role, or nobody does")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,
    #[command(flatten)]
    time: TimeArgs,

    /// How far back to look, at most 90d.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = since)]
    since: Duration,

    /// A region whose events to look at beside the roles' own; may be given several times.
    #[arg(long, value_name = "REGION", value_delimiter = ',')]
    region: Vec<Region>,

    /// After how many days without use a role counts as unused.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=400))]
    unused: i64,

    /// The most events to read of one lookup.
    #[arg(long, value_name = "NUMBER", default_value_t = 5_000, value_parser = most)]
    max_events: usize,

    /// End with exit code 1 when anybody else assumed a role, or a role is unused.
    #[arg(long)]
    check: bool,
}

fn since(text: &str) -> Result<Duration, super::arguments::ArgumentError> {
    match duration::parse(text)? {
        long if long > KEPT => {
            Err(super::arguments::ArgumentError::Form("at most 90d: CloudTrail keeps no more"))
        }
        duration => Ok(duration),
    }
}

fn most(text: &str) -> Result<usize, super::arguments::ArgumentError> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or(super::arguments::ArgumentError::Form("a number from 1"))
}

/// Reads the accounts, and prints what was found.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    or_json(look(args, out).await, out)
}

async fn look(args: Args, out: &Output) -> miette::Result<Exit> {
    let federation = completed(&args.connect, args.file.load()?).await?;
    let (accounts, home) = (federation.accounts(), federation.home());
    Interruption::watch(*out)?;
    let connections = connect(&args.connect, &accounts, Some(home)).await?;
    let now = OffsetDateTime::now_utc();
    let settings = AuditSettings {
        from: now - args.since,
        to: now,
        most_events: args.max_events,
        unused_days: args.unused,
        patience: args.time.timeout(),
    };
    let roles = roles(&federation, &args.region);
    let total = accounts.len();
    let read = std::sync::atomic::AtomicUsize::new(0);
    let done = |account| {
        let number = read.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        out.progress(format!("{number} of {total} accounts: {account} was read"));
    };
    let report = audit(&roles, &settings, &connections, done).await;
    match out.format {
        Format::Json if out.csv => out.csv_text(&csv::text(&report)?),
        Format::Json => out.json(&report)?,
        Format::Table => table::print(&report, out),
    }
    Ok(exit(&report, args.check, out))
}

/// The federation's roles, each with the regions in whose trails its sessions can be.
fn roles(federation: &Federation, more: &[Region]) -> Vec<AuditedRole> {
    let source = federation.source();
    let of_source = federation.region(source.account());
    let all = of_source.map(|region| (source, region)).into_iter().chain(federation.targets());
    let mut roles: Vec<AuditedRole> = Vec::new();
    for (arn, own) in all {
        let mut regions = vec![own.clone()];
        for region in more.iter().cloned().chain([Region::of_iam(arn.partition())]) {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        match roles.iter_mut().find(|role| role.arn == *arn) {
            Some(known) => known.regions.extend(regions.into_iter().filter(|r| r != own)),
            None => {
                let workloads = federation.identities_of(arn).map(|own| Workload {
                    issuer: own.issuer.cloned(),
                    subject: own.workload.subject(),
                });
                let workloads = workloads.collect();
                roles.push(AuditedRole { arn: arn.clone(), regions, workloads });
            }
        }
    }
    roles
}

fn exit(report: &AuditReport, check: bool, out: &Output) -> Exit {
    if !report.unread.is_empty() {
        let lines = report.unread.iter().map(|one| format!("  {}: {}", one.account, one.why));
        let lines: Vec<String> = lines.collect();
        out.error(&miette::miette!(
            "{} accounts could not be read:\n{}",
            report.unread.len(),
            lines.join("\n")
        ));
        let remote = report.unread.iter().any(|one| one.is_remote);
        return if remote { Exit::Remote } else { Exit::Usage };
    }
    let found = |role: &RoleReport| role.by_others().next().is_some() || role.unused == Some(true);
    if check && report.roles.iter().any(found) { Exit::Failed } else { Exit::Done }
}
