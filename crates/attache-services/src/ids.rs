//! Unique ids and access key ids, in AWS's form.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use attache_identifiers::AccountId;
use attache_ledger::{LedgerError, random};
use uuid::Uuid;

/// RFC 4648's base32, which AWS's ids are written in.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a unique id is of, by its first four letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// A user: `AIDA`.
    User,
    /// A role: `AROA`.
    Role,
    /// A managed policy: `ANPA`.
    ManagedPolicy,
    /// A group: `AGPA`.
    Group,
    /// An instance profile: `AIPA`.
    InstanceProfile,
}

impl Prefix {
    fn letters(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::ManagedPolicy => "ANPA",
            Self::Group => "AGPA",
            Self::InstanceProfile => "AIPA",
        }
    }
}

/// A new unique id, 21 characters long.
pub fn unique(prefix: Prefix) -> Result<String, LedgerError> {
    let bytes: [u8; 17] = random()?;
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(*byte & 31)]);
    Ok(prefix.letters().chars().chain(bytes.iter().map(letter)).collect())
}

/// So many random digits and small letters, as in the ids of Organizations.
pub(crate) fn lower<const N: usize>() -> Result<String, LedgerError> {
    let bytes: [u8; N] = random()?;
    let digit = |byte: &u8| char::from_digit(u32::from(*byte) % 36, 36).unwrap_or('0');
    Ok(bytes.iter().map(digit).collect())
}

/// How long a key lasts: `AKIA…` until it is deleted, `ASIA…` with its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A user's own: `AKIA`.
    LongTerm,
    /// A session's: `ASIA`.
    Session,
}

/// The bits of an access key's first 48 that hold the account's number.
const ACCOUNT_SHIFT: u32 = 7;
const ACCOUNT_BITS: u64 = (1 << 40) - 1;

/// A new access key id.
pub fn access_key(kind: KeyKind, account: AccountId) -> Result<String, LedgerError> {
    Ok(access_key_of(kind, account, random()?))
}

/// A new session's access key id, and the salt of its secret. They have to be new each time, and need
/// not be secret: the secret is made with the master key, which cannot be guessed.
pub(crate) fn session_key(account: AccountId) -> (String, String) {
    let (number, salt) = (Uuid::new_v4(), Uuid::new_v4());
    // Both ends of it: its version and variant are between them.
    let [a, b, c, d, e, .., f, g, h, i, j] = number.into_bytes();
    let noise = [a, b, c, d, e, f, g, h, i, j];
    (access_key_of(KeyKind::Session, account, noise), salt.simple().to_string())
}

/// The random bytes of an access key id.
const NOISE: usize = 10;

/// As AWS's, it names its account: sixteen letters of base32 are ten bytes, and forty bits of the
/// first six are the account's number.
fn access_key_of(kind: KeyKind, account: AccountId, noise: [u8; NOISE]) -> String {
    let low = u64::from(noise[0]) & ((1 << ACCOUNT_SHIFT) - 1);
    // The first bit is set, as it is in the keys that AWS gives today.
    let first = (1 << 47) | ((account.number() & ACCOUNT_BITS) << ACCOUNT_SHIFT) | low;
    let mut bytes = noise;
    bytes[..6].copy_from_slice(&first.to_be_bytes()[2..]);
    let whole = bytes.iter().fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
    let letter = |place: u32| char::from(ALPHABET[((whole >> (75 - 5 * place)) & 31) as usize]);
    let prefix = match kind {
        KeyKind::LongTerm => "AKIA",
        KeyKind::Session => "ASIA",
    };
    let mut text = String::with_capacity(prefix.len() + 16);
    text.push_str(prefix);
    text.extend((0..16).map(letter));
    text
}

/// The account that an access key id names; none where it is no such id.
pub fn account_of(access_key: &str) -> Option<AccountId> {
    let tail = access_key.strip_prefix("AKIA").or_else(|| access_key.strip_prefix("ASIA"))?;
    if tail.len() != 16 {
        return None;
    }
    let mut whole = 0_u128;
    for byte in tail.bytes() {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        whole = (whole << 5) | digit as u128;
    }
    let number = ((whole >> 32) as u64 >> ACCOUNT_SHIFT) & ACCOUNT_BITS;
    AccountId::parse(&format!("{number:012}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_account() {
        for id in ["000000000000", "111111111111", "999999999999"] {
            let account = AccountId::parse(id).unwrap();
            for kind in [KeyKind::LongTerm, KeyKind::Session] {
                let key = access_key(kind, account).unwrap();
                assert_eq!((key.len(), account_of(&key)), (20, Some(account)), "{key}");
            }
        }
    }

    #[test]
    fn other_text_names_no_account() {
        for text in
            ["", "AKIA", "AKIAIOSFODNN7EXAMPL", "AROAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPL1"]
        {
            assert_eq!(account_of(text), None, "{text}");
        }
        // AWS's documents: the key of `aws sts get-access-key-info`'s example decodes to no account
        // that they print, but one of the community's does.
        let known = account_of("ASIAQNZGKIQY56JQ7WML").map(|id| id.to_string());
        assert_eq!(known.as_deref(), Some("029608264753"));
    }

    #[test]
    fn unique_ids_have_their_prefix() {
        for (prefix, letters) in
            [(Prefix::User, "AIDA"), (Prefix::Role, "AROA"), (Prefix::ManagedPolicy, "ANPA")]
        {
            let id = unique(prefix).unwrap();
            assert!(id.starts_with(letters) && id.len() == 21, "{id}");
        }
    }
}
