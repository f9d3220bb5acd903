//! `attache policy diff` as a person runs it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::attache;

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/seed/target-trust.json");

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    attache(folder, &[&["policy", "diff"], arguments].concat())
}

#[test]
fn the_seeds_trust_policy_opened_to_every_service_account_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::fs::read_to_string(SEED).unwrap();
    let wide =
        seed.replace("StringEquals", "StringLike").replace("causely:causely-mediator", "*:*");
    assert_ne!(seed, wide);
    std::fs::write(folder.path().join("wide.json"), wide).unwrap();

    let same = diff(folder.path(), &[SEED, SEED]);
    assert_eq!(same.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&same.stdout), "both allow the same\n");

    let told = diff(folder.path(), &[SEED, "wide.json"]);
    assert_eq!(told.status.code(), Some(1));
    let text = String::from_utf8_lossy(&told.stdout);
    for part in
        ["+ gained", "sts:AssumeRoleWithWebIdentity", "system:serviceaccount:example:example"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("- lost"), "{text}");

    let json = diff(folder.path(), &[SEED, "wide.json", "--output", "json"]);
    let read: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(read["complete"], true);
    assert_eq!(read["gained"][0]["witness"]["action"], "sts:AssumeRoleWithWebIdentity");
}

#[test]
fn what_is_no_policy_is_refused_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.json"), "{\"Statement\": 1}").unwrap();
    let told = diff(folder.path(), &["bad.json", SEED]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("bad.json"));
    let twice = diff(folder.path(), &["-", "-"]);
    assert_eq!(twice.status.code(), Some(2));
}
