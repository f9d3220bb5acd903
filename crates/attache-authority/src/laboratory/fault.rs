//! What can go wrong, and in which calls.

use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use attache_identifiers::{AccountId, DurationError, Region, format_duration, parse_duration};
use attache_policy::Pattern;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings::{LONGEST, LaboratoryError};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The service's own error for too many calls.
    Throttling,
    /// The service's own failure, HTTP 500.
    #[serde(alias = "500")]
    InternalError,
    /// The service is not available, HTTP 503.
    #[serde(alias = "503")]
    ServiceUnavailable,
    /// The connection is reset before the answer.
    Reset,
    /// The connection is reset in the middle of the answer's body.
    ResetBody,
    /// The body arrives in ten pieces, over the duration.
    SlowBody,
    /// The connection is closed in the middle of the answer's body, which is chunked: every client can
    /// know that there is more.
    TruncatedBody,
    /// The connection is closed in the middle of the answer's body, whose length was announced. Some
    /// clients do not compare it.
    ShortBody,
    /// A proxy's page, HTTP 502, in place of the answer.
    #[serde(alias = "502", rename = "html-502")]
    Html502,
    /// HTTP 200 without a body.
    #[serde(rename = "empty-200")]
    Empty200,
    /// HTTP 204 without a body.
    #[serde(alias = "204")]
    NoContent,
    /// HTTP 200 with JSON that is not the service's.
    ForeignJson,
    /// The last page of a list names a next one, which is the first again, and so on.
    EndlessToken,
    /// Each page of a list is the first, and names itself as the next one.
    RepeatedPage,
    /// The session has expired when the second page of a list is asked for.
    ExpiredToken,
    /// The service's clock is ahead of the caller's by the duration; behind with a minus.
    ClockSkew,
}

/// The name of a kind, as it is written.
impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.serialize(f)
    }
}

impl FaultKind {
    /// The duration of those that have one, where none is given.
    fn usual_duration(self) -> Option<SignedDuration> {
        let duration = match self {
            Self::SlowBody => Duration::from_secs(10),
            // More than any service of AWS's allows, which is fifteen minutes.
            Self::ClockSkew => Duration::from_secs(20 * 60),
            _ => return None,
        };
        Some(SignedDuration { minus: false, duration })
    }
}

/// Something that goes wrong in some calls.
///
/// Written as JSON, or `KIND,MEMBER=VALUE,...` on the command line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedFault")]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// In the calls of this account; of all where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// In the calls to this region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// In the calls to this service, by its signing name; `*` stands for any letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// In the calls of this operation; `*` stands for any letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// How likely it is in a call that fits.
    pub probability: f64,
    /// How often it happens; without end where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<NonZeroU64>,
    /// How long, for those that take a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<SignedDuration>,
}

impl Fault {
    /// Whether a call to that service can have it.
    pub(super) fn is_of_service(&self, service: &str) -> bool {
        self.service.as_ref().is_none_or(|pattern| Pattern::new(pattern).matches(service))
    }
}

/// A fault as it was written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedFault {
    kind: FaultKind,
    account: Option<AccountId>,
    region: Option<Region>,
    service: Option<String>,
    operation: Option<String>,
    probability: Option<f64>,
    count: Option<NonZeroU64>,
    duration: Option<SignedDuration>,
}

impl TryFrom<UncheckedFault> for Fault {
    type Error = LaboratoryError;

    fn try_from(fault: UncheckedFault) -> Result<Self, LaboratoryError> {
        let UncheckedFault { kind, account, region, service, operation, count, .. } = fault;
        let probability = fault.probability.unwrap_or(1.0);
        if !(probability > 0.0 && probability <= 1.0) {
            return Err(LaboratoryError::Probability(probability));
        }
        let usual = kind.usual_duration();
        match fault.duration {
            Some(_) if usual.is_none() => return Err(LaboratoryError::NoDuration),
            Some(given) if given.minus && kind != FaultKind::ClockSkew => {
                return Err(DurationError::Form.into());
            }
            _ => {}
        }
        check_pattern("a service's signing name such as ec2", service.as_deref())?;
        check_pattern("an operation's name such as DescribeInstances", operation.as_deref())?;
        let duration = fault.duration.or(usual);
        Ok(Self { kind, account, region, service, operation, probability, count, duration })
    }
}

