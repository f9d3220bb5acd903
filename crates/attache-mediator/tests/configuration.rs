//! Values and Secrets, as a specification: what is read out of them, and how each mistake is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

use std::path::PathBuf;

use attache_identifiers::Region;
use attache_mediator::configuration::{Target, targets};
use attache_mediator::{Invalid, MediatorError};
use tempfile::TempDir;

const SEED_VALUES: &str = include_str!("../../../examples/seed/causely-values.yaml");
const SEED_SECRET: &str = include_str!("../../../examples/seed/aws-secret.yaml");

fn secret() -> String {
    SEED_SECRET.replace("region-code", "us-east-1")
}

/// Writes both files and reads them.
fn read(values: &str, secrets: &str) -> Result<Vec<Target>, MediatorError> {
    read_for(values, secrets, &[])
}

fn read_for(values: &str, secrets: &str, regions: &[&str]) -> Result<Vec<Target>, MediatorError> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        vec![path]
    };
    let regions: Vec<Region> = regions.iter().map(|r| Region::parse(r).unwrap()).collect();
    targets(&file("values.yaml", values), &file("secrets.yaml", secrets), &regions)
}

fn invalid(result: Result<Vec<Target>, MediatorError>) -> Invalid {
    match result {
        Err(MediatorError::Invalid(invalid)) => *invalid,
        other => panic!("a complaint with a place was wanted, not {other:?}"),
    }
}

fn regions(target: &Target) -> Vec<&str> {
    target.regions.iter().map(Region::as_str).collect()
}

#[test]
fn the_seeds_files_name_the_member_account_and_the_secrets_role() {
    let targets = read(SEED_VALUES, &secret()).unwrap();
    let [target] = targets.as_slice() else { panic!("{targets:?}") };
    assert_eq!(target.claim.account.to_string(), "123456789012");
    assert_eq!(target.role.to_string(), "arn:aws:iam::222222222222:role/CauselyAccess");
    assert_eq!((target.home.as_str(), regions(target)), ("us-east-1", vec!["us-east-1"]));
}

#[test]
fn the_seeds_placeholder_is_refused_where_it_stands() {
    let complaint = invalid(read(SEED_VALUES, SEED_SECRET));
    assert!(complaint.file.ends_with("secrets.yaml"));
    assert_eq!((complaint.line, complaint.column), (8, 15));
    assert!(complaint.message.contains("placeholder"), "{complaint}");
    assert!(complaint.help.unwrap().contains("us-east-1"));
}

#[test]
fn regions_come_from_the_command_line_else_the_values_else_the_secret() {
    let listed = SEED_VALUES
        .replace("    enabled: true", "    enabled: true\n    regions: [eu-west-1, us-west-2]");
    for (values, given, wanted) in [
        (SEED_VALUES, &[][..], &["us-east-1"][..]),
        (&listed, &[], &["eu-west-1", "us-west-2"]),
        (&listed, &["ap-south-1", "ap-south-1"], &["ap-south-1"]),
    ] {
        let targets = read_for(values, &secret(), given).unwrap();
        assert_eq!(regions(&targets[0]), wanted);
        assert_eq!(targets[0].home.as_str(), "us-east-1", "STS stays with the Secret's region");
    }
}

#[test]
fn secrets_may_be_base64_or_plain_and_many_in_a_file() {
    let both = "\
apiVersion: v1
kind: ConfigMap
metadata: { name: aws-secret }
data: { AWS_ROLE_ARN: not base64 and not ours }
---
apiVersion: v1
kind: Secret
metadata: { name: other }
data:
  AWS_REGION: ZXUtd2VzdC0x
  AWS_ROLE_ARN: YXJuOmF3czppYW06OjMzMzMzMzMzMzMzMzpyb2xlL3RlYW0vUmVhZGVy
  unread: '%%%'
---
apiVersion: v1
kind: Secret
metadata: { name: aws-secret }
data: { AWS_REGION: ZXUtd2VzdC0x }
stringData: { AWS_REGION: us-west-2, AWS_ROLE_ARN: 'arn:aws:iam::222222222222:role/R' }
";
    let values = format!(
        "{SEED_VALUES}\n      - arn: arn:aws:iam::333333333333:root\n        secretName: other\n"
    );
    let targets = read(&values, both).unwrap();
    assert_eq!(targets[0].home.as_str(), "us-west-2", "stringData wins, as in Kubernetes");
    assert_eq!(targets[1].role.to_string(), "arn:aws:iam::333333333333:role/team/Reader");
    assert_eq!(targets[1].claim.account.to_string(), "333333333333");
}

