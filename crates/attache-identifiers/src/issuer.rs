//! OpenID Connect issuers, and the IAM providers of them.

use crate::{AccountId, Arn, NameError, Partition, text_type};

/// An issuer's URL as AWS takes it: `https://`, a host, a path; no port, no query, no fragment.
///
/// Compared as text, for so do AWS and the tokens: a trailing `/` makes another issuer.
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html>.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Issuer(String);

/// AWS's limit on a provider's URL.
const LONGEST_URL: usize = 255;

/// The AWS documents' placeholder for a region inside an issuer's host.
const PLACEHOLDER: &str = ".region-code.";

impl Issuer {
    /// Reads an issuer's URL.
    ///
    /// # Errors
    /// When the scheme is not https, there is a port, query or fragment, the host is empty, or the
    /// URL is over 255 characters.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = |why: &str| Err(NameError::new("an issuer URL", text, why));
        let Some(rest) = text.strip_prefix("https://") else {
            return wrong("it must begin with https://");
        };
        let host = rest.split('/').next().unwrap_or_default();
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~/%:@!$&'()*+,;=".contains(&b);
        if text.len() > LONGEST_URL {
            return wrong("it must be at most 255 characters");
        }
        if text.contains(['?', '#']) {
            return wrong("AWS takes no query and no fragment in an issuer");
        }
        if host.contains(':') {
            return wrong("AWS takes no port in an issuer");
        }
        let in_host = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
        if host.is_empty() || !host.bytes().all(in_host) || !rest.bytes().all(legal) {
            return wrong("it must be https://HOST/PATH");
        }
        Ok(Self(text.to_owned()))
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL without `https://`: the prefix of the issuer's condition keys
    /// (`<host-and-path>:sub`) and the tail of its provider's ARN.
    #[must_use]
    pub fn host_and_path(&self) -> &str {
        self.0.strip_prefix("https://").unwrap_or(&self.0)
    }

    /// Whether the region is still the documents' `region-code`. AWS accepts such an
    /// issuer, so it is valid here; it is a mistake all the same.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.0.contains(PLACEHOLDER)
    }

    /// The ARN of this issuer's provider in an account.
    #[must_use]
    pub fn provider(&self, partition: Partition, account: AccountId) -> ProviderArn {
        ProviderArn { partition, account, tail: self.host_and_path().to_owned() }
    }
}

impl std::fmt::Display for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(Issuer);

/// `arn:aws:iam::222222222222:oidc-provider/HOST/PATH`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderArn {
    partition: Partition,
    account: AccountId,
    tail: String,
}

impl ProviderArn {
    /// Reads an OIDC provider's ARN.
    ///
    /// # Errors
    /// When the text is no ARN, or the ARN of something other than an OIDC provider.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = |why: &str| NameError::new("an OIDC provider ARN", text, why);
        let arn = Arn::parse(text).map_err(|e| wrong(&e.why))?;
        let tail = arn.resource().strip_prefix("oidc-provider/").filter(|t| !t.is_empty());
        let (Some(account), "iam", Some(tail)) = (arn.account(), arn.service(), tail) else {
            return Err(wrong("it must be arn:aws:iam::ACCOUNT:oidc-provider/HOST/PATH"));
        };
        if tail.len() > LONGEST_URL || !tail.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(wrong("its HOST/PATH must be at most 255 ASCII characters, no spaces"));
        }
        Ok(Self { partition: arn.partition().clone(), account, tail: tail.to_owned() })
    }

    /// The account that the provider is registered in.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The issuer's host and path.
    #[must_use]
    pub fn host_and_path(&self) -> &str {
        &self.tail
    }
}

impl std::fmt::Display for ProviderArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "arn:{}:iam::{}:oidc-provider/{}", self.partition, self.account, self.tail)
    }
}

text_type!(ProviderArn);
