//! `attache quickstart`, run as a person runs it.

use std::net::TcpListener;
use std::process::{Command, Output};

use serde_json::Value;

fn quickstart(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    // Whoever runs the tests may have AWS set up: none of it may matter.
    command.env("AWS_PROFILE", "nobody").env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    command.arg("quickstart").args(arguments).output().unwrap()
}

const FREE: [&str; 4] = ["--listen", "127.0.0.1:0", "--authority-listen", "127.0.0.1:0"];

#[test]
fn every_step_is_ok_and_each_account_is_scraped_as_its_own_role() {
    let arguments = [&FREE[..], &["--once", "--output", "json", "--accounts", "3"]].concat();
    let done = quickstart(&arguments);
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_slice(&done.stdout).unwrap();
    for step in report["steps"].as_array().unwrap() {
        assert_eq!(step["status"], "ok", "{step}");
    }
    let accounts = report["accounts"].as_array().unwrap();
    assert_eq!(accounts.len(), 3);
    for account in accounts {
        let id = account["id"].as_str().unwrap();
        let role = format!("arn:aws:sts::{id}:assumed-role/CauselyAccess/");
        assert!(account["identity_arn"].as_str().unwrap().starts_with(&role), "{account}");
        assert!(account["resources"].as_u64().unwrap() > 20, "{account}");
        for line in account["coverage"].as_array().unwrap() {
            assert_eq!(line["status"], "ok", "{line}");
        }
    }
    let sum: u64 = accounts.iter().map(|a| a["resources"].as_u64().unwrap()).sum();
    assert_eq!(report["resources_total"].as_u64(), Some(sum));
}

#[test]
fn the_same_seed_finds_the_same_resources() {
    let count = || {
        let arguments = [&FREE[..], &["--once", "--output", "json"]].concat();
        let report: Value = serde_json::from_slice(&quickstart(&arguments).stdout).unwrap();
        report["resources_total"].as_u64().unwrap()
    };
    assert_eq!(count(), count());
}

#[test]
fn an_address_in_use_is_one_error_that_names_the_flag() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for flag in ["--listen", "--authority-listen"] {
        let mut arguments = vec!["--once"];
        for other in ["--listen", "--authority-listen"] {
            let address = if other == flag { address.as_str() } else { "127.0.0.1:0" };
            arguments.extend([other, address]);
        }
        let done = quickstart(&arguments);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(&address) && said.contains(flag), "{said}");
        assert!(done.stdout.is_empty());
    }
}

#[test]
fn a_folder_that_is_there_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let arguments = [&FREE[..], &["--once", "--data", path.as_str()]].concat();
    let done = quickstart(&arguments);
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&done.stderr).contains("already there"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
