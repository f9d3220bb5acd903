//! A mistake far along a line, or in a text of megabytes, is told in a few lines by every command
//! that reads files.

use std::fs;
use std::path::Path;

use crate::command::{attache, printed};

/// Ours: what a person is ever told of one mistake.
const LONGEST_ERROR: usize = 4096;

/// What a command says; it neither panics nor says it at length.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let done = attache(folder, arguments);
    let said = printed(&done);
    assert!(matches!(done.status.code(), Some(1 | 2)), "{arguments:?}: {:?} {said}", done.status);
    assert!(said.len() <= LONGEST_ERROR, "{arguments:?}: {} bytes", said.len());
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn a_mistake_at_a_column_over_65535_is_told_with_its_place_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let pad = " ".repeat(77_000);
    write(
        "wide.json",
        &format!(
            r#"{{{pad}"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "s3GetObject", "Resource": "*"}}]}}"#
        ),
    );
    write("wide.yaml", &format!("{{apiVersion: attache/v1, kind: Federation, {pad} nosuch: 1}}\n"));
    write(
        "values.yaml",
        &format!("{{mediator: {{}}, scrapers: {{aws: {{ {pad} enabled: 0}}}}}}\n"),
    );
    write("secrets.yaml", &format!("{{apiVersion: v1, {pad} kind: [}}\n"));
    write(
        "good.json",
        r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#,
    );
    let ann = ["--principal", "arn:aws:iam::222222222222:user/ann", "--action", "s3:GetObject"];
    let explain = |flag| {
        [&["explain"], &ann[..], &["--resource", "arn:aws:s3:::b/k", flag, "wide.json"]].concat()
    };
    for (arguments, place) in [
        (vec!["policy", "check", "wide.json"], "1:77071"),
        (vec!["policy", "diff", "wide.json", "good.json"], "1:77071"),
        (vec!["policy", "diff", "good.json", "wide.json"], "1:77071"),
        (explain("--policy"), "1:77071"),
        (explain("--boundary"), "1:77071"),
        (vec!["plan", "-f", "wide.yaml"], "1:77"),
        (vec!["render", "-f", "wide.yaml", "--out", "out"], "1:77"),
        (vec!["verify", "--values", "values.yaml", "--secrets", "secrets.yaml"], "1:77"),
        (
            vec![
                "mediator",
                "--once",
                "--ephemeral",
                "--token-file",
                "token",
                "--values",
                "values.yaml",
                "--secrets",
                "secrets.yaml",
            ],
            "1:77",
        ),
    ] {
        let said = said(folder.path(), &arguments);
        assert!(said.contains(place), "{arguments:?}: {said}");
    }
}

#[test]
fn a_text_of_four_megabytes_is_not_repeated_by_any_command() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let long = "k".repeat(4_000_000);
    write("long.json", &format!(r#"{{"{long}": 1, "Statement": [{{"{long}": "{long}"}}]}}"#));
    write("long.yaml", &format!("apiVersion: attache/v1\nkind: {long}\n{long}: 1\n"));
    write("key.yaml", &format!("{long}: 1\n"));
    for arguments in [
        vec!["policy", "check", "long.json"],
        vec!["policy", "diff", "long.json", "long.json"],
        vec!["plan", "-f", "long.yaml"],
        vec!["render", "-f", "key.yaml", "--out", "out"],
        vec![
            "mediator",
            "--once",
            "--ephemeral",
            "--token-file",
            "token",
            "--values",
            "key.yaml",
            "--secrets",
            "long.yaml",
        ],
        vec!["reach", "--snapshot", "long.json"],
    ] {
        said(folder.path(), &arguments);
    }
}
