//! The Secret that keeps it, in the keys of a Secret of the type `kubernetes.io/tls` and two more.

use std::collections::BTreeMap;

use attache_identifiers::Secret as Hidden;
use attache_serving::KeyPair;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use super::{Authority, SelfMade};

const CHAIN: &str = "tls.crt";
const KEY: &str = "tls.key";
const AUTHORITY: &str = "authority.crt";
const AUTHORITY_KEY: &str = "authority.key";
const TRUSTED: &str = "ca.crt";

/// What the Secret has; none where something is missing.
pub(super) fn read(secret: &Secret) -> Option<SelfMade> {
    let data = secret.data.as_ref()?;
    let of =
        |key: &str| String::from_utf8(data.get(key)?.0.clone()).ok().filter(|one| !one.is_empty());
    Some(SelfMade {
        pair: KeyPair { chain: of(CHAIN)?, key: Hidden::new(of(KEY)?) },
        authority: Authority { certificate: of(AUTHORITY)?, key: Hidden::new(of(AUTHORITY_KEY)?) },
        trusted: of(TRUSTED)?,
    })
}

/// Puts it in; what else is there stays.
pub(super) fn write(secret: &mut Secret, made: &SelfMade) {
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    let data = secret.data.get_or_insert_with(BTreeMap::new);
    for (key, value) in [
        (CHAIN, made.pair.chain.as_str()),
        (KEY, made.pair.key.expose()),
        (AUTHORITY, &made.authority.certificate),
        (AUTHORITY_KEY, made.authority.key.expose()),
        (TRUSTED, &made.trusted),
    ] {
        data.insert(key.to_owned(), bytes(value));
    }
}
