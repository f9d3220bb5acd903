//! Whom a trust policy means by a token's `sub`: the subjects it names, those known that fit its
//! patterns, or the patterns themselves.

use std::collections::{BTreeSet, HashMap};

use crate::document::{Condition, Statement};
use crate::glob;
use crate::snapshot::Snapshot;
use crate::who::Who;

/// The subjects of one issuer that statements let in.
pub(crate) struct Subjects<'s> {
    /// By issuer, host and path.
    known: HashMap<&'s str, BTreeSet<&'s str>>,
}

impl<'s> Subjects<'s> {
    pub(crate) fn new(snapshot: &'s Snapshot) -> Self {
        let mut known: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for account in &snapshot.service_accounts {
            known.entry(&account.issuer).or_default().insert(&account.subject);
        }
        Self { known }
    }

    /// Those whom a statement may let in.
    pub(crate) fn of(&self, statement: &Statement, issuer: &str) -> BTreeSet<Who> {
        let known = self.known.get(issuer);
        let mut found = BTreeSet::new();
        for wanted in wanted(statement, issuer) {
            match (wanted, known) {
                // No Kubernetes name has a star in it.
                (Wanted::Exactly(subject), _) if glob::is_pattern(&subject) => {}
                (Wanted::Exactly(subject), _) => {
                    found.insert(self.one(issuer, &subject));
                }
                (Wanted::Like(pattern), Some(known)) => {
                    let fitting = known.iter().filter(|subject| glob::fits(&pattern, subject));
                    found.extend(fitting.map(|subject| self.one(issuer, subject)));
                }
                (Wanted::Like(subject), None) => {
                    let issuer = issuer.to_owned();
                    found.insert(Who::Subject { issuer, subject, pattern: true, exists: None });
                }
            }
        }
        found
    }

    /// A subject by name.
    pub(crate) fn one(&self, issuer: &str, subject: &str) -> Who {
        let known = self.known.get(issuer);
        let is_service_account = subject.starts_with("system:serviceaccount:");
        Who::Subject {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            pattern: false,
            exists: known.filter(|_| is_service_account).map(|known| known.contains(subject)),
        }
    }
}

enum Wanted {
    Exactly(String),
    Like(String),
}

/// What the statement wants of `sub`. Several conditions all have to hold: the narrowest is taken,
/// and the evaluator has the last word.
fn wanted(statement: &Statement, issuer: &str) -> Vec<Wanted> {
    let key = format!("{}:sub", issuer.to_lowercase());
    let conditions = statement.conditions.iter().filter(|condition| condition.key == key);
    let mut positive: Vec<Vec<Wanted>> = conditions.filter_map(of_condition).collect();
    let patterns =
        |wanted: &Vec<Wanted>| wanted.iter().filter(|one| matches!(one, Wanted::Like(_))).count();
    positive.sort_by_key(patterns);
    positive.into_iter().next().unwrap_or_else(|| vec![Wanted::Like("*".to_owned())])
}

/// Nothing where the condition names nobody: it is negated, or about something else.
fn of_condition(condition: &Condition) -> Option<Vec<Wanted>> {
    let operator = condition.operator.rsplit(':').next().unwrap_or_default();
    // Every token has a subject. Where it is compared otherwise, anybody may be meant.
    let exact = match operator.strip_suffix("ifexists").unwrap_or(operator) {
        "stringequals" => true,
        "stringlike" => false,
        _ => return None,
    };
    if condition.operator.starts_with("forallvalues") {
        return None;
    }
    let wanted = condition.values.iter().map(|value| {
        let variable = value.contains("${");
        match (exact, variable || glob::is_pattern(value)) {
            (true, _) if !variable => Wanted::Exactly(value.clone()),
            (false, false) => Wanted::Exactly(value.clone()),
            _ => Wanted::Like(without_variables(value)),
        }
    });
    Some(wanted.collect())
}

/// A variable may have any value.
pub(crate) fn without_variables(value: &str) -> String {
    let mut pattern = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    pattern + rest
}
