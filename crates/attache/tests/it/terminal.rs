//! What others say is shown, not obeyed: no source of text can move the cursor, colour a verdict or
//! forge a line, with colours and without, as a table and as JSON.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::command::command;

/// Clears the screen, colours in a way that nothing of ours does, sounds the bell, goes to the
/// line's start, begins an 8-bit sequence, shows backwards, and begins a line.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}[45m\u{7}\r\u{9b}45m\u{202e}\u{200b}\u{7f}\nFORGED";

struct Run {
    said: String,
    code: Option<i32>,
}

fn run(folder: &std::path::Path, arguments: &[&str]) -> Run {
    run_with(folder, arguments, &[])
}

fn run_with(folder: &std::path::Path, arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    let mut command = command(folder);
    let done = command.args(arguments).envs(environment.iter().copied()).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    let said = String::from_utf8(said).expect("it is UTF-8");
    Run { said, code: done.status.code() }
}

/// Nothing of the hostile text is obeyed. Our own colours are foreground colours and weights.
fn is_harmless(run: &Run, about: &str) {
    let said = &run.said;
    let mut rest = said.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        let code = rest.get(at + 1..).unwrap();
        let end = code.find('m').unwrap_or(0);
        let inner = code.get(1..end).unwrap_or("?");
        let ours = code.starts_with('[')
            && inner
                .split(';')
                .all(|n| n.parse::<u8>().is_ok_and(|n| n < 40 || (90..98).contains(&n)));
        assert!(ours, "{about}: an escape sequence in {said:?}");
        rest = code;
    }
    for bad in ['\u{7}', '\r', '\u{9b}', '\u{202e}', '\u{200b}', '\u{7f}'] {
        assert!(!said.contains(bad), "{about}: {bad:?} in {said:?}");
    }
    assert!(!said.lines().any(|line| line.starts_with("FORGED")), "{about}: a line in {said:?}");
    assert!(!said.contains("panicked"), "{about}: {said}");
}

/// In every shape and colour; the hostile text must have come that far.
fn every_way(folder: &std::path::Path, arguments: &[&str], environment: &[(&str, &str)]) {
    for more in [&["--color", "always"][..], &["--color", "never"], &["--output", "json"]] {
        let run = run_with(folder, &[arguments, more].concat(), environment);
        is_harmless(&run, &format!("{arguments:?} {more:?}"));
        assert!(run.said.contains("FORGED"), "{arguments:?} {more:?}: {}", run.said);
    }
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let federation = include_str!("../../../../examples/federation.yaml");
    std::fs::write(folder.path().join("federation.yaml"), federation).unwrap();
    folder
}

#[test]
fn arguments_and_file_names_are_shown_and_not_obeyed() {
    let folder = folder();
    for arguments in [
        vec![HOSTILE],
        vec!["plan", HOSTILE],
        vec!["plan", "-f", HOSTILE],
        vec!["render", "-f", HOSTILE],
        vec!["verify", "-f", "federation.yaml", "--wait", HOSTILE],
        vec!["verify", "--values", HOSTILE, "--secrets", "s"],
        vec!["policy", "check", HOSTILE],
        vec!["policy", "diff", HOSTILE, HOSTILE],
        vec!["reach", "--snapshot", HOSTILE],
        vec!["token", "show", HOSTILE],
        vec!["token", "jwks", "--key", HOSTILE],
        vec!["token", "mint", "--issuer", HOSTILE, "--key", "k", "--subject", "s"],
        vec!["mediator", "--values", HOSTILE, "--secrets", "s", "--token-file", "t"],
        vec!["explain", "--trust", HOSTILE, "--principal", "anonymous"],
        vec!["authority", "--account", HOSTILE],
    ] {
        let run = run(folder.path(), &arguments);
        is_harmless(&run, &format!("{arguments:?}"));
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.said);
    }
}

