//! Many pods at once, with renewals, evictions and refusals between them.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use attache_agent::{CacheSettings, Exchange, ExchangeError, ExchangeSettings, Metrics};
use tokio_util::sync::CancellationToken;

use crate::pods::{self, Log, Source, TestClock};

fn client(pod: usize) -> IpAddr {
    IpAddr::from([10, 0, (pod / 250) as u8, (pod % 250) as u8])
}

fn exchange(
    clock: fn() -> time::OffsetDateTime,
    capacity: usize,
    slow: u64,
) -> (Exchange, Arc<Log>) {
    let log = Arc::new(Log::default());
    let life = time::Duration::hours(1);
    let source = Source { log: Arc::clone(&log), clock, life, slow };
    let cache = CacheSettings { capacity, ..CacheSettings::default() };
    let settings = ExchangeSettings { cache, renewals_per_second: 50 };
    (Exchange::new(Box::new(source), settings, clock, Arc::new(Metrics::default())), log)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_pods_at_once_each_get_their_own() {
    static CLOCK: TestClock = TestClock::new();
    // Room for a fifth: each round evicts, and renewals meet requests.
    let (exchange, log) = exchange(|| CLOCK.now(), 200, 3);
    let stop = CancellationToken::new();
    let renewals = tokio::spawn({
        let (exchange, stop) = (exchange.clone(), stop.clone());
        async move { exchange.keep_renewed(stop).await }
    });
    let tokens = pods::tokens(1_000, CLOCK.now());
    for round in 0..6 {
        let mut requests = tokio::task::JoinSet::new();
        for step in 0..3_000_usize {
            let pod = step.wrapping_mul(7_919 + round) % tokens.len();
            let (exchange, token) = (exchange.clone(), tokens[pod].clone());
            requests.spawn(async move { (pod, exchange.credentials(token, client(pod)).await) });
        }
        while let Some(ended) = requests.join_next().await {
            match ended.unwrap() {
                (pod, Ok(given)) => assert!(pods::is_of(pod, &given), "pod {pod} got {given:?}"),
                // More tokens at once than are waited for.
                (_, Err(error)) => assert_eq!(error, ExchangeError::Busy),
            }
        }
        assert!(exchange.cached() <= 200);
        CLOCK.advance(time::Duration::minutes(20));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    stop.cancel();
    renewals.await.unwrap();
    assert!(log.calls.load(Ordering::SeqCst) > 1_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_waits_for_one_token_waits_for_one_call() {
    static CLOCK: TestClock = TestClock::new();
    let (exchange, log) = exchange(|| CLOCK.now(), 10, 50);
    let token = pods::tokens(1, CLOCK.now()).remove(0);
    let waiting: Vec<_> = (0..500)
        .map(|_| {
            let (exchange, token) = (exchange.clone(), token.clone());
            tokio::spawn(async move { exchange.credentials(token, client(0)).await })
        })
        .collect();
    // A client that does not wait any longer does not end the call.
    waiting[0].abort();
    for one in waiting.into_iter().skip(1) {
        assert!(pods::is_of(0, &one.await.unwrap().unwrap()));
    }
    assert_eq!(log.calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refusal_that_passes_leaves_the_cached_credentials_and_a_final_one_does_not() {
    static CLOCK: TestClock = TestClock::new();
    let (exchange, log) = exchange(|| CLOCK.now(), 10, 0);
    let stop = CancellationToken::new();
    let tokens = pods::tokens(1, CLOCK.now());
    let ask = || exchange.credentials(tokens[0].clone(), client(0));
    ask().await.unwrap();
    let renewals = tokio::spawn({
        let (exchange, stop) = (exchange.clone(), stop.clone());
        async move { exchange.keep_renewed(stop).await }
    });
    let called = async |count: usize| {
        for _ in 0..100 {
            if log.calls.load(Ordering::SeqCst) >= count {
                // What the call ends in is written after it.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not renewed");
    };
    let refuse = |code| *log.refuse.lock().unwrap() = Some(ExchangeError::refused(code, "x"));
    refuse("InternalServerException");
    CLOCK.advance(time::Duration::minutes(45));
    called(2).await;
    ask().await.expect("the cached ones are served while they are valid");
    refuse("ResourceNotFoundException");
    CLOCK.advance(time::Duration::minutes(3));
    called(3).await;
    assert_eq!(ask().await.unwrap_err().status(), 404);
    stop.cancel();
    renewals.await.unwrap();
}

#[tokio::test]
async fn credentials_of_an_association_that_changed_meanwhile_are_not_given() {
    static CLOCK: TestClock = TestClock::new();
    let (exchange, log) = exchange(|| CLOCK.now(), 10, 0);
    let token = pods::tokens(1, CLOCK.now()).remove(0);
    *log.association.lock().unwrap() = Some(pods::association("A"));
    exchange.credentials(token.clone(), client(0)).await.unwrap();
    exchange.drop_changed();
    assert_eq!(exchange.cached(), 1, "nothing changed");
    *log.association.lock().unwrap() = Some(pods::association("B"));
    exchange.drop_changed();
    assert_eq!(exchange.cached(), 0);
    let slow = exchange.credentials(token.clone(), client(0)).await.unwrap();
    assert!(pods::is_of(0, &slow));
    assert_eq!(log.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn one_client_with_ever_new_tokens_leaves_room_for_the_others() {
    static CLOCK: TestClock = TestClock::new();
    let (exchange, _log) = exchange(|| CLOCK.now(), 2_000, 60);
    let tokens = pods::tokens(301, CLOCK.now());
    let flood: Vec<_> = tokens[..300]
        .iter()
        .map(|token| {
            let (exchange, token) = (exchange.clone(), token.clone());
            tokio::spawn(async move { exchange.credentials(token, client(0)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    assert!(exchange.credentials(tokens[300].clone(), client(1)).await.is_ok());
    let mut busy = 0;
    for one in flood {
        busy += usize::from(one.await.unwrap().is_err_and(|e| e == ExchangeError::Busy));
    }
    assert!(busy > 100, "{busy}");
}
