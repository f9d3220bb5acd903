//! The flags that choose the credentials for each account, and the accounts beside those of the file.

use std::collections::BTreeSet;

use attache_aws_accounts::{Access, Connections, OrganizationAccount, Profiles};
use attache_federation::{
    CommandLine, Federation, FederationFile, OrganizationListing, SavedOptions, Scope,
    organization_accounts,
};
use attache_identifiers::{AccountId, Region, RoleName};

use crate::output::RemoteFailure;

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

impl ConnectArgs {
    /// What a printed command needs to reach the same accounts.
    pub(crate) fn command_line(
        &self,
        profiles: &Profiles,
        connections: &Connections,
        accounts: &[AccountId],
    ) -> CommandLine {
        let mut line =
            CommandLine { endpoint_url: self.endpoint_url.clone(), ..CommandLine::default() };
        for (account, name) in &self.profile {
            line.connect.extend(["--profile".to_owned(), format!("{account}={name}")]);
        }
        if let Some(role) = &self.assume_role {
            line.connect.extend(["--assume-role".to_owned(), role.to_string()]);
        }
        if let Some(url) = &self.endpoint_url {
            line.connect.extend(["--endpoint-url".to_owned(), url.clone()]);
        }
        for account in accounts {
            let named = self.profile.iter().find(|(own, _)| own == account);
            let has_profile = profiles.contains(&account.to_string());
            // An account that is reached by the default credentials needs no profile.
            if named.is_none() && !has_profile && connections.has(*account) {
                line.profiles.insert(*account, None);
            } else if let Some((_, name)) = named {
                line.profiles.insert(*account, Some(name.clone()));
            }
        }
        line
    }
}

/// The profiles of the configuration's files.
pub(crate) async fn profiles() -> miette::Result<Profiles> {
    Profiles::load().await.map_err(|error| miette::miette!("{error}"))
}

/// Connects to the accounts, as far as there are credentials for them.
pub(crate) async fn connect(
    args: &ConnectArgs,
    accounts: &[AccountId],
    home: Option<&str>,
) -> miette::Result<Connections> {
    connect_by(&profiles().await?, args, accounts, home).await
}

/// The same, by profiles that are read already.
pub(crate) async fn connect_by(
    profiles: &Profiles,
    args: &ConnectArgs,
    accounts: &[AccountId],
    home: Option<&str>,
) -> miette::Result<Connections> {
    let access = access(args, home)?;
    access.connect(profiles, accounts).await.map_err(|error| miette::miette!("{error}"))
}

/// Connects to accounts that the file does not name: a profile of one of them that cannot be used is only told.
async fn connect_beside(
    profiles: &Profiles,
    args: &ConnectArgs,
    accounts: &[AccountId],
    home: Option<&str>,
    scope: &mut Scope,
) -> miette::Result<Connections> {
    let mut all = match connect_by(profiles, args, accounts, home).await {
        Ok(all) => return Ok(all),
        Err(_) => connect_by(profiles, args, &[], home).await?,
    };
    for account in accounts {
        match connect_by(profiles, args, &[*account], home).await {
            Ok(own) => all.add_missing(own),
            Err(error) => scope.notes.push(format!(
                "the account {account} is not in the file, and was not searched: {error}"
            )),
        }
    }
    Ok(all)
}

fn access(args: &ConnectArgs, home: Option<&str>) -> miette::Result<Access> {
    Ok(Access {
        // The first of several, as before.
        profiles: args.profile.iter().rev().cloned().collect(),
        assume_role: args.assume_role.clone(),
        endpoint_url: args.endpoint_url.clone(),
        home: home.map(Region::parse).transpose().map_err(|error| miette::miette!("{error}"))?,
        http: crate::commands::http::settings()?,
    })
}

/// Where else than in the accounts of the file a federation's roles and providers are looked for.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct SearchArgs {
    /// Also look in the account of this profile for what carries the federation's tag, although the file does
    /// not name the account; may be given several times.
    #[arg(long, value_name = "PROFILE")]
    also: Vec<String>,

    /// Do not look in the organization's accounts that the file does not name. Without this they are searched
    /// where they can be listed and there are credentials for them.
    #[arg(long, overrides_with = "no_organization")]
    no_organization: bool,
}

