//! IAM's refusals of what is missing, in use, there already or malformed: a row for each sentence, with each
//! kind of thing that has it.

use crate::support::iam::{ALLOW, done, refused};
use crate::support::{SOURCE, World, trust};

const NOTHING: &str = "arn:aws:iam::222222222222:policy/Nothing";
const USER: (&str, &str) = ("UserName", "ann");
const GROUP: (&str, &str) = ("GroupName", "g");
const OWN: &str = "arn:aws:iam::222222222222:policy/Own";
const UNUSED: &str = "arn:aws:iam::222222222222:policy/Unused";

/// The user `ann` with a key, in the group `g`; the role `Reader` with an inline policy, `Attached` with a
/// managed one, and `Node` in the instance profile `Node`; the policies `Own`, which is attached, and `Unused`,
/// which has two versions; the alias `alias` is the other account's.
async fn world() -> World {
    let world = World::new().await;
    let trust = trust();
    let trust = ("AssumeRolePolicyDocument", trust.as_str());
    let document = ("PolicyDocument", ALLOW);
    done(&world, "CreateUser", &[USER]).await;
    done(&world, "CreateAccessKey", &[USER]).await;
    done(&world, "CreateGroup", &[GROUP]).await;
    done(&world, "AddUserToGroup", &[USER, GROUP]).await;
    for role in ["Reader", "Attached", "Node"] {
        done(&world, "CreateRole", &[("RoleName", role), trust]).await;
    }
    let inline = [("RoleName", "Reader"), ("PolicyName", "p"), document];
    done(&world, "PutRolePolicy", &inline).await;
    for policy in ["Own", "Unused"] {
        done(&world, "CreatePolicy", &[("PolicyName", policy), document]).await;
    }
    done(&world, "CreatePolicyVersion", &[("PolicyArn", UNUSED), document]).await;
    done(&world, "AttachRolePolicy", &[("RoleName", "Attached"), ("PolicyArn", OWN)]).await;
    let profile = ("InstanceProfileName", "Node");
    done(&world, "CreateInstanceProfile", &[profile]).await;
    done(&world, "AddRoleToInstanceProfile", &[profile, ("RoleName", "Node")]).await;
    done(&world, "CreateOpenIDConnectProvider", &[("Url", "https://issuer.example")]).await;
    let alias = [("Action", "CreateAccountAlias"), ("AccountAlias", "alias")];
    assert_eq!(world.call("iam", &world.administrator(SOURCE), &alias).await.status, 200);
    world
}

type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

async fn all_refused(world: &World, status: u16, code: &str, rows: Vec<Row<'_>>) {
    for (action, members, message) in rows {
        refused(world, action, &members, (status, code, message)).await;
    }
}

