//! What `Federated` can name: an identity provider by its domain or by its ARN.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity>.

use attache_identifiers::AccountId;

use super::aws_messages;
use super::reader::{Reader, quoted};
use super::resource::PARTITIONS;
use crate::syntax::Text;

/// DNS's own: the longest name of a host.
const LONGEST_DOMAIN: usize = 253;

const EXPECTED: &str = "expected arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH";

/// The providers that need no ARN.
const BY_NAME: &[&str] = &[
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

pub(super) fn check(reader: &mut Reader, name: &Text) {
    let text = name.text.as_str();
    let shown = quoted(text);
    if text.starts_with("arn:") {
        if !is_provider_arn(text) {
            let message = format!("{shown} is not the ARN of an identity provider");
            add(reader, name, &message);
        }
    } else if !is_domain(text) {
        let message = format!("{shown} is neither a domain name nor a provider's ARN");
        add(reader, name, &message);
    } else if !BY_NAME.contains(&text) {
        let message = format!("{shown} is neither a provider's ARN nor one that AWS knows by name");
        reader.add(crate::invalid::Diagnostic::warning(&name.at, message));
    }
}

fn add(reader: &mut Reader, name: &Text, message: &str) {
    let finding = reader.refused_in_writing(&name.at, message, aws_messages::FEDERATED);
    reader.add(finding.help(Some(EXPECTED.to_owned())));
}

/// Two labels at least: a name alone is no provider's.
fn is_domain(text: &str) -> bool {
    text.len() <= LONGEST_DOMAIN && text.contains('.') && text.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(inner)
}

fn is_provider_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts.as_slice() else { return false };
    let is_name = match name.split_once('/') {
        Some(("oidc-provider", issuer)) => is_issuer(issuer),
        Some(("saml-provider", name)) => {
            let is_char = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
            !name.is_empty() && name.bytes().all(is_char)
        }
        _ => false,
    };
    is_name && PARTITIONS.contains(partition) && AccountId::parse(account).is_ok()
}

/// A host, and a path of what may stand in one.
fn is_issuer(issuer: &str) -> bool {
    let (host, path) = issuer.split_once('/').unwrap_or((issuer, ""));
    let is_char = |b: u8| b.is_ascii_alphanumeric() || b"/._~-+@%=,:!".contains(&b);
    host.split('.').all(is_label) && path.bytes().all(is_char)
}
