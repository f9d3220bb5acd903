//! A snapshot that has not everything: what cannot be known is not taken to be nothing.

use attache_reach::{Graph, Rules, Snapshot};
use serde_json::{Value, json};

const A: &str = "111111111111";

fn trust(principal: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})
}

fn role(name: &str) -> Value {
    json!({"Arn": format!("arn:aws:iam::{A}:role/{name}"), "RoleName": name, "RoleId": format!("AROA{name}"),
           "AssumeRolePolicyDocument": trust(&json!({"Service": "ec2.amazonaws.com"})),
           "RolePolicyList": [], "AttachedManagedPolicies": []})
}

fn details(roles: &[Value]) -> Value {
    json!({"RoleDetailList": roles, "UserDetailList": [], "GroupDetailList": [], "Policies": []})
}

fn read(file: &Value) -> Result<Snapshot, String> {
    let text = serde_json::to_string_pretty(file).unwrap();
    Snapshot::read([("dump.json", text.as_str())]).map_err(|error| error.to_string())
}

/// Why it is not known whether a rule holds which no way is seen to break.
fn unknown(file: &Value, rule: &str) -> Vec<String> {
    let snapshot = read(file).unwrap();
    let graph = Graph::new(&snapshot);
    let rules = Rules::parse("rules.toml", &format!("[[deny]]\n{rule}")).unwrap();
    assert!(rules.violations(&graph).is_empty());
    rules.unknown(&graph)
}

const PODS: &str = "from = '*/payments/*'\nto = '*'";

#[test]
fn one_page_of_several_is_refused_with_the_command_that_writes_all() {
    let whole = details(&[role("One")]);
    let page = |key: &str, value: Value| {
        let mut page = whole.clone();
        page[key] = value;
        page
    };
    let pages = [
        page("IsTruncated", json!(true)),
        page("IsTruncated", json!("true")),
        page("Marker", json!("AAIB")),
        page("NextToken", json!("eyJNYXJrZXIiOiBudWxsfQ==")),
    ];
    for page in pages {
        let inside = json!({"accounts": [{"id": A, "authorization_details": page}]});
        for file in [page, inside] {
            let told = read(&file).map(drop).unwrap_err();
            for part in [
                "one page of several",
                "aws iam get-account-authorization-details >",
                "--no-paginate",
            ] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
    }
    // Two pages of one account are not known to be all.
    let (one, two) = (page("Marker", json!("a")).to_string(), whole.to_string());
    assert!(Snapshot::read([("1.json", one.as_str()), ("2.json", two.as_str())]).is_err());
    assert!(Snapshot::read([("2.json", two.as_str()), ("1.json", one.as_str())]).is_err());
    // The last page says so, and so does the only one.
    for (key, value) in
        [("IsTruncated", json!(false)), ("Marker", Value::Null), ("NextToken", json!(""))]
    {
        assert!(unknown(&page(key, value), PODS).is_empty(), "{key}");
    }
}

#[test]
fn a_file_that_is_cut_off_or_holds_something_else_is_refused() {
    let text = serde_json::to_string_pretty(&details(&[role("One")])).unwrap();
    for at in [1, text.len() / 2, text.len() - 1] {
        let told = Snapshot::read([("dump.json", &text[..at])]).map(drop).unwrap_err().to_string();
        assert!(told.contains("ends in the middle"), "{told}");
    }
    for (file, wanted) in [
        (json!({}), "no RoleDetailList"),
        (json!({"Roles": [role("One")]}), "no RoleDetailList"),
        (json!({"UserDetailList": []}), "no RoleDetailList"),
        (json!({"accounts": []}), "no account in it"),
        (details(&[]), "no ARN"),
    ] {
        let told = read(&file).map(drop).unwrap_err();
        assert!(told.contains(wanted), "{wanted}: {told}");
    }
}

#[test]
fn what_the_snapshot_does_not_have_leaves_a_rule_unknown() {
    let attached = |member: &mut Value| {
        member["AttachedManagedPolicies"] =
            json!([{"PolicyArn": format!("arn:aws:iam::{A}:policy/p")}]);
    };
    let policy = |versions: Value| {
        json!([{"Arn": format!("arn:aws:iam::{A}:policy/p"), "DefaultVersionId": "v2",
                                           "PolicyVersionList": versions}])
    };
    let nothing = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]});
    let mut has_policy = role("One");
    attached(&mut has_policy);
    let with = |list: Value| {
        let mut details = details(&[has_policy.clone()]);
        details["Policies"] = list;
        details
    };
    let without = |list: &str| {
        let mut details = details(&[role("One")]);
        details.as_object_mut().unwrap().remove(list);
        details
    };
    let mut of_group = details(&[role("One")]);
    of_group["UserDetailList"] = json!([{"Arn": format!("arn:aws:iam::{A}:user/ann"), "UserId": "AIDAANN", "GroupList": ["admins"]}]);
    let mut pods = role("Pods");
    pods["AssumeRolePolicyDocument"] = trust(&json!({"Service": "pods.eks.amazonaws.com"}));
    let old = json!({"VersionId": "v1", "IsDefaultVersion": false, "Document": nothing});
    let new = |document: Value| json!({"VersionId": "v2", "IsDefaultVersion": true, "Document": document});
    for (name, file, wanted) in [
        ("an attached policy", with(json!([])), Some("policy/p")),
        ("its default version", with(policy(json!([old]))), Some("default version")),
        (
            "the version's document",
            with(policy(json!([old, new(Value::Null)]))),
            Some("default version"),
        ),
        ("nothing, by the mark", with(policy(json!([old, new(nothing.clone())]))), None),
        (
            "nothing, by the number",
            with(policy(json!([old, {"VersionId": "v2", "Document": nothing}]))),
            None,
        ),
        ("the users", without("UserDetailList"), Some("the users of the account")),
        ("the groups", without("GroupDetailList"), Some("the groups of the account")),
        ("the policies", without("Policies"), Some("the managed policies of the account")),
        ("a user's group", of_group, Some("the group admins")),
        (
            "the associations of a role that trusts pods",
            details(&[pods]),
            Some("pod_identity_associations"),
        ),
        ("nothing", details(&[role("One")]), None),
    ] {
        let told = unknown(&file, PODS);
        assert_eq!(told.is_empty(), wanted.is_none(), "{name}: {told:?}");
        assert!(
            wanted.is_none_or(|part| told.iter().any(|own| own.contains(part))),
            "{name}: {told:?}"
        );
    }
    let elsewhere = "from = '*'\nto = 'arn:aws:iam::222222222222:role/Admin'";
    let told = unknown(&details(&[role("One")]), elsewhere);
    assert!(told[0].contains("222222222222:role/Admin\" is not in the snapshot"), "{told:?}");
    // A role that is assumed from here, of an account that is not.
    let mut caller = role("One");
    let admin = "arn:aws:iam::222222222222:role/Admin";
    caller["RolePolicyList"] = json!([{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": admin}]}}]);
    let told = unknown(
        &details(&[caller.clone()]),
        "from = '*'\nto = '*:role/Admin'\nexcept = ['service:*']",
    );
    assert!(told[0].contains("allows assuming"), "{told:?}");
    assert!(unknown(&details(&[caller]), "from = '*'\nto = '*:role/Other'").is_empty());
}
