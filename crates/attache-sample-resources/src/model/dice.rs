//! Seeded numbers in the few shapes that resources need.
//!
//! ChaCha8 is specified, so that a seed gives the same resources on every machine and in every later
//! version.

use attache_identifiers::AccountId;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::Tags;

const TIERS: [&str; 4] = ["prod", "prod", "staging", "dev"];

/// Seeded numbers.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, account: AccountId, place: &str) -> Self {
        let mut key = [0; 32];
        let text = format!("{seed}/{account}/{place}");
        for (to, from) in key.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The numbers of one resource, by its seed, account, type and number.
    pub(super) fn of_number(seed: u64, account: AccountId, of: u64, number: u64) -> Self {
        let mut key = [0; 32];
        let parts = [seed, account.number(), of, number];
        for (to, from) in key.iter_mut().zip(parts.into_iter().flat_map(u64::to_le_bytes)) {
            *to = from;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit.max(1)
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T], otherwise: T) -> T {
        let at = self.below(list.len() as u64);
        usize::try_from(at).ok().and_then(|at| list.get(at)).copied().unwrap_or(otherwise)
    }

    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(self.pick(b"0123456789abcdef", b'0'))).collect()
    }

    /// A moment in 2025 as epoch seconds.
    pub(super) fn moment(&mut self) -> u64 {
        1_735_689_600 + self.below(365 * 24 * 3600)
    }

    /// The same as ISO 8601.
    pub(super) fn instant(&mut self) -> String {
        iso(self.moment())
    }

    pub(super) fn tags(&mut self, name: &str) -> Tags {
        let tier = self.pick(&TIERS, "prod");
        [("Name", name), ("environment", tier)].map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec()
    }
}

fn iso(seconds: u64) -> String {
    let at =
        i64::try_from(seconds).ok().and_then(|s| time::OffsetDateTime::from_unix_timestamp(s).ok());
    let at = at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
