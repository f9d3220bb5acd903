//! Who acts in which account.
//!
//! For each account, the first of: the profile named with `--profile`; the profile named by the
//! account's twelve digits; the default credentials, if they are this account's; the role named
//! with `--assume-role`, assumed with the default credentials. An account that nothing fits stays
//! without, and the command says so when it needs it.

use attache_federation::Connections;
use attache_identifiers::{AccountId, RoleName};
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::os_shim_internal::{Env, Fs};

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
    let profiles = profiles().await?;
    let mut connections = Connections::new(base.clone());
    let mut without = Vec::new();
    for account in accounts {
        match profile(*account, args, &profiles)? {
            Some(who) => connections = connections.with(*account, who),
            None => without.push(*account),
        }
    }
    if without.is_empty() {
        return Ok(connections);
    }
    let own = default_credentials(&base).await;
    for account in without {
        let who = match (&own, &args.assume_role) {
            (Own::None, _) => None,
            (Own::Of(own), _) if *own == account => base.credentials_provider(),
            (Own::Unknown, None) => base.credentials_provider(),
            (Own::Of(_), None) => None,
            (_, Some(role)) => Some(assumed(&base, account, role).await),
        };
        if let Some(who) = who {
            connections = connections.with(account, who);
        }
    }
    Ok(connections)
}

/// The profiles of the shared files, read once for all accounts.
async fn profiles() -> miette::Result<ProfileSet> {
    // The SDK's own file system and environment: it finds the files as it does for credentials.
    let (fs, env) = (Fs::real(), Env::real());
    let loaded = aws_config::profile::load(&fs, &env, &Default::default(), None).await;
    loaded
        .map_err(|error| miette::miette!("could not read the shared AWS files: {}", causes(&error)))
}

/// The account's profile, if there is one. One that was named and is not there is an error.
fn profile(
    account: AccountId,
    args: &ConnectArgs,
    profiles: &ProfileSet,
) -> miette::Result<Option<SharedCredentialsProvider>> {
    let chosen = args.profile.iter().find(|(its, _)| *its == account).map(|(_, name)| name.clone());
    let named = chosen.is_some();
    let name = chosen.unwrap_or_else(|| account.to_string());
    if profiles.get_profile(&name).is_none() {
        return if named {
            Err(miette::miette!(
                help = "`aws configure list-profiles` shows those that there are",
                "there is no profile {name} for {account}"
            ))
        } else {
            Ok(None)
        };
    }
    let provider = ProfileFileCredentialsProvider::builder().profile_name(name).build();
    Ok(Some(SharedCredentialsProvider::new(provider)))
}

/// Whose the default credentials are.
enum Own {
    /// There are none.
    None,
    /// This account's.
    Of(AccountId),
    /// AWS did not say. They are used all the same, so that the command ends with AWS's or the
    /// network's own reason and not with "no credentials".
    Unknown,
}

async fn default_credentials(base: &SdkConfig) -> Own {
    let Some(provider) = base.credentials_provider() else { return Own::None };
    if provider.provide_credentials().await.is_err() {
        return Own::None;
    }
    let identity = aws_sdk_sts::Client::new(base).get_caller_identity().send().await;
    let account = identity.ok().and_then(|identity| AccountId::parse(identity.account()?).ok());
    account.map_or(Own::Unknown, Own::Of)
}

async fn assumed(
    base: &SdkConfig,
    account: AccountId,
    role: &RoleName,
) -> SharedCredentialsProvider {
    let arn = attache_identifiers::RoleArn::new(account, role.clone());
    let builder = AssumeRoleProvider::builder(arn.to_string()).configure(base);
    SharedCredentialsProvider::new(builder.session_name("attache").build().await)
}

fn causes(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    let mut words: Vec<String> = sources.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}
