//! What the laboratory is told to do: the same forms on the command line and in JSON.

use std::str::FromStr;
use std::time::Duration;

use attache_identifiers::DurationError;
use serde::{Deserialize, Serialize};

use super::{Fault, Latency};

/// The longest duration. Ours: a client that waits for an hour waits for ever.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);

/// How many faults there may be. Ours: each is looked at in every call.
const MOST_FAULTS: usize = 100;

/// What the laboratory does to the calls of an authority. The default does nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LaboratorySettings {
    /// What the latencies and probabilities are drawn from: a seed gives the same ones again.
    pub seed: u64,
    /// How long answers take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// How often operations may be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rates: Option<Rates>,
    /// What goes wrong. In each call at most one: the first that fits and whose probability says so.
    pub faults: Vec<Fault>,
}

impl Default for LaboratorySettings {
    fn default() -> Self {
        Self { seed: 1, latency: None, rates: None, faults: Vec::new() }
    }
}

impl LaboratorySettings {
    /// Reads JSON.
    ///
    /// # Errors
    /// [`LaboratoryError::Json`], with the line and the column.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, LaboratoryError> {
        serde_json::from_slice(json).map_err(LaboratoryError::Json)
    }

    /// Whether calls are left as they are.
    pub(super) fn is_off(&self) -> bool {
        self.latency.is_none() && self.rates.is_none() && self.faults.is_empty()
    }

    /// Refuses what can have no effect: a service that is not among those of this authority.
    ///
    /// # Errors
    /// [`LaboratoryError::TooManyFaults`], [`LaboratoryError::Service`].
    pub(super) fn check(&self, services: &[&str]) -> Result<(), LaboratoryError> {
        if self.faults.len() > MOST_FAULTS {
            return Err(LaboratoryError::TooManyFaults { most: MOST_FAULTS });
        }
        for (number, fault) in self.faults.iter().enumerate() {
            if !services.iter().any(|service| fault.is_of_service(service)) {
                return Err(LaboratoryError::Service {
                    number: number + 1,
                    service: fault.service.clone().unwrap_or_default(),
                    known: services.join(", "),
                });
            }
        }
        Ok(())
    }
}

/// How often operations may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rates {
    /// As often as AWS publishes it, by account, region, service and operation.
    Aws,
}

impl FromStr for Rates {
    type Err = LaboratoryError;

    fn from_str(text: &str) -> Result<Self, LaboratoryError> {
        if text == "aws" { Ok(Self::Aws) } else { Err(LaboratoryError::Rates) }
    }
}

