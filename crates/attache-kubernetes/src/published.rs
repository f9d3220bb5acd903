//! What an issuer publishes: a discovery document and a key set, which any web server can serve.
//!
//! A cluster whose API server AWS cannot reach publishes both where AWS can. Several clusters may share
//! one issuer's URL: then the set has the keys of all of them.
//! <https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery>

use std::path::Path;

use attache_oidc::{DISCOVERY_PATH, JWKS_PATH, Jwks};

use crate::ClusterError;
use crate::volume::{self, Readers};

/// An issuer's URL and the keys that it publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedIssuer {
    url: attache_identifiers::Issuer,
    keys: Jwks,
}

/// How the keys of an issuer change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// The keys after it.
    pub keys: Jwks,
    /// The ids of those that are new.
    pub added: Vec<String>,
    /// The ids of those that were published, are not given any more and stay.
    pub kept: Vec<String>,
    /// The ids of those that go.
    pub removed: Vec<String>,
}

impl PublishedIssuer {
    /// The issuer of that URL with these keys.
    #[must_use]
    pub fn new(url: attache_identifiers::Issuer, keys: Jwks) -> Self {
        Self { url, keys }
    }

    /// The issuer's URL.
    #[must_use]
    pub fn url(&self) -> &attache_identifiers::Issuer {
        &self.url
    }

    /// The keys that verify its tokens.
    #[must_use]
    pub fn keys(&self) -> &Jwks {
        &self.keys
    }

    /// The discovery document, which leads from the issuer's URL to the key set.
    #[must_use]
    pub fn discovery(&self) -> serde_json::Value {
        attache_oidc::discovery(&self.url, &self.keys.algorithms())
    }

    /// Both documents, with their paths below the issuer's URL; the keys first, for the other leads to them.
    #[must_use]
    pub fn documents(&self) -> [(&'static str, String); 2] {
        let discovery = format!("{:#}\n", self.discovery());
        let jwks = format!("{}\n", self.keys.to_json());
        [(JWKS_PATH, jwks), (DISCOVERY_PATH, discovery)]
    }

    /// Writes both documents into a folder, at the paths at which a web server that serves the
    /// folder under the issuer's URL must have them: `.well-known/openid-configuration` and
    /// `jwks.json`. Each appears whole or not at all; the keys first, for the document leads to them.
    ///
    /// # Errors
    /// When a file or folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), ClusterError> {
        for (path, text) in self.documents() {
            let path = folder.join(path.trim_start_matches('/'));
            volume::replace_file(&path, text.as_bytes(), Readers::Everyone)?;
        }
        Ok(())
    }
}

impl KeyChange {
    /// The change from the published keys to those that are given. Published keys that are not given stay
    /// where `keep` says so, except those to be removed; tokens that a key signed are good until they
    /// expire, and a verifier needs the key for as long.
    ///
    /// # Errors
    /// When two different keys have one id, and when a key to be removed is not published or is given.
    pub fn between(
        published: &Jwks,
        given: &Jwks,
        keep: bool,
        remove: &[String],
    ) -> Result<Self, ClusterError> {
        let has = |keys: &Jwks, id: &str| keys.key_ids().any(|own| own == id);
        for id in remove {
            let why = match (has(published, id), has(given, id)) {
                (_, true) => "it is among the keys that are given",
                (false, _) => "it is not published",
                (true, false) => continue,
            };
            return Err(ClusterError::Removal { key_id: id.clone(), why });
        }
        let mut change = Self { keys: given.clone(), ..Self::default() };
        for id in published.key_ids().filter(|id| !has(given, id)) {
            let stays = keep && !remove.iter().any(|gone| gone == id);
            if stays { &mut change.kept } else { &mut change.removed }.push(id.to_owned());
        }
        let added = given.key_ids().filter(|id| !has(published, id));
        change.added = added.map(str::to_owned).collect();
        let mut staying = published.clone();
        for id in &change.removed {
            staying.remove(id);
        }
        change.keys.merge(&staying).map_err(|source| ClusterError::Keys { source })?;
        Ok(change)
    }
}
