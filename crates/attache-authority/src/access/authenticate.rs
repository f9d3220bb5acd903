//! Proving who signed a call.

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{MAX_SKEW, SignatureError, Signed};
use attache_identifiers::AccountId;
use attache_ledger::MasterKey;
use attache_ledger::state::{Account, State, User};
use attache_services::access::{Caller, Identity, Session, UserSession};
use attache_services::ids::account_of;
use time::OffsetDateTime;

use super::session_token::Sealed;

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
            let session = Sealed::open(token, key).ok_or(SignatureError::SessionToken)?;
            if session.access_key() != signed.access_key {
                return Err(SignatureError::SessionToken);
            }
            signed.verify(inbound, &session.secret(key), now)?;
            // After the signature: only its holder is to learn that a session is over.
            if session.expires() <= now {
                return Err(SignatureError::SessionExpired);
            }
            // The clock was set back since: nobody can tell for how long the session has been over.
            if session.began() > now.saturating_add(MAX_SKEW) {
                return Err(SignatureError::SessionToken);
            }
            if !session.is_valid_in(&signed.region) {
                return Err(SignatureError::SessionRegion { region: signed.region.clone() });
            }
            match session {
                Sealed::Role(session) => of_session(session, signed, state),
                Sealed::User(session) => of_user_session(session, signed, state),
            }
        }
        None => {
            let caller = of_user(signed, state)?;
            signed.verify(inbound, &key.secret(&signed.access_key, ""), now)?;
            Ok(caller)
        }
    }
}

fn of_session(
    session: Box<Session>,
    signed: &Signed,
    state: &State,
) -> Result<Caller, SignatureError> {
    let account = account_in(state, session.account())?;
    let role = account.roles.get(session.role.name().as_str());
    if role.is_none_or(|role| role.id != session.role_id) {
        return Err(SignatureError::UnknownKey);
    }
    Ok(Caller {
        account: account.id,
        arn: session.arn(),
        user_id: session.user_id(),
        identity: Identity::Session(session),
        access_key: signed.access_key.clone(),
        region: signed.region.clone(),
    })
}

fn of_user(signed: &Signed, state: &State) -> Result<Caller, SignatureError> {
    let id = account_of(&signed.access_key).ok_or(SignatureError::UnknownKey)?;
    let account = account_in(state, id)?;
    let key = account.access_keys.get(&signed.access_key).filter(|key| key.active);
    let user = key.and_then(|key| account.users.get(&key.user));
    let user = user.ok_or(SignatureError::UnknownKey)?;
    Ok(by_user(account, user, signed, None))
}

/// A user's session lasts as long as the user, whatever becomes of the key that began it.
fn of_user_session(
    session: Box<UserSession>,
    signed: &Signed,
    state: &State,
) -> Result<Caller, SignatureError> {
    let account = account_in(state, session.account)?;
    let user = user_of_id(account, &session.user_id)?;
    Ok(by_user(account, user, signed, Some(session)))
}

/// The account of a key or a session. That of a closed one is as unknown as that of one that does not
/// exist.
pub(super) fn account_in(state: &State, id: AccountId) -> Result<&Account, SignatureError> {
    let account = state.account(id).filter(|account| !account.is_closed());
    account.ok_or(SignatureError::UnknownKey)
}

/// By the id and not by the name: a user who was created anew under a name is another.
pub(super) fn user_of_id<'a>(account: &'a Account, id: &str) -> Result<&'a User, SignatureError> {
    let user = account.users.values().find(|user| user.id == id);
    user.map(Box::as_ref).ok_or(SignatureError::UnknownKey)
}

