//! The report for a person: a row for each role, then what became of each.

use attache_audit::{
    Assumption, AuditReport, Change, LastUse, RefusedCall, RoleReport, ServiceUse,
};
use attache_identifiers::RoleArn;
use time::OffsetDateTime;

use crate::output::{Output, Tone};

pub(super) fn print(report: &AuditReport, out: &Output) {
    let rows: Vec<_> = report.roles.iter().map(summary).collect();
    let head =
        ["role", "account", "last used", "sessions", "by others", "refused", "services used"];
    out.table(&head, &rows, tone);
    for role in &report.roles {
        details(role, out);
    }
}

fn summary(role: &RoleReport) -> Vec<String> {
    let others: usize = role.by_others().map(|session| session.count).sum();
    vec![
        name(&role.role),
        role.account.to_string(),
        last_use(role),
        role.session_count().to_string(),
        match others {
            0 => "0".to_owned(),
            count => format!("{count} by others"),
        },
        role.refused_count().to_string(),
        services_used(role),
    ]
}

fn name(arn: &str) -> String {
    RoleArn::parse(arn).map_or_else(|_| arn.to_owned(), |role| role.name().to_string())
}

fn last_use(role: &RoleReport) -> String {
    let text = match &role.last_use {
        LastUse::Used { at } => time_of(*at),
        LastUse::Never { .. } => "never".to_owned(),
        LastUse::NoRole => "no such role".to_owned(),
        LastUse::Unknown { .. } => "unknown".to_owned(),
    };
    if role.unused == Some(true) { format!("{text}, unused") } else { text }
}

fn services_used(role: &RoleReport) -> String {
    let Some(services) = &role.services else { return "unknown".to_owned() };
    // A call that was refused is no use of it.
    let is_used = |one: &&ServiceUse| one.last_used.is_some() || one.calls > one.refused;
    let used = services.iter().filter(is_used).count();
    let granted = services.iter().filter(|one| one.granted == Some(true)).count();
    if services.iter().any(|one| one.granted.is_none()) {
        return format!("{used} of unknown");
    }
    format!("{used} of {granted}")
}

fn details(role: &RoleReport, out: &Output) {
    let RoleReport { sessions, refused, changes, services, not_read, .. } = role;
    let heading = |what: &str| {
        out.line("");
        out.line(
            out.paint(Tone::Strong, &format!("{} {}: {what}", role.account, name(&role.role))),
        );
    };
    if !sessions.is_empty() {
        heading("who assumed it");
        let head = ["who", "sessions", "first", "last", "from"];
        out.table(&head, &sessions.iter().map(session_row).collect::<Vec<_>>(), tone);
    }
    if !refused.is_empty() {
        heading("what was refused");
        let head = ["calls", "call", "by", "last", "cause"];
        out.table(&head, &refused.iter().map(refused_row).collect::<Vec<_>>(), tone);
    }
    if !changes.is_empty() {
        heading("what changed the role");
        let row =
            |change: &Change| vec![time_of(change.at), change.call.clone(), change.by.clone()];
        out.table(&["time", "call", "by"], &changes.iter().map(row).collect::<Vec<_>>(), tone);
    }
    if let Some(services) = services {
        heading("which services");
        let (called, idle): (Vec<_>, Vec<_>) =
            services.iter().partition(|one| one.calls > 0 || one.last_used.is_some());
        if called.is_empty() {
            out.line("none was used");
        } else {
            let head = ["service", "granted", "calls", "refused", "last used"];
            out.table(&head, &called.into_iter().map(service_row).collect::<Vec<_>>(), tone);
        }
        if !idle.is_empty() {
            let names: Vec<&str> = idle.iter().map(|one| one.service.as_str()).collect();
            out.line(format!("granted and never used: {}", names.join(", ")));
        }
    }
    if let LastUse::Unknown { why } = &role.last_use {
        heading("not known");
        out.line(format!("when it was used last: {why}"));
    }
    if !not_read.is_empty() {
        heading("not read");
        not_read.iter().for_each(|line| out.line(line));
    }
}

fn session_row(session: &Assumption) -> Vec<String> {
    let from = session.from.iter().cloned().collect::<Vec<_>>().join(", ");
    let who = match session.is_workload {
        true => format!("{} (the workload)", session.by),
        false => session.by.to_string(),
    };
    vec![who, session.count.to_string(), time_of(session.first), time_of(session.last), from]
}

fn refused_row(call: &RefusedCall) -> Vec<String> {
    vec![
        call.count.to_string(),
        call.call.clone(),
        call.by.to_string(),
        time_of(call.last),
        format!("{}: {}", call.code, call.cause),
    ]
}

fn service_row(one: &ServiceUse) -> Vec<String> {
    let granted = match one.granted {
        Some(true) => "yes",
        Some(false) => "not granted",
        None => "unknown",
    };
    vec![
        one.service.clone(),
        granted.to_owned(),
        one.calls.to_string(),
        one.refused.to_string(),
        one.last_used.map(time_of).unwrap_or_default(),
    ]
}

/// To the minute: `2026-11-27 18:11 UTC`.
fn time_of(at: OffsetDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!("{date} {:02}:{:02} UTC", time.hour(), time.minute())
}

fn tone(cell: &str) -> Option<Tone> {
    match cell {
        "unknown" | "never" | "not granted" => Some(Tone::Warning),
        "no such role" => Some(Tone::Bad),
        _ if cell.ends_with(" by others") || cell.ends_with(", unused") => Some(Tone::Warning),
        _ => None,
    }
}
