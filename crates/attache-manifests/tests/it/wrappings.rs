//! Every wrapping that Kubernetes' tools, and people with them, put a Secret into.

use super::{ROLE, SEED_VALUES, account, read, secret, told};

const PLAIN: &str = "apiVersion: v1
kind: Secret
metadata:
  name: aws-secret
stringData:
  AWS_REGION: us-east-1
  AWS_ROLE_ARN: arn:aws:iam::222222222222:role/CauselyAccess
";

/// `us-east-1` and the role in base64.
const REGION_64: &str = "dXMtZWFzdC0x";
const ROLE_64: &str = "YXJuOmF3czppYW06OjIyMjIyMjIyMjIyMjpyb2xlL0NhdXNlbHlBY2Nlc3M=";

fn json() -> String {
    format!(
        "{{\n    \"apiVersion\": \"v1\",\n    \"data\": {{\n        \"AWS_REGION\": \
         \"{REGION_64}\",\n        \"AWS_ROLE_ARN\": \"{ROLE_64}\"\n    }},\n    \"kind\": \
         \"Secret\",\n    \"metadata\": {{\n        \"name\": \"aws-secret\"\n    }},\n    \
         \"type\": \"Opaque\"\n}}\n"
    )
}

/// A document indented by two, as an item of a list.
fn item(document: &str) -> String {
    format!("- {}\n", document.trim_end().replace('\n', "\n  "))
}

#[test]
fn a_secret_in_every_wrapping_is_read() {
    let others = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: aws-secret\n";
    let config_map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  AWS_REGION: x\n";
    let stranger =
        "kind: Secret\nmetadata: { name: s }\ntype: kubernetes.io/tls\ndata: { tls.key: '%' }\n";
    let encoded = format!("data:\n  AWS_REGION: {REGION_64}\n  AWS_ROLE_ARN: {ROLE_64}\n");
    let head = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: aws-secret\n";
    let kubectl = format!(
        "apiVersion: v1\ndata:\n  AWS_REGION: {REGION_64}\n  AWS_ROLE_ARN: {ROLE_64}\nimmutable: \
         true\nkind: Secret\nmetadata:\n  annotations:\n    \
         kubectl.kubernetes.io/last-applied-configuration: |\n      \
         {{\"apiVersion\":\"v1\",\"kind\":\"Secret\"}}\n  creationTimestamp: \
         \"2026-11-27T00:00:00Z\"\n  managedFields:\n  - apiVersion: v1\n    fieldsType: \
         FieldsV1\n    fieldsV1:\n      f:data:\n        .: {{}}\n        f:AWS_REGION: {{}}\n      \
         f:type: {{}}\n    manager: kubectl-create\n    operation: Update\n  name: aws-secret\n  \
         resourceVersion: \"1234\"\n  uid: 0b4f9d2e-0000-4000-8000-000000000000\ntype: Opaque\n"
    );
    let wrapped_64 = ROLE_64.replacen("IyMj", "IyM\n    j", 1);
    for (what, text) in [
        ("a manifest", PLAIN.to_owned()),
        ("base64", format!("{head}{encoded}")),
        ("kubectl get -o yaml", kubectl.clone()),
        ("JSON", json()),
        ("JSON with tabs", json().replace("    ", "\t")),
        ("JSON on one line", json().replace('\n', " ")),
        ("a List", format!("apiVersion: v1\nitems:\n{}{}kind: List\n", item(others), item(PLAIN))),
        (
            "kubectl get -o yaml of several",
            format!("apiVersion: v1\nkind: List\nitems:\n{}{}", item(stranger), item(&kubectl)),
        ),
        ("a List in JSON", format!("{{\"kind\":\"List\",\"items\":[{}]}}", json())),
        (
            "a SecretList as the API server has it, whose items have no kind",
            format!(
                "{{\"kind\":\"SecretList\",\"apiVersion\":\"v1\",\"items\":[{{\"metadata\":\
                 {{\"name\":\"aws-secret\"}},\"data\":{{\"AWS_REGION\":\"{REGION_64}\",\
                 \"AWS_ROLE_ARN\":\"{ROLE_64}\"}}}}]}}"
            ),
        ),
        ("a List in a List", {
            let inner = format!("kind: List\nitems:\n{}", item(PLAIN));
            format!("kind: List\nitems:\n{}", item(&inner))
        }),
        ("an empty List before it", format!("kind: List\nitems: []\n---\n{PLAIN}")),
        ("objects of JSON in a row", format!("{{\"kind\":\"Namespace\"}}\n{}{{}}\n", json())),
        ("a ConfigMap before it", format!("{config_map}---\n{PLAIN}")),
        ("a ConfigMap behind it", format!("{PLAIN}---\n{config_map}")),
        ("others' Secrets around it", format!("{stranger}---\n{PLAIN}---\n{stranger}")),
        ("another kind of its name", format!("{others}---\n{PLAIN}")),
        (
            "the output of helm template",
            format!(
                "---\n# Source: causely/templates/empty.yaml\n---\n# Source: causely/templates/secret.yaml\n{PLAIN}---\n# Source: c\n"
            ),
        ),
        ("markers around it", format!("---\n---\n{PLAIN}---\n---\n")),
        ("documents that are null", format!("null\n---\n~\n---\n{PLAIN}...\n---\n")),
        ("a directive", format!("%YAML 1.2\n---\n{PLAIN}")),
        ("line ends of Windows", PLAIN.replace('\n', "\r\n")),
        (
            "line ends of Windows, two documents",
            format!("{config_map}---\n{PLAIN}").replace('\n', "\r\n"),
        ),
        ("a byte order mark", format!("\u{feff}{PLAIN}")),
        (
            "two files with byte order marks in one",
            format!("\u{feff}{config_map}\u{feff}---\n{PLAIN}"),
        ),
        (
            "stringData over data",
            format!("{PLAIN}data:\n  AWS_REGION: eHg=\n  AWS_ROLE_ARN: '%'\n"),
        ),
        ("half of it in data", {
            let plain = PLAIN.replace("  AWS_REGION: us-east-1\n", "");
            format!("{plain}data:\n  AWS_REGION: {REGION_64}\n")
        }),
        (
            "sections that are null",
            format!("{PLAIN}data:\nimmutable: true\ntype: anything/at-all\n"),
        ),
        ("base64 in lines", format!("{head}{}", encoded.replace(ROLE_64, &wrapped_64))),
        (
            "base64 in a block of lines",
            format!("{head}{}", encoded.replace(ROLE_64, &format!("|\n    {wrapped_64}"))),
        ),
        (
            "base64 with a line break, as echo makes it",
            format!(
                "{head}data:\n  AWS_REGION: dXMtZWFzdC0xCg==\n  AWS_ROLE_ARN: \
                 YXJuOmF3czppYW06OjIyMjIyMjIyMjIyMjpyb2xlL0NhdXNlbHlBY2Nlc3MK\n"
            ),
        ),
        (
            "values as blocks of lines",
            format!(
                "{head}stringData:\n  AWS_REGION: |\n    us-east-1\n  AWS_ROLE_ARN: >\n    {ROLE}\n"
            ),
        ),
        (
            "quoted values",
            PLAIN.replace("us-east-1", "'us-east-1'").replace(ROLE, &format!("\"{ROLE}\"")),
        ),
        (
            "an anchor",
            PLAIN
                .replace("us-east-1", "&r us-east-1")
                .replace("aws-secret\n", "aws-secret\n  labels: {}\n"),
        ),
        ("another group's Secret beside it", {
            format!(
                "apiVersion: example.com/v1\nkind: Secret\nmetadata: {{ name: aws-secret }}\n---\n{PLAIN}"
            )
        }),
        (
            "numbers that are none in another's document",
            format!("kind: X\na: [.inf, 1e999, 12e4567, 0x1F]\n~: x\n1: y\n---\n{PLAIN}"),
        ),
        (
            "a Secret without a name beside it",
            format!("kind: Secret\nmetadata: {{}}\n---\n{PLAIN}"),
        ),
    ] {
        let account = account(&text);
        let read = (account.role.to_string(), account.home.to_string());
        assert_eq!(read, (ROLE.to_owned(), "us-east-1".to_owned()), "{what}");
    }
}

