//! `attache render kubernetes`: what a cluster needs, as manifests: a federation's Secrets, admission
//! policies.

use std::path::PathBuf;

use attache_identifiers::Region;
use attache_kubernetes::admission::{
    AdmissionSettings, AnnotationDomain, GateAction, GatePolicy, InjectorPolicy, Label,
};
use attache_render::{RenderedFile, render_secrets};
use clap::ValueEnum;

use crate::commands::federate;
use crate::output::{Exit, Format, Output};

/// Which manifests.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("manifests").args(["file", "injector", "gate"]).multiple(true).required(true)))]
#[command(after_help = "\
Examples:
  attache render kubernetes -f federation.yaml | kubectl apply --server-side -f -   # its Secrets
  attache render kubernetes --injector policy --gate deny | kubectl apply --server-side -f -
  attache render kubernetes --injector policy --region eu-west-1
  attache render kubernetes --gate warn        # beside a webhook: EKS's own, for example

The injector needs Kubernetes 1.36, the gate 1.30; kubectl version tells a cluster's. A pod is left
alone with the label eks.amazonaws.com/skip-pod-identity-webhook, and so is a container that the
pod's annotation eks.amazonaws.com/skip-containers names.")]
pub(crate) struct Args {
    /// A federation's file, of which the Secrets are written; `-` reads standard input.
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    connect: federate::ConnectArgs,

    /// What gives pods their role: a MutatingAdmissionPolicy, for which nothing has to run.
    #[arg(long, value_enum, value_name = "KIND")]
    injector: Option<Injector>,

    /// What becomes of a pod whose service account names a role that was not injected, so that it would
    /// use its node's role: a ValidatingAdmissionPolicy. Also warns of a role ARN or a chain that is none.
    #[arg(long, value_enum, value_name = "ACTION")]
    gate: Option<Gate>,

    /// The region for containers that set none.
    #[arg(long, value_name = "REGION", requires = "injector")]
    region: Option<Region>,

    /// The domain of the annotations.
    #[arg(long, value_name = "DOMAIN", default_value = "eks.amazonaws.com")]
    annotation_domain: AnnotationDomain,

    /// The domain of the annotation `chain`.
    #[arg(long, value_name = "DOMAIN", default_value = "attache.dev")]
    own_domain: AnnotationDomain,

    /// A label that all service accounts with a role have. Every pod costs the API server about a
    /// quarter of a millisecond for each service account of its namespace, or for each that has the
    /// label.
    #[arg(long, value_name = "KEY=VALUE")]
    service_account_label: Option<Label>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Injector {
    /// By a MutatingAdmissionPolicy (Kubernetes 1.36).
    Policy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Gate {
    /// Refuse it.
    Deny,
    /// Admit it, and warn its client.
    Warn,
    /// Admit it, and note it in the API server's audit log.
    Audit,
}

pub(super) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    let settings = AdmissionSettings {
        domain: args.annotation_domain.clone(),
        own_domain: args.own_domain.clone(),
        account_label: args.service_account_label.clone(),
    };
    let mut files = Vec::new();
    if let Some(file) = &args.file {
        let federation = federate::completed(&args.connect, federate::load(file)?).await?;
        files.extend(render_secrets(&federation));
    }
    if let Some(Injector::Policy) = args.injector {
        let policy = InjectorPolicy { settings: settings.clone(), region: args.region.clone() };
        files.push(RenderedFile { name: "injector.yaml".into(), text: policy.manifest() });
    }
    if let Some(gate) = args.gate {
        let action = match gate {
            Gate::Deny => GateAction::Deny,
            Gate::Warn => GateAction::Warn,
            Gate::Audit => GateAction::Audit,
        };
        let policy = GatePolicy { settings, action };
        files.push(RenderedFile { name: "gate.yaml".into(), text: policy.manifest() });
    }
    match out.format {
        Format::Json => out.json(&files)?,
        Format::Table => {
            let text = |file: &RenderedFile| {
                let text = file.text.trim_end();
                text.strip_prefix("---\n").unwrap_or(text).to_owned()
            };
            let texts: Vec<String> = files.iter().map(text).collect();
            out.text(texts.join("\n---\n"));
        }
    }
    Ok(Exit::Done)
}
