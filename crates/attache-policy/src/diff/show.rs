//! Differences in words, and requests as people write them.

use std::fmt;

use super::{Difference, Witness};
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

/// A request as data. Its action has the case that the statement writes it in, as far as that goes.
pub(super) fn witness(request: &Request, principal: Option<String>, pattern: &str) -> Witness {
    let context = request.context.keys().filter_map(|key| {
        let values = request.context.get(key)?;
        (!values.is_empty()).then(|| (key.to_owned(), values.to_vec()))
    });
    let action = recased(&request.action, pattern);
    Witness {
        principal,
        action: action.clone(),
        resource: request.resource.clone(),
        context: context.collect(),
        request: Request { action, ..request.clone() },
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
    /// `arn:… may s3:PutObject on arn:… with aws:sourceip = 10.0.0.1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(principal) = &self.principal {
            write!(f, "{principal}: ")?;
        }
        write!(f, "{} on {}", self.action, self.resource)?;
        for (at, (key, values)) in self.context.iter().enumerate() {
            let before = if at == 0 { " with" } else { "," };
            write!(f, "{before} {key} = {}", values.join(" and "))?;
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
