//! The document's eight steps: plan, apply and render a federation, then verify it.

use std::path::{Path, PathBuf};

use attache_federation::{
    Action, ApplyOptions, ApplyReport, Chain, Connections, Federation, Kind, LinkStatus, Plan,
    PlanOptions, TokenFile, UnreadToken, VerifyOptions, Workload,
};
use attache_files::{MAX_KEY_BYTES, Replace, read_text, write_set};
use attache_identifiers::{AccountId, Secret};
use miette::IntoDiagnostic;
use time::OffsetDateTime;

use super::report::{Status, Steps};
use crate::commands::render::new_file;
use crate::output::Output;

/// The files that the mediator is started with.
pub(super) struct Files {
    pub(super) values: PathBuf,
    pub(super) secrets: Vec<PathBuf>,
}

/// Steps 1 to 6, in every account: the providers, the roles, their policies.
pub(super) async fn grant(
    federation: &Federation,
    connections: &Connections,
    steps: &mut Steps<'_>,
    out: &Output,
) -> miette::Result<()> {
    let plan = attache_federation::plan(
        federation,
        connections,
        &attache_federation::Scope::default(),
        PlanOptions::default(),
    )
    .await;
    // The accounts are new: nothing in them can become wider, and if it did, nothing is done.
    let options = ApplyOptions::default();
    let applied = attache_federation::apply(federation, &plan, connections, options, |step| {
        out.progress(format!("  {}: {} ({} of {})", step.account, step.what, step.number, step.of));
    });
    let applied = applied.await.into_diagnostic()?;
    record(federation, &plan, &applied, steps);
    Ok(())
}

/// What was done, as the document counts it.
fn record(federation: &Federation, plan: &Plan, applied: &ApplyReport, steps: &mut Steps<'_>) {
    let source = federation.source();
    let made = |kind: Kind, in_source: bool| {
        let changes = plan.changes().filter(move |(account, change)| {
            let done = matches!(change.action, Action::Create | Action::Attach);
            change.resource.kind == kind && done && (*account == source.account()) == in_source
        });
        changes.map(|(account, change)| (account, change.resource.name.clone())).collect::<Vec<_>>()
    };
    let accounts = |made: &[(AccountId, String)]| {
        made.iter().map(|(account, _)| account.to_string()).collect::<Vec<_>>().join(", ")
    };
    let targets: Vec<String> = federation.targets().map(|(role, _)| role.to_string()).collect();
    let subjects: Vec<String> = federation.workloads().map(Workload::subject).collect();
    let trusted = format!("trusts {}", subjects.join(", "));
    let judge = |holds: bool| if holds { Status::Ok } else { Status::Fail };

    let roles = made(Kind::Role, true);
    steps.end(judge(roles.len() == 1), "1 source role, trust policy", trusted.clone());
    steps.end(judge(roles.len() == 1), "2 source role, name", source.to_string());
    let providers = made(Kind::Provider, false);
    let all = providers.len() == targets.len();
    steps.end(judge(all), "3 OIDC provider in each target", accounts(&providers));
    let roles = made(Kind::Role, false);
    let all = roles.len() == targets.len();
    steps.end(judge(all), "4 target roles, trust policies", trusted);
    steps.end(judge(all), "5 target roles, names", targets.join(", "));
    let policies = made(Kind::ManagedPolicy, false);
    let names: std::collections::BTreeSet<&str> =
        policies.iter().map(|(_, arn)| arn.rsplit('/').next().unwrap_or(arn)).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let detail = format!("{}; {} calls to IAM in all", names.join(", "), applied.steps.len());
    steps.end(judge(policies.len() >= targets.len()), "6 policies on the target roles", detail);
}

/// Steps 7 and 8: the Secrets and the Helm values, as files.
pub(super) fn render(
    federation: &Federation,
    folder: &Path,
    steps: &mut Steps<'_>,
) -> miette::Result<Files> {
    let mut files = Files { values: PathBuf::new(), secrets: Vec::new() };
    let rendered = attache_render::render(federation);
    let new: Vec<_> = rendered.iter().map(new_file).collect();
    let written = write_set(folder, &new, Replace::Never).map_err(|e| miette::miette!("{e}"))?;
    for (file, path) in rendered.iter().zip(written) {
        if file.name.ends_with("-values.yaml") {
            files.values = path;
        } else if file.name.starts_with("aws-secret") {
            files.secrets.push(path);
        }
    }
    let names = |paths: &[PathBuf]| {
        let names = paths.iter().filter_map(|path| path.file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect::<Vec<_>>().join(", ")
    };
    steps.ok("7 Kubernetes Secrets", names(&files.secrets));
    steps.ok("8 Helm values", names(std::slice::from_ref(&files.values)));
    Ok(files)
}

/// Checks every link with the projected token, and records what does not hold.
pub(super) async fn prove(
    federation: &Federation,
    connections: &Connections,
    token_file: &Path,
    steps: &mut Steps<'_>,
) {
    let text = read_text(token_file, MAX_KEY_BYTES).map(Secret::new).map_err(UnreadToken::from);
    let token = TokenFile { path: token_file.display().to_string(), text };
    let (now, options) = (OffsetDateTime::now_utc(), VerifyOptions::default());
    let mut checks = Vec::new();
    for identity in federation.identities() {
        let chain = Chain::of(federation, &identity);
        let found = attache_federation::verify(&chain, &token, connections, now, &options).await;
        checks.extend(found);
    }
    let mut held = 0;
    for check in &checks {
        let status = match check.status {
            LinkStatus::Ok => {
                held += 1;
                continue;
            }
            LinkStatus::Warn | LinkStatus::Unknown => Status::Warn,
            LinkStatus::Fail => Status::Fail,
        };
        let account = check.account.map(|a| a.to_string()).unwrap_or_default();
        let name = format!("verify {account} {}", check.name);
        let remedy = check.remedy.as_deref().unwrap_or_default();
        steps.end(status, &name, format!("{} {remedy}", check.detail));
    }
    let status = if held == checks.len() { Status::Ok } else { Status::Fail };
    steps.end(status, "verify", format!("{held} of {} checks hold", checks.len()));
}
