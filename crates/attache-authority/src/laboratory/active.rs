//! A laboratory that is on: its sequences, buckets and counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use attache_policy::Pattern;
use serde_json::{Value, json};

use super::fault::{Fault, FaultKind, SignedDuration};
use super::paging::Paging;
use super::random::Sequence;
use super::rates::{Buckets, RatedCall};
use super::settings::LaboratorySettings;
use super::visit::CallName;

/// The purposes of sequences: that of latencies, and before those of the faults.
const LATENCY: u64 = 0;
const FIRST_FAULT: u64 = 1;

#[derive(Debug)]
pub(super) struct Active {
    settings: LaboratorySettings,
    latencies: Sequence,
    faults: Vec<Armed>,
    buckets: Option<Buckets>,
    throttled: AtomicU64,
}

/// A fault that waits for its calls.
#[derive(Debug)]
struct Armed {
    fault: Fault,
    service: Option<Pattern>,
    operation: Option<Pattern>,
    sequence: Sequence,
    happened: AtomicU64,
}

/// What goes wrong with a call that has a fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChosenFault {
    pub(super) kind: FaultKind,
    pub(super) duration: Option<SignedDuration>,
}

impl Active {
    pub(super) fn new(settings: LaboratorySettings) -> Self {
        let seed = settings.seed;
        let armed = |(number, fault): (u64, &Fault)| Armed {
            service: fault.service.as_deref().map(Pattern::new),
            operation: fault.operation.as_deref().map(Pattern::new),
            sequence: Sequence::new(seed, number),
            happened: AtomicU64::new(0),
            fault: fault.clone(),
        };
        Self {
            faults: (FIRST_FAULT..).zip(&settings.faults).map(armed).collect(),
            latencies: Sequence::new(seed, LATENCY),
            buckets: settings.rates.map(|_| Buckets::default()),
            throttled: AtomicU64::new(0),
            settings,
        }
    }

    pub(super) fn report(&self) -> Value {
        let faults = self.faults.iter().map(|armed| armed.happened.load(Ordering::Relaxed));
        let faults: Vec<u64> = faults.collect();
        let throttled = self.throttled.load(Ordering::Relaxed);
        json!({"settings": self.settings, "counts": {"throttled": throttled, "faults": faults}})
    }

    pub(super) fn latency(&self) -> Option<Duration> {
        self.settings.latency.map(|latency| latency.sample(&self.latencies))
    }

    /// Whether a call is within its rate.
    pub(super) fn admits(&self, call: RatedCall<'_>) -> bool {
        let admitted =
            self.buckets.as_ref().is_none_or(|buckets| buckets.take(call, Instant::now()));
        if !admitted {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        }
        admitted
    }

    /// The fault that a call has, with its number, the first of which is 1.
    pub(super) fn choose(
        &self,
        call: CallName<'_>,
        paging: Option<Paging>,
        has_token: bool,
    ) -> Option<(usize, ChosenFault)> {
        let mut armed = self.faults.iter().zip(1..);
        let found = armed.find(|(armed, _)| armed.fits(call, paging, has_token) && armed.fires());
        found.map(|(armed, number)| {
            let Fault { kind, duration, .. } = armed.fault;
            (number, ChosenFault { kind, duration })
        })
    }
}

impl Armed {
    fn fits(&self, call: CallName<'_>, paging: Option<Paging>, has_token: bool) -> bool {
        let Fault { kind, account, region, .. } = &self.fault;
        let can_happen = match kind {
            FaultKind::EndlessToken | FaultKind::RepeatedPage => paging.is_some(),
            FaultKind::ExpiredToken => has_token,
            _ => true,
        };
        let matches = |pattern: &Option<Pattern>, name: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(name))
        };
        can_happen
            && account.is_none_or(|account| call.account == Some(account))
            && region.as_ref().is_none_or(|region| region.as_str() == call.region)
            && matches(&self.service, call.service)
            && matches(&self.operation, call.operation)
    }

    /// Whether it happens this time. A number is drawn for each call that fits: what a call draws does
    /// not depend on how many had the fault before.
    fn fires(&self) -> bool {
        if self.sequence.fraction() >= self.fault.probability {
            return false;
        }
        let most = self.fault.count.map_or(u64::MAX, |count| count.get());
        let next = |happened| (happened < most).then(|| happened + 1);
        self.happened.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use attache_identifiers::AccountId;

    use super::*;

    fn active(faults: &[&str]) -> Active {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Active::new(LaboratorySettings { faults, ..LaboratorySettings::default() })
    }

    fn call<'c>(service: &'c str, operation: &'c str) -> CallName<'c> {
        let account = AccountId::parse("222222222222").ok();
        CallName { account, region: "us-east-1", service, operation }
    }

    #[test]
    fn a_fault_is_of_the_calls_that_it_names() {
        let (list, get) = (call("ec2", "DescribeVpcs"), call("iam", "GetRole"));
        let paging = Paging::of("ec2", "DescribeVpcs");
        for (fault, call, has_token, wanted) in [
            ("500", list, false, true),
            ("500,account=222222222222", list, false, true),
            ("500,account=111111111111", list, false, false),
            ("500,region=us-east-1", list, false, true),
            ("500,region=eu-west-1", list, false, false),
            ("500,service=ec2", list, false, true),
            ("500,service=ec2", get, false, false),
            ("500,operation=Describe*", list, false, true),
            ("500,operation=Describe*", get, false, false),
            ("endless-token", list, false, true),
            ("endless-token", get, false, false),
            ("repeated-page", get, false, false),
            ("expired-token", list, false, false),
            ("expired-token", list, true, true),
        ] {
            let paging = paging.filter(|_| call.service == "ec2");
            let chosen = active(&[fault]).choose(call, paging, has_token);
            assert_eq!(chosen.is_some(), wanted, "{fault}");
        }
        let two = active(&["500,service=iam", "503"]);
        assert_eq!(two.choose(list, None, false).unwrap().0, 2);
        assert_eq!(two.choose(get, None, false).unwrap().0, 1);
        assert_eq!(two.report()["counts"]["faults"], json!([1, 1]));
    }

    #[test]
    fn a_fault_happens_as_often_as_it_says_and_a_seed_gives_it_again() {
        let pattern = |seed| {
            let usual = active(&["500,probability=0.25"]);
            let seeded = Active::new(LaboratorySettings { seed, ..usual.settings });
            let fires = |_| seeded.choose(call("ec2", "DescribeVpcs"), None, false).is_some();
            (0..4000).map(fires).collect::<Vec<bool>>()
        };
        let first = pattern(1);
        let count = first.iter().filter(|fired| **fired).count();
        assert!((900..1100).contains(&count), "{count}");
        assert_eq!(first, pattern(1));
        assert_ne!(first, pattern(2));
        let limited = active(&["500,count=2"]);
        let fires = |_: &i32| limited.choose(call("ec2", "DescribeVpcs"), None, false).is_some();
        assert_eq!((0..10).filter(fires).count(), 2);
    }
}
