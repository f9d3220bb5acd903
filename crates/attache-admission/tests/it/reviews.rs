//! Reviews as real API servers send them, and others.

use attache_admission::{
    AccountAnnotations, Answer, Knowledge, MappedRoles, PodIdentities, Review, ReviewError,
    Settings, Target, mutate,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const REVIEWS: [&str; 2] =
    [include_str!("../reviews/1.20.json"), include_str!("../reviews/1.36.json")];

fn account() -> AccountAnnotations {
    AccountAnnotations {
        role_arn: Some("arn:aws:iam::222222222222:role/A".into()),
        ..AccountAnnotations::default()
    }
}

fn mutated(review: &Review) -> Answer {
    let (mapped, identities) = (MappedRoles::default(), PodIdentities::default());
    let known = Knowledge { account: &account(), mapped: &mapped, identities: &identities };
    let Some(object) = &review.object else { return Answer::default() };
    mutate(&review.request, object, known, &Settings::default()).answer
}

#[test]
fn those_of_real_api_servers_in_both_versions() {
    for text in REVIEWS {
        for version in ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"] {
            let text = text.replace("admission.k8s.io/v1", version);
            let asked: Value = serde_json::from_str(&text).unwrap();
            let review = Review::read(text.as_bytes()).unwrap();
            let answer = review.answer(&mutated(&review));
            assert_eq!(answer["apiVersion"], version);
            assert_eq!(answer["kind"], "AdmissionReview");
            assert_eq!(answer["response"]["uid"], asked["request"]["uid"]);
            assert_eq!(answer["response"]["allowed"], true);
            assert_eq!(answer["response"]["patchType"], "JSONPatch");
            let pod = crate::table::patched(&asked["request"]["object"], &answer);
            let env = &pod["spec"]["containers"][0]["env"];
            assert_eq!(
                env[0],
                json!({"name": "AWS_ROLE_ARN", "value": "arn:aws:iam::222222222222:role/A"})
            );
            // Nothing of the pod is lost.
            assert_eq!(pod["metadata"], asked["request"]["object"]["metadata"]);
        }
    }
}

fn edited(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut review: Value = serde_json::from_str(REVIEWS[0]).unwrap();
    edit(&mut review);
    review.to_string().into_bytes()
}

#[test]
fn what_is_no_review_is_an_error() {
    let not: [(&str, Vec<u8>); 9] = [
        ("nothing", Vec::new()),
        ("no JSON", b"{".to_vec()),
        ("no UTF-8", b"{\"kind\": \"\xff\"}".to_vec()),
        ("a list", b"[]".to_vec()),
        ("deep", "[".repeat(100_000).into_bytes()),
        ("another kind", edited(|review| review["kind"] = json!("Pod"))),
        ("another version", edited(|review| review["apiVersion"] = json!("admission.k8s.io/v2"))),
        ("no request", edited(|review| review["request"] = Value::Null)),
        ("no uid", edited(|review| review["request"]["uid"] = json!(""))),
    ];
    for (name, body) in not {
        let error = Review::read(&body).unwrap_err();
        assert!(error.answer(&Answer::default()).is_none(), "{name}: {error}");
    }
}

#[test]
fn a_pod_that_is_none_has_an_answer_with_its_uid() {
    let body = edited(|review| review["request"]["object"]["spec"]["containers"] = json!("x"));
    let error = Review::read(&body).unwrap_err();
    assert!(matches!(error, ReviewError::Object { .. }), "{error}");
    let answer = error.answer(&Answer::refuse(400, "no")).unwrap();
    assert_eq!(answer["response"]["uid"], "169f1006-e9fc-42bc-979b-2d90e77ea250");
    assert_eq!(answer["response"]["allowed"], false);
    assert_eq!(answer["response"]["status"]["message"], "no");
}

#[test]
fn anything_but_a_new_pod_is_admitted_as_it_is() {
    type Edit = fn(&mut Value);
    let others: [(&str, Edit); 8] = [
        ("another resource", |request| request["resource"]["resource"] = json!("deployments")),
        ("another group", |request| request["resource"]["group"] = json!("apps")),
        ("another version", |request| request["resource"]["version"] = json!("v2")),
        ("a subresource", |request| request["subResource"] = json!("ephemeralcontainers")),
        ("an update", |request| request["operation"] = json!("UPDATE")),
        ("a deletion", |request| {
            request["operation"] = json!("DELETE");
            request["object"] = Value::Null;
        }),
        ("a connection", |request| request["operation"] = json!("CONNECT")),
        ("no object", |request| request["object"] = Value::Null),
    ];
    for (name, edit) in others {
        let review = Review::read(&edited(|review| edit(&mut review["request"]))).unwrap();
        let answer = review.answer(&mutated(&review));
        let only = json!({"uid": "169f1006-e9fc-42bc-979b-2d90e77ea250", "allowed": true});
        assert_eq!(answer["response"], only, "{name}");
    }
    // Of another shape altogether.
    let body = edited(|review| {
        review["request"]["resource"] = json!({"group": "a.b", "version": "v1", "resource": "x"});
        review["request"]["object"] = json!({"metadata": 1, "spec": {"containers": 2}});
    });
    assert_eq!(Review::read(&body).unwrap().request.target(), Target::Other);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Review::read(&body);
    }

    #[test]
    fn no_value_in_a_pod_makes_it_panic(path in 0_usize..14, value in json_value()) {
        let paths = ["", "/metadata", "/metadata/labels", "/metadata/annotations", "/spec", "/spec/containers",
            "/spec/containers/0", "/spec/containers/0/name", "/spec/nodeSelector", "/spec/serviceAccountName",
            "/spec/containers/0/resources", "/status", "/spec/tolerations", "/metadata/generateName"];
        let body = edited(|review| {
            let object = &mut review["request"]["object"];
            if let Some(place) = object.pointer_mut(paths[path]) {
                *place = value;
            }
        });
        if let Ok(review) = Review::read(&body) {
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let answer = review.answer(&mutated(&review));
            // And what it answers can be applied: serde takes a list for a map, which no API server sends.
            let object = &asked["request"]["object"];
            let maps = ["", "/metadata", "/spec", "/spec/containers/0"];
            if !maps.iter().any(|map| object.pointer(map).is_some_and(Value::is_array)) {
                crate::table::patched(object, &answer);
            }
        }
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("(name|env|spec|[a-z]{1,5})", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
