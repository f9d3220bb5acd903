//! An admission review of any bytes: it is refused, or answered in its form, by the injector and by the gate.
#![no_main]

use attache_admission::{
    AccountAnnotations, GateAction, Knowledge, MappedRoles, PodIdentities, Review, Settings, mutate, validate,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(review) = Review::read(data) else { return };
    let Some(object) = &review.object else { return };
    let account = AccountAnnotations {
        role_arn: Some("arn:aws:iam::222222222222:role/A".into()),
        ..AccountAnnotations::default()
    };
    let (mapped, identities) = (MappedRoles::default(), PodIdentities::default());
    let known = Knowledge { account: &account, mapped: &mapped, identities: &identities };
    let settings = Settings::default();
    let injected = mutate(&review.request, object, known, &settings);
    let answer = review.answer(&injected.answer);
    assert_eq!(answer["response"]["uid"], review.request.uid.as_str());
    assert!(injected.answer.warnings.iter().all(|one| one.chars().count() <= 256));
    let told = validate(&review.request, object, known, &settings, GateAction::Deny);
    review.answer(&told);
});
