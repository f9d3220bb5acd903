//! A pod's token, and the name that the agent knows it by.

use attache_identifiers::Secret;
use attache_oidc::{TokenError, UnverifiedToken};
use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 of a token: it finds a token's credentials and cannot be replayed. The whole token
/// is hashed, with its signature, so another token never has the same one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId([u8; 32]);

impl TokenId {
    /// Of a token's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut id = [0; 32];
        let digest = digest(&SHA256, text.as_bytes());
        id.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

/// Its beginning, which is enough to find it again in a log.
impl std::fmt::Debug for TokenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

/// A token that could be read. Nothing of it was verified.
#[derive(Clone)]
pub struct PodToken {
    id: TokenId,
    text: Secret,
    read: UnverifiedToken,
}

impl PodToken {
    /// Reads a token.
    ///
    /// # Errors
    /// [`TokenError`], when it is not a JSON Web Token with the claims that AWS requires.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let read = UnverifiedToken::parse(text)?;
        Ok(Self { id: TokenId::of(text), text: Secret::new(text), read })
    }

    /// By what its credentials are found.
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.id
    }

    /// The token itself.
    #[must_use]
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// What it says.
    #[must_use]
    pub fn unverified(&self) -> &UnverifiedToken {
        &self.read
    }
}

/// Without the token.
impl std::fmt::Debug for PodToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PodToken").field("id", &self.id).field("read", &self.read).finish()
    }
}
