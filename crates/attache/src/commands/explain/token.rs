//! The token of a request: whether AWS would accept it.

use std::path::Path;

use attache_oidc::{TokenError, UnverifiedToken};
use attache_policy::TokenClaims;
use miette::miette;
use serde::Serialize;
use time::OffsetDateTime;

use crate::commands::token::read;

/// The token, and AWS's verdict on it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Judged {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) signature_checked: bool,
    /// Why AWS would refuse it, if it would.
    pub(super) refused: Option<String>,
}

/// Reads and verifies the token of a request for a role.
pub(super) fn judge(
    given: &str,
    jwks: Option<&Path>,
    role: &str,
    now: OffsetDateTime,
) -> miette::Result<(UnverifiedToken, TokenClaims, Judged)> {
    let read = read::token(given)?;
    // Without its shape there are no claims to go on with.
    let token = UnverifiedToken::parse(&read).map_err(|refused| {
        miette!(help = "`attache token show` shows its claims", "the token is refused: {refused}")
    })?;
    let times: Result<(), TokenError> = match jwks {
        Some(file) => token.clone().verify(&read::jwks(file)?, now).map(drop),
        None => token.check_times(now),
    };
    let refused = times.err().or_else(|| token.audience().err()).map(|why| why.to_string());
    let (claims, misshapen) = match TokenClaims::read(token.claims().as_slice()) {
        Ok(claims) => (claims, None),
        Err(why) => (TokenClaims::default(), Some(why.to_string())),
    };
    let refused = refused.or(misshapen).or_else(|| not_listed(&claims, role));
    let judged = Judged {
        issuer: token.issuer().to_owned(),
        subject: token.subject().to_owned(),
        signature_checked: jwks.is_some(),
        refused,
    };
    Ok((token, claims, judged))
}

/// A token may limit itself to some roles. Which one is asked for is not always known.
fn not_listed(claims: &TokenClaims, role: &str) -> Option<String> {
    let listed = claims.roles.as_ref()?;
    let known = role != "*" && !listed.iter().any(|own| own == role);
    known.then(|| format!("its claim https://aws.amazon.com/roles does not list {role}"))
}
