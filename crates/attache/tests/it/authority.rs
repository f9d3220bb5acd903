//! `attache authority` as a process: how it starts and ends.
#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::command::{Authority, attache};

fn ephemeral() -> Authority {
    Authority::start(&["--account", "111111111111"])
}

#[test]
fn who_ends_it_at_once_ends_it_as_it_should() {
    for _ in 0..10 {
        let authority = ephemeral();
        let credentials = authority.credentials.clone();
        assert!(credentials.is_file());
        assert_eq!(authority.terminated(), Some(0));
        assert!(!credentials.parent().unwrap().exists(), "nothing is left");
    }
}

#[test]
fn connections_are_not_limited_by_what_a_shell_begins_with() {
    let now = getrlimit(Resource::Nofile);
    // It inherits what this process has.
    setrlimit(Resource::Nofile, Rlimit { current: Some(256), ..now }).unwrap();
    let authority = ephemeral();
    let address = authority.url.strip_prefix("http://").unwrap().to_owned();
    setrlimit(Resource::Nofile, Rlimit { current: now.maximum, ..now }).unwrap();
    let silent: Vec<TcpStream> = (0..400).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let mut asking = TcpStream::connect(&address).unwrap();
    asking.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    asking.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    asking.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200 OK"), "{told}");
    drop(silent);
    assert_eq!(authority.terminated(), Some(0));
}

#[test]
fn it_keeps_something_or_nothing_and_is_told_which() {
    let done = attache(Path::new("."), &["authority"]);
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("--data <DIR>|--ephemeral"), "{said}");
}
