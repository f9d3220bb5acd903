//! Values of a condition key that tell its conditions apart.
//!
//! Each value that a policy names, one beside it, one inside and one outside of what a pattern, a
//! range or a network takes. Variables are filled in before: their keys are fixed.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::operator::Test;
use crate::pattern::Pattern;
use crate::segment::{self, Wildcards};
use crate::{Context, Policy, value};

/// What a key may hold.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// Single values, the likeliest first.
    pub(super) single: Vec<String>,
    /// Whether some condition counts several.
    pub(super) several: bool,
}

/// By the key in lower case.
pub(super) type Keys = BTreeMap<String, Candidates>;

/// The values for the conditions of these policies, with the keys that are fixed.
pub(super) fn candidates(policies: [&Policy; 2], fixed: &Context) -> Keys {
    let mut keys = Keys::new();
    for policy in policies {
        let variables = policy.inner.variables;
        for condition in policy.inner.statements.iter().flat_map(|own| &own.conditions) {
            let key = keys.entry(condition.key.text.to_lowercase()).or_default();
            key.several |= condition.operator.set.is_some();
            for wanted in &condition.values {
                around(condition.operator.test, &wanted.text, variables, fixed, &mut key.single);
            }
        }
    }
    for (name, key) in &mut keys {
        between(&mut key.single);
        key.single.push(example(name).to_owned());
        let mut seen = HashSet::new();
        key.single.retain(|value| seen.insert(value.clone()));
    }
    keys
}

/// A value that looks like the key's, which is in lower case.
pub(super) fn example(key: &str) -> &'static str {
    match key {
        "aws:principalaccount" | "aws:resourceaccount" | "aws:sourceaccount" => "111122223333",
        "aws:principalorgid" | "aws:resourceorgid" | "aws:sourceorgid" => "o-example",
        _ => "example",
    }
}

/// Adds values at, inside and outside of one that a policy names.
fn around(test: Test, wanted: &str, variables: bool, fixed: &Context, values: &mut Vec<String>) {
    if test.takes_wildcards() {
        let pattern = Pattern::read(wanted, Wildcards::Yes, variables, fixed);
        for run in ["example", "", "x"] {
            values.extend(pattern.as_ref().map(|pattern| pattern.example(run)));
        }
        return;
    }
    let segments = segment::read(wanted, Wildcards::No, variables);
    let Some(wanted) = segment::text(&segments, fixed) else { return };
    match test {
        Test::StringEquals | Test::StringLike | Test::Arn => values.push(wanted),
        Test::StringEqualsIgnoreCase => {
            values.extend([wanted.to_uppercase(), wanted.to_lowercase(), mixed(&wanted)]);
            values.push(wanted);
        }
        Test::Numeric(_) => numbers(&wanted, values),
        Test::Date(_) => dates(&wanted, values),
        Test::Bool => values.extend(["true".to_owned(), "false".to_owned(), wanted]),
        Test::Binary => values.extend([wanted, "AA==".to_owned()]),
        Test::Ip => addresses(&wanted, values),
        Test::Null => {}
    }
}

/// In a case that hardly anybody writes.
fn mixed(text: &str) -> String {
    let letters = text.chars().enumerate();
    letters
        .flat_map(|(at, own)| {
            let (lower, upper) = (own.to_lowercase(), own.to_uppercase());
            let own: Vec<char> = if at % 2 == 0 { lower.collect() } else { upper.collect() };
            own
        })
        .collect()
}

fn numbers(wanted: &str, values: &mut Vec<String>) {
    values.push(wanted.to_owned());
    if let Ok(whole) = wanted.parse::<i64>() {
        values.push(whole.saturating_sub(1).to_string());
        values.push(whole.saturating_add(1).to_string());
        values.push(format!("{whole}.5"));
    } else if let Ok(number) = wanted.parse::<f64>() {
        values.extend([-1.0, -0.001, 0.001, 1.0].map(|by| (number + by).to_string()));
    }
}

/// Adds a number between each two that are neighbours.
fn between(values: &mut Vec<String>) {
    let read = |text: &String| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let mut numbers: Vec<f64> = values.iter().filter_map(read).collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    let both = numbers.iter().zip(numbers.iter().skip(1));
    values.extend(both.map(|(low, high)| f64::midpoint(*low, *high).to_string()));
}

fn dates(wanted: &str, values: &mut Vec<String>) {
    let Some(at) = value::date(wanted) else { return };
    let written = |at: OffsetDateTime| at.format(&Rfc3339).ok();
    let beside = [at.checked_sub(Duration::SECOND), at.checked_add(Duration::SECOND)];
    values.push(wanted.to_owned());
    values.extend(beside.into_iter().flatten().filter_map(written));
}
/// The first and the last address of a network, those beside them, and an unused one.
fn addresses(wanted: &str, values: &mut Vec<String>) {
    let (base, bits) = wanted.split_once('/').unwrap_or((wanted, "128"));
    match base.parse::<IpAddr>() {
        Ok(IpAddr::V4(base)) => {
            let bits = bits.parse::<u32>().unwrap_or(32).min(32);
            let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
            let (first, last) = (u32::from(base) & mask, u32::from(base) | !mask);
            let all =
                [first, last, first.wrapping_add(1), last.wrapping_add(1), first.wrapping_sub(1)];
            values.extend(all.map(|own| std::net::Ipv4Addr::from(own).to_string()));
            values.push("203.0.113.77".to_owned());
        }
        Ok(IpAddr::V6(base)) => {
            let bits = bits.parse::<u32>().unwrap_or(128).min(128);
            let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
            let (first, last) = (u128::from(base) & mask, u128::from(base) | !mask);
            let all =
                [first, last, first.wrapping_add(1), last.wrapping_add(1), first.wrapping_sub(1)];
            values.extend(all.map(|own| std::net::Ipv6Addr::from(own).to_string()));
            values.push("2001:db8:ffff::77".to_owned());
        }
        Err(_) => {}
    }
}
