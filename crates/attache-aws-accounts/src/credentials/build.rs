//! Providers of profiles: each profile's once, whoever names it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Fetch, Provider, SharedSignIn};
use crate::profiles::{
    CredentialSource, Kind, Problem, ProfileError, Profiles, Role, SignIn, Source,
};
use crate::settings::{Context, Settings};

/// Ours: longer chains than any real configuration; each profile waits for the one before.
const LONGEST_CHAIN: usize = 64;

/// Makes providers, and remembers them.
pub(crate) struct Builder<'p> {
    profiles: &'p Profiles,
    context: Arc<Context>,
    /// By name, and whether it is another profile's source.
    made: BTreeMap<(String, bool), Arc<Provider>>,
    /// By what their token is filed under.
    sign_ins: BTreeMap<String, Arc<SharedSignIn>>,
    /// By the file of their certificate authorities.
    contexts: BTreeMap<PathBuf, Arc<Context>>,
}

impl<'p> Builder<'p> {
    pub(crate) fn new(profiles: &'p Profiles, context: Arc<Context>) -> Self {
        Self {
            profiles,
            context,
            made: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
            contexts: BTreeMap::new(),
        }
    }

    /// The profile's provider, and how AWS is reached as it says.
    pub(crate) fn profile(
        &mut self,
        name: &str,
    ) -> Result<(Arc<Provider>, Arc<Settings>), ProfileError> {
        let provider = self.provider(name, false, &mut vec![])?;
        Ok((provider, self.settings(name, SignIn::None)?))
    }

    /// What is at hand where this runs, without a profile.
    pub(crate) fn at_hand(&mut self) -> Result<Arc<Provider>, ProfileError> {
        let settings = self.settings("default", SignIn::None)?;
        Ok(Provider::new("the default credentials".to_owned(), Fetch::AtHand { settings }))
    }

    /// What the environment's variables hold.
    pub(crate) fn environment(&mut self) -> Result<Arc<Provider>, ProfileError> {
        self.named(CredentialSource::Environment, "the default credentials".to_owned(), "default")
    }

    /// What the container's variables lead to.
    pub(crate) fn container(&mut self) -> Result<Arc<Provider>, ProfileError> {
        let origin = "the container's credentials".to_owned();
        self.named(CredentialSource::EcsContainer, origin, "default")
    }

    /// A role that the environment names, with a token in a file.
    pub(crate) fn web_identity(
        &mut self,
        role: Role,
        token_file: PathBuf,
    ) -> Result<Arc<Provider>, ProfileError> {
        let settings = self.settings("default", SignIn::None)?;
        let fetch = Fetch::WebIdentity { role, token_file, settings };
        Ok(Provider::new("the default credentials".to_owned(), fetch))
    }

    /// A role that is assumed with what another provider gives.
    pub(crate) fn assumed(
        &self,
        role: Role,
        source: Arc<Provider>,
        settings: Arc<Settings>,
    ) -> Arc<Provider> {
        let origin = format!("the role {}", role.arn);
        Provider::new(origin, Fetch::Role { role, source, settings })
    }

    /// How AWS is reached as a profile says, or the environment alone.
    pub(crate) fn settings(
        &mut self,
        profile: &str,
        with: SignIn,
    ) -> Result<Arc<Settings>, ProfileError> {
        let context = self.context_of(profile)?;
        let text = self.profiles.settings_text(profile, with);
        Ok(Arc::new(Settings::new(context, text, self.profiles.region(profile))))
    }

    /// With the certificate authorities of the profile's `ca_bundle`, which is read once.
    fn context_of(&mut self, profile: &str) -> Result<Arc<Context>, ProfileError> {
        let Some(path) = self.profiles.ca_bundle(profile) else {
            return Ok(Arc::clone(&self.context));
        };
        if let Some(made) = self.contexts.get(&path) {
            return Ok(Arc::clone(made));
        }
        let failed = |why: String| {
            let problem = Problem::BadBundle { path: path.clone(), why };
            self.profiles.error(profile, problem)
        };
        let pem = attache_files::read_text(&path, attache_files::MAX_DOCUMENT_BYTES);
        let pem = pem.map_err(|error| failed(error.to_string()))?;
        let context = self.context.with_bundle(pem.as_bytes());
        let context = context.map_err(|error| failed(error.to_string()))?;
        self.contexts.insert(path, Arc::clone(&context));
        Ok(context)
    }

    fn provider(
        &mut self,
        name: &str,
        as_source: bool,
        visited: &mut Vec<String>,
    ) -> Result<Arc<Provider>, ProfileError> {
        if let Some(made) = self.made.get(&(name.to_owned(), as_source)) {
            return Ok(Arc::clone(made));
        }
        let fetch = match self.profiles.kind(name, as_source)? {
            Kind::Keys(keys) => Fetch::Keys(keys),
            Kind::Process { command } => Fetch::Process { command },
            Kind::Sso { sign_in } => Fetch::Sso {
                profile: name.to_owned(),
                settings: self.settings(name, SignIn::Sso)?,
                sign_in: self.sign_in(sign_in),
            },
            Kind::Login { session } => Fetch::Login {
                profile: name.to_owned(),
                settings: self.settings(name, SignIn::Login)?,
                sign_in: self.sign_in(session),
            },
            Kind::WebIdentity { role, token_file } => Fetch::WebIdentity {
                role,
                token_file,
                settings: self.settings(name, SignIn::None)?,
            },
            Kind::Role(role, source) => {
                visited.push(name.to_owned());
                let source = self.source(name, source, visited)?;
                visited.pop();
                Fetch::Role { role, source, settings: self.settings(name, SignIn::None)? }
            }
        };
        let origin = format!("the profile {name} ({})", self.profiles.place(name));
        let provider = Provider::new(origin, fetch);
        if provider.depth > LONGEST_CHAIN {
            return Err(self.profiles.error(name, Problem::LongChain(LONGEST_CHAIN)));
        }
        self.made.insert((name.to_owned(), as_source), Arc::clone(&provider));
        Ok(provider)
    }

    fn source(
        &mut self,
        name: &str,
        source: Source,
        visited: &mut Vec<String>,
    ) -> Result<Arc<Provider>, ProfileError> {
        match source {
            Source::Named(source) => {
                let place = self.profiles.place(name);
                let origin = format!("the credential_source of {name} ({place})");
                self.named(source, origin, name)
            }
            Source::Itself => self.provider(name, true, visited),
            Source::Profile(next) => {
                if visited.contains(&next) && !self.profiles.has_keys(&next) {
                    visited.push(next);
                    return Err(self.profiles.error(name, Problem::Loop(std::mem::take(visited))));
                }
                if visited.len() > LONGEST_CHAIN {
                    return Err(self.profiles.error(name, Problem::LongChain(LONGEST_CHAIN)));
                }
                self.provider(&next, true, visited)
            }
        }
    }

    fn sign_in(&mut self, filed_under: String) -> Arc<SharedSignIn> {
        Arc::clone(self.sign_ins.entry(filed_under).or_default())
    }

    fn named(
        &mut self,
        source: CredentialSource,
        origin: String,
        profile: &str,
    ) -> Result<Arc<Provider>, ProfileError> {
        let settings = self.settings(profile, SignIn::Named(source))?;
        Ok(Provider::new(origin, Fetch::Named { source, settings }))
    }
}
