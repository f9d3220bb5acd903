//! What a caller may choose so that a condition holds: an external id, a session's name, tags.
//!
//! The values come from the policies themselves. Which of them really help is not decided here:
//! the evaluator tries them.

use std::collections::BTreeMap;

use attache_policy::{Context, Values};
use serde::Serialize;

use crate::caller::{Caller, Standing};
use crate::document::{Condition, Statement};

/// Something that the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Choice {
    /// The condition key, or [`Choice::SESSION_NAME`].
    pub key: String,
    /// A value that does, or the pattern that it has to fit.
    pub value: String,
    /// The value that was tried.
    #[serde(skip)]
    pub(crate) tried: String,
}

impl Choice {
    /// In place of a key: the name of the caller's own session.
    pub const SESSION_NAME: &'static str = "the caller's session name";

    /// The tag that is passed, where this is one.
    pub(crate) fn tag(&self) -> Option<&str> {
        let prefix = "aws:requesttag/";
        let is_tag = self.key.to_lowercase().starts_with(prefix);
        self.key.get(prefix.len()..).filter(|_| is_tag)
    }
}

/// Candidates by key in lower case.
#[derive(Debug, Default)]
pub(crate) struct Options(BTreeMap<String, Vec<Choice>>);

/// Ours: values of one key that are tried. More than these are rare, and every one multiplies the
/// work.
const MOST_VALUES: usize = 8;

/// Ours: combinations of values that are tried for one step.
const MOST_COMBINATIONS: usize = 512;

impl Options {
    /// Adds what would make this statement's conditions hold, or not hold.
    pub(crate) fn add(&mut self, statement: &Statement, caller: &Caller) {
        for condition in &statement.conditions {
            if caller.standing(&condition.key) == Standing::Chosen {
                self.condition(condition, &caller.context);
            }
            if condition.key == "aws:userid"
                && let Some(own) = &caller.unique_id
            {
                for value in &condition.values {
                    let name = value.strip_prefix(own.as_str()).and_then(|v| v.strip_prefix(':'));
                    self.session_name(name);
                }
            }
        }
        let own = &caller.principal;
        if let attache_policy::Principal::RoleSession { role_arn, .. } = own {
            let head = session_head(role_arn);
            for (_, name) in &statement.principals.list {
                self.session_name(name.strip_prefix(&head));
            }
        }
    }

    fn session_name(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            let value = name.to_owned();
            let key = Choice::SESSION_NAME.to_owned();
            self.put(Choice { key, tried: concrete(name), value });
        }
    }

    fn condition(&mut self, condition: &Condition, context: &Context) {
        let operator = condition.operator.rsplit(':').next().unwrap_or_default();
        let operator = operator.strip_suffix("ifexists").unwrap_or(operator);
        let patterns = operator.contains("like") || operator.starts_with("arn");
        for value in &condition.values {
            let Some(value) = filled(value, context) else { continue };
            let tried = match operator {
                "null" if value == "false" => vec![concrete("*")],
                "null" => Vec::new(),
                _ if patterns => vec![concrete(&value)],
                _ if operator.starts_with("numeric") => around(&value),
                _ => vec![value.clone()],
            };
            let shown = if operator == "null" { "*" } else { &value };
            for tried in tried {
                self.key(
                    condition,
                    if patterns || operator == "null" { shown } else { &tried },
                    &tried,
                );
            }
        }
    }

    fn key(&mut self, condition: &Condition, shown: &str, tried: &str) {
        let tag = |name: &str, shown: &str| Choice {
            key: format!("aws:RequestTag/{name}"),
            value: shown.to_owned(),
            tried: concrete(shown),
        };
        match condition.key.as_str() {
            // Tag keys are what the tags that are passed are called.
            "aws:tagkeys" => self.put(tag(tried, "*")),
            key => {
                if key == "sts:transitivetagkeys" {
                    self.put(tag(tried, "*"));
                }
                let key = match key.strip_prefix("aws:requesttag/") {
                    Some(_) => condition.name.get("aws:requesttag/".len()..),
                    None => None,
                }
                .map_or_else(|| condition.name.clone(), |tag| format!("aws:RequestTag/{tag}"));
                self.put(Choice { key, value: shown.to_owned(), tried: tried.to_owned() });
            }
        }
    }

    fn put(&mut self, choice: Choice) {
        let of_key = self.0.entry(choice.key.to_lowercase()).or_default();
        if !of_key.iter().any(|known| known.tried == choice.tried) {
            of_key.push(choice);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Whether there is more than [`Self::combinations`] tries.
    pub(crate) fn is_too_much(&self) -> bool {
        let all = self.0.values().try_fold(1_usize, |n, of_key| n.checked_mul(of_key.len() + 1));
        all.is_none_or(|all| all > MOST_COMBINATIONS)
            || self.0.values().any(|of_key| of_key.len() > MOST_VALUES)
    }

    /// All combinations of one value or none for each key, up to a limit, fewest keys not first.
    pub(crate) fn combinations(&self) -> impl Iterator<Item = Vec<Choice>> {
        let keys: Vec<&[Choice]> = self
            .0
            .values()
            .map(|of_key| of_key.get(..of_key.len().min(MOST_VALUES)).unwrap_or_default())
            .collect();
        (0..MOST_COMBINATIONS).map_while(move |number| {
            let mut rest = number;
            let mut chosen = Vec::new();
            for of_key in &keys {
                let digit = rest % (of_key.len() + 1);
                rest /= of_key.len() + 1;
                chosen.extend(digit.checked_sub(1).and_then(|at| of_key.get(at)).cloned());
            }
            (rest == 0).then_some(chosen)
        })
    }
}

/// `arn:aws:sts::222222222222:assumed-role/Name/` of a role.
pub(crate) fn session_head(role_arn: &str) -> String {
    match crate::caller::session(role_arn, "") {
        attache_policy::Principal::RoleSession { session_arn, .. } => session_arn,
        _ => String::new(),
    }
}

/// A text that fits the pattern.
fn concrete(pattern: &str) -> String {
    if pattern == "*" {
        return crate::caller::SESSION.to_owned();
    }
    pattern.replace(['*', '?'], "x")
}

/// A number and its neighbours, for whichever side of it is wanted.
fn around(value: &str) -> Vec<String> {
    match value.parse::<i64>() {
        Ok(n) => [Some(n), n.checked_sub(1), n.checked_add(1)]
            .into_iter()
            .flatten()
            .map(|n| n.to_string())
            .collect(),
        Err(_) => vec![value.to_owned()],
    }
}

/// A value with its variables filled in; nothing where one is not known.
fn filled(value: &str, context: &Context) -> Option<String> {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        let (inside, tail) = after.split_once('}')?;
        text.push_str(before);
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, Some(default.trim().trim_matches('\''))),
            None => (inside, None),
        };
        match (inside, context.get(key.trim()).and_then(Values::only)) {
            ("*" | "?" | "$", _) => text.push_str(inside),
            (_, Some(one)) => text.push_str(one),
            _ => text.push_str(default?),
        }
        rest = tail;
    }
    text.push_str(rest);
    Some(text)
}