#[test]
fn places_are_the_files_own_in_every_document_and_item() {
    let wrong = PLAIN.replace("us-east-1", "nowhere");
    for (what, text, place) in [
        ("behind two documents", format!("a: 1\n---\nb: 2\n---\n{wrong}"), "secrets.yaml:10:15"),
        (
            "in a List",
            format!("kind: List\nitems:\n{}{}", item("kind: X\n"), item(&wrong)),
            "secrets.yaml:9:17",
        ),
        ("behind JSON", format!("{{}}\n{{\"a\": 1}}\n---\n{wrong}"), "secrets.yaml:9:15"),
        (
            "line ends of Windows",
            format!("a: 1\n---\n{wrong}").replace('\n', "\r\n"),
            "secrets.yaml:8:15",
        ),
        ("a byte order mark", format!("\u{feff}{wrong}"), "secrets.yaml:6:15"),
        (
            "umlauts before it",
            format!("# äöü\n{}", wrong.replace("AWS_REGION:", "AWS_REGION: &ä")),
            "secrets.yaml:7:18",
        ),
    ] {
        let told = told(read(SEED_VALUES, &text));
        assert!(told.starts_with(&format!("{place}: ")), "{what}: {told}");
    }
}

#[test]
fn yaml_that_is_not_right_is_refused_with_its_place() {
    for (what, text, wanted) in [
        (
            "a key twice",
            format!("{}kind: Secret\n", secret()),
            "secrets.yaml:10:1: duplicate key `kind`",
        ),
        (
            "a key twice in another's document",
            format!("{}---\na: 1\nb: 2\na: 3\n", secret()),
            "secrets.yaml:13:1: duplicate key `a`",
        ),
        ("an open bracket", format!("{}---\na: [\n", secret()), "secrets.yaml:1"),
        ("tabs", "a:\n\tb: c\n".to_owned(), "secrets.yaml:2:2: tabs"),
        ("a template", "a: {{ .Values.x }}\n".to_owned(), "secrets.yaml:1:5: expected a key"),
        (
            "aliases of aliases",
            {
                let line =
                    |name: char, of: &str| format!("{name}: &{name} [{}]\n", [of; 9].join(", "));
                let all = ["x", "*a", "*b", "*c", "*d", "*e", "*f"];
                "abcdefg".chars().zip(all).map(|(name, of)| line(name, of)).collect()
            },
            "the document is too large",
        ),
        ("deep", "[".repeat(5_000), "secrets.yaml:1:"),
    ] {
        let told = told(read(SEED_VALUES, &text));
        assert!(told.contains(wanted), "{what}: {told}");
    }
}
