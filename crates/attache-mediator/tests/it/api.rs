//! The HTTP API, asked as a client would.

use attache_mediator::{InventoryPlace, Mediator, MediatorError};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{Aws, ok};
use crate::{Setup, files, set_up, settings};

/// Status and body of a GET.
async fn get(address: std::net::SocketAddr, path: &str) -> (u16, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

async fn served(tables: usize) -> (Setup, std::net::SocketAddr, CancellationToken) {
    let names: Vec<String> = (0..tables).map(|n| format!("\"t{n:03}\"")).collect();
    let body = format!("{{\"TableNames\":[{}]}}", names.join(","));
    let aws =
        Aws::start(move |call| (call.operation == "ListTables").then(|| ok(body.clone()))?).await;
    let setup = set_up(&aws).await;
    setup.scrape().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (mediator, ended) = (setup.mediator.clone(), stop.clone());
    tokio::spawn(async move { mediator.serve(listener, ended).await });
    (setup, address, stop)
}

#[tokio::test]
async fn cursors_lead_through_all_resources_once() {
    let (_setup, address, _stop) = served(25).await;
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/resources?type=dynamodb:table&limit=10&cursor={cursor}");
        let (status, body) = get(address, &path).await;
        assert_eq!(status, 200, "{body}");
        let page: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(page["total"], 25);
        let resources = page["resources"].as_array().unwrap();
        ids.extend(resources.iter().map(|r| r["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let wanted: Vec<String> = (0..25).map(|n| format!("t{n:03}")).collect();
    assert_eq!(ids, wanted);
}

#[tokio::test]
async fn each_link_of_a_chain_has_its_name_and_the_code_that_verify_has_for_it() {
    let (_setup, address, _stop) = served(1).await;
    let (_, body) = get(address, "/api/v1/accounts").await;
    let answer: Value = serde_json::from_str(&body).unwrap();
    let account = &answer["accounts"][0];
    assert_eq!(account["status"], "ok");
    let text = |link: &Value, name: &str| link[name].as_str().unwrap().to_owned();
    let links = account["chain"].as_array().unwrap().iter();
    let links: Vec<_> =
        links.map(|l| (text(l, "name"), text(l, "link"), text(l, "status"))).collect();
    let wanted = [
        ("token", "token"),
        ("web identity", "provider"),
        ("role session", "session"),
        ("identity", "identity"),
        ("resources", "resources"),
    ];
    let wanted = wanted.map(|(name, link)| (name.to_owned(), link.to_owned(), "ok".to_owned()));
    assert_eq!(links, wanted);
}

#[tokio::test]
async fn filters_narrow_and_an_unknown_one_is_refused() {
    let (_setup, address, _stop) = served(3).await;
    for (query, total) in [
        ("", 3),
        ("?account=222222222222", 3),
        ("?account=333333333333", 0),
        ("?region=us-east-1&type=dynamodb:table", 3),
        ("?region=eu-west-1", 0),
        ("?type=&account=&region=", 3),
    ] {
        let (_, body) = get(address, &format!("/api/v1/resources{query}")).await;
        let page: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(page["total"], total, "{query}");
    }
    for query in ["?acount=1", "?limit=0", "?limit=10001", "?limit=x", "?cursor=zzz"] {
        let (status, body) = get(address, &format!("/api/v1/resources{query}")).await;
        assert_eq!(status, 400, "{query}: {body}");
        assert!(body.contains("\"error\""), "{body}");
    }
}

#[tokio::test]
async fn every_page_of_the_api_answers() {
    let (_setup, address, stop) = served(1).await;
    for (path, wanted) in [
        ("/healthz", "ok"),
        ("/api/v1/accounts", "assumed-role/CauselyAccess/attache-1"),
        ("/api/v1/coverage", "\"type\":\"dynamodb:table\""),
        ("/metrics", "attache_resources{account=\"222222222222\",region=\"us-east-1\","),
        ("/metrics", "type=\"dynamodb:table\",status=\"ok\"} 1"),
        ("/metrics", "# TYPE attache_session_expiry_seconds gauge"),
        ("/", "<svg"),
    ] {
        let (status, body) = get(address, path).await;
        assert_eq!(status, 200, "{path}");
        assert!(body.contains(wanted), "{path}: {body}");
    }
    let (status, body) = get(address, "/api/v2").await;
    assert_eq!(status, 404);
    assert!(body.contains("/api/v1/accounts"), "{body}");
    stop.cancel();
}

#[tokio::test]
async fn a_started_mediator_scrapes_by_itself_until_it_is_stopped() {
    let aws = Aws::start(|_| None).await;
    let folder = files(&[("aws-secret", "222222222222")]);
    let mut settings = settings(&aws, &folder);
    settings.interval = std::time::Duration::from_millis(20);
    let stop = CancellationToken::new();
    let mediator = Mediator::start(settings, stop.clone()).await.unwrap();
    mediator.first_complete().await;
    assert_eq!(mediator.coverage().await.unwrap().len(), 10);
    while aws.calls("DescribeVpcs").len() < 2 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stop.cancel();
}

#[tokio::test]
async fn an_inventory_in_a_folder_outlives_the_process_and_has_one_owner() {
    let aws = Aws::start(|call| {
        (call.operation == "ListTables").then(|| ok(r#"{"TableNames":["orders"]}"#))?
    })
    .await;
    let folder = files(&[("aws-secret", "222222222222")]);
    let data = folder.path().join("data");
    let open = || {
        let mut settings = settings(&aws, &folder);
        settings.inventory = InventoryPlace::Folder(data.clone());
        Mediator::open(settings)
    };
    let first = open().await.unwrap();
    first.scrape_once().await.unwrap();
    assert!(matches!(open().await, Err(MediatorError::Locked { .. })));
    drop(first);
    let second = open().await.unwrap();
    let filter = attache_mediator::Filter { limit: 10, ..Default::default() };
    assert_eq!(second.resources(&filter).await.unwrap().resources[0].id, "orders");
}

#[tokio::test]
async fn a_damaged_inventory_is_refused_and_left_as_it_is() {
    let aws = Aws::start(|_| None).await;
    let folder = files(&[("aws-secret", "222222222222")]);
    let file = folder.path().join("inventory.sqlite");
    let text = "this is no database at all, it is a text";
    std::fs::write(&file, text).unwrap();
    let mut settings = settings(&aws, &folder);
    settings.inventory = InventoryPlace::Folder(folder.path().to_owned());
    assert!(matches!(Mediator::open(settings).await, Err(MediatorError::Damaged { .. })));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[tokio::test]
async fn an_inventory_that_cannot_be_opened_is_not_called_damaged() {
    let aws = Aws::start(|_| None).await;
    let folder = files(&[("aws-secret", "222222222222")]);
    std::fs::create_dir(folder.path().join("inventory.sqlite")).unwrap();
    let mut settings = settings(&aws, &folder);
    settings.inventory = InventoryPlace::Folder(folder.path().to_owned());
    let refused = Mediator::open(settings).await;
    assert!(matches!(refused, Err(MediatorError::Write { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_client_that_sent_half_a_request_does_not_hold_up_the_end() {
    let aws = Aws::start(|_| None).await;
    let setup = set_up(&aws).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (mediator, ended) = (setup.mediator.clone(), stop.clone());
    let server = tokio::spawn(async move { mediator.serve(listener, ended).await });
    assert_eq!(get(address, "/healthz").await.0, 200);
    let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
    silent.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    // The server has accepted the silent one once it answers a later one.
    assert_eq!(get(address, "/healthz").await.0, 200);
    stop.cancel();
    let over = tokio::time::timeout(std::time::Duration::from_secs(10), server).await;
    assert!(over.unwrap().unwrap().is_ok());
}
