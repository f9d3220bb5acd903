//! Sessions: one an account, renewed with the token that the file has then, filed under the account
//! that they are really in.

use attache_aws_accounts::LinkStatus;
use attache_mediator::{Mediator, MediatorError, Outcome};
use time::{Duration, OffsetDateTime};

use crate::aws::{ACCOUNT, Aws, ec2_error, identity, ok, query_error, session};
use crate::{files, set_up, settings};

#[tokio::test]
async fn a_session_that_lasts_is_assumed_once() {
    let aws = Aws::start(|_| None).await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    setup.scrape().await;
    let calls = aws.calls("AssumeRoleWithWebIdentity");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].input["RoleArn"], "arn:aws:iam::222222222222:role/CauselyAccess");
    assert!(calls[0].input["RoleSessionName"].starts_with("attache-"));
    assert_eq!(calls[0].region, "", "the token signs, nothing else");
    assert_eq!(aws.calls("DescribeVpcs")[0].region, "us-east-1");
}

#[tokio::test]
async fn each_renewal_reads_the_token_anew() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "AssumeRoleWithWebIdentity" => ok(session(OffsetDateTime::now_utc())),
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    std::fs::write(setup.folder.path().join("token"), "the.renewed.token\n").unwrap();
    setup.scrape().await;
    let tokens: Vec<String> = aws
        .calls("AssumeRoleWithWebIdentity")
        .iter()
        .map(|call| call.input["WebIdentityToken"].clone())
        .collect();
    assert_eq!(tokens, ["a.b.c", "the.renewed.token"]);
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_is_used_to_its_end() {
    let aws = Aws::start(|call| match (call.operation.as_str(), call.before) {
        // It began an hour ago by its looks: it is to be renewed at once, and lasts a minute.
        ("AssumeRoleWithWebIdentity", 0) => {
            ok(session(OffsetDateTime::now_utc() + Duration::minutes(1)))
        }
        ("AssumeRoleWithWebIdentity", _) => query_error(403, "AccessDenied", "no more"),
        ("DescribeVpcs", 0) => ec2_error(400, "RequestExpired"),
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    // AWS gave the session up for one call, so the next scrape renews it, in vain.
    assert_eq!(setup.coverage("ec2:vpc").await.status, Outcome::NoSession);
    setup.scrape().await;
    assert_eq!(aws.calls("AssumeRoleWithWebIdentity").len(), 2);
    assert_eq!(setup.complete().await, 10);
    let account = setup.mediator.accounts().await.unwrap().remove(0);
    assert_eq!(account.status, LinkStatus::Warn);
    assert!(account.error.unwrap().message.contains("no more"));
}

#[tokio::test]
async fn resources_are_filed_under_the_account_of_the_session_never_the_claimed_one() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "GetCallerIdentity" => ok(identity("333333333333")),
        "ListTables" => ok(r#"{"TableNames":["orders"]}"#),
        _ => None,
    })
    .await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    let table = setup.resources("dynamodb:table").await.remove(0);
    assert_eq!(table.account, "333333333333");
    assert_eq!(table.arn, "arn:aws:dynamodb:us-east-1:333333333333:table/orders");
    let account = setup.mediator.accounts().await.unwrap().remove(0);
    assert_eq!((account.id.as_str(), account.status), ("333333333333", LinkStatus::Warn));
    let warning = &account.warnings[0];
    assert!(warning.message.contains("claim account 222222222222"), "{}", warning.message);
    assert!(warning.remedy.contains("arn:aws:iam::333333333333:root"), "{}", warning.remedy);
    let marks: Vec<LinkStatus> = account.chain.iter().map(|link| link.status).collect();
    assert_eq!(
        marks,
        [LinkStatus::Ok, LinkStatus::Ok, LinkStatus::Ok, LinkStatus::Warn, LinkStatus::Ok]
    );
}

