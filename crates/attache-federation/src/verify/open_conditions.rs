//! Policies over a request of which some condition keys are not known: what the caller alone decides.
//!
//! A condition on such a key may hold or not. A policy is therefore decided twice: as if every such
//! condition worked for the caller, and as if each worked against it. Where the two differ, the answer
//! is not known, and the conditions say why.

use attache_policy::condition_keys::{CallKeys, CallerKey, caller_key};
use attache_policy::syntax::{Condition, Effect, Statement, Test};
use attache_policy::{Context, Invalid, Pattern, Policy};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// AWS's: a session name has 2 to 64 of these characters.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const SESSION_NAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=64;

/// A condition of which it is not known whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenCondition {
    /// `statement 1: IpAddress aws:SourceIp 192.0.2.0/24`.
    pub(super) text: String,
    /// What the key is.
    pub(super) what: &'static str,
    /// The key, in the policy's letters.
    pub(super) key: String,
    /// A name for a session for which it holds, where it is on that.
    pub(super) session_name: Option<String>,
}

/// A policy decided for and against the caller.
#[derive(Debug)]
pub(super) struct Split {
    /// As if every open condition worked for the caller.
    pub(super) best: Policy,
    /// As if every open condition worked against it.
    pub(super) worst: Policy,
    pub(super) open: Vec<OpenStatement>,
}

/// A statement with open conditions, alone and without them.
#[derive(Debug)]
pub(super) struct OpenStatement {
    pub(super) alone: Policy,
    pub(super) conditions: Vec<OpenCondition>,
}

/// Splits a policy by what the context does not have.
///
/// # Errors
/// Where the rest of the statements is no policy.
pub(super) fn split(policy: &Policy, known: &KnownKeys) -> Result<Split, Invalid> {
    let (mut best, mut worst, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for (index, statement) in policy.statements().iter().enumerate() {
        let (open_here, closed): (Vec<_>, Vec<_>) =
            statement.conditions.iter().cloned().partition(|condition| known.is_open(condition));
        if open_here.is_empty() {
            best.push(statement.clone());
            worst.push(statement.clone());
            continue;
        }
        let stripped = Statement { conditions: closed, ..statement.clone() };
        match statement.effect {
            Effect::Allow => best.push(stripped.clone()),
            Effect::Deny => worst.push(stripped.clone()),
        }
        open.push(OpenStatement {
            alone: Policy::of_statements([&stripped], policy.kind())?,
            conditions: open_here.iter().map(|c| describe(index, statement, c)).collect(),
        });
    }
    if open.is_empty() {
        return Ok(Split { best: policy.clone(), worst: policy.clone(), open });
    }
    let name = policy.name().unwrap_or_else(|| policy.kind().name()).to_owned();
    let of = |statements: &[Statement]| Policy::of_statements(statements, policy.kind());
    Ok(Split { best: of(&best)?.named(name.clone()), worst: of(&worst)?.named(name), open })
}

/// Whether `${…}` is plain text in it, and not a variable: then its statements do not mean the same in
/// another document.
pub(super) fn is_older_with_dollars(policy: &Policy) -> bool {
    !policy.has_variables() && policy.text().contains('$')
}

/// A condition as a person writes it.
pub(super) fn describe(
    index: usize,
    statement: &Statement,
    condition: &Condition,
) -> OpenCondition {
    let values: Vec<&str> = condition.values.iter().map(|value| value.text.as_str()).collect();
    let number = (index + 1).to_string();
    let name = statement.sid.as_deref().unwrap_or(&number);
    let operator = &condition.operator.name;
    let key = condition.key.text.clone();
    OpenCondition {
        text: format!("statement {name}: {operator} {key} {}", values.join(" or ")),
        session_name: session_name(condition),
        what: caller_key(&key).map_or("the keys that its value names", |key| key.what),
        key,
    }
}

/// The context of a request, and the keys that it certainly does not have.
#[derive(Debug, Default)]
pub(super) struct KnownKeys {
    pub(super) context: Context,
    absent: Vec<String>,
}

impl attache_policy::condition_keys::KeySink for KnownKeys {
    fn set(&mut self, key: &[&str], value: &str) {
        self.context.set_at(key, value);
    }

    fn set_many(&mut self, key: &[&str], values: &[&str]) {
        self.context.set_many_at(key, values);
    }

    fn absent(&mut self, key: &[&str]) {
        self.absent.push(key.concat().to_lowercase());
    }
}

/// The keys of when and, where that is known, in which region a call is made.
pub(super) fn add_time(known: &mut KnownKeys, now: OffsetDateTime, region: Option<&str>) {
    let (date, seconds) = (now.format(&Rfc3339).unwrap_or_default(), now.unix_timestamp());
    let seconds = seconds.to_string();
    CallKeys { time: Some((&date, &seconds)), region, ..CallKeys::default() }.add_to(known);
}

impl KnownKeys {
    fn is_open(&self, condition: &Condition) -> bool {
        let by_variable = condition.values.iter().any(|value| self.names_an_open_key(&value.text));
        let Some(key) = caller_key(&condition.key.text) else { return by_variable };
        if !self.is_unknown(key) {
            return by_variable;
        }
        !(key.always && (condition.operator.test == Test::Null || is_decided(condition)))
    }

    /// A key that every call has is in the context with an example, and is unknown all the same.
    fn is_unknown(&self, key: &CallerKey) -> bool {
        let name = key.name.to_lowercase();
        key.always || self.context.get(&name).is_none() && !self.absent.contains(&name)
    }

    /// Whether a value has a variable of such a key.
    fn names_an_open_key(&self, text: &str) -> bool {
        let inside = text.split("${").skip(1).filter_map(|rest| rest.split(['}', ',']).next());
        inside.filter_map(|name| caller_key(name.trim())).any(|key| self.is_unknown(key))
    }
}

/// A name that a condition on the session's name takes.
fn session_name(condition: &Condition) -> Option<String> {
    let operator = &condition.operator;
    let on_name = caller_key(&condition.key.text)?.always && !operator.negated;
    let takes = matches!(operator.test, Test::StringEquals | Test::StringLike);
    let mut values = condition.values.iter().map(|value| value.text.as_str());
    let text = values.find(|text| !text.contains("${"))?;
    let name = match operator.test {
        Test::StringLike => Pattern::new(text).example("verify"),
        _ => text.to_owned(),
    };
    (on_name && takes && may_be_a_name(&name, false)).then_some(name)
}

/// Whether a condition on a session's name is decided by what a session's name can be: a pattern that takes
/// every name, or values that no name can have.
fn is_decided(condition: &Condition) -> bool {
    let operator = &condition.operator;
    let all = |text: &str| {
        let marks = text.chars().filter(|c| *c == '?').count();
        text.contains('*')
            && marks <= *SESSION_NAME_LENGTH.start()
            && text.chars().all(|c| "*?".contains(c))
    };
    let values = || condition.values.iter().map(|value| value.text.as_str());
    match operator.test {
        Test::StringLike if values().any(all) => true,
        Test::StringLike => values().all(|text| !may_be_a_name(text, true)),
        Test::StringEquals | Test::StringEqualsIgnoreCase => {
            values().all(|text| !may_be_a_name(text, false))
        }
        _ => false,
    }
}

fn may_be_a_name(text: &str, is_pattern: bool) -> bool {
    let allowed = |c: char| {
        c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) || is_pattern && "*?".contains(c)
    };
    let fits = is_pattern || SESSION_NAME_LENGTH.contains(&text.len());
    // What a variable stands for is not looked at.
    text.contains("${") || fits && text.chars().all(allowed)
}
