//! What a cluster issues and publishes.

use attache_kubernetes::{Bound, ClusterError, Issuer, KeyChange, ServiceAccount, TokenRequest};
use attache_oidc::{Algorithm, Jwks, SigningKey, UnverifiedToken};
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-11-01 12:00 UTC);

fn issuer() -> Issuer {
    let url = attache_identifiers::Issuer::parse("https://issuer.example/cluster").unwrap();
    Issuer::new(url, SigningKey::generate(Algorithm::Es256).unwrap())
}

fn mediator() -> ServiceAccount {
    ServiceAccount::new("causely", "causely-mediator").unwrap()
}

#[test]
fn a_token_has_the_claims_of_the_kubelets() {
    let issuer = issuer();
    let request = TokenRequest::new(mediator())
        .pod(Bound::new("causely-mediator-0"))
        .node(Bound::new("node-1"));
    let token = issuer.mint(&request, NOW).unwrap();
    let read = UnverifiedToken::parse(token.expose()).unwrap();
    let verified = read.verify(&issuer.jwks(), NOW).unwrap();
    let claims = verified.claims().to_map();
    let members: Vec<&String> = claims.keys().collect();
    assert_eq!(members, ["iss", "sub", "aud", "iat", "nbf", "exp", "jti", "kubernetes.io"]);
    assert_eq!(claims["iss"], "https://issuer.example/cluster");
    assert_eq!(claims["sub"], "system:serviceaccount:causely:causely-mediator");
    assert_eq!(claims["aud"], json!(["sts.amazonaws.com"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    let kubernetes = &claims["kubernetes.io"];
    assert_eq!(kubernetes["namespace"], "causely");
    for (kind, name) in
        [("serviceaccount", "causely-mediator"), ("pod", "causely-mediator-0"), ("node", "node-1")]
    {
        assert_eq!(kubernetes[kind]["name"], name);
        assert_eq!(kubernetes[kind]["uid"].as_str().unwrap().len(), 36);
    }
}

#[test]
fn each_token_is_new_and_each_account_the_same() {
    let (issuer, request) = (issuer(), TokenRequest::new(mediator()));
    let claims = || {
        let token = issuer.mint(&request, NOW).unwrap();
        UnverifiedToken::parse(token.expose()).unwrap().claims().to_map()
    };
    let (one, two) = (claims(), claims());
    assert_ne!(one["jti"], two["jti"]);
    assert_eq!(one["kubernetes.io"], two["kubernetes.io"]);
}

#[test]
fn a_token_lives_as_long_as_kubernetes_lets_it() {
    let request = || TokenRequest::new(mediator());
    for (seconds, good) in
        [(-1, false), (0, false), (599, false), (600, true), (86_400, true), (1 << 32, true)]
    {
        assert_eq!(request().lifetime(Duration::seconds(seconds)).is_ok(), good, "{seconds}");
    }
    let over = request().lifetime(Duration::seconds((1 << 32) + 1));
    assert!(matches!(over, Err(ClusterError::Lifetime { seconds: 4_294_967_297 })));
    let other = request().audience("pods.eks.amazonaws.com");
    let token = issuer().mint(&other, NOW).unwrap();
    let read = UnverifiedToken::parse(token.expose()).unwrap();
    assert_eq!(read.audience(), Ok("pods.eks.amazonaws.com"));
}

#[test]
fn a_published_folder_leads_from_the_issuer_to_its_keys() {
    let (issuer, folder) = (issuer(), tempfile::tempdir().unwrap());
    // Twice: publishing again replaces.
    issuer.published().write(folder.path()).unwrap();
    issuer.published().write(folder.path()).unwrap();
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    let discovery: Value = serde_json::from_str(&read(".well-known/openid-configuration")).unwrap();
    assert_eq!(discovery["issuer"], "https://issuer.example/cluster");
    let jwks_uri = discovery["jwks_uri"].as_str().unwrap();
    let path = jwks_uri.strip_prefix("https://issuer.example/cluster/").unwrap();
    assert_eq!(Jwks::parse(&read(path)).unwrap(), issuer.jwks());
    let token = issuer.mint(&TokenRequest::new(mediator()), NOW).unwrap();
    let judged = UnverifiedToken::parse(token.expose()).unwrap();
    judged.verify(&Jwks::parse(&read(path)).unwrap(), NOW).unwrap();
    let files = walk(folder.path());
    assert_eq!(files, [".well-known/openid-configuration", "jwks.json"], "nothing left over");
}

fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name().into_string().unwrap())
        };
        if path.is_dir() {
            found.extend(walk(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn names_of_service_accounts() {
    for (namespace, name) in [("causely", "causely-mediator"), ("a", "x.y-z.0"), ("0", "1")] {
        let account = ServiceAccount::new(namespace, name).unwrap();
        assert_eq!(ServiceAccount::from_subject(&account.subject()).unwrap(), account);
        assert_eq!(account.to_string(), format!("{namespace}/{name}"));
    }
    let long = "x".repeat(64);
    for (namespace, name) in [
        ("", "a"),
        ("a", ""),
        ("A", "a"),
        ("a.b", "a"),
        ("-a", "a"),
        ("a-", "a"),
        ("a", "a..b"),
        ("a", "a:b"),
        ("a", "a/b"),
        (&long, "a"),
        ("a", &"x".repeat(254)),
    ] {
        let made = ServiceAccount::new(namespace, name);
        assert!(matches!(made, Err(ClusterError::Name { .. })), "{namespace}/{name}");
    }
    for subject in ["", "alice", "system:serviceaccount:causely", "system:serviceaccount:a:b:c"] {
        assert!(ServiceAccount::from_subject(subject).is_err(), "{subject}");
    }
}

#[test]
fn keys_change_with_overlap() {
    let key = || SigningKey::generate(Algorithm::Es256).unwrap();
    let (old, new, other) = (key(), key(), key());
    let published = Jwks::of(&[&old]);
    let ids = |change: &KeyChange| change.keys.key_ids().map(str::to_owned).collect::<Vec<_>>();
    let id = |key: &SigningKey| key.key_id().to_owned();

    let same = KeyChange::between(&published, &published, false, &[]).unwrap();
    assert_eq!(same, KeyChange { keys: published.clone(), ..KeyChange::default() });

    let kept = KeyChange::between(&published, &Jwks::of(&[&new]), true, &[]).unwrap();
    assert_eq!(ids(&kept), [id(&new), id(&old)]);
    assert_eq!((kept.added, kept.kept, kept.removed), (vec![id(&new)], vec![id(&old)], vec![]));

    let replaced = KeyChange::between(&published, &Jwks::of(&[&new]), false, &[]).unwrap();
    assert_eq!((ids(&replaced), &replaced.removed), (vec![id(&new)], &vec![id(&old)]));

    let both = Jwks::of(&[&old, &other]);
    let one = KeyChange::between(&both, &Jwks::of(&[&new]), true, &[id(&old)]).unwrap();
    assert_eq!((ids(&one), one.removed), (vec![id(&new), id(&other)], vec![id(&old)]));

    for (what, given, gone) in [
        ("a key that is given", Jwks::of(&[&old]), id(&old)),
        ("a key that is not published", Jwks::of(&[&new]), id(&other)),
    ] {
        let refused = KeyChange::between(&published, &given, true, &[gone]);
        assert!(matches!(refused, Err(ClusterError::Removal { .. })), "{what}");
    }
}
