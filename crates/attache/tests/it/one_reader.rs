//! One set of files, one reader: what `verify` takes `mediator` takes, and what one refuses or leaves
//! alone the other does, in the same words and with the same exit code.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const VALUES: &str = include_str!("../../../../examples/seed/causely-values.yaml");
const ROLE: &str = "arn:aws:iam::222222222222:role/CauselyAccess";

/// A token for the mediator and for verify. Nobody checks its signature: no STS is reached.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.\
                     eyJpc3MiOiJodHRwczovL2kuZXhhbXBsZSIsInN1YiI6InN5c3RlbTpzZXJ2aWNlYWNjb3VudDpjYXVzZWx5OmMi\
                     LCJhdWQiOiJzdHMuYW1hem9uYXdzLmNvbSIsImlhdCI6MSwiZXhwIjo0MTAyNDQ0ODAwfQ.c2ln";

fn secret() -> String {
    include_str!("../../../../examples/seed/aws-secret.yaml").replace("region-code", "us-east-1")
}

/// A folder with the seed's files, to be altered.
fn seed() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "values.yaml", VALUES);
    write(&folder, "secrets.yaml", &secret());
    write(&folder, "token", TOKEN);
    folder
}

fn write(folder: &TempDir, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).unwrap();
}

/// What both commands made of the files: verify first.
struct Both([Output; 2]);

fn run(folder: &TempDir, given: &[&str], own: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attache"));
    command.current_dir(folder.path()).stdin(Stdio::null());
    command.env_clear().env("HOME", folder.path());
    command.env("AWS_EC2_METADATA_DISABLED", "true").env("AWS_MAX_ATTEMPTS", "1");
    // A closed port of the loopback interface: whoever comes so far has read the files.
    command.args(own).args(given).args(["--endpoint-url", "http://127.0.0.1:9"]);
    command.output().unwrap()
}

fn both_with(folder: &TempDir, given: &[&str]) -> Both {
    Both([
        run(folder, given, &["verify", "--token", "token"]),
        run(folder, given, &["mediator", "--once", "--token-file", "token"]),
    ])
}

