//! Each mistake, its place, and what is said to be right.

use super::{SEED_VALUES, read, secret, told};

#[test]
fn each_mistake_in_the_values_is_told_with_its_place_and_what_is_meant() {
    let account = "arn:aws:organizations::222222222222:account/o-pyxgi8opc5/123456789012";
    for (from, to, wanted) in [
        ("secretName", "secretname", "10:9: unknown key `secretname`; did you mean `secretName`?"),
        (
            "secretName",
            "secret_name",
            "10:9: unknown key `secret_name`; did you mean `secretName`?",
        ),
        ("accounts:", "acounts:", "8:5: unknown key `acounts`; did you mean `accounts`?"),
        ("scrapers:", "scraper:", "5:1: unknown key `scraper`; did you mean `scrapers`?"),
        ("scrapers:", "Scrapers:", "5:1: unknown key `Scrapers`; did you mean `scrapers`?"),
        ("  aws:", "  asw:", "6:3: unknown key `asw`; did you mean `aws`?"),
        ("  aws:", "  AWS:", "6:3: unknown key `AWS`; did you mean `aws`?"),
        (
            "serviceAccountAnnotations",
            "serviceAcountAnnotations",
            "2:3: unknown key `serviceAcountAnnotations`; did you mean `serviceAccountAnnotations`?",
        ),
        (
            "com/role-arn",
            "com/roleArn",
            "3:5: unknown key `eks.amazonaws.com/roleArn`; did you mean `eks.amazonaws.com/role-arn`?",
        ),
        (
            "eks.amazonaws.com/role-arn",
            "role-arn",
            "3:5: unknown key `role-arn`; did you mean `eks.amazonaws.com/role-arn`?",
        ),
        ("enabled:", "enable:", "7:5: unknown key `enable`; did you mean `enabled`?"),
        (
            "enabled: true",
            "enabled: 'false'",
            "7:14: expected true or false, found text; write `enabled: false`, without quotes",
        ),
        (
            "enabled: true",
            "enabled: \"off\"",
            "7:14: expected true or false, found text; write `enabled: false`, without quotes",
        ),
        (
            "enabled: true",
            "enabled: 0",
            "7:14: expected true or false, found a number; write `enabled: true` or `enabled: false`",
        ),
        ("enabled: true", "enabled: []", "7:14: expected true or false, found a list"),
        ("enabled: true", "enabled: maybe", "7:14: expected true or false, found text"),
        (
            "enabled: true",
            "region: us-east-1",
            "7:5: unknown key `region`; did you mean `regions`?",
        ),
        (
            "secretName: aws-secret",
            "region: us-east-1",
            "10:9: unknown key `region`; an account has `arn` and `secretName`; regions go into `scrapers.aws.regions`",
        ),
        ("secretName: aws-secret", "arm: 1", "10:9: unknown key `arm`; did you mean `arn`?"),
        ("\n        secretName: aws-secret", "", "9:9: this account has no `secretName`"),
        ("secretName: aws-secret", "secretName:", "10:9: this account has no `secretName`"),
        ("secretName: aws-secret", "secretName: ''", "10:21: expected text, found nothing"),
        (
            "secretName: aws-secret",
            "secretName: 7",
            "10:21: expected text, found a number; put it into quotes: \"7\"",
        ),
        (
            "secretName: aws-secret",
            "secretName: aws",
            "10:21: there is no Secret `aws`; did you mean `aws-secret`?",
        ),
        (
            "secretName: aws-secret",
            "secretName: other",
            "10:21: there is no Secret `other`; the Secrets given are: aws-secret",
        ),
        (
            "organizations::",
            "organisations::",
            "9:14: expected the ARN of an account, found `arn:aws:organisations::",
        ),
        (
            account,
            "arn:aws:iam::222222222222:role/R",
            "9:14: expected the ARN of an account, found `arn:aws:iam::222222222222:role/R`, the ARN of a role; write arn:aws:iam::222222222222:root; the role goes into the Secret's AWS_ROLE_ARN",
        ),
        (
            account,
            "222222222222",
            "9:14: expected the ARN of an account, found the account id 222222222222 alone; write arn:aws:iam::222222222222:root",
        ),
        (
            account,
            "'012345678901'",
            "9:14: expected the ARN of an account, found the account id 012345678901 alone",
        ),
        (
            account,
            "012345678901",
            "9:14: expected the ARN of an account, found the account id 012345678901 alone",
        ),
        (account, "", "9:9: this account has no `arn`"),
        (account, "[a]", "9:14: expected text, found a list"),
        (
            "role/CauselyMediation",
            "user/X",
            "3:33: expected a role's ARN, found `arn:aws:iam::111111111111:user/X`",
        ),
        (
            "mediator:\n",
            "mediator: 3\nx:\n",
            "1:11: expected a mapping under `mediator`, found a number",
        ),
        (
            "scrapers:\n",
            "scrapers: []\nx:\n",
            "5:11: expected a mapping under `scrapers`, found a list",
        ),
    ] {
        assert!(SEED_VALUES.contains(from), "{from}");
        let told = told(read(&SEED_VALUES.replacen(from, to, 1), &secret()));
        assert!(told.starts_with(&format!("values.yaml:{wanted}")), "{to}: {told}");
    }
}

