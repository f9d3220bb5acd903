//! What a Secret holds is part of no error; long-lived keys in it are warned of.

use attache_manifests::Warning;

use super::{SEED_VALUES, account, printed, read, secret, told};

/// Nothing of it may be shown.
const PASSWORD: &str = "hunter2-Zeta/9";

#[test]
fn no_error_about_a_secret_shows_what_it_holds() {
    // The value in clear, in base64, in a comment, in an annotation, and beside every place.
    let around = |member: &str| {
        format!(
            "# {PASSWORD}\nkind: Secret\nmetadata:\n  name: aws-secret\n  annotations:\n    \
             kubectl.kubernetes.io/last-applied-configuration: '{{\"a\": \"{PASSWORD}\"}}'\n\
             stringData:\n  password: {PASSWORD}\n{member}\n  after: {PASSWORD}\n  more: |\n    \
             {PASSWORD}\n    {PASSWORD}\n---\nkind: Secret\nmetadata: {{ name: other }}\n\
             stringData: {{ password: {PASSWORD} }}\n"
        )
    };
    let role = "  AWS_ROLE_ARN: arn:aws:iam::222222222222:role/R";
    for member in [
        "  x: y".to_owned(),
        "  role-arn: y".to_owned(),
        format!("  role-arn: {PASSWORD}"),
        format!("  AWS_ROLE_ARN: {PASSWORD}"),
        format!("  AWS_ROLE_ARN: 'arn:aws:iam::222222222222:role/R {PASSWORD}'"),
        format!("  AWS_ROLE_ARN: [{PASSWORD}]"),
        role.to_owned(),
        format!("{role}\n  region: {PASSWORD}"),
        format!("{role}\n  AWS_REGION: {PASSWORD}"),
        format!("{role}\n  AWS_REGION: region-code"),
        format!("{role}\n  AWS_REGION: us-east-1a"),
        format!("{role}\nAWS_REGION: {PASSWORD}"),
        format!("{role}\ndata: {PASSWORD}"),
        format!("{role}\ndata: {{ AWS_REGION: '{PASSWORD}' }}\nstringdata:"),
        // What its reader refuses before anything is known.
        format!("  AWS_ROLE_ARN: *{PASSWORD}"),
        format!("  AWS_ROLE_ARN: @{PASSWORD}"),
        format!("  AWS_ROLE_ARN: %{PASSWORD}"),
        format!("  AWS_ROLE_ARN: \"{PASSWORD}"),
        format!("  AWS_ROLE_ARN: {PASSWORD}: x"),
        format!("  AWS_ROLE_ARN: !!binary {PASSWORD}?"),
        format!("  AWS_ROLE_ARN: !!int {PASSWORD}"),
        format!("  AWS_ROLE_ARN: \"{PASSWORD}\\q\""),
        "  password: again".to_owned(),
    ] {
        let text = around(&member);
        let shown = printed(read(SEED_VALUES, &text)) + &told(read(SEED_VALUES, &text));
        for part in [PASSWORD, "hunter2", "Zeta"] {
            assert!(!shown.contains(part), "{member}: {shown}");
        }
        assert!(shown.contains("secrets.yaml"), "{shown}");
    }
}

#[test]
fn the_lines_of_a_secret_are_shown_by_their_keys() {
    let text = secret().replace("us-east-1", "hunter2");
    let shown = printed(read(SEED_VALUES, &text));
    assert!(shown.contains("AWS_REGION: *******"), "{shown}");
    assert!(shown.contains("stringData:"), "{shown}");
    let shown = printed(read(SEED_VALUES, &secret().replace("us-east-1", "us_east_1")));
    assert!(shown.contains("AWS_REGION: us_east_1"), "what all but spells a region: {shown}");
}

#[test]
fn other_programs_values_are_masked_in_errors_about_values() {
    let values = format!("gateway:\n  token: {PASSWORD}\n{SEED_VALUES}other: {PASSWORD}\n");
    for (from, to) in [
        ("mediator:", "mediatr:"),
        ("enabled: true", "enabled: maybe"),
        ("scrapers:", "scraper:"),
        ("secretName: aws-secret", "secretName: aws"),
        ("role/CauselyMediation", "user/X"),
    ] {
        let shown = printed(read(&values.replace(from, to), &secret()));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

fn warnings(members: &str) -> Vec<Warning> {
    account(&format!("{}{members}", secret())).warnings
}

#[test]
fn long_lived_keys_are_warned_of_without_being_shown() {
    let id = "AKIAIOSFODNN7EXAMPLE";
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    for (members, names) in [
        (
            format!("  AWS_ACCESS_KEY_ID: {id}\n  AWS_SECRET_ACCESS_KEY: {key}\n"),
            "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
        ),
        (format!("  aws_secret_access_key: {key}\n"), "(aws_secret_access_key)"),
        (format!("  accessKeyId: {id}\n"), "(accessKeyId)"),
        (format!("  credentials: |\n    [default]\n    aws_access_key_id={id}\n"), "(credentials)"),
        (format!("  lower: {}\n", id.to_lowercase()), "(lower)"),
        (format!("  {id}: {id}\n"), "([hidden])"),
        ("data: { key: QUtJQUlPU0ZPRE5ON0VYQU1QTEU= }\n".to_owned(), "(key)"),
    ] {
        // A key that is named like one, or a value that is one, is enough.
        let warnings = warnings(&members);
        let [Warning { message, remedy }] = warnings.as_slice() else { panic!("{members}") };
        assert!(
            message.starts_with("the Secret `aws-secret` still holds long-lived keys"),
            "{message}"
        );
        assert!(message.contains(names), "{message}");
        assert!(remedy.contains("kubectl -n causely edit secret aws-secret"), "{remedy}");
        let shown = format!("{message}{remedy}").to_lowercase();
        assert!(!shown.contains("akia") && !shown.contains("wjalr"), "{shown}");
    }
    for members in ["  AWS_ACCESS_KEY_ID: ''\n", "  note: AKIA is a prefix\n", "  AWS_PROFILE: x\n"]
    {
        assert_eq!(warnings(members), [], "{members}");
    }
}

#[test]
fn a_secret_with_keys_and_no_role_is_told_both() {
    let text = secret().replace(
        "AWS_ROLE_ARN: arn:aws:iam::222222222222:role/CauselyAccess",
        "AWS_ACCESS_KEY_ID: AKIAIOSFODNN7EXAMPLE",
    );
    let told = told(read(SEED_VALUES, &text));
    assert!(told.contains("has no `AWS_ROLE_ARN`; add"), "{told}");
    assert!(
        told.contains("remove the long-lived keys that it holds (AWS_ACCESS_KEY_ID)"),
        "{told}"
    );
    assert!(!told.contains("AKIA"), "{told}");
}
