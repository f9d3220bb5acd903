//! The check of the trust policy: what it says to the workload, and how it is mended.

use crate::apply::Operation;
use crate::observe::ObservedRole;

use super::check::Checks;
use super::fix::Fix;
use super::near_names::{self, beside};
use super::observed::{Observed, claims, provider_arn};
use super::trust::{self, TrustAnswer, WorkloadClaims};
use super::{HopContext, narrowing};

/// What the trust policy says to the workload. A session that was made shows that it lets the token in.
pub(super) fn check(
    checks: &mut Checks,
    context: &HopContext<'_>,
    observed: &Observed,
    found: &ObservedRole,
    session_made: bool,
) {
    const NAME: &str = "trust policy";
    let Some(answer) = &observed.trust else {
        return checks.not_checked(NAME, "neither a token nor a federation names the workload");
    };
    let refused = match (answer, session_made) {
        (TrustAnswer::Allows, _) => {
            return checks.ok(NAME, "allows the issuer, subject, audience");
        }
        (TrustAnswer::Open(open), true) => {
            let on: Vec<&str> = open.iter().map(|condition| condition.key.as_str()).collect();
            let detail =
                format!("let the token in from here; it also depends on {}", on.join(", "));
            return checks.ok(NAME, detail);
        }
        (TrustAnswer::OlderVersion, true) => return checks.ok(NAME, "let the token in"),
        (TrustAnswer::Open(open), false) => {
            let lines = open.iter().map(|own| format!("  {}: {}", own.text, own.what));
            let head =
                "allows the issuer, subject, audience; not known whether these conditions hold";
            let lines: Vec<String> = std::iter::once(head.to_owned()).chain(lines).collect();
            let sentence = "verify it with the token where the workload runs: the session decides";
            return checks.unknown(NAME, lines.join("\n"), sentence);
        }
        (TrustAnswer::OlderVersion, false) => {
            let detail = "not known: its Version is older than 2012-10-17, and it has a `$`";
            return checks.unknown(NAME, detail, "");
        }
        (TrustAnswer::Refuses(why), _) => why.to_string(),
        (TrustAnswer::Invalid(why), _) => why.to_string(),
    };
    // A session for another workload's token does not show that this one is let in.
    if session_made && !is_foreign(context) {
        let detail = format!(
            "let the token in, and as IAM shows it now it does not: it may have been changed moments \
             ago\n{refused}"
        );
        return checks.warn(NAME, detail, "");
    }
    let what = match answer {
        TrustAnswer::Invalid(_) => "is not a valid trust policy",
        _ => "does not allow the token",
    };
    let detail = beside(
        &format!("{what}\n{}", refused.trim_end()),
        near_trust(context, observed, found).as_ref(),
    );
    checks.fail(NAME, detail, trust_fix(context, observed, found));
}

/// What the trust policy says to the file's other workloads. Their tokens are not here: what is known of them is
/// their issuer, subject and audience.
pub(super) fn others(
    checks: &mut Checks,
    context: &HopContext<'_>,
    observed: &Observed,
    found: &ObservedRole,
) {
    const NAME: &str = "other workloads";
    let HopContext { hop, now, .. } = *context;
    let (mut refused, mut open) = (Vec::new(), Vec::new());
    for other in &hop.others {
        let claims = WorkloadClaims::expected(&other.subject, &other.audience);
        let provider = provider_arn(hop, &other.issuer);
        match trust::answer(hop, found, (&other.issuer, &provider), &claims, now) {
            TrustAnswer::Allows => {}
            TrustAnswer::Open(_) | TrustAnswer::OlderVersion => open.push(other.name.as_str()),
            TrustAnswer::Refuses(_) | TrustAnswer::Invalid(_) => refused.push(other.name.as_str()),
        }
    }
    if !refused.is_empty() {
        let detail = format!("the trust policy does not allow: {}", refused.join(", "));
        checks.fail(NAME, detail, trust_fix(context, observed, found));
    } else if !open.is_empty() {
        let detail = format!("not known whether conditions hold for: {}", open.join(", "));
        checks.unknown(NAME, detail, "verify it with their tokens where they run");
    } else if !hop.others.is_empty() {
        checks.ok(NAME, format!("allows {} more of the file", hop.others.len()));
    }
}

/// Whom the trust policy names that is nearly this workload.
fn near_trust(
    context: &HopContext<'_>,
    observed: &Observed,
    found: &ObservedRole,
) -> Option<String> {
    let provider = observed.provider_arn(context.hop)?;
    let subject = claims(context)?.subject;
    near_names::trusted(&found.trust, &provider, &subject, &context.chain.audiences)
}

/// Whether the token is not the one that the chain's workload has.
fn is_foreign(context: &HopContext<'_>) -> bool {
    let HopContext { chain, token, .. } = *context;
    token.is_some_and(|token| {
        let subject = chain.subject.as_ref().is_some_and(|s| s != token.read.subject());
        let issuer = chain.issuer.as_ref().is_some_and(|i| i.as_str() != token.read.issuer());
        subject || issuer || token.read.require_audience(&chain.audiences).is_err()
    })
}

/// A role is right to refuse a token of another workload; and a condition that somebody set is not
/// taken away.
fn trust_fix(context: &HopContext<'_>, observed: &Observed, found: &ObservedRole) -> Fix {
    let HopContext { hop, options, .. } = *context;
    if is_foreign(context) {
        return "the token is another workload's: see the token's checks".into();
    }
    let of_file = hop.desired.iter().flat_map(|account| &account.providers);
    let issuers: Vec<_> =
        observed.issuer.iter().chain(of_file.map(|provider| &provider.issuer)).collect();
    let narrowing = match observed.issuer {
        Some(_) => narrowing::of_trust(&found.trust, &issuers),
        None => Vec::new(),
    };
    if !narrowing.is_empty() {
        let sentence = format!(
            "it is narrower than a trust policy for this workload: {}. Whoever set it may want it so: ask \
             before it is changed; this shows who changed the role last",
            narrowing.join("; ")
        );
        return Fix::commands([options.commands.who_changed(&hop.role)]).saying(sentence);
    }
    let fix = observed.fix(context, |operation| matches!(operation, Operation::SetTrust { .. }));
    if hop.desired.is_some() {
        return fix;
    }
    let provider = observed.provider_arn(hop);
    Fix::commands(options.commands.for_an_administrator(&hop.role, provider.as_ref()))
        .saying("correct its trust policy: it has to name this issuer, subject and audience")
}
