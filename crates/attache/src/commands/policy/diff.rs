//! `attache policy diff`: what one policy allows that another does not.

use std::path::PathBuf;

use attache_policy::{Diff, Difference};
use miette::miette;

use super::document::{Document, KindName};
use crate::output::{Exit, Format, Output, Tone};

/// The two policies.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each difference comes with a request that the one policy allows and the other does not, as the
evaluator decides it. Order, lists or single values, Sids and duplicates make no difference. Each
policy is compared by itself, without others that may be attached beside it.

Examples:
  attache policy diff old.json new.json
  git show HEAD:trust.json | attache policy diff - trust.json --kind trust
  attache policy diff --output json old.json new.json | jq '.gained[].witness'

Exit code 0: they allow the same. 1: they differ. 2: one is not a valid policy.")]
pub(crate) struct Args {
    /// The old policy; - for standard input.
    #[arg(value_name = "A")]
    first: PathBuf,

    /// The new policy; - for standard input.
    #[arg(value_name = "B")]
    second: PathBuf,

    /// The kind of both; by default it is inferred from B.
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<KindName>,
}

/// Compares, and prints what differs.
pub(super) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let (first, second) = (&args.first, &args.second);
    if first == second && first.as_os_str() == "-" {
        return Err(miette!(
            help = "give one of them as a file",
            "standard input can be read once"
        ));
    }
    let second = Document::open(second, args.kind)?;
    let first = Document { kind: second.kind, ..Document::open(first, args.kind)? };
    let found = attache_policy::diff(&first.policy()?, &second.policy()?);
    match out.format {
        Format::Json => out.json(&found)?,
        Format::Table => print(&found, (&first.name, &second.name), out),
    }
    let same = found.gained.is_empty() && found.lost.is_empty();
    Ok(if same && found.complete { Exit::Done } else { Exit::Failed })
}

fn print(found: &Diff, (first, second): (&str, &str), out: &Output) {
    for gained in &found.gained {
        difference(gained, &out.paint(Tone::Bad, "+ gained"), first, out);
    }
    for lost in &found.lost {
        difference(lost, &out.paint(Tone::Good, "- lost"), second, out);
    }
    if !found.complete {
        let note = "not everything could be compared: there may be more";
        out.line(out.paint(Tone::Warning, note));
    } else if found.gained.is_empty() && found.lost.is_empty() {
        out.line(out.paint(Tone::Good, "both allow the same"));
    }
}

fn difference(own: &Difference, mark: &str, other: &str, out: &Output) {
    out.line(format!("{mark}  {own}"));
    out.line(format!("    allowed by {}", own.allowed_by));
    match &own.denied_by {
        Some(denied_by) => out.line(format!("    denied by {denied_by}")),
        None => out.line(format!("    nothing in {other} allows it")),
    }
    out.line(format!("    for example {}", own.witness));
}
