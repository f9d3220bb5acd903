//! Which principal reaches which role, on small snapshots that one can see whole.

use attache_reach::{Graph, Path, Query, Rules, Snapshot};
use serde_json::{Value, json};

const A: &str = "111111111111";
const B: &str = "222222222222";
const ISSUER: &str = "oidc.example.com/id/X";

fn statement(effect: &str, action: &str, more: &Value) -> Value {
    let mut one = json!({"Effect": effect, "Action": action});
    for (key, value) in more.as_object().unwrap() {
        one[key] = value.clone();
    }
    one
}

fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Trusts whom it names to assume it.
fn trusts(principal: &Value, conditions: &Value) -> Value {
    let more = json!({"Principal": principal, "Condition": conditions});
    document(&[statement("Allow", "sts:AssumeRole", &more)])
}

/// Trusts a service account, or those that a pattern takes in.
fn trusts_pods(account: &str, operator: &str, subject: &str) -> Value {
    let provider = format!("arn:aws:iam::{account}:oidc-provider/{ISSUER}");
    let mut conditions = json!({"StringEquals": {format!("{ISSUER}:aud"): "sts.amazonaws.com"}});
    conditions[operator][format!("{ISSUER}:sub")] = json!(subject);
    let more = json!({"Principal": {"Federated": provider}, "Condition": conditions});
    document(&[statement("Allow", "sts:AssumeRoleWithWebIdentity", &more)])
}

fn assumes(resource: &str) -> Value {
    document(&[statement("Allow", "sts:AssumeRole", &json!({"Resource": resource}))])
}

fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn role(account: &str, name: &str, trust: &Value, own: Option<Value>) -> Value {
    let own = own.map(|document| json!({"PolicyName": "own", "PolicyDocument": document}));
    json!({
        "Arn": arn(account, name), "RoleName": name, "RoleId": format!("AROA{name}"), "Path": "/",
        "AssumeRolePolicyDocument": trust, "RolePolicyList": own.into_iter().collect::<Vec<_>>(),
        "AttachedManagedPolicies": [], "Tags": [],
    })
}

fn account(id: &str, roles: &[Value]) -> Value {
    json!({
        "id": id,
        "authorization_details": {
            "RoleDetailList": roles, "UserDetailList": [], "GroupDetailList": [], "Policies": [],
        },
        "oidc_providers": [{
            "Arn": format!("arn:aws:iam::{id}:oidc-provider/{ISSUER}"),
            "Url": ISSUER, "ClientIDList": ["sts.amazonaws.com"],
        }],
    })
}

