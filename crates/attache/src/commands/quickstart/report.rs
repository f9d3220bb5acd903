//! What the quickstart did, as data: the JSON report, and the lines a person reads.

use std::time::Duration;

use serde::Serialize;

use crate::output::{Output, Tone};

/// The whole report, as `--output json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Every step in its order.
    pub(super) steps: Vec<Step>,
    /// The target accounts, as the mediator reached them.
    pub(super) accounts: Vec<Account>,
    /// All resources in the inventory.
    pub(super) resources_total: usize,
    /// From the start to the end of the first complete scrape, in milliseconds.
    pub(super) duration_ms: u64,
    /// Where the page is, or was with `--once`.
    pub(super) page_url: String,
}

/// One step that was carried out.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) detail: String,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Ok,
    Warn,
    Fail,
}

/// One target account after the first scrape.
#[derive(Debug, Serialize)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) identity_arn: String,
    pub(super) resources: usize,
    pub(super) coverage: Vec<Coverage>,
}

/// How one resource type's scrape went.
#[derive(Debug, Serialize)]
pub(super) struct Coverage {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) region: String,
    pub(super) status: String,
    pub(super) count: usize,
}

/// Collects the steps and prints each as it ends.
#[derive(Debug)]
pub(super) struct Steps<'o> {
    out: &'o Output,
    done: Vec<Step>,
}

impl<'o> Steps<'o> {
    pub(super) fn new(out: &'o Output) -> Self {
        Self { out, done: Vec::new() }
    }

    /// Records a step's end and prints it.
    pub(super) fn end(&mut self, status: Status, name: &str, detail: impl Into<String>) {
        let detail = detail.into();
        let (mark, tone) = match status {
            Status::Ok => ("✓", Tone::Good),
            Status::Warn => ("!", Tone::Warning),
            Status::Fail => ("✕", Tone::Bad),
        };
        let mark = self.out.paint(tone, mark);
        self.out.progress(format!("{mark} {name:<34} {}", self.out.paint(Tone::Faint, &detail)));
        self.done.push(Step { name: name.to_owned(), status, detail });
    }

    /// Records a step that succeeded.
    pub(super) fn ok(&mut self, name: &str, detail: impl Into<String>) {
        self.end(Status::Ok, name, detail);
    }

    /// All steps, to put into the report.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.done
    }
}

impl Report {
    /// Whether a step failed.
    pub(super) fn failed(&self) -> bool {
        self.steps.iter().any(|step| step.status == Status::Fail)
    }

    /// Prints the accounts as a table, and the totals.
    pub(super) fn print(&self, out: &Output) {
        let rows: Vec<Vec<String>> = self.accounts.iter().map(Account::row).collect();
        out.line("");
        out.table(&["account", "scraped as", "resources", "coverage"], &rows, |cell| {
            cell.ends_with("ok").then_some(Tone::Good)
        });
        let seconds = Duration::from_millis(self.duration_ms).as_secs_f64();
        out.line("");
        let accounts = match self.accounts.len() {
            1 => "1 account".to_owned(),
            several => format!("{several} accounts"),
        };
        out.line(format!(
            "{} resources of {accounts} in {seconds:.1} s, without a stored key.",
            self.resources_total
        ));
    }
}

impl Account {
    fn row(&self) -> Vec<String> {
        let ok = self.coverage.iter().filter(|line| line.status == "ok").count();
        let coverage = format!("{ok} of {} ok", self.coverage.len());
        vec![self.id.clone(), self.identity_arn.clone(), self.resources.to_string(), coverage]
    }
}
