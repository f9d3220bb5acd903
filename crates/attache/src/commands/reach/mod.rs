//! `attache reach`: which principals can assume which roles, directly or through chains.

mod gather;

use std::path::PathBuf;

use attache_reach::{Graph, Path, Query, Rules, Snapshot, Violation};
use miette::miette;
use serde::Serialize;

use crate::commands::federate::read;
use crate::output::{Exit, Format, Output, Tone};

/// The accounts, and which paths to list.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A snapshot is what `aws iam get-account-authorization-details` prints, or a file with several
accounts, their OIDC providers, Pod Identity associations, known service accounts and organization:
see docs/reach.md.

Examples:
  aws iam get-account-authorization-details > account.json
  attache reach --snapshot account.json
  attache reach --snapshot a.json --snapshot b.json --to 'arn:aws:iam::*:role/Admin*'
  attache reach --snapshot a.json --from '*/payments/*' --output json
  attache reach --snapshot a.json --deny-path rules.toml
  attache reach --live --account 111111111111 --account 222222222222 --save both.json

Only role assumption is followed: a principal that may pass a role to a service, change a policy or
make access keys can reach more.

A rule of --deny-path:
  [[deny]]
  from = \"*/payments/*\"                     # ISSUER/NAMESPACE/NAME, an ARN, account:ID, organization:ID, anyone
  to = \"arn:aws:iam::*:role/Admin*\"
  except = [\"oidc.example.com/id/X/payments/breakglass\"]
  reason = \"payments never administers\"

--live asks IAM alone, and changes nothing. Exit code 0: done. 1: a rule is broken, or
whether one is cannot be known. 2: a file cannot be read, or is one page of several. 3: AWS or the network failed.")]
pub(crate) struct Args {
    #[command(flatten)]
    source: gather::Source,

    /// Only paths from these principals: a pattern of ISSUER/NAMESPACE/NAME, of ARNs, service:NAME,
    /// account:ID, organization:ID, anyone. By default all but the snapshot's roles.
    #[arg(long, value_name = "PATTERN")]
    from: Option<String>,

    /// Only paths to these roles: a pattern of ARNs.
    #[arg(long, value_name = "PATTERN")]
    to: Option<String>,

    /// Only paths of at most so many steps.
    #[arg(long, value_name = "STEPS")]
    within: Option<usize>,

    /// A file of forbidden paths.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to", "within"])]
    deny_path: Option<PathBuf>,
}

/// What a path is made of, and what it is not.
const ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithSAML",
    "eks-auth:AssumeRoleForPodIdentity",
];
const FOLLOWED: &str =
    "only role assumption is followed, not iam:PassRole, changes of policies or access keys";

/// The result as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'r> {
    /// The only actions that are followed.
    followed: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    paths: Option<&'r [Path]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<&'r [Violation]>,
    warnings: &'r [String],
    /// What the snapshot does not contain, so that there may be more paths.
    unknown: &'r [String],
}

/// Reads the snapshots and prints the paths.
pub(crate) async fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let rules = args.deny_path.as_ref().map(|file| {
        Rules::parse(&file.display().to_string(), &read(file)?).map_err(|e| miette!("{e}"))
    });
    let rules = rules.transpose()?;
    let texts = gather::texts(&args.source, out).await?;
    let files = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let snapshot = Snapshot::read(files).map_err(|e| miette!("{e}"))?;
    let graph = Graph::new(&snapshot);
    let about = format!(
        "{} roles of {} accounts, {} steps; {FOLLOWED}",
        snapshot.roles(),
        snapshot.accounts().count(),
        graph.len()
    );
    out.progress(about);
    for warning in graph.warnings() {
        out.progress(out.paint(Tone::Warning, &format!("note: {warning}")));
    }
    for unknown in graph.unknown() {
        out.progress(out.paint(Tone::Warning, &format!("not known: {unknown}")));
    }
    match rules {
        Some(rules) => check_rules(&rules, &graph, out),
        None => list(args, &graph, out),
    }
}

fn list(args: &Args, graph: &Graph<'_>, out: &Output) -> miette::Result<Exit> {
    let (from, to) = (args.from.as_deref(), args.to.as_deref());
    let paths = graph.paths(Query { from, to, longest: args.within });
    match out.format {
        Format::Json => {
            let warnings = graph.warnings();
            let unknown = graph.unknown();
            let report =
                Report { followed: ACTIONS, paths: Some(&paths), broken: None, warnings, unknown };
            out.json(&report)?;
        }
        Format::Table if paths.is_empty() && graph.unknown().is_empty() => {
            out.line("no principal can assume any of these roles");
        }
        Format::Table if paths.is_empty() => {
            out.line("no principal is known to be able to assume any of these roles, but not everything is known:");
            graph.unknown().iter().for_each(|unknown| out.line(format!("  {unknown}")));
        }
        Format::Table => paths.iter().for_each(|path| print(path, out)),
    }
    Ok(Exit::Done)
}

fn check_rules(rules: &Rules, graph: &Graph<'_>, out: &Output) -> miette::Result<Exit> {
    let broken = rules.violations(graph);
    let unknown = rules.unknown(graph);
    match out.format {
        Format::Json => {
            let warnings = graph.warnings();
            let (broken, unknown) = (Some(&broken[..]), &unknown[..]);
            out.json(&Report { followed: ACTIONS, paths: None, broken, warnings, unknown })?;
        }
        Format::Table => {
            for Violation { rule, path } in &broken {
                let reason = rule.reason.as_deref().unwrap_or("no path may lead there");
                let rule = format!("broken: from {} to {}: {reason}", rule.from, rule.to);
                out.line(out.paint(Tone::Bad, &rule));
                print(path, out);
            }
            if broken.is_empty() && !unknown.is_empty() {
                let text =
                    "whether all rules hold is not known: no path is found that breaks one, but";
                out.line(out.paint(Tone::Bad, text));
                unknown.iter().for_each(|unknown| out.line(format!("  {unknown}")));
            } else if broken.is_empty() {
                let held = format!("all of {} rules hold", rules.len());
                out.line(out.paint(Tone::Good, &held));
            }
        }
    }
    Ok(if broken.is_empty() && unknown.is_empty() { Exit::Done } else { Exit::Failed })
}

fn print(path: &Path, out: &Output) {
    out.line(path.to_string());
    for step in &path.steps {
        let terms = step.terms.to_string();
        let between = if terms.is_empty() { "" } else { " " };
        out.line(out.paint(Tone::Faint, &format!("  {} {}{between}{terms}", step.by, step.to)));
        for used in &step.statements {
            out.line(out.paint(Tone::Faint, &format!("    by {used}")));
        }
    }
}
