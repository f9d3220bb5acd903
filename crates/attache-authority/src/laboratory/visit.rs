//! One call on its way through the laboratory.

use std::sync::Arc;

use attache_aws_protocol::sigv4::SignatureError;
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::AccountId;
use serde_json::Value;
use time::OffsetDateTime;

use super::Laboratory;
use super::active::{Active, ChosenFault};
use super::errors::{Trouble, error};
use super::fault::FaultKind;
use super::paging::{self, Paging};
use super::rates::RatedCall;
use super::wire::{Effect, Spoilt};

/// Which call it is, before its caller is proved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallName<'c> {
    /// The account that the access key, or the role, names.
    pub(crate) account: Option<AccountId>,
    pub(crate) region: &'c str,
    /// The signing name.
    pub(crate) service: &'c str,
    pub(crate) operation: &'c str,
}

/// One call on its way through the laboratory. Of one that is off it changes nothing.
#[derive(Debug)]
pub(crate) struct Visit {
    laboratory: Option<Arc<Active>>,
    /// A call that waits for an issuer's keys is decided twice, and has its fault once.
    entered: bool,
    admitted: bool,
    fault: Option<ChosenFault>,
    paging: Option<Paging>,
    /// The token of the page that the caller asked for.
    token: Option<String>,
}

impl Visit {
    pub(crate) fn new(laboratory: &Laboratory) -> Self {
        let laboratory = laboratory.active();
        let (fault, paging, token) = (None, None, None);
        Self { laboratory, entered: false, admitted: false, fault, paging, token }
    }

    /// Whether there is no laboratory, so that nothing need be found out for it.
    pub(crate) fn is_off(&self) -> bool {
        self.laboratory.is_none()
    }

    /// Chooses the call's fault, and takes the laboratory's own tokens out of its input.
    pub(crate) fn enter(&mut self, call: CallName<'_>, request_id: &str, input: &mut Value) {
        let Some(laboratory) = &self.laboratory else { return };
        if !self.entered {
            self.entered = true;
            self.paging = Paging::of(call.service, call.operation);
            self.token = self.paging.and_then(|paging| paging.token(input));
            let chosen = laboratory.choose(call, self.paging, self.token.is_some());
            if let Some((number, fault)) = chosen {
                log(number, fault.kind, call, request_id);
                self.fault = Some(fault);
            }
        }
        let repeats = self.kind() == Some(FaultKind::RepeatedPage);
        let asks_for_first =
            self.token.as_deref().is_some_and(|token| repeats || paging::is_ours(token));
        if let Some(paging) = self.paging.filter(|_| asks_for_first) {
            paging.ask_for_first(input);
        }
    }

    fn kind(&self) -> Option<FaultKind> {
        self.fault.map(|fault| fault.kind)
    }

    /// The time by the service's clock.
    pub(crate) fn clock(&self, now: OffsetDateTime) -> OffsetDateTime {
        let skew = self.fault.filter(|fault| fault.kind == FaultKind::ClockSkew);
        match skew.and_then(|fault| fault.duration) {
            Some(skew) if skew.minus => now - skew.duration,
            Some(skew) => now + skew.duration,
            None => now,
        }
    }

    /// The refusal of a call that the laboratory does not let through, with the reason for the journal.
    /// Its caller is proved: who is not is refused for that.
    pub(crate) fn refuse(
        &mut self,
        call: CallName<'_>,
        protocol: Protocol,
        input: &Value,
    ) -> Option<(ServiceError, String)> {
        let laboratory = self.laboratory.as_ref()?;
        let CallName { region, service, operation, .. } = call;
        if let Some(account) = call.account
            && !self.admitted
        {
            self.admitted = true;
            let rated = RatedCall { account, region, service, operation, input };
            if !laboratory.admits(rated) {
                let reason = format!("the laboratory's rate of {service}:{operation} was exceeded");
                return Some((error(Trouble::Throttled, service, protocol), reason));
            }
        }
        let kind = self.kind()?;
        let error = match kind {
            FaultKind::Throttling => error(Trouble::Throttled, service, protocol),
            FaultKind::InternalError => error(Trouble::Failed, service, protocol),
            FaultKind::ServiceUnavailable => error(Trouble::Unavailable, service, protocol),
            FaultKind::ExpiredToken => SignatureError::SessionExpired.service_error(protocol),
            _ => return None,
        };
        Some((error, format!("a fault of the laboratory: {kind}")))
    }

