//! Calls to IAM by the target account's administrator.

use super::{TARGET, Told, World};

/// A policy document that allows something.
pub(crate) const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;

/// A call's members but `Action` and `Version`.
pub(crate) type Members<'a> = &'a [(&'a str, &'a str)];

/// A call, whatever comes back.
pub(crate) async fn iam(world: &World, action: &str, members: Members<'_>) -> Told {
    let members = [&[("Action", action)], members].concat();
    world.call("iam", &world.administrator(TARGET), &members).await
}

/// A call that must succeed.
pub(crate) async fn done(world: &World, action: &str, members: Members<'_>) -> Told {
    let told = iam(world, action, members).await;
    assert_eq!(told.status, 200, "{action}: {told:?}");
    told
}

/// A call that must be refused with this status, code and message.
pub(crate) async fn refused(
    world: &World,
    action: &str,
    members: Members<'_>,
    expected: (u16, &str, &str),
) {
    let (status, code, message) = iam(world, action, members).await.refusal();
    assert_eq!((status, code.as_str(), message.as_str()), expected, "{action} {members:?}");
}