#[test]
fn a_tokens_claims_are_shown_and_not_obeyed() {
    let folder = folder();
    run(folder.path(), &["token", "keygen", "--out", "key", "--algorithm", "es256"]);
    let claim = format!("evil={}", serde_json::Value::from(HOSTILE));
    let minted = run(
        folder.path(),
        &[
            "token",
            "mint",
            "--issuer",
            "https://i.example",
            "--key",
            "key",
            "--subject",
            HOSTILE,
            "--claim",
            &claim,
        ],
    );
    std::fs::write(folder.path().join("token"), minted.said.trim()).unwrap();
    let keys = run(folder.path(), &["token", "jwks", "--key", "key"]);
    std::fs::write(folder.path().join("jwks.json"), keys.said).unwrap();
    every_way(folder.path(), &["token", "show", "token"], &[]);
    every_way(folder.path(), &["token", "verify", "token", "--jwks", "jwks.json"], &[]);
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":
        "arn:aws:iam::222222222222:oidc-provider/i.example"},"Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{"StringEquals":{"i.example:sub":"other"}}}}"#;
    std::fs::write(folder.path().join("trust.json"), trust).unwrap();
    every_way(folder.path(), &["explain", "--trust", "trust.json", "--token", "token"], &[]);
}

#[test]
fn a_policys_texts_are_shown_and_not_obeyed() {
    let folder = folder();
    let text = serde_json::Value::from(HOSTILE);
    // As JSON escapes, and raw, as an editor or an attacker may have written them.
    let raw = HOSTILE.replace('\n', "");
    let write = |name: &str, condition: &str| {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":{text},"Effect":"Allow","Principal":{{
            "AWS":"111111111111"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{
            "sts:ExternalId":{condition}}}}}}}]}}"#
        );
        std::fs::write(folder.path().join(name), policy).unwrap();
    };
    write("a.json", &text.to_string());
    write("b.json", &format!("\"{raw}\""));
    for name in ["a.json", "b.json"] {
        for arguments in [
            vec!["policy", "check", name],
            vec!["policy", "diff", "a.json", name],
            vec!["policy", "diff", name, "a.json"],
            vec![
                "explain",
                "--trust",
                name,
                "--principal",
                "arn:aws:iam::111111111111:user/x",
                "--resource",
                "arn:aws:iam::222222222222:role/x",
            ],
        ] {
            for more in [&["--color", "always"][..], &["--color", "never"], &["--output", "json"]] {
                let arguments = [arguments.as_slice(), more].concat();
                is_harmless(&run(folder.path(), &arguments), &format!("{arguments:?}"));
            }
        }
    }
}

#[test]
fn a_files_keys_and_values_are_shown_and_not_obeyed() {
    let folder = folder();
    let good = include_str!("../../../../examples/federation.yaml");
    let text = serde_json::Value::from(HOSTILE).to_string();
    let raw = HOSTILE.replace(['\n', '\r', '\u{7}', '\u{7f}', '\u{1b}'], "");
    for bad in [
        format!("{good}{text}: x\n"),
        format!("{good}'{raw}FORGED': x\n"),
        good.replacen("causely", &text, 1),
        good.replacen("us-east-1", &text, 1),
        format!("# {raw}\n{}: x\n", HOSTILE.replace('\n', "")),
    ] {
        std::fs::write(folder.path().join("bad.yaml"), &bad).unwrap();
        for verb in ["render", "plan", "apply", "destroy", "verify"] {
            for color in ["always", "never"] {
                let arguments = [verb, "-f", "bad.yaml", "--color", color];
                let run = run(folder.path(), &arguments);
                is_harmless(&run, &format!("{arguments:?} of {bad:?}"));
                assert_eq!(run.code, Some(2), "{}", run.said);
            }
        }
    }
    let rules = format!("[[deny]]\nfrom = {text}\nto = \"*\"\nextra = {text}\n");
    std::fs::write(folder.path().join("rules.toml"), rules).unwrap();
    std::fs::write(folder.path().join("s.json"), snapshot()).unwrap();
    let arguments = ["reach", "--snapshot", "s.json", "--deny-path", "rules.toml"];
    is_harmless(&run(folder.path(), &arguments), "rules");
}

