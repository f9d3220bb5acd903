//! What is an identifier and what is not, as a table.

use attache_identifiers::{
    AccountId, Arn, IamPath, Issuer, Partition, PolicyName, ProviderArn, Region, RoleArn,
};

const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";

#[test]
fn good_ones_print_as_they_were_read() {
    let account = AccountId::parse("012345678901").unwrap();
    assert_eq!(account.to_string(), "012345678901");
    for arn in [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:s3:::bucket/key:with:colons",
        "arn:aws-cn:ec2:cn-north-1:222222222222:instance/i-1",
        "arn:aws:organizations::222222222222:account/o-pyxgi8opc5/123456789012",
        "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess",
    ] {
        assert_eq!(Arn::parse(arn).unwrap().to_string(), arn);
    }
    let role = "arn:aws:iam::222222222222:role/team/CauselyAccess";
    assert_eq!(RoleArn::parse(role).unwrap().to_string(), role);
    let session = RoleArn::parse(role).unwrap().session("s");
    assert_eq!(session.to_string(), "arn:aws:sts::222222222222:assumed-role/CauselyAccess/s");
    let provider = Issuer::parse(ISSUER).unwrap().provider(Partition::aws(), account).to_string();
    assert_eq!(ProviderArn::parse(&provider).unwrap().to_string(), provider);
}

#[test]
fn bad_ones_say_what_would_be_right() {
    let why = |e: attache_identifiers::NameError| e.why;
    assert!(why(AccountId::parse("22222").unwrap_err()).contains("12 digits"));
    assert!(why(AccountId::parse("+22222222222").unwrap_err()).contains("12 digits"));
    assert!(why(Region::parse("region-code").unwrap_err()).contains("placeholder"));
    assert!(why(Region::parse("useast1").unwrap_err()).contains("us-east-1"));
    assert!(why(Issuer::parse("http://a.b").unwrap_err()).contains("https://"));
    assert!(why(Issuer::parse("https://a.b:8443").unwrap_err()).contains("port"));
    assert!(why(Issuer::parse("https://a.b?x").unwrap_err()).contains("query"));
    let seed = ISSUER.replace("us-east-1", "region-code");
    assert!(Issuer::parse(&seed).unwrap().is_placeholder());
    assert!(RoleArn::parse("arn:aws:iam::222222222222:user/x").is_err());
    assert!(RoleArn::parse("arn:aws:iam::222222222222:role/").is_err());
}

#[test]
fn what_goes_into_manifests_and_commands_has_no_spaces_and_no_control_characters() {
    for bad in ["a\n", "a b", "a\tb", "a\0", "a\u{85}", "é", "a\u{7f}"] {
        assert!(IamPath::parse(&format!("/{bad}/")).is_err(), "{bad:?}");
        assert!(PolicyName::parse(bad).is_err(), "{bad:?}");
        for arn in [format!("role/{bad}/x"), format!("role/{bad}")] {
            assert!(
                RoleArn::parse(&format!("arn:aws:iam::222222222222:{arn}")).is_err(),
                "{arn:?}"
            );
        }
        let provider = format!("arn:aws:iam::222222222222:oidc-provider/{bad}");
        assert!(ProviderArn::parse(&provider).is_err(), "{bad:?}");
        assert!(Issuer::parse(&format!("https://{bad}")).is_err(), "{bad:?}");
        assert!(Region::parse(&format!("us-{bad}-1")).is_err(), "{bad:?}");
    }
    for bad in ["us-east-+1", "us-east-", &format!("us-{}-1", "x".repeat(64))] {
        assert!(Region::parse(bad).is_err(), "{bad}");
    }
    assert!(Issuer::parse("https://a'b/").is_err());
    assert!(PolicyName::parse(&"x".repeat(129)).is_err());
}
