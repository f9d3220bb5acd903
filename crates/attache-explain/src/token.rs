//! A web identity token as the caller, and its condition keys.

use attache_identifiers::{AccountId, Arn, Partition};
use attache_oidc::UnverifiedToken;
use attache_policy::condition_keys::AssumeRoleKeys;
use attache_policy::{Context, Policy, Principal, TokenClaims, WebIdentity};
use serde_json::Value;

use crate::ExplainError;
use crate::alternatives::another_than;

/// A token, and what AWS reads of it.
#[derive(Debug, Clone, Copy)]
pub struct TokenCaller<'t> {
    /// The token. Its signature is not checked here.
    pub token: &'t UnverifiedToken,
    /// Its claims that are meant for AWS.
    pub claims: &'t TokenClaims,
}

/// A token's request for a role whose account may not be known.
pub(crate) struct TokenRequest<'t> {
    caller: TokenCaller<'t>,
    /// Without its scheme.
    issuer: &'t str,
    partition: Partition,
    /// The role's account first; where that is not known, others in which it may be.
    accounts: Vec<AccountId>,
}

impl<'t> TokenRequest<'t> {
    /// The account is that of the role, where it is known. Else it is guessed from the providers that
    /// the trust policy names, the issuer's own first; and one that it does not name is tried as well.
    pub(crate) fn new(
        caller: TokenCaller<'t>,
        role: &str,
        account: Option<AccountId>,
        trust: Option<&Policy>,
    ) -> Result<Self, ExplainError> {
        let issuer = caller.token.issuer();
        let issuer = issuer.strip_prefix("https://").unwrap_or(issuer);
        let mut providers = trust.map(|trust| providers(trust, issuer)).unwrap_or_default();
        if let Some(account) = account {
            let partition = Arn::parse(role).map(|arn| arn.partition().clone());
            let named = providers.first().map(|(partition, _)| partition.clone());
            let partition = partition.ok().or(named).unwrap_or_else(Partition::aws);
            return Ok(Self { caller, issuer, partition, accounts: vec![account] });
        }
        let Some((partition, _)) = providers.first().cloned() else {
            return Err(ExplainError::RoleAccount);
        };
        let mut accounts: Vec<AccountId> =
            providers.drain(..).map(|(_, account)| account).collect();
        accounts.extend(another_than(&accounts));
        Ok(Self { caller, issuer, partition, accounts })
    }

    /// The account that is taken to be the role's, and the others that may be.
    pub(crate) fn accounts(&self) -> (Option<AccountId>, &[AccountId]) {
        match self.accounts.split_first() {
            Some((first, others)) => (Some(*first), others),
            None => (None, &[]),
        }
    }

    /// The principal that the token's holder is to that account.
    pub(crate) fn principal(&self, account: AccountId, context: &mut Context) -> Principal {
        let Self { caller, issuer, partition, .. } = self;
        let token = caller.token;
        let provider_arn = Arn::oidc_provider(partition.clone(), account, issuer).to_string();
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
        caller.claims.add_to(context, AssumeRoleKeys::default());
        Principal::WebIdentity { provider_arn }
    }
}

/// The partitions and accounts of the providers that a trust policy names, the issuer's own first,
/// each once.
fn providers(trust: &Policy, issuer: &str) -> Vec<(Partition, AccountId)> {
    let named = trust.federated_principals().filter_map(|text| Arn::parse(text).ok());
    let mut named: Vec<Arn> =
        named.filter(|arn| arn.resource().starts_with("oidc-provider/")).collect();
    let is_own = |arn: &Arn| arn.resource().strip_prefix("oidc-provider/") == Some(issuer);
    named.sort_by_key(|arn| !is_own(arn));
    let mut found: Vec<(Partition, AccountId)> = Vec::new();
    for arn in named {
        let Some(account) = arn.account() else { continue };
        if found.iter().all(|(_, known)| *known != account) {
            found.push((arn.partition().clone(), account));
        }
    }
    found
}