fn with_graph<T>(snapshot: &Value, look: impl FnOnce(&Graph<'_>) -> T) -> T {
    let text = serde_json::to_string_pretty(snapshot).unwrap();
    let snapshot = Snapshot::read([("snapshot.json", text.as_str())]).unwrap();
    look(&Graph::new(&snapshot))
}

fn paths(snapshot: &Value, query: Query<'_>) -> Vec<Path> {
    with_graph(snapshot, |graph| graph.paths(query))
}

fn shown(snapshot: &Value) -> Vec<String> {
    paths(snapshot, Query::default()).iter().map(ToString::to_string).collect()
}

const API: &str = "payments/api (https://oidc.example.com/id/X)";
const API_SUBJECT: &str = "system:serviceaccount:payments:api";

/// A service account's role in one account, and one that it may go on to in another.
fn chain(own: Option<Value>, second: &Value) -> Value {
    json!({"accounts": [
        account(A, &[role(A, "Source", &trusts_pods(A, "StringEquals", API_SUBJECT), own)]),
        account(B, &[role(B, "Target", second, None)]),
    ]})
}

#[test]
fn a_service_account_reaches_its_role_by_the_statement_that_says_so() {
    let one = json!({"accounts": [
        account(A, &[role(A, "Source", &trusts_pods(A, "StringEquals", API_SUBJECT), None)])]});
    let paths = paths(&one, Query::default());
    let [path] = &paths[..] else { panic!("{paths:?}") };
    assert_eq!(path.to_string(), format!("{API} -> {}", arn(A, "Source")));
    let [step] = &path.steps[..] else { panic!("{path:?}") };
    assert_eq!(step.by, "sts:AssumeRoleWithWebIdentity");
    assert_eq!(step.terms.to_string(), "");
    let [used] = &step.statements[..] else { panic!("{step:?}") };
    assert_eq!(used.statement, 1);
    assert!(used.line > 1 && used.policy.contains("Source"), "{used:?}");
}

#[test]
fn a_chain_of_two_needs_both_sides() {
    let trust = trusts(&json!({"AWS": arn(A, "Source")}), &json!({}));
    let whole = chain(Some(assumes(&arn(B, "*"))), &trust);
    let both = format!("{API} -> {} -> {}", arn(A, "Source"), arn(B, "Target"));
    assert!(shown(&whole).contains(&both), "{:?}", shown(&whole));
    // IAM reads `*` for what an ARN lacks.
    let short = chain(Some(assumes("arn:aws:iam")), &trusts(&json!({"AWS": A}), &json!({})));
    assert!(shown(&short).contains(&both), "{:?}", shown(&short));
    for (name, broken) in [
        ("no permission", chain(None, &trust)),
        ("for another role", chain(Some(assumes(&arn(B, "Other"))), &trust)),
        (
            "no trust",
            chain(Some(assumes("*")), &trusts(&json!({"AWS": arn(A, "Other")}), &json!({}))),
        ),
        (
            "denied",
            chain(
                Some(document(&[
                    statement("Allow", "sts:*", &json!({"Resource": "*"})),
                    statement("Deny", "sts:AssumeRole", &json!({"Resource": arn(B, "Target")})),
                ])),
                &trust,
            ),
        ),
    ] {
        assert!(!shown(&broken).iter().any(|path| path.contains("Target")), "{name}");
    }
    // An account's root trusts whom that account lets.
    let root = trusts(&json!({"AWS": A}), &json!({}));
    assert!(shown(&chain(Some(assumes("*")), &root)).contains(&both));
    assert!(!shown(&chain(None, &root)).contains(&both));
}

#[test]
fn within_an_account_the_trust_policy_alone_may_suffice() {
    let roles = [
        role(A, "Source", &trusts_pods(A, "StringEquals", API_SUBJECT), None),
        role(A, "Named", &trusts(&json!({"AWS": arn(A, "Source")}), &json!({})), None),
        role(A, "ByRoot", &trusts(&json!({"AWS": A}), &json!({})), None),
    ];
    let shown = shown(&json!({"accounts": [account(A, &roles)]}));
    assert!(shown.iter().any(|path| path.ends_with("role/Named")), "{shown:?}");
    assert!(!shown.iter().any(|path| path.ends_with("role/ByRoot")), "{shown:?}");
}

#[test]
fn a_boundary_and_the_organization_stop_a_chain() {
    let trust = trusts(&json!({"AWS": arn(A, "Source")}), &json!({}));
    let mut bound = chain(Some(assumes("*")), &trust);
    let reads = document(&[statement("Allow", "s3:Get*", &json!({"Resource": "*"}))]);
    let details = &mut bound["accounts"][0]["authorization_details"];
    let boundary = format!("arn:aws:iam::{A}:policy/Boundary");
    details["Policies"] = json!([{"Arn": boundary, "PolicyName": "Boundary",
        "PolicyVersionList": [{"Document": reads, "VersionId": "v1", "IsDefaultVersion": true}]}]);
    details["RoleDetailList"][0]["PermissionsBoundary"] = json!({
        "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary});
    assert!(!shown(&bound).iter().any(|path| path.contains("Target")));

    let mut controlled = chain(Some(assumes("*")), &trust);
    let denies = document(&[
        statement("Allow", "*", &json!({"Resource": "*"})),
        statement("Deny", "sts:AssumeRole", &json!({"Resource": "*"})),
    ]);
    controlled["organization"] = json!({
        "id": "o-example", "management_account": "999999999999",
        "policies": [{"PolicySummary": {"Id": "p-1", "Name": "NoChains"}, "Content": denies.to_string()}],
        "accounts": {A: {"service_control": [["p-1"]]}},
    });
    assert!(!shown(&controlled).iter().any(|path| path.contains("Target")));
}

#[test]
fn what_the_caller_chooses_is_needed_and_what_nobody_knows_is_a_condition() {
    let own = Some(assumes("*"));
    let external = trusts(
        &json!({"AWS": arn(A, "Source")}),
        &json!({"StringEquals": {"sts:ExternalId": "42"}}),
    );
    let to = |snapshot: &Value| {
        let found = paths(snapshot, Query { to: Some("*role/Target"), ..Query::default() });
        found
            .into_iter()
            .find(|path| path.steps.len() == 2)
            .map(|path| path.steps[1].terms.to_string())
    };
    assert_eq!(to(&chain(own.clone(), &external)).unwrap(), "with sts:ExternalId = 42");
    let office = trusts(
        &json!({"AWS": arn(A, "Source")}),
        &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    );
    assert_eq!(to(&chain(own, &office)).unwrap(), "if aws:SourceIp allows");
}

#[test]
fn a_pattern_means_those_who_are_known_or_itself() {
    let role = role(A, "Wide", &trusts_pods(A, "StringLike", "system:serviceaccount:pay*:*"), None);
    let mut snapshot = json!({"accounts": [account(A, &[role])]});
    let [only] = &shown(&snapshot)[..] else { panic!() };
    assert!(only.starts_with("any service account in a namespace that matches pay*"), "{only}");
    snapshot["service_accounts"] = json!([
        {"issuer": format!("https://{ISSUER}"), "namespace": "payments", "name": "api"},
        {"issuer": format!("https://{ISSUER}"), "namespace": "shop", "name": "web"},
    ]);
    let [only] = &shown(&snapshot)[..] else { panic!() };
    assert!(only.starts_with(API), "{only}");
}

#[test]
fn roles_that_trust_one_another_end() {
    let trust = |name: &str| trusts(&json!({"AWS": arn(A, name)}), &json!({}));
    let roles = [role(A, "One", &trust("Two"), None), role(A, "Two", &trust("One"), None)];
    let found = paths(
        &json!({"accounts": [account(A, &roles)]}),
        Query { from: Some("*"), ..Query::default() },
    );
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            format!("{} -> {}", arn(A, "One"), arn(A, "Two")),
            format!("{} -> {}", arn(A, "Two"), arn(A, "One")),
        ]
    );
}

#[test]
fn a_pods_association_leads_to_its_target_and_not_to_its_first_role() {
    let pods = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]});
    let both = ["sts:AssumeRole", "sts:TagSession"];
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": both, "Resource": "*"}]});
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": both,
        "Principal": {"AWS": arn(A, "First")},
        "Condition": {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "payments"}}}]});
    let mut first = account(A, &[role(A, "First", &pods, Some(own))]);
    first["eks_clusters"] = json!([{"name": "prod", "arn": format!("arn:aws:eks:us-east-1:{A}:cluster/prod"),
        "identity": {"oidc": {"issuer": format!("https://{ISSUER}")}}}]);
    first["pod_identity_associations"] = json!([{
        "clusterName": "prod", "namespace": "payments", "serviceAccount": "api", "roleArn": arn(A, "First"),
        "targetRoleArn": arn(B, "Target"),
        "associationArn": format!("arn:aws:eks:us-east-1:{A}:podidentityassociation/prod/a-1")}]);
    let snapshot = json!({"accounts": [first, account(B, &[role(B, "Target", &trust, None)])]});
    assert_eq!(shown(&snapshot), [format!("{API} -> {}", arn(B, "Target"))]);
    let mut alone = snapshot;
    alone["accounts"].as_array_mut().unwrap().pop();
    with_graph(&alone, |graph| {
        assert!(graph.is_empty());
        assert!(graph.unknown()[0].contains("names the target role"), "{:?}", graph.unknown());
    });
}

