//! What IAM says of the provider and the role of a hop, read once for all checks.

use std::collections::BTreeMap;

use attache_aws_accounts::AccountError;
use attache_identifiers::{AccountId, Issuer, ProviderArn};

use crate::apply::Operation;
use crate::clients::Clients;
use crate::desired::Provider;
use crate::error::FederationError;
use crate::observe::{self, FoundProvider, ObservedProvider, ObservedRole};

use super::chain::RoleHop;
use super::comparison::HopComparison;
use super::fix::Fix;
use super::trust::{self, TrustAnswer, WorkloadClaims};
use super::{HopContext, near_names};

/// What reads IAM in the role's account, or why nothing can.
pub(super) type Reader = Result<Clients, Unreadable>;

/// Why a check of what IAM says was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// An administrator's credentials are there and cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Neither an administrator's credentials nor a session are there.
    #[error("there are no credentials for {0}")]
    NoCredentials(AccountId),
    /// The provider is not known.
    #[error("no issuer is known: there is neither a token nor a federation")]
    NoIssuer,
    /// IAM refused.
    #[error("these credentials may not read IAM ({0})")]
    Denied(#[source] FederationError),
    /// The call failed otherwise.
    #[error(transparent)]
    Failed(FederationError),
}

impl From<FederationError> for Unreadable {
    fn from(error: FederationError) -> Self {
        match error.code() {
            Some("AccessDenied") => Self::Denied(error),
            _ => Self::Failed(error),
        }
    }
}

/// What IAM says of the provider and the role.
pub(super) struct Observed {
    pub(super) issuer: Option<Issuer>,
    pub(super) provider: Result<Option<ObservedProvider>, Unreadable>,
    /// The providers of the file's other clusters, in its order.
    pub(super) other_providers: Vec<(Provider, Result<Option<ObservedProvider>, Unreadable>)>,
    pub(super) role: Result<Option<ObservedRole>, Unreadable>,
    /// Beside the file, where there is one and the role can be read.
    pub(super) compared: Option<HopComparison>,
    /// What the trust policy says to the workload's call, where both are known.
    pub(super) trust: Option<TrustAnswer>,
    /// What stands beside a provider or a role that is not there.
    pub(super) near_provider: Option<String>,
    pub(super) near_role: Option<String>,
}

impl Observed {
    /// Reads the provider and the role.
    pub(super) async fn read(context: &HopContext<'_>, reader: &Reader) -> Self {
        let HopContext { hop, chain, token, now, .. } = *context;
        let issuer = match token {
            Some(token) => Issuer::parse(token.read.issuer()).ok(),
            None => chain.issuer.clone(),
        };
        let mut observed = Self {
            issuer,
            provider: Ok(None),
            other_providers: Vec::new(),
            role: Ok(None),
            compared: None,
            trust: None,
            near_provider: None,
            near_role: None,
        };
        let clients = match reader {
            Ok(clients) => clients,
            Err(why) => {
                (observed.provider, observed.role) = (Err(why.again()), Err(why.again()));
                let of_file = others(hop, observed.provider_arn(hop));
                observed.other_providers =
                    of_file.map(|other| (other.clone(), Err(why.again()))).collect();
                return observed;
            }
        };
        observed.provider = match observed.provider_arn(hop) {
            None => Err(Unreadable::NoIssuer),
            Some(arn) => observe::provider(clients, &arn).await.map_err(Unreadable::from),
        };
        for other in others(hop, observed.provider_arn(hop)) {
            let found = observe::provider(clients, &other.arn).await.map_err(Unreadable::from);
            observed.other_providers.push((other.clone(), found));
        }
        observed.role = observe::role(clients, hop.role.name()).await.map_err(Unreadable::from);
        if let Ok(Some(role)) = &observed.role
            && let (Some(issuer), Some(claims)) = (&observed.issuer, claims(context))
        {
            let provider = provider_arn(hop, issuer);
            observed.trust = Some(trust::answer(hop, role, (issuer, &provider), &claims, now));
        }
        observed
    }

