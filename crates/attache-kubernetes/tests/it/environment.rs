//! The environment of a pod with an identity.

use attache_identifiers::{Region, RoleArn};
use attache_kubernetes::{Injection, MOUNTED_TOKEN_FILE, pod_environment};

const ROLE: &str = "arn:aws:iam::222222222222:role/CauselyAccess";

fn injection() -> Injection {
    Injection {
        role: RoleArn::parse(ROLE).unwrap(),
        token_file: MOUNTED_TOKEN_FILE.into(),
        region: Some(Region::parse("us-east-1").unwrap()),
        regional_sts: true,
    }
}

fn names(added: &[(String, String)]) -> Vec<&str> {
    added.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn all_of_it_as_the_webhook_injects_it() {
    let wanted = [
        ("AWS_STS_REGIONAL_ENDPOINTS", "regional"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ROLE_ARN", ROLE),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/eks.amazonaws.com/serviceaccount/token"),
    ];
    let wanted = wanted.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(injection().environment(&[]), wanted);
    let Injection { role, token_file, region, .. } = injection();
    assert_eq!(pod_environment(&role, token_file, region.as_ref()), wanted);
}

#[test]
fn what_a_container_has_is_left_alone() {
    let rest = ["AWS_STS_REGIONAL_ENDPOINTS", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    for (present, added) in [
        (vec!["AWS_REGION"], rest.to_vec()),
        (vec!["AWS_DEFAULT_REGION"], rest.to_vec()),
        (vec!["AWS_REGION", "AWS_ROLE_ARN"], vec![rest[0], rest[2]]),
        (vec!["AWS_REGION", rest[0], rest[1], rest[2]], vec![]),
    ] {
        assert_eq!(names(&injection().environment(&present)), added, "{present:?}");
    }
}

#[test]
fn only_what_was_asked_for() {
    let bare = Injection { region: None, regional_sts: false, ..injection() };
    assert_eq!(names(&bare.environment(&[])), ["AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"]);
}
