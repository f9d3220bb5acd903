//! Every kind of profile by the built binary: whom it acts as, and what it says where it cannot.
//!
//! For an account that the credentials are not of, `attache reach --live` says whose they are. The
//! kinds that need a peer of AWS's besides STS are in `tests/peers/profiles.py`, but for IAM Identity
//! Center, which is a server of this test.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::command;

const NOBODY: &str = "999999999999";
const ADMINISTRATOR: &str = "arn:aws:iam::111111111111:user/administrator";

/// An authority with one account, its endpoint and its administrator's keys as a profile's lines.
struct Authority {
    _server: command::Authority,
    url: String,
    keys: String,
}

impl Authority {
    fn start() -> Self {
        let server = command::Authority::start(&["--account", "111111111111"]);
        let text = std::fs::read_to_string(&server.credentials).unwrap();
        let keys: Vec<_> = text.lines().filter(|line| line.starts_with("aws_")).collect();
        Self { url: server.url.clone(), keys: keys.join("\n"), _server: server }
    }

    fn key(&self, name: &str) -> &str {
        let line = self.keys.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once('=').unwrap().1.trim()
    }
}

/// What `attache` says with this config file and these variables, on one line, and its exit code.
fn said(home: &Path, url: &str, config: &str, more: &[(&str, &str)]) -> (String, Option<i32>) {
    std::fs::create_dir_all(home.join(".aws")).unwrap();
    std::fs::write(home.join(".aws/config"), config).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_attache"))
        .args(["reach", "--live", "--account", NOBODY, "--profile", "999999999999=p"])
        .env_clear()
        .env("PATH", path)
        .env("HOME", home)
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(more.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(done.stderr).unwrap().replace('│', " ");
    (text.split_whitespace().collect::<Vec<_>>().join(" "), done.status.code())
}

/// A text without its white space: the terminal breaks lines in long words.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn keys_processes_and_self_references_act_as_whose_they_are() {
    let (authority, home) = (Authority::start(), tempfile::tempdir().unwrap());
    let (id, secret) = (authority.key("aws_access_key_id"), authority.key("aws_secret_access_key"));
    let process = format!(
        "credential_process = echo '{{\"Version\":1,\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"{secret}\"}}'"
    );
    let keys = &authority.keys;
    for (name, config) in [
        ("static keys", format!("[profile p]\n{keys}\n")),
        ("a process", format!("[profile p]\n{process}\n")),
        ("a name in quotes", format!("[profile \"p\"]\n{keys}\n")),
    ] {
        let (text, code) = said(home.path(), &authority.url, &config, &[]);
        assert!(text.contains(&format!("are those of {ADMINISTRATOR}")), "{name}: {text}");
        assert_eq!(code, Some(2), "{name}");
    }
}

#[test]
fn a_chain_without_a_region_reaches_sts_with_its_source() {
    let (authority, home) = (Authority::start(), tempfile::tempdir().unwrap());
    let role = "role_arn = arn:aws:iam::111111111111:role/Missing\n";
    let config = format!(
        "[profile p]\n{role}source_profile = q\n[profile q]\n{role}source_profile = q\n{}\n",
        authority.keys
    );
    let (text, code) = said(home.path(), &authority.url, &config, &[]);
    for part in [
        "the profile p (",
        ".aws/config:1)",
        "could not assume arn:aws:iam::111111111111:role/Missing",
        "AccessDenied",
        "user/administrator is not authorized to perform: sts:AssumeRole",
        &authority.url,
    ] {
        assert!(dense(&text).contains(&dense(part)), "{part}: {text}");
    }
    assert_eq!(code, Some(3));
}

