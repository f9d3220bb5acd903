//! Which accounts to scrape, as the Helm values and the Secrets say it.
//!
//! Knows: the shape of `causely-values.yaml` and `aws-secret.yaml`, as files or as Kubernetes
//! mounts them, and how the two fit together. Does not know AWS: whether a role exists, or which
//! account it is really in, is found out later.

mod claim;
mod keys;
mod secrets;
mod values;
mod yaml;

use std::path::PathBuf;

use attache_identifiers::{Region, RoleArn};

pub use claim::Claim;

use crate::MediatorError;
use crate::invalid::{File, Invalid, suggestion};

/// One account to scrape: the role to assume, and where.
#[derive(Debug, Clone)]
pub struct Target {
    /// The Secret's name, by which people know the account here.
    pub secret: String,
    /// The account that the values say this is.
    pub claim: Claim,
    /// The role to assume.
    pub role: RoleArn,
    /// The Secret's region: its STS endpoint is asked, and global services are signed for it.
    pub home: Region,
    /// The regions to scrape, without repetition.
    pub regions: Vec<Region>,
}

/// Reads the values and the Secrets into the accounts to scrape, in the values' order.
///
/// `regions`, where not empty, wins over the values' `scrapers.aws.regions`, and that over each
/// Secret's `AWS_REGION`.
///
/// # Errors
/// [`MediatorError::Read`] for a file that cannot be read, [`MediatorError::Invalid`] for one that
/// says something wrong.
pub fn targets(
    values: &[PathBuf],
    secrets: &[PathBuf],
    regions: &[Region],
) -> Result<Vec<Target>, MediatorError> {
    let secrets = secrets::read(secrets)?;
    let mut targets: Vec<Target> = Vec::new();
    for path in values {
        let file = File::read(path)?;
        let accounts = values::read(&file)?;
        for account in accounts.accounts {
            if targets.iter().any(|target| target.secret == account.secret.value) {
                return Err(twice(&file, &account.secret).into());
            }
            let given = if regions.is_empty() { &accounts.regions } else { regions };
            targets.push(target(&file, account, &secrets, given)?);
        }
    }
    if targets.is_empty() {
        return Err(MediatorError::NothingToScrape);
    }
    Ok(targets)
}

/// One Secret is one role: named again, all of it would be scraped again, and there would be two
/// samples of one name and labels in the metrics.
fn twice(file: &File, secret: &yaml::Placed<String>) -> Box<Invalid> {
    let message = format!("the Secret `{}` is named by an account above already", secret.value);
    let help = "name each Secret once; several regions go into `scrapers.aws.regions`".to_owned();
    file.wrong(file.word(secret.line, secret.column), message, help)
}

fn target(
    file: &File,
    account: values::Account,
    secrets: &secrets::Secrets,
    regions: &[Region],
) -> Result<Target, MediatorError> {
    let name = &account.secret.value;
    let Some(secret) = secrets.find(name)? else {
        let at = file.word(account.secret.line, account.secret.column);
        let known = secrets.names();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let help = if known.is_empty() {
            "no Secret was given: name its file or its mounted folder with --secrets".to_owned()
        } else {
            suggestion(name, &known).replace("known are", "the Secrets given are")
        };
        return Err(file.wrong(at, format!("there is no Secret `{name}`"), help).into());
    };
    let home = secret.region.clone().or_else(|| regions.first().cloned());
    let Some(home) = home else {
        return Err(MediatorError::NoRegion { secret: name.clone(), place: secret.place });
    };
    let mut wanted = if regions.is_empty() { vec![home.clone()] } else { regions.to_vec() };
    let mut seen = std::collections::BTreeSet::new();
    wanted.retain(|region| seen.insert(region.clone()));
    Ok(Target {
        secret: name.clone(),
        claim: account.claim,
        role: secret.role,
        home,
        regions: wanted,
    })
}
