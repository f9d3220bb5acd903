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
    let text = format!("{{\n  \"Document\": {{\"Statements\": [\n{actions}\n  ]}}\n}}");
    let file = folder.path().join("wrapped.json");
    std::fs::write(&file, text).unwrap();
    for verb in [&["check"][..], &["diff", file.to_str().unwrap()]] {
        let mut command = command(Path::new("."));
        let said = printed(&command.arg("policy").args(verb).arg(&file).output().unwrap());
        assert!(said.contains("a policy needs a Statement"), "{said}");
        assert!(said.lines().count() < 40, "{said}");
    }
}

#[test]
fn the_policy_inside_an_answer_is_checked_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let answer = r#"{
  "Role": {
    "RoleName": "r",
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:Get*"}]}
  }
}"#;
    std::fs::write(folder.path().join("role.json"), answer).unwrap();
    let found = check(folder.path(), &["--output", "json", "role.json"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found[0]["kind"], "role trust policy");
    assert_eq!(found[0]["kindInferred"], false);
    let first = &found[0]["findings"][0];
    assert_eq!((&first["line"], &first["column"]), (&Value::from(5), &Value::from(75)), "{first}");
    let said = "AssumeRole policy may only specify STS AssumeRole actions.";
    assert_eq!(first["awsMessage"], said);
}

#[test]
fn a_guessed_kind_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
      "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}}"#;
    std::fs::write(folder.path().join("trust.json"), trust).unwrap();
    let said = printed(&check(folder.path(), &["trust.json"]));
    for part in ["Has prohibited field Resource", "role trust policy, inferred: --kind sets it"] {
        assert!(said.contains(part), "{said}");
    }
    let old = r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
    std::fs::write(folder.path().join("old.json"), old).unwrap();
    assert_eq!(check(folder.path(), &["--kind", "managed", "old.json"]).status.code(), Some(1));
    assert_eq!(check(folder.path(), &["--kind", "inline", "old.json"]).status.code(), Some(0));
}

#[test]
fn a_finding_is_silenced_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("wide.json", WIDE);
    let entry = |rule: &str, reason: &str| {
        format!("[[silence]]\nrule = \"{rule}\"\nfile = \"w*.json\"\nreason = \"{reason}\"\n")
    };
    write("reviewed.toml", &entry("allows-everything", "break-glass"));
    let run = |arguments: &[&str]| {
        check(
            folder.path(),
            &[&["--strict", "--silence", "reviewed.toml", "wide.json"], arguments].concat(),
        )
    };
    assert_eq!(run(&[]).status.code(), Some(0));
    assert!(printed(&run(&[])).contains("1 silenced"));
    let log: Value = serde_json::from_slice(&run(&["--output", "sarif"]).stdout).unwrap();
    let suppressions = &log["runs"][0]["results"][0]["suppressions"];
    assert_eq!(suppressions[0]["justification"], "break-glass");
    write("reviewed.toml", &entry("unknown-action", "gone"));
    let said = run(&[]);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("nothing was found that"));
    for (rule, reason) in [("allows-everything", " "), ("no-such-rule", "a"), ("invalid", "a")] {
        write("reviewed.toml", &entry(rule, reason));
        assert_eq!(run(&[]).status.code(), Some(2), "{rule}");
    }
}

#[test]
fn only_what_a_diff_touched_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("wide.json", WIDE);
    let diff =
        |line: usize| format!("--- a/wide.json\n+++ b/wide.json\n@@ -{line} +{line} @@\n-a\n+b\n");
    let run = || check(folder.path(), &["--strict", "--changed-lines", "change.diff", "wide.json"]);
    write("change.diff", &diff(2));
    assert_eq!(run().status.code(), Some(1));
    write("change.diff", &diff(4));
    assert_eq!(run().status.code(), Some(0));
    write("change.diff", "no diff");
    assert_eq!(run().status.code(), Some(2));
}