    /// The members of an answer, where a fault changes them.
    pub(crate) fn rewrite(&self, members: &Value) -> Option<Value> {
        let (paging, kind) = (self.paging?, self.kind()?);
        let next = match (kind, &self.token) {
            (FaultKind::EndlessToken, _) if paging.has_next(members) => return None,
            (FaultKind::EndlessToken, token) => paging::token_after(token.as_deref()),
            (FaultKind::RepeatedPage, Some(token)) => token.clone(),
            (FaultKind::RepeatedPage, None) if paging.has_next(members) => return None,
            (FaultKind::RepeatedPage, None) => paging::token_after(None),
            _ => return None,
        };
        let mut members = members.clone();
        paging.set_next(&mut members, next);
        Some(members)
    }

    /// What is to be done with the bytes of the answer.
    pub(crate) fn effect(&self, now: OffsetDateTime) -> Option<Effect> {
        let fault = self.fault?;
        let spoilt = match fault.kind {
            FaultKind::Reset => Spoilt::Reset,
            FaultKind::ResetBody => Spoilt::ResetBody,
            FaultKind::TruncatedBody => Spoilt::TruncatedBody,
            FaultKind::ShortBody => Spoilt::ShortBody,
            FaultKind::SlowBody => Spoilt::SlowBody(fault.duration?.duration),
            FaultKind::Html502 => Spoilt::Html502,
            FaultKind::Empty200 => Spoilt::Empty200,
            FaultKind::NoContent => Spoilt::NoContent,
            FaultKind::ForeignJson => Spoilt::ForeignJson,
            FaultKind::ClockSkew => Spoilt::Date(self.clock(now)),
            _ => return None,
        };
        Some(Effect(spoilt))
    }
}

fn log(number: usize, kind: FaultKind, call: CallName<'_>, request_id: &str) {
    let CallName { account, region, service, operation } = call;
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    // Callers choose the operation's name.
    let operation = attache_identifiers::excerpt(operation, 100);
    tracing::warn!(
        fault = %kind,
        number,
        %account,
        region,
        operation = %format_args!("{service}:{operation}"),
        request_id,
        "the laboratory spoils a call"
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::LaboratorySettings;
    use super::*;

    fn visit(fault: &str, input: &mut Value) -> Visit {
        let laboratory = Laboratory::default();
        let faults = vec![fault.parse().unwrap()];
        let settings = LaboratorySettings { faults, ..LaboratorySettings::default() };
        laboratory.set(settings, &["iam"]).unwrap();
        let mut visit = Visit::new(&laboratory);
        let (region, service, operation) = ("us-east-1", "iam", "ListRoles");
        let call = CallName { account: None, region, service, operation };
        visit.enter(call, "id", input);
        visit
    }

    #[test]
    fn an_endless_list_goes_round_and_round_with_a_new_token_each_time() {
        let last = json!({"Roles": [1], "IsTruncated": false});
        let mut input = json!({"Marker": "theirs"});
        let visit_last = visit("endless-token", &mut input);
        assert_eq!(input, json!({"Marker": "theirs"}), "a page of its own is left as it is");
        let more = json!({"Roles": [1], "IsTruncated": true, "Marker": "m"});
        assert_eq!(visit_last.rewrite(&more), None);
        let answer = visit_last.rewrite(&last).unwrap();
        let first = answer["Marker"].clone();
        let mut input = json!({ "Marker": first });
        let again = visit("endless-token", &mut input);
        assert_eq!(input, json!({}), "and after the last page comes the first");
        assert_ne!(again.rewrite(&last).unwrap()["Marker"], first);
    }

    #[test]
    fn a_repeated_page_is_the_first_with_its_own_token() {
        let mut input = json!({"Marker": "theirs"});
        let repeated = visit("repeated-page", &mut input);
        assert_eq!(input, json!({}));
        let page = json!({"Roles": [1], "IsTruncated": true, "Marker": "theirs"});
        assert_eq!(repeated.rewrite(&page).unwrap()["Marker"], "theirs");
        let single = visit("repeated-page", &mut json!({}));
        let answer = single.rewrite(&json!({"Roles": [], "IsTruncated": false})).unwrap();
        assert!(paging::is_ours(answer["Marker"].as_str().unwrap()));
    }

    #[test]
    fn the_services_clock_is_ahead_or_behind() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let skewed = |fault| visit(fault, &mut json!({})).clock(now).unix_timestamp();
        assert_eq!(skewed("clock-skew"), 1200);
        assert_eq!(skewed("clock-skew,duration=-1h"), -3600);
        assert_eq!(skewed("500"), 0);
    }
}
