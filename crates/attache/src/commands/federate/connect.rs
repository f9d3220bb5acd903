//! Who acts in which account.
//!
//! For each account, the first of: the profile named with `--profile`; the profile named by the
//! account's twelve digits; the default credentials, if they are this account's; the role named
//! with `--assume-role`, assumed with the default credentials. An account that nothing fits stays
//! without, and the command says so when it needs it.

use std::collections::BTreeMap;

use ::federation::Connections;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use names::{AccountId, RoleName};

/// How to reach the accounts.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ConnectArgs {
    /// The profile that acts in an account; may be given several times. Without it, the profile
    /// named by the account's 12 digits.
    #[arg(long, value_name = "ACCOUNT=NAME", value_parser = pair)]
    profile: Vec<(AccountId, String)>,

    /// The role to assume in accounts that have no profile, such as OrganizationAccountAccessRole.
    #[arg(long, value_name = "NAME", value_parser = RoleName::parse)]
    assume_role: Option<RoleName>,

    /// The endpoint to talk to instead of AWS's; `AWS_ENDPOINT_URL` works as well.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

fn pair(text: &str) -> Result<(AccountId, String), String> {
    let (account, name) = text.split_once('=').ok_or("it must be ACCOUNT=NAME")?;
    Ok((AccountId::parse(account).map_err(|e| e.to_string())?, name.to_owned()))
}

/// Connects to the accounts, as far as there are credentials for them.
pub(crate) async fn connect(
    args: &ConnectArgs,
    accounts: &[AccountId],
    region: &str,
) -> miette::Result<Connections> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest());
    loader = loader.region(Region::new(region.to_owned()));
    if let Some(url) = &args.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let base = loader.load().await;
    let chosen: BTreeMap<_, _> = args.profile.iter().cloned().collect();
    let mut connections = Connections::new(base.clone());
    let mut without = Vec::new();
    for account in accounts {
        match profile(*account, chosen.get(account)).await? {
            Some(who) => connections = connections.with(*account, who),
            None => without.push(*account),
        }
    }
    if without.is_empty() {
        return Ok(connections);
    }
    let own = default_account(&base).await;
    for account in without {
        let who = if own == Some(account) {
            base.credentials_provider()
        } else {
            match (&args.assume_role, own) {
                (Some(role), Some(_)) => Some(assumed(&base, account, role).await),
                _ => None,
            }
        };
        connections = who.map_or(connections.clone(), |who| connections.with(account, who));
    }
    Ok(connections)
}

/// The account's profile, if there is one. A profile that was named and is not there is an error,
/// as is one that is there and broken.
async fn profile(
    account: AccountId,
    chosen: Option<&String>,
) -> miette::Result<Option<SharedCredentialsProvider>> {
    let name = chosen.cloned().unwrap_or_else(|| account.to_string());
    let provider = ProfileFileCredentialsProvider::builder().profile_name(&name).build();
    match provider.provide_credentials().await {
        Ok(_) => Ok(Some(SharedCredentialsProvider::new(provider))),
        Err(CredentialsError::CredentialsNotLoaded(_)) if chosen.is_none() => Ok(None),
        Err(error) => Err(miette::miette!(
            help = "`aws configure list-profiles` shows those that there are",
            "could not use the profile {name} for {account}: {}",
            causes(&error)
        )),
    }
}

/// The account of the default credentials, if there are any that AWS takes.
async fn default_account(base: &SdkConfig) -> Option<AccountId> {
    base.credentials_provider()?.provide_credentials().await.ok()?;
    match aws_sdk_sts::Client::new(base).get_caller_identity().send().await {
        Ok(identity) => identity.account().and_then(|account| AccountId::parse(account).ok()),
        Err(error) => {
            tracing::warn!("the default credentials are of no use: {}", causes(&error));
            None
        }
    }
}

async fn assumed(
    base: &SdkConfig,
    account: AccountId,
    role: &RoleName,
) -> SharedCredentialsProvider {
    let arn = names::RoleArn::new(account, role.clone());
    let builder = AssumeRoleProvider::builder(arn.to_string()).configure(base);
    SharedCredentialsProvider::new(builder.session_name("attache").build().await)
}

fn causes(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = sources.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}
