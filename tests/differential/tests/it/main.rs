//! The same call decided by four instruments, which must agree.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;

use attache_policy::{Denial, Kind, Outcome};
use differential::{Answer, Caller, Case, Site, Target, built_command};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many calls, unless `DIFFERENTIAL_CASES` says so.
const CASES: usize = 2000;

/// How many of them are also asked of the built command. Ours: each is a process.
const COMMANDS: usize = 200;

/// The least share of each, in percent: less would prove nothing.
const LEAST: [(&str, usize); 9] = [
    ("allowed", 10),
    ("explicit deny", 10),
    ("decided by a service control policy", 5),
    ("decided by a resource control policy", 5),
    ("decided by a permissions boundary", 5),
    ("decided by a session policy", 5),
    ("decided by a resource's policy", 5),
    ("across accounts", 5),
    ("of a service principal", 5),
];

fn calls(random: &mut ChaCha8Rng) -> Vec<(Caller, Target)> {
    let mut calls = vec![(Caller::Pods, Target::Pod)];
    let mut limited = || Caller::Session(Some(random.random_range(0..16)));
    let callers = [Caller::Ann, Caller::Session(None), limited(), limited()];
    for caller in callers {
        let external_id = random.random_bool(0.5);
        calls.push((caller, Target::Assume { other: false, external_id }));
        calls.push((caller, Target::Assume { other: true, external_id: !external_id }));
        calls.push((caller, if external_id { Target::GetRole } else { Target::ListRoles }));
    }
    calls
}

/// What a decision counts as.
fn names(case: &Case<'_>, answer: Answer, outcome: Outcome) -> Vec<&'static str> {
    let mut names = match answer {
        Answer::Allowed => vec!["allowed"],
        Answer::ExplicitDeny => vec!["explicit deny"],
        Answer::ImplicitDeny => vec!["implicit deny"],
    };
    if let Outcome::Denied(Denial::Explicit(kind) | Denial::Implicit(kind)) = outcome {
        names.push(match kind {
            Kind::ServiceControl => "decided by a service control policy",
            Kind::ResourceControl => "decided by a resource control policy",
            Kind::Boundary => "decided by a permissions boundary",
            Kind::Session => "decided by a session policy",
            Kind::Trust | Kind::Resource => "decided by a resource's policy",
            Kind::Identity => "decided by an identity policy",
        });
    }
    if matches!(case.target, Target::Assume { other: true, .. }) {
        names.push("across accounts");
    }
    if case.caller == Caller::Pods {
        names.push("of a service principal");
    }
    names
}

#[test]
fn the_instruments_agree() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(agree());
}

async fn agree() {
    let wanted = std::env::var("DIFFERENTIAL_CASES").ok().and_then(|n| n.parse().ok());
    let wanted: usize = wanted.unwrap_or(CASES);
    let seed = std::env::var("DIFFERENTIAL_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut site = Site::start(&mut random).await.unwrap();
    let (mut done, mut rounds) = (0, 0);
    let (command, folder) = (built_command().unwrap(), tempfile::tempdir().unwrap());
    let mut asked: BTreeMap<&str, usize> = BTreeMap::new();
    let mut shares: BTreeMap<&str, usize> = BTreeMap::new();
    while done < wanted {
        rounds += 1;
        // Boundaries and session policies stay as they are for one authority.
        if rounds % 200 == 0 {
            site.stop();
            site = Site::start(&mut random).await.unwrap();
        }
        let documents = site.round(&mut random).await.unwrap();
        for (caller, target) in calls(&mut random) {
            let case = Case { site: &site, documents: &documents, caller, target };
            let disagrees = |instrument: &str,
                             says: &dyn std::fmt::Debug,
                             other: &dyn std::fmt::Debug| {
                let text = |limit: Option<&serde_json::Value>| {
                    limit.map_or_else(|| "none".to_owned(), |limit| limit["Statement"].to_string())
                };
                let (boundary, session) = case.limits();
                panic!(
                    "seed {seed}, call {done}: {caller:?} {target:?}: explain says {other:?}, \
                     {instrument} says {says:?}\n{documents}boundary: {}\nsession policy: {}",
                    text(boundary),
                    text(session),
                )
            };
            let (explained, outcome) = match case.explain() {
                Ok(explained) => explained,
                Err(failure) => panic!("{caller:?} {target:?}: {failure}\n{documents}"),
            };
            if done < COMMANDS {
                *asked.entry("command").or_default() += 1;
                let printed = case.explain_command(&command, folder.path()).unwrap();
                let decision = if explained == Answer::Allowed { "allowed" } else { "denied" };
                let expected = (decision.into(), serde_json::to_value(outcome).unwrap());
                if printed != expected {
                    disagrees("the command", &printed, &expected);
                }
            }
            let authority = case.authority().await.unwrap();
            *asked.entry("authority").or_default() += 1;
            // STS does not say why it refuses.
            let same = match target {
                Target::GetRole | Target::ListRoles => authority == explained,
                _ => (authority == Answer::Allowed) == (explained == Answer::Allowed),
            };
            if !same {
                disagrees("the authority", &authority, &explained);
            }
            if let Some(simulated) = case.simulator().await.unwrap() {
                *asked.entry("simulator").or_default() += 1;
                if simulated != explained {
                    disagrees("the simulator", &simulated, &explained);
                }
            }
            if let Some(reached) = case.reach().unwrap() {
                *asked.entry("reach").or_default() += 1;
                if reached != (explained == Answer::Allowed) {
                    disagrees("reach", &reached, &explained);
                }
            }
            for name in names(&case, explained, outcome) {
                *shares.entry(name).or_default() += 1;
            }
            done += 1;
        }
    }
    site.stop();
    println!("{done} calls, {rounds} sets of documents; asked as well: {asked:?}");
    for (name, count) in &shares {
        println!("{:5.1}% {name}", 100.0 * *count as f64 / done as f64);
    }
    for (name, least) in LEAST {
        let count = shares.get(name).copied().unwrap_or_default();
        assert!(count * 100 >= least * done, "fewer than {least}% are {name}: {count} of {done}");
    }
}
