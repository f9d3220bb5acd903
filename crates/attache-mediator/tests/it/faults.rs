//! What goes wrong stays where it went wrong, and deletes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use attache_mediator::Outcome;

use crate::aws::{Aws, Say, ec2_error, instances, ok, query_error};
use crate::set_up;

/// Two instances in the first scrape; then whatever the case says.
async fn second_scrape(then: impl Fn(usize) -> Option<Say> + Send + Sync + 'static) -> Verdict {
    let broken = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&broken);
    let aws = Aws::start(move |call| match call.operation.as_str() {
        "DescribeInstances" if switch.load(Ordering::SeqCst) => then(call.before - 1),
        "DescribeInstances" => ok(instances(&["i-1", "i-2"], None)),
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    broken.store(true, Ordering::SeqCst);
    setup.scrape().await;
    let coverage = setup.coverage("ec2:instance").await;
    Verdict {
        status: coverage.status,
        message: coverage.message,
        remedy: coverage.remedy,
        calls: coverage.calls,
        count: coverage.count,
        ids: setup.ids("ec2:instance").await,
        others_complete: setup.complete().await,
    }
}

#[derive(Debug)]
struct Verdict {
    status: Outcome,
    message: String,
    remedy: String,
    calls: u64,
    count: usize,
    ids: Vec<String>,
    others_complete: usize,
}

impl Verdict {
    /// The type has this outcome; the nine others are complete; both instances are still known.
    fn is(&self, status: Outcome, message: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.message.contains(message), "{self:?}");
        assert!(!self.remedy.is_empty(), "{self:?}");
        assert_eq!(self.ids, ["i-1", "i-2"], "nothing is deleted: {self:?}");
        assert_eq!(self.count, 2);
        assert_eq!(self.others_complete, 9);
    }
}

#[tokio::test]
async fn a_call_that_the_role_may_not_make_is_denied_and_not_tried_again() {
    let verdict = second_scrape(|_| ec2_error(403, "UnauthorizedOperation")).await;
    verdict.is(Outcome::Denied, "as the test says");
    assert_eq!(verdict.calls, 1);
    assert!(verdict.remedy.contains("ec2:DescribeInstances"), "{}", verdict.remedy);
}

#[tokio::test]
async fn a_role_without_rds_leaves_rds_denied_and_the_rest_complete() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "DescribeDBInstances" => query_error(403, "AccessDenied", "User: x is not authorized"),
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    assert_eq!(setup.coverage("rds:db").await.status, Outcome::Denied);
    assert_eq!(setup.complete().await, 9);
}

#[tokio::test]
async fn throttling_is_waited_out() {
    let verdict = second_scrape(|nth| match nth {
        0 => ec2_error(503, "RequestLimitExceeded"),
        1 => ec2_error(400, "Throttling"),
        _ => ok(instances(&["i-1", "i-3"], None)),
    })
    .await;
    assert_eq!((verdict.status, verdict.calls), (Outcome::Ok, 3), "{verdict:?}");
    assert_eq!(verdict.ids, ["i-1", "i-3"], "what vanished is removed by a complete listing");
}

#[tokio::test]
async fn throttling_that_does_not_end_is_named_after_five_attempts() {
    let verdict = second_scrape(|_| ec2_error(503, "RequestLimitExceeded")).await;
    verdict.is(Outcome::Throttled, "RequestLimitExceeded");
    assert_eq!(verdict.calls, 5);
}

#[tokio::test]
async fn a_server_that_fails_once_is_asked_again() {
    let verdict = second_scrape(|nth| match nth {
        0 => Some(Say::Answer(502, "<html>bad gateway</html>".to_owned())),
        1 => Some(Say::BreakOff("<DescribeInstancesResponse><reser".to_owned())),
        _ => ok(instances(&["i-1", "i-2"], None)),
    })
    .await;
    assert_eq!((verdict.status, verdict.calls), (Outcome::Ok, 3), "{verdict:?}");
}

#[tokio::test]
async fn an_answer_that_always_breaks_off_is_no_answer() {
    let start = "<DescribeInstancesResponse><reservationSet>".to_owned();
    let verdict = second_scrape(move |_| Some(Say::BreakOff(start.clone()))).await;
    verdict.is(Outcome::Failed, "no answer");
}

#[tokio::test]
async fn an_error_that_nobody_knows_is_told_as_it_is() {
    let verdict = second_scrape(|_| ec2_error(400, "SomethingNew")).await;
    verdict.is(Outcome::Failed, "SomethingNew (HTTP 400): as the test says");
    assert_eq!(verdict.calls, 1);
}

#[tokio::test]
async fn paging_in_a_circle_ends_at_the_first_token_that_comes_twice() {
    let verdict = second_scrape(|nth| ok(instances(&["i-9"], Some(["a", "b"][nth % 2])))).await;
    verdict.is(Outcome::Failed, "circle");
    assert_eq!(verdict.calls, 3);
}

#[tokio::test]
async fn a_fault_on_a_later_page_changes_nothing() {
    let verdict = second_scrape(|nth| match nth {
        0 => ok(instances(&["i-1"], Some("p2"))),
        _ => ec2_error(403, "UnauthorizedOperation"),
    })
    .await;
    verdict.is(Outcome::Denied, "UnauthorizedOperation");
}

#[tokio::test]
async fn an_answer_that_is_not_the_operations_is_not_an_empty_one() {
    for (body, message) in [
        ("<html><body>sign in</body></html>", "found <html>"),
        ("<DescribeInstancesResponse><reservationSet>", "malformed XML"),
        ("<DescribeInstancesResponse/>", "namespace"),
        ("<!DOCTYPE x><DescribeInstancesResponse/>", "DOCTYPE"),
        ("", "it is empty"),
        ("{}", "malformed XML"),
    ] {
        second_scrape(move |_| ok(body)).await.is(Outcome::Failed, message);
    }
}

#[tokio::test]
async fn an_empty_json_answer_is_an_empty_listing_only_where_aws_says_so() {
    let aws = Aws::start(|call| (call.operation == "ListTables").then(|| ok("{}"))?).await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    assert_eq!(setup.coverage("dynamodb:table").await.status, Outcome::Failed);
    assert_eq!(setup.coverage("sqs:queue").await.status, Outcome::Ok);
}