pub(super) fn by_user(
    account: &Account,
    user: &User,
    signed: &Signed,
    session: Option<Box<UserSession>>,
) -> Caller {
    let federated = session.as_ref().and_then(|session| session.federated.as_ref());
    let (arn, user_id) = match federated {
        Some(own) => (own.arn(account.id).to_string(), format!("{}:{}", account.id, own.name)),
        None => (user.arn.clone(), user.id.clone()),
    };
    Caller {
        account: account.id,
        arn,
        user_id,
        identity: Identity::User { name: user.name.clone(), arn: user.arn.clone(), session },
        access_key: signed.access_key.clone(),
        region: signed.region.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use attache_identifiers::{RoleArn, Secret};
    use aws_credential_types::Credentials;
    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use time::Duration;

    use super::*;
    use attache_ledger::AwsManaged;
    use attache_ledger::change::{Change, NewRole};

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;

    fn account() -> AccountId {
        AccountId::parse("222222222222").unwrap()
    }

    fn state(role_id: &str) -> State {
        let mut state = State::new(AwsManaged::with(None).unwrap());
        let now = OffsetDateTime::now_utc();
        let opened = Change::AccountOpened { user_id: "AIDA".into(), access_key: "AKIA".into() };
        state.apply(account(), now, &opened).unwrap();
        let role = Change::RoleCreated(NewRole {
            name: "Reader".into(),
            path: "/".into(),
            id: role_id.into(),
            document: TRUST.into(),
            description: None,
            max_session: 3600,
            boundary: None,
            tags: Vec::new(),
            attached: Vec::new(),
        });
        state.apply(account(), now, &role).unwrap();
        state
    }

    /// A session that expires at that time.
    fn session(expires: OffsetDateTime) -> Session {
        Session {
            access_key: "ASIAEXAMPLE".into(),
            salt: "salt".into(),
            role: RoleArn::parse("arn:aws:iam::222222222222:role/Reader").unwrap(),
            role_id: "AROA1".into(),
            name: "test".into(),
            began: expires - Duration::HOUR,
            expires,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive: Vec::new(),
            source_identity: None,
            provider: None,
            token: None,
            scope_down: Vec::new(),
            region_scoped: false,
        }
    }

    /// A call signed now by the official signer.
    fn call(access_key: &str, secret: &Secret, token: &Secret) -> Inbound {
        let token = Some(token.expose().to_owned());
        let identity = Credentials::new(access_key, secret.expose(), token, None, "test").into();
        let params = aws_sigv4::sign::v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("sts")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let body = SignableBody::Bytes(b"");
        let host = std::iter::once(("host", "localhost"));
        let signable = SignableRequest::new("GET", "http://localhost/", host, body).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut headers = http::HeaderMap::new();
        headers.insert("host", http::HeaderValue::from_static("localhost"));
        for (name, value) in instructions.headers() {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, http::HeaderValue::from_str(value).unwrap());
        }
        let (path, query, body) = ("/".into(), String::new(), bytes::Bytes::new());
        Inbound { method: http::Method::GET, path, query, headers, body }
    }

    #[test]
    fn a_session_counts_until_it_expires_and_only_with_its_own_role_key_and_secret() {
        let key = MasterKey::generate().unwrap();
        let other = MasterKey::generate().unwrap();
        let now = OffsetDateTime::now_utc();
        let (good, over) = (session(now + Duration::MINUTE), session(now - Duration::SECOND));
        let later = session(now + Duration::HOUR + MAX_SKEW + Duration::MINUTE);
        let soon = session(now + Duration::HOUR + MAX_SKEW - Duration::MINUTE);
        let (mine, new) = (state("AROA1"), state("AROA2"));
        let guessed = Secret::new("guess");
        let secret = |session: &Session| session.secret(&key);
        for (name, state, access_key, secret, session, seal, wanted) in [
            ("a good one", &mine, "ASIAEXAMPLE", secret(&good), &good, &key, Ok("test")),
            (
                "an expired one",
                &mine,
                "ASIAEXAMPLE",
                secret(&over),
                &over,
                &key,
                Err(SignatureError::SessionExpired),
            ),
            (
                "one that begins after now",
                &mine,
                "ASIAEXAMPLE",
                secret(&later),
                &later,
                &key,
                Err(SignatureError::SessionToken),
            ),
            (
                "one that began by a clock a little ahead",
                &mine,
                "ASIAEXAMPLE",
                secret(&soon),
                &soon,
                &key,
                Ok("test"),
            ),
            (
                "an expired one, guessed",
                &mine,
                "ASIAEXAMPLE",
                guessed.clone(),
                &over,
                &key,
                Err(SignatureError::Mismatch),
            ),
            (
                "another secret",
                &mine,
                "ASIAEXAMPLE",
                guessed,
                &good,
                &key,
                Err(SignatureError::Mismatch),
            ),
            (
                "another's key id",
                &mine,
                "ASIAOTHER",
                secret(&good),
                &good,
                &key,
                Err(SignatureError::SessionToken),
            ),
            (
                "sealed elsewhere",
                &mine,
                "ASIAEXAMPLE",
                secret(&good),
                &good,
                &other,
                Err(SignatureError::SessionToken),
            ),
            (
                "the role is a new one",
                &new,
                "ASIAEXAMPLE",
                secret(&good),
                &good,
                &key,
                Err(SignatureError::UnknownKey),
            ),
        ] {
            let inbound = call(access_key, &secret, &session.seal(seal).unwrap());
            let signed = attache_aws_protocol::sigv4::read(&inbound).unwrap().unwrap();
            let got = authenticate(&signed, &inbound, state, &key, now);
            let got =
                got.map(|caller| caller.session().map(|s| s.name.clone()).unwrap_or_default());
            assert_eq!(got, wanted.map(str::to_owned), "{name}");
        }
    }
}
