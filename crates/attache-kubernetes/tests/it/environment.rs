//! The environment of a pod with an identity.

use attache_identifiers::{Region, RoleArn};
use attache_kubernetes::{CredentialSource, Injection, MOUNTED_TOKEN_FILE, pod_environment};

const ROLE: &str = "arn:aws:iam::222222222222:role/CauselyAccess";

fn injection() -> Injection {
    Injection {
        source: CredentialSource::WebIdentity {
            role: ROLE.to_owned(),
            token_file: MOUNTED_TOKEN_FILE.to_owned(),
        },
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
    let (role, region) = (RoleArn::parse(ROLE).unwrap(), Region::parse("us-east-1").unwrap());
    assert_eq!(pod_environment(&role, MOUNTED_TOKEN_FILE, Some(&region)), wanted);
}

#[test]
fn what_a_container_has_is_left_alone() {
    let rest = ["AWS_STS_REGIONAL_ENDPOINTS", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];
    for (present, added) in [
        (vec!["AWS_REGION"], rest.to_vec()),
        (vec!["AWS_DEFAULT_REGION"], rest.to_vec()),
        (vec!["AWS_REGION", "AWS_ROLE_ARN"], vec![rest[0]]),
        (vec!["AWS_REGION", "AWS_WEB_IDENTITY_TOKEN_FILE"], vec![rest[0]]),
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

#[test]
fn an_agent_on_the_node_and_a_configuration_file() {
    let of = |source| Injection { source, region: None, regional_sts: false };
    let container = of(CredentialSource::Container {
        uri: "http://169.254.170.23/v1/credentials".to_owned(),
        token_file: "/token".to_owned(),
    });
    let both = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    assert_eq!(names(&container.environment(&["AWS_ROLE_ARN"])), both);
    for one in both {
        assert!(container.environment(&[one]).is_empty(), "{one}");
    }
    let file = of(CredentialSource::ConfigFile { path: "/config".to_owned() });
    assert_eq!(names(&file.environment(&[])), ["AWS_CONFIG_FILE", "AWS_SDK_LOAD_CONFIG"]);
    for one in ["AWS_CONFIG_FILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"] {
        assert!(file.environment(&[one]).is_empty(), "{one}");
    }
}