fn snapshot() -> String {
    let sid = serde_json::Value::from(HOSTILE);
    let name = serde_json::Value::from(format!("arn:aws:iam::111111111111:user/{HOSTILE}"));
    format!(
        r#"{{"RoleDetailList":[{{"Arn":"arn:aws:iam::111111111111:role/R","RoleName":"R","Path":"/",
        "RoleId":"AROA","CreateDate":"2026-01-01T00:00:00Z","InstanceProfileList":[],
        "RolePolicyList":[],"AttachedManagedPolicies":[],"Tags":[],"AssumeRolePolicyDocument":{{
        "Version":"2012-10-17","Statement":[{{"Sid":{sid},"Effect":"Allow","Principal":{{"AWS":[{name},
        "arn:aws:iam::111111111111:user/ann"]}},"Action":"sts:AssumeRole"}}]}}}}],
        "UserDetailList":[{{"Arn":"arn:aws:iam::111111111111:user/ann","UserName":"ann","Path":"/",
        "UserId":"AIDA","CreateDate":"2026-01-01T00:00:00Z","GroupList":[],"UserPolicyList":[],
        "AttachedManagedPolicies":[]}}],"GroupDetailList":[],"Policies":[],"IsTruncated":false}}"#
    )
}

#[test]
fn a_snapshots_arns_and_sids_are_shown_and_not_obeyed() {
    let folder = folder();
    std::fs::write(folder.path().join("s.json"), snapshot()).unwrap();
    let rules =
        format!("[[deny]]\nfrom=\"*\"\nto=\"*\"\nreason={}\n", serde_json::Value::from(HOSTILE));
    std::fs::write(folder.path().join("rules.toml"), rules).unwrap();
    every_way(folder.path(), &["reach", "--snapshot", "s.json"], &[]);
    let deny = ["reach", "--snapshot", "s.json", "--deny-path", "rules.toml"];
    for more in [&["--color", "always"][..], &["--color", "never"], &["--output", "json"]] {
        is_harmless(&run(folder.path(), &[&deny[..], more].concat()), "deny-path");
    }
}

/// An AWS that refuses every call with the same message, as XML.
fn refusing_aws() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            std::thread::spawn(move || {
                let mut request = [0; 16 * 1024];
                drop(stream.read(&mut request));
                // As character references: raw, the parser takes not even the escape character.
                let hostile: String =
                    HOSTILE.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
                let body = format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                     <Message>not you {hostile}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
                );
                drop(write!(
                    stream,
                    "HTTP/1.1 403 Forbidden\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\
                     connection: close\r\n\r\n{body}",
                    body.len()
                ));
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn awss_messages_are_shown_and_not_obeyed() {
    let folder = folder();
    let url = refusing_aws();
    let environment = [
        ("AWS_ENDPOINT_URL", url.as_str()),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_MAX_ATTEMPTS", "1"),
        ("ATTACHE_LOG", "debug"),
    ];
    run(folder.path(), &["token", "keygen", "--out", "key", "--algorithm", "es256"]);
    let issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
    let subject = "system:serviceaccount:causely:causely-mediator";
    let mint = ["token", "mint", "--issuer", issuer, "--key", "key", "--subject", subject];
    let token = run(folder.path(), &mint);
    std::fs::write(folder.path().join("token"), token.said.trim()).unwrap();
    assert_eq!(
        run(folder.path(), &["render", "-f", "federation.yaml", "--out", "."]).code,
        Some(0)
    );
    for arguments in [
        vec!["plan", "-f", "federation.yaml"],
        vec!["apply", "-f", "federation.yaml", "--yes"],
        vec!["destroy", "-f", "federation.yaml", "--yes"],
        vec!["verify", "-f", "federation.yaml", "--token", "token"],
        vec!["reach", "--live", "--account", "222222222222"],
        vec![
            "mediator",
            "--values",
            "causely-values.yaml",
            "--secrets",
            "aws-secret.yaml",
            "--token-file",
            "token",
            "--once",
            "--catalog",
            ".",
        ],
    ] {
        for more in [&["--color", "always"][..], &["--color", "never"], &["--output", "json"]] {
            let arguments = [arguments.as_slice(), more].concat();
            let run = run_with(folder.path(), &arguments, &environment);
            is_harmless(&run, &format!("{arguments:?}"));
            assert_ne!(run.code, Some(0), "{arguments:?}: {}", run.said);
            assert!(run.said.contains("FORGED"), "{arguments:?}: {}", run.said);
        }
    }
}
