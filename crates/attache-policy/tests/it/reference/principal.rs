//! Whom `Principal` and `NotPrincipal` mean, and how much an Allow says with that.
//!
//! Sources:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>.

use std::borrow::Cow;

use serde_json::Value;

use super::{Ask, Who, texts, values_of};

/// How a statement means somebody, the strongest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By the account, which may pass it on to its own.
    ByAccount,
    /// By the role or the user that the session came from.
    ByParent,
    /// By itself, or as one of all.
    Itself,
}

/// How the statement means them; nothing where it does not. Whoever has a permissions boundary is
/// meant by every Deny with `NotPrincipal`:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.
pub fn named(statement: &Value, ask: &Ask, bounded: bool) -> Option<Named> {
    let deny = statement["Effect"] == "Deny";
    let by = |kind: &str, text: &str| by(kind, text, &ask.who, deny).or_else(|| by_id(text, ask));
    if let Some(principal) = statement.get("Principal") {
        return entries(principal).iter().filter_map(|(kind, text)| by(kind, text)).max();
    }
    let Some(excepted) = statement.get("NotPrincipal") else {
        // An identity's own policy: it means whom it is attached to.
        return Some(Named::Itself);
    };
    let excepted = entries(excepted);
    let as_what = |(kind, text): &(&str, Cow<'_, str>)| by(kind, text);
    let all = excepted.iter().any(|(_, text)| text == "*");
    let out = match &ask.who {
        // An Allow leaves out all that it names in any way: the documentation does not say how, and
        // to give less is the safe reading.
        _ if !deny => all || excepted.iter().any(|entry| as_what(entry).is_some()),
        _ if bounded => false,
        // A Deny spares a session only where it spares the role too, and nobody by the account.
        Who::Session { .. } => {
            all || [Named::Itself, Named::ByParent]
                .iter()
                .all(|named| excepted.iter().any(|entry| as_what(entry) == Some(*named)))
        }
        _ => excepted.iter().any(|entry| as_what(entry) == Some(Named::Itself)),
    };
    if out { None } else { Some(Named::Itself) }
}

fn entries(principal: &Value) -> Vec<(&str, Cow<'_, str>)> {
    if principal == "*" {
        return vec![("*", "*".into())];
    }
    let kinds = principal.as_object().unwrap();
    kinds
        .iter()
        .flat_map(|(kind, list)| texts(list).into_iter().map(|text| (kind.as_str(), text)))
        .collect()
}

/// By the unique id that a stored policy has in place of an ARN: a role's is the head of its
/// sessions' `aws:userid`, a user's is the whole.
fn by_id(text: &str, ask: &Ask) -> Option<Named> {
    let [id] = values_of(&ask.keys, "aws:userid") else { return None };
    match (&ask.who, id.split_once(':')) {
        (Who::Session { .. }, Some((role, _))) if role == text => Some(Named::ByParent),
        (Who::User(_), None) if id == text => Some(Named::Itself),
        _ => None,
    }
}

fn by(kind: &str, text: &str, who: &Who, deny: bool) -> Option<Named> {
    let everybody = match who {
        // Observed: `*` does not trust the holders of tokens, only their provider's ARN does. A Deny
        // of everybody is one of them too.
        Who::Web(_) => deny && text == "*",
        // A service is no principal of kind AWS.
        Who::Service(_) => kind == "*",
        _ => text == "*",
    };
    if everybody {
        return Some(Named::Itself);
    }
    let itself_by =
        |its_kind: &str, name: &String| (kind == its_kind && text == name).then_some(Named::Itself);
    let (itself, parent) = match who {
        Who::Anonymous => return None,
        Who::Web(provider) => return itself_by("Federated", provider),
        Who::Service(name) => return itself_by("Service", name),
        Who::Canonical(id) => return itself_by("CanonicalUser", id),
        Who::Root(account) => (format!("arn:aws:iam::{account}:root"), None),
        Who::User(arn) => (arn.clone(), None),
        Who::Session { role, session } => (session.clone(), Some(role)),
        Who::Federated { arn, user } => (arn.clone(), Some(user)),
    };
    if kind != "AWS" {
        return None;
    }
    let account = who.account().unwrap();
    let is_account = text == account || text == format!("arn:aws:iam::{account}:root");
    if text == itself || is_account && matches!(who, Who::Root(_)) {
        Some(Named::Itself)
    } else if Some(text) == parent.map(String::as_str) {
        Some(Named::ByParent)
    } else if is_account {
        Some(Named::ByAccount)
    } else {
        None
    }
}
