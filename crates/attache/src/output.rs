//! How a command speaks: a table or JSON on standard output, progress on standard error.
//!
//! The only place that prints. Colours appear only on a terminal, and never under `NO_COLOR`.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;

/// What `--output` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// For people: aligned columns and marks.
    Table,
    /// For programs: one JSON document.
    Json,
    /// For code scanning: SARIF 2.1.0, of `policy check` alone.
    Sarif,
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

/// Where a command's words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// What the result is printed as.
    pub(crate) format: Format,
    /// Whether the JSON is to be SARIF.
    pub(crate) sarif: bool,
    color: bool,
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
}

/// What failed remotely, where a report does not say it by itself: it ends with exit code 3.
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
        let format = if shape == Shape::Table { Format::Table } else { Format::Json };
        let sarif = shape == Shape::Sarif;
        let terminal = std::io::stdout().is_terminal();
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Self { format, sarif, color, progress: !quiet }
    }

    /// Prints a result line. A closed pipe (`attache … | head`) is no error.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        drop(writeln!(std::io::stdout().lock(), "{}", text.as_ref()));
    }

    /// Prints a line of progress on standard error, unless `--quiet`.
    pub(crate) fn progress(&self, text: impl AsRef<str>) {
        if self.progress {
            drop(writeln!(std::io::stderr().lock(), "{}", text.as_ref()));
        }
    }

    /// Prints what went wrong, with its causes and its help, on standard error.
    pub(crate) fn error(&self, report: &miette::Report) {
        drop(writeln!(std::io::stderr().lock(), "{report:?}"));
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
        if handler.render_report(&mut text, finding).is_ok() {
            self.line(text.trim_end());
        }
    }

    /// Prints a value as indented JSON.
    pub(crate) fn json(&self, value: &impl serde::Serialize) -> miette::Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|e| miette::miette!("could not write the result as JSON: {e}"))?;
        self.line(text);
        Ok(())
    }

    /// Colours text by its meaning, where colours are on.
    pub(crate) fn paint(&self, tone: Tone, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
            Tone::Faint => "2",
            Tone::Strong => "1",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Prints rows as aligned columns under a heading. Cells hold plain text; `tones` colours a
    /// cell by its text once the widths are known.
    pub(crate) fn table(
        &self,
        head: &[&str],
        rows: &[Vec<String>],
        tone: fn(&str) -> Option<Tone>,
    ) {
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
            widest.max(head.get(column).map_or(0, |h| h.chars().count()))
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let heading: Vec<String> = head.iter().map(|h| h.to_uppercase()).collect();
        self.line(self.paint(Tone::Faint, &aligned(&heading, &widths, |cell, _| cell.to_owned())));
        for row in rows {
            self.line(aligned(row, &widths, |padded, plain| match tone(plain) {
                Some(tone) => self.paint(tone, padded),
                None => padded.to_owned(),
            }));
        }
    }
}

/// One row, each cell padded to its column's width; the last one is not padded.
fn aligned(row: &[String], widths: &[usize], dress: impl Fn(&str, &str) -> String) -> String {
    let last = row.len().saturating_sub(1);
    let cell = |(i, text): (usize, &String)| {
        let width = if i == last { 0 } else { widths.get(i).copied().unwrap_or(0) };
        dress(&format!("{text:width$}"), text)
    };
    row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ")
}