#[test]
fn secrets_of_others_in_the_same_file_are_none_of_our_business() {
    let pull = "\
apiVersion: v1
kind: Secret
metadata: { name: registry }
data: { AWS_ROLE_ARN: '%%%', .dockerconfigjson: e30= }
---
";
    assert_eq!(read(SEED_VALUES, &format!("{pull}{}", secret())).unwrap().len(), 1);
    let asked_for = SEED_VALUES.replace("aws-secret", "registry");
    let complaint = invalid(read(&asked_for, &format!("{pull}{}", secret())));
    assert_eq!((complaint.line, complaint.column), (4, 23), "{complaint}");
    assert!(complaint.message.contains("not base64"), "{complaint}");
}

#[test]
fn a_mistake_in_the_second_secret_of_a_file_is_told_where_it_stands() {
    let second = |member: &str| {
        format!(
            "{}\n---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: other\nstringData:\n  \
             AWS_REGION: us-east-1\n{member}",
            secret().trim_end()
        )
    };
    let values = SEED_VALUES.replace("aws-secret", "other");
    for (secrets, place, message, help) in [
        // Its region's key is right, and no reason to think that it was meant for the role's.
        (second(""), (14, 9), "`other` has no `AWS_ROLE_ARN`", "add `AWS_ROLE_ARN"),
        (
            second("  AWS_ROLEARN: arn:aws:iam::1:role/R\n"),
            (17, 3),
            "`other` has no `AWS_ROLE_ARN`",
            "`AWS_ROLEARN` is there",
        ),
        (second("").replace("other", "aws-secret"), (14, 9), "given twice", "once"),
        (
            second("").replace("  name: other\n", "  labels: {}\n"),
            (12, 7),
            "no `metadata.name`",
            "",
        ),
    ] {
        let complaint = invalid(read(&values, &secrets));
        assert_eq!((complaint.line, complaint.column), place, "{complaint}");
        assert!(complaint.message.contains(message), "{complaint}");
        assert!(complaint.help.clone().unwrap_or_default().contains(help), "{complaint}");
    }
}

#[test]
fn a_secret_that_two_accounts_name_is_refused() {
    let again = "      - arn: arn:aws:iam::222222222222:root\n        secretName: aws-secret\n";
    let complaint = invalid(read(&format!("{}\n{again}", SEED_VALUES.trim_end()), &secret()));
    assert_eq!((complaint.line, complaint.column), (12, 21), "{complaint}");
    assert!(complaint.message.contains("named by an account above"), "{complaint}");
    assert!(complaint.help.unwrap().contains("scrapers.aws.regions"));
}

/// A Secret as the kubelet mounts it: a folder with links to links.
fn mounted(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("aws-secret").join("..data");
    std::fs::create_dir_all(&data).unwrap();
    for (name, text) in files {
        std::fs::write(data.join(name), text).unwrap();
        let link = folder.path().join("aws-secret").join(name);
        std::os::unix::fs::symlink(PathBuf::from("..data").join(name), link).unwrap();
    }
    folder
}

fn read_mounted(secrets: &TempDir) -> Result<Vec<Target>, MediatorError> {
    let values = secrets.path().join("values.yaml");
    std::fs::write(&values, SEED_VALUES).unwrap();
    targets(&[values], &[secrets.path().to_owned()], &[])
}

