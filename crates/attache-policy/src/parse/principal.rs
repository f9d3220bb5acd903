//! `Principal` and `NotPrincipal`: where they are allowed, and what they can name.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use attache_identifiers::AccountId;

use super::reader::{Reader, quoted};
use super::{Kind, aws_messages, federated, named};
use crate::invalid::Diagnostic;
use crate::json::{Member, Node, Value};
use crate::syntax::{Effect, PrincipalKind, Principals, Text};

const KINDS: &[&str] = &["AWS", "Federated", "Service", "CanonicalUser"];

pub(super) fn read(
    reader: &mut Reader,
    node: &Node,
    members: &[Member],
    effect: Option<Effect>,
) -> Option<Principals> {
    let found = named::find(reader, members, "Principal");
    let Some(found) = found else {
        if reader.kind.takes_principal() {
            let message = "a statement of this policy needs a Principal";
            reader.add(Diagnostic::error(&node.at, message).aws(aws_messages::TRUST_NO_PRINCIPAL));
        }
        return None;
    };
    let member = found.member;
    if !reader.kind.takes_principal() {
        let message = format!("{} does not support {}", reader.kind.with_article(), member.key);
        reader.add(Diagnostic::error(&member.key_at, message).aws(aws_messages::PRINCIPAL));
        return None;
    }
    if found.negated {
        not_principal(reader, member, effect);
    }
    let node = &member.node;
    if let Value::String(text) = &node.value {
        everyone(reader, node, text);
        let all = Text { at: node.at.clone(), text: text.clone() };
        return Some(Principals {
            negated: found.negated,
            list: vec![(PrincipalKind::Anyone, all)],
        });
    }
    let kinds = reader.elements(node, KINDS, "Principal")?;
    if kinds.is_empty() {
        let message = "Principal is empty";
        reader.add(Diagnostic::error(&node.at, message).aws(aws_messages::TRUST_EMPTY_PRINCIPAL));
    }
    if reader.kind == Kind::ResourceControl {
        let message = "in a resource control policy the Principal is \"*\"";
        let help = "narrow it with a Condition on aws:PrincipalArn or the like".to_owned();
        reader.add(Diagnostic::error(&node.at, message).help(Some(help)));
    }
    let mut list = Vec::new();
    for member in kinds {
        list.extend(of_kind(reader, member));
    }
    Some(Principals { negated: found.negated, list })
}

fn not_principal(reader: &mut Reader, member: &Member, effect: Option<Effect>) {
    let at = &member.key_at;
    let finding = match (reader.kind, effect) {
        (Kind::ResourceControl, _) => {
            Diagnostic::error(at, "a resource control policy does not support NotPrincipal")
        }
        (Kind::Trust, Some(Effect::Allow)) => {
            let message = "Allow with NotPrincipal would allow everyone else";
            Diagnostic::error(at, message).aws(aws_messages::ALLOW_NOT_PRINCIPAL)
        }
        (Kind::Trust, _) => {
            Diagnostic::error(at, "a role trust policy does not support NotPrincipal")
                .aws(aws_messages::TRUST_NOT_PRINCIPAL)
        }
        (_, Some(Effect::Allow)) => {
            let message = "Allow with NotPrincipal allows everyone else; AWS does not support it";
            Diagnostic::warning(at, message).aws(aws_messages::ALLOW_NOT_PRINCIPAL)
        }
        _ => return,
    };
    reader.add(finding);
}

/// A text alone: `*`, though not in trust policies.
fn everyone(reader: &mut Reader, node: &Node, text: &str) {
    if reader.kind == Kind::Trust {
        let message = "the Principal of a role trust policy must be an object";
        let aws = match text {
            "*" => aws_messages::TRUST_ANYONE,
            _ => aws_messages::TRUST_PRINCIPAL_TEXT,
        };
        let finding = Diagnostic::error(&node.at, message).aws(aws);
        let help = (text == "*").then(|| "write {\"AWS\": \"*\"}".to_owned());
        reader.add(finding.help(help));
    } else if text != "*" {
        reader.syntax(node, "Principal must be an object or \"*\"");
    }
}

fn of_kind(reader: &mut Reader, member: &Member) -> Vec<(PrincipalKind, Text)> {
    let kind = match member.key.as_str() {
        "AWS" => PrincipalKind::Aws,
        "Federated" => PrincipalKind::Federated,
        "Service" => PrincipalKind::Service,
        "CanonicalUser" => PrincipalKind::CanonicalUser,
        _ => return Vec::new(),
    };
    let list = reader.texts(&member.node, &member.key, false);
    if matches!(&member.node.value, Value::Array(items) if items.is_empty()) {
        let message = format!("{} is empty", member.key);
        reader.add(Diagnostic::error(&member.node.at, message));
    }
    for text in &list {
        check(reader, kind, text);
    }
    list.into_iter().map(|text| (kind, text)).collect()
}

fn check(reader: &mut Reader, kind: PrincipalKind, name: &Text) {
    let (at, text) = (&name.at, name.text.as_str());
    let invalid = |label: &str| format!("Invalid principal in policy: \"{label}\":\"{text}\"");
    let shown = quoted(text);
    match kind {
        PrincipalKind::Aws if !is_aws(text) => {
            let wild = text != "*" && text.contains(['*', '?']);
            let message = if wild {
                format!("{shown} has a wildcard: a Principal is named in full, or is *")
            } else {
                format!("{shown} is not an account, an ARN or a unique id")
            };
            let help = wild.then(|| {
                "name the account, and put the pattern into a condition on aws:PrincipalArn"
                    .to_owned()
            });
            reader.add(Diagnostic::error(at, message).aws(invalid("AWS")).help(help));
        }
        PrincipalKind::Service if !is_service(text) => {
            let message = format!("{shown} is not an AWS service");
            reader.add(Diagnostic::error(at, message).aws(invalid("SERVICE")));
        }
        PrincipalKind::Federated => federated::check(reader, name),
        _ => {}
    }
}

fn is_aws(text: &str) -> bool {
    if text == "*" || AccountId::parse(text).is_ok() {
        return true;
    }
    // AROA… and AIDA…: what an ARN becomes once its role or user is deleted.
    let unique = text.starts_with('A')
        && (16..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    unique || is_principal_arn(text)
}

fn is_principal_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (scheme, partition, service, region, account, name) =
        (next(), next(), next(), next(), next(), next());
    // An origin access identity of CloudFront is a user of the account `cloudfront`.
    let account = AccountId::parse(account).is_ok() || account == "cloudfront";
    let kinds: &[&str] = match service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return false,
    };
    let is_named = |kind: &&str| name.strip_prefix(*kind).is_some_and(|rest| !rest.is_empty());
    scheme == "arn"
        && partition.starts_with("aws")
        && region.is_empty()
        && account
        && !name.contains(['*', '?', '$'])
        && (name == "root" && service == "iam" || kinds.iter().any(is_named))
}

/// By its shape; which names there are is AWS's to say.
fn is_service(text: &str) -> bool {
    let host =
        text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    let ends = ["amazonaws.com", "amazonaws.com.cn", "amazon.com", "amazonaws.eu", "aws.internal"];
    let named =
        |end: &&str| text.strip_suffix(*end).is_some_and(|own| own.len() > 1 && own.ends_with('.'));
    text == "*" || host && !text.starts_with('.') && ends.iter().any(named)
}
