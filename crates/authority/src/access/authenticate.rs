//! Proving who signed a call.

use time::OffsetDateTime;
use wire::call::Inbound;
use wire::sigv4::{SignatureError, Signed};

use super::{Caller, Identity, Session};
use crate::ids::account_of;
use crate::keys::MasterKey;
use crate::state::State;

/// Verifies a call's signature and says whose it is.
///
/// # Errors
/// Why the signature does not count. An unknown key, a session token that is not ours and a session
/// whose role is gone are one and the same to the caller: the key is unknown.
pub(crate) fn authenticate(
    signed: &Signed,
    inbound: &Inbound,
    state: &State,
    key: &MasterKey,
    now: OffsetDateTime,
) -> Result<Caller, SignatureError> {
    match &signed.session_token {
        Some(token) => {
            let session = Session::open(token, key).ok_or(SignatureError::SessionToken)?;
            if session.access_key != signed.access_key {
                return Err(SignatureError::SessionToken);
            }
            signed.verify(inbound, &session.secret(key), now)?;
            // After the signature: only its holder is to learn that a session is over.
            if session.expires <= now {
                return Err(SignatureError::SessionExpired);
            }
            of_session(session, signed, state)
        }
        None => {
            let caller = of_user(signed, state)?;
            signed.verify(inbound, &key.secret(&signed.access_key, ""), now)?;
            Ok(caller)
        }
    }
}

fn of_session(session: Session, signed: &Signed, state: &State) -> Result<Caller, SignatureError> {
    let account = state.account(session.account()).ok_or(SignatureError::UnknownKey)?;
    let role = account.roles.get(session.role.name().as_str());
    if role.is_none_or(|role| role.id != session.role_id) {
        return Err(SignatureError::UnknownKey);
    }
    Ok(Caller {
        account: account.id,
        arn: session.arn(),
        user_id: session.user_id(),
        identity: Identity::Session(Box::new(session)),
        region: signed.region.clone(),
    })
}

fn of_user(signed: &Signed, state: &State) -> Result<Caller, SignatureError> {
    let account = account_of(&signed.access_key).and_then(|id| state.account(id));
    let account = account.ok_or(SignatureError::UnknownKey)?;
    if account.administrator.access_key != signed.access_key {
        return Err(SignatureError::UnknownKey);
    }
    Ok(Caller {
        account: account.id,
        arn: account.administrator_arn(),
        user_id: account.administrator.user_id.clone(),
        identity: Identity::Administrator,
        region: signed.region.clone(),
    })
}