impl SearchArgs {
    /// The options as a saved plan has them.
    pub(crate) fn saved(&self) -> (Vec<String>, bool) {
        (self.also.clone(), self.no_organization)
    }

    /// Those of a saved plan.
    pub(crate) fn of_saved(options: &SavedOptions) -> Self {
        Self { also: options.also.clone(), no_organization: options.no_organization }
    }
}

/// The federation of a file. Where targets are the accounts of an organization, these are listed.
pub(crate) async fn completed(
    args: &ConnectArgs,
    file: FederationFile,
) -> miette::Result<Federation> {
    let listing = match file.needs_organization() {
        false => None,
        true => {
            let accounts = known_accounts(&file);
            let connections = connect(args, &accounts, Some(file.home())).await?;
            Some(organization_accounts(&file, &connections).await)
        }
    };
    complete(file, listing.as_ref()).await
}

async fn complete(
    file: FederationFile,
    listing: Option<&OrganizationListing>,
) -> miette::Result<Federation> {
    file.complete(listing).await.map_err(|error| {
        let help = error.help().to_owned();
        match error.is_remote() {
            true => RemoteFailure::report(&error, Some(help)),
            false => miette::miette!(help = help, "{error}"),
        }
    })
}

/// Those that the file names; and its management account, where that may have to list the organization's.
fn known_accounts(file: &FederationFile) -> Vec<AccountId> {
    let management = file.management().filter(|_| file.needs_organization());
    file.named_accounts().into_iter().chain(management).collect()
}

/// Connects to the accounts of the file, and to those beside them in which something of the federation may be.
pub(crate) async fn connect_all(
    args: &ConnectArgs,
    search: &SearchArgs,
    file: FederationFile,
) -> miette::Result<(Federation, Connections, Scope)> {
    let profiles = profiles().await?;
    let known = known_accounts(&file);
    let mut connections = connect_by(&profiles, args, &known, Some(file.home())).await?;
    let listing = match search.no_organization && !file.needs_organization() {
        true => None,
        false => Some(organization_accounts(&file, &connections).await),
    };
    let federation = complete(file, listing.as_ref()).await?;
    let (named, home) = (federation.accounts(), Some(federation.home()));
    let known: BTreeSet<AccountId> = known.into_iter().collect();
    let selected: Vec<AccountId> =
        named.iter().filter(|account| !known.contains(account)).copied().collect();
    if !selected.is_empty() {
        connections.add_missing(connect_by(&profiles, args, &selected, home).await?);
    }
    let mut scope = Scope::default();
    for name in &search.also {
        let found = access(args, home)?.connect_profile(&profiles, name).await;
        let (account, own) = found.map_err(|error| miette::miette!("--also {name}: {error}"))?;
        if !named.contains(&account) && !scope.elsewhere.contains(&account) {
            scope.elsewhere.push(account);
            connections.add_missing(own);
        }
    }
    let Some(listing) = listing.filter(|_| !search.no_organization) else {
        return Ok((federation, connections, scope));
    };
    scope.notes.extend(listing.note);
    let listed = listing.accounts;
    let inactive = listed.iter().filter(|account| !account.is_active());
    scope.inactive =
        inactive.filter_map(|account| Some((account.id, account.state.clone()?))).collect();
    let known = |id: &AccountId| named.contains(id) || scope.elsewhere.contains(id);
    let others = listed.iter().filter(|account| account.is_active() && !known(&account.id));
    let others: Vec<AccountId> = others.map(|account: &OrganizationAccount| account.id).collect();
    if others.is_empty() {
        return Ok((federation, connections, scope));
    }
    let beside = connect_beside(&profiles, args, &others, home, &mut scope).await?;
    let (reached, unreached): (Vec<AccountId>, Vec<AccountId>) =
        others.into_iter().partition(|account| beside.has(*account));
    connections.add_missing(beside);
    scope.elsewhere.extend(reached);
    if !unreached.is_empty() {
        scope.notes.push(format!(
            "{} of the organization {} not in the file and without credentials here: not searched for what \
             is this federation's; --assume-role NAME reaches them",
            match unreached.as_slice() {
                [only] => format!("the account {only}"),
                several => format!("{} accounts", several.len()),
            },
            if unreached.len() == 1 { "is" } else { "are" },
        ));
    }
    Ok((federation, connections, scope))
}