#[tokio::test]
async fn one_account_that_fails_stops_no_other() {
    let aws = Aws::start(|call| match call.operation.as_str() {
        "AssumeRoleWithWebIdentity" if call.input["RoleArn"].contains("444444444444") => {
            let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
            query_error(403, "AccessDenied", message)
        }
        _ => None,
    })
    .await;
    let folder = files(&[("bad", "444444444444"), ("good", ACCOUNT)]);
    let mediator = Mediator::open(settings(&aws, &folder)).await.unwrap();
    mediator.scrape_once().await.unwrap();
    let accounts = mediator.accounts().await.unwrap();
    assert_eq!(accounts[0].identity_arn, None);
    assert_eq!(accounts[0].status, LinkStatus::Fail);
    let error = accounts[0].error.as_ref().unwrap();
    assert!(error.remedy.contains("arn:aws:iam::444444444444:role/CauselyAccess"), "{error:?}");
    let marks: Vec<LinkStatus> = accounts[0].chain.iter().map(|link| link.status).collect();
    use LinkStatus::{Fail, Ok, Unknown};
    assert_eq!(marks, [Ok, Ok, Fail, Unknown, Fail]);
    assert_eq!(accounts[1].status, Ok);
    let coverage = mediator.coverage().await.unwrap();
    let of = |account: &str, status: Outcome| {
        coverage.iter().filter(|l| l.account == account && l.status == status).count()
    };
    assert_eq!(of("444444444444", Outcome::NoSession), 10);
    assert_eq!(of(ACCOUNT, Outcome::Ok), 10);
}

#[tokio::test]
async fn keys_and_tokens_are_in_no_debug_output_and_no_answer() {
    let aws = Aws::start(|_| None).await;
    let setup = set_up(&aws).await;
    std::fs::write(setup.folder.path().join("token"), "the-token").unwrap();
    setup.scrape().await;
    let accounts = setup.mediator.accounts().await.unwrap();
    let view = setup.mediator.view().await.unwrap();
    let said = format!("{:?} {accounts:?} {view:?}", setup.mediator);
    for secret in ["the-token", "the-secret-key", "the-session-token"] {
        assert!(!said.contains(secret), "{secret} is shown");
    }
}

#[tokio::test]
async fn a_refusal_that_repeats_the_token_or_the_sessions_keys_is_kept_without_them() {
    let repeated = |call: &crate::aws::Call| match call.operation.as_str() {
        "AssumeRoleWithWebIdentity" => {
            let token = &call.input["WebIdentityToken"];
            let message = format!("Value '{token}' at 'webIdentityToken' failed");
            query_error(400, "ValidationError", &message)
        }
        _ => None,
    };
    let canonical =
        "The Canonical String should have been 'x-amz-security-token:the-session-token'";
    let canonical = move |operation: &'static str| {
        move |call: &crate::aws::Call| {
            (call.operation == operation)
                .then(|| query_error(403, "SignatureDoesNotMatch", canonical))
                .flatten()
        }
    };
    for (aws, shown) in [
        (Aws::start(repeated).await, "Value '[hidden]' at 'webIdentityToken'"),
        (Aws::start(canonical("GetCallerIdentity")).await, "x-amz-security-token:[hidden]"),
        (Aws::start(canonical("DescribeDBInstances")).await, "x-amz-security-token:[hidden]"),
    ] {
        let setup = set_up(&aws).await;
        std::fs::write(setup.folder.path().join("token"), "the-token").unwrap();
        setup.scrape().await;
        let accounts = setup.mediator.accounts().await.unwrap();
        let coverage = setup.mediator.coverage().await.unwrap();
        let said = format!("{accounts:?} {coverage:?} {:?}", setup.mediator.view().await.unwrap());
        assert!(said.contains(shown), "{shown}: {said}");
        for secret in ["the-token", "the-secret-key", "the-session-token"] {
            assert!(!said.contains(secret), "{secret} is shown: {said}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_without_a_scheme_is_refused_before_the_token_is_sent_anywhere() {
    let aws = Aws::start(|_| None).await;
    let folder = files(&[("aws-secret", ACCOUNT)]);
    for url in [aws.url.trim_start_matches("http://"), "localhost:4566", "not a url", ""] {
        let mut settings = settings(&aws, &folder);
        settings.endpoint_url = Some(url.to_owned());
        let refused = Mediator::open(settings).await;
        assert!(matches!(refused, Err(MediatorError::Endpoint(_))), "{url:?}");
    }
    assert!(aws.calls("AssumeRoleWithWebIdentity").is_empty());
}
