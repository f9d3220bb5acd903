//! A plan for people: what changes, account by account. Accounts that are alike are one block.

use std::fmt::{Display, Formatter, Result, Write};

use attache_identifiers::AccountId;

use super::change::{AccountPlan, Action, Change, Kind, Plan};

/// Ours: so many accounts are alike before they are one block.
const ALIKE: usize = 3;

/// Ours: so many accounts of a block are named.
const NAMED: usize = 8;

/// What stands for the account's number in a block of several.
const ANY_ACCOUNT: &str = "ACCOUNT";

/// A plan as text.
#[derive(Debug, Clone, Copy)]
pub struct PlanText<'p> {
    plan: &'p Plan,
    all: bool,
}

/// What is planned in one account, or alike in several.
struct Block<'p> {
    accounts: Vec<&'p AccountPlan>,
    text: String,
}

impl Plan {
    /// The plan as text: what changes, and accounts that are alike once; with `all` every account with every resource.
    #[must_use]
    pub fn text(&self, all: bool) -> PlanText<'_> {
        PlanText { plan: self, all }
    }

    /// The same as Markdown, for a change request.
    #[must_use]
    pub fn markdown(&self, all: bool) -> String {
        let mut text = format!("## Federation {}\n\n{}\n", self.federation, self.summary());
        let mut list = |title: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let lines: Vec<String> =
                    lines.iter().map(|line| format!("- {}", inline(line))).collect();
                let _ = write!(text, "\n**{title}**\n\n{}\n", lines.join("\n"));
            }
        };
        list("These steps widen existing access:", self.widening());
        list("These go, with the access that they give:", self.deletions());
        list(
            "These accounts could not be read:",
            self.unread.iter().map(ToString::to_string).collect(),
        );
        list("Notes:", self.notes.clone());
        let shown = self.text(all);
        let blocks = shown.blocks();
        for block in &blocks {
            let lines = block.text.lines().map(|line| line.strip_prefix("  ").unwrap_or(line));
            let lines: Vec<&str> = lines
                .map(
                    |line| {
                        if line.trim_start().starts_with("! ") { line.trim_start() } else { line }
                    },
                )
                .collect();
            let fence = fence(&block.text);
            let _ = write!(
                text,
                "\n### {}\n\n{fence}diff\n{}\n{fence}\n",
                block.title(),
                lines.join("\n")
            );
        }
        if let Some(unchanged) = shown.unchanged(&blocks) {
            let _ = write!(text, "\n{unchanged}\n");
        }
        text
    }
}

impl PlanText<'_> {
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks: Vec<(String, Block<'_>)> = Vec::new();
        for account in &self.plan.accounts {
            let text = self.account(account);
            if text.is_empty() {
                continue;
            }
            let alike = format!(
                "{}{}",
                account.elsewhere,
                text.replace(&account.account.to_string(), ANY_ACCOUNT)
            );
            match blocks.iter_mut().find(|(other, _)| *other == alike).filter(|_| !self.all) {
                Some((_, block)) => block.accounts.push(account),
                None => blocks.push((alike, Block { accounts: vec![account], text })),
            }
        }
        blocks.into_iter().flat_map(|(_, block)| self.split(block)).collect()
    }

    /// A few that are alike are shown each.
    fn split<'b>(&'b self, block: Block<'b>) -> Vec<Block<'b>> {
        match block.accounts.as_slice() {
            [_] => vec![block],
            accounts if accounts.len() < ALIKE => {
                let one = |account: &&'b AccountPlan| Block {
                    accounts: vec![*account],
                    text: self.account(account),
                };
                accounts.iter().map(one).collect()
            }
            [first, ..] => {
                let text = block.text.replace(&first.account.to_string(), ANY_ACCOUNT);
                vec![Block { text, ..block }]
            }
            [] => Vec::new(),
        }
    }

    /// One account's lines; empty where nothing changes and not all is wanted.
    fn account(&self, plan: &AccountPlan) -> String {
        let mut text = String::new();
        if plan.changes.is_empty() {
            text.push_str("    nothing of this federation is in this account\n");
        }
        // Writing to a String does not fail.
        for change in plan.changes.iter().filter(|change| self.all || is_news(change)) {
            let _ = writeln!(text, "  {change}");
            for difference in &change.differences {
                let _ = writeln!(text, "        {difference}");
            }
            for step in change.steps.iter().filter(|step| step.needs_consent()) {
                let _ = writeln!(text, "      ! {step}");
            }
            for finding in &change.findings {
                let _ = writeln!(text, "      ! {finding}");
            }
        }
        text
    }

    fn unchanged(&self, blocks: &[Block<'_>]) -> Option<String> {
        let shown: usize = blocks.iter().map(|block| block.accounts.len()).sum();
        match self.plan.accounts.len() - shown {
            0 => None,
            1 => Some("1 account is as the file says (--all shows it).".to_owned()),
            count => Some(format!("{count} accounts are as the file says (--all shows them).")),
        }
    }
}

/// Whether there is anything to say of it. A role's note is what others put on it and the file accepts; a provider's,
/// that it is shared, which changes nothing.
fn is_news(change: &Change) -> bool {
    let is_kept = change.resource.kind == Kind::Role && change.note.is_some();
    change.action != Action::Unchanged || !change.findings.is_empty() || is_kept
}

impl Block<'_> {
    fn title(&self) -> String {
        let elsewhere = self.accounts.first().is_some_and(|first| first.elsewhere);
        let beside = if elsewhere { " (not in the file)" } else { "" };
        let ids: Vec<String> = self
            .accounts
            .iter()
            .map(|own| own.account)
            .map(|id: AccountId| id.to_string())
            .collect();
        match ids.as_slice() {
            [only] => format!("account {only}{beside}"),
            [named @ .., last] if ids.len() <= NAMED => {
                format!("{} accounts alike{beside}: {} and {last}", ids.len(), named.join(", "))
            }
            _ => format!(
                "{} accounts alike{beside}: {} and {} more (--all shows each)",
                ids.len(),
                ids[..NAMED].join(", "),
                ids.len() - NAMED
            ),
        }
    }
}

impl Display for PlanText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "Federation {}", self.plan.federation)?;
        let blocks = self.blocks();
        for block in &blocks {
            write!(f, "\n{}\n{}", block.title(), block.text)?;
        }
        if let Some(unchanged) = self.unchanged(&blocks) {
            writeln!(f, "\n{unchanged}")?;
        }
        for note in &self.plan.notes {
            writeln!(f, "\nnote: {note}")?;
        }
        write!(f, "\n{}", self.plan.summary())
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.text(false).fmt(f)
    }
}

/// Backticks that end no code within the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// As code, so that nothing in it is Markdown.
fn inline(line: &str) -> String {
    let ticks = "`".repeat(fence(line).len() - 2);
    let line = line.replace('\n', " ");
    if line.contains('`') {
        format!("{ticks} {line} {ticks}")
    } else {
        format!("{ticks}{line}{ticks}")
    }
}
