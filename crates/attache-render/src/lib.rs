//! A federation as files for other tools, for a set-up without `attache apply`.
//!
//! Knows: how each tool writes down what [`attache_federation::desired`] has: Kubernetes Secrets and Helm values as
//! the mediator reads them, trust policies, a script of `aws` commands ([`render()`]), Terraform's configuration
//! ([`render_terraform`]) and CloudFormation's templates ([`render_cloudformation`]). Also a new federation's file ([`render_starter`])
//! and its schema for editors ([`FEDERATION_SCHEMA`]).
//!
//! Does not know: what stands in an account. Pure: text in files ([`RenderedFile`]) that the caller writes or prints.
//!
//! Start reading at [`render()`].

mod cloudformation;
mod profiles;
mod schema;
mod script;
mod secrets;
mod starter;
mod terraform;
mod trust;
mod values;

use attache_federation::{Federation, Mode};
use serde::Serialize;

pub use cloudformation::{TemplateError, render_cloudformation};
pub use schema::FEDERATION_SCHEMA;
pub use script::render_aws_cli;
pub use secrets::render_secrets;
pub use starter::{Starter, StarterCluster, eks_region, render_starter};
pub use terraform::render_terraform;
pub use values::render_helm_values;

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenderedFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its whole text.
    pub text: String,
}

/// Every file of the federation: Secrets, Helm values, trust policies, the script. In the mode `podIdentity` the values
/// have no annotation, and with several targets there is a configuration of the SDKs with a profile for each.
#[must_use]
pub fn render(federation: &Federation) -> Vec<RenderedFile> {
    let mut files = render_secrets(federation);
    files.extend(values::files(federation));
    if federation.mode() == Mode::PodIdentity {
        files.extend(profiles::file(federation));
    }
    files.extend(trust::files(federation));
    files.push(script::file(federation));
    files
}