fn both(folder: &TempDir) -> Both {
    both_with(folder, &["--values", "values.yaml", "--secrets", "secrets.yaml"])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Both {
    /// Both read the files and went on: verify has checks that fail, the mediator reached nothing,
    /// and both tried the role that the Secret names.
    fn accepted(&self, what: &str) {
        let [verify, mediator] = &self.0;
        let (out, err) = (text(&verify.stdout), text(&verify.stderr));
        assert_eq!(verify.status.code(), Some(1), "{what}: {out}{err}");
        assert!(out.contains("could not assume the role CauselyAccess"), "{what}: {out}{err}");
        let (out, err) = (text(&mediator.stdout), text(&mediator.stderr));
        assert_eq!(mediator.status.code(), Some(3), "{what}: {out}{err}");
        assert!(out.contains(&format!("{ROLE}: STS could not be reached")), "{what}: {out}{err}");
    }

    /// Both refused the files with the same words, these among them.
    fn refused(&self, what: &str, wanted: &[&str]) -> String {
        let [verify, mediator] = &self.0;
        let said = text(&verify.stderr);
        assert_eq!(said, text(&mediator.stderr), "{what}");
        for done in &self.0 {
            assert_eq!(done.status.code(), Some(2), "{what}: {said}");
            assert!(done.stdout.is_empty(), "{what}: {}", text(&done.stdout));
        }
        // A terminal's width breaks lines.
        let words = said.replace("\n  │ ", " ").replace("\n        ", " ");
        for wanted in wanted {
            assert!(words.contains(wanted), "{what}: {wanted:?} is not in: {said}");
        }
        said
    }

    /// Both said that there is nothing to do, and ended well.
    fn switched_off(&self, what: &str, place: &str) {
        for done in &self.0 {
            let out = text(&done.stdout);
            assert_eq!(done.status.code(), Some(0), "{what}: {out}{}", text(&done.stderr));
            assert!(out.starts_with(place), "{what}: {out}");
            assert!(out.contains("AWS scraping is switched off"), "{what}: {out}");
            assert_eq!(out, text(&self.0[0].stdout), "{what}");
        }
    }
}

/// A Secret as the kubelet mounts it.
fn mount(secret: &Path, keys: &[(&str, &str)]) {
    let data = secret.join("..2026_11_27_00_00_00.1");
    fs::create_dir_all(&data).unwrap();
    symlink("..2026_11_27_00_00_00.1", secret.join("..data")).unwrap();
    for (key, value) in keys {
        fs::write(data.join(key), value).unwrap();
        symlink(Path::new("..data").join(key), secret.join(key)).unwrap();
    }
}

#[test]
fn the_seeds_own_files() {
    let folder = seed();
    both(&folder).accepted("the seed");
    write(&folder, "secrets.yaml", include_str!("../../../../examples/seed/aws-secret.yaml"));
    both(&folder).refused("its placeholder", &["secrets.yaml:8:15", "placeholder `region-code`"]);
}

#[test]
fn file_1_a_config_map_beside_the_secret() {
    let folder = seed();
    for (what, beside) in [
        (
            "a ConfigMap",
            "kind: ConfigMap\nmetadata: { name: aws-secret }\ndata: { AWS_REGION: x }\n",
        ),
        ("a ServiceAccount", "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: causely }\n"),
        (
            "a List of several kinds",
            "kind: List\nitems:\n- kind: ConfigMap\n- { kind: Role, rules: [] }\n- metadata:\n",
        ),
        ("comments only", "# Source: causely/templates/nothing.yaml\n"),
        ("a text", "hello\n"),
    ] {
        write(&folder, "secrets.yaml", &format!("{beside}---\n{}---\n{beside}", secret()));
        both(&folder).accepted(what);
    }
}

#[test]
fn file_2_a_strangers_secret() {
    let folder = seed();
    for (what, beside) in [
        (
            "a registry's",
            "kind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata: { name: r }\ndata: { .dockerconfigjson: e30= }\n",
        ),
        (
            "one with a bad role",
            "kind: Secret\nmetadata: { name: r }\nstringData: { AWS_ROLE_ARN: x }\n",
        ),
        (
            "one with misspelt keys",
            "kind: Secret\nmetadata: { name: r }\nstringdata: { region: x }\n",
        ),
        (
            "one of keys",
            "kind: Secret\nmetadata: { name: r }\nstringData: { AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE }\n",
        ),
        ("one without a name", "kind: Secret\nmetadata: {}\n"),
    ] {
        write(&folder, "secrets.yaml", &format!("{beside}---\n{}---\n{beside}", secret()));
        both(&folder).accepted(what);
    }
    // Named by the values it is read strictly.
    let wanted = ["secrets.yaml:5:9", "the Secret `aws-secret` has no `AWS_ROLE_ARN`"];
    write(&folder, "secrets.yaml", &secret().replace("AWS_ROLE_ARN", "unlike"));
    both(&folder).refused("no role", &wanted);
}

#[test]
fn file_3_a_mounted_folder() {
    let folder = seed();
    let given = ["--values", "values.yaml", "--secrets", "mounted"];
    let aws_secret = folder.path().join("mounted/aws-secret");
    mount(&aws_secret, &[("AWS_ROLE_ARN", &format!("{ROLE}\n")), ("AWS_REGION", "us-east-1\n")]);
    both_with(&folder, &given).accepted("a folder of Secrets");
    both_with(&folder, &["--values", "values.yaml", "--secrets", "mounted/aws-secret"])
        .accepted("the Secret's own folder");
    fs::remove_dir_all(&aws_secret).unwrap();
    mount(&aws_secret, &[("role-arn", ROLE), ("AWS_REGION", "us-east-1")]);
    both_with(&folder, &given).refused(
        "a misspelt key",
        &["mounted/aws-secret/role-arn", "did you mean `AWS_ROLE_ARN`?"],
    );
    both_with(&folder, &["--values", "values.yaml", "--secrets", "nowhere"])
        .refused("a folder that is not there", &["could not read nowhere"]);
    both_with(&folder, &["--values", "values.yaml"])
        .refused("no Secrets", &["values.yaml:10:21", "no Secret was given"]);
}

#[test]
fn file_4_a_region_only_in_the_values() {
    let folder = seed();
    write(&folder, "secrets.yaml", &secret().replace("  AWS_REGION: us-east-1\n", ""));
    both(&folder)
        .refused("none", &["secrets.yaml:5:9", "has no `AWS_REGION`", "--regions us-east-1"]);
    let given = ["--values", "values.yaml", "--secrets", "secrets.yaml", "--regions", "eu-west-1"];
    both_with(&folder, &given).accepted("on the command line");
    write(
        &folder,
        "values.yaml",
        &VALUES.replace("enabled: true", "enabled: true\n    regions: [us-east-1]"),
    );
    both(&folder).accepted("in the values");
    write(
        &folder,
        "values.yaml",
        &VALUES.replace("enabled: true", "enabled: true\n    region: us-east-1"),
    );
    both(&folder)
        .refused("a misspelt key", &["values.yaml:8:5", "unknown key `region`", "`regions`"]);
}

#[test]
fn file_5_scraping_that_is_switched_off() {
    let folder = seed();
    for off in ["false", "False", "no", "off"] {
        write(&folder, "values.yaml", &VALUES.replace("enabled: true", &format!("enabled: {off}")));
        both(&folder).switched_off(off, "values.yaml:7:14: ");
    }
    let given = ["--values", "values.yaml", "--secrets", "secrets.yaml", "--output", "json"];
    for done in both_with(&folder, &given).0 {
        assert_eq!(done.status.code(), Some(0));
        assert!(text(&done.stdout).starts_with('{'), "{}", text(&done.stdout));
        assert!(text(&done.stderr).contains("AWS scraping is switched off"));
    }
    for on in ["enabled: yes", "enabled:", "# enabled"] {
        write(&folder, "values.yaml", &VALUES.replace("enabled: true", on));
        both(&folder).accepted(on);
    }
    for (bad, found) in [("'false'", "found text"), ("0", "found a number"), ("[]", "found a list")]
    {
        write(&folder, "values.yaml", &VALUES.replace("enabled: true", &format!("enabled: {bad}")));
        let wanted = ["values.yaml:7:14", "expected true or false", found];
        both(&folder).refused(bad, &wanted);
    }
    // One of two files: the other's accounts are left.
    write(&folder, "off.yaml", &VALUES.replace("enabled: true", "enabled: false"));
    write(&folder, "values.yaml", VALUES);
    let given = ["--values", "off.yaml", "--values", "values.yaml", "--secrets", "secrets.yaml"];
    let both = both_with(&folder, &given);
    both.accepted("one of two files");
    for done in &both.0 {
        assert!(text(&done.stderr).contains("warning: off.yaml:7:14: AWS scraping"));
    }
}

#[test]
fn file_6_a_misspelt_key_in_the_secret() {
    let folder = seed();
    for (from, to, place, meant) in [
        ("AWS_REGION", "region", "8:3", "AWS_REGION"),
        ("AWS_REGION", "aws_region", "8:3", "AWS_REGION"),
        ("AWS_REGION", "AWS_REGOIN", "8:3", "AWS_REGION"),
        ("AWS_REGION", "AWS_DEFAULT_REGION", "8:3", "AWS_REGION"),
        ("AWS_ROLE_ARN", "role-arn", "9:3", "AWS_ROLE_ARN"),
        ("AWS_ROLE_ARN", "AWS_ROLE", "9:3", "AWS_ROLE_ARN"),
        ("AWS_ROLE_ARN", "aws_role_arn", "9:3", "AWS_ROLE_ARN"),
        ("AWS_ROLE_ARN", "roleArn", "9:3", "AWS_ROLE_ARN"),
        ("stringData", "stringdata", "7:1", "stringData"),
        ("metadata", "Metadata", "4:1", "metadata"),
    ] {
        write(&folder, "secrets.yaml", &secret().replace(from, to));
        if from == "metadata" {
            // Without it the Secret has no name to be found by.
            both(&folder).refused(to, &["values.yaml:10:21", "there is no Secret `aws-secret`"]);
            continue;
        }
        let wanted = [&format!("secrets.yaml:{place}"), &format!("did you mean `{meant}`?")];
        both(&folder).refused(to, &wanted.map(String::as_str));
    }
}

#[test]
fn file_7_a_roles_arn_as_the_account() {
    let folder = seed();
    let account = "arn:aws:organizations::222222222222:account/o-pyxgi8opc5/123456789012";
    for (arn, wanted) in [
        (ROLE, "the ARN of a role"),
        ("arn:aws:iam::222222222222:user/Me", "the ARN of a user"),
        ("arn:aws:sts::222222222222:assumed-role/R/s", "the ARN of a role's session"),
        ("222222222222", "the account id 222222222222 alone"),
        ("'222222222222'", "the account id 222222222222 alone"),
        ("root", "`root`, which is not an ARN"),
        ("arn:aws:s3:::bucket", "the ARN of something in an account"),
        ("arn:aws:organizations::222222222222:root/o-pyxgi8opc5/r-abcd", "an organization's root"),
        ("arn:aws:organizations::222222222222:organization/o-pyxgi8opc5", "a whole organization"),
    ] {
        write(&folder, "values.yaml", &VALUES.replace(account, arn));
        let wanted = ["values.yaml:9:14", "expected the ARN of an account, found", wanted];
        let said = both(&folder).refused(arn, &wanted);
        assert!(said.contains("arn:aws:iam::"), "{said}");
    }
    // The other way to name an account.
    write(&folder, "values.yaml", &VALUES.replace(account, "arn:aws:iam::222222222222:root"));
    both(&folder).accepted("the account's root");
}

#[test]
fn long_lived_keys_in_a_secret_are_warned_of_and_never_shown() {
    let folder = seed();
    let (id, key) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    let more = format!("  AWS_ACCESS_KEY_ID: {id}\n  AWS_SECRET_ACCESS_KEY: {key}\n");
    write(&folder, "secrets.yaml", &format!("{}{more}", secret()));
    let both = both(&folder);
    both.accepted("keys beside the role");
    for done in &both.0 {
        let said = text(&done.stdout) + &text(&done.stderr);
        assert!(said.contains("the Secret `aws-secret` still holds long-lived keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)"), "{said}");
        assert!(said.contains("kubectl -n causely edit secret aws-secret"), "{said}");
        assert!(!said.contains(id) && !said.contains(key), "{said}");
    }
}

#[test]
fn ten_thousand_documents_a_file() {
    let folder = seed();
    let others = "kind: ConfigMap\n---\n".repeat(9_999);
    write(&folder, "secrets.yaml", &format!("{others}{}---\n", secret()));
    both(&folder).accepted("10,000");
    write(&folder, "secrets.yaml", &format!("{others}kind: X\n---\n{}", secret()));
    both(&folder).refused("10,001", &["more than 10000 documents", "split the file"]);
}
