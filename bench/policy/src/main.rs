//! Measures the policy engine and Cedar on the same cases, and prints the times as JSON.
//!
//!   bench-policy simulations   the cases for iam-simulate
//!   bench-policy measure       nanoseconds and decisions of Attaché and of Cedar

#[path = "../../../crates/attache-policy/benches/documents/mod.rs"]
mod documents;

mod cedar;

use std::hint::black_box;
use std::time::{Duration, Instant};

use attache_policy::{Principal, evaluate};
use documents::{ACCOUNT, Case};
use serde_json::{Map, Value, json};

fn main() {
    let cases = documents::cases();
    let results: Vec<Value> = match std::env::args().nth(1).as_deref() {
        Some("simulations") => cases.iter().map(simulation).collect(),
        Some("measure") => cases.iter().map(measured).collect(),
        _ => panic!("say simulations or measure"),
    };
    println!("{}", Value::Array(results));
}

fn measured(case: &Case) -> Value {
    let policies = case.policies();
    let ours = || evaluate(black_box(&policies), black_box(&case.request)).is_allowed();
    let cedar = cedar::Prepared::new(case);
    json!({
        "name": case.name, "wanted": case.allowed,
        "attache": { "allowed": ours(), "nanoseconds": nanoseconds(ours) },
        "cedar": cedar.map(|cedar| {
            let theirs = || black_box(&cedar).is_allowed();
            json!({ "allowed": theirs(), "nanoseconds": nanoseconds(theirs) })
        }),
    })
}

/// The best of five rounds, because a disturbance can only add time.
fn nanoseconds(run: impl Fn() -> bool) -> f64 {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    let round = |share: f64| {
        let limit = Duration::from_secs_f64(share * seconds);
        let (start, mut runs) = (Instant::now(), 0_u32);
        while start.elapsed() < limit {
            // The clock is read once for a hundred decisions: reading it costs as much as a decision.
            for _ in 0..100 {
                black_box(run());
            }
            runs += 100;
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(runs)
    };
    round(0.3);
    (0..5).map(|_| round(0.2)).fold(f64::INFINITY, f64::min)
}

/// A case in the format of iam-simulate.
fn simulation(case: &Case) -> Value {
    let parsed = |text: &String| serde_json::from_str::<Value>(text).expect("it is JSON");
    let principal = match &case.request.principal {
        Principal::RoleSession { session_arn, .. } => session_arn.clone(),
        other => other.name(),
    };
    let keys: Map<String, Value> = case
        .request
        .context
        .keys()
        .filter_map(|key| {
            Some((key.to_owned(), json!(case.request.context.get(key)?.iter().next()?)))
        })
        .collect();
    let named = |(n, text)| json!({ "name": format!("policy-{n}"), "policy": parsed(text) });
    let identity: Vec<Value> = case.identity.iter().enumerate().map(named).collect();
    json!({ "name": case.name, "simulation": {
        "request": {
            "principal": principal, "action": case.request.action,
            "resource": { "resource": case.request.resource, "accountId": ACCOUNT },
            "contextVariables": keys,
        },
        "identityPolicies": identity, "serviceControlPolicies": [], "resourceControlPolicies": [],
        "resourcePolicy": case.trust.as_ref().map(parsed),
    }})
}
