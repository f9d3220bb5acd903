//! One value of a policy against one value of a request, by each operator.
//!
//! Source:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use std::net::IpAddr;

use super::Keys;
use super::glob::{self, Glyph, Reading};

/// Whether they match. The operator is bare and positive: `StringLike`, never `StringNotLike`.
pub fn matches(operator: &str, wanted: &str, got: &str, variables: Option<&Keys>) -> bool {
    let read = |wild| glob::read(wanted, Reading { wild, variables });
    let got_chars: Vec<char> = got.chars().collect();
    match operator {
        "StringEquals" => read(false).is_some_and(|w| glob::matches(&w, &got_chars)),
        "StringEqualsIgnoreCase" => read(false).is_some_and(|w| {
            let w: Vec<Glyph> = w
                .into_iter()
                .map(|g| if let Glyph::Is(c) = g { Glyph::Is(c.to_ascii_lowercase()) } else { g })
                .collect();
            glob::matches(&w, &got.to_ascii_lowercase().chars().collect::<Vec<_>>())
        }),
        "StringLike" => read(true).is_some_and(|w| glob::matches(&w, &got_chars)),
        "ArnEquals" | "ArnLike" => read(true).is_some_and(|w| arn_matches(&w, &got_chars)),
        "Bool" => wanted == got,
        "BinaryEquals" => match (base64(wanted), base64(got)) {
            (Some(wanted), Some(got)) => wanted == got,
            _ => false,
        },
        "IpAddress" => ip_matches(wanted, got),
        _ => {
            let (wanted, got, order) = match operator.strip_prefix("Numeric") {
                Some(order) => (number(wanted), number(got), order),
                None => match operator.strip_prefix("Date") {
                    Some(order) => (date(wanted), date(got), order),
                    None => panic!("{operator} is no operator"),
                },
            };
            let (Some(wanted), Some(got)) = (wanted, got) else { return false };
            match order {
                "Equals" => got == wanted,
                "LessThan" => got < wanted,
                "LessThanEquals" => got <= wanted,
                "GreaterThan" => got > wanted,
                "GreaterThanEquals" => got >= wanted,
                _ => panic!("{operator} is no operator"),
            }
        }
    }
}

/// Each of the six parts by itself; the sixth has whatever colons are left.
fn arn_matches(wanted: &[Glyph], got: &[char]) -> bool {
    let wanted: Vec<&[Glyph]> = wanted.splitn(6, |g| *g == Glyph::Is(':')).collect();
    let got: Vec<&[char]> = got.splitn(6, |c| *c == ':').collect();
    wanted.len() == 6
        && got.len() == 6
        && wanted.iter().zip(&got).all(|(wanted, got)| glob::matches(wanted, got))
}

fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit());
    if all_digits(whole) && all_digits(fraction) { text.parse().ok() } else { None }
}

/// Seconds since 1970: of epoch seconds, `2026-01-02`, `2026-01-02T03:04Z`,
/// `2026-01-02T03:04:05+01:00`, or without a zone, which is UTC.
fn date(text: &str) -> Option<f64> {
    if let Some(seconds) = number(text) {
        return Some(seconds);
    }
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let (year, month, day) = match (&parts[..], time) {
        ([year, month, day], _) => (*year, *month, *day),
        ([year, month], None) => (*year, *month, "01"),
        _ => return None,
    };
    let mut seconds = days(int(year, 4)?, int(month, 2)?, int(day, 2)?)? * 86_400;
    if let Some(time) = time {
        let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
        let (clock, zone) = time.split_at(zone_at);
        let clock: Vec<&str> = clock.split(':').collect();
        let (hour, minute, second) = match clock[..] {
            [h, m] => (int(h, 2)?, int(m, 2)?, 0),
            [h, m, s] => (int(h, 2)?, int(m, 2)?, int(s, 2)?),
            _ => return None,
        };
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        seconds += hour * 3600 + minute * 60 + second;
        if zone != "Z" && !zone.is_empty() {
            let (h, m) = zone[1..].split_once(':')?;
            let offset = int(h, 2)? * 3600 + int(m, 2)? * 60;
            seconds -= if zone.starts_with('-') { -offset } else { offset };
        }
    }
    Some(seconds as f64)
}

fn int(text: &str, digits: usize) -> Option<i64> {
    if text.len() == digits && text.chars().all(|c| c.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Days since 1970, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1970..3000).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    if day < 1 || day > lengths[month as usize - 1] {
        return None;
    }
    let years: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let months: i64 = lengths[..month as usize - 1].iter().sum();
    Some(years + months + day - 1)
}

fn ip_matches(wanted: &str, got: &str) -> bool {
    let (network, prefix) = match wanted.split_once('/') {
        Some((network, prefix)) => (network, prefix.parse::<usize>().ok()),
        None => (wanted, Some(if wanted.contains(':') { 128 } else { 32 })),
    };
    let (Ok(network), Some(prefix), Ok(got)) =
        (network.parse::<IpAddr>(), prefix, got.parse::<IpAddr>())
    else {
        return false;
    };
    let (network, got) = (bits(network), bits(got));
    network.len() == got.len() && prefix <= got.len() && network[..prefix] == got[..prefix]
}

fn bits(address: IpAddr) -> Vec<u8> {
    let bytes = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    bytes.iter().flat_map(|byte| (0..8).rev().map(move |i| byte >> i & 1)).collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - letters.len() > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for c in letters.chars() {
        let six = LETTERS.find(c)?;
        bits.extend((0..6).rev().map(|i| (six >> i & 1) as u8));
    }
    Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect())
}