#[test]
fn values_without_an_account_are_refused() {
    for (values, wanted) in [
        ("", "there is no account"),
        ("---\n", "there is no account"),
        ("x", "expected a mapping of values, found text"),
        ("[]", "expected a mapping of values, found a list"),
        ("a: [", "values.yaml:1"),
        ("\t", "there is no account"),
        ("scrapers:", "values.yaml:1:1: there is no account"),
        ("scrapers: 3", "expected a mapping under `scrapers`"),
        ("scrapers: { aws: [] }", "expected a mapping under `aws`"),
        (
            "a: 1\nscrapers: { aws: { enabled: true } }",
            "values.yaml:2:1: there is no account under `scrapers.aws.accounts`",
        ),
        ("scrapers: { aws: { accounts: [] } }", "there is no account"),
        (
            "scrapers: { aws: { accounts: [x] } }",
            "expected a mapping of an account's `arn` and `secretName`, found text",
        ),
        ("scrapers: { aws: { accounts: x } }", "expected a list under `accounts`, found text"),
    ] {
        let told = told(read(values, &secret()));
        assert!(told.contains(wanted), "{values:?}: {told}");
    }
}

#[test]
fn keys_of_others_in_the_values_are_none_of_our_business() {
    let values = format!("image: {{ tag: v1 }}\nglobal: {{}}\nmediators: x\n{SEED_VALUES}");
    let values =
        values.replace("mediator:\n", "mediator:\n  replicas: 2\n  serviceAccountName: x\n");
    let values = values.replace(
        "    eks.amazonaws.com/role-arn:",
        "    eks.amazonaws.com/token-expiration: '3600'\n    iam.amazonaws.com/role: x\n    eks.amazonaws.com/sts-regional-endpoints: 'true'\n    eks.amazonaws.com/audience: a\n    eks.amazonaws.com/role-arn:",
    );
    let values = values.replace("scrapers:\n", "scrapers:\n  datadog: { enabled: no }\n");
    let read = read(&values, &secret()).unwrap();
    assert_eq!(read.accounts.len(), 1);
    assert_eq!(read.service_account.audience.as_deref(), Some("a"));
    // Without ours beside it, a name that only begins like ours is no mistake, either.
    let values = SEED_VALUES.replace("serviceAccountAnnotations:", "serviceAccountName: x\n  y:");
    assert!(super::read(&values, &secret()).is_ok());
}

#[test]
fn scraping_that_is_switched_off_is_told_and_nothing_else_is_read() {
    for off in ["false", "no", "off", "False", "FALSE"] {
        let values = SEED_VALUES.replace("enabled: true", &format!("enabled: {off}"));
        let read = read(&values.replace("- arn: arn:aws", "- arn: nonsense"), "kind: [").unwrap();
        assert!(read.accounts.is_empty());
        let [place] = read.switched_off.as_slice() else { panic!("{:?}", read.switched_off) };
        assert!(place.to_string().starts_with("values.yaml:7:14: AWS scraping is switched off"));
    }
    for on in ["enabled: yes", "enabled: on", "enabled:", "enabled: ~", "# nothing"] {
        let values = SEED_VALUES.replace("enabled: true", on);
        assert_eq!(read(&values, &secret()).unwrap().accounts.len(), 1, "{on}");
    }
    // A key that is misspelt might be the one that switches it on.
    let values = SEED_VALUES.replace("enabled: true", "enabled: false\n    acounts: []");
    assert!(told(read(&values, &secret())).contains("unknown key `acounts`"));
}

