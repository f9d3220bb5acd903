//! A principal's unique id: every request has one, and no ARN contains it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>.

use std::collections::BTreeSet;

use attache_policy::condition_keys::set_user_id;
use attache_policy::{Policy, Principal, Request};

use crate::alternatives::{Alternative, OpenDetail};

/// An example id of the principal's kind, in place of the unknown one; none where the ARN gives it, or
/// where there is none.
pub(crate) fn example(principal: &Principal) -> Option<String> {
    match principal {
        Principal::User { .. } => Some("AIDACKCEVSQ6C2EXAMPLE".to_owned()),
        Principal::RoleSession { session_arn, .. } => {
            let session = session_arn.rsplit('/').next().unwrap_or_default();
            Some(format!("AROADBQP57FF2AEXAMPLE:{session}"))
        }
        Principal::Federated { arn, .. } => {
            let account = principal.account()?;
            Some(format!("{account}:{}", arn.rsplit('/').next().unwrap_or_default()))
        }
        _ => None,
    }
}

/// The ids that policies distinguish: in conditions on `aws:userid`, and as principals.
pub(crate) fn open<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    request: &Request,
) -> Option<OpenDetail> {
    let session = match &request.principal {
        Principal::RoleSession { session_arn, .. } => session_arn.rsplit('/').next(),
        Principal::User { .. } => None,
        // A federated user's ARN gives it.
        _ => return None,
    };
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for policy in policies {
        let values = policy.values_compared_with("aws:userid").into_iter();
        ids.extend(values.filter_map(|value| fitting(value, session)));
        let unique = policy.aws_principals().filter(|name| is_unique_id(name, session.is_some()));
        ids.extend(unique.map(|name| of(name, session)));
    }
    let alternatives = ids.into_iter().map(|id| {
        let mut other = request.clone();
        set_user_id(&mut other.context, &id);
        Alternative {
            what: "the principal's unique id",
            option: "--context aws:userid=ID".to_owned(),
            description: id,
            certain: false,
            request: other,
        }
    });
    OpenDetail::of(false, alternatives)
}

/// An id that the value takes and that the principal could have: a role's id with this session's
/// name, or a user's.
fn fitting(value: &str, session: Option<&str>) -> Option<String> {
    // The variable's value is the principal's own id, whatever it is.
    if value.contains("${") {
        return None;
    }
    let text = value.replace('*', "EXAMPLE").replace('?', "X");
    match (value.split_once(':'), session) {
        (Some((role, name)), Some(session)) => {
            let role = role.replace('*', "AROAEXAMPLE").replace('?', "X");
            let named = name == session || name.contains(['*', '?']);
            named.then(|| format!("{role}:{session}"))
        }
        (None, Some(session)) if value.contains('*') => Some(format!("{text}:{session}")),
        (None, None) => Some(text),
        _ => None,
    }
}

fn is_unique_id(text: &str, role: bool) -> bool {
    text.starts_with(if role { "AROA" } else { "AIDA" })
}

fn of(id: &str, session: Option<&str>) -> String {
    session.map_or_else(|| id.to_owned(), |session| format!("{id}:{session}"))
}
