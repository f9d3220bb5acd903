//! All that a role's identity policies say together, and what a change of them allows in addition.
//!
//! A document is its name and its text, or why the text is not known. What is not known is never
//! taken for harmless: it allows nothing of what was allowed before, and everything after.

use attache_policy::{Kind, Policy};
use serde_json::{Value, json};

use crate::comparison::{Gain, gain, worst};

/// A policy of a role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: Result<String, String>,
}

/// Statements of one effect or the other.
#[derive(Debug, Clone, Default)]
struct Statements {
    allow: Vec<Value>,
    deny: Vec<Value>,
    /// Why some of them are not known.
    unknown: Option<String>,
}

/// What the policies allow after a change that they did not before. `kept` are on the role before
/// and after, `removed` before, `added` after.
pub(crate) async fn gained(kept: &[Document], removed: &[Document], added: &[Document]) -> Gain {
    let (kept, removed, added) = (read(kept), read(removed), read(added));
    // What only denies takes nothing away when it comes, and what only allows gives nothing when it
    // goes: most changes are such, and need no comparison.
    let by_added = async {
        if let Some(why) = &added.unknown {
            return Gain::Unknown(why.clone());
        }
        if added.allow.is_empty() {
            return Gain::Nothing;
        }
        let before = [&kept.allow, &removed.allow, &kept.deny, &removed.deny];
        let after = [&added.allow, &kept.deny, &added.deny];
        compare(&before, &after).await
    };
    let by_removed = async {
        if let Some(why) = &removed.unknown {
            return Gain::Unknown(why.clone());
        }
        if removed.deny.is_empty() {
            return Gain::Nothing;
        }
        if let Some(why) = kept.unknown.as_ref().or(added.unknown.as_ref()) {
            return Gain::Unknown(why.clone());
        }
        let allow: Vec<Value> = kept
            .allow
            .iter()
            .chain(&added.allow)
            .filter_map(|own| near(own, &removed.deny))
            .collect();
        if allow.is_empty() {
            return Gain::Nothing;
        }
        let before = [&allow, &kept.deny, &added.deny, &removed.deny];
        let after = [&allow, &kept.deny, &added.deny];
        compare(&before, &after).await
    };
    let (by_added, by_removed) = (by_added.await, by_removed.await);
    worst([by_added, by_removed])
}

/// What some policies allow and a boundary does not.
pub(crate) async fn beyond(boundary: &Document, policies: &[Document]) -> Gain {
    let (boundary, policies) = (read(std::slice::from_ref(boundary)), read(policies));
    if let Some(why) = boundary.unknown.as_ref() {
        return Gain::Unknown(why.clone());
    }
    let found =
        compare(&[&boundary.allow, &boundary.deny], &[&policies.allow, &policies.deny]).await;
    match (found, policies.unknown) {
        (Gain::Nothing, Some(why)) => Gain::Unknown(why),
        (found, _) => found,
    }
}

async fn compare(before: &[&Vec<Value>], after: &[&Vec<Value>]) -> Gain {
    match (policy(before), policy(after)) {
        (Ok(before), Ok(after)) => gain(before, after).await,
        (Err(why), _) | (_, Err(why)) => Gain::Unknown(why),
    }
}

/// One policy of all the statements.
fn policy(statements: &[&Vec<Value>]) -> Result<Policy, String> {
    let mut list: Vec<Value> = statements.iter().flat_map(|own| own.iter().cloned()).collect();
    if list.is_empty() {
        // A policy has at least one statement. That call needs no permission: nothing is denied.
        list.push(json!({"Effect": "Deny", "Action": "sts:GetCallerIdentity", "Resource": "*"}));
    }
    let text = json!({"Version": "2012-10-17", "Statement": list}).to_string();
    Policy::parse(&text, Kind::Identity).map_err(|e| format!("they make no policy: {e}"))
}

fn read(documents: &[Document]) -> Statements {
    let mut all = Statements::default();
    for document in documents {
        let text = document.text.clone();
        match text.and_then(|text| statements(&text).map_err(|e| format!("{}: {e}", document.name)))
        {
            Ok(list) => {
                for own in list {
                    let deny = own.get("Effect").and_then(Value::as_str) == Some("Deny");
                    if deny { all.deny.push(own) } else { all.allow.push(own) }
                }
            }
            Err(why) => all.unknown = all.unknown.take().or(Some(why)),
        }
    }
    all
}

