//! The gate's rows are those of the admission policy.

use attache_admission::{mutate, validate};
use attache_kubernetes::admission::GateAction;
use serde_json::{Value, json};

use crate::table::{Known, complete, object, patched, review, review_of, rows};

fn said(known: &Known, pod: &Value) -> Option<String> {
    let asked = review(pod);
    let (request, settings) = (&asked.request, &known.settings);
    let of = |action| validate(request, object(&asked), known.knowledge(), settings, action);
    let deny = of(GateAction::Deny);
    let message = deny.refusal.clone().map(|(status, message)| {
        assert_eq!(status, 403);
        message
    });
    assert_eq!(deny.audit.get("attache-gate"), message.as_ref());
    let (warn, audit) = (of(GateAction::Warn), of(GateAction::Audit));
    assert_eq!(warn.audit, deny.audit);
    assert_eq!(warn.warnings.is_empty(), message.is_none());
    assert!(warn.refusal.is_none() && audit.refusal.is_none() && audit.warnings.is_empty());
    assert_eq!(audit.audit, deny.audit);
    message
}

#[test]
fn every_row_before_and_after_the_injection() {
    let rows = rows("gated.yaml");
    assert!(rows.len() >= 17, "{}", rows.len());
    for row in &rows {
        let name = &row["name"];
        let pod = complete(row);
        let known = Known::of(row, &pod);
        let words: Option<Vec<&str>> =
            row["says"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect());
        let message = said(&known, &pod);
        assert_eq!(message.is_some(), words.is_some(), "{name}: {message:?}");
        if let (Some(message), Some(words)) = (&message, words) {
            assert!(words.iter().all(|word| message.contains(word)), "{name}: {message}");
        }
        let asked = review(&pod);
        let injected = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
        let after = said(&known, &patched(&pod, &asked.answer(&injected.answer)));
        assert_eq!(after.is_some(), row["also_injected"] == true, "{name}: {after:?}");
    }
}

#[test]
fn everything_that_the_webhook_injects_passes_its_gate() {
    for row in rows("webhook.yaml").iter().filter(|row| row["out"] != "unchanged") {
        let pod = complete(row);
        let known = Known::of(row, &pod);
        let asked = review(&pod);
        let injected = mutate(&asked.request, object(&asked), known.knowledge(), &known.settings);
        let pod = patched(&pod, &asked.answer(&injected.answer));
        assert_eq!(said(&known, &pod), None, "{}", row["name"]);
    }
}

#[test]
fn a_malformed_role_is_told_as_its_service_account_is_written_and_never_refused() {
    for row in rows("role_arns.yaml") {
        for arn in row["arns"].as_array().unwrap() {
            let account = json!({"metadata": {"name": "a", "annotations": {"eks.amazonaws.com/role-arn": arn}}});
            let known = Known::of(&json!({}), &json!({"spec": {}}));
            for operation in ["CREATE", "UPDATE"] {
                let asked = review_of("serviceaccounts", operation, &account);
                let of = |action| {
                    validate(
                        &asked.request,
                        object(&asked),
                        known.knowledge(),
                        &known.settings,
                        action,
                    )
                };
                let told = of(GateAction::Deny);
                assert_eq!(told.warnings.is_empty(), row["good"] == true, "{arn}: {told:?}");
                assert!(told.refusal.is_none());
                assert_eq!(of(GateAction::Warn).warnings, told.warnings);
                assert!(of(GateAction::Audit).warnings.is_empty());
            }
        }
    }
}

#[test]
fn a_malformed_chain_is_told_as_its_service_account_is_written() {
    let known = Known::of(&json!({}), &json!({"spec": {}}));
    for row in rows("chains.yaml") {
        for chain in row["chains"].as_array().unwrap() {
            let mut account =
                json!({"metadata": {"name": "a", "annotations": {"attache.dev/chain": chain}}});
            if let Some(role) = row.get("role") {
                account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] = role.clone();
            }
            let asked = review_of("serviceaccounts", "UPDATE", &account);
            let of = |action| {
                validate(&asked.request, object(&asked), known.knowledge(), &known.settings, action)
            };
            let told = of(GateAction::Deny);
            let about =
                told.warnings.iter().filter(|one| one.contains("annotation attache.dev/chain"));
            assert_eq!(about.count() == 0, row["good"] == true, "{chain}: {told:?}");
            assert!(told.refusal.is_none() && of(GateAction::Audit).warnings.is_empty());
        }
    }
}

#[test]
fn a_pod_without_its_agent_is_found_too() {
    let row = json!({"identities": [{"namespace": "causely", "serviceAccount": "mediator"}]});
    let pod = complete(&row);
    let message = said(&Known::of(&row, &pod), &pod).unwrap();
    assert!(message.contains("mediator has an EKS Pod Identity, but"), "{message}");
}
