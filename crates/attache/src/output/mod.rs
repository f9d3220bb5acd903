//! What a command prints: a table or JSON on standard output, progress on standard error.
//!
//! The only place that prints, and so the place where text from outside is made printable: AWS's
//! messages, a token's claims, policies, file names and arguments can hold anything, and a terminal
//! acts on control characters. Colours appear only on a terminal, and never under `NO_COLOR`.

mod marks;
mod report;
mod table;

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;

/// The values of `--output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// For people: aligned columns and marks.
    Table,
    /// For programs: one JSON document.
    Json,
    /// For code scanning: SARIF 2.1.0, of `policy check` alone.
    Sarif,
    /// For spreadsheets: CSV (RFC 4180), of `audit` alone.
    Csv,
    /// For a change request: Markdown, of `plan` alone.
    Markdown,
}

/// The shape of a command's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people: aligned columns and marks.
    Table,
    /// For programs: one JSON document.
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where and how a command prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// What the result is printed as.
    pub(crate) format: Format,
    /// Whether the JSON is to be SARIF.
    pub(crate) sarif: bool,
    /// Whether it is to be CSV instead.
    pub(crate) csv: bool,
    /// Whether the table is to be Markdown instead.
    pub(crate) markdown: bool,
    color: bool,
    error_color: bool,
    progress: bool,
}

/// How a command ended, as the process's exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done,
    /// 1: a check or a decision failed.
    Failed,
    /// 2: usage, configuration or input.
    Usage,
    /// 3: AWS or the network failed.
    Remote,
    /// That of the command which was run.
    Command(u8),
}

/// A failure of AWS or of the network: the process ends with exit code 3.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{message}")]
pub(crate) struct RemoteFailure {
    message: String,
    #[help]
    help: Option<String>,
}

impl RemoteFailure {
    /// A report that ends the process with exit code 3.
    pub(crate) fn report(message: impl std::fmt::Display, help: Option<String>) -> miette::Report {
        Self { message: message.to_string(), help }.into()
    }
}

impl Exit {
    /// The exit that a report means: AWS's and the network's failures are [`Exit::Remote`], all
    /// others were given something wrong.
    pub(crate) fn of(report: &miette::Report) -> Self {
        if report.downcast_ref::<RemoteFailure>().is_some() { Self::Remote } else { Self::Usage }
    }

    /// The process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Remote => 3,
            Self::Command(code) => code,
        }
    }
}

/// The colours that the tables use, by what they mean.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tone {
    /// Went well.
    Good,
    /// Works, but look at it.
    Warning,
    /// Does not work.
    Bad,
    /// Less important than the rest.
    Faint,
    /// More important than the rest.
    Strong,
}

