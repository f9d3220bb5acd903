//! The connection to the cluster's API server: by a kubeconfig, as `kubectl` chooses it, or as a pod.

use std::path::{Path, PathBuf};

use attache_api_server::{ApiServer, client_failure};
use attache_federation::shell_word;
use attache_manifests::suggestion;
use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use miette::{Report, miette};

/// The variable that names kubeconfigs, one or several between colons.
const VARIABLE: &str = "KUBECONFIG";

/// By a kubeconfig, or as the pod's own service account.
pub(crate) async fn client(kubeconfig: Option<&Path>) -> miette::Result<Client> {
    let config = match kubeconfig {
        // An empty variable is an unset one, as kubectl has it.
        Some(path) if !path.as_os_str().is_empty() => {
            let context = KubeContext { file: Some(path.to_owned()), context: None };
            context.of_kubeconfig(context.read(path)?).await?
        }
        _ => in_pod().map_err(|error| {
            miette!(
                help = "outside of a cluster, give --kubeconfig FILE",
                "not in a pod with a service account's token: {error}"
            )
        })?,
    };
    client_of(config, "kubectl version")
}

/// A cluster as a person chooses it.
#[derive(Debug, Clone, Default)]
pub(crate) struct KubeContext {
    /// A kubeconfig. Without one it is `$KUBECONFIG`, then `~/.kube/config`, then the pod's service account.
    pub(crate) file: Option<PathBuf>,
    /// A context, instead of the kubeconfig's current one.
    pub(crate) context: Option<String>,
}

impl KubeContext {
    /// Its API server. Nothing is asked of it yet.
    pub(crate) async fn connect(&self) -> miette::Result<ApiServer> {
        let config = Box::pin(self.config()).await?;
        let url = config.cluster_url.to_string();
        let check = self.kubectl(&["version"]);
        Ok(ApiServer::new(client_of(config, &check)?, url.trim_end_matches('/')))
    }

    /// `kubectl` for this cluster, as it can be pasted.
    pub(crate) fn kubectl(&self, words: &[impl AsRef<str>]) -> String {
        let options = self.options();
        let given = words.iter().map(AsRef::as_ref);
        let all = std::iter::once("kubectl").chain(options.iter().map(String::as_str)).chain(given);
        all.map(shell_word).collect::<Vec<_>>().join(" ")
    }

    /// The options that choose the cluster, word by word: `kubectl` and `attache` have the same.
    pub(crate) fn options(&self) -> Vec<String> {
        let file =
            self.file.as_ref().map(|file| ["--kubeconfig".into(), file.display().to_string()]);
        let context = self.context.as_ref().map(|name| ["--context".into(), name.clone()]);
        file.into_iter().chain(context).flatten().collect()
    }

    async fn config(&self) -> miette::Result<Config> {
        if let Some(file) = &self.file {
            return self.of_kubeconfig(self.read(file)?).await;
        }
        if std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty()) {
            let read = Kubeconfig::from_env().map_err(|error| self.unread(&error))?;
            return self.of_kubeconfig(read.unwrap_or_default()).await;
        }
        let home = std::env::home_dir().map(|home| home.join(".kube/config"));
        if let Some(file) = home.as_ref().filter(|file| file.exists()) {
            return self.of_kubeconfig(self.read(file)?).await;
        }
        in_pod().map_err(|_| {
            miette!(
                help = "give one with --kubeconfig FILE; for an EKS cluster this writes it: \
                        aws eks update-kubeconfig --name CLUSTER --region REGION",
                "found no kubeconfig: {VARIABLE} is not set, there is no ~/.kube/config, and this is not a pod \
                 with a service account's token"
            )
        })
    }

    fn read(&self, file: &Path) -> miette::Result<Kubeconfig> {
        Kubeconfig::read_from(file).map_err(|error| self.unread(&error))
    }

    async fn of_kubeconfig(&self, read: Kubeconfig) -> miette::Result<Config> {
        self.require_context(&read)?;
        let options =
            KubeConfigOptions { context: self.context.clone(), ..KubeConfigOptions::default() };
        Config::from_custom_kubeconfig(read, &options).await.map_err(|error| self.unread(&error))
    }

    /// Tells a context that is not there with those that are.
    fn require_context(&self, read: &Kubeconfig) -> miette::Result<()> {
        let known: Vec<&str> = read.contexts.iter().map(|context| context.name.as_str()).collect();
        let current = read.current_context.as_deref();
        let wanted = self.context.as_deref().or(current).filter(|name| !name.is_empty());
        let named = self.named();
        match wanted {
            Some(name) if known.contains(&name) => Ok(()),
            _ if known.is_empty() => Err(miette!(
                help = "for an EKS cluster this adds one: aws eks update-kubeconfig --name CLUSTER --region \
                        REGION",
                "{named} has no context"
            )),
            Some(name) => {
                Err(miette!(help = suggestion(name, &known), "{named} has no context `{name}`"))
            }
            None => Err(miette!(
                help = format!("choose one with --context NAME; {}", suggestion("", &known)),
                "{named} has no current context"
            )),
        }
    }

    fn named(&self) -> String {
        match &self.file {
            Some(file) => format!("the kubeconfig {}", file.display()),
            None => "the kubeconfig".to_owned(),
        }
    }

    /// A kubeconfig that cannot be used. The lines of a file that is no YAML are not shown: it has credentials.
    fn unread(&self, error: &KubeconfigError) -> Report {
        let why = match error {
            KubeconfigError::ReadConfig(error, path) => {
                return miette!(
                    help = "give another with --kubeconfig FILE",
                    "could not read the kubeconfig {}: {error}",
                    path.display()
                );
            }
            KubeconfigError::Parse(error) => match error.location() {
                Some(at) => {
                    format!("it is no kubeconfig at line {}, column {}", at.line(), at.column())
                }
                None => "it is no kubeconfig".to_owned(),
            },
            other => other.to_string(),
        };
        let check = self.kubectl(&["config", "view", "--minify"]);
        miette!(
            help = format!("see what this says: {check}"),
            "could not use {}: {why}",
            self.named()
        )
    }
}

fn in_pod() -> Result<Config, kube::config::InClusterError> {
    Config::incluster()
}

fn client_of(config: Config, check: &str) -> miette::Result<Client> {
    Client::try_from(config).map_err(|error| {
        miette!(
            help = format!("see what this says: {check}"),
            "could not reach the cluster: {}",
            client_failure(&error)
        )
    })
}
