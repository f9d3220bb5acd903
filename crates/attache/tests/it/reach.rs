//! `attache reach` as a person runs it: dumps in, ways and an exit code out.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::command::{attache, printed as said};

fn reach(folder: &Path, arguments: &[&str]) -> Output {
    attache(folder, &[&["reach"], arguments].concat())
}

fn dump() -> Value {
    json!({"RoleDetailList": [{
        "Arn": "arn:aws:iam::111111111111:role/One", "RoleId": "AROAONE", "AttachedManagedPolicies": [],
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}],
        "UserDetailList": [], "GroupDetailList": [], "Policies": []})
}

const RULES: &str = "[[deny]]\nfrom = '*/payments/*'\nto = '*'\n";

#[test]
fn rules_do_not_hold_by_one_page_of_several() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("rules.toml"), RULES).unwrap();
    let judge = |dump: &Value, more: &[&str]| {
        std::fs::write(folder.join("dump.json"), dump.to_string()).unwrap();
        let done = reach(
            folder,
            &[&["--snapshot", "dump.json", "--deny-path", "rules.toml"], more].concat(),
        );
        (done.status.code(), said(&done))
    };
    let (code, text) = judge(&dump(), &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("all of 1 rules hold"), "{text}");
    for (mark, value) in
        [("IsTruncated", json!(true)), ("Marker", json!("x")), ("NextToken", json!("x"))]
    {
        let mut page = dump();
        page[mark] = value;
        let (code, text) = judge(&page, &[]);
        assert_eq!(code, Some(2), "{mark}: {text}");
        let text =
            text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        for part in ["one page of several", "aws iam get-account-authorization-details >"] {
            assert!(text.contains(part), "{mark}: {text}");
        }
        assert!(!text.contains("rules hold"), "{text}");
    }
    let mut lacking = dump();
    lacking["RoleDetailList"][0]["AttachedManagedPolicies"] =
        json!([{"PolicyArn": "arn:aws:iam::aws:policy/X"}]);
    let (code, text) = judge(&lacking, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("whether all rules hold is not known"), "{text}");
    assert!(text.contains("arn:aws:iam::aws:policy/X"), "{text}");
    let (code, text) = judge(&lacking, &["--output", "json", "--quiet"]);
    assert_eq!(code, Some(1));
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["broken"], json!([]));
    assert_eq!(report["unknown"].as_array().unwrap().len(), 1, "{report}");
    let done = reach(folder, &["--snapshot", "dump.json", "--to", "*:role/None", "--quiet"]);
    assert!(said(&done).contains("not everything is known"), "{}", said(&done));
}
