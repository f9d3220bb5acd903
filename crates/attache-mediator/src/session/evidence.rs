//! What a token says that may be shown: issuer, subject, audience, end. Never the token. Of credentials, whose
//! they are.

use attache_identifiers::{Arn, displayable};
use attache_oidc::UnverifiedToken;
use time::OffsetDateTime;

/// Ours: characters of a claim that are shown. A service account's subject has at most 338.
const LONGEST_CLAIM: usize = 500;

/// A token's claims, or an identity, for the chain and for remedies. Nothing is verified here: STS does.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) expires_at: Option<OffsetDateTime>,
    /// Where there is no token: the ARN whose credentials the role is assumed with.
    pub(crate) identity: Option<String>,
}

impl Evidence {
    /// What can be read of a token; nothing, where it is none.
    pub(crate) fn of(token: &str) -> Self {
        let Ok(token) = UnverifiedToken::parse(token) else { return Self::default() };
        // Whoever can write the file can claim anything.
        let shown = |claim: &str| displayable(claim, &[], LONGEST_CLAIM);
        Self {
            issuer: shown(token.issuer()),
            subject: shown(token.subject()),
            audience: token.audience().map(shown).unwrap_or_default(),
            expires_at: Some(token.expires_at()),
            identity: None,
        }
    }

    /// What is known of credentials.
    pub(crate) fn of_credentials(identity: &Arn) -> Self {
        let identity = displayable(&identity.to_string(), &[], LONGEST_CLAIM);
        Self { identity: Some(identity), ..Self::default() }
    }

    /// The issuer as condition keys and provider ARNs have it.
    pub(crate) fn issuer_path(&self) -> &str {
        self.issuer.strip_prefix("https://").unwrap_or(&self.issuer)
    }
}
