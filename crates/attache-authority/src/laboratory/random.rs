//! Seeded numbers, for calls on any thread.
//!
//! ChaCha8 is specified: a seed gives the same numbers on every machine and in every later version.

use std::f64::consts::TAU;
use std::sync::{Mutex, PoisonError};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// One sequence of numbers.
#[derive(Debug)]
pub(super) struct Sequence(Mutex<ChaCha8Rng>);

impl Sequence {
    /// The sequence of a seed and a purpose, which has a number.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(purpose);
        Self(Mutex::new(random))
    }

    /// At least 0 and less than 1.
    pub(super) fn fraction(&self) -> f64 {
        fraction(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Of the normal distribution with mean 0 and deviation 1, by Box and Muller's method.
    pub(super) fn normal(&self) -> f64 {
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Not 0, whose logarithm is infinite.
        let radius = (-2.0 * (1.0 - fraction(&mut random)).ln()).sqrt();
        radius * (TAU * fraction(&mut random)).cos()
    }
}

/// The 53 bits that a float holds.
fn fraction(random: &mut ChaCha8Rng) -> f64 {
    const STEPS: f64 = (1_u64 << 53) as f64;
    (random.next_u64() >> 11) as f64 / STEPS
}
