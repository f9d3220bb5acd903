//! The AWS SDK for Rust against the authority: sessions, typed answers and typed errors.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_iam::error::ProvideErrorMetadata as _;

use crate::support::{AUDIENCE, SUBJECT, TARGET, World};

const ROLE: &str = "arn:aws:iam::222222222222:role/Reader";

/// The settings of a client with these keys.
async fn settings(world: &World, credentials: Credentials) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .endpoint_url(format!("http://{}", world.address))
        .credentials_provider(credentials)
        .load()
        .await
}

fn nobody() -> Credentials {
    Credentials::new("nobody", "nothing", None, None, "test")
}

/// A session of the role by a token of the cluster's.
async fn session(world: &World) -> Credentials {
    let sts = aws_sdk_sts::Client::new(&settings(world, nobody()).await);
    let token = world.token(SUBJECT, AUDIENCE);
    let call = sts.assume_role_with_web_identity().role_arn(ROLE).role_session_name("rust");
    let told = call.web_identity_token(token.expose()).send().await.unwrap();
    assert_eq!(told.subject_from_web_identity_token(), Some(SUBJECT));
    let keys = told.credentials().unwrap();
    let token = Some(keys.session_token().to_owned());
    Credentials::new(keys.access_key_id(), keys.secret_access_key(), token, None, "test")
}

#[tokio::test]
async fn a_session_of_the_sdk_may_do_what_its_role_may() {
    let world = World::new().await;
    world.set_up("Reader", r#""iam:GetRole""#).await;
    let settings = settings(&world, session(&world).await).await;
    let who = aws_sdk_sts::Client::new(&settings).get_caller_identity().send().await.unwrap();
    let arn = format!("arn:aws:sts::{TARGET}:assumed-role/Reader/rust");
    assert_eq!(who.arn(), Some(arn.as_str()));
    let iam = aws_sdk_iam::Client::new(&settings);
    let role = iam.get_role().role_name("Reader").send().await.unwrap();
    assert_eq!(role.role().unwrap().arn(), ROLE);
    let denied = iam.list_roles().send().await.unwrap_err().into_service_error();
    assert_eq!(denied.code(), Some("AccessDenied"));
    let said = denied.message().unwrap_or_default();
    assert!(said.starts_with(&format!("User: {arn} is not authorized")), "{said}");
}

#[tokio::test]
async fn errors_have_the_types_of_the_sdk() {
    let world = World::new().await;
    world.set_up("Reader", r#""iam:GetRole""#).await;
    let sts = aws_sdk_sts::Client::new(&settings(&world, nobody()).await);
    for (what, token) in [
        ("another audience", world.token(SUBJECT, "else").expose().to_owned()),
        ("no token", "not-a-jwt-token".to_owned()),
    ] {
        let call = sts.assume_role_with_web_identity().role_arn(ROLE).role_session_name("rust");
        let refused = call.web_identity_token(token).send().await.unwrap_err();
        let refused = refused.into_service_error();
        assert!(refused.is_invalid_identity_token_exception(), "{what}: {refused:?}");
    }
    let iam = aws_sdk_iam::Client::new(&settings(&world, session(&world).await).await);
    let missing = iam.get_role().role_name("Writer").send().await.unwrap_err();
    assert!(missing.into_service_error().is_no_such_entity_exception());
}
