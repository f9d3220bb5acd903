//! An endpoint that never ends costs its own type's coverage and nothing else.

use std::time::Duration;

use attache_mediator::{Limits, Mediator, Outcome};

use crate::aws::{ACCOUNT, Aws, Call, Say, instances, ok};
use crate::{Setup, files, settings};

/// What comes of a first scrape of EC2 instances that are answered so, within these limits.
async fn scraped(
    limits: Limits,
    answer: impl Fn(&Call) -> Option<Say> + Send + Sync + 'static,
) -> (attache_mediator::Coverage, Setup) {
    let aws =
        Aws::start(move |call| (call.operation == "DescribeInstances").then(|| answer(call))?)
            .await;
    let folder = files(&[("aws-secret", ACCOUNT)]);
    let mut settings = settings(&aws, &folder);
    settings.limits = limits;
    let setup = Setup { mediator: Mediator::open(settings).await.unwrap(), folder };
    setup.scrape().await;
    (setup.coverage("ec2:instance").await, setup)
}

/// Another page always follows: its token has not come before, nor have its ids.
fn endless(call: &Call) -> Option<Say> {
    let nth = call.before;
    let ids: Vec<String> = (0..100).map(|n| format!("i-{nth}-{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ok(instances(&ids, Some(&format!("token-{nth}"))))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_without_end_is_given_up_at_each_bound_and_the_coverage_says_which() {
    let few = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        limits
    };
    for (limits, message) in [
        (few(|l| l.pages = 7), "more than 7 pages"),
        (few(|l| l.resources = 250), "more than 250 resources"),
        (few(|l| l.listing_bytes = 100_000), "take more than 100000 bytes"),
        (few(|l| l.answer_bytes = 5_000), "one of its answers has more than 5000 bytes"),
        (few(|l| l.process_bytes = 100 * 1024), "all listings together take the 102400 bytes"),
        (few(|l| l.time = Duration::from_millis(300)), "not complete after 0.3 s"),
    ] {
        let (coverage, setup) = scraped(limits, endless).await;
        assert_eq!(coverage.status, Outcome::Failed, "{coverage:?}");
        assert!(coverage.message.contains(message), "{message}: {coverage:?}");
        assert!(!coverage.remedy.is_empty());
        assert_eq!(coverage.count, 0);
        assert_eq!(setup.complete().await, 9, "the other types: {message}");
    }
}

#[tokio::test]
async fn a_page_without_resources_is_not_asked_for_again_and_again() {
    let limits = Limits { pages: 20, ..Limits::default() };
    let empty = |call: &Call| ok(instances(&[], Some(&format!("t{}", call.before))));
    let (coverage, _setup) = scraped(limits, empty).await;
    assert!(coverage.message.contains("more than 20 pages"), "{coverage:?}");
    assert_eq!(coverage.calls, 20);
}

#[tokio::test]
async fn a_token_that_comes_again_is_an_error_however_long_the_circle() {
    for length in [1, 2, 5] {
        let circle =
            move |call: &Call| ok(instances(&["i-1"], Some(&format!("t{}", call.before % length))));
        let (coverage, _setup) = scraped(Limits::default(), circle).await;
        assert!(coverage.message.contains("circle"), "{coverage:?}");
        assert_eq!(coverage.calls, u64::try_from(length).unwrap() + 1);
    }
}

#[tokio::test]
async fn a_token_that_is_none_ends_nothing() {
    let long = "t".repeat(20_000);
    for (token, message) in [
        ("<nextToken><a>1</a></nextToken>", "nextToken is not one token"),
        ("<nextToken>a</nextToken><nextToken>b</nextToken>", "nextToken is not one token"),
        (&format!("<nextToken>{long}</nextToken>"), "more than 16384 bytes"),
    ] {
        let token = token.to_owned();
        let answer = move |_: &Call| {
            ok(instances(&["i-1"], None).replace("</Desc", &format!("{token}</Desc")))
        };
        let (coverage, _setup) = scraped(Limits::default(), answer).await;
        assert_eq!(coverage.status, Outcome::Failed, "{coverage:?}");
        assert!(coverage.message.contains(message), "{coverage:?}");
        assert!(!coverage.message.contains("tttt"), "the token is not repeated");
    }
}

#[tokio::test]
async fn an_error_without_end_is_told_by_its_status() {
    let long = format!("<Error><Code>Odd</Code><Message>{}</Message></Error>", "x".repeat(1 << 20));
    let answer = move |_: &Call| Some(Say::Answer(400, long.clone()));
    let (coverage, _setup) = scraped(Limits::default(), answer).await;
    assert!(coverage.message.contains("HTTP400"), "{coverage:?}");
}
