//! An issuer that nobody gave keys of is asked for them: by AWS's rules, and no more than it must be.

use std::time::Duration;

use attache_authority::{Authority, Data, DiscoverySettings, Settings};
use attache_identifiers::Secret;
use attache_oidc::{Algorithm, Jwks, SigningKey};
use attache_oidc_discovery::FetchSettings;
use tempfile::TempDir;

use crate::support::site::{Chain, Page, Site};
use crate::support::{AUDIENCE, ISSUER, SOURCE, SUBJECT, TARGET, World, account, claims};

const HOST: &str = "oidc.eks.us-east-1.amazonaws.com";
const DOCUMENT: &str = "/id/ABC/.well-known/openid-configuration";
const KEYS: &str = "/keys";
const INVALID: &str = "InvalidIdentityToken";
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please \
                      reference AssumeRoleWithWebIdentity documentation for requirements";
const THUMBPRINT: &str =
    "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint";

/// Long enough to be seen, short enough to wait for.
const PAUSE: Duration = Duration::from_millis(300);

/// An authority, and the site of the issuer that it has to ask.
struct Asking {
    world: World,
    site: Site,
    chain: Chain,
    _folder: TempDir,
}

impl Asking {
    /// The site's authority is believed.
    async fn new() -> Self {
        Self::with(Chain::by_authority(HOST), true, |_| {}).await
    }

