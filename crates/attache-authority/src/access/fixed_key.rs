//! Proving a call that is signed with a key that the authority was started with.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{SignatureError, Signed};
use attache_identifiers::{AccountId, Secret};
use attache_ledger::state::State;
use attache_services::access::Caller;
use time::OffsetDateTime;

use super::authenticate::{account_in, by_user, user_of_id};

/// Verifies the call's signature with that secret: the caller is the account's administrator.
///
/// # Errors
/// Why the signature does not count.
pub(crate) fn authenticate(
    (account, secret): (AccountId, &Secret),
    signed: &Signed,
    inbound: &Inbound,
    state: &State,
    now: OffsetDateTime,
) -> Result<Caller, SignatureError> {
    let account = account_in(state, account)?;
    let user = user_of_id(account, &account.first_user)?;
    signed.verify(inbound, secret, now)?;
    Ok(by_user(account, user, signed, None))
}
