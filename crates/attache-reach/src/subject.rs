//! The subjects that a trust policy allows by a token's `sub`: those that it names, the known ones that
//! match its patterns, or the patterns themselves.

use std::collections::{BTreeSet, HashMap};

use attache_identifiers::after_service_account_prefix;
use attache_policy::syntax::{Condition, SetQualifier, Statement, Test};
use attache_policy::{Pattern, widen_variables};

use crate::principal::GraphPrincipal;
use crate::snapshot::Snapshot;

/// The subjects of issuers that statements allow.
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

    /// The subjects that a statement may allow.
    pub(crate) fn of(&self, statement: &Statement, issuer: &str) -> BTreeSet<GraphPrincipal> {
        let known = self.known.get(issuer);
        let mut found = BTreeSet::new();
        for wanted in subject_matches(statement, issuer) {
            match (wanted, known) {
                // No Kubernetes name has a star in it.
                (SubjectMatch::Exactly(subject), _) if Pattern::has_wildcards(&subject) => {}
                (SubjectMatch::Exactly(subject), _) => {
                    found.insert(self.named(issuer, &subject));
                }
                (SubjectMatch::Like(pattern), Some(known)) => {
                    let pattern = Pattern::new(&pattern);
                    let fitting = known.iter().filter(|subject| pattern.matches(subject));
                    found.extend(fitting.map(|subject| self.named(issuer, subject)));
                }
                (SubjectMatch::Like(subject), None) => {
                    let issuer = issuer.to_owned();
                    found.insert(GraphPrincipal::Subject {
                        issuer,
                        subject,
                        pattern: true,
                        exists: None,
                    });
                }
            }
        }
        found
    }

    /// A subject by name.
    pub(crate) fn named(&self, issuer: &str, subject: &str) -> GraphPrincipal {
        let known = self.known.get(issuer);
        let is_service_account = after_service_account_prefix(subject).is_some();
        GraphPrincipal::Subject {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            pattern: false,
            exists: known.filter(|_| is_service_account).map(|known| known.contains(subject)),
        }
    }
}

enum SubjectMatch {
    Exactly(String),
    Like(String),
}

/// What the statement demands of `sub`. Several conditions must all hold: the narrowest is used, and
/// the evaluator decides.
fn subject_matches(statement: &Statement, issuer: &str) -> Vec<SubjectMatch> {
    let key = format!("{issuer}:sub");
    let conditions = statement.conditions.iter().filter(|condition| condition.is_on(&key));
    let mut positive: Vec<Vec<SubjectMatch>> = conditions.filter_map(of_condition).collect();
    let patterns = |wanted: &Vec<SubjectMatch>| {
        wanted.iter().filter(|one| matches!(one, SubjectMatch::Like(_))).count()
    };
    positive.sort_by_key(patterns);
    positive.into_iter().next().unwrap_or_else(|| vec![SubjectMatch::Like("*".to_owned())])
}

/// None where the condition names no subject: it is negated, or about something else.
fn of_condition(condition: &Condition) -> Option<Vec<SubjectMatch>> {
    let operator = &condition.operator;
    // Every token has a subject. Where it is compared otherwise, any subject may be meant.
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
            (true, _) if !variable => SubjectMatch::Exactly(value.to_owned()),
            (false, false) => SubjectMatch::Exactly(value.to_owned()),
            _ => SubjectMatch::Like(widen_variables(value)),
        }
    });
    Some(wanted.collect())
}
