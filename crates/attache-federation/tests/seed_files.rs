//! The mediator's own files as `verify` reads them.

use attache_federation::Chain;

const VALUES: &str = include_str!("../../../examples/seed/causely-values.yaml");
const SECRET: &str = include_str!("../../../examples/seed/aws-secret.yaml");

fn read(values: &str, secrets: &[&str]) -> Result<Vec<String>, String> {
    let secrets: Vec<(&str, &str)> =
        secrets.iter().map(|text| ("aws-secret.yaml", *text)).collect();
    let chain = Chain::from_values(("causely-values.yaml", values), &secrets);
    let chain = chain.map_err(|invalid| invalid.to_string())?;
    Ok(chain.accounts().iter().map(ToString::to_string).collect())
}

fn with_region() -> String {
    SECRET.replace("region-code", "us-east-1")
}

#[test]
fn the_seed_files_are_read_once_the_region_is_there() {
    let accounts = read(VALUES, &[&with_region()]).expect("they are good");
    assert_eq!(accounts, ["111111111111", "222222222222"]);
}

#[test]
fn a_secret_in_base64_and_beside_another_is_read() {
    let encoded = "
apiVersion: v1
kind: Secret
metadata: { name: aws-secret, namespace: causely }
data:
  AWS_REGION: ZXUtd2VzdC0x
  AWS_ROLE_ARN: YXJuOmF3czppYW06OjMzMzMzMzMzMzMzMzpyb2xlL1g=
---
apiVersion: v1
kind: Secret
metadata: { name: other }
stringData: { AWS_REGION: us-east-1, AWS_ROLE_ARN: 'arn:aws:iam::444444444444:role/Y' }
";
    assert_eq!(read(VALUES, &[encoded]).expect("it is good"), ["111111111111", "333333333333"]);
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let secret = with_region();
    let role = "arn:aws:iam::222222222222:role/CauselyAccess";
    let account = "arn:aws:organizations::222222222222:account/o-pyxgi8opc5/123456789012";
    let cases = [
        (
            "the region is the placeholder",
            VALUES.to_owned(),
            SECRET.to_owned(),
            "aws-secret.yaml:8:15: AWS_REGION: \"region-code\" is not a region: it is the document's placeholder",
        ),
        (
            "no such Secret",
            VALUES.replace("secretName: aws-secret", "secretName: other"),
            secret.clone(),
            "causely-values.yaml:10:21: no file has a Secret named `other`",
        ),
        (
            "no role",
            VALUES.to_owned(),
            secret.replace("AWS_ROLE_ARN", "ROLE_ARN"),
            "aws-secret.yaml:2:7: the Secret `aws-secret` has no AWS_ROLE_ARN",
        ),
        (
            "a role that is none",
            VALUES.to_owned(),
            secret.replace(role, "CauselyAccess"),
            "aws-secret.yaml:9:17: AWS_ROLE_ARN: \"CauselyAccess\" is not a role ARN",
        ),
        (
            "an account that is none",
            VALUES.replace(account, "arn:aws:s3:::bucket"),
            secret.clone(),
            "causely-values.yaml:9:14: \"arn:aws:s3:::bucket\" names no account",
        ),
        (
            "an organisation's account without its number",
            VALUES.replace("/o-pyxgi8opc5/123456789012", ""),
            secret.clone(),
            "causely-values.yaml:9:14: \"arn:aws:organizations::222222222222:account\" is no account's ARN",
        ),
        (
            "not a Secret",
            VALUES.to_owned(),
            secret.replace("kind: Secret", "kind: ConfigMap"),
            "aws-secret.yaml:2:7: this is a ConfigMap, not a Secret",
        ),
        (
            "the same Secret twice",
            VALUES.to_owned(),
            format!("{secret}---\n{secret}"),
            "aws-secret.yaml:15:9: the Secret `aws-secret` is here twice",
        ),
        (
            "values without scrapers",
            "mediator: {}".to_owned(),
            secret.clone(),
            "causely-values.yaml:1:1: the key `scrapers` is missing",
        ),
    ];
    for (what, values, secret, wanted) in cases {
        let got = read(&values, &[&secret]).expect_err(what);
        assert!(got.starts_with(wanted), "{what}: {got}");
    }
}
