//! `attache render terraform | cloudformation | aws-cli | helm-values`: a federation as one tool reads it.

use attache_render::{render_aws_cli, render_cloudformation, render_helm_values, render_terraform};

use super::{FilesArgs, put};
use crate::output::{Exit, Output};

/// The tool.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Tool {
    /// Write Terraform's configuration, and a script that imports what stands.
    #[command(after_help = "\
versions.tf has a provider for each account, main.tf the identity providers and the roles, association.tf the
Pod Identity association; imports.sh imports each resource that stands in AWS.

Examples:
  attache render terraform -f federation.yaml --out terraform/
  cd terraform && terraform init && terraform plan
  cd terraform && ./imports.sh && terraform plan -detailed-exitcode   # after attache apply: 0
  terraform plan -var assume_role=OrganizationAccountAccessRole       # instead of a profile for each account")]
    Terraform(FilesArgs),
    /// Write a CloudFormation template for each account.
    #[command(after_help = "\
Examples:
  attache render cloudformation -f federation.yaml --out templates/
  aws cloudformation deploy --profile 111111111111 --region us-east-1 --stack-name attache-causely \\
    --template-file templates/cloudformation-111111111111.json --capabilities CAPABILITY_NAMED_IAM

The account has the cluster's identity provider already: add --parameter-overrides CreateProvider=false
In the mode podIdentity the source account's stack is in the cluster's region, where the association is.")]
    Cloudformation(FilesArgs),
    /// Write a script of `aws` commands, and the trust policies that it reads. A second run changes nothing.
    #[command(after_help = "\
Examples:
  attache render aws-cli -f federation.yaml --out script/
  script/setup.sh                                   # by the profiles of the accounts' twelve digits
  attache plan -f federation.yaml --check           # 0: there is nothing left to do")]
    AwsCli(FilesArgs),
    /// Print the Helm values of the mediator.
    #[command(after_help = "\
Examples:
  attache render helm-values -f federation.yaml >values.yaml
  helm template attache charts/attache -f values.yaml
  attache render helm-values -f federation.yaml | helm upgrade --install attache charts/attache -f -")]
    HelmValues(FilesArgs),
}

pub(super) async fn run(tool: &Tool, out: &Output) -> miette::Result<Exit> {
    let (Tool::Terraform(args)
    | Tool::Cloudformation(args)
    | Tool::AwsCli(args)
    | Tool::HelmValues(args)) = tool;
    let federation = args.federation().await?;
    let files = match tool {
        Tool::Terraform(_) => render_terraform(&federation),
        Tool::Cloudformation(_) => render_cloudformation(&federation).map_err(|error| {
            miette::miette!(
                help = "apply it with `attache apply`, or render another tool's files",
                "{error}"
            )
        })?,
        Tool::AwsCli(_) => render_aws_cli(&federation),
        Tool::HelmValues(_) => render_helm_values(&federation),
    };
    put(&files, &args.place, out)
}
