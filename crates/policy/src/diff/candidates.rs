//! Values of a condition key that tell its conditions apart.
//!
//! Each value that a policy names, one beside it, one inside and one outside of what a pattern, a
//! range or a network takes, none at all, and where an operator counts several values, pairs.

use std::collections::BTreeMap;
use std::net::IpAddr;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::operator::Test;
use crate::statement::Condition;
use crate::value;

/// What a key may hold: nothing where it is not there.
pub(super) type Values = Option<Vec<String>>;

/// The most single values of which pairs are made. Ours.
const MOST_PAIRED: usize = 12;

/// By the key in lower case, the likeliest first.
pub(super) fn candidates<'c>(
    conditions: impl Iterator<Item = &'c Condition>,
) -> BTreeMap<String, Vec<Values>> {
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    for condition in conditions {
        let key = keys.entry(condition.key.text.to_lowercase()).or_default();
        key.several |= condition.operator.set.is_some();
        for wanted in &condition.values {
            around(condition.operator.test, &wanted.text, &mut key.single);
        }
    }
    keys.into_iter().map(|(name, key)| (name, key.values())).collect()
}

#[derive(Default)]
struct Key {
    single: Vec<String>,
    several: bool,
}

impl Key {
    fn values(mut self) -> Vec<Values> {
        self.single.push("example".to_owned());
        let mut seen = std::collections::HashSet::new();
        self.single.retain(|value| seen.insert(value.clone()));
        let mut values = vec![None];
        values.extend(self.single.iter().map(|one| Some(vec![one.clone()])));
        if self.several {
            let some = || self.single.iter().take(MOST_PAIRED);
            for (at, one) in some().enumerate() {
                let others = some().skip(at + 1);
                values.extend(others.map(|other| Some(vec![one.clone(), other.clone()])));
            }
            values.push(Some(self.single.iter().take(MOST_PAIRED).cloned().collect()));
        }
        values
    }
}

/// Adds values at, inside and outside of one that a policy names.
fn around(test: Test, wanted: &str, values: &mut Vec<String>) {
    match test {
        Test::StringEquals => values.push(wanted.to_owned()),
        Test::StringEqualsIgnoreCase => {
            values.push(wanted.to_owned());
            values.push(wanted.to_uppercase());
        }
        Test::StringLike | Test::Arn => {
            for run in ["example", "", "x"] {
                values.push(wanted.replace('*', run).replace('?', "x"));
            }
        }
        Test::Numeric(_) => numbers(wanted, values),
        Test::Date(_) => dates(wanted, values),
        Test::Bool => values.extend(["true".to_owned(), "false".to_owned()]),
        Test::Binary => values.extend([wanted.to_owned(), "AA==".to_owned()]),
        Test::Ip => addresses(wanted, values),
        Test::Null => {}
    }
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

fn dates(wanted: &str, values: &mut Vec<String>) {
    let Some(at) = value::date(wanted) else { return };
    let written = |at: OffsetDateTime| at.format(&Rfc3339).ok();
    let beside = [at.checked_sub(Duration::SECOND), at.checked_add(Duration::SECOND)];
    values.push(wanted.to_owned());
    values.extend(beside.into_iter().flatten().filter_map(written));
}

/// The first and the last address of a network, those beside them, and one of nobody's.
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
