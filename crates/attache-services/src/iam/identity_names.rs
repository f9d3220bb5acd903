//! Names of users and groups: free ones and new ones.

use attache_aws_protocol::ServiceError;
use attache_ledger::change::Renamed;

use crate::refusal::already_exists;
use crate::validation::Input;

/// Refuses a name that is taken. Names that differ only by case are one name to IAM.
pub(super) fn free<'k>(
    mut taken: impl Iterator<Item = &'k String>,
    name: &str,
    what: &str,
) -> Result<(), ServiceError> {
    match taken.any(|own| own.eq_ignore_ascii_case(name)) {
        true => Err(already_exists(format!("{what} with name {name} already exists."))),
        false => Ok(()),
    }
}

/// The name and the path that an update asks for; what it does not say stays.
pub(super) fn renamed(input: Input<'_>, name: &str, path: &str, member: &str) -> Renamed {
    Renamed {
        from: name.to_owned(),
        name: input.optional(member).unwrap_or(name).to_owned(),
        path: input.optional("NewPath").unwrap_or(path).to_owned(),
    }
}
