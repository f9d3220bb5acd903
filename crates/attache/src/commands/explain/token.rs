//! A token that asks: whether AWS would believe it, and the condition keys that it becomes.

use std::path::Path;

use ::token::{Refused, Unverified};
use miette::miette;
use names::{AccountId, Arn};
use policy::{Context, Principal, WebIdentity};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use crate::commands::token::read;

/// What AWS would say of the token itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Judged {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) signature_checked: bool,
    /// Why it would not be believed; nothing where it would.
    pub(super) refused: Option<String>,
}

/// Reads and judges a token.
pub(super) fn judge(
    given: &str,
    jwks: Option<&Path>,
    now: OffsetDateTime,
) -> miette::Result<(Unverified, Judged)> {
    let read = read::token(given)?;
    // Without its shape there are no claims to go on with.
    let token = Unverified::parse(&read).map_err(|refused| {
        miette!(help = "`attache token show` shows what it says", "the token is refused: {refused}")
    })?;
    let times: Result<(), Refused> = match jwks {
        Some(file) => token.clone().verify(&read::jwks(file)?, now).map(drop),
        None => token.check_times(now),
    };
    let refused = times.err().or_else(|| token.audience().err()).map(|why| why.to_string());
    let judged = Judged {
        issuer: token.issuer().to_owned(),
        subject: token.subject().to_owned(),
        signature_checked: jwks.is_some(),
        refused,
    };
    Ok((token, judged))
}

/// The principal that the token's holder is to the role's account.
///
/// The account is that of the role, where one was named; else of the provider that the trust
/// policy names.
pub(super) fn principal(
    token: &Unverified,
    role: &str,
    trust: &str,
    context: &mut Context,
) -> miette::Result<(Principal, AccountId)> {
    let issuer = token.issuer();
    let issuer = issuer.strip_prefix("https://").unwrap_or(issuer);
    let of_role = Arn::parse(role).ok();
    let (account, partition) = match &of_role {
        Some(arn) => (arn.account(), arn.partition().as_str().to_owned()),
        None => provider_of(trust, issuer),
    };
    let account = account.ok_or_else(|| {
        let help = "give the role's ARN: --resource arn:aws:iam::222222222222:role/Name";
        miette!(help = help, "the role's account is not known")
    })?;
    let provider_arn = format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}");
    context.add_web_identity(&WebIdentity {
        provider_arn: &provider_arn,
        issuer,
        // A list without an azp is refused, and said so.
        audience: token.audience().unwrap_or_default(),
        subject: token.subject(),
        claims: token.claims().as_slice(),
        account,
    });
    // What the list would be held against shows where it goes wrong.
    if token.audience().is_err()
        && let Some(Value::Array(list)) = token.claims().get("aud")
    {
        let list = list.iter().filter_map(Value::as_str);
        context.set_many(&format!("{issuer}:aud"), list);
    }
    Ok((Principal::WebIdentity { provider_arn }, account))
}

/// The account and partition of the provider that a trust policy names, the issuer's own first.
fn provider_of(trust: &str, issuer: &str) -> (Option<AccountId>, String) {
    let named = trust.split('"').filter_map(|text| Arn::parse(text).ok());
    let mut providers: Vec<Arn> =
        named.filter(|arn| arn.resource().starts_with("oidc-provider/")).collect();
    providers.sort_by_key(|arn| !arn.resource().ends_with(issuer));
    match providers.first() {
        Some(arn) => (arn.account(), arn.partition().as_str().to_owned()),
        None => (None, "aws".to_owned()),
    }
}
