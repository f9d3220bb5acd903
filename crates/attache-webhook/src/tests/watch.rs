use std::time::Duration;

use fake_api_server::{Answer, failure, repeating_client};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::api::{account, list};
use attache_admission::{AccountAnnotations, Settings};

use crate::cluster::{Accounts, Cached, watch_accounts};

async fn until(good: impl Fn() -> bool) {
    for _ in 0..400 {
        if good() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not happen");
}

fn role(accounts: &Accounts, name: &str) -> Option<String> {
    match accounts.get("causely", name) {
        Cached::Known(annotations) => {
            Some(annotations.role().map(str::to_owned).unwrap_or_default())
        }
        Cached::Unseen => None,
    }
}

#[tokio::test]
async fn a_watch_that_expired_ends_in_a_new_list_and_forgets_what_is_gone() {
    let event = |kind: &str, object| json!({"type": kind, "object": object});
    let (client, asked) = repeating_client(vec![
        list(&[account("a", Some("A")), account("b", None)]),
        Answer::events(&[
            event("ADDED", account("c", Some("C"))),
            event("MODIFIED", account("a", Some("A2"))),
            event("DELETED", account("b", None)),
            event("ERROR", failure(410, "Expired")),
        ]),
        // The API server is away, and back.
        Answer::failure(503, "ServiceUnavailable"),
        list(&[account("c", Some("C2"))]),
        Answer::Never,
    ]);
    let (accounts, settings, stop) =
        (Accounts::default(), Settings::default(), CancellationToken::new());
    let watch = watch_accounts(client, &accounts, &settings, &stop);
    let check = async {
        until(|| role(&accounts, "c").as_deref() == Some("C2")).await;
        // The new list is whole only at its end.
        until(|| role(&accounts, "a").is_none()).await;
        assert_eq!(role(&accounts, "b"), None);
        assert!(accounts.is_synced());
        assert_eq!(accounts.count(), (1, 1));
        stop.cancel();
    };
    tokio::join!(watch, check);
    let asked = asked.lock().unwrap();
    let lists = asked.iter().filter(|call| !call.line.contains("watch=true")).count();
    assert!(lists >= 2, "{asked:?}");
    assert!(
        asked.iter().all(|call| call.line.starts_with("GET /api/v1/serviceaccounts?")),
        "{asked:?}"
    );
}

#[test]
fn what_was_known_stays_until_a_new_list_is_whole() {
    let accounts = Accounts::default();
    let put = |name| accounts.put("causely", name, &AccountAnnotations::default());
    accounts.begin_list();
    put("a");
    put("b");
    assert!(!accounts.is_synced());
    accounts.end_list();
    accounts.begin_list();
    put("b");
    assert_ne!(accounts.get("causely", "a"), Cached::Unseen);
    accounts.end_list();
    assert_eq!(accounts.get("causely", "a"), Cached::Unseen);
    assert_eq!(accounts.get("causely", "b"), Cached::Known(AccountAnnotations::default()));
    assert_eq!(accounts.get("other", "b"), Cached::Unseen);
}
