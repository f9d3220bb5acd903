//! The laboratory: answers that are late, calls that are too many, and faults on purpose, so that
//! clients can be tried against AWS as it is on a bad day.
//!
//! Knows: which call is delayed, refused or spoilt, and how. It looks at a call in three places of the
//! one loop that all services share: once its operation is known ([`Visit::enter`]), once its caller is
//! ([`Visit::refuse`]), and when its answer is made ([`Visit::rewrite`]); what happens to the bytes of an
//! answer is the connection's to do (`wire`). So all services and protocols have the same faults, and
//! every refusal is written as the service writes its own.
//!
//! Does not know: any service's operations, beyond their names, rates and pages, which stand in data
//! files.

mod active;
mod errors;
mod fault;
mod latency;
mod paging;
mod random;
mod rates;
mod settings;
mod visit;
mod wire;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::{Value, json};

pub use fault::{Fault, FaultKind, SignedDuration};
pub use latency::Latency;
pub use settings::{LaboratoryError, LaboratorySettings, Rates};

use active::Active;
pub(crate) use visit::{CallName, Visit};
pub(crate) use wire::{Effect, Wire};

/// An authority's laboratory.
#[derive(Debug, Default)]
pub(crate) struct Laboratory {
    /// Whether there is anything in `active`: most authorities never have one, and calls are many.
    on: AtomicBool,
    active: RwLock<Option<Arc<Active>>>,
}

impl Laboratory {
    /// Begins anew with these settings: sequences, counts and buckets too.
    ///
    /// # Errors
    /// When a setting can have no effect. Then nothing is changed.
    pub(crate) fn set(
        &self,
        settings: LaboratorySettings,
        services: &[impl AsRef<str>],
    ) -> Result<(), LaboratoryError> {
        let services: Vec<&str> = services.iter().map(AsRef::as_ref).collect();
        settings.check(&services)?;
        let active = (!settings.is_off()).then(|| Arc::new(Active::new(settings)));
        let mut current = self.active.write().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: of two settings at one time, both are the later's.
        self.on.store(active.is_some(), Ordering::Release);
        *current = active;
        Ok(())
    }

    /// The settings, and what came of them.
    pub(crate) fn report(&self) -> Value {
        match self.active() {
            Some(active) => active.report(),
            None => json!({"settings": LaboratorySettings::default(), "counts": {}}),
        }
    }

    /// How long the next answer takes at least.
    pub(crate) fn latency(&self) -> Option<Duration> {
        self.active()?.latency()
    }

    fn active(&self) -> Option<Arc<Active>> {
        if !self.on.load(Ordering::Acquire) {
            return None;
        }
        self.active.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_settings_at_one_time_one_holds() {
        let laboratory = &Laboratory::default();
        let late = LaboratorySettings { latency: "1ms".parse().ok(), ..Default::default() };
        for _ in 0..500 {
            std::thread::scope(|scope| {
                for settings in [late.clone(), LaboratorySettings::default()] {
                    scope.spawn(move || laboratory.set(settings, &["iam"]).unwrap());
                }
            });
            let active = laboratory.active.read().unwrap();
            assert_eq!(laboratory.on.load(Ordering::Acquire), active.is_some());
        }
    }
}