#[test]
fn a_rule_is_broken_by_a_way_and_holds_for_those_who_are_excepted() {
    let trust = trusts(&json!({"AWS": arn(A, "Source")}), &json!({}));
    let snapshot = chain(Some(assumes("*")), &trust);
    let broken = |rules: &str| {
        let rules = Rules::parse("rules.toml", rules).unwrap();
        with_graph(&snapshot, |graph| rules.violations(graph).len())
    };
    assert_eq!(broken("[[deny]]\nfrom = '*/payments/*'\nto = '*:role/Target'"), 1);
    assert_eq!(broken("[[deny]]\nfrom = '*/payments/*'\nto = '*:role/Target'\nwithin = 1"), 0);
    assert_eq!(broken("[[deny]]\nfrom = '*/shop/*'\nto = '*'"), 0);
    assert_eq!(broken("[[deny]]\nfrom = '*/payments/*'\nto = '*'\nexcept = ['*/payments/api']"), 0);
    assert_eq!(broken("[[deny]]\nfrom = 'account:111111111111'\nto = '*:222222222222:*'"), 1);
}

#[test]
fn a_pattern_that_takes_in_the_forbidden_breaks_a_rule() {
    let role = role(A, "Wide", &trusts_pods(A, "StringLike", "system:serviceaccount:*:*"), None);
    let snapshot = json!({"accounts": [account(A, &[role])]});
    let rules =
        Rules::parse("r", "[[deny]]\nfrom = '*/payments/*'\nto = '*'\nexcept = ['*/payments/api']")
            .unwrap();
    assert_eq!(with_graph(&snapshot, |graph| rules.violations(graph).len()), 1);
}

