//! Whom a trust policy means by a token's `sub`: the subjects it names, those known that fit its
//! patterns, or the patterns themselves.

use std::collections::{BTreeSet, HashMap};

use attache_policy::syntax::{Condition, SetQualifier, Statement, Test};
use attache_policy::{Pattern, widen_variables};

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
                (Wanted::Exactly(subject), _) if Pattern::has_wildcards(&subject) => {}
                (Wanted::Exactly(subject), _) => {
                    found.insert(self.one(issuer, &subject));
                }
                (Wanted::Like(pattern), Some(known)) => {
                    let pattern = Pattern::new(&pattern);
                    let fitting = known.iter().filter(|subject| pattern.matches(subject));
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
    let key = format!("{issuer}:sub");
    let conditions = statement.conditions.iter().filter(|condition| condition.is_on(&key));
    let mut positive: Vec<Vec<Wanted>> = conditions.filter_map(of_condition).collect();
    let patterns =
        |wanted: &Vec<Wanted>| wanted.iter().filter(|one| matches!(one, Wanted::Like(_))).count();
    positive.sort_by_key(patterns);
    positive.into_iter().next().unwrap_or_else(|| vec![Wanted::Like("*".to_owned())])
}

/// Nothing where the condition names nobody: it is negated, or about something else.
fn of_condition(condition: &Condition) -> Option<Vec<Wanted>> {
    let operator = &condition.operator;
    // Every token has a subject. Where it is compared otherwise, anybody may be meant.
    let exact = match operator.test {
        Test::StringEquals => true,
        Test::StringLike => false,
        _ => return None,
    };
    if operator.negated || operator.set == Some(SetQualifier::All) {
        return None;
    }
    let wanted = condition.values.iter().map(|value| {
        let value = value.text.as_str();
        let variable = value.contains("${");
        match (exact, variable || Pattern::has_wildcards(value)) {
            (true, _) if !variable => Wanted::Exactly(value.to_owned()),
            (false, false) => Wanted::Exactly(value.to_owned()),
            _ => Wanted::Like(widen_variables(value)),
        }
    });
    Some(wanted.collect())
}
