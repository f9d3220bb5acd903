//! How much is read.

use attache_manifests::{Input, MAX_DOCUMENTS, ManifestError, TextFile};

use super::{SEED_VALUES, invalid, printed, read, read_all, refused, secret};

fn documents(count: usize) -> String {
    let config_maps = "---\nkind: ConfigMap\n".repeat(count - 1);
    format!("---\n---\n{config_maps}---\n{}---\n---\n", secret())
}

#[test]
fn ten_thousand_documents_are_read_and_one_more_is_refused() {
    assert_eq!(read(SEED_VALUES, &documents(MAX_DOCUMENTS)).unwrap().accounts.len(), 1);
    let too_many = refused(read(SEED_VALUES, &documents(MAX_DOCUMENTS + 1)));
    assert!(matches!(too_many, ManifestError::TooManyDocuments(_)));
    let invalid = invalid(&too_many);
    assert_eq!(invalid.message, "more than 10000 documents in one file");
    assert_eq!(invalid.line, 2 + 2 * MAX_DOCUMENTS + 2, "the first that is too much");
    let list = format!("kind: List\nitems:\n{}", "- kind: X\n".repeat(MAX_DOCUMENTS + 1));
    assert!(matches!(read(SEED_VALUES, &list), Err(ManifestError::TooManyDocuments(_))));
    let values = format!("{SEED_VALUES}\n{}", "---\na: 1\n".repeat(MAX_DOCUMENTS));
    assert!(matches!(read(&values, &secret()), Err(ManifestError::TooManyDocuments(_))));
}

#[test]
fn every_account_has_its_own_secret() {
    let (mut values, mut secrets) =
        ("scrapers:\n  aws:\n    accounts:\n".to_owned(), String::new());
    for nth in 0..300 {
        let id = 100_000_000_000_u64 + nth;
        values
            .push_str(&format!("    - {{ arn: 'arn:aws:iam::{id}:root', secretName: s{nth} }}\n"));
        secrets.push_str(&format!(
            "---\n{}",
            secret()
                .replace("aws-secret", &format!("s{nth}"))
                .replace("222222222222", &id.to_string())
        ));
    }
    let read = read(&values, &secrets).unwrap();
    assert_eq!(read.accounts.len(), 300);
    assert!(read.accounts.iter().all(|account| account.role.account() == account.declared.account));
}

#[test]
fn an_error_in_a_file_of_megabytes_is_short_and_shows_its_place() {
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
        let summary = refused(read(&values, &secrets)).to_string();
        let text = printed(read(&values, &secrets));
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
    let error = refused(read(&values, &secret()));
    let invalid = invalid(&error);
    assert_eq!(invalid.line, 1);
    assert!(invalid.column > 70_000, "{invalid}");
    let text = printed(read(&values, &secret()));
    assert!(text.contains("arn: nonsense, secretName"), "{text}");
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("values.yaml");
    // It has no bytes on the disk: to read it would take all the same.
    std::fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    let Err(ManifestError::Read(error)) = TextFile::read(&large) else {
        panic!("a file of a terabyte was read")
    };
    assert!(error.to_string().contains("larger than the limit of 16777216 bytes"), "{error}");
}

#[test]
fn the_debug_form_of_what_was_given_has_nothing_of_it() {
    let text = TextFile::new("s.yaml", "password: hunter2");
    let shown = format!("{text:?} {:?} {:?}", text.file(), Input::File(text.clone()));
    assert!(shown.contains("s.yaml") && !shown.contains("hunter2"), "{shown}");
    assert!(read_all(SEED_VALUES, vec![Input::File(text)], &[]).is_err());
}
