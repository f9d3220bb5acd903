//! `attache verify --watch`: the checks again and again, and what has become otherwise.

use std::collections::BTreeMap;
use std::time::Duration;

use attache_federation::{Check, LinkStatus};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::report::{Report, first_line};
use super::{Args, once, switched_off};
use crate::output::{Exit, Format, Output};

/// What a check is known by from run to run, with how often the same came before it.
type Name = (String, usize);

/// Ends with Ctrl-C alone: a run that fails is told, and the next one made.
pub(super) async fn run(args: &Args, pause: Duration, out: &Output) -> miette::Result<Exit> {
    let Some(checks) = once(args, out).await? else { return switched_off(out) };
    let report = Report::new(&checks);
    match out.format {
        Format::Json => out.json(&report)?,
        Format::Table => report.print(args.all, out),
    }
    let mut known = named(&checks);
    loop {
        tokio::time::sleep(pause).await;
        let checks = match once(args, out).await {
            Ok(Some(checks)) => checks,
            Ok(None) => return switched_off(out),
            Err(report) => {
                out.error(&report);
                continue;
            }
        };
        let now = named(&checks);
        if out.format == Format::Json {
            out.json(&Report::new(&checks))?;
        } else {
            for line in changes(&known, &now) {
                out.line(line);
            }
        }
        known = now;
    }
}

fn named(checks: &[Check]) -> BTreeMap<Name, (LinkStatus, String)> {
    let mut named = BTreeMap::new();
    for check in checks {
        let account = check.account.map_or("-".to_owned(), |id| id.to_string());
        let name = format!("{account} {} {}", check.link, check.name);
        let mut count = 0;
        while named.contains_key(&(name.clone(), count)) {
            count += 1;
        }
        named.insert((name, count), (check.status, first_line(check)));
    }
    named
}

fn changes(
    before: &BTreeMap<Name, (LinkStatus, String)>,
    now: &BTreeMap<Name, (LinkStatus, String)>,
) -> Vec<String> {
    // A time without a text is no reason to end.
    let time = OffsetDateTime::now_utc();
    let time = time.replace_nanosecond(0).unwrap_or(time).format(&Rfc3339).unwrap_or_default();
    let mut lines = Vec::new();
    for (key, (status, detail)) in now {
        let then = before.get(key).map(|(status, _)| *status);
        if then != Some(*status) {
            let then = then.map_or("(not checked)".to_owned(), |then| then.to_string());
            lines.push(format!("{time} {}: {then} -> {status}: {detail}", key.0));
        }
    }
    for (key, (status, _)) in before.iter().filter(|(key, _)| !now.contains_key(*key)) {
        lines.push(format!("{time} {}: {status} -> (not checked)", key.0));
    }
    lines
}