/// The document's statements, without their names, for these are to be unique in one policy.
fn statements(text: &str) -> Result<Vec<Value>, String> {
    let policy = Policy::parse(text, Kind::Identity)
        .map_err(|_| "it is not a valid identity-based policy".to_owned())?;
    if !policy.has_variables() && text.contains('$') {
        // In the older version of the language `${…}` is plain text, in the newer one a variable.
        return Err("its Version is older than 2012-10-17, and it has a `$`".to_owned());
    }
    let value: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut list = match value.get("Statement") {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    for own in list.iter_mut().filter_map(Value::as_object_mut) {
        own.remove("Sid");
    }
    Ok(list)
}

/// An Allow with those of its actions that a Deny could take in; nothing where there are none. AWS's
/// own policies list thousands of actions, and a Deny is about a few services.
fn near(allow: &Value, denies: &[Value]) -> Option<Value> {
    let Some(actions) = allow.get("Action") else { return Some(allow.clone()) };
    let mut denied = Vec::new();
    for deny in denies {
        match deny.get("Action") {
            Some(actions) => denied.extend(texts(actions).map(service)),
            None => return Some(allow.clone()),
        }
    }
    let meets = |own: &Option<String>| {
        denied.iter().any(|other| own.is_none() || other.is_none() || own == other)
    };
    let kept: Vec<&str> = texts(actions).filter(|action| meets(&service(action))).collect();
    if kept.is_empty() {
        return None;
    }
    let mut next = allow.clone();
    next.as_object_mut()?.insert("Action".to_owned(), json!(kept));
    Some(next)
}

/// The service of an action; none where it is a pattern.
fn service(action: &str) -> Option<String> {
    let (service, _) = action.split_once(':')?;
    (!service.contains(['*', '?'])).then(|| service.to_ascii_lowercase())
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(statements: &str) -> Document {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
        Document { name: "p".to_owned(), text: Ok(text) }
    }

    fn statement(effect: &str, action: &str) -> String {
        format!(r#"{{"Sid": "S", "Effect": "{effect}", "Action": {action}, "Resource": "*"}}"#)
    }

    fn allow(action: &str) -> Document {
        document(&statement("Allow", action))
    }

    fn deny(action: &str) -> Document {
        document(&statement("Deny", action))
    }

    /// `wider`, `no wider` or `unknown`.
    async fn word(kept: &[Document], removed: &[Document], added: &[Document]) -> &'static str {
        match gained(kept, removed, added).await {
            Gain::Nothing => "no wider",
            Gain::Something(_) => "wider",
            Gain::Unknown(_) => "unknown",
        }
    }

    #[tokio::test]
    async fn a_change_of_policies_is_wider_when_it_allows_more() {
        let unread = Document { name: "q".to_owned(), text: Err("denied".to_owned()) };
        let old = Document {
            name: "old".to_owned(),
            text: Ok(r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}}"#.to_owned()),
        };
        let s3 = || allow(r#""s3:Get*""#);
        let cases = [
            ("an Allow comes", vec![], vec![], vec![s3()], "wider"),
            (
                "an Allow comes that is there",
                vec![allow(r#""s3:*""#)],
                vec![],
                vec![s3()],
                "no wider",
            ),
            (
                "an Allow comes and is denied",
                vec![deny(r#""s3:*""#)],
                vec![],
                vec![s3()],
                "no wider",
            ),
            ("an Allow goes", vec![], vec![s3()], vec![], "no wider"),
            ("a Deny comes", vec![s3()], vec![], vec![deny(r#""s3:*""#)], "no wider"),
            (
                "a Deny goes",
                vec![s3()],
                vec![deny(r#"["ec2:*", "S3:GetObject"]"#)],
                vec![],
                "wider",
            ),
            (
                "a Deny of nothing that is allowed goes",
                vec![s3()],
                vec![deny(r#""ec2:*""#)],
                vec![],
                "no wider",
            ),
            (
                "one of two same Denies goes",
                vec![s3(), deny(r#""s3:*""#)],
                vec![deny(r#""s3:GetObject""#)],
                vec![],
                "no wider",
            ),
            (
                "a Deny by a pattern of services goes",
                vec![s3()],
                vec![deny(r#""*""#)],
                vec![],
                "wider",
            ),
            ("a policy is renamed", vec![], vec![s3()], vec![s3()], "no wider"),
            (
                "a policy is replaced by a wider one",
                vec![],
                vec![s3()],
                vec![allow(r#"["s3:Get*", "s3:PutObject"]"#)],
                "wider",
            ),
            (
                "a policy loses its Deny",
                vec![],
                vec![document(
                    &[statement("Allow", r#""s3:*""#), statement("Deny", r#""s3:Put*""#)].join(","),
                )],
                vec![allow(r#""s3:*""#)],
                "wider",
            ),
            ("what comes cannot be read", vec![s3()], vec![], vec![unread.clone()], "unknown"),
            ("what goes cannot be read", vec![s3()], vec![unread.clone()], vec![], "unknown"),
            (
                "a Deny goes beside what cannot be read",
                vec![unread.clone()],
                vec![deny(r#""s3:*""#)],
                vec![],
                "unknown",
            ),
            (
                "an Allow comes beside what cannot be read",
                vec![unread],
                vec![],
                vec![s3()],
                "wider",
            ),
            ("the older language's dollars", vec![], vec![], vec![old], "unknown"),
        ];
        for (name, kept, removed, added, wanted) in cases {
            assert_eq!(word(&kept, &removed, &added).await, wanted, "{name}");
        }
    }
}
