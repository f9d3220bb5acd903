//! The association of the mode `podIdentity`, in the source account.

use attache_aws_accounts::{Association, ListedAssociation};

use super::*;
use crate::observe::{AgentAddon, ObservedPods};

const PODS: &str = include_str!("../../../../../examples/federation-pod-identity.yaml");

const CREATE: &str = "create: create the Pod Identity association prod/causely/reader";
const CHANGE: &str = "update: change the Pod Identity association prod/causely/reader";

/// A name, how the account deviates from what `apply` leaves, and what follows.
type Deviation<T> = (&'static str, fn(&mut ObservedAccount), T);

fn federation(text: &str) -> Federation {
    Federation::from_yaml(text, "federation.yaml").unwrap()
}

fn source(text: &str) -> Account {
    desired::accounts(&federation(text)).remove(0)
}

/// The account as `apply` leaves it.
fn applied(desired: &Account) -> ObservedAccount {
    let expected = desired.association.as_ref().unwrap();
    let own = Association {
        id: "a-1".to_owned(),
        arn: "arn:aws:eks:us-east-1:111111111111:podidentityassociation/prod/a-1".to_owned(),
        namespace: "causely".to_owned(),
        service_account: "reader".to_owned(),
        role_arn: expected.role.to_string(),
        target_role_arn: expected.target.as_ref().map(ToString::to_string),
        disable_session_tags: false,
        policy: None,
        tags: expected.tags.clone(),
    };
    let listed = ListedAssociation {
        id: own.id.clone(),
        namespace: own.namespace.clone(),
        service_account: own.service_account.clone(),
    };
    let pods = ObservedPods {
        listed: Some(vec![listed]),
        associations: vec![own],
        agent: AgentAddon::Installed("ACTIVE".to_owned()),
    };
    ObservedAccount { pods: Some(pods), ..as_applied(desired) }
}

fn pods(observed: &mut ObservedAccount) -> &mut ObservedPods {
    observed.pods.as_mut().unwrap()
}

fn own(observed: &mut ObservedAccount) -> &mut Association {
    &mut pods(observed).associations[0]
}

fn plan_of(text: &str, deviate: fn(&mut ObservedAccount), options: PlanOptions) -> Vec<Change> {
    let mut observed = applied(&source(PODS));
    deviate(&mut observed);
    steps_for("causely", &source(text), &observed, options)
}

#[test]
fn the_association_is_made_as_the_file_says() {
    let cases: &[Deviation<&[&str]>] = &[
        ("nothing differs", |_| {}, &[]),
        ("there is none", |now| pods(now).associations.clear(), &[CREATE]),
        (
            "another role",
            |now| own(now).role_arn = "arn:aws:iam::111111111111:role/X".into(),
            &[CHANGE],
        ),
        ("no target role", |now| own(now).target_role_arn = None, &[CHANGE]),
        ("no session tags", |now| own(now).disable_session_tags = true, &[CHANGE]),
        ("a tag of others", |now| drop(own(now).tags.insert("team".into(), "sre".into())), &[]),
        (
            "one of ours for another service account",
            |now| {
                let mut other = own(now).clone();
                (other.id, other.service_account) = ("a-2".to_owned(), "writer".to_owned());
                pods(now).associations.push(other);
            },
            &["delete: delete the Pod Identity association prod/causely/writer"],
        ),
    ];
    for (name, deviate, expected) in cases {
        let changes = plan_of(PODS, *deviate, PlanOptions::default());
        assert_eq!(words(&changes), *expected, "{name}");
    }
}

#[test]
fn what_stands_in_the_way_blocks() {
    let cases: &[Deviation<&str>] = &[
        ("not ours", |now| own(now).tags.clear(), "--adopt takes it over"),
        (
            "another federation's",
            |now| own(now).tags = [(OWNER_TAG.to_owned(), "x".to_owned())].into(),
            "belongs to the federation x",
        ),
        (
            "a session policy",
            |now| {
                own(now).disable_session_tags = true;
                own(now).policy = Some("{}".to_owned());
            },
            "has a session policy",
        ),
        (
            "no cluster",
            |now| *pods(now) = ObservedPods::default(),
            "aws eks list-clusters --region us-east-1 --profile 111111111111",
        ),
    ];
    for (name, deviate, expected) in cases {
        let changes = plan_of(PODS, *deviate, PlanOptions::default());
        let blocked: Vec<&Change> =
            changes.iter().filter(|change| change.action == Action::Blocked).collect();
        let [only] = blocked.as_slice() else { panic!("{name}: {changes:?}") };
        assert!(only.note.as_ref().unwrap().contains(expected), "{name}: {:?}", only.note);
        assert!(only.operations.is_empty(), "{name}");
    }
}

#[test]
fn one_that_was_there_is_taken_over_and_kept() {
    let options = PlanOptions { adopt: true, ..PlanOptions::default() };
    let deviate = |now: &mut ObservedAccount| {
        own(now).tags.clear();
        own(now).role_arn = "arn:aws:iam::111111111111:role/X".to_owned();
    };
    let changes = plan_of(PODS, deviate, options);
    let expected = "update: tag the Pod Identity association prod/causely/reader, change the Pod Identity \
                    association prod/causely/reader";
    assert_eq!(words(&changes), [expected]);
    let desired = source(PODS);
    let mut observed = applied(&desired);
    own(&mut observed).tags.insert(ADOPTED_TAG.to_owned(), "attached".to_owned());
    let gone = destroy::steps("causely", &desired, &observed);
    assert_eq!(
        words(&gone)[0],
        "release: remove the tags attache:federation and attache:adopted from the Pod Identity association \
         prod/causely/reader"
    );
}

#[test]
fn destroy_begins_with_the_association() {
    let desired = source(PODS);
    let gone = words(&destroy::steps("causely", &desired, &applied(&desired)));
    assert_eq!(gone[0], "delete: delete the Pod Identity association prod/causely/reader");
    assert!(gone.last().unwrap().contains("delete the role CauselyMediation"), "{gone:?}");
    let mut theirs = applied(&desired);
    own(&mut theirs).tags.clear();
    let kept = destroy::steps("causely", &desired, &theirs);
    assert_eq!((kept[0].action, kept[0].operations.len()), (Action::Kept, 0));
}

#[test]
fn several_targets_are_the_workloads_to_assume() {
    let second = "    - { account: \"333333333333\", role: CauselyAccess, region: us-east-1 }\n";
    let text = format!("{PODS}{second}");
    let changes = plan_of(&text, |_| {}, PlanOptions::default());
    let change = changes.iter().find(|one| one.resource.kind == Kind::Association).unwrap();
    assert_eq!(
        (change.differences[0].field.as_str(), &change.differences[0].after),
        ("target role", &None)
    );
    assert!(change.findings[0].message.contains("the pods get a session of"), "{change:?}");
    let [Operation::UpdateAssociation { change, .. }] = change.operations.as_slice() else {
        panic!("{change:?}")
    };
    assert_eq!(change.target_role_arn.as_deref(), Some(""), "an empty text removes it");
}

#[test]
fn a_missing_agent_is_told_with_the_command() {
    let cases = [
        (AgentAddon::Missing, 1),
        (AgentAddon::Unknown("AccessDeniedException".to_owned()), 0),
        (AgentAddon::Installed("ACTIVE".to_owned()), 0),
    ];
    for (agent, expected) in cases {
        let mut observed = applied(&source(PODS));
        pods(&mut observed).agent = agent.clone();
        let changes = steps_for("causely", &source(PODS), &observed, PlanOptions::default());
        let findings: Vec<String> =
            changes.iter().flat_map(|change| &change.findings).map(ToString::to_string).collect();
        assert_eq!(findings.len(), expected, "{agent:?}: {findings:?}");
        let command = "aws eks create-addon --cluster-name prod --addon-name eks-pod-identity-agent \
                       --region us-east-1 --profile 111111111111";
        assert!(findings.iter().all(|found| found.contains(command)), "{findings:?}");
    }
}

#[test]
fn the_trust_policies_hold_no_other_service_account() {
    let desired = desired::accounts(&federation(PODS));
    let trust = |account: usize| desired[account].roles[0].trust.to_string();
    for text in [trust(0), trust(1)] {
        assert!(text.contains(r#""aws:RequestTag/kubernetes-namespace":"causely""#), "{text}");
        assert!(text.contains(r#""aws:RequestTag/kubernetes-service-account":"reader""#), "{text}");
        assert!(text.contains("arn:aws:eks:us-east-1:111111111111:cluster/prod"), "{text}");
        assert!(text.contains(r#"["sts:AssumeRole","sts:TagSession"]"#), "{text}");
    }
    assert!(desired.iter().all(|account| account.providers.is_empty()));
}
