//! The workloads of a file, and which of them a target is for.

use attache_identifiers::{
    LONGEST_DNS_LABEL, LONGEST_DNS_SUBDOMAIN, excerpt, is_dns_label, is_dns_subdomain,
};
use attache_manifests::{File, Invalid, suggestion};
use serde_saphyr::{Location, Spanned};

use super::check::QUOTED;
use super::{ListedWorkload, ModeSettings, Workload, shape};

/// The key `workload`, or the list `workloads`: one of the two.
pub(super) fn read(
    file: File<'_>,
    spec_at: Location,
    one: Option<Spanned<shape::Workload>>,
    several: Option<Spanned<Vec<shape::ListedWorkload>>>,
    mode: &ModeSettings,
) -> Result<Vec<ListedWorkload>, Invalid> {
    let clusters = mode.cluster_names();
    let all: Vec<usize> = (0..clusters.len().max(1)).collect();
    match (one, several) {
        (Some(_), Some(several)) => {
            let help = "name the one workload among `workloads`, and remove `workload`".to_owned();
            let message = "expected `workload` or `workloads`, found both";
            Err(file.wrong(several.referenced, message, Some(help)))
        }
        (None, None) => {
            let help = "add `workload: { namespace: NAMESPACE, serviceAccount: NAME }`".to_owned();
            let message = "missing key `workload` in the mapping that begins here";
            Err(file.wrong(spec_at, message, Some(help)))
        }
        (Some(one), None) => {
            let shape::Workload { namespace, service_account } = one.value;
            let workload = workload(file, namespace, service_account)?;
            Ok(vec![ListedWorkload { workload, clusters: all }])
        }
        (None, Some(several)) => list(file, several, &clusters, &all),
    }
}

fn list(
    file: File<'_>,
    given: Spanned<Vec<shape::ListedWorkload>>,
    clusters: &[&str],
    all: &[usize],
) -> Result<Vec<ListedWorkload>, Invalid> {
    if given.value.is_empty() {
        return Err(file.wrong(
            given.referenced,
            "expected at least one workload, found none",
            None,
        ));
    }
    let mut workloads: Vec<ListedWorkload> = Vec::new();
    for one in given.value {
        let at = one.namespace.referenced;
        let workload = workload(file, one.namespace, one.service_account)?;
        if workloads.iter().any(|other| other.workload == workload) {
            let message = format!("duplicate workload `{}`", workload.name());
            return Err(file.wrong(at, message, None));
        }
        let clusters = match one.clusters {
            None => all.to_vec(),
            Some(names) => those(file, names, clusters, "cluster")?,
        };
        workloads.push(ListedWorkload { workload, clusters });
    }
    Ok(workloads)
}

/// The workloads that a target is for: all, or those that it names as NAMESPACE/NAME.
pub(super) fn of_target(
    file: File<'_>,
    given: Option<Spanned<Vec<Spanned<String>>>>,
    workloads: &[ListedWorkload],
) -> Result<Vec<usize>, Invalid> {
    let Some(given) = given else { return Ok((0..workloads.len()).collect()) };
    let names: Vec<String> = workloads.iter().map(|own| own.workload.name()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    those(file, given, &names, "workload")
}

/// The places of names in what the file has; each once, at least one.
fn those(
    file: File<'_>,
    given: Spanned<Vec<Spanned<String>>>,
    known: &[&str],
    what: &str,
) -> Result<Vec<usize>, Invalid> {
    if given.value.is_empty() {
        let message = format!("expected at least one {what}, found none");
        let help = format!("without this key it is every {what} of the file");
        return Err(file.wrong(given.referenced, message, Some(help)));
    }
    let mut found = Vec::new();
    for name in given.value {
        let Some(index) = known.iter().position(|own| *own == name.value) else {
            let message = format!("the file has no {what} `{}`", excerpt(&name.value, QUOTED));
            let help = match known {
                [] => "name the clusters with `spec.clusters`".to_owned(),
                _ => suggestion(&name.value, known),
            };
            return Err(file.wrong(name.referenced, message, Some(help)));
        };
        if found.contains(&index) {
            let message = format!("duplicate {what} `{}`", name.value);
            return Err(file.wrong(name.referenced, message, None));
        }
        found.push(index);
    }
    found.sort_unstable();
    Ok(found)
}

fn workload(
    file: File<'_>,
    namespace: Spanned<String>,
    service_account: Spanned<String>,
) -> Result<Workload, Invalid> {
    let (label, subdomain) = (LONGEST_DNS_LABEL, LONGEST_DNS_SUBDOMAIN);
    let namespace = kubernetes_name(file, namespace, is_dns_label, label)?;
    let service_account = kubernetes_name(file, service_account, is_dns_subdomain, subdomain)?;
    Ok(Workload { namespace, service_account })
}

fn kubernetes_name(
    file: File<'_>,
    given: Spanned<String>,
    is_name: fn(&str) -> bool,
    longest: usize,
) -> Result<String, Invalid> {
    let text = &given.value;
    if !is_name(text) {
        let message = format!("{:?} is not a Kubernetes name", excerpt(text, QUOTED));
        let help = format!("at most {longest} of a-z, 0-9 and -, with no - at the ends");
        return Err(file.wrong(given.referenced, message, Some(help)));
    }
    Ok(given.value)
}