#[tokio::test]
async fn no_such_entity() {
    let world = world().await;
    let (policy, arn) = (("PolicyArn", NOTHING), "arn:aws:iam::222222222222:policy/Nothing");
    let own = ("PolicyArn", OWN);
    let boundary = ("PermissionsBoundary", NOTHING);
    let (nobody, nothing) = (("UserName", "nobody"), ("RoleName", "nothing"));
    let (no_group, no_profile) = (("GroupName", "nothing"), ("InstanceProfileName", "nothing"));
    let (name, document) = (("PolicyName", "p"), ("PolicyDocument", ALLOW));
    let trust = trust();
    let not_found = format!("Policy {arn} was not found.");
    let not_attachable = format!("Policy {arn} does not exist or is not attachable.");
    let no_version = format!("Policy {arn} version v1 does not exist or is not attachable.");
    let user = "The user with name nobody cannot be found.";
    let role = "The role with name nothing cannot be found.";
    let group = "The group with name nothing cannot be found.";
    let reader = ("RoleName", "Reader");
    let detached = format!("Policy {OWN} was not found.");
    let rows: Vec<Row<'_>> = vec![
        ("GetPolicy", vec![policy], &not_found),
        ("DeletePolicy", vec![policy], &not_found),
        ("ListPolicyVersions", vec![policy], &not_found),
        ("ListEntitiesForPolicy", vec![policy], &not_found),
        ("CreatePolicyVersion", vec![policy, document], &not_found),
        ("ListPolicyTags", vec![policy], &not_found),
        ("DetachRolePolicy", vec![reader, own], &detached),
        ("DetachUserPolicy", vec![USER, own], &detached),
        ("DetachGroupPolicy", vec![GROUP, own], &detached),
        ("GetPolicyVersion", vec![policy, ("VersionId", "v1")], &no_version),
        ("AttachRolePolicy", vec![reader, policy], &not_attachable),
        ("AttachUserPolicy", vec![USER, policy], &not_attachable),
        ("AttachGroupPolicy", vec![GROUP, policy], &not_attachable),
        ("PutRolePermissionsBoundary", vec![reader, boundary], &not_attachable),
        ("PutUserPermissionsBoundary", vec![USER, boundary], &not_attachable),
        ("CreateUser", vec![("UserName", "new"), boundary], &not_attachable),
        (
            "CreateRole",
            vec![("RoleName", "new"), ("AssumeRolePolicyDocument", &trust), boundary],
            &not_attachable,
        ),
        ("GetUser", vec![nobody], user),
        ("DeleteUser", vec![nobody], user),
        ("UpdateUser", vec![nobody, ("NewUserName", "new")], user),
        ("PutUserPolicy", vec![nobody, name, document], user),
        ("ListUserPolicies", vec![nobody], user),
        ("ListAttachedUserPolicies", vec![nobody], user),
        ("CreateAccessKey", vec![nobody], user),
        ("ListAccessKeys", vec![nobody], user),
        ("AddUserToGroup", vec![nobody, GROUP], user),
        ("ListGroupsForUser", vec![nobody], user),
        ("GetRole", vec![nothing], role),
        ("DeleteRole", vec![nothing], role),
        ("UpdateRole", vec![nothing], role),
        ("UpdateAssumeRolePolicy", vec![nothing, ("PolicyDocument", &trust)], role),
        ("PutRolePolicy", vec![nothing, name, document], role),
        ("ListRolePolicies", vec![nothing], role),
        ("ListAttachedRolePolicies", vec![nothing], role),
        ("AttachRolePolicy", vec![nothing, own], role),
        ("AddRoleToInstanceProfile", vec![("InstanceProfileName", "Node"), nothing], role),
        ("GetGroup", vec![no_group], group),
        ("DeleteGroup", vec![no_group], group),
        ("PutGroupPolicy", vec![no_group, name, document], group),
        (
            "GetRolePolicy",
            vec![reader, ("PolicyName", "none")],
            "The role policy with name none cannot be found.",
        ),
        (
            "GetUserPolicy",
            vec![USER, ("PolicyName", "none")],
            "The user policy with name none cannot be found.",
        ),
        (
            "DeleteGroupPolicy",
            vec![GROUP, ("PolicyName", "none")],
            "The group policy with name none cannot be found.",
        ),
        ("GetInstanceProfile", vec![no_profile], "Instance Profile nothing cannot be found."),
        (
            "DeleteAccessKey",
            vec![USER, ("AccessKeyId", "AKIAIOSFODNN7EXAMPLE")],
            "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.",
        ),
        (
            "GetAccountPasswordPolicy",
            vec![],
            "The Password Policy with domain name 222222222222 cannot be found.",
        ),
        (
            "DeleteAccountPasswordPolicy",
            vec![],
            "The account policy with name PasswordPolicy cannot be found.",
        ),
    ];
    all_refused(&world, 404, "NoSuchEntity", rows).await;
    world.end().await;
}

/// The sentence `Cannot delete entity, must remove referenced objects first.` is of a user's SSH keys and
/// service-specific credentials, of which there are none here.
#[tokio::test]
async fn delete_conflict() {
    let world = world().await;
    let versions = "This policy has more than one version. Before you delete a policy, you must delete the \
                    policy's versions. The default version is deleted with the policy.";
    let in_group = "Cannot delete entity, must remove users from group first.";
    let in_profile = "Cannot delete entity, must remove roles from instance profile first.";
    let detach = "Cannot delete entity, must detach all policies first.";
    let inline = "Cannot delete entity, must delete policies first.";
    let rows: Vec<Row<'_>> = vec![
        ("DeleteRole", vec![("RoleName", "Attached")], detach),
        ("DeleteRole", vec![("RoleName", "Reader")], inline),
        ("DeleteRole", vec![("RoleName", "Node")], in_profile),
        ("DeleteInstanceProfile", vec![("InstanceProfileName", "Node")], in_profile),
        ("DeleteUser", vec![USER], "Cannot delete entity, must delete access keys first."),
        ("DeleteGroup", vec![GROUP], in_group),
        ("DeletePolicy", vec![("PolicyArn", OWN)], "Cannot delete a policy attached to entities."),
        ("DeletePolicy", vec![("PolicyArn", UNUSED)], versions),
        (
            "DeletePolicyVersion",
            vec![("PolicyArn", OWN), ("VersionId", "v1")],
            "Cannot delete the default version of a policy.",
        ),
    ];
    all_refused(&world, 409, "DeleteConflict", rows).await;
    // A user and a group without anything else, but with policies.
    let policy = ("PolicyArn", OWN);
    done(&world, "CreateUser", &[("UserName", "bob")]).await;
    done(&world, "AttachUserPolicy", &[("UserName", "bob"), policy]).await;
    done(&world, "CreateGroup", &[("GroupName", "h")]).await;
    done(&world, "AttachGroupPolicy", &[("GroupName", "h"), policy]).await;
    let rows = vec![
        ("DeleteUser", vec![("UserName", "bob")], detach),
        ("DeleteGroup", vec![("GroupName", "h")], detach),
    ];
    all_refused(&world, 409, "DeleteConflict", rows).await;
    world.end().await;
}

