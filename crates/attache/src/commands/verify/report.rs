//! What `verify` prints.

use std::collections::{BTreeMap, BTreeSet};

use attache_federation::{Check, LinkStatus};
use attache_identifiers::AccountId;
use serde::Serialize;

use crate::output::{Output, Tone};

/// Ours: with more accounts each is one line.
const ACCOUNTS_IN_FULL: usize = 5;

/// Ours: so many checks are named in an account's line.
const NAMED: usize = 3;

/// The status of what others put there and the file accepts.
const KEPT: &str = "ok (kept)";

/// The result as JSON.
#[derive(Serialize)]
pub(super) struct Report<'c> {
    pub(super) checks: &'c [Check],
    pub(super) ok: usize,
    pub(super) warn: usize,
    pub(super) fail: usize,
    pub(super) unknown: usize,
}

impl<'c> Report<'c> {
    pub(super) fn new(checks: &'c [Check]) -> Self {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        Self {
            checks,
            ok: count(LinkStatus::Ok),
            warn: count(LinkStatus::Warn),
            fail: count(LinkStatus::Fail),
            unknown: count(LinkStatus::Unknown),
        }
    }
}

impl Report<'_> {
    /// A table, then each check that does not hold in full, with its fix.
    pub(super) fn print(&self, all: bool, out: &Output) {
        let accounts: BTreeSet<AccountId> =
            self.checks.iter().filter_map(|check| check.account).collect();
        // What the table of the checks has already is not told again.
        let told = if all || accounts.len() <= ACCOUNTS_IN_FULL {
            every_check(self.checks, out);
            1
        } else {
            every_account(self.checks, out);
            0
        };
        remedies(self.checks, told, out);
        let Report { ok, warn, fail, unknown, .. } = self;
        out.line("");
        out.line(format!("{ok} ok, {warn} warn, {fail} fail, {unknown} unknown."));
    }
}

/// A line an account, the worst first: what does not hold is below in full.
fn every_account(checks: &[Check], out: &Output) {
    let mut accounts: BTreeMap<Option<AccountId>, Vec<&Check>> = BTreeMap::new();
    checks.iter().for_each(|check| accounts.entry(check.account).or_default().push(check));
    let mut accounts: Vec<_> = accounts.into_iter().collect();
    let worst = |own: &[&Check]| own.iter().map(|check| check.status).max_by_key(|s| severity(*s));
    accounts.sort_by_key(|(_, own)| std::cmp::Reverse(worst(own).map(severity)));
    let row = |(account, own): &(Option<AccountId>, Vec<&Check>)| {
        let worst = worst(own).unwrap_or(LinkStatus::Unknown);
        let of = own.iter().filter(|check| check.status == worst);
        let names: Vec<String> =
            of.map(|check| format!("{} {}", check.link, check.name)).take(NAMED).collect();
        let count = own.iter().filter(|check| check.status == LinkStatus::Ok).count();
        vec![
            worst.to_string(),
            account.map_or("-".to_owned(), |id| id.to_string()),
            format!("{count} of {}", own.len()),
            if worst == LinkStatus::Ok { String::new() } else { names.join(", ") },
        ]
    };
    let rows: Vec<_> = accounts.iter().map(row).collect();
    out.table(&["status", "account", "ok", "checks"], &rows, tone);
}

fn severity(status: LinkStatus) -> u8 {
    match status {
        LinkStatus::Ok => 0,
        LinkStatus::Unknown => 1,
        LinkStatus::Warn => 2,
        _ => 3,
    }
}

fn every_check(checks: &[Check], out: &Output) {
    let row = |check: &Check| {
        let kept = check.status == LinkStatus::Ok && !check.kept.is_empty();
        vec![
            if kept { KEPT.to_owned() } else { check.status.to_string() },
            check.link.to_string(),
            account(check),
            check.name.to_owned(),
            first_line(check),
        ]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    out.table(&["status", "link", "account", "check", "found"], &rows, tone);
}

fn account(check: &Check) -> String {
    check.account.map_or("-".to_owned(), |id| id.to_string())
}

pub(super) fn first_line(check: &Check) -> String {
    check.detail.lines().next().unwrap_or_default().to_owned()
}

/// Each check that does not hold, without the first lines of its detail that were told, with its fix.
fn remedies(checks: &[Check], told: usize, out: &Output) {
    for check in checks.iter().filter(|check| check.status != LinkStatus::Ok) {
        let rest: Vec<&str> = check.detail.lines().skip(told).collect();
        if check.remedy.is_none() && rest.is_empty() {
            continue;
        }
        let head = format!("{} {} {} {}", check.status, check.link, account(check), check.name);
        let head = head.replace(" - ", " ");
        out.line("");
        out.line(tone(&check.status.to_string()).map_or(head.clone(), |t| out.paint(t, &head)));
        rest.iter().for_each(|line| out.line(format!("  {line}")));
        if let Some(remedy) = &check.remedy {
            // Each command on a line of its own, as it is pasted.
            for (index, line) in remedy.lines().enumerate() {
                out.line(format!("  {}{line}", if index == 0 { "fix: " } else { "" }));
            }
        }
    }
}

fn tone(cell: &str) -> Option<Tone> {
    match cell {
        "ok" | KEPT => Some(Tone::Good),
        "warn" | "unknown" => Some(Tone::Warning),
        "fail" => Some(Tone::Bad),
        _ => None,
    }
}
