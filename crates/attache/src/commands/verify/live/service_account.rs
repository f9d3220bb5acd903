//! The workload's service account: it is there, and names the role that the file says.

use std::collections::BTreeMap;

use attache_federation::{Check, Link, LinkStatus};
use attache_kubernetes::admission::AnnotationDomain;
use attache_manifests::suggestion;

use super::Probe;

const EXISTS: (Link, &str) = (Link::Token, "service account");
const ANNOTATION: (Link, &str) = (Link::Values, "role annotation");

/// Whether the service account is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Present,
    Absent,
    /// This user may not see it.
    Unknown,
}

pub(super) async fn check(probe: Probe<'_>) -> miette::Result<(Vec<Check>, Presence)> {
    let account = probe.account;
    match probe.server.annotations(account).await {
        Ok(Some(annotations)) => {
            let detail = format!("{account} in {}", probe.server.url());
            let mut checks = vec![Check::new(EXISTS.0, EXISTS.1, LinkStatus::Ok, detail)];
            checks.extend(annotation(probe, &annotations));
            Ok((checks, Presence::Present))
        }
        Ok(None) => Ok((vec![absent(probe).await?], Presence::Absent)),
        Err(error) => Ok((vec![probe.unanswered(EXISTS, &error)?], Presence::Unknown)),
    }
}

/// One that is not there, with those that are nearly it, and the commands that make it.
async fn absent(probe: Probe<'_>) -> miette::Result<Check> {
    let Probe { server, context, account, .. } = probe;
    let mut detail = format!("there is no service account {account} in {}", server.url());
    let (namespace, name) = (account.namespace(), account.name());
    // What this user may not list is only not suggested.
    let beside = server.account_names(namespace).await.unwrap_or_default();
    let beside: Vec<&str> = beside.iter().map(String::as_str).collect();
    let elsewhere = server.namespaces_with(name).await.unwrap_or_default();
    let mut commands = Vec::new();
    if !server.has_namespace(namespace).await.unwrap_or(true) {
        detail.push_str(&format!("\nthere is no namespace {namespace}"));
        commands.push(context.kubectl(&["create", "namespace", namespace]));
    } else if !beside.is_empty() {
        let near = suggestion(name, &beside).replace("expected one of", "it has");
        detail.push_str(&format!("\nthe namespace {namespace}: {near}"));
    }
    if !elsewhere.is_empty() {
        let places = elsewhere.join(", ");
        detail.push_str(&format!("\na service account of this name is in the namespace {places}"));
    }
    commands.push(context.kubectl(&["create", "serviceaccount", name, "-n", namespace]));
    if probe.uses_token() {
        commands.push(annotate(probe));
    }
    let sentence = format!(
        "correct spec.workload in {}, or install what makes the service account; by hand:",
        probe.file
    );
    Ok(Check::new(EXISTS.0, EXISTS.1, LinkStatus::Fail, detail).with_fix(sentence, commands))
}

fn key() -> String {
    AnnotationDomain::default().key("role-arn")
}

/// The annotation by which an injected pod gets the source role.
fn annotation(probe: Probe<'_>, annotations: &BTreeMap<String, String>) -> Option<Check> {
    if !probe.uses_token() {
        return None;
    }
    let (key, wanted) = (key(), probe.federation.source().to_string());
    let account = probe.account;
    let (link, name) = ANNOTATION;
    let detail = match annotations.get(&key) {
        Some(role) if *role == wanted => {
            return Some(Check::new(link, name, LinkStatus::Ok, format!("{key}={role}")));
        }
        Some(role) if role.trim() == wanted => {
            format!("{account}: {key} has white space around {wanted}")
        }
        Some(role) => format!("{account}: {key} is {role}, the file's source role is {wanted}"),
        None => {
            let other = annotations.iter().find(|(_, value)| value.trim() == wanted);
            let beside = other.map(|(other, _)| format!("; {other} has the role instead"));
            format!(
                "{account} has no annotation {key}: an injected pod of it gets no role{}",
                beside.unwrap_or_default()
            )
        }
    };
    let sentence =
        "a Helm chart sets it by its values (mediator.serviceAccountAnnotations); by hand:";
    let check = Check::new(link, name, LinkStatus::Fail, detail);
    Some(
        check
            .of_account(probe.federation.source().account())
            .with_fix(sentence, vec![annotate(probe)]),
    )
}

fn annotate(probe: Probe<'_>) -> String {
    let (namespace, name) = (probe.account.namespace(), probe.account.name());
    let pair = format!("{}={}", key(), probe.federation.source());
    let words = ["annotate", "--overwrite", "serviceaccount", name, "-n", namespace, &pair];
    probe.context.kubectl(&words)
}
