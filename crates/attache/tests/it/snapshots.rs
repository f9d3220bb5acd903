//! What each command prints, whole: standard output, standard error and exit code of its usual
//! success and its usual failure. `INSTA_UPDATE=always cargo test -p attache --test it snapshots`
//! writes them again; the difference is then read in the change's review.
#![cfg(unix)]

use serde_json::json;
use tempfile::TempDir;

use crate::command::{Authority, attache, command};

const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
const WORKLOAD: &str = "system:serviceaccount:causely:causely-mediator";

/// What differs from run to run, and what stands in its place.
const FILTERS: [(&str, &str); 13] = [
    (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    (r"/[^ ,'\x22]*/\.tmp[A-Za-z0-9]+", "FOLDER"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z)?", "TIME"),
    (r"\b(AROA|AIDA|ASIA|AKIA)[A-Z0-9]{12,}", "${1}ID"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    // A word's end is none beside a hyphen, with which an id may begin or end.
    (r"(?m)(^|[^A-Za-z0-9_-])[A-Za-z0-9_-]{43}($|[^A-Za-z0-9_-])", "${1}THUMBPRINT${2}"),
    (r"\b\d+(\.\d+)? ms\b", "N ms"),
    (r"\b\d+\.\d+ s\b", "N s"),
    (r"for another \d+ s\b", "for another N s"),
    (r"good for (\d+ (h|min|s) ?)+", "good for DURATION"),
    (r"\b1[789]\d{8}\b", "UNIX_TIME"),
    (r"\battache-[0-9a-f]{8}\b", "attache-SESSION"),
    (r"\b[0-9a-f]{64}\b", "SHA256"),
];

/// A folder with the example's federation, an issuer's key and keys, and the variables of a run.
struct Bench {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
    authority: Option<Authority>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let example = include_str!("../../../../examples/federation.yaml");
        std::fs::write(folder.path().join("federation.yaml"), example).unwrap();
        let home = folder.path().display().to_string();
        let variables = vec![
            ("HOME", home),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_MAX_ATTEMPTS", "1".to_owned()),
            ("COLUMNS", "100".to_owned()),
        ];
        Self { folder, variables, authority: None }
    }

    /// With an authority in which the example's accounts exist, and an issuer that it knows.
    fn with_authority() -> Self {
        let mut bench = Self::new().with_issuer();
        let keys = format!("{ISSUER}={}", bench.path("jwks.json"));
        let accounts = ["--account", "111111111111", "--account", "222222222222"];
        let authority = Authority::start(&[&accounts[..], &["--issuer", &keys]].concat());
        let credentials = authority.credentials.display().to_string();
        bench.variables.push(("AWS_ENDPOINT_URL", authority.url.clone()));
        bench.variables.push(("AWS_SHARED_CREDENTIALS_FILE", credentials));
        bench.authority = Some(authority);
        bench
    }

    fn with_issuer(self) -> Self {
        let folder = self.folder.path();
        assert!(attache(folder, &["token", "keygen", "--out", "issuer.key"]).status.success());
        let jwks = attache(folder, &["token", "jwks", "--key", "issuer.key"]);
        self.write("jwks.json", &String::from_utf8(jwks.stdout).unwrap());
        self.token("token", WORKLOAD);
        self
    }

    fn token(&self, file: &str, subject: &str) {
        let mint =
            ["token", "mint", "--issuer", ISSUER, "--key", "issuer.key", "--subject", subject];
        let minted = attache(self.folder.path(), &mint);
        self.write(file, &String::from_utf8(minted.stdout).unwrap());
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Runs a command line and compares all that it printed with the snapshot of that name.
    fn snapshot(&self, name: &str, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut process = command(self.folder.path());
        let variables = self.variables.iter().map(|(name, value)| (*name, value.as_str()));
        let done = process.args(&words).envs(variables).output().unwrap();
        let code = done.status.code().map_or("none".to_owned(), |code| code.to_string());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        let printed = format!(
            "$ attache {line}\n--- standard output\n{}\n--- standard error\n{}\n--- exit code {code}",
            text(&done.stdout),
            by_account(&text(&done.stderr)),
        );
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, shown) in FILTERS {
            settings.add_filter(pattern, shown);
        }
        settings.bind(|| insta::assert_snapshot!(name, printed));
    }
}

/// Steps in several accounts are done at the same time, and told in any order: here account by account.
fn by_account(text: &str) -> String {
    let account = |line: &str| {
        let number = line.strip_prefix("  ")?.get(..12)?;
        number.bytes().all(|b| b.is_ascii_digit()).then(|| number.to_owned())
    };
    let mut lines: Vec<&str> = text.lines().collect();
    for steps in lines.chunk_by_mut(|one, next| account(one).is_some() && account(next).is_some()) {
        steps.sort_by_key(|line| account(line));
    }
    lines.join("\n")
}

#[test]
fn usage() {
    let bench = Bench::new();
    bench.snapshot("help", "--help");
    bench.snapshot("unknown_command", "quickstrat");
    bench.snapshot("completions_unknown_shell", "completions csh");
}

#[test]
fn federation() {
    let bench = Bench::with_authority();
    bench.snapshot("plan", "plan -f federation.yaml");
    bench.snapshot("plan_check", "plan -f federation.yaml --check --output json");
    bench.snapshot("apply_without_consent", "apply -f federation.yaml");
    bench.snapshot("verify_before_apply", "verify -f federation.yaml --token token");
    bench.snapshot("apply", "apply -f federation.yaml --yes");
    bench.snapshot("plan_nothing_to_do", "plan -f federation.yaml");
    bench.snapshot("verify", "verify -f federation.yaml --token token");
    bench.token("stranger", "system:serviceaccount:default:default");
    bench.snapshot("verify_stranger", "verify -f federation.yaml --token stranger");
    bench.snapshot("mediator_seed_files", "render -f federation.yaml --out out");
    bench.snapshot(
        "mediator",
        "mediator --values out/causely-values.yaml --secrets out/aws-secret.yaml --once \
         --token-file token",
    );
    bench.snapshot(
        "mediator_stranger",
        "mediator --values out/causely-values.yaml --secrets out/aws-secret.yaml --once \
         --token-file stranger",
    );
    bench.snapshot("destroy_without_consent", "destroy -f federation.yaml");
    bench.snapshot("destroy", "destroy -f federation.yaml --yes");
}

#[test]
fn federation_fails() {
    let mut bench = Bench::new();
    let good = include_str!("../../../../examples/federation.yaml");
    bench.write("misspelt.yaml", &good.replace("policies:", "polices:"));
    bench.snapshot("plan_misspelt_key", "plan -f misspelt.yaml");
    bench.snapshot("plan_no_file", "plan -f nowhere.yaml");
    bench.snapshot("plan_no_credentials", "plan -f federation.yaml");
    bench.variables.push(("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()));
    bench.variables.push(("AWS_SECRET_ACCESS_KEY", "x".repeat(40)));
    bench.variables.push(("AWS_ENDPOINT_URL", "http://127.0.0.1:9".to_owned()));
    bench.snapshot("plan_no_server", "plan -f federation.yaml");
}

/// With an API server that is not there; `tests/cluster/live.py` has one that is.
#[test]
fn live() {
    let bench = Bench::new();
    let verify = "verify -f federation.yaml --live";
    bench.snapshot("verify_live_no_kubeconfig", verify);
    bench.snapshot("verify_live_no_file", &format!("{verify} --kubeconfig nowhere"));
    let kubeconfig = "apiVersion: v1
kind: Config
clusters: [{name: here, cluster: {server: 'https://127.0.0.1:9'}}]
users: [{name: ann, user: {token: eyJhbGciOiJSUzI1NiJ9}}]
contexts:
  - {name: production, context: {cluster: here, user: ann}}
  - {name: staging, context: {cluster: here, user: ann}}
";
    bench.write("kubeconfig", kubeconfig);
    let verify = format!("{verify} --kubeconfig kubeconfig");
    bench.snapshot("verify_live_no_current_context", &verify);
    bench.snapshot("verify_live_near_context", &format!("{verify} --context product"));
    bench.snapshot("verify_live_no_server", &format!("{verify} --context staging --output json"));
    let broken = kubeconfig.replace("user: {token", "user: {{token");
    bench.write("kubeconfig", &broken);
    bench.snapshot("verify_live_not_a_kubeconfig", &verify);
    bench.snapshot("verify_live_and_a_token", &format!("{verify} --token token"));
    bench.write("kubeconfig", kubeconfig);
    bench.snapshot(
        "quickstart_no_context",
        "quickstart --once --listen 127.0.0.1:0 --authority-listen 127.0.0.1:0 --kubeconfig kubeconfig \
         --context kind",
    );
}

#[test]
fn render() {
    let bench = Bench::new();
    bench.snapshot("render", "render -f federation.yaml");
    bench.snapshot("render_helm_values", "render helm-values -f federation.yaml");
    bench.snapshot("render_aws_cli_json", "render aws-cli -f federation.yaml --output json");
    bench.snapshot("render_terraform_no_file", "render terraform -f nowhere.yaml");
    bench.write("out", "a file");
    bench.snapshot("render_file_in_the_way", "render -f federation.yaml --out out");
}

#[test]
fn init() {
    let bench = Bench::new();
    let roles = "--namespace causely --service-account reader --source 111111111111/CauselyMediation \
                 --target 222222222222/CauselyAccess/us-east-1";
    bench.snapshot("init_eks", &format!("init --cluster us-east-1/prod {roles} --schema --out -"));
    let issuer = "--issuer https://oidc.eks.eu-west-1.amazonaws.com/id/A";
    bench.snapshot("init_issuer", &format!("init {issuer} {roles} --out -"));
    bench.snapshot("init_written", &format!("init {issuer} {roles} --out new.yaml"));
    bench.snapshot("init_exists", &format!("init {issuer} {roles}"));
    bench.snapshot("init_no_cluster", &format!("init --cluster prod {roles}"));
    bench.snapshot("init_bad_name", &format!("init {issuer} {roles} --name prod?"));
}

#[test]
fn token() {
    let bench = Bench::new().with_issuer();
    bench.snapshot("token_keygen", "token keygen --out another.key");
    bench.snapshot("token_keygen_exists", "token keygen --out another.key");
    bench.snapshot("token_show", "token show token");
    bench.write("junk", "not-a-token");
    bench.snapshot("token_show_junk", "token show junk");
    bench.snapshot("token_verify", "token verify token --jwks jwks.json");
    bench.snapshot(
        "token_verify_other_issuer",
        "token verify token --jwks jwks.json --issuer https://issuer.example",
    );
    bench.snapshot(
        "token_mint_no_key",
        "token mint --issuer https://a.example --key no --subject s",
    );
}

#[test]
fn issuer() {
    let bench = Bench::new().with_issuer();
    let publish = "issuer publish --issuer https://issuer.example/prod --out site";
    bench.snapshot("issuer_publish", &format!("{publish} --keys jwks.json"));
    bench.snapshot("issuer_publish_json", &format!("{publish} --keys issuer.key --output json"));
    assert!(
        attache(bench.folder.path(), &["token", "keygen", "--out", "new.key"]).status.success()
    );
    bench.snapshot("issuer_publish_would_remove", &format!("{publish} --keys new.key"));
    bench.snapshot("issuer_publish_keep", &format!("{publish} --keys new.key --keep"));
    bench.snapshot("issuer_publish_remove_unknown", &format!("{publish} --keep --remove other"));
    bench.snapshot(
        "issuer_publish_other_issuer",
        "issuer publish --issuer https://other.example --keys new.key --out site",
    );
    bench.write("unusable.json", r#"{"keys": [{"kty": "OKP", "kid": "ed"}]}"#);
    bench.snapshot(
        "issuer_publish_no_usable_key",
        "issuer publish --issuer https://other.example --keys unusable.json --out other",
    );
    bench.snapshot("issuer_check_port", "issuer check https://issuer.example:8443");
    bench.snapshot(
        "issuer_check_unreached",
        "issuer check https://issuer.example --issuer-address issuer.example=127.0.0.1:1 \
         --allow-private-issuers",
    );
    bench.snapshot(
        "issuer_check_private",
        "issuer check https://issuer.example --issuer-address issuer.example=10.0.0.1:443 --output json",
    );
}

#[test]
fn admission_policies() {
    let bench = Bench::new();
    bench.snapshot("render_kubernetes", "render kubernetes --injector policy --gate deny");
    bench.snapshot("render_kubernetes_secrets", "render kubernetes -f federation.yaml");
    bench.snapshot("render_kubernetes_nothing", "render kubernetes");
    bench.snapshot(
        "render_kubernetes_domain",
        "render kubernetes --gate warn --annotation-domain a'b",
    );
}

fn policy(statements: &serde_json::Value) -> String {
    serde_json::to_string_pretty(&json!({"Version": "2012-10-17", "Statement": statements}))
        .unwrap()
}

#[test]
fn policies() {
    let bench = Bench::new();
    let read =
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"});
    let deny =
        json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs/private/*"});
    bench.write("read.json", &policy(&json!([read])));
    bench.write("narrow.json", &policy(&json!([read, deny])));
    bench
        .write("wide.json", &policy(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])));
    bench.write("broken.json", &policy(&json!([{"Effect": "Permit", "Action": "s3:GetObject"}])));
    bench.snapshot("policy_check", "policy check read.json");
    bench.snapshot("policy_check_warning", "policy check wide.json");
    bench.snapshot("policy_check_broken", "policy check broken.json");
    bench.snapshot("policy_diff_same", "policy diff read.json read.json");
    bench.snapshot("policy_diff", "policy diff narrow.json read.json");
    let request = "--principal arn:aws:iam::111111111111:user/ann --action s3:GetObject --resource";
    for (name, policy, object) in [
        ("explain_allowed", "read.json", "logs/today"),
        ("explain_implicit_deny", "read.json", "other/today"),
        ("explain_explicit_deny", "narrow.json", "logs/private/today"),
        ("explain_broken", "broken.json", "logs/today"),
    ] {
        let line = format!("explain --policy {policy} {request} arn:aws:s3:::{object}");
        bench.snapshot(name, &line);
    }
}

#[test]
fn reach() {
    let bench = Bench::new();
    let role = |name: &str, trusted: &str| {
        json!({
            "Arn": format!("arn:aws:iam::111111111111:role/{name}"), "RoleId": format!("AROA{name}"),
            "RoleName": name, "AttachedManagedPolicies": [], "RolePolicyList": [],
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]},
        })
    };
    let roles = json!({"RoleDetailList": [
        role("Admin", "arn:aws:iam::111111111111:role/Deploy"),
        role("Deploy", "arn:aws:iam::222222222222:root"),
    ], "UserDetailList": [], "GroupDetailList": [], "Policies": []});
    bench.write("account.json", &roles.to_string());
    bench.snapshot("reach", "reach --snapshot account.json");
    bench.snapshot("reach_no_snapshot", "reach");
}

#[test]
fn authority() {
    let bench = Bench::new();
    bench.snapshot("authority_nothing_to_keep", "authority");
    bench.snapshot("authority_bad_account", "authority --ephemeral --account 1");
    bench.snapshot("authority_check_no_journal", "authority check nowhere");
    let data = bench.path("data");
    let authority = Authority::with_data(&data, &["--account", "111111111111"]);
    assert_eq!(authority.terminated(), Some(0));
    bench.snapshot("authority_check", "authority check data");
    bench.snapshot("authority_export", "authority export data --changes");
}

#[test]
fn quickstart() {
    let bench = Bench::new();
    let listen = "--listen 127.0.0.1:0 --authority-listen 127.0.0.1:0";
    bench.snapshot("quickstart", &format!("quickstart --once {listen}"));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap();
    bench.snapshot(
        "quickstart_port_in_use",
        &format!("quickstart --once --listen 127.0.0.1:0 --authority-listen {port}"),
    );
}
