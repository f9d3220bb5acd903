//! What a decision, a refusal's explanation and reading a document cost.
//!
//! `ATTACHE_MANAGED_POLICIES=DIR cargo bench -p policy` takes AWS's own `ReadOnlyAccess` from there.
#![allow(missing_docs, clippy::panic)]

mod documents;

use std::hint::black_box;

use attache_policy::{Kind, Policy, PolicySet, evaluate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    for case in documents::cases() {
        let policies = case.policies();
        assert_eq!(evaluate(&policies, &case.request).is_allowed(), case.allowed, "{}", case.name);
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| evaluate(black_box(&policies), black_box(&case.request)).is_allowed());
        });
    }
}

fn explain(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("explain");
    for case in documents::cases().iter().filter(|case| !case.allowed) {
        let policies = case.policies();
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| evaluate(black_box(&policies), &case.request).explain());
        });
    }
}

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    let documents = [
        ("the seed's trust policy", documents::seed(), Kind::Trust),
        ("20 statements with conditions", documents::conditions(), Kind::Identity),
        ("ReadOnlyAccess", documents::read_only(), Kind::Identity),
    ];
    for (name, text, kind) in documents {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| Policy::parse(black_box(&text), kind).map(PolicySet::from));
        });
    }
}

criterion_group!(benches, decide, explain, parse);
criterion_main!(benches);
