//! Whatever a federation's fields hold: it is refused at its place, or what is rendered says
//! exactly that and nothing more.

use std::collections::BTreeMap;

use attache_federation::Federation;
use attache_render::{RenderedFile, render, render_cloudformation};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The issue's own ones, and their kin.
const HOSTILE: &[&str] = &[
    "/x\n---\nkind: ClusterRoleBinding\n#/",
    "/x #y/",
    "/x\ty/",
    "/\u{0}/",
    "/a: b/",
    "/'$(id)'/",
    "/\u{85}/",
    "/\u{2028}/",
    "/é/",
    "/{{ .Values.x }}/",
    "x\nAWS_REGION: y",
    "--debug",
    "-x",
    "~",
    "null",
    "on",
    "no",
    "1e3",
    "0x1f",
    "123",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}x",
    "a'b\"c`d$e\\f",
    "https://issuer.example",
    "file://etc",
    "[\"a\"]",
    "",
    " ",
];

fn federation(fields: &BTreeMap<&str, String>) -> Value {
    let get = |name: &str, or: &str| fields.get(name).cloned().unwrap_or_else(|| or.to_owned());
    let (condition, tag) = (get("value", "v"), get("tag key", "team"));
    json!({
        "apiVersion": "attache/v1",
        "kind": "Federation",
        "metadata": { "name": get("name", "causely") },
        "spec": {
            "issuer": get("issuer", "https://issuer.example/id/A"),
            "audience": get("audience", "sts.amazonaws.com"),
            "workload": {
                "namespace": get("namespace", "causely"),
                "serviceAccount": get("service account", "mediator"),
            },
            "source": { "account": "111111111111", "role": "Source", "path": get("source path", "/") },
            "targets": [{
                "account": "222222222222",
                "role": get("role", "Target"),
                "path": get("path", "/"),
                "region": get("region", "us-east-1"),
                "policies": [get("policy", "ReadOnlyAccess")],
                "permissionsBoundary": get("boundary", "PowerUserAccess"),
                "inlinePolicies": { (get("inline name", "inline")): {
                    "Version": "2012-10-17",
                    "Statement": { "Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*",
                                   "Condition": { "StringEquals": { "aws:RequestTag/x": condition } } }
                } },
                "tags": { (tag): get("tag value", "x") },
            }],
        },
    })
}

const FIELDS: &[&str] = &[
    "name",
    "issuer",
    "audience",
    "namespace",
    "service account",
    "source path",
    "role",
    "path",
    "region",
    "policy",
    "boundary",
    "inline name",
    "value",
    "tag key",
    "tag value",
];

fn file<'f>(files: &'f [RenderedFile], name: &str) -> &'f str {
    let found = files.iter().find(|file| file.name.ends_with(name));
    &found.unwrap_or_else(|| panic!("there is no {name}")).text
}

/// One document, which is exactly this value.
fn is_yaml(text: &str, expected: &Value) {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).expect("it is YAML");
    assert_eq!(documents, std::slice::from_ref(expected), "{text}");
}

