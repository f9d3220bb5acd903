//! `attache policy check` as a person and a pipeline run it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::command::{attache, command, printed};

const WIDE: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

fn check(folder: &Path, arguments: &[&str]) -> Output {
    attache(folder, &[&["policy", "check"], arguments].concat())
}

#[test]
fn warnings_fail_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("wide.json"), WIDE).unwrap();
    let warned = check(folder.path(), &["wide.json"]);
    let text = String::from_utf8_lossy(&warned.stdout).into_owned();
    assert_eq!(warned.status.code(), Some(0), "{text}");
    assert!(text.contains("allows-everything") && text.contains("wide.json:2:3"), "{text}");
    assert_eq!(check(folder.path(), &["--strict", "wide.json"]).status.code(), Some(1));
    std::fs::write(folder.path().join("bad.json"), "{\"Statement\": []}").unwrap();
    assert_eq!(check(folder.path(), &["bad.json"]).status.code(), Some(1));
    assert_eq!(check(folder.path(), &["nowhere.json"]).status.code(), Some(2));
}

#[test]
fn the_rules_are_listed_and_sarif_names_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a wide.json"), WIDE).unwrap();
    let log = check(folder.path(), &["--output", "sarif", "a wide.json"]);
    let log: Value = serde_json::from_slice(&log.stdout).unwrap();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let at = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(run["tool"]["driver"]["rules"][at]["id"], "allows-everything");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20wide.json");
    assert_eq!(place["region"]["startLine"], 2);
    let rules = check(folder.path(), &["--rules", "--output", "json"]);
    let rules: Value = serde_json::from_slice(&rules.stdout).unwrap();
    assert_eq!(
        rules.as_array().unwrap().len(),
        run["tool"]["driver"]["rules"].as_array().unwrap().len()
    );
}

#[test]
fn no_other_command_writes_sarif() {
    let folder = tempfile::tempdir().unwrap();
    let told = attache(folder.path(), &["completions", "bash", "--output", "sarif"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("policy check"));
}

#[test]
fn what_is_wrong_with_a_whole_document_does_not_print_it() {
    let folder = tempfile::tempdir().unwrap();
    let actions = vec!["    \"s3:GetObject\""; 200].join(",\n");
    let text = format!("{{\n  \"Document\": {{\"Statement\": [\n{actions}\n  ]}}\n}}");
    let file = folder.path().join("wrapped.json");
    std::fs::write(&file, text).unwrap();
    for verb in [&["check"][..], &["diff", file.to_str().unwrap()]] {
        let mut command = command(Path::new("."));
        let said = printed(&command.arg("policy").args(verb).arg(&file).output().unwrap());
        assert!(said.contains("a policy needs a Statement"), "{said}");
        assert!(said.lines().count() < 40, "{said}");
    }
}
