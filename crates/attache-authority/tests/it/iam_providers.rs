//! OIDC providers: the normal form of their URL and thumbprints, and trusted identity propagation.

use crate::support::World;
use crate::support::iam::{done, iam, refused};

const ARN: &str = "arn:aws:iam::222222222222:oidc-provider/issuer.example/a";

#[tokio::test]
async fn a_providers_url_has_a_normal_form() {
    let world = World::new().await;
    let told =
        done(&world, "CreateOpenIDConnectProvider", &[("Url", "https://issuer.example:443/a")])
            .await;
    assert_eq!(told.element("OpenIDConnectProviderArn"), ARN);
    let got = [("OpenIDConnectProviderArn", ARN)];
    let told = done(&world, "GetOpenIDConnectProvider", &got).await;
    assert_eq!(told.element("Url"), "issuer.example/a");
    for (url, wanted) in [
        (
            "https://issuer.example/a",
            (
                409,
                "EntityAlreadyExists",
                "Provider with url https://issuer.example/a already exists.",
            ),
        ),
        (
            "https://issuer.example:443/a",
            (
                409,
                "EntityAlreadyExists",
                "Provider with url https://issuer.example:443/a already exists.",
            ),
        ),
        ("https://issuer.example/a?b=c", (400, "InvalidInput", "Unknown")),
        ("https://issuer.example?b", (400, "InvalidInput", "Unknown")),
        ("https://issuer.example/a#b", (400, "InvalidInput", "Unknown")),
        ("https://issuer.example:8443/a", (400, "InvalidInput", "Unknown")),
        ("https://ann@issuer.example/a", (400, "InvalidInput", "Unknown")),
        ("http://issuer.example", (400, "ValidationError", "Invalid Open ID Connect Provider URL")),
        ("issuer.example", (400, "ValidationError", "Invalid Open ID Connect Provider URL")),
        ("https://", (400, "ValidationError", "Invalid Open ID Connect Provider URL")),
        ("https://:443", (400, "ValidationError", "Invalid Open ID Connect Provider URL")),
    ] {
        refused(&world, "CreateOpenIDConnectProvider", &[("Url", url)], wanted).await;
    }
    world.end().await;
}

#[tokio::test]
async fn thumbprints_are_kept_in_small_letters_and_doubles_stay() {
    let world = World::new().await;
    let (large, small) = ("A".repeat(40), "a".repeat(40));
    let made = [
        ("Url", "https://issuer.example/a"),
        ("ThumbprintList.member.1", large.as_str()),
        ("ThumbprintList.member.2", small.as_str()),
    ];
    done(&world, "CreateOpenIDConnectProvider", &made).await;
    let got = [("OpenIDConnectProviderArn", ARN)];
    let told = done(&world, "GetOpenIDConnectProvider", &got).await;
    assert_eq!(told.body.matches(&small).count(), 2, "{told:?}");
    assert!(!told.body.contains(&large), "{told:?}");
    let other = "Bc".repeat(20);
    let update = [got[0], ("ThumbprintList.member.1", other.as_str())];
    done(&world, "UpdateOpenIDConnectProviderThumbprint", &update).await;
    let told = done(&world, "GetOpenIDConnectProvider", &got).await;
    assert!(told.body.contains(&other.to_lowercase()) && !told.body.contains(&small), "{told:?}");
    let none = [got[0], ("ThumbprintList", "")];
    let expected = (400, "InvalidInput", "Thumbprint list must contain at least one entry.");
    refused(&world, "UpdateOpenIDConnectProviderThumbprint", &none, expected).await;
    world.end().await;
}

#[tokio::test]
async fn a_context_provider_is_kept_answered_and_removed() {
    let world = World::new().await;
    let instance = ("IdentityCenterInstanceArn", "arn:aws:sso:::instance/ssoins-1");
    let subject = ("ContextProvider.SubjectSourceKey", "sub");
    let context = [
        subject,
        ("ContextProvider.SubjectTypeValue", "user"),
        ("ContextProvider.KeyDefinitionList.member.1.SourceKey", "dept"),
        ("ContextProvider.KeyDefinitionList.member.1.TargetKey", "department"),
    ];
    let url = ("Url", "https://issuer.example/a");
    let told = iam(&world, "CreateOpenIDConnectProvider", &[url, instance]).await;
    assert_eq!(told.element("Code"), "InvalidInput", "an instance needs a context: {told:?}");
    done(&world, "CreateOpenIDConnectProvider", &[&[url], &context[..]].concat()).await;
    let on = ("OpenIDConnectProviderArn", ARN);
    let told = done(&world, "GetOpenIDConnectProvider", &[on]).await;
    for (element, wanted) in
        [("SubjectSourceKey", "sub"), ("SourceKey", "dept"), ("TargetKey", "department")]
    {
        assert_eq!(told.element(element), wanted, "{told:?}");
    }
    done(&world, "UpdateOpenIDConnectProvider", &[on, instance]).await;
    let told = done(&world, "ListOpenIDConnectProviders", &[]).await;
    assert_eq!(told.element("IsTrustedIdentityPropagationEnabled"), "true");
    let removed = ("RemoveIdentityCenterInstance", "true");
    let without = ("RemoveContextProvider", "true");
    for (name, members) in [
        ("the context before the instance", vec![on, without]),
        ("both at once", vec![on, subject, removed]),
        ("a value and its removal", vec![on, instance, removed]),
        ("nothing", vec![on]),
        (
            "two types of subject",
            [&[on, ("ContextProvider.SubjectTypeSourceKey", "t")], &context[..]].concat(),
        ),
        ("a key with two blanks", vec![on, ("ContextProvider.SubjectSourceKey", "a  b")]),
    ] {
        let told = iam(&world, "UpdateOpenIDConnectProvider", &members).await;
        assert_eq!(told.element("Code"), "InvalidInput", "{name}: {told:?}");
    }
    done(&world, "UpdateOpenIDConnectProvider", &[on, removed]).await;
    done(&world, "UpdateOpenIDConnectProvider", &[on, without]).await;
    let told = done(&world, "GetOpenIDConnectProvider", &[on]).await;
    assert!(!told.body.contains("ContextProvider") && !told.body.contains("ssoins"), "{told:?}");
    world.end().await;
}
