//! The cache's rules, with a model beside it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use attache_agent::{Cache, CacheSettings, Grant, Lookup, PodCredentials, PodToken};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::pods;

const BEGIN: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);
const PODS: usize = 1_000;

static TOKENS: LazyLock<Vec<PodToken>> = LazyLock::new(|| pods::tokens(PODS, BEGIN));

fn grant(pod: usize, number: usize, expires: OffsetDateTime) -> Grant {
    let credentials = Arc::new(pods::credentials(pod, number, expires));
    Grant { token: TOKENS[pod].clone(), credentials, association: None }
}

#[derive(Debug, Clone)]
enum Step {
    Insert { pod: usize, minutes: i64 },
    Lookup { pod: usize },
    Renew { most: usize, minutes: i64, ends: u8 },
    Refuse { pod: usize, is_final: bool },
    Pass { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..PODS, 0_i64..400).prop_map(|(pod, minutes)| Step::Insert { pod, minutes }),
        6 => (0..PODS).prop_map(|pod| Step::Lookup { pod }),
        3 => (0..40_usize, 1_i64..400, 0..4_u8)
            .prop_map(|(most, minutes, ends)| Step::Renew { most, minutes, ends }),
        1 => (0..PODS, any::<bool>()).prop_map(|(pod, is_final)| Step::Refuse { pod, is_final }),
        2 => (1_i64..4_000).prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// What the last answer for each pod was, whatever the cache has kept of it.
#[derive(Default)]
struct Model(HashMap<usize, Option<Arc<PodCredentials>>>);

impl Model {
    fn check(&self, pod: usize, found: &Lookup, now: OffsetDateTime) {
        let Lookup::Hit(found) = found else { return };
        assert!(pods::is_of(pod, found), "pod {pod} got {found:?}");
        assert!(found.expires_at() - now > Duration::seconds(15), "{found:?} at {now}");
        assert_eq!(self.0.get(&pod), Some(&Some(Arc::clone(found))), "an earlier answer");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// A thousand pods, renewals that overlap with requests, evictions, refusals: a pod is given what
    /// was last given for its own token, or nothing.
    #[test]
    fn one_pods_credentials_never_go_to_another(
        capacity in prop_oneof![Just(1_usize), Just(50), Just(2_000)],
        steps in prop::collection::vec(step(), 1..1_500),
        jitter in 0.0..1.0_f64,
    ) {
        let settings = CacheSettings { capacity, ..CacheSettings::default() };
        let (mut cache, mut model, mut now) = (Cache::new(settings), Model::default(), BEGIN);
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert { pod, minutes } => {
                    let grant = grant(pod, number, now + Duration::minutes(minutes));
                    let given = Arc::clone(&grant.credentials);
                    let kept = cache.insert(grant, now, jitter).is_ok();
                    model.0.insert(pod, kept.then_some(given));
                }
                Step::Lookup { pod } => {
                    model.check(pod, &cache.lookup(TOKENS[pod].id(), now), now);
                }
                Step::Renew { most, minutes, ends } => {
                    for token in cache.due(now, most) {
                        let pod = pods::pod_of(&token);
                        match ends {
                            0 => {
                                cache.not_renewed(token.id(), true, now, jitter);
                                model.0.insert(pod, None);
                            }
                            1 => cache.not_renewed(token.id(), false, now, jitter),
                            _ => {
                                let grant = grant(pod, number, now + Duration::minutes(minutes));
                                let given = Arc::clone(&grant.credentials);
                                prop_assert!(cache.insert(grant, now, jitter).is_ok());
                                model.0.insert(pod, Some(given));
                            }
                        }
                    }
                }
                Step::Refuse { pod, is_final } => {
                    cache.not_renewed(TOKENS[pod].id(), is_final, now, jitter);
                    if is_final {
                        model.0.insert(pod, None);
                    }
                }
                Step::Pass { seconds } => now += Duration::seconds(seconds),
            }
            prop_assert!(cache.len() <= capacity);
        }
        for (pod, token) in TOKENS.iter().enumerate() {
            model.check(pod, &cache.lookup(token.id(), now), now);
        }
    }
}

fn hit(cache: &mut Cache, pod: usize, now: OffsetDateTime) -> bool {
    matches!(cache.lookup(TOKENS[pod].id(), now), Lookup::Hit(_))
}