#[test]
fn a_pattern_that_is_excepted_as_a_whole_breaks_no_rule() {
    let broken = |subject: &str, except: &str| {
        let role = role(A, "Wide", &trusts_pods(A, "StringLike", subject), None);
        let snapshot = json!({"accounts": [account(A, &[role])]});
        let rules = format!("[[deny]]\nfrom = '*'\nto = '*'\nexcept = ['{except}']");
        let rules = Rules::parse("r", &rules).unwrap();
        with_graph(&snapshot, |graph| rules.violations(graph).len())
    };
    assert_eq!(broken("system:serviceaccount:payments:*", "*/payments/*"), 0);
    assert_eq!(broken("system:serviceaccount:pay*:*", "*/payments/*"), 1);
    assert_eq!(broken("system:serviceaccount:payments:*", "*/payments/?"), 1);
}

#[test]
fn a_provider_of_another_account_allows_no_token() {
    let role = role(A, "Source", &trusts_pods(B, "StringEquals", API_SUBJECT), None);
    let mut one = account(A, &[role]);
    one.as_object_mut().unwrap().remove("oidc_providers");
    with_graph(&json!({"accounts": [one]}), |graph| {
        assert!(graph.is_empty());
        assert!(graph.warnings()[0].contains("in another account"), "{:?}", graph.warnings());
    });
}

#[test]
fn what_is_missing_is_told_with_its_line() {
    let bare = json!({"Arn": arn(A, "Bare"), "RoleId": "AROABARE"});
    let none = json!({"accounts": [account(A, &[role(A, "One", &trusts_pods(A, "StringEquals", API_SUBJECT), None), bare])]});
    let twice = json!({"accounts": [account(A, &[]), account(A, &[role(A, "One", &trusts_pods(A, "StringEquals", API_SUBJECT), None)])]});
    let attached = json!({"accounts": [account(A, &[])],
        "organization": {"accounts": {A: {"service_control": [["p-none"]]}}}});
    for (snapshot, place) in [
        (none, format!("\"Arn\": \"{}\"", arn(A, "Bare"))),
        (twice, format!("\"Arn\": \"{}\"", arn(A, "One"))),
        (attached, "\"p-none\"".to_owned()),
    ] {
        let text = serde_json::to_string_pretty(&snapshot).unwrap();
        let line = text.lines().position(|line| line.contains(&place)).unwrap() + 1;
        let told = Snapshot::read([("s.json", text.as_str())]).map(drop).unwrap_err();
        assert_eq!(told.line, line, "{told}");
    }
}

#[test]
fn rules_that_are_none_are_told_with_their_line() {
    for (text, wanted) in [
        ("", "no rule"),
        ("[[deny]]\nfrom = '*'", "missing field `to`"),
        ("[[deny]]\nfrom = '*'\nto = '*'\nexecpt = []", "line 4"),
    ] {
        let told = Rules::parse("rules.toml", text).unwrap_err().to_string();
        assert!(told.starts_with("rules.toml: ") && told.contains(wanted), "{told}");
    }
}

#[test]
fn a_snapshot_that_cannot_be_read_is_an_error_with_its_line() {
    for text in ["{\"accounts\": 1}", "[]"] {
        let error = Snapshot::read([("s.json", text)]).map(drop).unwrap_err();
        assert!(error.line >= 1 && error.to_string().starts_with("s.json:"), "{error}");
    }
}