impl Output {
    /// Decides the colours and the progress for this process.
    pub(crate) fn new(shape: Shape, color: Color, quiet: bool) -> Self {
        let markdown = shape == Shape::Markdown;
        let format = if shape == Shape::Table || markdown { Format::Table } else { Format::Json };
        let (sarif, csv) = (shape == Shape::Sarif, shape == Shape::Csv);
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let on = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !plain,
        };
        QUIET.store(quiet, Ordering::Relaxed);
        let error_color = on(std::io::stderr().is_terminal());
        let color = on(std::io::stdout().is_terminal());
        Self { format, sarif, csv, markdown, color, error_color, progress: !quiet }
    }

    /// Prints a result line, and nothing but one line. A closed pipe (`attache … | head`) is no
    /// error.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        let text = marks::printed(text.as_ref(), self.color, one_line);
        drop(writeln!(std::io::stdout().lock(), "{text}"));
    }

    /// Prints a remark beside the result: on standard error where the result is JSON.
    pub(crate) fn note(&self, text: &str) {
        match self.format {
            Format::Table => self.line(text),
            Format::Json => self.progress(text),
        }
    }

    /// Prints text that is meant to have lines of its own: a file, a script, an excerpt.
    pub(crate) fn text(&self, text: impl AsRef<str>) {
        let text = marks::printed(text.as_ref(), self.color, many_lines);
        drop(writeln!(std::io::stdout().lock(), "{text}"));
    }

    /// Prints a line of progress on standard error, unless `--quiet`.
    pub(crate) fn progress(&self, text: impl AsRef<str>) {
        if self.progress {
            let text = marks::printed(text.as_ref(), self.error_color, one_line);
            drop(writeln!(std::io::stderr().lock(), "{text}"));
        }
    }

    /// Prints what went wrong, with its causes and its help, on standard error.
    pub(crate) fn error(&self, report: &miette::Report) {
        let text = report::text(report.as_ref(), self.error_color);
        drop(writeln!(std::io::stderr().lock(), "{}", text.trim_end_matches('\n')));
    }

    /// Prints a finding at its place in the text that it is about.
    pub(crate) fn diagnostic(&self, finding: &dyn miette::Diagnostic) {
        let theme = if self.color {
            miette::GraphicalTheme::unicode()
        } else {
            miette::GraphicalTheme::unicode_nocolor()
        };
        let mut text = String::new();
        let handler = miette::GraphicalReportHandler::new_themed(theme);
        // It writes to a string, which takes everything.
        if handler.render_report(&mut text, &report::Shown::new(finding)).is_ok() {
            drop(writeln!(std::io::stdout().lock(), "{}", text.trim_end()));
        }
    }

    /// Prints a value as indented JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> miette::Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|e| miette::miette!("could not write the result as JSON: {e}"))?;
        self.json_text(&text);
        Ok(())
    }

    /// Prints a value as JSON on one line, for lists that have no end.
    pub(crate) fn json_line(&self, value: &serde_json::Value) {
        self.json_text(&value.to_string());
    }

    /// Prints text that is JSON already. Its writer escapes only what JSON demands; what else a
    /// terminal acts on is escaped here, and stays the same value.
    pub(crate) fn json_text(&self, json: &str) {
        drop(writeln!(std::io::stdout().lock(), "{}", attache_identifiers::printable_json(json)));
    }

    /// Prints text that is CSV already.
    pub(crate) fn csv_text(&self, csv: &str) {
        let text = many_lines(csv);
        drop(write!(std::io::stdout().lock(), "{text}"));
    }

    /// Colours text by its meaning, where colours are on. The result is for the methods that
    /// print here, which put the terminal's codes in.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        marks::painted(tone, text)
    }

    /// Prints rows as aligned columns under a heading. Cells hold plain text; `tone` colours a cell
    /// by its text.
    pub(crate) fn table(
        &self,
        head: &[&str],
        rows: &[Vec<String>],
        tone: fn(&str) -> Option<Tone>,
    ) {
        for line in table::lines(head, rows, tone) {
            self.line(line);
        }
    }
}

/// Whether `--quiet` was given: for what another thread prints.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Prints on standard error what a command is waiting for, unless `--quiet`.
pub(crate) fn waiting(name: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        let name = one_line(name);
        drop(writeln!(std::io::stderr().lock(), "still waiting for the end of {name}"));
    }
}

/// Prints a warning on standard error, also with `--quiet`: a person has to act on it.
pub(crate) fn warn(what: &impl std::fmt::Display) {
    drop(writeln!(std::io::stderr().lock(), "warning: {}", one_line(&what.to_string())));
}

/// Prints clap's help or its error, which repeats arguments: it is coloured only where these are
/// known to be `harmless`.
pub(crate) fn usage(error: &clap::Error, harmless: bool) {
    let text = error.render().to_string();
    if !error.use_stderr() || (harmless && text.len() <= report::LONGEST_ERROR) {
        // A closed pipe is no error.
        drop(error.print());
        return;
    }
    let text = many_lines(&text);
    let end = text.floor_char_boundary(report::LONGEST_ERROR - 8);
    let cut = if end < text.len() { "…" } else { "" };
    let text = text.get(..end).unwrap_or_default().trim_end();
    drop(writeln!(std::io::stderr().lock(), "{text}{cut}"));
}

fn one_line(text: &str) -> String {
    attache_identifiers::printable(text).into_owned()
}

fn many_lines(text: &str) -> String {
    attache_identifiers::printable_lines(text).into_owned()
}
