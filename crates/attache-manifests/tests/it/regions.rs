//! Where the regions come from.

use attache_identifiers::Region;
use attache_manifests::{Account, Input, TextFile};

use super::{SEED_VALUES, read, read_all, secret, told};

fn regions(account: &Account) -> Vec<&str> {
    account.regions.iter().map(Region::as_str).collect()
}

fn listed(regions: &str) -> String {
    SEED_VALUES.replace("    enabled: true", &format!("    enabled: true\n    regions: {regions}"))
}

#[test]
fn regions_come_from_the_command_line_else_the_values_else_the_secret() {
    let without = secret().replace("  AWS_REGION: us-east-1\n", "");
    let listed = listed("[eu-west-1, us-west-2]");
    let (both, plain) = (listed.as_str(), SEED_VALUES);
    for (values, secrets, given, wanted, home) in [
        (plain, secret(), &[][..], &["us-east-1"][..], "us-east-1"),
        (both, secret(), &[], &["eu-west-1", "us-west-2"], "us-east-1"),
        (both, secret(), &["ap-south-1", "ap-south-1"], &["ap-south-1"], "us-east-1"),
        (both, without.clone(), &[], &["eu-west-1", "us-west-2"], "eu-west-1"),
        (plain, without.clone(), &["ap-south-1"], &["ap-south-1"], "ap-south-1"),
    ] {
        let secrets = vec![Input::File(TextFile::new("s", secrets))];
        let read = read_all(values, secrets, given).unwrap();
        assert_eq!(regions(&read.accounts[0]), wanted);
        assert_eq!(read.accounts[0].home.as_str(), home, "STS stays with the Secret's region");
    }
    let told = told(read(SEED_VALUES, &without));
    assert!(
        told.starts_with("secrets.yaml:5:9: the Secret `aws-secret` has no `AWS_REGION`"),
        "{told}"
    );
    assert!(
        told.contains("scrapers.aws.regions") && told.contains("--regions us-east-1"),
        "{told}"
    );
}

#[test]
fn regions_that_are_none_are_refused_with_what_was_meant() {
    for (given, wanted) in [
        (
            "[region-code]",
            "values.yaml:8:15: `scrapers.aws.regions`: expected a region, found the document's placeholder",
        ),
        (
            "[us-east-1, us_east_2]",
            "values.yaml:8:26: `scrapers.aws.regions`: expected a region, found `us_east_2`; did you mean `us-east-2`?",
        ),
        (
            "us-east-1",
            "values.yaml:8:14: expected a list under `regions`, found text; write regions: [us-east-1]",
        ),
        ("[1]", "values.yaml:8:15: expected text, found a number; put it into quotes: \"1\""),
        ("{ a: b }", "values.yaml:8:14: expected a list under `regions`, found a mapping"),
    ] {
        let told = told(read(&listed(given), &secret()));
        assert!(told.starts_with(wanted), "{told}");
    }
    for (given, wanted) in [
        ("us-east-1a", "found `us-east-1a`; did you mean `us-east-1`?"),
        ("US-EAST-1", "found `US-EAST-1`; did you mean `us-east-1`?"),
        ("eu_central_1", "did you mean `eu-central-1`?"),
        ("''", "found nothing"),
        ("' us-east-1'", "found white space around it"),
        ("|\n    us-east-1\n    us-east-2", "found several lines"),
        ("'{{ .Values.region }}'", "found a template; render it first"),
        ("dXMtZWFzdC0x", "found base64; `stringData` has plain text"),
        ("1", "found a number; put it into quotes"),
        ("[us-east-1]", "found a list"),
        ("hunter2", "found other text; put the region to scrape there"),
    ] {
        let told = told(read(SEED_VALUES, &secret().replace("us-east-1", given)));
        let start = "`AWS_REGION` of the Secret `aws-secret`: expected a region, ";
        assert!(told.contains(start) && told.contains(wanted), "{given}: {told}");
        assert!(told.starts_with("secrets.yaml:"), "{told}");
    }
}

#[test]
fn lists_that_are_null_are_as_if_they_were_not_there() {
    let values = listed("");
    assert_eq!(regions(&read(&values, &secret()).unwrap().accounts[0]), ["us-east-1"]);
}
