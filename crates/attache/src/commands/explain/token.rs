//! A token that asks: whether AWS would believe it, and the condition keys that it becomes.

use std::path::Path;

use attache_authority::TokenClaims;
use attache_identifiers::{AccountId, Arn};
use attache_oidc::{Refused, Unverified};
use attache_policy::{Context, Policy, Principal, WebIdentity};
use miette::miette;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::alternatives::another_than;
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

/// Reads and judges a token that asks for a role.
pub(super) fn judge(
    given: &str,
    jwks: Option<&Path>,
    role: &str,
    now: OffsetDateTime,
) -> miette::Result<(Unverified, TokenClaims, Judged)> {
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
    let (claims, misshapen) = match TokenClaims::read(token.claims()) {
        Ok(claims) => (claims, None),
        Err(why) => (TokenClaims::default(), Some(why)),
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

/// What a token asks: for a role whose account may not be known.
pub(super) struct TokenRequest<'t> {
    pub(super) token: &'t Unverified,
    pub(super) claims: &'t TokenClaims,
    /// Without its scheme.
    issuer: &'t str,
    partition: String,
    /// The role's account first; where that is not known, others in which it may be.
    accounts: Vec<AccountId>,
}

impl<'t> TokenRequest<'t> {
    /// The account is that of the role, where it is known. Else it is guessed from the providers that
    /// the trust policy names, the issuer's own first; and one that it does not name is tried as well.
    pub(super) fn new(
        token: &'t Unverified,
        claims: &'t TokenClaims,
        role: &str,
        account: Option<AccountId>,
        trust: Option<&Policy>,
    ) -> miette::Result<Self> {
        let issuer = token.issuer();
        let issuer = issuer.strip_prefix("https://").unwrap_or(issuer);
        let mut providers = trust.map(|trust| providers(trust, issuer)).unwrap_or_default();
        if let Some(account) = account {
            let partition = Arn::parse(role).map(|arn| arn.partition().as_str().to_owned());
            let named = providers.first().map(|(partition, _)| partition.clone());
            let partition = partition.ok().or(named).unwrap_or_else(|| "aws".to_owned());
            return Ok(Self { token, claims, issuer, partition, accounts: vec![account] });
        }
        let Some((partition, _)) = providers.first().cloned() else {
            let help = "give the role's ARN: --resource arn:aws:iam::222222222222:role/Name";
            return Err(miette!(help = help, "the role's account is not known"));
        };
        let mut accounts: Vec<AccountId> = providers.drain(..).map(|(_, own)| own).collect();
        accounts.extend(another_than(&accounts));
        Ok(Self { token, claims, issuer, partition, accounts })
    }

    /// The account that is taken to be the role's, and the others that may be.
    pub(super) fn accounts(&self) -> (Option<AccountId>, &[AccountId]) {
        match self.accounts.split_first() {
            Some((first, others)) => (Some(*first), others),
            None => (None, &[]),
        }
    }

    /// The principal that the token's holder is to that account.
    pub(super) fn principal(&self, account: AccountId, context: &mut Context) -> Principal {
        let Self { token, issuer, partition, .. } = self;
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
        self.add_claims(context);
        Principal::WebIdentity { provider_arn }
    }

    /// The keys of what the token says to AWS itself.
    fn add_claims(&self, context: &mut Context) {
        let TokenClaims { tags, transitive_tag_keys, source_identity, roles } = self.claims;
        for (key, value) in tags {
            context.set_at(&["aws:RequestTag/", key], value);
        }
        if !tags.is_empty() {
            context.set_many("aws:TagKeys", tags.iter().map(|(key, _)| key));
        }
        if !transitive_tag_keys.is_empty() {
            context.set_many("sts:TransitiveTagKeys", transitive_tag_keys);
        }
        if let Some(identity) = source_identity {
            context.set("sts:SourceIdentity", identity);
        }
        context.set("sts:RoleAuthorizedByIdp", if roles.is_some() { "true" } else { "false" });
    }
}

/// The partitions and accounts of the providers that a trust policy names, the issuer's own first,
/// each once.
fn providers(trust: &Policy, issuer: &str) -> Vec<(String, AccountId)> {
    let named = trust.federated_principals().filter_map(|text| Arn::parse(text).ok());
    let mut named: Vec<Arn> =
        named.filter(|arn| arn.resource().starts_with("oidc-provider/")).collect();
    let is_own = |arn: &Arn| arn.resource().strip_prefix("oidc-provider/") == Some(issuer);
    named.sort_by_key(|arn| !is_own(arn));
    let mut found: Vec<(String, AccountId)> = Vec::new();
    for arn in named {
        let Some(account) = arn.account() else { continue };
        if found.iter().all(|(_, known)| *known != account) {
            found.push((arn.partition().as_str().to_owned(), account));
        }
    }
    found
}