#[test]
fn each_mistake_in_a_secret_is_told_with_its_place_and_what_is_meant() {
    for (from, to, wanted) in [
        (
            "stringData:",
            "stringdata:",
            "7:1: unknown key `stringdata` in the Secret `aws-secret`; did you mean `stringData`?",
        ),
        (
            "stringData:",
            "string_data:",
            "7:1: unknown key `string_data` in the Secret `aws-secret`; did you mean `stringData`?",
        ),
        (
            "stringData:\n",
            "stringData:\nAWS_X: y\nx:\n",
            "8:1: unknown key `AWS_X` in the Secret `aws-secret`; put `AWS_X` under `stringData`",
        ),
        (
            "type: Opaque",
            "y: Opaque",
            "3:1: unknown key `y` in the Secret `aws-secret`; expected one of",
        ),
        (
            "type: Opaque",
            "extra: Opaque",
            "3:1: unknown key `extra` in the Secret `aws-secret`; expected one of: apiVersion, kind",
        ),
        (
            "AWS_ROLE_ARN:",
            "AWS_ROLEARN:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `AWS_ROLEARN`; did you mean `AWS_ROLE_ARN`?",
        ),
        (
            "AWS_ROLE_ARN:",
            "role-arn:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `role-arn`; did you mean `AWS_ROLE_ARN`?",
        ),
        (
            "AWS_ROLE_ARN:",
            "AWS_ROLE:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `AWS_ROLE`; did you mean",
        ),
        (
            "AWS_ROLE_ARN:",
            "aws_role_arn:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `aws_role_arn`; did you mean",
        ),
        (
            "AWS_ROLE_ARN:",
            "roleArn:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `roleArn`; did you mean",
        ),
        (
            "AWS_ROLE_ARN:",
            "arn:",
            "9:3: the Secret `aws-secret` has no `AWS_ROLE_ARN`, but `arn`; did you mean",
        ),
        (
            "AWS_ROLE_ARN:",
            "unlike:",
            "5:9: the Secret `aws-secret` has no `AWS_ROLE_ARN`; add `AWS_ROLE_ARN: arn:aws:iam::ACCOUNT:role/NAME` to it",
        ),
        (
            "AWS_REGION:",
            "region:",
            "8:3: the Secret `aws-secret` has no `AWS_REGION`, but `region`; did you mean `AWS_REGION`?",
        ),
        (
            "AWS_REGION:",
            "aws_region:",
            "8:3: the Secret `aws-secret` has no `AWS_REGION`, but `aws_region`; did you mean",
        ),
        (
            "AWS_REGION:",
            "AWS_REGOIN:",
            "8:3: the Secret `aws-secret` has no `AWS_REGION`, but `AWS_REGOIN`; did you mean",
        ),
        (
            "AWS_REGION:",
            "AWS_DEFAULT_REGION:",
            "8:3: the Secret `aws-secret` has no `AWS_REGION`, but `AWS_DEFAULT_REGION`; did you mean",
        ),
        (
            "AWS_REGION:",
            "awsRegion:",
            "8:3: the Secret `aws-secret` has no `AWS_REGION`, but `awsRegion`; did you mean",
        ),
        (
            "role/CauselyAccess",
            "user/Me",
            "9:17: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found `arn:aws:iam::222222222222:user/Me`; it must be arn:aws:iam::ACCOUNT:role/NAME",
        ),
        (
            "arn:aws:iam::222222222222:role/CauselyAccess",
            "CauselyAccess",
            "9:17: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found other text; write arn:aws:iam::ACCOUNT:role/NAME",
        ),
        (
            "arn:aws:iam::222222222222:role/CauselyAccess",
            "AKIAIOSFODNN7EXAMPLE",
            "9:17: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found an access key id",
        ),
        (
            "arn:aws:iam::222222222222:role/CauselyAccess",
            "",
            "9:15: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found nothing",
        ),
        (
            "stringData:\n  AWS_REGION: us-east-1",
            "data:\n  AWS_REGION: us-east-1",
            "9:17: `AWS_ROLE_ARN` of the Secret `aws-secret`: expected a role's ARN, found what is not base64; put plain text under `stringData`",
        ),
        (
            "stringData:",
            "stringData: x\ndata:",
            "7:1: `stringData` of the Secret `aws-secret`: expected a mapping, found text",
        ),
    ] {
        assert!(secret().contains(from), "{from}");
        let told = told(read(SEED_VALUES, &secret().replacen(from, to, 1)));
        assert!(told.starts_with(&format!("secrets.yaml:{wanted}")), "{to}: {told}");
    }
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
    for (secrets, wanted) in [
        // Its region's key is right, and no reason to think that it was meant for the role's.
        (second(""), "secrets.yaml:14:9: the Secret `other` has no `AWS_ROLE_ARN`; add"),
        (
            second("  AWS_ROLEARN: arn:aws:iam::1:role/R\n"),
            "secrets.yaml:17:3: the Secret `other` has no `AWS_ROLE_ARN`, but `AWS_ROLEARN`",
        ),
        (
            format!(
                "{}---\n{}",
                second("  AWS_ROLE_ARN: x"),
                "kind: Secret\nmetadata: { name: other }\n"
            )
            .replacen("x---", "x\n---", 1),
            "secrets.yaml:20:19: the Secret `other` is given twice; remove one of the two; the other is secrets.yaml:14:9",
        ),
    ] {
        let told = told(read(&values, &secrets));
        assert!(told.starts_with(wanted), "{told}");
    }
}

