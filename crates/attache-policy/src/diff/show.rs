//! Differences in words, and requests as people write them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::comparison::Comparison;
use super::{Difference, Witness};
use crate::condition_keys::is_no_claim_key;
use crate::{Principal, Request};

/// The actions by which someone of that kind becomes a role.
pub(super) fn trust_actions(principal: &Principal) -> &'static [&'static str] {
    match principal {
        Principal::WebIdentity { provider_arn } if provider_arn.contains(":saml-provider/") => {
            &["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
        }
        Principal::WebIdentity { .. } => {
            &["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
        }
        Principal::Anonymous | Principal::CanonicalUser { .. } => &[],
        _ => &["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"],
    }
}

impl Comparison<'_> {
    /// A request as data. Its action has the case that the statement writes it in, as far as that goes,
    /// and its keys are spelled as in the policies.
    pub(super) fn witness(
        &self,
        request: &Request,
        principal: Option<String>,
        pattern: &str,
    ) -> Witness {
        let (request, without) = self.complete(request);
        let spellings: BTreeMap<String, String> = [&self.less, &self.more]
            .into_iter()
            .flat_map(|side| side.policy.condition_keys())
            .map(|key| (key.to_lowercase(), key))
            .collect();
        let written = |key: &str| spellings.get(key).cloned().unwrap_or_else(|| key.to_owned());
        let context = request.context.keys().filter_map(|key| {
            let values = request.context.get(key)?;
            (!values.is_empty()).then(|| (written(key), values.to_vec()))
        });
        let action = recased(&request.action, pattern);
        Witness {
            principal,
            action: action.clone(),
            resource: request.resource.clone(),
            context: context.collect(),
            without: without.iter().map(|key| written(key)).collect(),
            request: Request { action, ..request },
        }
    }

    /// The request with a value for each key that the other policy's conditions are on, and the keys that
    /// it cannot have. Most requests have the keys that policies ask for: a token without a subject shows
    /// nobody who it is that is let in now and was not before.
    fn complete(&self, request: &Request) -> (Request, Vec<String>) {
        let mut request = request.clone();
        let mut without = Vec::new();
        let condition_keys: BTreeSet<String> = self
            .less
            .statements
            .iter()
            .flat_map(|view| &view.statement.conditions)
            .map(|condition| condition.key.text.to_lowercase())
            .collect();
        for key in condition_keys {
            let present = request.context.get(&key).is_some_and(|values| !values.is_empty());
            if present || self.fixed.has(&key) || is_no_claim_key(&key) {
                continue;
            }
            let values = self.values.get(&key).map(|known| known.single.as_slice());
            let with = |value: &String| {
                let mut context = request.context.clone();
                context.set(&key, value);
                Request { context, ..request.clone() }
            };
            match values.unwrap_or_default().iter().map(with).find(|with| self.confirms(with)) {
                Some(with) => request = with,
                None => without.push(key),
            }
        }
        (request, without)
    }
}

fn recased(action: &str, pattern: &str) -> String {
    let head = pattern.split(['*', '?']).next().unwrap_or_default();
    match action.get(head.len()..) {
        Some(rest) if action.to_ascii_lowercase().starts_with(&head.to_ascii_lowercase()) => {
            let mut rest = rest.chars();
            let first = rest.next().map(|own| own.to_ascii_uppercase());
            head.chars().chain(first).chain(rest).collect()
        }
        _ => action.to_owned(),
    }
}

impl fmt::Display for Witness {
    /// `arn:… may s3:PutObject on arn:… with aws:SourceIp = 10.0.0.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(principal) = &self.principal {
            write!(f, "{principal}: ")?;
        }
        write!(f, "{} on {}", self.action, self.resource)?;
        for (at, (key, values)) in self.context.iter().enumerate() {
            let before = if at == 0 { " with" } else { "," };
            write!(f, "{before} {key} = {}", values.join(" and "))?;
        }
        if !self.without.is_empty() {
            let before = if self.context.is_empty() { "" } else { "," };
            write!(f, "{before} without {}", self.without.join(" and "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Difference {
    /// Action, resource and principals in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", some(&self.actions))?;
        if !self.resources.is_empty() {
            write!(f, " on {}", some(&self.resources))?;
        }
        if !self.principals.is_empty() {
            write!(f, " for {}", some(&self.principals))?;
        }
        Ok(())
    }
}

/// The first few of a list, and how many more there are.
fn some(list: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = list.iter().take(SHOWN).map(String::as_str).collect();
    match list.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