fn check_pattern(what: &'static str, pattern: Option<&str>) -> Result<(), LaboratoryError> {
    // AWS's longest name of an operation has some sixty letters.
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '-');
    match pattern {
        Some(text) if text.is_empty() || text.len() > 100 || !text.chars().all(legal) => {
            Err(LaboratoryError::Pattern { what, found: text.chars().take(100).collect() })
        }
        _ => Ok(()),
    }
}

/// `KIND,MEMBER=VALUE,...`: the members are those of the JSON.
impl FromStr for Fault {
    type Err = LaboratoryError;

    fn from_str(text: &str) -> Result<Self, LaboratoryError> {
        let mut parts = text.split(',');
        let kind = parts.next().unwrap_or_default();
        let mut members = Map::new();
        members.insert("kind".to_owned(), Value::String(kind.to_owned()));
        for part in parts {
            let (name, value) =
                part.split_once('=').ok_or_else(|| LaboratoryError::FaultForm(part.to_owned()))?;
            let number = matches!(name, "probability" | "count");
            let value = match serde_json::from_str(value) {
                Ok(value @ Value::Number(_)) if number => value,
                _ => Value::String(value.to_owned()),
            };
            if members.insert(name.to_owned(), value).is_some() {
                return Err(LaboratoryError::DuplicateMember(name.to_owned()));
            }
        }
        serde_json::from_value(Value::Object(members)).map_err(LaboratoryError::Json)
    }
}

/// A duration, or its negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SignedDuration {
    pub(super) minus: bool,
    pub(super) duration: Duration,
}

impl TryFrom<String> for SignedDuration {
    type Error = LaboratoryError;

    fn try_from(text: String) -> Result<Self, LaboratoryError> {
        let (minus, positive) = match text.strip_prefix('-') {
            Some(positive) => (true, positive),
            None => (false, text.as_str()),
        };
        let duration = parse_duration(positive)?;
        if duration > LONGEST {
            Err(LaboratoryError::TooLong)
        } else {
            Ok(Self { minus, duration })
        }
    }
}

impl From<SignedDuration> for String {
    fn from(signed: SignedDuration) -> Self {
        let sign = if signed.minus { "-" } else { "" };
        format!("{sign}{}", format_duration(signed.duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_the_command_line_is_that_of_json() {
        let line: Fault =
            "throttling,account=222222222222,service=ec2,operation=Describe*,probability=0.5,count=3"
                .parse()
                .unwrap();
        let json = r#"{"kind":"throttling","account":"222222222222","service":"ec2",
            "operation":"Describe*","probability":0.5,"count":3}"#;
        assert_eq!(line, serde_json::from_str(json).unwrap());
        for (alias, kind) in [
            ("500", FaultKind::InternalError),
            ("503", FaultKind::ServiceUnavailable),
            ("502", FaultKind::Html502),
            ("html-502", FaultKind::Html502),
            ("204", FaultKind::NoContent),
            ("empty-200", FaultKind::Empty200),
        ] {
            assert_eq!(alias.parse::<Fault>().unwrap().kind, kind);
        }
        assert_eq!(FaultKind::Html502.to_string(), "html-502");
        assert_eq!(FaultKind::EndlessToken.to_string(), "endless-token");
    }

    #[test]
    fn a_mistake_of_the_command_line_is_named() {
        for (text, wanted) in [
            ("", "unknown variant ``, expected one of `throttling`"),
            ("throtling", "unknown variant `throtling`"),
            ("500,ec2", "found \"ec2\""),
            ("500,service=ec2,service=rds", "duplicate member \"service\""),
            ("500,probability=often", "invalid type: string \"often\", expected f64"),
            ("500,probability=1.5", "at most 1, found 1.5"),
            ("500,count=-1", "expected a nonzero u64"),
            ("500,zone=a", "unknown field `zone`"),
            ("500,region=us", "is not a region"),
            ("slow-body,duration=soon", "expected a duration such as 40ms"),
            ("500,account=ec2", "is not an account id"),
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}