#[test]
fn a_secret_that_is_not_there_is_told_with_what_is() {
    for (secrets, wanted) in [
        ("", "there is no Secret in secrets.yaml"),
        ("kind: Secret", "the Secret at secrets.yaml:1:1 has no `metadata.name`"),
        (
            "kind: Secret\nmetadata:\nname: aws-secret\n",
            "the Secret at secrets.yaml:1:1 has no `metadata.name`",
        ),
        (
            "kind: secret\nmetadata: { name: aws-secret }",
            "secrets.yaml:2:19 is of the kind secret, not a Secret",
        ),
        (
            "kind: ConfigMap\nmetadata: { name: aws-secret }",
            "secrets.yaml:2:19 is of the kind ConfigMap, not a Secret; `kubectl get secret aws-secret -o yaml` prints it",
        ),
        ("kind: SealedSecret\nmetadata: { name: aws-secret }", "is of the kind SealedSecret"),
        ("metadata: { name: aws-secret }", "is an object without a `kind`"),
        (
            "apiVersion: x/v1\nkind: Secret\nmetadata: { name: aws-secret }",
            "is a Secret of x/v1, whose apiVersion must be v1",
        ),
        ("kind: Secret\nmetadata: { name: aws-secrets }", "did you mean `aws-secrets`?"),
    ] {
        let told = told(read(SEED_VALUES, secrets));
        assert!(told.starts_with("values.yaml:10:21: there is no Secret `aws-secret`; "), "{told}");
        assert!(told.contains(wanted), "{told}");
    }
    let told = told(super::read_all(SEED_VALUES, Vec::new(), &[]));
    assert!(told.contains("no Secret was given: name its file"), "{told}");
}

#[test]
fn a_secret_that_two_accounts_name_is_refused() {
    let again = "      - arn: arn:aws:iam::222222222222:root\n        secretName: aws-secret\n";
    let told = told(read(&format!("{}\n{again}", SEED_VALUES.trim_end()), &secret()));
    assert!(
        told.starts_with("values.yaml:12:21: the Secret `aws-secret` is named by an account above"),
        "{told}"
    );
    assert!(told.contains("scrapers.aws.regions"), "{told}");
}
