//! The admission policies' text. What they do is tested in `tests/cluster/policies.py`.

use attache_identifiers::{Region, RoleArn};
use attache_kubernetes::admission::{
    AdmissionSettings, AnnotationDomain, GateAction, GatePolicy, InjectorPolicy, Label,
};

#[test]
fn nothing_is_left_to_fill_in() {
    let settings = AdmissionSettings {
        domain: AnnotationDomain::parse("aws.example.com").unwrap(),
        own_domain: AnnotationDomain::parse("own.example.com").unwrap(),
        account_label: Some(Label::parse("example.com/aws=true").unwrap()),
    };
    let region = Some(Region::parse("eu-west-1").unwrap());
    let injector = InjectorPolicy { settings: settings.clone(), region }.manifest();
    assert!(injector.contains("'aws.example.com/role-arn'") && injector.contains("'eu-west-1'"));
    assert!(injector.contains("selector: {matchLabels: {example.com/aws: \"true\"}}"));
    for action in [GateAction::Deny, GateAction::Warn, GateAction::Audit] {
        let gate = GatePolicy { settings: settings.clone(), action }.manifest();
        for text in [&injector, &gate] {
            let left =
                text.split('@').nth(1).filter(|word| word.chars().all(char::is_alphanumeric));
            assert_eq!(left, None);
            assert!(!text.contains("eks.amazonaws.com/role-arn") && !text.contains("attache.dev/"));
            assert!(text.contains("'own.example.com/chain'"));
        }
    }
    let plain = InjectorPolicy::default().manifest();
    assert!(plain.contains("selector: {}") && plain.contains("eks.amazonaws.com/role-arn"));
}

/// The regular expression of the gate, which stands for `RoleArn::parse` in the API server. The cluster
/// tests try it on the same rows.
#[test]
fn a_role_for_the_gate_is_a_role_for_us() {
    let rows = include_str!("../../../../tests/cluster/pods/role_arns.yaml");
    let mut good = None;
    let mut seen = 0;
    for line in rows.lines() {
        if let Some(word) = line.strip_prefix("- good: ") {
            good = Some(word == "true");
        } else if let Some(arn) = line.strip_prefix("  - ") {
            let arn = arn.trim_matches('"').replace("\\n", "\n");
            assert_eq!(Some(RoleArn::parse(&arn).is_ok()), good, "{arn}");
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn names_that_would_mean_something_in_a_policy_are_refused() {
    for text in ["", "a'b", "a b", "A.b", "-a", "a-", "a..b", "a/b", "a:b", &"a".repeat(254)] {
        assert!(AnnotationDomain::parse(text).is_err(), "{text}");
    }
    for text in ["", "a", "=b", "a=\"", "a b=c", "x/y/z=1", "/a=b", "a={}", "a=b=c", "A/b=c"] {
        assert!(Label::parse(text).is_err(), "{text}");
    }
    for text in ["a=b", "a=", "example.com/aws=true", "A_b.c-d=E"] {
        assert!(Label::parse(text).is_ok(), "{text}");
    }
}