#[test]
fn credentials_with_15_seconds_left_are_not_served() {
    let mut cache = Cache::new(CacheSettings::default());
    let end = BEGIN + Duration::hours(1);
    cache.insert(grant(0, 0, end), BEGIN, 0.0).unwrap();
    assert!(hit(&mut cache, 0, end - Duration::seconds(16)));
    assert!(!hit(&mut cache, 0, end - Duration::seconds(15)));
    assert!(cache.is_empty(), "they are dropped");
    assert!(cache.insert(grant(0, 0, BEGIN + Duration::seconds(15)), BEGIN, 0.0).is_err());
    assert!(cache.is_empty());
}

#[test]
fn a_token_that_ended_gets_nothing_more() {
    let mut cache = Cache::new(CacheSettings::default());
    let day = BEGIN + Duration::hours(24) + Duration::minutes(5);
    cache.insert(grant(0, 0, day + Duration::hours(6)), BEGIN, 0.0).unwrap();
    assert!(hit(&mut cache, 0, day - Duration::seconds(1)));
    assert!(!hit(&mut cache, 0, day));
}

#[test]
fn the_least_recently_used_goes_first() {
    let settings = CacheSettings { capacity: 2, ..CacheSettings::default() };
    let mut cache = Cache::new(settings);
    let end = BEGIN + Duration::hours(1);
    for pod in [0, 1] {
        cache.insert(grant(pod, 0, end), BEGIN, 0.0).unwrap();
    }
    assert!(hit(&mut cache, 0, BEGIN));
    cache.insert(grant(2, 0, end), BEGIN, 0.0).unwrap();
    assert!(hit(&mut cache, 0, BEGIN) && !hit(&mut cache, 1, BEGIN) && hit(&mut cache, 2, BEGIN));
    assert_eq!((cache.len(), cache.take_evicted(), cache.take_evicted()), (2, 1, 0));
}

#[test]
fn renewals_are_due_once_the_most_urgent_first_and_again_after_a_failure() {
    let mut cache = Cache::new(CacheSettings::default());
    for (pod, hours) in [(0, 6), (1, 1), (2, 2)] {
        cache.insert(grant(pod, 0, BEGIN + Duration::hours(hours)), BEGIN, 0.0).unwrap();
    }
    let due = |cache: &mut Cache, now, most| -> Vec<usize> {
        cache.due(now, most).iter().map(pods::pod_of).collect()
    };
    assert_eq!(due(&mut cache, BEGIN + Duration::minutes(41), 9), [0_usize; 0]);
    let now = BEGIN + Duration::minutes(100);
    // The first's credentials ended after an hour.
    assert_eq!(due(&mut cache, now, 9), [2]);
    assert_eq!(due(&mut cache, now, 9), [0_usize; 0], "it is being renewed");
    cache.not_renewed(TOKENS[2].id(), false, now, 0.0);
    assert!(hit(&mut cache, 2, now), "they are served meanwhile");
    assert_eq!(due(&mut cache, now + Duration::seconds(59), 9), [0_usize; 0]);
    assert_eq!(due(&mut cache, now + Duration::seconds(60), 9), [2]);
    cache.not_renewed(TOKENS[2].id(), true, now, 0.0);
    assert!(!hit(&mut cache, 2, now), "a final refusal drops them");
    assert_eq!(due(&mut cache, BEGIN + Duration::hours(3), 0), [0_usize; 0]);
    assert_eq!(due(&mut cache, BEGIN + Duration::hours(3), 1), [0]);
}

#[test]
fn a_cache_of_none_keeps_nothing() {
    for settings in [
        CacheSettings { capacity: 0, ..CacheSettings::default() },
        CacheSettings { renew_after: Duration::ZERO, ..CacheSettings::default() },
    ] {
        let mut cache = Cache::new(settings);
        cache.insert(grant(0, 0, BEGIN + Duration::hours(1)), BEGIN, 0.0).unwrap();
        assert!(cache.is_empty());
    }
}

#[test]
fn an_entry_goes_when_its_association_changes() {
    let mut cache = Cache::new(CacheSettings::default());
    let end = BEGIN + Duration::hours(1);
    let (a, b) = (pods::association("A"), pods::association("B"));
    for (pod, association) in [(0, Some(&a)), (1, Some(&b)), (2, None)] {
        let grant = Grant { association: association.cloned(), ..grant(pod, 0, end) };
        cache.insert(grant, BEGIN, 0.0).unwrap();
    }
    cache.drop_changed(|association| *association == *b);
    assert!(!hit(&mut cache, 0, BEGIN) && hit(&mut cache, 1, BEGIN) && hit(&mut cache, 2, BEGIN));
}

#[test]
fn nothing_secret_is_shown() {
    let shown = format!("{:?}", grant(7, 0, BEGIN));
    assert!(shown.contains("KEY-7-0"), "{shown}");
    for secret in ["secret-of", "session-of", TOKENS[7].text().expose()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