    async fn with(chain: Chain, believed: bool, set: impl FnOnce(&mut DiscoverySettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::start(&chain).await;
        let top = chain.write_top(folder.path());
        let mut discovery = DiscoverySettings {
            fetch: FetchSettings {
                private: true,
                authorities: if believed { vec![top] } else { Vec::new() },
                addresses: vec![(HOST.to_owned(), site.address)],
                time: Duration::from_secs(2),
            },
            backoff: PAUSE,
            ..DiscoverySettings::default()
        };
        set(&mut discovery);
        let settings = Settings {
            discovery: Some(discovery),
            ..Settings::new(Data::Memory, vec![account(SOURCE), account(TARGET)])
        };
        let authority = Authority::open(settings).await.unwrap();
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let world = World::serving(authority, key).await;
        world.set_up("Reader", r#""*""#).await;
        let own = Self { world, site, chain, _folder: folder };
        own.publish(&own.world.key);
        own
    }

    fn publish(&self, key: &SigningKey) {
        let document = format!(r#"{{"issuer":"{ISSUER}","jwks_uri":"https://{HOST}{KEYS}"}}"#);
        self.site.set(DOCUMENT, Page::of(document));
        self.site.set(KEYS, Page::of(Jwks::of(&[key]).to_json()));
    }

    fn token(&self) -> Secret {
        self.world.token(SUBJECT, AUDIENCE)
    }

    async fn status(&self) -> u16 {
        self.world.assume("Reader", self.token().expose()).await.status
    }

    /// Code and message, and what the journal says.
    async fn refusal(&self) -> (String, String, String) {
        let told = self.world.assume("Reader", self.token().expose()).await.refusal();
        let events = self.world.authority.events(0, 1_000).await.unwrap();
        (told.1, told.2, events.last().unwrap().1.reason.clone())
    }

    async fn refused(&self, name: &str, code: &str, message: &str, reason: &str) {
        let (got_code, got_message, why) = self.refusal().await;
        assert_eq!((got_code.as_str(), got_message.as_str()), (code, message), "{name}: {why}");
        assert!(why.contains(reason), "{name}: {why}");
    }

    async fn set_thumbprint(&self, thumbprint: &str) {
        let arn = ISSUER.replace("https://", &format!("arn:aws:iam::{TARGET}:oidc-provider/"));
        let members = [
            ("Action", "UpdateOpenIDConnectProviderThumbprint"),
            ("OpenIDConnectProviderArn", &arn),
            ("ThumbprintList.member.1", thumbprint),
        ];
        let keys = self.world.administrator(TARGET);
        assert_eq!(self.world.call("iam", &keys, &members).await.status, 200);
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_a_new_one_is_looked_for() {
    let mut asking = Asking::new().await;
    for _ in 0..3 {
        assert_eq!(asking.status().await, 200);
    }
    assert_eq!((asking.site.asked(DOCUMENT), asking.site.asked(KEYS)), (1, 1));
    let old = asking.token();
    asking.world.key = SigningKey::generate(Algorithm::Es256).unwrap();
    asking.publish(&asking.world.key);
    tokio::time::sleep(PAUSE).await;
    assert_eq!(asking.status().await, 200, "a key that was not there may be new");
    assert_eq!(asking.site.asked(KEYS), 2);
    for _ in 0..5 {
        let told = asking.world.assume("Reader", old.expose()).await;
        assert_eq!(told.refusal().2, NO_KEY);
    }
    assert_eq!(asking.site.asked(KEYS), 2, "bad tokens do not have it asked again and again");
    asking.world.end().await;
}

#[tokio::test]
async fn many_at_once_ask_once_and_block_nobody_else() {
    let asking = Asking::new().await;
    let slow = Duration::from_millis(400);
    let page = asking.site.pages.lock().unwrap().get(KEYS).cloned().unwrap();
    asking.site.set(KEYS, Page { after: slow, ..page });
    let (one, two, three) = (asking.status(), asking.status(), asking.status());
    let other = async {
        let begun = std::time::Instant::now();
        let keys = asking.world.administrator(TARGET);
        let tag = [
            ("Action", "TagRole"),
            ("RoleName", "Reader"),
            ("Tags.member.1.Key", "a"),
            ("Tags.member.1.Value", "b"),
        ];
        tokio::time::sleep(slow / 4).await;
        assert_eq!(asking.world.call("iam", &keys, &tag).await.status, 200);
        begun.elapsed()
    };
    let (one, two, three, took) = tokio::join!(one, two, three, other);
    assert_eq!((one, two, three), (200, 200, 200));
    assert!(took < slow, "a change waited for the issuer: {took:?}");
    assert_eq!(asking.site.asked(KEYS), 1);
    asking.world.end().await;
}

#[tokio::test]
async fn who_hangs_up_does_not_have_it_asked_twice() {
    let asking = Asking::new().await;
    let slow = Duration::from_millis(300);
    let page = asking.site.pages.lock().unwrap().get(KEYS).cloned().unwrap();
    asking.site.set(KEYS, Page { after: slow, ..page });
    for _ in 0..3 {
        assert!(tokio::time::timeout(slow / 6, asking.status()).await.is_err());
    }
    assert_eq!(asking.status().await, 200);
    assert_eq!(asking.site.asked(KEYS), 1);
    asking.world.end().await;
}

#[tokio::test]
async fn keys_go_on_for_a_while_when_the_issuer_is_down() {
    let quick = |settings: &mut DiscoverySettings| {
        settings.max_age = Duration::from_millis(100);
        settings.stale_if_error = Duration::from_millis(1_500);
        settings.backoff = Duration::from_millis(100);
    };
    let mut asking = Asking::with(Chain::by_authority(HOST), true, quick).await;
    assert_eq!(asking.status().await, 200);
    asking.site.pages.lock().unwrap().clear();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(asking.status().await, 200, "its last keys are used");
    assert_eq!(asking.site.asked(DOCUMENT), 2, "after it was asked");
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    let old = std::mem::replace(&mut asking.world.key, key);
    asking.refused("a key that may be new", INVALID, NO_KEY, "it answers 404 Not Found").await;
    asking.world.key = old;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    asking.refused("too old", INVALID, NO_KEY, "it answers 404 Not Found").await;
    asking.world.end().await;
}

#[tokio::test]
async fn what_an_issuer_may_not_answer() {
    let url = format!("https://{HOST}");
    let named = |issuer: &str, keys: &str| {
        Page::of(format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#))
    };
    let moved = Page {
        status: "302 Found",
        headers: format!("location: {url}{DOCUMENT}/\r\n"),
        ..Page::of("")
    };
    let long = "x".repeat(1024 * 1024 + 1);
    let slow = Page { after: Duration::from_secs(3), ..Page::of("{}") };
    let cases = [
        ("a redirect to itself", DOCUMENT, moved, "redirects are not followed"),
        ("too much", KEYS, Page::of(long.clone()), "more than 1048576 bytes"),
        ("slow", KEYS, slow, "/keys: the issuer took longer than 2s"),
        ("no JSON", DOCUMENT, Page::of("<html>"), "it is no JSON"),
        ("no key set", KEYS, Page::of("[]"), "could not read the key set"),
        ("another's", DOCUMENT, named(&format!("{ISSUER}/"), &url), "it is of the issuer"),
        ("a very long name", DOCUMENT, named(&long[..5_000], &url), "xxx, not https://"),
        ("no TLS", DOCUMENT, named(ISSUER, "http://a.example/"), "no https URL"),
        ("a long URL", DOCUMENT, named(ISSUER, &long[..3_000]), "more than 2048 bytes"),
        ("keys nowhere", DOCUMENT, named(ISSUER, "https://127.0.0.1:1/"), "could not connect"),
    ];
    for (name, path, page, reason) in cases {
        let asking = Asking::new().await;
        asking.site.set(path, page);
        asking.refused(name, INVALID, NO_KEY, reason).await;
        let (_, _, why) = asking.refusal().await;
        assert!(
            why.len() < 3_000,
            "{name}: the journal is not the issuer's to fill: {}",
            why.len()
        );
        asking.world.end().await;
    }
}

#[tokio::test]
async fn private_addresses_are_not_connected_to() {
    let public = |settings: &mut DiscoverySettings| settings.fetch.private = false;
    let asking = Asking::with(Chain::by_authority(HOST), true, public).await;
    let reason = "127.0.0.1 is a private address";
    asking.refused("the issuer's", INVALID, NO_KEY, reason).await;
    assert_eq!(asking.site.asked(DOCUMENT), 0);
    asking.world.end().await;
}

#[tokio::test]
async fn an_issuer_out_of_reach_is_to_be_tried_again() {
    let nobody = |settings: &mut DiscoverySettings| {
        settings.fetch.addresses = vec![(HOST.to_owned(), "127.0.0.1:1".parse().unwrap())];
    };
    let asking = Asking::with(Chain::by_authority(HOST), true, nobody).await;
    let (code, message, reason) = asking.refusal().await;
    assert_eq!(code, "IDPCommunicationError", "{message}");
    assert!(reason.contains("could not connect to 127.0.0.1:1"), "{reason}");
    asking.world.end().await;
}

#[tokio::test]
async fn thumbprints_stand_in_for_authorities() {
    let chains = [
        ("by an authority", Chain::by_authority(HOST)),
        ("signed by itself", Chain::alone(HOST, 2_100)),
    ];
    for (name, chain) in chains {
        let asking = Asking::with(chain, false, |_| {}).await;
        let reason = "has not the thumbprint of its top certificate";
        asking.refused(name, INVALID, THUMBPRINT, reason).await;
        asking.set_thumbprint(&asking.chain.thumbprint().to_uppercase()).await;
        assert_eq!(asking.status().await, 200, "{name}");
        asking.set_thumbprint(&"a".repeat(40)).await;
        // What was fetched for one provider is not another's: each is held against its own.
        asking.refused(name, INVALID, THUMBPRINT, reason).await;
        asking.world.end().await;
    }
}

#[tokio::test]
async fn a_thumbprint_mends_no_other_fault_of_a_certificate() {
    let cases = [
        ("another host's", Chain::by_authority("other.example"), "not valid for name"),
        ("another's alone", Chain::alone("other.example", 2_100), "not valid for name"),
        ("expired", Chain::alone(HOST, 2_001), "expired"),
    ];
    for (name, chain, reason) in cases {
        for believed in [false, true] {
            let print = chain.thumbprint();
            let asking = Asking::with(chain.clone(), believed, |_| {}).await;
            asking.set_thumbprint(&print).await;
            asking.refused(name, INVALID, NO_KEY, reason).await;
            asking.world.end().await;
        }
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself_can_be_given_as_an_authority() {
    let asking = Asking::with(Chain::alone(HOST, 2_100), true, |_| {}).await;
    assert_eq!(asking.status().await, 200);
    asking.world.end().await;
}

#[tokio::test]
async fn nobody_has_an_issuer_asked_that_nobody_registered() {
    let asking = Asking::new().await;
    let other = format!("https://{HOST}/id/OTHER");
    let tokens = [
        asking.world.mint(&claims(SUBJECT, AUDIENCE).issuer(&other)),
        asking.world.token(SUBJECT, "another audience"),
    ];
    for token in tokens {
        assert_eq!(asking.world.assume("Reader", token.expose()).await.status, 400);
    }
    let token = asking.token();
    let members = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", "arn:aws:iam::111111111111:role/Reader"),
        ("RoleSessionName", "test"),
        ("WebIdentityToken", token.expose()),
    ];
    let told = asking.world.unsigned("sts", &members).await;
    assert!(told.refusal().2.starts_with("No OpenIDConnect provider found"), "{told:?}");
    assert_eq!(asking.site.asked(DOCUMENT), 0);
    asking.world.end().await;
}
