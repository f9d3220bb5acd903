//! Values and Secrets together: the accounts to scrape.

use std::collections::BTreeSet;

use attache_identifiers::{Region, RoleArn};

use crate::secrets::Secrets;
use crate::values::{DeclaredAccount, Entry, ServiceAccount, Values};
use crate::{File, Inputs, ManifestError};

/// What the mediator is configured with.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The mediator's service account.
    pub service_account: ServiceAccount,
    /// The accounts to scrape, in the values' order. There are none only where every file of values
    /// switches AWS scraping off.
    pub accounts: Vec<Account>,
    /// Where files of values switch AWS scraping off. Their accounts are not read.
    pub switched_off: Vec<SwitchedOff>,
}

/// One account to scrape: the role to assume, and where.
#[derive(Debug, Clone)]
pub struct Account {
    /// The name of the Secret that names the role.
    pub secret: String,
    /// The Secret's namespace, where its manifest says it.
    pub namespace: Option<String>,
    /// The account that the values say this is.
    pub declared: DeclaredAccount,
    /// The role to assume.
    pub role: RoleArn,
    /// The Secret's region, else the first one: its STS endpoint is asked, and global services are
    /// signed for it.
    pub home: Region,
    /// The regions to scrape, without repetition.
    pub regions: Vec<Region>,
    /// What works but should be mended.
    pub warnings: Vec<Warning>,
}

/// Something in a Secret that works but should be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

/// Where a file of values switches AWS scraping off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchedOff {
    /// The file's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Configuration {
    /// Reads values and Secrets into the accounts to scrape.
    ///
    /// The inputs' regions, where there are any, win over the values' `scrapers.aws.regions`, and
    /// those over each Secret's `AWS_REGION`.
    ///
    /// # Errors
    /// [`ManifestError`]: what is wrong, and where.
    pub fn read(inputs: &Inputs) -> Result<Self, ManifestError> {
        let values = inputs.values.iter().map(Values::read).collect::<Result<Vec<_>, _>>()?;
        let mut wanted = BTreeSet::new();
        for values in &values {
            for account in &values.accounts {
                if !wanted.insert(account.secret.as_str()) {
                    return Err(named_twice(values, account));
                }
            }
        }
        let mut configuration = Self {
            service_account: ServiceAccount::default(),
            accounts: Vec::new(),
            switched_off: Vec::new(),
        };
        if values.iter().any(|values| !values.accounts.is_empty()) {
            let secrets = Secrets::read(&inputs.secrets, &wanted)?;
            for values in &values {
                let regions =
                    if inputs.regions.is_empty() { &values.regions } else { &inputs.regions };
                for entry in &values.accounts {
                    configuration.accounts.push(account(values, entry, &secrets, regions)?);
                }
            }
        }
        for values in values {
            let ServiceAccount { role, audience } = values.service_account;
            let own = &mut configuration.service_account;
            own.role = own.role.take().or(role);
            own.audience = own.audience.take().or(audience);
            configuration.switched_off.extend(values.switched_off);
        }
        Ok(configuration)
    }
}

/// One Secret is one role: named again, all of it would be scraped again, and there would be two
/// samples of one name and labels in the metrics.
fn named_twice(values: &Values<'_>, account: &Entry) -> ManifestError {
    let message = format!("the Secret `{}` is named by an account above already", account.secret);
    let help = "name each Secret once; several regions go into `scrapers.aws.regions`".to_owned();
    ManifestError::SecretNamedTwice(values.wrong(account.secret_at.clone(), message, help))
}

fn account(
    values: &Values<'_>,
    entry: &Entry,
    secrets: &Secrets<'_>,
    regions: &[Region],
) -> Result<Account, ManifestError> {
    let name = &entry.secret;
    let Some(found) = secrets.find(name)? else {
        let message = format!("there is no Secret `{name}`");
        let help = secrets.instead_of(name);
        return Err(ManifestError::NoSuchSecret(values.wrong(
            entry.secret_at.clone(),
            message,
            help,
        )));
    };
    let Some(home) = found.region.or_else(|| regions.first().cloned()) else {
        return Err(secrets.no_region(name));
    };
    let mut wanted = if regions.is_empty() { vec![home.clone()] } else { regions.to_vec() };
    let mut seen = BTreeSet::new();
    wanted.retain(|region| seen.insert(region.clone()));
    Ok(Account {
        secret: name.clone(),
        namespace: found.namespace,
        declared: entry.declared.clone(),
        role: found.role,
        home,
        regions: wanted,
        warnings: found.warnings,
    })
}

impl Warning {
    /// A Secret still holds long-lived keys. `keys` are the names of its keys that do.
    pub(crate) fn long_lived_keys(name: &str, namespace: Option<&str>, keys: &[&str]) -> Self {
        let message = format!(
            "the Secret `{name}` still holds long-lived keys ({}): they are not used, and whoever \
             reads the Secret can use them",
            keys.join(", ")
        );
        let namespace = namespace.map(|name| format!(" -n {name}")).unwrap_or_default();
        let remedy = format!(
            "delete them in AWS (`aws iam delete-access-key`), then from the Secret: kubectl{namespace} \
             edit secret {name}"
        );
        Self { message, remedy }
    }
}

impl SwitchedOff {
    pub(crate) fn at(file: File<'_>, at: usize) -> Self {
        let (line, column) = attache_excerpt::position(file.text(), at);
        Self { file: file.name().to_owned(), line, column }
    }
}

impl std::fmt::Display for SwitchedOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { file, line, column } = self;
        write!(
            f,
            "{file}:{line}:{column}: AWS scraping is switched off (`scrapers.aws.enabled: false`); \
             its accounts are left alone"
        )
    }
}
