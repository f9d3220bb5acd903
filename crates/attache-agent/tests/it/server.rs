//! The HTTP contract, over sockets on loopback: statuses, hosts, limits, clients that are hostile.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use attache_agent::{
    Exchange, ExchangeError, ExchangeSettings, Listeners, Metrics, PodToken, Rate, Server,
    ServerSettings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::pods::{self, Log, Source, TestClock};

static CLOCK: TestClock = TestClock::new();

struct Agent {
    address: SocketAddr,
    probes: SocketAddr,
    metrics: SocketAddr,
    log: Arc<Log>,
    stop: CancellationToken,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn agent(rate: Option<Rate>) -> Agent {
    let log = Arc::new(Log::default());
    let life = time::Duration::hours(1);
    let source = Source { log: Arc::clone(&log), clock: || CLOCK.now(), life, slow: 0 };
    let exchange = Exchange::new(
        Box::new(source),
        ExchangeSettings::default(),
        || CLOCK.now(),
        Arc::new(Metrics::default()),
    );
    let any = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listeners = Listeners::bind(&[Ipv4Addr::LOCALHOST.into()], 0, any, any).await.unwrap();
    let address = listeners.credentials_addresses()[0];
    let (probes, metrics) =
        (listeners.probes_address().unwrap(), listeners.metrics_address().unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(Server::serve(exchange, ServerSettings { rate }, listeners, stop.clone()));
    Agent { address, probes, metrics, log, stop }
}

/// Sends bytes from an address of this machine, and reads to the end.
async fn send_from(from: [u8; 4], to: SocketAddr, text: &str) -> String {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    // A server that has refused already may close before it has read all.
    let _sent = stream.write_all(text.as_bytes()).await;
    let mut answer = Vec::new();
    let _until_closed = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn send(to: SocketAddr, text: &str) -> String {
    send_from([127, 0, 0, 1], to, text).await
}

async fn get(to: SocketAddr, path: &str) -> String {
    send(to, &format!("GET {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n\r\n")).await
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}

fn request(agent: &Agent, token: &PodToken) -> String {
    let (host, token) = (agent.address, token.text().expose());
    format!(
        "GET /v1/credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn a_token_is_answered_with_the_five_members() {
    let agent = agent(None).await;
    let token = pods::tokens(1, CLOCK.now()).remove(0);
    for method in ["GET", "POST", "PUT"] {
        let answer = send(agent.address, &request(&agent, &token).replacen("GET", method, 1)).await;
        assert_eq!(status(&answer), 200, "{method}: {answer}");
        assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
        assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let document: serde_json::Value = serde_json::from_str(body).unwrap();
        let names: Vec<&String> = document.as_object().unwrap().keys().collect();
        let own = ["AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"];
        assert_eq!(names, own, "{document}");
        assert!(document["Expiration"].as_str().unwrap().ends_with('Z'), "{document}");
    }
}

#[tokio::test]
async fn each_refusal_has_the_originals_status() {
    let agent = agent(None).await;
    let tokens = pods::tokens(2, CLOCK.now());
    let own = request(&agent, &tokens[0]);
    let token = tokens[0].text().expose();
    let host = agent.address.to_string();
    for (name, sent, wanted) in [
        ("another path", own.replacen("/v1/credentials", "/v1/credential", 1), 404),
        ("another host", own.replacen(&host, "169.254.169.254", 1), 403),
        ("a name", own.replacen(&host, &format!("localhost:{}", agent.address.port()), 1), 403),
        ("no host", own.replacen(&format!("Host: {host}\r\n"), "", 1), 403),
        ("no token", own.replacen(&format!("Authorization: {token}\r\n"), "", 1), 400),
        ("an empty token", own.replacen(token, "", 1), 400),
        ("a bearer", own.replacen(token, &format!("Bearer {token}"), 1), 400),
        ("no JWT", own.replacen(token, "abc", 1), 400),
        ("two parts", own.replacen(token, "abc.def", 1), 400),
        ("a long one", own.replacen(token, &"a".repeat(20_001), 1), 400),
        ("no ASCII", own.replacen(token, "ü", 1), 400),
        ("a head without an end", format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(70_000)), 431),
        (
            "a hundred headers",
            own.replacen("Host", &format!("{}Host", "X: y\r\n".repeat(100)), 1),
            431,
        ),
        ("no HTTP", "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), 400),
    ] {
        let answer = send(agent.address, &sent).await;
        assert_eq!(status(&answer), wanted, "{name}: {answer}");
        assert!(!answer.contains(token), "{name}: {answer}");
    }
    for (code, wanted) in [
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 404),
        ("ThrottlingException", 429),
        ("ServiceUnavailableException", 503),
    ] {
        *agent.log.refuse.lock().unwrap() = Some(ExchangeError::refused(code, "why."));
        let answer = send(agent.address, &request(&agent, &tokens[1])).await;
        assert_eq!(status(&answer), wanted, "{code}: {answer}");
        assert!(answer.contains(&format!("({code}): why.")), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_floods_does_not_starve_the_others() {
    let agent = agent(Some(Rate { per_second: 100.0, burst: 50.0 })).await;
    let tokens = pods::tokens(2, CLOCK.now());
    let (flood, other) = (request(&agent, &tokens[0]), request(&agent, &tokens[1]));
    let to = agent.address;
    let flooding = tokio::spawn(async move {
        let (mut given, mut refused) = (0, 0);
        let end = Instant::now() + Duration::from_secs(2);
        while Instant::now() < end {
            match status(&send(to, &flood).await) {
                200 => given += 1,
                429 => refused += 1,
                odd => panic!("{odd}"),
            }
        }
        (given, refused)
    });
    for _ in 0..15 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(status(&send_from([127, 0, 0, 2], to, &other).await), 200);
    }
    let (given, refused) = flooding.await.unwrap();
    assert!(given >= 100 && refused > 0, "{given} {refused}");
}

#[tokio::test]
async fn connections_of_one_address_are_bounded_and_others_are_served() {
    let agent = agent(None).await;
    let token = pods::tokens(1, CLOCK.now()).remove(0);
    let mut idle = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(agent.address).await.unwrap();
        let _half = stream.write_all(b"GET /v1/cred").await;
        idle.push(stream);
    }
    let answer = send_from([127, 0, 0, 3], agent.address, &request(&agent, &token)).await;
    assert_eq!(status(&answer), 200);
    drop(idle);
}

#[tokio::test]
async fn a_request_that_is_never_ended_is_cut_off() {
    let agent = agent(None).await;
    let begun = Instant::now();
    let answer = send(agent.address, "GET /v1/credentials HTTP/1.1\r\nHost: x\r\n").await;
    assert!(answer.is_empty() || status(&answer) == 408, "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(13), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn probes_and_metrics_have_ports_of_their_own() {
    let agent = agent(None).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(status(&get(agent.probes, path).await), 200, "{path}");
        assert_eq!(status(&get(agent.metrics, path).await), 200, "{path}");
    }
    assert_eq!(status(&get(agent.probes, "/metrics").await), 404);
    assert_eq!(status(&get(agent.address, "/healthz").await), 404);
    let token = pods::tokens(1, CLOCK.now()).remove(0);
    for _ in 0..3 {
        send(agent.address, &request(&agent, &token)).await;
    }
    let text = get(agent.metrics, "/metrics").await;
    for line in [
        "pod_identity_http_response{code=\"200\"} 3",
        "pod_identity_http_response{code=\"404\"} 1",
        "pod_identity_cache_state{state=\"hit\"} 2",
        "pod_identity_cache_state{state=\"miss\"} 1",
        "attache_agent_cached_credentials 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line}: {text}");
    }
}

#[tokio::test]
async fn an_ipv6_address_that_is_not_there_is_not_fatal_and_an_ipv4_one_is() {
    let absent: IpAddr = "fd00:ec2::23".parse().unwrap();
    let listeners =
        Listeners::bind(&[Ipv4Addr::LOCALHOST.into(), absent], 0, None, None).await.unwrap();
    assert_eq!(listeners.credentials_addresses().len(), 1);
    assert!(listeners.without[0].to_string().contains("ip addr add fd00:ec2::23/128"));
    let error = Listeners::bind(&[absent], 0, None, None).await.unwrap_err();
    assert_eq!(error.address.ip(), absent);
    let absent: IpAddr = "169.254.170.23".parse().unwrap();
    let error = Listeners::bind(&[absent, Ipv4Addr::LOCALHOST.into()], 0, None, None).await;
    assert!(error.unwrap_err().to_string().contains("ip addr add 169.254.170.23/32"));
}