#[tokio::test]
async fn entity_already_exists() {
    let world = world().await;
    let trust = trust();
    let document = ("PolicyDocument", ALLOW);
    let rows: Vec<Row<'_>> = vec![
        (
            "CreateRole",
            vec![("RoleName", "Reader"), ("AssumeRolePolicyDocument", &trust)],
            "Role with name Reader already exists.",
        ),
        (
            "CreateRole",
            vec![("RoleName", "READER"), ("AssumeRolePolicyDocument", &trust)],
            "Role with name READER already exists.",
        ),
        ("CreateUser", vec![USER], "User with name ann already exists."),
        (
            "UpdateUser",
            vec![("UserName", "administrator"), ("NewUserName", "ann")],
            "User with name ann already exists.",
        ),
        ("CreateGroup", vec![GROUP], "Group with name g already exists."),
        (
            "CreatePolicy",
            vec![("PolicyName", "Own"), document],
            "A policy called Own already exists. Duplicate names are not allowed.",
        ),
        (
            "CreateInstanceProfile",
            vec![("InstanceProfileName", "Node")],
            "Instance Profile Node already exists.",
        ),
        (
            "CreateOpenIDConnectProvider",
            vec![("Url", "https://issuer.example")],
            "Provider with url https://issuer.example already exists.",
        ),
        (
            "CreateAccountAlias",
            vec![("AccountAlias", "alias")],
            "The account alias alias already exists.",
        ),
    ];
    all_refused(&world, 409, "EntityAlreadyExists", rows).await;
    world.end().await;
}

#[tokio::test]
async fn malformed_policy_document() {
    let world = world().await;
    for text in ["{", "no policy", "{\"Version\": }", "[1,"] {
        let rows: Vec<Row<'_>> = vec![
            ("CreatePolicy", vec![("PolicyName", "new"), ("PolicyDocument", text)], INVALID),
            ("CreatePolicyVersion", vec![("PolicyArn", OWN), ("PolicyDocument", text)], INVALID),
            (
                "PutRolePolicy",
                vec![("RoleName", "Reader"), ("PolicyName", "p"), ("PolicyDocument", text)],
                INVALID,
            ),
            ("PutUserPolicy", vec![USER, ("PolicyName", "p"), ("PolicyDocument", text)], INVALID),
            ("PutGroupPolicy", vec![GROUP, ("PolicyName", "p"), ("PolicyDocument", text)], INVALID),
            ("CreateRole", vec![("RoleName", "new"), ("AssumeRolePolicyDocument", text)], INVALID),
            (
                "UpdateAssumeRolePolicy",
                vec![("RoleName", "Reader"), ("PolicyDocument", text)],
                INVALID,
            ),
        ];
        all_refused(&world, 400, "MalformedPolicyDocument", rows).await;
    }
    world.end().await;
}

const INVALID: &str = "This policy contains invalid Json";

#[tokio::test]
async fn an_arn_that_is_none() {
    let world = world().await;
    let bad = "this-is-no-arn-at-all-but-long";
    let (policy, boundary) = (("PolicyArn", bad), ("PermissionsBoundary", bad));
    let provider = ("OpenIDConnectProviderArn", bad);
    let document = ("PolicyDocument", ALLOW);
    let trust = trust();
    let message = "Invalid ARN:  Could not be parsed!";
    let tag = [("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    let rows: Vec<Row<'_>> = vec![
        ("GetPolicy", vec![policy], message),
        ("DeletePolicy", vec![policy], message),
        ("ListPolicyVersions", vec![policy], message),
        ("ListEntitiesForPolicy", vec![policy], message),
        ("CreatePolicyVersion", vec![policy, document], message),
        ("GetPolicyVersion", vec![policy, ("VersionId", "v1")], message),
        ("AttachRolePolicy", vec![("RoleName", "Reader"), policy], message),
        ("AttachUserPolicy", vec![USER, policy], message),
        ("AttachGroupPolicy", vec![GROUP, policy], message),
        ("DetachRolePolicy", vec![("RoleName", "Reader"), policy], message),
        ("PutRolePermissionsBoundary", vec![("RoleName", "Reader"), boundary], message),
        ("PutUserPermissionsBoundary", vec![USER, boundary], message),
        ("CreateUser", vec![("UserName", "new"), boundary], message),
        (
            "CreateRole",
            vec![("RoleName", "new"), ("AssumeRolePolicyDocument", &trust), boundary],
            message,
        ),
        ("TagPolicy", vec![policy, tag[0], tag[1]], message),
        ("GetOpenIDConnectProvider", vec![provider], message),
        ("DeleteOpenIDConnectProvider", vec![provider], message),
        ("TagOpenIDConnectProvider", vec![provider, tag[0], tag[1]], message),
    ];
    all_refused(&world, 400, "ValidationError", rows).await;
    world.end().await;
}