#[test]
fn a_mounted_secret_is_a_folder_of_its_keys() {
    let role = "arn:aws:iam::222222222222:role/CauselyAccess\n";
    let secrets = mounted(&[("AWS_ROLE_ARN", role), ("AWS_REGION", "eu-west-1\n")]);
    let targets = read_mounted(&secrets).unwrap();
    assert_eq!(targets[0].home.as_str(), "eu-west-1");
    let complaint =
        invalid(read_mounted(&mounted(&[("AWS_ROLE_ARN", role), ("AWS_REGION", "region-code\n")])));
    assert!(complaint.file.ends_with("aws-secret/AWS_REGION"), "{complaint}");
    let without = read_mounted(&mounted(&[("AWS_REGION", "eu-west-1")]));
    assert!(matches!(without, Err(MediatorError::Read { .. })));
    let nowhere = read_mounted(&mounted(&[("AWS_ROLE_ARN", role)]));
    assert!(matches!(nowhere, Err(MediatorError::NoRegion { .. })));
}

#[test]
fn a_secrets_name_leads_nowhere_but_into_the_folder() {
    let secrets = mounted(&[]);
    let values = secrets.path().join("values.yaml");
    for name in ["../aws-secret", "/etc", "..", "aws-secret/..data"] {
        std::fs::write(&values, SEED_VALUES.replace("aws-secret", name)).unwrap();
        let read = targets(std::slice::from_ref(&values), &[secrets.path().to_owned()], &[]);
        assert!(invalid(read).message.contains("there is no Secret"), "{name}");
    }
}

#[test]
fn each_mistake_is_told_with_its_place_and_what_is_meant() {
    let values = |from: &str, to: &str| (SEED_VALUES.replace(from, to), secret());
    let secrets = |from: &str, to: &str| (SEED_VALUES.to_owned(), secret().replace(from, to));
    for ((values, secrets), place, message, help) in [
        (values("secretName", "secretname"), (10, 9), "no key `secretname`", "`secretName`"),
        (values("accounts:", "acounts:"), (8, 5), "no key `acounts`", "`accounts`"),
        (values("scrapers:", "scraper:"), (5, 1), "no key `scraper`", "`scrapers`"),
        (values("  aws:", "  asw:"), (6, 3), "no key `asw`", "`aws`"),
        (
            values("serviceAccountAnnotations", "serviceAcountAnnotations"),
            (2, 3),
            "no key `serviceAcountAnnotations`",
            "`serviceAccountAnnotations`",
        ),
        (values("enabled: true", "enabled: false"), (7, 14), "switched off", "enabled: true"),
        (values("secretName: aws-secret", "arm: 1"), (10, 9), "no key `arm`", "`arn`"),
        (
            values("organizations::", "organisations::"),
            (9, 14),
            "does not name an account",
            "arn:aws:organizations::",
        ),
        (
            values("secretName: aws-secret", "secretName: aws"),
            (10, 21),
            "no Secret `aws`",
            "aws-secret",
        ),
        (secrets("stringData:", "stringdata:"), (7, 1), "no key `stringdata`", "`stringData`"),
        (
            secrets("AWS_ROLE_ARN:", "AWS_ROLEARN:"),
            (9, 3),
            "no `AWS_ROLE_ARN`",
            "`AWS_ROLEARN` is there",
        ),
        (
            secrets("role/CauselyAccess", "user/Me"),
            (9, 17),
            "is no role",
            "arn:aws:iam::ACCOUNT:role/NAME",
        ),
        (secrets("us-east-1", "useast1"), (8, 15), "is no region", "us-east-1"),
    ] {
        let complaint = invalid(read(&values, &secrets));
        assert_eq!((complaint.line, complaint.column), place, "{complaint}");
        assert!(complaint.message.contains(message), "{complaint}");
        let said = complaint.help.clone().unwrap_or_default();
        assert!(said.contains(help), "{complaint}: {said}");
    }
}

#[test]
fn keys_of_others_are_none_of_our_business() {
    let values = format!("image: {{ tag: v1 }}\nglobal: {{}}\n{SEED_VALUES}");
    let values = values.replace("mediator:\n", "mediator:\n  replicas: 2\n");
    assert_eq!(read(&values, &secret()).unwrap().len(), 1);
}