/// Why the laboratory's settings are refused.
#[derive(Debug, thiserror::Error)]
pub enum LaboratoryError {
    /// The JSON, or a fault of the command line, is not of its form.
    #[error("{0}")]
    Json(#[source] serde_json::Error),
    /// A latency is not of its form.
    #[error("expected MEDIAN or MEDIAN,p99=DURATION, for example 40ms,p99=200ms")]
    LatencyForm,
    /// A duration is not of its form.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A p99 below the median.
    #[error("expected a p99 of at least the median, for example 40ms,p99=200ms")]
    P99,
    /// A duration beyond the longest that is taken.
    #[error("expected at most 1h")]
    TooLong,
    /// Rates that are not known.
    #[error("expected aws, the request rates that AWS publishes")]
    Rates,
    /// A fault of the command line that is not of its form.
    #[error(
        "expected KIND[,MEMBER=VALUE]..., for example \
         throttling,service=ec2,operation=Describe*,probability=0.2; found {0:?}"
    )]
    FaultForm(String),
    /// A member of a fault that is given twice.
    #[error("duplicate member {0:?}")]
    DuplicateMember(String),
    /// A probability that is none.
    #[error("expected a probability greater than 0 and at most 1, found {0}")]
    Probability(f64),
    /// A duration of a fault that takes none.
    #[error("a duration is only for slow-body and clock-skew")]
    NoDuration,
    /// A pattern of a service or an operation that matches nothing.
    #[error("expected {what}, with * for any letters, found {found:?}")]
    Pattern {
        /// What was expected.
        what: &'static str,
        /// What was found.
        found: String,
    },
    /// Too many faults.
    #[error("expected at most {most} faults")]
    TooManyFaults {
        /// The most.
        most: usize,
    },
    /// A service that is not served.
    #[error("fault {number}: no service {service:?} is served here; expected one of {known}")]
    Service {
        /// Which fault, the first is 1.
        number: usize,
        /// What it says.
        service: String,
        /// The names of those that are.
        known: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_written_alike() {
        let json = r#"{"seed":7,"latency":"40ms,p99=200ms","rates":"aws","faults":[
            {"kind":"throttling","account":"222222222222","service":"ec2","operation":"Describe*",
             "probability":0.5,"count":3},
            {"kind":"slow-body","duration":"2s"},{"kind":"clock-skew","duration":"-20m"}]}"#;
        let settings = LaboratorySettings::from_json(json.as_bytes()).unwrap();
        let written = serde_json::to_vec(&settings).unwrap();
        assert_eq!(LaboratorySettings::from_json(&written).unwrap(), settings);
        assert!(!settings.is_off());
        assert_eq!(LaboratorySettings::from_json(b"{}").unwrap(), LaboratorySettings::default());
    }

    #[test]
    fn a_mistake_is_named_with_its_place() {
        for (json, wanted) in [
            ("", "EOF while parsing a value at line 1 column 0"),
            (r#"{"latancy":"40ms"}"#, "unknown field `latancy`, expected one of `seed`, `latency`"),
            (r#"{"latency":40}"#, "expected a string at line 1 column 13"),
            ("{\n \"latency\":\"fast\"}", "expected a duration such as 40ms"),
            ("{\n \"latency\":\"fast\"}", "line 2"),
            (r#"{"rates":"gcp"}"#, "unknown variant `gcp`, expected `aws`"),
            (r#"{"seed":-1}"#, "expected u64"),
            (r#"{"faults":[{}]}"#, "missing field `kind`"),
            (r#"{"faults":[{"kind":"flood"}]}"#, "unknown variant `flood`, expected one of"),
            (r#"{"faults":[{"kind":"500","probability":2}]}"#, "greater than 0 and at most 1"),
            (r#"{"faults":[{"kind":"500","probability":0}]}"#, "greater than 0 and at most 1"),
            (r#"{"faults":[{"kind":"500","count":0}]}"#, "expected a nonzero u64"),
            (r#"{"faults":[{"kind":"500","account":"1"}]}"#, "is not an account id"),
            (r#"{"faults":[{"kind":"500","duration":"1s"}]}"#, "only for slow-body"),
            (r#"{"faults":[{"kind":"slow-body","duration":"-1s"}]}"#, "expected a duration"),
            (r#"{"faults":[{"kind":"slow-body","duration":"2h"}]}"#, "at most 1h"),
            (r#"{"faults":[{"kind":"500","service":""}]}"#, "expected a service"),
            (r#"{"faults":[{"kind":"500","operation":"a b"}]}"#, "expected an operation"),
            (r#"{"faults":[{"kind":"500","servce":"ec2"}]}"#, "unknown field `servce`"),
            (r#"{"seed":1} x"#, "trailing characters at line 1 column 12"),
        ] {
            let error = LaboratorySettings::from_json(json.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(wanted) && error.contains(" at line "), "{json}: {error}");
        }
    }

    #[test]
    fn a_service_that_is_not_served_is_refused() {
        let of = |service: &str| LaboratorySettings {
            faults: vec![format!("500,service={service}").parse().unwrap()],
            ..LaboratorySettings::default()
        };
        let known = ["iam", "ec2"];
        for service in ["iam", "ec*", "*"] {
            assert!(of(service).check(&known).is_ok(), "{service}");
        }
        let error = of("ec3").check(&known).unwrap_err().to_string();
        let wanted = "fault 1: no service \"ec3\" is served here; expected one of iam, ec2";
        assert_eq!(error, wanted);
        let settings =
            LaboratorySettings { faults: vec!["500".parse().unwrap(); 101], ..of("iam") };
        assert!(settings.check(&known).is_err());
    }
}
