//! The master key, and all that derives from it.
//!
//! No secret is ever stored: an access key's secret is an HMAC of its id, and a session is carried
//! by its own session token, encrypted. So a session outlives a restart, ten million sessions cost
//! no memory, and the journal, which people read and copy, holds nothing to steal. The master
//! key gives access to everything: only the owner may read its file.

use std::fmt;
use std::sync::Arc;

use attache_identifiers::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::LedgerError;

/// Ours: as long as the hash and the cipher that it is used with can take in.
const KEY_BYTES: usize = 32;

/// AWS's: a secret access key has 40 characters, which is 30 bytes in base64.
const SECRET_BYTES: usize = 30;

/// The first byte of a session token: which way it is sealed. There is one way so far.
const SEALED: u8 = 1;

/// What all secrets of one data directory derive from.
#[derive(Clone)]
pub struct MasterKey {
    secrets: hmac::Key,
    snapshots: hmac::Key,
    sessions: Arc<RandomizedNonceKey>,
    bytes: [u8; KEY_BYTES],
}

impl MasterKey {
    /// A new key, of the system's randomness.
    ///
    /// # Errors
    /// [`LedgerError::Randomness`].
    pub fn generate() -> Result<Self, LedgerError> {
        Self::from_bytes(random()?).ok_or(LedgerError::Randomness)
    }

    /// Reads 64 hexadecimal digits; none where the text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; KEY_BYTES];
        hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
        Self::from_bytes(bytes)
    }

    /// The key as [`MasterKey::parse`] reads it.
    pub(crate) fn to_text(&self) -> Secret {
        Secret::new(format!("{}\n", hex::encode(self.bytes)))
    }

    /// None where the cryptographic library has no such cipher, which it has.
    fn from_bytes(bytes: [u8; KEY_BYTES]) -> Option<Self> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let derive = |purpose: &str| {
            let mut out = [0; KEY_BYTES];
            for (to, from) in out.iter_mut().zip(hmac::sign(&master, purpose.as_bytes()).as_ref()) {
                *to = *from;
            }
            out
        };
        let secrets = hmac::Key::new(hmac::HMAC_SHA256, &derive("secret access keys"));
        let snapshots = hmac::Key::new(hmac::HMAC_SHA256, &derive("snapshots"));
        let sessions = RandomizedNonceKey::new(&AES_256_GCM, &derive("session tokens")).ok()?;
        Some(Self { secrets, snapshots, sessions: Arc::new(sessions), bytes })
    }

    /// The secret of an access key. The salt is a session's own, and empty for a key of a user.
    pub fn secret(&self, access_key: &str, salt: &str) -> Secret {
        let tag = hmac::sign(&self.secrets, [access_key, "\n", salt].concat().as_bytes());
        Secret::new(STANDARD.encode(tag.as_ref().get(..SECRET_BYTES).unwrap_or_default()))
    }

    /// The tag that proves that a snapshot or a tail marker was written with this key.
    pub fn tag(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.snapshots);
        for part in parts {
            // With its length: the same bytes parted elsewhere are not the same.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }

    /// Encrypts a session into its token.
    pub fn seal(&self, plain: &[u8]) -> Result<Secret, LedgerError> {
        let mut sealed = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(plain);
        let nonce = self
            .sessions
            .seal_in_place_append_tag(Aad::from([SEALED]), &mut sealed)
            .map_err(|_| LedgerError::Randomness)?;
        let token = [&[SEALED], nonce.as_ref().as_slice(), &sealed].concat();
        Ok(Secret::new(STANDARD.encode(token)))
    }

    /// Decrypts a session token; none where it is not one that this key sealed.
    pub fn open(&self, token: &Secret) -> Option<Vec<u8>> {
        let token = STANDARD.decode(token.expose()).ok()?;
        let (&version, rest) = token.split_first()?;
        if version != SEALED || rest.len() < NONCE_LEN {
            return None;
        }
        let (nonce, sealed) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.sessions.open_in_place(nonce, Aad::from([SEALED]), &mut sealed);
        plain.ok().map(|plain| plain.to_vec())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Random bytes of the operating system's.
pub fn random<const N: usize>() -> Result<[u8; N], LedgerError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| LedgerError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_token_opens_only_whole_and_only_with_its_key() {
        let (key, other) = (MasterKey::generate().unwrap(), MasterKey::generate().unwrap());
        let token = key.seal(b"who").unwrap();
        assert_eq!(key.open(&token).unwrap(), b"who");
        assert!(other.open(&token).is_none());
        for text in
            ["", "AQ==", "not base64!", &token.expose()[4..], &format!("AQ{}", token.expose())]
        {
            assert!(key.open(&Secret::new(text)).is_none(), "{text}");
        }
        assert_ne!(key.seal(b"who").unwrap().expose(), token.expose(), "each has its own nonce");
    }

    #[test]
    fn secrets_have_aws_length_and_differ_by_key_and_salt() {
        let key = MasterKey::generate().unwrap();
        let secrets = [key.secret("A", ""), key.secret("B", ""), key.secret("A", "x")];
        for secret in &secrets {
            assert_eq!(secret.expose().len(), 40);
        }
        assert_ne!(secrets[0].expose(), secrets[1].expose());
        assert_ne!(secrets[0].expose(), secrets[2].expose());
    }

    #[test]
    fn the_key_file_reads_back() {
        let key = MasterKey::generate().unwrap();
        let again = MasterKey::parse(key.to_text().expose()).unwrap();
        assert_eq!(key.secret("A", "").expose(), again.secret("A", "").expose());
        assert!(MasterKey::parse("abc").is_none());
    }
}
