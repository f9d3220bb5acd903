//! The signature algorithms that AWS takes from an identity provider.

/// A JSON Web Signature algorithm (RFC 7518, section 3.1). These six and no other: AWS takes no
/// `none`, no HMAC, no PSS and no `EdDSA`.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA (PKCS #1 v1.5) with SHA-256: what Kubernetes and EKS sign with.
    Rs256,
    /// RSA with SHA-384. For verification only.
    Rs384,
    /// RSA with SHA-512. For verification only.
    Rs512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384. For verification only.
    Es384,
    /// ECDSA over P-521 with SHA-512. For verification only.
    Es512,
}

impl Algorithm {
    /// All six.
    pub const ALL: [Self; 6] =
        [Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::Es384, Self::Es512];

    /// The name in a token's header, such as `RS256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
        }
    }

    /// The algorithm with that name. Names compare with case, as RFC 7515 has it: `None` and `rs256`
    /// are no algorithms.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.as_str() == name)
    }
}

impl std::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Algorithm {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}
