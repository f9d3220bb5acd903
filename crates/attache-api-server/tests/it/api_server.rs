//! The API server, with one that answers as it is told. `tests/cluster/live.py` asks a real one.

use std::collections::BTreeMap;
use std::time::Duration;

use attache_api_server::{ApiError, ApiServer, Provisioned};
use attache_kubernetes::{ServiceAccount, TokenRequest};
use fake_api_server::{Answer, Calls};
use serde_json::{Value, json};

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

fn server(answers: Vec<Answer>) -> (ApiServer, Calls) {
    let (client, calls) = fake_api_server::client(answers);
    (ApiServer::new(client, "https://server.example"), calls)
}

fn answers(list: &[(u16, Value)]) -> Vec<Answer> {
    list.iter().map(|(status, value)| Answer::json(*status, value)).collect()
}

fn failure(code: u16, message: &str) -> (u16, Value) {
    (code, fake_api_server::failure(code, message))
}

fn account() -> ServiceAccount {
    ServiceAccount::new("causely", "causely-mediator").unwrap()
}

fn paths(asked: &Calls) -> Vec<String> {
    asked.lock().unwrap().iter().map(|call| call.line.clone()).collect()
}

#[tokio::test]
async fn a_token_is_asked_for_one_audience_and_lifetime() {
    let (server, asked) = server(answers(&[(201, json!({"status": {"token": TOKEN}}))]));
    let request = TokenRequest::new(account()).audience("vault");
    assert_eq!(server.token(&request).await.unwrap().expose(), TOKEN);
    let asked = asked.lock().unwrap();
    let path = "POST /api/v1/namespaces/causely/serviceaccounts/causely-mediator/token";
    assert_eq!(asked[0].line, path);
    assert_eq!(asked[0].body["spec"], json!({"audiences": ["vault"], "expirationSeconds": 3600}));
}

