//! Who else can become a role, and what else it may do: everything beyond what the chain declares.
//!
//! A witness is a request that is allowed and should not be. What the engine does not decide in time
//! is not known, and never ok.

use crate::clients::Clients;
use crate::comparison::Gain;
use crate::document::{Role, Setting};
use crate::observe::{self, ObservedProvider, ObservedRole};
use crate::permissions::{self, Document};
use crate::plan::{differences, same_name, trust_gain};

use super::chain::{Chain, Leg};
use super::check::Checks;
use super::token::Presented;

pub(super) const WHO_ELSE: &str = "who else";
pub(super) const WHAT_ELSE: &str = "what else";

/// AWS's: seconds that a session lasts at most where nothing is said of it.
const DEFAULT_SESSION: i32 = 3600;

const REMEDY: &str = "`attache plan` shows the difference, `attache apply` mends it";

/// Compares the trust policy with the one that lets in the workload and nobody else.
pub(super) async fn who_else(
    checks: &mut Checks,
    leg: &Leg,
    chain: &Chain,
    token: Option<&Presented>,
    found: &ObservedRole,
) {
    let issuer = chain.issuer.clone();
    let issuer = issuer.or_else(|| attache_identifiers::Issuer::parse(token?.read.issuer()).ok());
    let subject = chain.subject.as_deref().or_else(|| token.map(|token| token.read.subject()));
    let (Some(issuer), Some(subject)) = (issuer, subject) else {
        return checks.not_checked(WHO_ELSE, "no token and no federation says who is to get in");
    };
    let provider = super::account::provider_arn(leg, &issuer);
    let wanted = crate::trust_policy(&provider, &issuer, subject, &chain.audience);
    match trust_gain(&wanted.to_string(), &found.trust).await {
        Gain::Nothing => checks.ok(WHO_ELSE, format!("nobody but {subject}")),
        Gain::Unknown(why) => checks.warn(WHO_ELSE, format!("not known: {why}"), REMEDY),
        Gain::Something(witness) => {
            let detail = format!("the trust policy lets in more than {subject}: {witness}");
            // Without a federation's file the token is all that says who is meant.
            match leg.wanted {
                Some(_) => checks.fail(WHO_ELSE, detail, REMEDY),
                None => checks.warn(WHO_ELSE, detail, "narrow the role's trust policy"),
            }
        }
    }
}

/// Client ids that the chain does not need: whoever has a token for one of them is a condition away
/// from the role.
pub(super) fn other_audiences(checks: &mut Checks, chain: &Chain, found: &ObservedProvider) {
    let others = found.client_ids.iter().filter(|own| **own != chain.audience);
    let others: Vec<&str> = others.map(String::as_str).collect();
    if others.is_empty() {
        return checks.ok("other audiences", "none");
    }
    checks.warn(
        "other audiences",
        format!("the provider takes tokens for these too: {}", others.join(", ")),
        "where nothing else needs them: `aws iam remove-client-id-from-open-id-connect-provider`",
    );
}

/// Compares the role's policies with the file's.
pub(super) async fn what_else(
    checks: &mut Checks,
    leg: &Leg,
    found: &ObservedRole,
    clients: &Clients,
) {
    let Some(wanted) = &leg.wanted else { return without_a_file(checks, found) };
    limits(checks, wanted, found);
    let compared = Compared::new(wanted, found);
    if compared.is_same() {
        return checks.ok(WHAT_ELSE, "nothing beyond the file's policies");
    }
    let words = compared.words();
    let gain = compared.gain(clients).await;
    match gain {
        Gain::Something(witness) => {
            checks.fail(
                WHAT_ELSE,
                format!("{words}: the role may, for example, {witness}"),
                REMEDY,
            );
        }
        Gain::Unknown(why) if compared.has_extra() => {
            checks.fail(
                WHAT_ELSE,
                format!("{words}; what that allows is not known: {why}"),
                REMEDY,
            );
        }
        Gain::Unknown(why) => {
            checks.warn(WHAT_ELSE, format!("{words}; not known whether it is more: {why}"), REMEDY);
        }
        Gain::Nothing => {
            checks.warn(WHAT_ELSE, format!("{words}; that allows nothing more"), REMEDY);
        }
    }
}

/// The mediator's files do not say what the role may do.
fn without_a_file(checks: &mut Checks, found: &ObservedRole) {
    let names = found.policies.iter().chain(found.inline.keys());
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() {
        return checks.ok(WHAT_ELSE, "the role has no policies");
    }
    checks.warn(
        WHAT_ELSE,
        format!(
            "not checked, because no file says what the role may do. It has {}",
            names.join(", ")
        ),
        "verify it with a federation's file: `attache verify -f FILE`",
    );
}

