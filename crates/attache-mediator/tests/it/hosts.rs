//! The page, the API and the metrics answer to their own hosts, with headers that keep others out.

use std::net::SocketAddr;

use attache_mediator::Mediator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use crate::aws::{ACCOUNT, Aws};
use crate::{files, settings};

const PATHS: [&str; 9] = [
    "/",
    "/page.css",
    "/page.js",
    "/healthz",
    "/metrics",
    "/api/v1/accounts",
    "/api/v1/resources",
    "/api/v1/coverage",
    "/nothing",
];

async fn served(bind: &str, allowed: &[&str]) -> SocketAddr {
    let aws = Aws::start(|_| None).await;
    let folder = files(&[("aws-secret", ACCOUNT)]);
    let mut settings = settings(&aws, &folder);
    settings.allowed_hosts = allowed.iter().map(|host| host.parse().unwrap()).collect();
    let mediator = Mediator::open(settings).await.unwrap();
    let listener = tokio::net::TcpListener::bind(bind).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { mediator.serve(listener, CancellationToken::new()).await });
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The whole answer to a request as it is written here; `PORT` stands for the server's.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = request.replace("PORT", &address.port().to_string());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn get(target: &str, hosts: &[&str]) -> String {
    let hosts: String = hosts.iter().map(|host| format!("{host}\r\n")).collect();
    format!("GET {target} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n")
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test]
async fn every_path_answers_to_its_own_hosts_alone() {
    let address = served("127.0.0.1:0", &["attache.example", "proxy.example:8443"]).await;
    for path in PATHS {
        let fine = if path == "/nothing" { "404" } else { "200" };
        for (hosts, wanted) in [
            (&["Host: 127.0.0.1:PORT"][..], fine),
            (&["Host: localhost:PORT"], fine),
            (&["HOST: LOCALHOST.:PORT"], fine),
            (&["host: [::1]:PORT"], fine),
            (&["Host: Attache.Example"], fine),
            (&["Host: proxy.example:8443"], fine),
            (&["Host: proxy.example:PORT"], "421"),
            (&["Host: evil.example:PORT"], "421"),
            (&["Host: evil.example"], "421"),
            (&["Host: localhost.evil.example:PORT"], "421"),
            (&["Host: 192.0.2.7:PORT"], "421"),
            (&[], "400"),
            (&["Host:"], "400"),
            (&["Host: a@localhost:PORT"], "400"),
            (&["Host: localhost:PORT", "Host: localhost:PORT"], "400"),
            (&["Host: localhost:PORT", "Host: evil.example"], "400"),
            (&["Host: localhost, evil.example"], "400"),
        ] {
            let answer = raw(address, &get(path, hosts)).await;
            assert_eq!(status(&answer), wanted, "{path} {hosts:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_target_with_a_host_of_its_own_is_held_to_it() {
    let address = served("127.0.0.1:0", &[]).await;
    for (target, host, wanted) in [
        ("http://localhost:PORT/healthz", "localhost:PORT", "200"),
        ("http://evil.example/healthz", "localhost:PORT", "421"),
        ("http://localhost:PORT/healthz", "evil.example", "421"),
    ] {
        let host = format!("Host: {host}");
        let answer = raw(address, &get(target, &[&host])).await;
        assert_eq!(status(&answer), wanted, "{target} {host}: {answer}");
    }
}

#[tokio::test]
async fn probes_and_prometheus_reach_a_pod_by_its_address_and_names_must_be_allowed() {
    let address = served("0.0.0.0:0", &[]).await;
    for (host, wanted) in [
        ("10.244.1.7:PORT", "200"),
        ("[fd00::7]:PORT", "200"),
        ("203.0.113.9:30080", "200"),
        ("localhost:9000", "200"),
        ("attache.monitoring.svc:PORT", "421"),
    ] {
        for path in ["/healthz", "/metrics"] {
            let host = format!("Host: {host}");
            let answer = raw(address, &get(path, &[&host])).await;
            assert_eq!(status(&answer), wanted, "{path} {host}");
        }
    }
    let refused = raw(address, &get("/", &["Host: attache.monitoring.svc:8080"])).await;
    assert!(refused.contains("--allow-host attache.monitoring.svc:8080"), "{refused}");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_keep_others_out() {
    let address = served("127.0.0.1:0", &[]).await;
    let requests = PATHS.iter().map(|path| get(path, &["Host: localhost"])).chain([
        get("/", &["Host: evil.example"]),
        get("/", &[]),
        get("/", &["Host: localhost"]).replace("GET", "DELETE"),
        get("/api/v1/resources?limit=0", &["Host: localhost"]),
    ]);
    for request in requests {
        let answer = raw(address, &request).await;
        let head = answer.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'",
            "frame-ancestors 'none'",
            "x-content-type-options: nosniff",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(head.contains(header), "{request}: {header}: {head}");
        }
        assert!(!head.contains("access-control-allow"), "{head}");
    }
}

#[tokio::test]
async fn the_page_has_no_script_or_style_that_its_policy_forbids() {
    let address = served("127.0.0.1:0", &[]).await;
    let page = raw(address, &get("/", &["Host: localhost"])).await;
    assert!(page.contains("href=\"/page.css\"") && page.contains("src=\"/page.js\""));
    for inline in ["<style", "<script>", " style=", " onclick=", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
}