/// Neither the error nor the log may have it: serde's errors repeat what they found, and kube logs it.
#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_repeated() {
    for answer in [
        json!({"status": TOKEN}).to_string(),
        json!({"status": {"token": ""}, "other": TOKEN}).to_string(),
        format!("{{\"status\": {{\"token\": {TOKEN}"),
        TOKEN.to_owned(),
    ] {
        let (server, _) = server(vec![Answer::Text(201, answer)]);
        let error = server.token(&TokenRequest::new(account())).await.unwrap_err();
        assert!(matches!(error, ApiError::Answer { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("eyJ"), "{error:?}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_right_that_is_missing() {
    let forbidden = failure(403, "User \"ann\" cannot create resource");
    let (server, _) = server(answers(&[forbidden.clone(), forbidden.clone(), forbidden]));
    let error = server.token(&TokenRequest::new(account())).await.unwrap_err();
    assert!(!error.is_unreachable());
    let access = error.forbidden().unwrap();
    assert_eq!((access.verb(), access.resource()), ("create", "serviceaccounts/token".to_owned()));
    let can_i = "auth can-i create serviceaccounts/causely-mediator --subresource=token -n causely";
    assert_eq!(access.can_i().join(" "), can_i);
    let error = server.secret("causely", "aws-secret").await.unwrap_err();
    assert_eq!(
        error.forbidden().unwrap().can_i().join(" "),
        "auth can-i get secrets/aws-secret -n causely"
    );
    let error = server.issuer().await.unwrap_err();
    assert_eq!(
        error.forbidden().unwrap().can_i().join(" "),
        "auth can-i get /.well-known/openid-configuration"
    );
    assert!(error.to_string().contains("User \"ann\" cannot create resource"), "{error}");
}

#[tokio::test]
async fn absent_is_told_apart_from_refused() {
    let absent = failure(404, "not found");
    let (server, _) =
        server(answers(&[absent.clone(), absent.clone(), absent, failure(500, "etcd")]));
    assert_eq!(server.annotations(&account()).await.unwrap(), None);
    assert!(server.secret("a", "b").await.unwrap().is_none());
    let error = server.token(&TokenRequest::new(account())).await.unwrap_err();
    assert!(matches!(error, ApiError::NotFound { .. }), "{error:?}");
    let error = server.annotations(&account()).await.unwrap_err();
    assert!(matches!(error, ApiError::Refused { code: 500, .. }), "{error:?}");
}

#[tokio::test]
async fn no_answer_is_waited_for_no_longer_than_the_limit() {
    let (server, _) = server(vec![Answer::Never]);
    let server = server.limit(Duration::from_millis(50));
    let error = server.annotations(&account()).await.unwrap_err();
    assert!(matches!(error, ApiError::Timeout { .. }) && error.is_unreachable(), "{error:?}");
    assert!(error.to_string().contains("did not answer within 50ms"), "{error}");
    let (server, _) = self::server(answers(&[failure(401, "Unauthorized")]));
    assert!(server.annotations(&account()).await.unwrap_err().is_unreachable());
}

#[tokio::test]
async fn names_are_listed() {
    let list = json!({"items": [{"metadata": {"name": "a", "namespace": "x"}}, {"metadata": {}},
        {"metadata": {"name": "b", "namespace": "y"}}]});
    let (server, asked) = server(answers(&[(200, list.clone()), (200, list)]));
    assert_eq!(server.account_names("causely").await.unwrap(), ["a", "b"]);
    assert_eq!(server.namespaces_with("a").await.unwrap(), ["x", "y"]);
    assert!(paths(&asked)[1].ends_with("&fieldSelector=metadata.name%3Da"));
}

#[tokio::test]
async fn the_issuer_and_its_keys_are_the_servers_own() {
    let key = attache_oidc::SigningKey::generate(attache_oidc::Algorithm::Es256).unwrap();
    let keys: Value = serde_json::from_str(&attache_oidc::Jwks::of(&[&key]).to_json()).unwrap();
    // Its jwks_uri is an address in the cluster, which is not asked.
    let document = |issuer: &str| json!({"issuer": issuer, "jwks_uri": "https://10.0.0.1/keys"});
    let good = (200, document("https://issuer.example/prod"));
    let (server, asked) = server(answers(&[
        good.clone(),
        (200, keys),
        (200, document("http://issuer.example")),
        good.clone(),
        (200, json!({"keys": []})),
        good,
        (200, json!("eyJ")),
    ]));
    let issuer = server.issuer().await.unwrap();
    assert_eq!(issuer.url().as_str(), "https://issuer.example/prod");
    assert_eq!(issuer.keys().key_ids().collect::<Vec<_>>(), [key.key_id()]);
    let wanted = ["GET /.well-known/openid-configuration", "GET /openid/v1/jwks"];
    assert_eq!(paths(&asked), wanted);
    let error = server.issuer().await.unwrap_err();
    assert!(matches!(error, ApiError::Issuer { .. }), "{error:?}");
    for _ in 0..2 {
        let error = server.issuer().await.unwrap_err();
        assert!(matches!(error, ApiError::Keys { .. }), "{error:?}");
    }
}

fn made(uid: &str) -> (u16, Value) {
    (201, json!({"metadata": {"uid": uid}}))
}

fn annotations() -> BTreeMap<String, String> {
    BTreeMap::from([("eks.amazonaws.com/role-arn".to_owned(), "arn".to_owned())])
}

#[tokio::test]
async fn what_was_made_is_removed_and_nothing_else() {
    let absent = failure(404, "not found");
    let (server, asked) = server(answers(&[(200, json!({})), absent, made("2"), (200, json!({}))]));
    let mut provisioned = Provisioned::default();
    server.provision(&account(), &annotations(), &mut provisioned).await.unwrap();
    assert_eq!(provisioned.names(), ["serviceaccount causely/causely-mediator"]);
    server.remove(&mut provisioned).await.unwrap();
    assert!(provisioned.names().is_empty());
    let path = "/api/v1/namespaces/causely/serviceaccounts/causely-mediator";
    let wanted = [
        "GET /api/v1/namespaces/causely".to_owned(),
        format!("GET {path}"),
        format!("PATCH {path}?fieldManager=attache-quickstart"),
        format!("DELETE {path}"),
    ];
    assert_eq!(paths(&asked), wanted);
    let asked = asked.lock().unwrap();
    assert_eq!(asked[2].body["metadata"]["annotations"]["eks.amazonaws.com/role-arn"], "arn");
    assert_eq!(asked[3].body["preconditions"], json!({"uid": "2"}));
}

#[tokio::test]
async fn what_was_made_before_a_failure_is_known() {
    let absent = failure(404, "not found");
    let (server, _) = server(answers(&[
        absent.clone(),
        made("1"),
        absent,
        failure(403, "no"),
        failure(409, "another uid"),
    ]));
    let mut provisioned = Provisioned::default();
    let error = server.provision(&account(), &annotations(), &mut provisioned).await.unwrap_err();
    assert_eq!(error.forbidden().unwrap().verb(), "patch");
    assert_eq!(provisioned.names(), ["namespace causely"]);
    // It is another one by now.
    server.remove(&mut provisioned).await.unwrap();
    assert!(provisioned.names().is_empty());
}

#[tokio::test]
async fn what_cannot_be_removed_is_still_known() {
    let absent = failure(404, "not found");
    let (server, _) = server(answers(&[
        absent.clone(),
        made("1"),
        absent,
        made("2"),
        (200, json!({})),
        failure(403, "no"),
    ]));
    let mut provisioned = Provisioned::default();
    server.provision(&account(), &annotations(), &mut provisioned).await.unwrap();
    assert!(server.remove(&mut provisioned).await.unwrap_err().forbidden().is_some());
    assert_eq!(provisioned.names(), ["namespace causely"]);
}
