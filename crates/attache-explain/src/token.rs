//! A web identity token as the caller, and its condition keys.

use attache_identifiers::{AccountId, Arn, Partition};
use attache_oidc::UnverifiedToken;
use attache_policy::condition_keys::{
    AssumeRoleKeys, PrincipalKeys, SessionTokenKeys, add_principal_tags,
};
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

impl TokenCaller<'_> {
    /// Adds the keys of the session that it began: `PrincipalKeys` of that session, what stays of the
    /// token, its tags and its source identity.
    pub(crate) fn add_to_session(
        self,
        keys: PrincipalKeys<'_>,
        context: &mut Context,
    ) -> Result<(), ExplainError> {
        let Principal::RoleSession { session_arn, .. } = keys.principal else {
            return Err(ExplainError::TokenOfNoSession);
        };
        let partition = Arn::parse(session_arn).map(|arn| arn.partition().clone());
        let account = keys.principal.account().ok_or(ExplainError::TokenOfNoSession)?;
        let issuer = host_and_path(self.token.issuer());
        let provider =
            Arn::oidc_provider(partition.unwrap_or_else(|_| Partition::aws()), account, issuer);
        let provider_arn = &provider.to_string();
        let source_identity = self.claims.source_identity.as_deref();
        PrincipalKeys { federated_provider: Some(provider_arn), source_identity, ..keys }
            .add_to(context);
        let identity = self.web_identity(provider_arn, account);
        let methods = &identity.methods();
        let (subject, audience) = (identity.subject, identity.audience);
        SessionTokenKeys { provider_arn, subject, audience, methods }.add_to(context);
        let tags = self.claims.tags.iter();
        add_principal_tags(context, tags.map(|(key, value)| (key.as_str(), value.as_str())));
        Ok(())
    }

    fn web_identity<'s>(&'s self, provider_arn: &'s str, account: AccountId) -> WebIdentity<'s> {
        WebIdentity {
            provider_arn,
            issuer: host_and_path(self.token.issuer()),
            // A list without an azp is refused, and said so.
            audience: self.token.audience().unwrap_or_default(),
            subject: self.token.subject(),
            claims: self.token.claims().as_slice(),
            account,
        }
    }
}

/// An issuer without its scheme.
fn host_and_path(issuer: &str) -> &str {
    issuer.strip_prefix("https://").unwrap_or(issuer)
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
        let issuer = host_and_path(caller.token.issuer());
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
        context.add_web_identity(&caller.web_identity(&provider_arn, account));
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
