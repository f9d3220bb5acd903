//! Access keys that are given when the authority is started, so that a test suite can have them in its
//! own files.
//!
//! Each is an administrator's. They are in no journal: an authority has them as long as it runs.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, NameError, Secret};

/// AWS's: the longest id of an access key, and ours for a secret.
const LONGEST: usize = 128;

/// An access key of an account's administrator.
#[derive(Debug, Clone)]
pub struct FixedKey {
    /// The account; the first one where none is given.
    pub account: Option<AccountId>,
    /// The access key's id.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
}

/// Why a text is no fixed key. It does not repeat the text, which has a secret.
#[derive(Debug, thiserror::Error)]
pub enum FixedKeyError {
    /// It is not of the form.
    #[error("expected [ACCOUNT=]ID:SECRET, for example AKIAEXAMPLE:secret")]
    Form,
    /// The account is none.
    #[error(transparent)]
    Account(#[from] NameError),
    /// The id is none.
    #[error("expected an access key id of up to 128 letters, digits and underscores")]
    Id,
    /// The secret is none.
    #[error("expected a secret access key of up to 128 characters, without spaces")]
    Secret,
    /// A key that is given twice.
    #[error("the access key id {0} is given twice; give each once")]
    Duplicate(String),
    /// A key of an account that does not exist.
    #[error(
        "the access key {id} is of the account {account}, which does not exist; give it with --account {account}"
    )]
    NoAccount {
        /// The key's id.
        id: String,
        /// The account.
        account: AccountId,
    },
}

impl FixedKey {
    /// Reads `[ACCOUNT=]ID:SECRET`.
    ///
    /// # Errors
    /// [`FixedKeyError`].
    pub fn parse(text: &Secret) -> Result<Self, FixedKeyError> {
        let (id, secret) = text.expose().split_once(':').ok_or(FixedKeyError::Form)?;
        let (account, id) = match id.split_once('=') {
            Some((account, id)) => (Some(AccountId::parse(account)?), id),
            None => (None, id),
        };
        let fits = |text: &str| !text.is_empty() && text.len() <= LONGEST;
        // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
        if !fits(id) || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(FixedKeyError::Id);
        }
        if !fits(secret) || !secret.chars().all(|c| c.is_ascii_graphic()) {
            return Err(FixedKeyError::Secret);
        }
        Ok(Self { account, id: id.to_owned(), secret: Secret::new(secret) })
    }
}

/// The fixed keys of an authority, by their ids.
#[derive(Debug, Default)]
pub(crate) struct FixedKeys(BTreeMap<String, (AccountId, Secret)>);

impl FixedKeys {
    /// Keys of accounts that exist; `first` is the account of those that name none.
    pub(crate) fn new(
        keys: Vec<FixedKey>,
        first: AccountId,
        exists: impl Fn(AccountId) -> bool,
    ) -> Result<Self, FixedKeyError> {
        let mut all = BTreeMap::new();
        for FixedKey { account, id, secret } in keys {
            let account = account.unwrap_or(first);
            if !exists(account) {
                return Err(FixedKeyError::NoAccount { id, account });
            }
            if all.insert(id.clone(), (account, secret)).is_some() {
                return Err(FixedKeyError::Duplicate(id));
            }
        }
        Ok(Self(all))
    }

    /// The account and the secret of a key.
    pub(crate) fn get(&self, id: &str) -> Option<(AccountId, &Secret)> {
        self.0.get(id).map(|(account, secret)| (*account, secret))
    }

    pub(crate) fn account_of(&self, id: &str) -> Option<AccountId> {
        self.get(id).map(|(account, _)| account)
    }

    /// The first key of an account.
    pub(crate) fn of(&self, account: AccountId) -> Option<(&str, &Secret)> {
        let mut keys = self.0.iter().filter(|(_, (of, _))| *of == account);
        keys.next().map(|(id, (_, secret))| (id.as_str(), secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<FixedKey, FixedKeyError> {
        FixedKey::parse(&Secret::new(text))
    }

    #[test]
    fn a_key_has_its_id_its_secret_and_maybe_its_account() {
        let key = parse("test:se:cr=et/+").unwrap();
        assert_eq!(
            (key.account, key.id.as_str(), key.secret.expose()),
            (None, "test", "se:cr=et/+")
        );
        let key = parse("222222222222=AKIAEXAMPLE:secret").unwrap();
        assert_eq!(key.account.unwrap().to_string(), "222222222222");
        for (text, wanted) in [
            ("hush", "[ACCOUNT=]ID:SECRET"),
            (":hush", "access key id"),
            ("a b:hush", "access key id"),
            ("test:", "secret access key"),
            ("test:hush hush", "secret access key"),
            ("1=test:hush", "account id"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(wanted) && !error.contains("hush"), "{text}: {error}");
        }
    }

    #[test]
    fn keys_are_of_accounts_that_exist_and_given_once() {
        let account = |id| AccountId::parse(id).unwrap();
        let (first, second) = (account("111111111111"), account("222222222222"));
        let new = |texts: &[&str]| {
            let keys = texts.iter().map(|text| parse(text).unwrap()).collect();
            FixedKeys::new(keys, first, |id| id == first || id == second)
        };
        let keys = new(&["a:1", "222222222222=b:2"]).unwrap();
        assert_eq!(keys.account_of("a"), Some(first));
        assert_eq!(keys.of(second).unwrap().0, "b");
        assert!(matches!(new(&["a:1", "a:2"]), Err(FixedKeyError::Duplicate(_))));
        assert!(matches!(new(&["333333333333=a:1"]), Err(FixedKeyError::NoAccount { .. })));
    }
}
