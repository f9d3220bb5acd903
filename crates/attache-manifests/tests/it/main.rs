//! Values and Secrets, as a specification: what is read out of them, and how each mistake is told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is the report")]

mod mistakes;
mod mounted;
mod never_panics;
mod regions;
mod secrecy;
mod size;
mod wrappings;

use attache_identifiers::Region;
use attache_manifests::{Account, Configuration, Input, Inputs, Invalid, ManifestError, TextFile};

pub(crate) const SEED_VALUES: &str = include_str!("../../../../examples/seed/causely-values.yaml");
pub(crate) const SEED_SECRET: &str = include_str!("../../../../examples/seed/aws-secret.yaml");
pub(crate) const ROLE: &str = "arn:aws:iam::222222222222:role/CauselyAccess";

/// The seed's Secret with a region in the place of its placeholder.
pub(crate) fn secret() -> String {
    SEED_SECRET.replace("region-code", "us-east-1")
}

pub(crate) fn read(values: &str, secrets: &str) -> Result<Configuration, ManifestError> {
    read_all(values, vec![Input::File(TextFile::new("secrets.yaml", secrets))], &[])
}

pub(crate) fn read_all(
    values: &str,
    secrets: Vec<Input>,
    regions: &[&str],
) -> Result<Configuration, ManifestError> {
    let regions = regions.iter().map(|region| Region::parse(region).unwrap()).collect();
    let values = vec![TextFile::new("values.yaml", values)];
    Configuration::read(&Inputs { values, secrets, regions })
}

/// The only account of the seed's values and these Secrets.
pub(crate) fn account(secrets: &str) -> Account {
    let read = read(SEED_VALUES, secrets).unwrap_or_else(|e| panic!("{e}\n{secrets}"));
    let [account] = read.accounts.try_into().unwrap();
    account
}

/// Why it was refused.
pub(crate) fn refused<T>(read: Result<T, ManifestError>) -> ManifestError {
    read.err().unwrap_or_else(|| panic!("it was taken"))
}

/// What is wrong, with its place.
pub(crate) fn invalid(error: &ManifestError) -> &Invalid {
    error.invalid().unwrap_or_else(|| panic!("{error} has no place"))
}

/// Place, message and help in one line.
pub(crate) fn told<T>(read: Result<T, ManifestError>) -> String {
    let error = refused(read);
    let invalid = invalid(&error);
    format!("{invalid}; {}", invalid.help.as_deref().unwrap_or_default())
}

/// As a command prints it.
pub(crate) fn printed<T>(read: Result<T, ManifestError>) -> String {
    format!("{:?}", miette::Report::new(refused(read)))
}

#[test]
fn the_seeds_files_name_the_member_account_and_the_secrets_role() {
    let read = read(SEED_VALUES, &secret()).unwrap();
    let source = read.service_account.role.as_ref().unwrap();
    assert_eq!(source.to_string(), "arn:aws:iam::111111111111:role/CauselyMediation");
    let [account] = read.accounts.as_slice() else { panic!("{:?}", read.accounts) };
    assert_eq!(account.declared.account.to_string(), "123456789012");
    assert_eq!(account.role.to_string(), ROLE);
    assert_eq!(account.namespace.as_deref(), Some("causely"));
    assert_eq!(account.home.as_str(), "us-east-1");
    assert!(account.warnings.is_empty() && read.switched_off.is_empty());
}

#[test]
fn the_seeds_placeholder_is_refused_where_it_stands() {
    assert_eq!(
        told(read(SEED_VALUES, SEED_SECRET)),
        "secrets.yaml:8:15: `AWS_REGION` of the Secret `aws-secret`: expected a region, found the \
         document's placeholder `region-code`; put the region to scrape there, such as us-east-1"
    );
}
