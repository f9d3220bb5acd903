use std::time::{Duration, Instant};

use attache_serving::Limits;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::site::{LIMITS, Site, ask, rest};

#[tokio::test]
async fn one_connection_too_many_is_closed_and_its_place_is_free_again() {
    let site = Site::start(Limits { connections: 1, ..LIMITS }, None).await;
    let first = site.connect().await;
    // The first one is accepted before the second one.
    assert_eq!(ask(site.connect().await, "0").await, "");
    assert!(ask(first, "0").await.ends_with("after 0"));
    let mut again = String::new();
    for _ in 0..50 {
        again = ask(site.connect().await, "0").await;
        if !again.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(again.ends_with("after 0"), "{again}");
}

#[tokio::test]
async fn a_head_that_does_not_end_ends_its_connection() {
    let site = Site::start(LIMITS, None).await;
    let mut stream = site.connect().await;
    stream.write_all(b"GET /0 HTT").await.unwrap();
    let begun = Instant::now();
    assert!(!rest(stream).await.contains("after"));
    assert!(begun.elapsed() >= LIMITS.head, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let site = Site::start(LIMITS, None).await;
    let answer = ask(site.connect().await, &"x".repeat(20_000)).await;
    assert!(!answer.contains("200 OK"), "{}", &answer[..answer.len().min(100)]);
    let answer = ask(site.connect().await, &"x".repeat(4_000)).await;
    assert!(answer.contains("200 OK"), "{}", &answer[..answer.len().min(100)]);
}

#[tokio::test]
async fn running_requests_end_and_new_connections_are_refused() {
    let site = Site::start(LIMITS, None).await;
    let running = tokio::spawn(ask(site.connect().await, "600"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Idle, and so of no account.
    let _idle = site.connect().await;
    site.stop.cancel();
    let begun = Instant::now();
    assert!(running.await.unwrap().ends_with("after 600"));
    site.served.await.unwrap();
    assert!(begun.elapsed() < LIMITS.end, "{:?}", begun.elapsed());
    assert!(TcpStream::connect(site.address).await.is_err());
}

#[tokio::test]
async fn a_request_that_takes_too_long_does_not_keep_the_server() {
    let limits = Limits { end: Duration::from_millis(300), ..LIMITS };
    let site = Site::start(limits, None).await;
    let running = tokio::spawn(ask(site.connect().await, "4000"));
    tokio::time::sleep(Duration::from_millis(200)).await;
    site.stop.cancel();
    let begun = Instant::now();
    site.served.await.unwrap();
    let took = begun.elapsed();
    assert!(took >= limits.end && took < Duration::from_secs(2), "{took:?}");
    running.abort();
}
