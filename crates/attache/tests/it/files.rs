//! Files that are read and written: within limits, nothing replaced that was not meant, nothing
//! through links, all or none.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Output, Stdio};

use crate::command::{attache, command};

/// Ours: what a person is ever told of one mistake.
const LONGEST_ERROR: usize = 4096;

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let federation = include_str!("../../../../examples/federation.yaml");
    fs::write(folder.path().join("federation.yaml"), federation).unwrap();
    folder
}

const FILES: [&str; 5] = [
    "aws-secret.yaml",
    "causely-values.yaml",
    "setup.sh",
    "source-trust.json",
    "target-trust.json",
];

#[test]
fn render_replaces_nothing_without_force_follows_no_links_and_writes_all_or_none() {
    let folder = folder();
    let out = folder.path().join("out");
    let render = |more: &[&str]| {
        attache(
            folder.path(),
            &[&["render", "-f", "federation.yaml", "--out", "out"], more].concat(),
        )
    };
    for name in FILES {
        // Not UTF-8: such a file was once taken for none.
        fs::create_dir(&out).unwrap();
        fs::write(out.join(name), [0xff, 0xfe]).unwrap();
        let done = render(&[]);
        assert_eq!(done.status.code(), Some(2), "{name}");
        assert!(said(&done).contains("--force"), "{}", said(&done));
        assert_eq!(fs::read(out.join(name)).unwrap(), [0xff, 0xfe], "{name}");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing else was written");
        assert_eq!(render(&["--force"]).status.code(), Some(0), "{name}");
        fs::remove_dir_all(&out).unwrap();

        // A link, and a dangling one: with --force, too.
        for target in ["victim", "nowhere"] {
            let victim = folder.path().join("victim");
            fs::write(&victim, "mine").unwrap();
            fs::create_dir(&out).unwrap();
            symlink(folder.path().join(target), out.join(name)).unwrap();
            for more in [&[][..], &["--force"]] {
                let done = render(more);
                assert_eq!(done.status.code(), Some(2), "{name} {target}");
                assert!(said(&done).contains("symbolic link"), "{}", said(&done));
            }
            assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
            assert!(!folder.path().join("nowhere").exists());
            assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing else was written");
            fs::remove_dir_all(&out).unwrap();
        }

        // A folder where a file should go.
        fs::create_dir_all(out.join(name)).unwrap();
        assert_eq!(render(&["--force"]).status.code(), Some(2), "{name}");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing else was written");
        fs::remove_dir_all(&out).unwrap();
    }
    let done = render(&[]);
    assert_eq!(done.status.code(), Some(0));
    let told = FILES.iter().all(|name| said(&done).contains(&format!("out/{name}")));
    assert!(told, "{}", said(&done));
    assert_eq!(render(&[]).status.code(), Some(0), "the same again is no replacement");
}

