//! The profiles of the shared AWS files, read once however many accounts there are.
//!
//! Knows what the files say. Does not know how credentials are fetched: [`crate::credentials`] does.
//!
//! Start at [`Profiles::load`], then `kind.rs`, which says what sort of profile one is.

mod error;
mod kind;
mod section;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_config::profile::{Profile as SdkProfile, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::section::SsoSession;
use aws_types::os_shim_internal::{Env, Fs};

pub use error::{FilesError, Problem, ProfileError};
pub(crate) use kind::{CredentialSource, Keys, Kind, Role, SignIn, Source};

/// Ours: a file of 10,000 profiles has about 2 MB.
const MAX_BYTES: u64 = attache_files::MAX_DOCUMENT_BYTES;

/// All profiles of the config file and the credentials file.
pub struct Profiles {
    config: File,
    credentials: File,
}

/// Its profiles hold keys.
impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profiles").finish_non_exhaustive()
    }
}

/// A shared file: what the SDK reads in it, and where its sections are.
#[derive(Default)]
struct File {
    path: PathBuf,
    set: ProfileSet,
    /// The line of each profile's first section, from 1.
    lines: BTreeMap<String, usize>,
    /// The lines of each `services` section, which have levels of their own.
    services: BTreeMap<String, String>,
}

impl Profiles {
    /// Reads the files that `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name, or
    /// `~/.aws/config` and `~/.aws/credentials`. One that is not there is an empty one, as for the
    /// AWS CLI.
    ///
    /// # Errors
    /// When a file cannot be read, or is not in the format of the shared files.
    pub async fn load() -> Result<Self, FilesError> {
        let env = Env::real();
        let path = |variable: &str, name: &str| {
            let named = env.get(variable).ok().filter(|path| !path.is_empty());
            expand(named.as_deref().unwrap_or(name), &env)
        };
        let config = path("AWS_CONFIG_FILE", "~/.aws/config");
        let credentials = path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        Self::of_files(Some(&config), &credentials).await
    }

    /// Reads these files, and no others.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn of_files(config: Option<&Path>, credentials: &Path) -> Result<Self, FilesError> {
        let config = match config {
            Some(path) => File::read(path, EnvConfigFileKind::Config).await?,
            None => File::default(),
        };
        let credentials = File::read(credentials, EnvConfigFileKind::Credentials).await?;
        Ok(Self { config, credentials })
    }

    /// Whether there is such a profile.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<Profile<'_>> {
        let name = section::identifier(name);
        let config = self.config.set.get_profile(&name);
        let credentials = self.credentials.set.get_profile(&name);
        (config.is_some() || credentials.is_some()).then_some(Profile { config, credentials })
    }

    /// A session of IAM Identity Center, which the config file alone has.
    fn sso_session(&self, name: &str) -> Option<&SsoSession> {
        self.config.set.sso_session(&section::identifier(name))
    }

    /// Where the profile begins, as `path:line`; the config file first, where roles and sign-ins
    /// are.
    pub(crate) fn place(&self, name: &str) -> String {
        let found = [&self.config, &self.credentials]
            .into_iter()
            .find_map(|file| file.lines.get(name).map(|line| (file, line)));
        let shown = |path: &Path| {
            let text = path.to_string_lossy().into_owned();
            attache_identifiers::printable(&text).into_owned()
        };
        match found {
            Some((file, line)) => format!("{}:{line}", shown(&file.path)),
            None => format!("{} and {}", shown(&self.config.path), shown(&self.credentials.path)),
        }
    }

    pub(crate) fn error(&self, profile: &str, problem: Problem) -> ProfileError {
        ProfileError { profile: profile.to_owned(), place: self.place(profile), problem }
    }

    /// That there is no such profile.
    pub(crate) fn missing(&self, name: &str) -> ProfileError {
        self.error(name, Problem::Missing)
    }
}

/// A profile, as both files together have it: the credentials file wins.
#[derive(Clone, Copy, Default)]
struct Profile<'p> {
    config: Option<&'p SdkProfile>,
    credentials: Option<&'p SdkProfile>,
}

impl<'p> Profile<'p> {
    /// A key's value, where it is not empty.
    fn get(self, key: &str) -> Option<&'p str> {
        let files = [self.credentials, self.config].into_iter().flatten();
        files.filter_map(|profile| profile.get(key)).find(|value| !value.is_empty())
    }
}

impl File {
    async fn read(path: &Path, kind: EnvConfigFileKind) -> Result<Self, FilesError> {
        let text = read(path)?;
        let files = EnvConfigFiles::builder().with_contents(kind, section::with_identifiers(&text));
        let parsed =
            aws_config::profile::load(&Fs::real(), &Env::real(), &files.build(), None).await;
        let malformed = |source| FilesError::Malformed { path: path.to_owned(), source };
        let mut file =
            Self { path: path.to_owned(), set: parsed.map_err(malformed)?, ..Self::default() };
        let config = matches!(kind, EnvConfigFileKind::Config);
        for section in section::sections(&text) {
            match section.kind {
                section::Kind::Profile if config => file.profile(&section),
                section::Kind::Plain if !config || section.name == "default" => {
                    file.profile(&section);
                }
                section::Kind::Services if config => {
                    file.services
                        .entry(section.name.to_owned())
                        .or_default()
                        .push_str(section.body);
                }
                _ => {}
            }
        }
        Ok(file)
    }

    fn profile(&mut self, section: &section::Section<'_>) {
        self.lines.entry(section.name.to_owned()).or_insert(section.line);
    }
}

/// The file's text; none where there is no file.
fn read(path: &Path) -> Result<String, FilesError> {
    match attache_files::read_text(path, MAX_BYTES) {
        Err(attache_files::FileError::Io { source, .. })
            if source.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(String::new())
        }
        read => read.map_err(FilesError::Unreadable),
    }
}

/// `~/` as the SDKs and the AWS CLI expand it.
fn expand(path: &str, env: &Env) -> PathBuf {
    let home = env.get("HOME").ok().filter(|home| !home.is_empty());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}