    /// Reads the role alone, where there is no token and no provider.
    pub(super) async fn read_role(context: &HopContext<'_>, reader: &Reader) -> Self {
        let role = match reader {
            Ok(clients) => {
                let name = context.hop.role.name();
                observe::role(clients, name).await.map_err(Unreadable::from)
            }
            Err(why) => Err(why.again()),
        };
        Self {
            issuer: None,
            provider: Ok(None),
            other_providers: Vec::new(),
            role,
            compared: None,
            trust: None,
            near_provider: None,
            near_role: None,
        }
    }

    /// Reads what only the report needs: the comparison with the file, and what stands beside what is not
    /// there.
    pub(super) async fn look_further(&mut self, context: &HopContext<'_>, reader: &Reader) {
        let HopContext { hop, chain, .. } = *context;
        let Ok(clients) = reader else { return };
        if let (Some(providers), Ok(role)) = (self.providers(hop), &self.role) {
            self.compared = HopComparison::new(hop, chain, providers, role.as_ref(), clients).await;
        }
        self.look_beside(hop, clients).await;
    }

    /// Those of the providers that are there; nothing where one of them could not be read.
    fn providers(&self, hop: &RoleHop) -> Option<BTreeMap<ProviderArn, FoundProvider>> {
        let own = self.provider.as_ref().ok()?.as_ref();
        let mut found: BTreeMap<ProviderArn, FoundProvider> = BTreeMap::new();
        let mut add = |arn: ProviderArn, provider: &ObservedProvider| {
            let (provider, uses) = (provider.clone(), BTreeMap::new());
            found.insert(arn, FoundProvider { provider, uses });
        };
        self.provider_arn(hop).zip(own).into_iter().for_each(|(arn, own)| add(arn, own));
        for (other, read) in &self.other_providers {
            read.as_ref().ok()?.iter().for_each(|own| add(other.arn.clone(), own));
        }
        Some(found)
    }

    /// Near names of what is not there. They are a help: where they cannot be listed there is none.
    async fn look_beside(&mut self, hop: &RoleHop, clients: &Clients) {
        if let (Ok(None), Some(issuer)) = (&self.provider, &self.issuer) {
            self.near_provider = near_names::providers(clients, issuer).await.ok().flatten();
        }
        if let Ok(None) = &self.role {
            let provider = self.provider_arn(hop);
            let near = near_names::roles(clients, hop.role.name(), provider.as_ref()).await;
            self.near_role = near.ok().flatten();
        }
    }

    /// A name for the session that the trust policy wants.
    pub(super) fn session_name(&self) -> Option<String> {
        match &self.trust {
            Some(TrustAnswer::Open(open)) => open.iter().find_map(|own| own.session_name.clone()),
            _ => None,
        }
    }

    /// The issuer's provider in the role's account.
    pub(super) fn provider_arn(&self, hop: &RoleHop) -> Option<ProviderArn> {
        self.issuer.as_ref().map(|issuer| provider_arn(hop, issuer))
    }

    /// The commands for some of what the comparison would change.
    pub(super) fn fix(&self, context: &HopContext<'_>, wanted: impl Fn(&Operation) -> bool) -> Fix {
        let compared = self.compared.as_ref();
        compared.map_or_else(Fix::default, |own| own.fix(&context.options.commands, wanted))
    }
}

impl Unreadable {
    /// The same words for another check.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::NoCredentials(account) => Self::NoCredentials(*account),
            other => Self::Failed(FederationError::Unreadable { why: other.to_string() }),
        }
    }
}

/// The providers of the file's clusters other than that one.
fn others(hop: &RoleHop, own: Option<ProviderArn>) -> impl Iterator<Item = &Provider> {
    let of_file = hop.desired.iter().flat_map(|account| &account.providers);
    of_file.filter(move |other| Some(&other.arn) != own.as_ref())
}

/// In the role's own partition.
pub(super) fn provider_arn(hop: &RoleHop, issuer: &Issuer) -> ProviderArn {
    issuer.provider(hop.role.partition().clone(), hop.role.account())
}

/// The claims to check: the token's, or those of the workload that the federation declares.
pub(super) fn claims(context: &HopContext<'_>) -> Option<WorkloadClaims> {
    let chain = context.chain;
    match context.token {
        Some(token) => Some(WorkloadClaims::of(&token.read, chain.audience())),
        None => {
            let subject = chain.subject.as_ref()?;
            Some(WorkloadClaims::expected(subject, chain.audience()))
        }
    }
}