#[test]
fn a_key_is_written_for_its_owner_alone_and_never_over_another() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let keygen = |name: &str, more: &[&str]| {
        let all = [&["token", "keygen", "--algorithm", "es256", "--out", name], more].concat();
        attache(folder.path(), &all).status.code()
    };
    assert_eq!(keygen("key", &[]), Some(0));
    assert_eq!(fs::metadata(at("key")).unwrap().permissions().mode() & 0o777, 0o600);
    let first = fs::read(at("key")).unwrap();
    assert_eq!(keygen("key", &[]), Some(2));
    assert_eq!(fs::read(at("key")).unwrap(), first);
    fs::set_permissions(at("key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(keygen("key", &["--force"]), Some(0));
    assert_ne!(fs::read(at("key")).unwrap(), first);
    assert_eq!(fs::metadata(at("key")).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(at("victim"), "mine").unwrap();
    symlink(at("victim"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    for name in ["link", "dangling"] {
        assert_eq!(keygen(name, &[]), Some(2));
        assert_eq!(keygen(name, &["--force"]), Some(2));
    }
    assert_eq!(fs::read_to_string(at("victim")).unwrap(), "mine");
    assert!(!at("nowhere").exists());
}

#[test]
fn a_key_that_others_can_read_is_warned_about() {
    let folder = folder();
    attache(folder.path(), &["token", "keygen", "--algorithm", "es256", "--out", "key"]);
    let jwks = || attache(folder.path(), &["token", "jwks", "--key", "key", "--quiet"]);
    assert_eq!(said(&jwks()), "");
    let loose = fs::Permissions::from_mode(0o644);
    fs::set_permissions(folder.path().join("key"), loose).unwrap();
    let done = jwks();
    assert_eq!(done.status.code(), Some(0));
    assert!(said(&done).contains("chmod 600 key"), "{}", said(&done));
}

#[test]
fn a_snapshot_is_saved_over_nothing_and_through_no_link() {
    let folder = folder();
    fs::write(folder.path().join("there"), "mine").unwrap();
    symlink(folder.path().join("nowhere"), folder.path().join("link")).unwrap();
    for name in ["there", "link"] {
        let all = [
            "reach",
            "--live",
            "--account",
            "222222222222",
            "--save",
            name,
            "--endpoint-url",
            "http://127.0.0.1:9",
        ];
        let done = attache(folder.path(), &all);
        // Before AWS is asked: 3 would be its failure.
        assert_eq!(done.status.code(), Some(2), "{}", said(&done));
        assert!(said(&done).contains("--force"), "{}", said(&done));
    }
    assert_eq!(fs::read_to_string(folder.path().join("there")).unwrap(), "mine");
}

#[test]
fn quickstart_keeps_its_files_in_a_folder_of_its_own() {
    let folder = folder();
    symlink(folder.path().join("nowhere"), folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("there")).unwrap();
    for name in ["link", "there"] {
        let done = attache(
            folder.path(),
            &[
                "quickstart",
                "--once",
                "--data",
                name,
                "--listen",
                "127.0.0.1:0",
                "--authority-listen",
                "127.0.0.1:0",
            ],
        );
        assert_eq!(done.status.code(), Some(2), "{}", said(&done));
    }
    assert!(!folder.path().join("nowhere").exists());
}

/// Every way to give a document, with how large it may be.
fn inputs(file: &str) -> Vec<(Vec<&str>, &str)> {
    let (documents, keys, snapshots) = ("16777216", "1048576", "268435456");
    let policies = keys;
    vec![
        (vec!["render", "-f", file], documents),
        (vec!["plan", "-f", file], documents),
        (vec!["apply", "-f", file], documents),
        (vec!["destroy", "-f", file], documents),
        (vec!["verify", "-f", file], documents),
        (vec!["verify", "--values", file, "--secrets", "federation.yaml"], documents),
        (vec!["policy", "check", file], policies),
        (vec!["policy", "diff", file, file], policies),
        (vec!["explain", "--trust", file, "--principal", "anonymous"], policies),
        (vec!["reach", "--snapshot", file], snapshots),
        (vec!["reach", "--snapshot", "s", "--deny-path", file], documents),
        (vec!["token", "show", file], keys),
        (vec!["token", "jwks", "--key", file], keys),
        (vec!["token", "verify", "federation.yaml", "--jwks", file], keys),
    ]
}

#[test]
fn a_file_over_its_limit_is_refused_before_it_is_read() {
    let folder = folder();
    // Sparse: a gigabyte that takes no room.
    let large = fs::File::create(folder.path().join("large")).unwrap();
    large.set_len(1 << 30).unwrap();
    for file in ["large", "/dev/zero"] {
        for (arguments, limit) in inputs(file) {
            let done = attache(folder.path(), &arguments);
            let said = said(&done);
            assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
            assert!(said.contains(limit), "{arguments:?}: {said}");
            assert!(said.len() <= LONGEST_ERROR, "{arguments:?}");
        }
    }
    for (arguments, _) in inputs("/") {
        let done = attache(folder.path(), &arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert!(said(&done).contains("could not read"), "{arguments:?}: {}", said(&done));
    }
    let help = attache(folder.path(), &["--help"]);
    assert!(String::from_utf8_lossy(&help.stdout).contains("16 MiB"));
}

#[test]
fn a_pipe_that_nobody_writes_to_is_not_waited_for_in_silence() {
    let folder = folder();
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap();
    assert!(made.success());
    let mut child =
        command(folder.path()).args(["plan", "-f", "pipe"]).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(6));
    child.kill().unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(said(&done).contains("pipe"), "{}", said(&done));
}

#[test]
fn no_error_is_longer_than_four_kilobytes() {
    let folder = folder();
    let long = "x".repeat(120_000);
    let words = "x ".repeat(60_000);
    let lines = "x\n".repeat(60_000);
    let good = include_str!("../../../../examples/federation.yaml");
    for text in [&long, &words, &lines] {
        let quoted = serde_json::Value::from(text.as_str()).to_string();
        let documents = [
            text.clone(),
            quoted.clone(),
            format!("{{\"{long}\": 1, \"b\": [}}"),
            format!("{good}{quoted}: x\n"),
            good.replacen("causely", &quoted, 1),
            good.replacen("us-east-1", &quoted, 1),
            good.replacen("CauselyAccess", &quoted, 1),
            good.replacen("direct", &quoted, 1),
            format!("{{\"Version\": {quoted}}}"),
            format!("{{\"Statement\": [{{\"Effect\": {quoted}}}]}}"),
            format!(
                "{{\"Statement\": [{{\"Sid\": {quoted}, \"Effect\": \"Allow\", {quoted}: 1}}]}}"
            ),
            format!("[[deny]]\nfrom = 1\n\"{long}\" = 2\n"),
        ];
        for document in documents {
            fs::write(folder.path().join("bad"), &document).unwrap();
            // These read a federation's file as `render` does.
            let same = ["plan", "apply", "destroy"];
            for (arguments, _) in inputs("bad").into_iter().filter(|(a, _)| !same.contains(&a[0])) {
                let done = attache(folder.path(), &arguments);
                let (code, said) = (done.status.code(), said(&done));
                let start = document.get(..40).unwrap_or(&document);
                assert!(
                    !said.contains("panicked") && code != Some(101),
                    "{arguments:?} {start}: {said}"
                );
                assert!(said.len() <= LONGEST_ERROR, "{arguments:?} {start}: {} bytes", said.len());
            }
        }
        // Arguments are repeated, too.
        let name = text.get(..60_000).unwrap_or(text);
        for arguments in [
            vec![name],
            vec!["plan", name],
            vec!["plan", "-f", name],
            vec!["token", "show", name],
            vec!["authority", "--account", name],
            vec!["verify", "-f", "federation.yaml", "--wait", name],
            vec!["explain", "--policy", "federation.yaml", "--principal", name, "--action", name],
            vec!["token", "mint", "--issuer", "https://i", "--key", name, "--subject", name],
            vec![
                "token",
                "mint",
                "--issuer",
                "https://i",
                "--key",
                "k",
                "--subject",
                "s",
                "--claim",
                name,
            ],
        ] {
            let done = attache(folder.path(), &arguments);
            assert_eq!(done.status.code(), Some(2));
            assert!(said(&done).len() <= LONGEST_ERROR, "{} bytes", said(&done).len());
        }
    }
}
