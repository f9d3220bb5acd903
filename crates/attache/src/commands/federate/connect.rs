//! The flags that choose the credentials for each account.

use attache_aws_accounts::{Access, Connections, Profiles};
use attache_identifiers::{AccountId, Region, RoleName};

/// How to reach the accounts: for each, the first of the profile named with `--profile`; the profile
/// named by the account's twelve digits; the default credentials, if they are this account's; the
/// role named with `--assume-role`, assumed with the default credentials.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ConnectArgs {
    /// The profile that acts in an account; may be given several times. Without it, the profile
    /// named by the account's 12 digits.
    #[arg(long, value_name = "ACCOUNT=NAME", value_parser = crate::commands::arguments::account_profile)]
    profile: Vec<(AccountId, String)>,

    /// The role to assume in accounts that have no profile, such as OrganizationAccountAccessRole.
    #[arg(long, value_name = "NAME", value_parser = RoleName::parse)]
    assume_role: Option<RoleName>,

    /// The endpoint to call instead of AWS's; `AWS_ENDPOINT_URL` works as well.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
}

/// Connects to the accounts, as far as there are credentials for them.
pub(crate) async fn connect(
    args: &ConnectArgs,
    accounts: &[AccountId],
    home: Option<&str>,
) -> miette::Result<Connections> {
    let profiles = Profiles::load().await.map_err(|error| miette::miette!("{error}"))?;
    let access = Access {
        // The first of several, as before.
        profiles: args.profile.iter().rev().cloned().collect(),
        assume_role: args.assume_role.clone(),
        endpoint_url: args.endpoint_url.clone(),
        home: home.map(Region::parse).transpose().map_err(|error| miette::miette!("{error}"))?,
        http: crate::commands::http::settings()?,
    };
    access.connect(&profiles, accounts).await.map_err(|error| miette::miette!("{error}"))
}
