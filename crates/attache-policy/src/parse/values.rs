//! Whether a condition's value is one that its operator can compare with.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use super::reader::{Reader, quoted};
use super::{aws_messages, variable};
use crate::invalid::Diagnostic;
use crate::operator::{Operator, Test};
use crate::syntax::Text;
use crate::value::{self, Network, Number};

pub(super) fn check(reader: &mut Reader, operator: &Operator, value: &Text, variables: bool) {
    if variables && value.text.contains("${") {
        if operator.test.takes_variables() {
            variable::in_value(reader, value);
        } else {
            let message =
                format!("{} supports no variables: this is compared as plain text", operator.name);
            let help = Some("compare texts or ARNs, or write the value itself".to_owned());
            reader.add(Diagnostic::warning(&value.at, message).help(help));
        }
        return;
    }
    variable::as_it_stands(reader, value);
    let text = value.text.as_str();
    let (fits, wanted, help) = match operator.test {
        Test::StringEquals | Test::StringEqualsIgnoreCase | Test::StringLike => return,
        Test::Numeric(_) => (Number::read(text).is_some(), "number", None),
        Test::Date(_) => return date(reader, value),
        Test::Bool => {
            let is_bool = ["true", "false"].iter().any(|b| b.eq_ignore_ascii_case(text));
            (is_bool, "bool", Some("write \"true\" or \"false\""))
        }
        Test::Binary => (is_base64(text), "base64 value", None),
        Test::Ip => {
            let help = "write an address, or a network such as 203.0.113.0/24";
            (Network::read(text).is_some(), "IP address or network", Some(help))
        }
        Test::Arn => {
            let is_arn = text == "*" || text.matches(':').count() >= 5;
            (
                is_arn,
                "ARN",
                Some("arn:partition:service:region:account:resource, with all six parts"),
            )
        }
        Test::Null => {
            let is_bool = ["true", "false"].iter().any(|b| b.eq_ignore_ascii_case(text));
            (is_bool, "bool", Some("\"true\" means that the key is not there"))
        }
    };
    if !fits {
        let effect = match operator.negated {
            true => "it is never the one left out",
            false => "it never matches",
        };
        let message =
            format!("{} is not a valid {wanted}: with {} {effect}", quoted(text), operator.name);
        let finding = Diagnostic::warning(&value.at, message);
        reader.add(finding.help(help.map(str::to_owned)));
    }
}

/// Dates are the one kind of value that IAM reads when a policy is written.
fn date(reader: &mut Reader, value: &Text) {
    let text = value.text.as_str();
    if value::date(text).is_some() {
        return;
    }
    let message = format!("{} is not a date", quoted(text));
    let help = Some("write 2030-12-31T23:59:59Z".to_owned());
    let finding = if reader.kind.is_iam() && !iam_reads(text) {
        Diagnostic::error(&value.at, message).aws(aws_messages::LEGACY)
    } else {
        Diagnostic::warning(&value.at, format!("{message} that can be compared"))
    };
    reader.add(finding.help(help));
}

/// IAM takes shortened dates, years far away, and hours of one digit.
fn iam_reads(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if !lower.contains(['t', '-']) {
        return lower.parse::<i64>().is_ok_and(|seconds| seconds >= 0);
    }
    let (day, time) = lower.split_once('t').unwrap_or((&lower, ""));
    is_day(day) && is_time(time)
}

fn is_day(day: &str) -> bool {
    let (sign, digits) = match day.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, day),
    };
    let mut parts = digits.split('-');
    let year = parts.next().and_then(|year| year.parse::<i64>().ok());
    let mut within = |most: u32| match parts.next() {
        Some(part) => part.parse().is_ok_and(|n: u32| (1..=most).contains(&n)),
        None => true,
    };
    // The years of Java's clock, which is IAM's.
    year.is_some_and(|year| (-292_275_054..=292_278_993).contains(&(sign * year)))
        && within(12)
        && within(31)
        && parts.next().is_none()
}

fn is_time(time: &str) -> bool {
    let (clock, zone) = match time.split_once('+') {
        Some((clock, zone)) => (clock, Some(zone)),
        None => (time.strip_suffix('z').unwrap_or(time), None),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':');
    let mut within = |most: u32| match parts.next() {
        Some("") | None => true,
        Some(part) => part.parse().is_ok_and(|n: u32| n <= most),
    };
    let two = |part: &str, most: u32| part.len() == 2 && part.parse().is_ok_and(|n: u32| n <= most);
    let zone = match zone.map(|zone| zone.split_once(':').unwrap_or((zone, "00"))) {
        Some((hours, minutes)) => two(hours, 23) && two(minutes, 59),
        None => true,
    };
    let nanos = |f: &str| f.parse::<u64>().is_ok_and(|n| n <= 999_999_999);
    within(23) && within(59) && within(59) && zone && fraction.is_none_or(nanos)
}

fn is_base64(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    text.len().is_multiple_of(4) && text.len() - bare.len() <= 2 && bare.bytes().all(alphabet)
}
