//! Names of users and groups: free ones and new ones.

use attache_aws_protocol::ServiceError;
use attache_ledger::change::Renamed;

use crate::refusal::already_exists;

/// Refuses a name that is taken. Names that differ only by case are one name to IAM.
pub(super) fn free(is_taken: bool, name: &str, what: &str) -> Result<(), ServiceError> {
    match is_taken {
        true => Err(already_exists(format!("{what} with name {name} already exists."))),
        false => Ok(()),
    }
}

/// The name and the path after an update; what it leaves out stays.
pub(super) fn renamed(
    name: &str,
    path: &str,
    new_name: Option<&str>,
    new_path: Option<&str>,
) -> Renamed {
    Renamed {
        from: name.to_owned(),
        name: new_name.unwrap_or(name).to_owned(),
        path: new_path.unwrap_or(path).to_owned(),
    }
}
