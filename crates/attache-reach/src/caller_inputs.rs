//! The inputs of a call that the caller chooses: an external id, a session's name, tags.
//!
//! Knows: which values the policies compare them with. Does not know: which of the values makes a
//! request allowed; the evaluator tries them.

use std::collections::BTreeMap;

use attache_policy::syntax::{Condition, Statement, Test};
use attache_policy::{Context, EXAMPLE_SESSION, Pattern, fill_variables};
use serde::Serialize;

use crate::caller::{Caller, KeyKnowledge};
use crate::stranger::PossibleValues;

/// An input that the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CallerInput {
    /// The condition key, or [`CallerInput::SESSION_NAME`].
    pub key: String,
    /// A value that is allowed, or the pattern that it must match.
    pub value: String,
    /// The value that was evaluated.
    #[serde(skip)]
    pub(crate) example: String,
}

impl CallerInput {
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
pub(crate) struct InputCandidates(BTreeMap<String, Vec<CallerInput>>);

/// Ours: values of one key that are tried. More than these are rare, and every one multiplies the
/// work.
const MOST_VALUES: usize = 8;

/// Ours: combinations of values that are tried for one step.
const MOST_COMBINATIONS: usize = 512;

impl InputCandidates {
    /// Adds the values that decide this statement's conditions.
    pub(crate) fn add_statement(&mut self, statement: &Statement, caller: &Caller) {
        for condition in &statement.conditions {
            if caller.knowledge(&condition.key.text.to_lowercase()) == KeyKnowledge::Chosen {
                self.condition(condition, caller);
            }
            if condition.is_on("aws:userid")
                && let Some(id) = &caller.unique_id
            {
                for value in &condition.values {
                    let name = value.text.strip_prefix(id.as_str());
                    let name = name.and_then(|rest| rest.strip_prefix(':'));
                    self.session_name(name);
                }
            }
        }
        if let attache_policy::Principal::RoleSession { role_arn, .. } = &caller.principal {
            let head = session_head(role_arn);
            for (_, name) in statement.principal.iter().flat_map(|principals| &principals.list) {
                self.session_name(name.text.strip_prefix(&head));
            }
        }
    }

    fn session_name(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            let value = name.to_owned();
            let key = CallerInput::SESSION_NAME.to_owned();
            self.add(CallerInput { key, example: concrete(name), value });
        }
    }

    /// The values that the caller can choose, of those that the condition names, and one that it does not
    /// name of each form.
    fn possible(&mut self, condition: &Condition, possible: &PossibleValues, context: &Context) {
        let test = condition.operator.test;
        let ignore_case = test == Test::StringEqualsIgnoreCase;
        let texts = condition.values.iter().filter_map(|v| fill_variables(&v.text, context));
        for value in texts {
            if test.takes_wildcards() {
                for example in possible.matching(&value) {
                    self.key(condition, &value, &example);
                }
            } else if possible.takes(&value, ignore_case) {
                self.key(condition, &value, &value);
            }
        }
        for form in &possible.patterns {
            self.key(condition, form, &concrete(form));
        }
    }

    fn condition(&mut self, condition: &Condition, caller: &Caller) {
        let (test, context) = (condition.operator.test, &caller.context);
        if let Some(possible) = caller.possible_values(&condition.key.text.to_lowercase()) {
            return self.possible(condition, possible, context);
        }
        for value in &condition.values {
            let Some(value) = fill_variables(&value.text, context) else { continue };
            // What is shown, and what is tried.
            let options = match test {
                Test::Null if value == "false" => vec![("*".to_owned(), concrete("*"))],
                Test::Null => Vec::new(),
                _ if test.takes_wildcards() => vec![(value.clone(), concrete(&value))],
                Test::Numeric(_) => {
                    neighbours(&value).into_iter().map(|n| (n.clone(), n)).collect()
                }
                _ => vec![(value.clone(), value)],
            };
            for (shown, example) in options {
                self.key(condition, &shown, &example);
            }
        }
    }

    fn key(&mut self, condition: &Condition, shown: &str, example: &str) {
        let tag = |name: &str, shown: &str| CallerInput {
            key: format!("aws:RequestTag/{name}"),
            value: shown.to_owned(),
            example: concrete(shown),
        };
        let name = &condition.key.text;
        match name.to_lowercase().as_str() {
            // Tag keys are what the tags that are passed are called.
            "aws:tagkeys" => self.add(tag(example, "*")),
            key => {
                if key == "sts:transitivetagkeys" {
                    self.add(tag(example, "*"));
                }
                let key = match key.strip_prefix("aws:requesttag/") {
                    Some(_) => name.get("aws:requesttag/".len()..),
                    None => None,
                }
                .map_or_else(|| name.clone(), |tag| format!("aws:RequestTag/{tag}"));
                self.add(CallerInput { key, value: shown.to_owned(), example: example.to_owned() });
            }
        }
    }

    fn add(&mut self, input: CallerInput) {
        let of_key = self.0.entry(input.key.to_lowercase()).or_default();
        if !of_key.iter().any(|known| known.example == input.example) {
            of_key.push(input);
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
    pub(crate) fn combinations(&self) -> impl Iterator<Item = Vec<CallerInput>> {
        let keys: Vec<&[CallerInput]> = self
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

/// A text that matches the pattern.
fn concrete(pattern: &str) -> String {
    if pattern == "*" {
        return EXAMPLE_SESSION.to_owned();
    }
    Pattern::new(pattern).example("x")
}

/// A number and its neighbours, for conditions on either side of it.
fn neighbours(value: &str) -> Vec<String> {
    match value.parse::<i64>() {
        Ok(n) => [Some(n), n.checked_sub(1), n.checked_add(1)]
            .into_iter()
            .flatten()
            .map(|n| n.to_string())
            .collect(),
        Err(_) => vec![value.to_owned()],
    }
}