/// The boundary and the length of sessions, where the file says something of them.
fn limits(checks: &mut Checks, wanted: &Role, found: &ObservedRole) {
    match (&wanted.boundary, &found.boundary) {
        (Setting::To(wanted), found) if found.as_ref() != Some(wanted) => {
            let found = found.as_deref().unwrap_or("none");
            let detail = format!("the file wants {wanted}, the role has {found}");
            checks.fail("permissions boundary", detail, REMEDY);
        }
        (Setting::Removed, Some(found)) => {
            let detail = format!("the file wants none, the role has {found}");
            checks.warn("permissions boundary", detail, REMEDY);
        }
        (Setting::To(wanted), _) => checks.ok("permissions boundary", wanted),
        _ => {}
    }
    let most = match wanted.max_session {
        Setting::Unmentioned => return,
        Setting::Removed => DEFAULT_SESSION,
        Setting::To(seconds) => seconds,
    };
    let length = found.max_session;
    if length > most {
        let detail = format!("sessions may last {length} s, the file wants at most {most} s");
        checks.fail("session length", detail, REMEDY);
    } else {
        checks.ok("session length", format!("at most {length} s"));
    }
}

/// What the role has beside what the file wants.
struct Compared<'r> {
    /// Managed policies that the role has and the file wants.
    common: Vec<&'r String>,
    /// Managed policies that the file does not have.
    extra: Vec<&'r String>,
    /// Inline policies that are as the file wants them.
    same: Vec<Document>,
    /// Inline policies that are otherwise, as they are and as the file wants them.
    drifted: Vec<(Document, Document)>,
    /// Inline policies that the file does not have.
    added: Vec<Document>,
    /// Inline policies that the role does not have.
    missing: Vec<Document>,
}

impl<'r> Compared<'r> {
    fn new(wanted: &Role, found: &'r ObservedRole) -> Self {
        let (common, extra) = found.policies.iter().partition(|arn| wanted.policies.contains(arn));
        let mut compared = Self {
            common,
            extra,
            same: Vec::new(),
            drifted: Vec::new(),
            added: Vec::new(),
            missing: Vec::new(),
        };
        for (name, text) in &found.inline {
            let now = Document { name: name.clone(), text: Ok(text.clone()) };
            match wanted.inline.iter().find(|(other, _)| same_name(other, name)) {
                None => compared.added.push(now),
                Some((_, wanted)) if differences("", text, wanted).is_empty() => {
                    compared.same.push(now);
                }
                Some((name, wanted)) => compared.drifted.push((now, of_file(name, wanted))),
            }
        }
        let gone = wanted
            .inline
            .iter()
            .filter(|(name, _)| !found.inline.keys().any(|other| same_name(other, name)));
        compared.missing = gone.map(|(name, wanted)| of_file(name, wanted)).collect();
        compared
    }

    fn is_same(&self) -> bool {
        !self.has_extra() && self.drifted.is_empty() && self.missing.is_empty()
    }

    fn has_extra(&self) -> bool {
        !self.extra.is_empty() || !self.added.is_empty()
    }

    fn words(&self) -> String {
        let mut words = Vec::new();
        let mut say = |what: &str, names: Vec<&str>| {
            if !names.is_empty() {
                words.push(format!("{what}: {}", names.join(", ")));
            }
        };
        say("attached and not in the file", self.extra.iter().map(|arn| arn.as_str()).collect());
        say("inline and not in the file", self.added.iter().map(|own| own.name.as_str()).collect());
        let drifted = self.drifted.iter().map(|(now, _)| now.name.as_str());
        say("not as in the file", drifted.collect());
        say("not on the role", self.missing.iter().map(|own| own.name.as_str()).collect());
        words.join("; ")
    }

    async fn gain(&self, clients: &Clients) -> Gain {
        let mut kept = self.same.clone();
        for arn in &self.common {
            kept.push(managed(clients, arn).await);
        }
        let mut added = self.added.clone();
        for arn in &self.extra {
            added.push(managed(clients, arn).await);
        }
        added.extend(self.drifted.iter().map(|(now, _)| now.clone()));
        let wanted = self.drifted.iter().map(|(_, wanted)| wanted.clone());
        let removed: Vec<Document> = wanted.chain(self.missing.iter().cloned()).collect();
        permissions::gained(&kept, &removed, &added).await
    }
}

fn of_file(name: &str, document: &serde_json::Value) -> Document {
    Document { name: name.to_owned(), text: Ok(document.to_string()) }
}

async fn managed(clients: &Clients, arn: &str) -> Document {
    Document { name: arn.to_owned(), text: observe::managed_document(clients, arn).await }
}