#[test]
fn an_invalid_document_is_named_and_the_other_paths_are_found() {
    let invalid = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]});
    let open = trusts(&json!({"AWS": "*"}), &json!({}));
    for bad in [invalid, json!("%7B"), json!("{"), json!(7), json!("%ff")] {
        let roles = [
            role(A, "BadTrust", &bad, Some(assumes("*"))),
            role(A, "BadPolicy", &trusts(&json!({"AWS": "*"}), &json!({})), Some(bad.clone())),
            role(A, "Open", &open, None),
        ];
        let snapshot = json!({"accounts": [account(A, &roles)],
            "organization": {"policies": [{"PolicySummary": {"Id": "p-1"}, "Content": bad}],
                "accounts": {A: {"service_control": [["p-1"]], "resource_control": [["p-1"]]}}}});
        with_graph(&snapshot, |graph| {
            let unknown = graph.unknown().join("\n");
            for name in ["role/BadTrust, trust policy", "role/BadPolicy, inline policy own"] {
                assert!(unknown.contains(name), "{bad}: {unknown}");
            }
            assert_eq!(graph.unknown().len(), 2, "{unknown}");
            let warned = graph.warnings().join("\n");
            assert!(warned.contains("service control policy p-1"), "{warned}");
            assert!(warned.contains("resource control policy p-1"), "{warned}");
            let found: Vec<String> =
                graph.paths(Query::default()).iter().map(ToString::to_string).collect();
            for name in ["Open", "BadPolicy"] {
                assert!(found.contains(&format!("anyone -> {}", arn(A, name))), "{found:?}");
            }
        });
    }
}

