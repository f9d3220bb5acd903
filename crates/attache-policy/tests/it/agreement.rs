//! The engine and the reference say the same about a million random requests.
//!
//! `ATTACHE_PAIRS=20000000 ATTACHE_SEED=7 cargo test -p attache-policy --test it agreement` tries others.

use std::collections::BTreeMap;

use crate::reference::{Ask, Documents, decide, decide_trust, engine, less, random};

use attache_policy::{Denial, Kind, evaluate, evaluate_trust};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Requests tried with each set of documents: parsing costs more than evaluating.
const REQUESTS: u64 = 100;

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |n| n.parse().expect("a number"))
}

/// How often each outcome came.
type Tally = Vec<(Result<(), Denial>, u64)>;

/// One case, made small, for each pair of outcomes that differ.
type Disagreements = BTreeMap<String, String>;

/// A trust policy alone, as the holder of a token and a service meet it.
#[test]
fn the_engine_agrees_with_the_reference_about_trust_alone() {
    let (mut trusted, mut refused) = (0, 0);
    for set in 0..2_000 {
        let mut dice = ChaCha8Rng::seed_from_u64(1);
        dice.set_stream(set);
        let documents = random::documents(&mut dice);
        let Some(trust) = documents.resource.as_ref().filter(|_| documents.is_trust) else {
            continue;
        };
        let compiled = engine::compile(&documents).resource.unwrap();
        for _ in 0..20 {
            let ask = random::ask(&mut dice, &documents);
            let wanted = decide_trust(trust, &ask);
            let got = engine::outcome(&evaluate_trust(&compiled, &engine::request(&ask)));
            assert_eq!(got, wanted, "{ask:?}\n{}", shown(&documents));
            *if wanted.is_ok() { &mut trusted } else { &mut refused } += 1;
        }
    }
    assert!(trusted > 1_000 && refused > 1_000, "{trusted} trusted, {refused} refused");
}

#[test]
fn the_engine_agrees_with_the_reference() {
    let pairs = from_environment("ATTACHE_PAIRS", 1_000_000);
    let seed = from_environment("ATTACHE_SEED", 20_121_017);
    let sets = pairs.div_ceil(REQUESTS);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let mut tally = Tally::new();
    let mut disagreements = Disagreements::new();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|t| scope.spawn(move || compare((t..sets).step_by(threads as usize), seed)))
            .collect();
        for worker in workers {
            let (some, other) = worker.join().unwrap();
            for (outcome, times) in some {
                count(&mut tally, outcome, times);
            }
            disagreements.extend(other);
        }
    });
    let shown: Vec<String> = disagreements.into_values().collect();
    assert!(shown.is_empty(), "{}\nseed {seed}", shown.join("\n\n"));
    the_outcomes_are_balanced(&tally);
}

/// One set of documents after the other, each from its own seed, so that threads change nothing.
fn compare(sets: impl Iterator<Item = u64>, seed: u64) -> (Tally, Disagreements) {
    let mut tally = Tally::new();
    let mut disagreements = Disagreements::new();
    for set in sets {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(set);
        let documents = random::documents(&mut dice);
        let compiled = engine::compile(&documents);
        for _ in 0..REQUESTS {
            let ask = random::ask(&mut dice, &documents);
            let wanted = decide(&documents, &ask);
            let got = engine::outcome(&evaluate(&compiled, &engine::request(&ask)));
            if got != wanted {
                let both = format!("reference: {wanted:?}, engine: {got:?}");
                disagreements.entry(both).or_insert_with(|| explained(&documents, &ask));
            }
            count(&mut tally, wanted, 1);
        }
    }
    (tally, disagreements)
}

fn the_outcomes_are_balanced(tally: &Tally) {
    let times = |outcome| tally.iter().find(|(o, _)| *o == outcome).map_or(0, |(_, times)| *times);
    let all: u64 = tally.iter().map(|(_, times)| times).sum();
    assert!(times(Ok(())) * 100 >= all * 15, "too few are allowed: {tally:#?}");
    for kind in Kind::ALL {
        for denial in [Denial::Explicit(kind), Denial::Implicit(kind)] {
            assert!(times(Err(denial)) > 0, "{denial:?} never came: {tally:#?}");
        }
    }
}

fn count(tally: &mut Tally, outcome: Result<(), Denial>, times: u64) {
    match tally.iter_mut().find(|(o, _)| *o == outcome) {
        Some((_, sum)) => *sum += times,
        None => tally.push((outcome, times)),
    }
}

fn explained(documents: &Documents, ask: &Ask) -> String {
    let (documents, ask) = smaller(documents.clone(), ask.clone());
    let wanted = decide(&documents, &ask);
    let got = said(&documents, &ask);
    format!("reference: {wanted:?}\nengine:    {got:?}\n{ask:?}\n{}", shown(&documents))
}

fn said(documents: &Documents, ask: &Ask) -> Result<(), Denial> {
    engine::outcome(&evaluate(&engine::compile(documents), &engine::request(ask)))
}

/// The same disagreement with less of everything, as far as leaving one thing out at a time goes.
fn smaller(mut documents: Documents, mut ask: Ask) -> (Documents, Ask) {
    let differ = |documents: &Documents, ask: &Ask| decide(documents, ask) != said(documents, ask);
    loop {
        let fewer_documents = less::with_less(&documents).into_iter().find(|d| differ(d, &ask));
        let fewer_keys = (0..ask.keys.len())
            .map(|i| {
                let mut keys = ask.keys.clone();
                keys.remove(i);
                Ask { keys, ..ask.clone() }
            })
            .find(|ask| differ(&documents, ask));
        match (fewer_documents, fewer_keys) {
            (Some(fewer), _) => documents = fewer,
            (None, Some(fewer)) => ask = fewer,
            (None, None) => return (documents, ask),
        }
    }
}

fn shown(documents: &Documents) -> String {
    let mut lines = vec![format!("management account: {:?}", documents.management_account)];
    let mut show = |name: &str, list: &[serde_json::Value]| {
        lines.extend(list.iter().map(|json| format!("{name}: {json}")));
    };
    show("identity", &documents.identity);
    show("boundary", documents.boundary.as_deref().unwrap_or_default());
    show("session", documents.session.as_deref().unwrap_or_default());
    let name = if documents.is_trust { "trust" } else { "resource" };
    show(name, documents.resource.as_deref().unwrap_or_default());
    show("service control", &documents.service_control.concat());
    show("resource control", &documents.resource_control.concat());
    lines.join("\n")
}
