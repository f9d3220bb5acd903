//! Which keys AWS sets for whom: a table of principals and the keys that their requests have.

use attache_policy::condition_keys::{CallKeys, KeySink, OrganizationKeys, PrincipalKeys};
use attache_policy::{Context, Principal};

/// Keeps what is said of each key.
#[derive(Default)]
struct Recorder {
    set: Vec<String>,
    absent: Vec<String>,
}

impl KeySink for Recorder {
    fn set(&mut self, key: &[&str], _: &str) {
        self.set.push(key.concat());
    }
    fn set_many(&mut self, key: &[&str], _: &[&str]) {
        self.set.push(key.concat());
    }
    fn absent(&mut self, key: &[&str]) {
        self.absent.push(key.concat());
    }
}

const ROLE: &str = "arn:aws:iam::222222222222:role/team/x/Deployer";
const PROVIDER: &str = "arn:aws:iam::222222222222:oidc-provider/oidc.example.com/id/X";

fn value(principal: &str, key: &str) -> Option<String> {
    let principal = Principal::parse(principal).unwrap();
    let mut context = Context::new();
    PrincipalKeys::of(&principal).add_to(&mut context);
    context.get(key).map(|values| values.iter().collect::<Vec<_>>().join(","))
}

#[test]
fn each_kind_of_principal_has_its_keys_and_no_others() {
    let user = "arn:aws:iam::222222222222:user/team/ann";
    let session = "arn:aws:sts::222222222222:assumed-role/Deployer/me";
    let federated = "arn:aws:sts::222222222222:federated-user/ann";
    let service = "pods.eks.amazonaws.com";
    for (principal, key, expected) in [
        (user, "aws:PrincipalArn", Some(user)),
        (user, "aws:PrincipalType", Some("User")),
        (user, "aws:username", Some("ann")),
        (user, "aws:PrincipalAccount", Some("222222222222")),
        (user, "aws:PrincipalIsAWSService", Some("false")),
        (user, "aws:PrincipalServiceName", None),
        (user, "aws:TokenIssueTime", None),
        (ROLE, "aws:PrincipalArn", Some(ROLE)),
        (ROLE, "aws:PrincipalType", Some("AssumedRole")),
        (ROLE, "aws:username", None),
        (session, "aws:PrincipalArn", Some("arn:aws:iam::222222222222:role/Deployer")),
        (federated, "aws:PrincipalArn", Some(federated)),
        (federated, "aws:PrincipalType", Some("FederatedUser")),
        (federated, "aws:username", None),
        ("222222222222", "aws:PrincipalArn", Some("arn:aws:iam::222222222222:root")),
        ("222222222222", "aws:PrincipalType", Some("Account")),
        ("222222222222", "aws:userid", Some("222222222222")),
        (PROVIDER, "aws:PrincipalArn", None),
        (PROVIDER, "aws:PrincipalType", Some("User")),
        (PROVIDER, "aws:PrincipalAccount", Some("222222222222")),
        (PROVIDER, "aws:userid", Some(PROVIDER)),
        (PROVIDER, "aws:FederatedProvider", Some(PROVIDER)),
        (PROVIDER, "aws:PrincipalIsAWSService", None),
        (service, "aws:PrincipalIsAWSService", Some("true")),
        (service, "aws:PrincipalServiceName", Some(service)),
        (service, "aws:PrincipalServiceNamesList", Some(service)),
        (service, "aws:PrincipalAccount", None),
        (service, "aws:PrincipalArn", None),
        ("anonymous", "aws:PrincipalType", Some("Anonymous")),
        ("anonymous", "aws:PrincipalAccount", Some("anonymous")),
        ("anonymous", "aws:PrincipalArn", None),
        ("anonymous", "aws:PrincipalIsAWSService", None),
    ] {
        assert_eq!(value(principal, key).as_deref(), expected, "{key} of {principal}");
    }
}

#[test]
fn nothing_is_made_up_for_what_is_not_known() {
    let principal = Principal::parse(ROLE).unwrap();
    let mut keys = Recorder::default();
    PrincipalKeys::of(&principal).add_to(&mut keys);
    for unknown in ["aws:userid", "aws:PrincipalOrgID", "aws:TokenIssueTime", "aws:SourceIdentity"]
    {
        let said = keys.set.iter().chain(&keys.absent).any(|key| key == unknown);
        assert!(!said, "{unknown} is neither known nor known to be absent");
    }
    let mut known = PrincipalKeys::of(&principal);
    known.user_id = Some("AROAEXAMPLE:me");
    known.organization = Some(OrganizationKeys { id: "o-example", paths: &["o-example/r-1/"] });
    let mut keys = Recorder::default();
    known.add_to(&mut keys);
    for key in ["aws:userid", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"] {
        assert!(keys.set.iter().any(|set| set == key), "{key}");
    }
}

#[test]
fn no_key_is_both_set_and_absent() {
    for principal in [ROLE, PROVIDER, "222222222222", "anonymous", "pods.eks.amazonaws.com"] {
        let principal = Principal::parse(principal).unwrap();
        let mut keys = Recorder::default();
        PrincipalKeys::of(&principal).add_to(&mut keys);
        CallKeys::default().add_to(&mut keys);
        for key in &keys.absent {
            assert!(!keys.set.contains(key), "{key} of {principal:?}");
        }
    }
}