#[test]
fn conditions_that_shut_strangers_out_give_no_path_from_anyone() {
    let outside = "333333333333";
    let outsider = arn(outside, "Deployer");
    let id = "AROAAAAABBBBCCCCDDDD";
    let organization = json!({"id": "o-abcdefghij", "accounts": {
        A: {"service_control": [], "resource_control": []},
        outside: {"service_control": [], "resource_control": []}}});
    let account_of_outsider = format!("principals that account {outside} delegates to");
    let of = |id: &str| {
        format!("principals of accounts of organization {id} that are not in the snapshot")
    };
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (conditions, expected) in [
        (equals("aws:PrincipalAccount", A), vec![]),
        (equals("aws:PrincipalAccount", outside), vec![account_of_outsider.clone()]),
        // A stranger's account may be one of these.
        (
            json!({"StringLike": {"aws:PrincipalAccount": "33333333333?"}}),
            vec!["anyone".to_owned()],
        ),
        (json!({"StringLike": {"aws:PrincipalAccount": A}}), vec![]),
        (
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::3333*:role/Deployer"}}),
            vec!["anyone".to_owned()],
        ),
        (json!({"StringLike": {"aws:PrincipalArn": "*role/Deployer"}}), vec!["anyone".to_owned()]),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-ab*"}}), vec!["anyone".to_owned()]),
        (json!({"StringLike": {"aws:userid": "AROAB*:*"}}), vec!["anyone".to_owned()]),
        (equals("aws:PrincipalArn", &arn(A, "Deployer")), vec![]),
        (equals("aws:PrincipalArn", &outsider), vec![outsider.clone()]),
        (json!({"StringEqualsIgnoreCase": {"aws:PrincipalArn": outsider}}), vec![outsider.clone()]),
        (json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{A}:*")}}), vec![]),
        (
            json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{outside}:role/*")}}),
            vec![account_of_outsider],
        ),
        // A stranger has a role of that name, in an account of its own.
        (
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Deployer"}}),
            vec!["anyone".to_owned()],
        ),
        (equals("aws:PrincipalOrgID", "o-abcdefghij"), vec![of("o-abcdefghij")]),
        (equals("aws:PrincipalOrgID", "o-zzzzzzzzzz"), vec![of("o-zzzzzzzzzz")]),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}}),
            vec![of("o-abcdefghij")],
        ),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), vec!["anyone".to_owned()]),
        (json!({"Null": {"aws:PrincipalOrgID": "true"}}), vec!["anyone".to_owned()]),
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
            vec!["anyone".to_owned()],
        ),
        (json!({"StringLike": {"aws:userid": format!("{id}:*")}}), vec![id.to_owned()]),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": "444444444444"}}),
            vec!["anyone".to_owned()],
        ),
    ] {
        for by in ["allow", "deny", "rcp"] {
            let (snapshot, with) = match by {
                "allow" => (trusts(&json!({"AWS": "*"}), &conditions), None),
                _ => {
                    let Some(denied) = opposite(&conditions) else { continue };
                    let more = json!({"Principal": {"AWS": "*"}, "Condition": denied});
                    let deny = statement("Deny", "sts:AssumeRole", &more);
                    let allow =
                        statement("Allow", "sts:AssumeRole", &json!({"Principal": {"AWS": "*"}}));
                    match by {
                        "deny" => (document(&[allow, deny]), None),
                        _ => {
                            let more =
                                json!({"Principal": "*", "Resource": "*", "Condition": denied});
                            let all = json!({"Principal": "*", "Resource": "*"});
                            let deny = statement("Deny", "sts:AssumeRole", &more);
                            let rcp = document(&[statement("Allow", "*", &all), deny]);
                            (document(&[allow]), Some(rcp))
                        }
                    }
                }
            };
            let mut organization = organization.clone();
            if let Some(rcp) = with {
                organization["policies"] =
                    json!([{"PolicySummary": {"Id": "p-1"}, "Content": rcp}]);
                organization["accounts"][A]["resource_control"] = json!([["p-1"]]);
            }
            let snapshot = json!({"accounts": [account(A, &[role(A, "Guarded", &snapshot, None)])],
                "organization": organization});
            let found = paths(&snapshot, Query::default());
            let from: Vec<String> = found.iter().map(|path| path.from.to_string()).collect();
            if expected == ["anyone"] {
                assert!(from.contains(&expected[0]), "{by} {conditions}: {from:?}");
            } else {
                assert_eq!(from, expected, "{by} {conditions}");
            }
            for step in found.iter().flat_map(|path| &path.steps) {
                assert!(step.terms.conditional.is_empty(), "{by} {conditions}: {}", step.terms);
            }
        }
    }
}

/// The condition of a Deny that leaves the same requests; none where one operator cannot say it.
fn opposite(conditions: &Value) -> Option<Value> {
    let (operator, keys) = conditions.as_object()?.iter().next()?;
    let negated = match operator.as_str() {
        "StringEquals" => "StringNotEquals",
        "StringNotEquals" => "StringEquals",
        "StringLike" => "StringNotLike",
        "ArnLike" => "ArnNotLike",
        "StringEqualsIgnoreCase" => "StringNotEqualsIgnoreCase",
        _ => return None,
    };
    Some(json!({negated: keys}))
}

#[test]
fn an_outside_session_is_denied_by_its_roles_arn_with_its_path() {
    let other = "333333333333";
    let session = format!("arn:aws:sts::{other}:assumed-role/Deployer/me");
    let allow = statement("Allow", "sts:AssumeRole", &json!({"Principal": {"AWS": session}}));
    let deny = |name: &str| {
        let named = json!({"Principal": {"AWS": arn(other, name)}});
        let trust = document(&[allow.clone(), statement("Deny", "sts:AssumeRole", &named)]);
        let role = role(A, "Guarded", &trust, None);
        with_graph(&json!({"accounts": [account(A, &[role])]}), |graph| graph.len())
    };
    assert_eq!(deny("team/x/Deployer"), 0);
    assert_eq!(deny("Deployer"), 0);
    assert_eq!(deny("team/x/Other"), 1);
}

#[test]
fn a_claim_that_is_no_key_lets_no_token_in_and_a_deny_of_it_bites() {
    let with = |effect: &str, operator: &str, claim: &str| {
        let mut trust = trusts_pods(A, "StringEquals", API_SUBJECT);
        let condition = json!({operator: {format!("{ISSUER}:{claim}"): "payments"}});
        let own = trust["Statement"][0].clone();
        let more = json!({"Principal": own["Principal"], "Condition": condition});
        let more = statement(effect, "sts:AssumeRoleWithWebIdentity", &more);
        match effect {
            "Deny" => trust["Statement"] = json!([own, more]),
            _ => trust["Statement"] = json!([more]),
        }
        shown(&json!({"accounts": [account(A, &[role(A, "Guarded", &trust, None)])]})).len()
    };
    for claim in ["team", "iss", "kubernetes.io"] {
        assert_eq!(with("Allow", "StringEquals", claim), 0, "{claim}");
        assert_eq!(with("Deny", "StringNotEquals", claim), 0, "{claim}");
        assert_eq!(with("Deny", "StringEquals", claim), 1, "{claim}");
    }
    assert_eq!(with("Allow", "StringEquals", "email"), 1, "it may be there");
}