#[test]
fn a_mistake_names_the_profile_its_place_and_the_fix() {
    let home = tempfile::tempdir().unwrap();
    let role = "role_arn = arn:aws:iam::111111111111:role/R\n";
    for (config, parts) in [
        ("[profile q]\nregion = x\n".to_owned(), &["could not be found", "list-profiles"][..]),
        (format!("[profile p]\n{role}"), &["config:1", "neither source_profile nor"]),
        (
            format!("\n[profile p]\n{role}source_profile = q\n"),
            &["config:2", "\"q\" does not exist"],
        ),
        (
            format!(
                "[profile p]\n{role}source_profile = q\n[profile q]\n{role}source_profile = p\n"
            ),
            &["infinite loop", "p -> q -> p"],
        ),
        (
            "[profile p]\nsso_account_id = 1\nsso_role_name = r\n".to_owned(),
            &["missing sso_start_url, sso_region", "aws configure sso --profile p"],
        ),
        ("[profile p]\ncredential_process = exit 4\n".to_owned(), &["config:1", "exit code 4"]),
        (
            "[profile p]\nlogin_session = arn:aws:iam::1:user/a\n".to_owned(),
            &["config:1", "Run: aws login --profile p"],
        ),
        (
            "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n\
             [sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x\n"
                .to_owned(),
            &["config:1", "Run: aws sso login --profile p"],
        ),
    ] {
        let (text, code) = said(home.path(), "http://127.0.0.1:9", &config, &[]);
        for part in parts {
            assert!(dense(&text).contains(&dense(part)), "{part}: {text}");
        }
        assert_eq!(code, Some(2), "{text}");
    }
}

/// Answers each request with this status and body, and hands back the first one's head.
fn answers(status: &str, kind: &str, body: &str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-amzn-errortype: {kind}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                if stream.read(&mut byte).unwrap_or_default() == 0 {
                    break;
                }
                asked.extend(byte);
            }
            let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
            let _ = stream.write_all(head.as_bytes());
        }
    });
    (url, told)
}

#[test]
fn an_sso_session_acts_with_the_cached_token_and_says_how_to_sign_in_again() {
    let (authority, home) = (Authority::start(), tempfile::tempdir().unwrap());
    let config = "[profile p]\nsso_session = corp\nsso_account_id = 111111111111\n\
                  sso_role_name = Admin\n[sso-session corp]\nsso_region = us-east-1\n\
                  sso_start_url = https://x.awsapps.com/start\n";
    // The file's name is the SHA-1 of the session's.
    let cache = home.path().join(".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
    std::fs::create_dir_all(cache.parent().unwrap()).unwrap();
    let token = |expires: &str| {
        format!(
            "{{\"accessToken\":\"the-access-token\",\"expiresAt\":\"{expires}\",\"region\":\"us-east-1\",\"startUrl\":\"https://x\"}}"
        )
    };
    std::fs::write(&cache, token("2999-01-01T00:00:00Z")).unwrap();
    let keys = format!(
        "{{\"roleCredentials\":{{\"accessKeyId\":\"{}\",\"secretAccessKey\":\"{}\",\"expiration\":32472144000000}}}}",
        authority.key("aws_access_key_id"),
        authority.key("aws_secret_access_key")
    );
    let (url, told) = answers("200 OK", "", &keys);
    let (text, _) = said(home.path(), &authority.url, config, &[("AWS_ENDPOINT_URL_SSO", &url)]);
    assert!(text.contains(&format!("are those of {ADMINISTRATOR}")), "{text}");
    let asked = told.try_recv().unwrap();
    assert!(
        asked.contains("role_name=Admin") && asked.contains("account_id=111111111111"),
        "{asked}"
    );
    assert!(asked.contains("the-access-token"), "{asked}");
    assert!(!text.contains("the-access-token"), "{text}");

    let refused = "{\"message\":\"Session token not found or invalid\"}".to_owned();
    let (url, _told) = answers("401 Unauthorized", "UnauthorizedException", &refused);
    let (text, code) = said(home.path(), &authority.url, config, &[("AWS_ENDPOINT_URL_SSO", &url)]);
    assert!(dense(&text).contains(&dense("Run: aws sso login --profile p")), "{text}");
    assert_eq!(code, Some(2), "{text}");

    std::fs::write(&cache, token("2020-01-01T00:00:00Z")).unwrap();
    let (text, code) = said(home.path(), &authority.url, config, &[]);
    assert!(dense(&text).contains(&dense("expired")), "{text}");
    assert!(dense(&text).contains(&dense("Run: aws sso login --profile p")), "{text}");
    assert_eq!(code, Some(2), "{text}");
}
