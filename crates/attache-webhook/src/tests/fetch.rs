use std::sync::Arc;
use std::time::{Duration, Instant};

use super::api::account;
use attache_admission::Settings;
use fake_api_server::{Answer, repeating_client};

use crate::cluster::{FetchError, Fetched, Fetcher};

fn fetcher(answers: Vec<Answer>) -> (Fetcher, fake_api_server::Calls) {
    let (client, asked) = repeating_client(answers);
    (Fetcher::new(client, Arc::new(Settings::default()), Duration::from_millis(300)), asked)
}

#[tokio::test]
async fn a_hundred_pods_of_one_account_ask_for_it_once() {
    let (fetcher, asked) = fetcher(vec![Answer::json(200, &account("a", Some("A")))]);
    let all = futures_util::future::join_all((0..100).map(|_| fetcher.fetch("causely", "a"))).await;
    for one in all {
        assert!(matches!(&one, Fetched::Found(found) if found.role() == Some("A")), "{one:?}");
    }
    assert_eq!(asked.lock().unwrap().len(), 1);
    // What was asked for is not kept: the watch has it soon, and knows more.
    fetcher.fetch("causely", "a").await;
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        asked[0].line.split('?').next(),
        Some("GET /api/v1/namespaces/causely/serviceaccounts/a")
    );
}

#[tokio::test]
async fn absent_refused_and_silent() {
    let (absent, _) = fetcher(vec![Answer::failure(404, "NotFound")]);
    assert!(matches!(absent.fetch("causely", "a").await, Fetched::Absent));
    let (refused, _) = fetcher(vec![Answer::failure(403, "Forbidden")]);
    let answer = refused.fetch("causely", "a").await;
    assert!(matches!(answer, Fetched::Failed(FetchError::Api(_))), "{answer:?}");
    let (silent, _) = fetcher(vec![Answer::Never]);
    let begun = Instant::now();
    // More than are asked at once: waiting for a turn is within the limit, too.
    let all = futures_util::future::join_all((0..50).map(|number| {
        let name = format!("a{number}");
        let silent = &silent;
        async move { silent.fetch("causely", &name).await }
    }));
    for one in all.await {
        assert!(matches!(one, Fetched::Failed(FetchError::Timeout(_))), "{one:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}
