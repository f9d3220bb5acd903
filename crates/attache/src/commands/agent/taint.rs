//! The startup taint of this agent's node.

use std::path::Path;

use attache_agent::StartupTaint;

use crate::commands::arguments::ArgumentError;
use crate::commands::cluster_client;

/// Kubernetes' limit on a taint's key: a DNS subdomain, a slash and a name.
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
const MOST_KEY: usize = 253 + 1 + 63;

/// The flags of the taint.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct TaintArgs {
    /// Once pods are answered, remove the taints of this key from the node, such as
    /// attache.dev/agent-not-ready, which the node is registered with. Needs to get and patch nodes in
    /// the cluster.
    #[arg(long, value_name = "KEY", requires = "node_name", value_parser = taint_key)]
    startup_taint: Option<String>,
    /// The node that this runs on, as `kubectl get nodes` prints it.
    #[arg(long, value_name = "NAME", env = "NODE_NAME")]
    node_name: Option<String>,
}

/// The taint to remove, if there is to be one.
pub(super) async fn open(
    args: &TaintArgs,
    kubeconfig: Option<&Path>,
) -> miette::Result<Option<StartupTaint>> {
    // clap has made sure that there is a node where there is a taint.
    let (Some(key), Some(node)) = (&args.startup_taint, &args.node_name) else { return Ok(None) };
    if node.is_empty() {
        let help = "in a pod: env NODE_NAME, valueFrom.fieldRef.fieldPath: spec.nodeName";
        return Err(miette::miette!(
            help = help,
            "--startup-taint needs the node's name, and NODE_NAME is empty"
        ));
    }
    let client = Box::pin(cluster_client::client(kubeconfig)).await?;
    Ok(Some(StartupTaint::new(client, node, key)))
}

fn taint_key(text: &str) -> Result<String, ArgumentError> {
    let is_key = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    // attache.dev/agent-not-ready:NoSchedule is a taint, and its key stands before the colon.
    if text.is_empty() || text.len() > MOST_KEY || !text.chars().all(is_key) {
        return Err(ArgumentError::Form(
            "a taint's key alone, such as attache.dev/agent-not-ready",
        ));
    }
    Ok(text.to_owned())
}
