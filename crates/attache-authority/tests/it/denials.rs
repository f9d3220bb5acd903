//! AWS's sentence for each kind of policy that refuses a call, one row for each.

use crate::support::iam::done;
use crate::support::{Keys, SOURCE, TARGET, Told, World, member, organize};

const LIST: &str = "iam:ListRoles on resource: arn:aws:iam::222222222222:role/";

fn document(effect: &str, action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}]}}"#
    )
}

/// A policy that allows everything, and denies an action.
fn all_but(action: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},
        {{"Effect":"Deny","Action":"{action}","Resource":"*"}}]}}"#
    )
}

/// A world with the user `ann`, who may do everything, and the role `Wide`, which the account may assume.
async fn world() -> (World, Keys) {
    let world = World::new().await;
    let ann = world.user("ann", r#"["*"]"#).await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{TARGET}"}},
        "Action":"sts:AssumeRole"}}}}"#
    );
    world.trusting("Wide", &trust, r#"["*"]"#).await;
    (world, ann)
}

async fn list_roles(world: &World, keys: &Keys) -> Told {
    world.call("iam", keys, &[("Action", "ListRoles")]).await
}

/// A managed policy of the target account.
async fn managed(world: &World, name: &str, document: &str) -> String {
    let members = [("PolicyName", name), ("PolicyDocument", document)];
    done(world, "CreatePolicy", &members).await.element("Arn")
}

#[track_caller]
fn denied(name: &str, answer: &Told, caller: &str, rest: &str) {
    let sentence = format!("User: {caller} is not authorized to perform: {rest}");
    assert_eq!(answer.refusal(), (403, "AccessDenied".to_owned(), sentence), "{name}");
}

const ANN: &str = "arn:aws:iam::222222222222:user/ann";
const WIDE: &str = "arn:aws:sts::222222222222:assumed-role/Wide/test";

#[tokio::test]
async fn identity_policies_and_boundaries() {
    let (world, ann) = world().await;
    let user = ("UserName", "ann");
    let inline =
        |document: String| [user, ("PolicyName", "p"), ("PolicyDocument", document.leak())];

    done(&world, "PutUserPolicy", &inline(document("Allow", "s3:*"))).await;
    let answer = list_roles(&world, &ann).await;
    let no = |kind: &str| format!("{LIST} because no {kind} allows the iam:ListRoles action");
    denied("no policy", &answer, ANN, &no("identity-based policy"));

    done(&world, "PutUserPolicy", &inline(all_but("iam:ListRoles"))).await;
    let answer = list_roles(&world, &ann).await;
    let explicit = format!("{LIST} with an explicit deny in an identity-based policy");
    denied("an identity-based policy", &answer, ANN, &explicit);

    done(&world, "PutUserPolicy", &inline(document("Allow", "*"))).await;
    let narrow = managed(&world, "Narrow", &document("Allow", "s3:*")).await;
    let boundary = |arn: &'static str| [user, ("PermissionsBoundary", arn)];
    done(&world, "PutUserPermissionsBoundary", &boundary(narrow.leak())).await;
    let answer = list_roles(&world, &ann).await;
    denied("a boundary without an Allow", &answer, ANN, &no("permissions boundary"));

    let deny = managed(&world, "Deny", &all_but("iam:ListRoles")).await;
    done(&world, "PutUserPermissionsBoundary", &boundary(deny.clone().leak())).await;
    let answer = list_roles(&world, &ann).await;
    let explicit = format!("{LIST} with an explicit deny in a permissions boundary: {deny}");
    denied("a boundary", &answer, ANN, &explicit);
    world.end().await;
}

#[tokio::test]
async fn session_policies() {
    let (world, ann) = world().await;
    let policy = document("Allow", "s3:*");
    let narrow = world.become_role(&ann, "Wide", &[("Policy", &policy)]).await.keys();
    let answer = list_roles(&world, &narrow).await;
    let no = format!("{LIST} because no session policy allows the iam:ListRoles action");
    denied("a session policy without an Allow", &answer, WIDE, &no);

    let policy = all_but("iam:ListRoles");
    let deny = world.become_role(&ann, "Wide", &[("Policy", &policy)]).await.keys();
    let answer = list_roles(&world, &deny).await;
    let explicit = format!("{LIST} with an explicit deny in a session policy");
    denied("a session policy", &answer, WIDE, &explicit);
    world.end().await;
}

/// A trust policy's refusal names no policy: whoever may not assume a role does not learn what it says.
#[tokio::test]
async fn trust_policies() {
    let (world, ann) = world().await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"{TARGET}"}},"Action":"sts:AssumeRole"}},
        {{"Effect":"Deny","Principal":{{"AWS":"{ANN}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    world.trusting("Guarded", &trust, r#"["*"]"#).await;
    let answer = world.become_role(&ann, "Guarded", &[]).await;
    let on = "sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Guarded";
    denied("a trust policy", &answer, ANN, on);
    world.end().await;
}

#[tokio::test]
async fn policies_of_the_organization() {
    let (world, ann) = world().await;
    let root = member(&organize(&world, "ListRoots", serde_json::json!({})).await, "Id");
    let id = member(&organize(&world, "DescribeOrganization", serde_json::json!({})).await, "Id");
    for kind in ["RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY"] {
        let enable = serde_json::json!({"RootId": root, "PolicyType": kind});
        organize(&world, "EnablePolicyType", enable).await;
    }
    let create = async |name: &str, kind: &str, content: String| {
        let input = serde_json::json!({
            "Name": name, "Description": "", "Type": kind, "Content": content,
        });
        let policy = member(&organize(&world, "CreatePolicy", input).await, "Id");
        let attach = serde_json::json!({"PolicyId": policy, "TargetId": TARGET});
        organize(&world, "AttachPolicy", attach).await;
        let kind = kind.to_ascii_lowercase();
        let arn = format!("arn:aws:organizations::{SOURCE}:policy/{id}/{kind}/{policy}");
        (policy, arn)
    };
    let guard = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
        "Action":"sts:AssumeRole","Resource":"*"}]}"#;
    let (guard, arn) = create("guard", "RESOURCE_CONTROL_POLICY", guard.to_owned()).await;
    let answer = world.become_role(&ann, "Wide", &[]).await;
    let on = "sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Wide";
    let explicit = format!("{on} with an explicit deny in a resource control policy: {arn}");
    denied("a resource control policy", &answer, ANN, &explicit);
    let detach = serde_json::json!({"PolicyId": guard, "TargetId": TARGET});
    organize(&world, "DetachPolicy", detach).await;

    let content = document("Deny", "iam:ListRoles");
    let (deny, arn) = create("deny", "SERVICE_CONTROL_POLICY", content).await;
    let answer = list_roles(&world, &ann).await;
    let explicit = format!("{LIST} with an explicit deny in a service control policy: {arn}");
    denied("a service control policy", &answer, ANN, &explicit);
    let detach = serde_json::json!({"PolicyId": deny, "TargetId": TARGET});
    organize(&world, "DetachPolicy", detach).await;

    let content = document("Allow", "s3:*");
    create("narrow", "SERVICE_CONTROL_POLICY", content).await;
    let detach = serde_json::json!({"PolicyId": "p-FullAWSAccess", "TargetId": TARGET});
    organize(&world, "DetachPolicy", detach).await;
    let answer = list_roles(&world, &ann).await;
    let no = format!("{LIST} because no service control policy allows the iam:ListRoles action");
    denied("a service control policy without an Allow", &answer, ANN, &no);
    world.end().await;
}
