//! The identity providers and the roles, with their policies.

use attache_federation::Setting;
use attache_federation::desired::{Account, DesiredRole, Provider};

use super::hcl::{Block, Expression};
use super::imports::{Import, ImportId};
use super::labels::Labels;
use super::{Resource, alias};

fn resource(kind: &str, label: &str, account: attache_identifiers::AccountId) -> Block {
    let provider = Expression::Bare(format!("aws.{}", alias(account)));
    Block::resource(kind, label).with("provider", provider)
}

/// The providers of an account.
pub(super) fn providers(account: &Account, labels: &mut Labels) -> Vec<Resource> {
    account.providers.iter().map(|own| provider(own, labels)).collect()
}

/// Without thumbprints in the file AWS finds them: Terraform leaves those alone.
fn provider(provider: &Provider, labels: &mut Labels) -> Resource {
    const KIND: &str = "aws_iam_openid_connect_provider";
    let account = provider.arn.account();
    let label = labels.unique(&format!("cluster_{account}"));
    let unmentioned: &[&str] =
        if provider.thumbprints.is_empty() { &["thumbprint_list"] } else { &[] };
    let block = resource(KIND, &label, account)
        .with("url", Expression::text_of(&provider.issuer))
        .with("client_id_list", Expression::List(provider.client_ids.clone()))
        .with("thumbprint_list", Expression::List(provider.thumbprints.clone()))
        .with("tags", Expression::Map(provider.tags.clone()))
        .ignoring(unmentioned);
    let import = Import::new(KIND, &label, ImportId::Known(provider.arn.to_string()));
    Resource { block, import }
}

/// A role with its policies.
pub(super) fn role(role: &DesiredRole, label: &str, labels: &mut Labels) -> Vec<Resource> {
    const KIND: &str = "aws_iam_role";
    let path = Some(role.arn.path()).filter(|path| *path != "/");
    let boundary = role.boundary.value();
    let session = role.max_session.value();
    let block = resource(KIND, label, role.arn.account())
        .with("name", Expression::text_of(role.arn.name()))
        .maybe("path", path.map(Expression::text_of))
        .maybe("description", role.new_description().map(Expression::text_of))
        .maybe("max_session_duration", session.map(|seconds| Expression::Bare(seconds.to_string())))
        .maybe("permissions_boundary", boundary.map(Expression::text_of))
        .with("assume_role_policy", Expression::Json(role.trust.clone()))
        .with("tags", Expression::Map(role.tags.clone()))
        .ignoring(&unmentioned(role));
    let id = ImportId::Known(role.arn.name().to_string());
    let mut resources = vec![Resource { block, import: Import::new(KIND, label, id) }];
    resources.extend(role.policies.iter().map(|arn| attachment(role, label, arn, labels)));
    let inline = role.inline.iter();
    resources.extend(inline.map(|(name, document)| policy(role, label, (name, document), labels)));
    resources
}

/// What the file does not mention, and Terraform leaves as it is.
fn unmentioned(role: &DesiredRole) -> Vec<&'static str> {
    let mut names = Vec::new();
    names.extend((role.description == Setting::Unmentioned).then_some("description"));
    names.extend((role.max_session == Setting::Unmentioned).then_some("max_session_duration"));
    names.extend((role.boundary == Setting::Unmentioned).then_some("permissions_boundary"));
    names
}

fn attachment(role: &DesiredRole, of: &str, arn: &str, labels: &mut Labels) -> Resource {
    const KIND: &str = "aws_iam_role_policy_attachment";
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let label = labels.unique(&format!("{of}_{name}"));
    let block = resource(KIND, &label, role.arn.account())
        .with("role", Expression::Bare(format!("aws_iam_role.{of}.name")))
        .with("policy_arn", Expression::text_of(arn));
    let id = ImportId::Known(format!("{}/{arn}", role.arn.name()));
    Resource { block, import: Import::new(KIND, &label, id) }
}

fn policy(
    role: &DesiredRole,
    of: &str,
    (name, document): (&String, &serde_json::Value),
    labels: &mut Labels,
) -> Resource {
    const KIND: &str = "aws_iam_role_policy";
    let label = labels.unique(&format!("{of}_{name}"));
    let block = resource(KIND, &label, role.arn.account())
        .with("name", Expression::text_of(name))
        .with("role", Expression::Bare(format!("aws_iam_role.{of}.name")))
        .with("policy", Expression::Json(document.clone()));
    let id = ImportId::Known(format!("{}:{name}", role.arn.name()));
    Resource { block, import: Import::new(KIND, &label, id) }
}
