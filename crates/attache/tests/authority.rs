//! `attache authority` as a process: how it starts and ends.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

/// An authority that keeps nothing, its address and its credentials file.
fn ephemeral() -> (Child, String, PathBuf) {
    let arguments = "authority --ephemeral --listen 127.0.0.1:0 --account 111111111111";
    let mut child = Command::new(env!("CARGO_BIN_EXE_attache"))
        .args(arguments.split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut second =
        || lines.next().unwrap().unwrap().split_once("  ").unwrap().1.trim().to_owned();
    let (url, credentials) = (second(), second());
    (child, url.strip_prefix("http://").unwrap().to_owned(), PathBuf::from(credentials))
}

/// Sends SIGTERM; the exit code, none where the signal ended it.
fn terminated(mut child: Child) -> Option<i32> {
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn who_ends_it_at_once_ends_it_as_it_should() {
    for _ in 0..10 {
        let (child, _, credentials) = ephemeral();
        assert!(credentials.is_file());
        assert_eq!(terminated(child), Some(0));
        assert!(!credentials.parent().unwrap().exists(), "nothing is left");
    }
}

#[test]
fn connections_are_not_limited_by_what_a_shell_begins_with() {
    let now = getrlimit(Resource::Nofile);
    // It inherits what this process has.
    setrlimit(Resource::Nofile, Rlimit { current: Some(256), ..now }).unwrap();
    let (child, address, _) = ephemeral();
    setrlimit(Resource::Nofile, Rlimit { current: now.maximum, ..now }).unwrap();
    let silent: Vec<TcpStream> = (0..400).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let mut asking = TcpStream::connect(&address).unwrap();
    asking.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    asking.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut told = String::new();
    asking.read_to_string(&mut told).unwrap();
    assert!(told.starts_with("HTTP/1.1 200 OK"), "{told}");
    drop(silent);
    assert_eq!(terminated(child), Some(0));
}

#[test]
fn it_keeps_something_or_nothing_and_is_told_which() {
    let done = Command::new(env!("CARGO_BIN_EXE_attache")).args(["authority"]).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(said.contains("--data <DIR>|--ephemeral"), "{said}");
}
