//! The connection to the cluster's API server.

use std::path::Path;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// By a kubeconfig, or as the pod's own service account.
pub(crate) async fn client(kubeconfig: Option<&Path>) -> miette::Result<Client> {
    let config = match kubeconfig {
        // An empty variable is an unset one, as kubectl has it.
        Some(path) if !path.as_os_str().is_empty() => {
            let failed = |error| {
                miette::miette!(
                    help = format!("see what kubectl --kubeconfig {} version says", path.display()),
                    "could not use the kubeconfig {}: {error}",
                    path.display()
                )
            };
            let read = Kubeconfig::read_from(path).map_err(failed)?;
            let options = KubeConfigOptions::default();
            Config::from_custom_kubeconfig(read, &options).await.map_err(failed)?
        }
        _ => Config::incluster().map_err(|error| {
            miette::miette!(
                help = "outside of a cluster, give --kubeconfig FILE",
                "not in a pod with a service account's token: {error}"
            )
        })?,
    };
    Client::try_from(config)
        .map_err(|error| miette::miette!("could not reach the cluster: {error}"))
}
