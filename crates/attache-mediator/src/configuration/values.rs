//! The chart's values: `scrapers.aws`.

use attache_identifiers::Region;
use serde::Deserialize;
use serde_json::Value;

use super::yaml::{Placed, documents};
use super::{Claim, keys};
use crate::invalid::{File, Invalid};

/// What the values say.
#[derive(Debug)]
pub(super) struct Accounts {
    pub(super) accounts: Vec<Account>,
    pub(super) regions: Vec<Region>,
}

/// One entry of `scrapers.aws.accounts`.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) claim: Claim,
    pub(super) secret: Placed<String>,
}

#[derive(Debug, Deserialize)]
struct Document {
    scrapers: Option<Scrapers>,
}

#[derive(Debug, Deserialize)]
struct Scrapers {
    aws: Option<Aws>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Aws {
    enabled: Option<Placed<bool>>,
    #[serde(default)]
    accounts: Vec<Entry>,
    #[serde(default)]
    regions: Vec<Placed<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Entry {
    arn: Placed<String>,
    secret_name: Placed<String>,
}

/// Reads one values file.
pub(super) fn read(file: &File) -> Result<Accounts, Box<Invalid>> {
    for tree in documents::<Value>(file)? {
        keys::misspelt(file, &tree, &["mediator", "scrapers"])?;
        let inner = |key: &str| tree.get(key).cloned().unwrap_or_default();
        keys::misspelt(file, &inner("mediator"), &["serviceAccountAnnotations"])?;
        keys::misspelt(file, &inner("scrapers"), &["aws"])?;
    }
    let mut read = Accounts { accounts: Vec::new(), regions: Vec::new() };
    for document in documents::<Document>(file)? {
        let Some(aws) = document.scrapers.and_then(|scrapers| scrapers.aws) else { continue };
        if let Some(Placed { value: false, line, column }) = aws.enabled {
            let help = "set `enabled: true`, or leave the key away".to_owned();
            return Err(file.wrong(file.word(line, column), "AWS scraping is switched off", help));
        }
        for entry in aws.accounts {
            read.accounts.push(account(file, entry)?);
        }
        for region in aws.regions {
            read.regions.push(super::secrets::region(file, &region, "scrapers.aws.regions")?);
        }
    }
    if read.accounts.is_empty() {
        let help = "list at least one account with its `arn` and `secretName`".to_owned();
        let message = "there is no account under `scrapers.aws.accounts`";
        return Err(file.wrong(file.key("scrapers"), message, help));
    }
    Ok(read)
}

fn account(file: &File, entry: Entry) -> Result<Account, Box<Invalid>> {
    let Placed { value, line, column } = entry.arn;
    let claim = Claim::parse(&value).map_err(|why| {
        let message = format!("`{value}` does not name an account");
        file.wrong(file.word(line, column), message, why)
    })?;
    Ok(Account { claim, secret: entry.secret_name })
}