#[test]
fn text_that_is_no_configuration_is_refused_and_never_panics() {
    for values in ["", "---\n", "[]", "x", "a: [", "\t", "scrapers: 3", "scrapers: { aws: [] }"] {
        assert!(read(values, &secret()).is_err(), "{values:?}");
    }
    for secrets in ["", "kind: Secret", "kind: Secret\nmetadata: 3", "&a [*a]", "{"] {
        assert!(read(SEED_VALUES, secrets).is_err(), "{secrets:?}");
    }
}

/// As the command prints it.
fn printed(complaint: Invalid) -> String {
    format!("{:?}", miette::Report::new(complaint))
}

#[test]
fn an_error_in_a_file_of_megabytes_is_short_shows_its_place_and_never_panics() {
    let long = "x".repeat(1_000_000);
    let padded = format!("{{ a: \"{}\", ", "y".repeat(70_000));
    let flow = "scrapers: { aws: { enabled: true, accounts: [{ arn: nonsense, secretName: s }] } }";
    let escapes = "\\e\\a".repeat(100_000);
    let (name, seed) = (SEED_VALUES.to_owned(), secret());
    for (values, secrets) in [
        // A place far behind in a single line.
        (format!("{padded}{flow} }}"), seed.clone()),
        // Huge values, keys and names.
        (name.replace("arn:aws:organizations::", &long), seed.clone()),
        (name.replace("secretName: aws-secret", &format!("secretName: {long}")), seed.clone()),
        (name.replace("secretName:", &format!("{long}:")), seed.clone()),
        (name.replace("enabled: true", &format!("enabled: {long}")), seed.clone()),
        (name.clone(), seed.replace("arn:aws:iam::", &long)),
        (name.clone(), seed.replace("us-east-1", &long)),
        (name.clone(), seed.replace("AWS_ROLE_ARN", &format!("AWS_ROLE_ARM{long}"))),
        (
            name.replace("secretName: aws-secret", &format!("secretName: \"{escapes}\"")),
            seed.clone(),
        ),
        (name.clone(), seed.replace("arn:aws:iam::", "\u{9b}2J\u{202e}\u{1b}]0;")),
        // Not YAML at all.
        (format!("[{}", "[".repeat(100_000)), seed.clone()),
        (format!("{{{long}"), seed.clone()),
        (name, format!("{seed}\n---\n{}", "kind: Secret\nkind: Secret\n".repeat(20_000))),
    ] {
        let complaint = invalid(read(&values, &secrets));
        let summary = complaint.to_string();
        let text = printed(complaint);
        assert!(text.len() <= 4096, "{} bytes: {}", text.len(), &text[..1000]);
        assert!(!(text + &summary).contains(|c: char| c.is_control() && c != '\n'), "{summary}");
    }
}

#[test]
fn a_place_beyond_column_65535_is_told_with_a_window_of_its_line() {
    let before = format!("{{ a: \"{}\", ", "y".repeat(70_000));
    let values = format!(
        "{before}scrapers: {{ aws: {{ accounts: [{{ arn: nonsense, secretName: s }}] }} }} }}"
    );
    let complaint = invalid(read(&values, &secret()));
    assert_eq!(complaint.line, 1);
    assert!(complaint.column > 70_000, "{complaint}");
    let text = printed(complaint);
    assert!(text.contains("arn: nonsense, secretName"), "{text}");
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("values.yaml");
    // It has no bytes on the disk: to read it would take all the same.
    std::fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let (values, secrets) = (vec![large.clone()], vec![large]);
    for (values, secrets) in [(values, Vec::new()), (Vec::new(), secrets)] {
        let Err(MediatorError::Read { source, .. }) = targets(&values, &secrets, &[]) else {
            panic!("a file of a terabyte was read")
        };
        assert!(source.to_string().contains("larger than the limit of 16777216 bytes"), "{source}");
    }
}
