//! One row a pod: in and out.

use attache_admission::mutate;
use serde_json::{Value, json};

use crate::table::{Known, MOUNT, VOLUME, complete, member, object, patched, review, rows};

/// The pod as a row says that it is to be; the life of an agent's token is the one that it got.
fn expected(row: &Value, got: &Value) -> Value {
    let mut pod = complete(row);
    let out = &row["out"];
    if out == "unchanged" {
        return pod;
    }
    let volume = out["volume"]["name"].as_str().unwrap_or(VOLUME);
    let path = out["volume"]["mountPath"].as_str().unwrap_or(MOUNT);
    for list in ["containers", "initContainers"] {
        for container in
            pod["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
        {
            let gets = &out[container["name"].as_str().unwrap()];
            for (name, value) in gets["env"].as_object().into_iter().flatten() {
                let env = member(container, "env", json!([]));
                env.as_array_mut().unwrap().push(json!({"name": name, "value": value}));
            }
            if gets["mount"] == true {
                let mount = json!({"name": volume, "readOnly": true, "mountPath": path});
                member(container, "volumeMounts", json!([])).as_array_mut().unwrap().push(mount);
            }
        }
    }
    for part in ["labels", "annotations"] {
        for (name, value) in out[part].as_object().into_iter().flatten() {
            member(&mut pod["metadata"], part, json!({}))[name] = value.clone();
        }
    }
    let Some(token) = out["token"].as_object() else { return pod };
    let mut token = token.clone();
    token.entry("path").or_insert_with(|| json!("token"));
    if out["jitter"] == true {
        let volume = got["spec"]["volumes"].as_array().unwrap().last().unwrap();
        let seconds =
            &volume["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"];
        assert!((79_200..=86_400).contains(&seconds.as_i64().unwrap()), "{seconds}");
        token.insert("expirationSeconds".to_owned(), seconds.clone());
    }
    let mut sources = vec![json!({"serviceAccountToken": token})];
    if out["config"] == true {
        sources.push(json!({"downwardAPI": {"items": [{"path": "config", "fieldRef": {
            "fieldPath": "metadata.annotations['attache.dev/aws-config']"}}]}}));
    }
    let volume = json!({"name": volume, "projected": {"sources": sources}});
    member(&mut pod["spec"], "volumes", json!([])).as_array_mut().unwrap().push(volume);
    pod
}

fn check(row: &Value) {
    let name = row["name"].as_str().unwrap();
    let pod = complete(row);
    let known = Known::of(row, &pod);
    let asked = review(&pod);
    let injected = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
    let once = patched(&pod, &asked.answer(&injected.answer));
    assert_eq!(once, expected(row, &once), "{name}");
    assert_eq!(injected.answer.patch.is_empty(), row["out"] == "unchanged", "{name}");
    let words: Vec<&str> =
        row["warns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let told = injected.answer.warnings.join("\n");
    assert_eq!(told.is_empty(), words.is_empty(), "{name}: {told}");
    assert!(words.iter().all(|word| told.contains(word)), "{name}: {words:?} in {told}");
    assert!(injected.answer.refusal.is_none(), "{name}");

    let asked = review(&once);
    let again = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
    assert!(again.answer.patch.is_empty(), "{name}: a second pass: {:?}", again.answer.patch);
}

#[test]
fn every_row_of_the_table_of_injected_pods() {
    let rows = rows("injected.yaml");
    assert!(rows.len() >= 70, "{}", rows.len());
    rows.iter().for_each(check);
}

#[test]
fn every_row_of_the_webhook_s_own_table() {
    let rows = rows("webhook.yaml");
    assert!(rows.len() >= 25, "{}", rows.len());
    rows.iter().for_each(check);
}

#[test]
fn pods_that_begin_together_do_not_renew_together() {
    let row = json!({"identities": [{"namespace": "causely", "serviceAccount": "mediator"}]});
    let pod = complete(&row);
    let known = Known::of(&row, &pod);
    let mut asked = review(&pod);
    let mut lives = std::collections::BTreeSet::new();
    for number in 0..50 {
        asked.request.uid = format!("uid-{number}");
        let injected = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
        lives.insert(format!("{:?}", injected.answer.patch));
    }
    assert!(lives.len() > 40, "{}", lives.len());
}

#[test]
fn its_own_namespace_and_kube_system_are_left_alone() {
    let row = &rows("injected.yaml")[0];
    let pod = complete(row);
    let mut known = Known::of(row, &pod);
    known.settings.left_alone.push("attache".to_owned());
    for (namespace, touched) in [("causely", true), ("kube-system", false), ("attache", false)] {
        let mut asked = review(&pod);
        asked.request.namespace = namespace.to_owned();
        let injected = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
        assert_eq!(!injected.answer.patch.is_empty(), touched, "{namespace}");
    }
}

#[test]
fn warnings_are_few_short_and_printable() {
    let long = "x\u{1b}[2J".repeat(2000);
    let row = json!({"account": {"annotations": {
        "eks.amazonaws.com/role-arn": long, "eks.amazonaws.com/token-expiration": long,
        "eks.amazonaws.com/sts-regional-endpoints": long, "attache.dev/chain": long}},
        "pod": {"metadata": {"annotations": {"eks.amazonaws.com/token-expiration": long}}}});
    let pod = complete(&row);
    let known = Known::of(&row, &pod);
    let asked = review(&pod);
    let told =
        mutate(&asked.request, object(&asked), known.knowledge(), &known.settings).answer.warnings;
    assert_eq!(told.len(), 5, "{told:?}");
    for one in told {
        assert!(one.chars().count() <= 256 && !one.chars().any(char::is_control), "{one}");
    }
}
