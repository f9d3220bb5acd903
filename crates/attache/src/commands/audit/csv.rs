//! The report as CSV (RFC 4180): a row for each fact, so that a spreadsheet can filter them.

use attache_audit::{AuditReport, LastUse, RoleReport};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const HEAD: [&str; 9] =
    ["account", "role", "fact", "who", "what", "count", "first", "last", "detail"];

/// The whole report.
pub(super) fn text(report: &AuditReport) -> miette::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| miette::miette!("could not write the result as CSV: {error}");
    writer.write_record(HEAD).map_err(failed)?;
    for row in report.roles.iter().flat_map(rows) {
        writer.write_record(row.map(|cell| harmless(&cell))).map_err(failed)?;
    }
    for unread in &report.unread {
        let account = unread.account.to_string();
        let row = Row::new(&account, "", "not read").detail(&unread.why);
        writer.write_record(row.0.map(|cell| harmless(&cell))).map_err(failed)?;
    }
    let bytes = writer.into_inner();
    let bytes = bytes.map_err(|e| miette::miette!("could not write the result as CSV: {e}"))?;
    String::from_utf8(bytes).map_err(|e| miette::miette!("the result is not UTF-8: {e}"))
}

/// A cell that a spreadsheet would take for a formula begins with an apostrophe: whoever assumes a role
/// chooses the session's name.
fn harmless(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

struct Row([String; 9]);

impl Row {
    fn new(account: &str, role: &str, fact: &str) -> Self {
        let mut cells = <[String; 9]>::default();
        for (cell, text) in cells.iter_mut().zip([account, role, fact]) {
            text.clone_into(cell);
        }
        Self(cells)
    }

    fn who(mut self, who: &str, what: &str) -> Self {
        who.clone_into(&mut self.0[3]);
        what.clone_into(&mut self.0[4]);
        self
    }

    fn count(mut self, count: usize) -> Self {
        self.0[5] = count.to_string();
        self
    }

    fn times(mut self, first: Option<OffsetDateTime>, last: Option<OffsetDateTime>) -> Self {
        let text = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok());
        self.0[6] = text(first).unwrap_or_default();
        self.0[7] = text(last).unwrap_or_default();
        self
    }

    fn detail(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.0[8]);
        self
    }
}

fn rows(role: &RoleReport) -> Vec<[String; 9]> {
    let account = role.account.to_string();
    let row = |fact: &str| Row::new(&account, &role.role, fact);
    let mut rows = vec![match &role.last_use {
        LastUse::Used { at } => row("last use").times(None, Some(*at)),
        LastUse::Never { made } => row("last use").times(Some(*made), None).detail("never"),
        LastUse::NoRole => row("last use").detail("there is no such role"),
        LastUse::Unknown { why } => row("last use").detail(&format!("unknown: {why}")),
    }];
    if role.unused == Some(true) {
        rows.push(row("unused"));
    }
    for session in &role.sessions {
        let fact = if session.is_workload { "sessions" } else { "sessions of others" };
        let from: Vec<&str> = session.from.iter().map(String::as_str).collect();
        let row = row(fact).who(&session.by.to_string(), "").count(session.count);
        rows.push(row.times(Some(session.first), Some(session.last)).detail(&from.join(" ")));
    }
    for call in &role.refused {
        let row = row("refused").who(&call.by.to_string(), &call.call).count(call.count);
        let detail = format!("{}: {}", call.code, call.cause);
        rows.push(row.times(Some(call.first), Some(call.last)).detail(&detail));
    }
    for change in &role.changes {
        let row = row("change").who(&change.by, &change.call).count(1);
        rows.push(row.times(Some(change.at), Some(change.at)));
    }
    for one in role.services.iter().flatten() {
        let granted = match one.granted {
            Some(true) => "granted",
            Some(false) => "not granted",
            None => "not known whether granted",
        };
        let row = row("service").who("", &one.service).count(one.calls);
        rows.push(row.times(None, one.last_used).detail(granted));
    }
    rows.extend(role.not_read.iter().map(|line| row("not read").detail(line)));
    rows.into_iter().map(|row| row.0).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, shown) in
            [("=1+1", "'=1+1"), ("@a", "'@a"), ("-", "'-"), ("a=1", "a=1"), ("", "")]
        {
            assert_eq!(harmless(cell), shown);
        }
    }
}