fn check(field: &'static str, value: &str) {
    let fields = BTreeMap::from([(field, value.to_owned())]);
    // JSON is YAML: every character gets through to the field.
    let text = federation(&fields).to_string();
    let Ok(read) = Federation::from_yaml(&text, "federation.yaml") else { return };
    let is = |name: &str, or: &str| if field == name { value.to_owned() } else { or.to_owned() };
    let files = render(&read);
    let role = format!("arn:aws:iam::222222222222:role{}{}", is("path", "/"), is("role", "Target"));
    let partition = read.targets().next().map(|(role, _)| role.partition().to_string());
    let role = role.replacen("aws", &partition.unwrap_or_default(), 1);
    is_yaml(
        file(&files, "aws-secret.yaml"),
        &json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": { "name": "aws-secret", "namespace": is("namespace", "causely") },
            "stringData": { "AWS_REGION": is("region", "us-east-1"), "AWS_ROLE_ARN": role },
        }),
    );
    let values: Value = serde_saphyr::from_str(file(&files, "-values.yaml")).expect("it is YAML");
    let annotation = "/mediator/serviceAccountAnnotations/eks.amazonaws.com~1role-arn";
    let source = read.source().to_string();
    assert_eq!(values.pointer(annotation), Some(&json!(source)));
    assert!(source.ends_with(&format!(":role{}Source", is("source path", "/"))), "{source}");
    let trust: Value = serde_json::from_str(file(&files, "target-trust.json")).expect("it is JSON");
    let subject = format!(
        "system:serviceaccount:{}:{}",
        is("namespace", "causely"),
        is("service account", "mediator")
    );
    let issuer = is("issuer", "https://issuer.example/id/A");
    let key = issuer.trim_start_matches("https://");
    let equals = json!({ format!("{key}:sub"): subject,
                         format!("{key}:aud"): is("audience", "sts.amazonaws.com") });
    assert_eq!(trust["Statement"][0]["Condition"]["StringEquals"], equals);
    template_reads_back(&read, &role, &trust);
    for file in &files {
        assert!(
            attache_identifiers::printable_lines(&file.text) == file.text,
            "{}: {}",
            file.name,
            file.text
        );
        assert!(!file.name.contains(['/', '\n']) && file.name.len() <= 255, "{:?}", file.name);
    }
}

/// The target's role in CloudFormation's template.
fn template_reads_back(federation: &Federation, role: &str, trust: &Value) {
    let files = render_cloudformation(federation).expect("no policy has a function");
    let template: Value =
        serde_json::from_str(file(&files, "-222222222222.json")).expect("it is JSON");
    let properties = &template["Resources"]["TargetRole"]["Properties"];
    let text = |key: &str| properties[key].as_str().unwrap_or_default().to_owned();
    assert!(role.ends_with(&format!(":role{}{}", text("Path"), text("RoleName"))), "{properties}");
    assert_eq!(properties["AssumeRolePolicyDocument"], *trust);
}

#[test]
fn every_field_with_every_hostile_text_is_refused_or_reads_back() {
    for field in FIELDS {
        HOSTILE.iter().for_each(|value| check(field, value));
    }
}

#[test]
fn a_path_is_slashes_and_printable_ascii() {
    let long = |n: usize| format!("/{}/", "x".repeat(n));
    for (path, good) in [
        ("/".to_owned(), true),
        ("/team/x/".to_owned(), true),
        ("/!#$%&'*+,;=?[]{}|~/".to_owned(), true),
        (long(510), true),
        (long(511), false),
        ("/x\n---\nkind: ClusterRoleBinding\n#/".to_owned(), false),
        ("/x #y/".to_owned(), false),
        ("/x\t/".to_owned(), false),
        ("/x\u{0}/".to_owned(), false),
        ("/x\u{7f}/".to_owned(), false),
        ("/é/".to_owned(), false),
        ("//".to_owned(), false),
        ("x/".to_owned(), false),
    ] {
        for field in ["path", "source path"] {
            let text = federation(&BTreeMap::from([(field, path.clone())])).to_string();
            let read = Federation::from_yaml(&text, "federation.yaml");
            assert_eq!(read.is_ok(), good, "{field} {path:?}: {:?}", read.err());
        }
        let arn =
            attache_identifiers::RoleArn::parse(&format!("arn:aws:iam::222222222222:role{path}X"));
        assert_eq!(arn.is_ok(), good, "{path:?}");
    }
}

proptest! {
    #[test]
    fn any_field_with_any_text_is_refused_or_reads_back(
        field in prop::sample::select(FIELDS),
        text in prop_oneof!["/[ -~]{0,20}/", "[ -~]{0,20}", "[\\PC\\pC]{0,8}", "/[\\PC\\pC]{0,8}/"],
    ) {
        check(field, &text);
    }
}
