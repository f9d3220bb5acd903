//! What can be wrong with the shared files and their profiles, as the AWS CLI words it, with the
//! place and the fix.

use std::path::PathBuf;

use attache_identifiers::displayable;

/// Ours: characters of a name out of a file that are shown.
const LONGEST_NAME: usize = 200;

/// A shared file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FilesError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[source] attache_files::FileError),
    /// It is not in the format of the shared files.
    #[error("could not read {}: {}", .path.display(), complaint(.source))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The SDK's complaint.
        #[source]
        source: aws_config::profile::ProfileFileLoadError,
    },
}

/// The SDK's complaint is two errors, the inner one with the line.
fn complaint(error: &aws_config::profile::ProfileFileLoadError) -> String {
    let inner = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let text = inner.split_once(" on line ").map_or(inner.clone(), |(_, rest)| {
        format!("line {}", rest.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    displayable(&text, &[], LONGEST_NAME)
}

/// A profile cannot be used as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the profile {} ({place}): {problem}", displayable(profile, &[], LONGEST_NAME))]
pub struct ProfileError {
    /// The profile.
    pub profile: String,
    /// Where it is, as `path:line`.
    pub place: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// There is none of that name.
    #[error("the config profile could not be found. Run: aws configure list-profiles")]
    Missing,
    /// Its `source_profile` is not there.
    #[error(
        "the source_profile {0:?} does not exist: correct the name. Run: aws configure list-profiles"
    )]
    NoSourceProfile(String),
    /// Its `source_profile`s lead back to where they came from.
    #[error(
        "infinite loop in credential configuration: {}; let one of them have credentials of its own",
        .0.join(" -> ")
    )]
    Loop(Vec<String>),
    /// Too many `source_profile`s stand one behind the other.
    #[error("more than {0} source_profiles stand one behind the other: shorten the chain")]
    LongChain(usize),
    /// It has a role, and nothing to assume it with.
    #[error(
        "partial credentials: it has role_arn, and neither source_profile nor credential_source \
         nor web_identity_token_file; add the one that assumes the role"
    )]
    RoleWithoutSource,
    /// It has a role, two ways to assume it.
    #[error("it contains both source_profile and credential_source: remove one")]
    TwoSources,
    /// Its `credential_source` is none.
    #[error(
        "the credential_source {0:?} is not valid: expected Environment, Ec2InstanceMetadata or \
         EcsContainer"
    )]
    BadCredentialSource(String),
    /// A key is missing beside the others.
    #[error("it is missing {0}: add it")]
    MissingKey(&'static str),
    /// A value is not what it should be.
    #[error("{key} is {found:?}: expected {expected}")]
    BadValue {
        /// The key.
        key: &'static str,
        /// Its value.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Its certificate authorities cannot be used.
    #[error("its ca_bundle {} cannot be used: {why}", .path.display())]
    BadBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// SSO keys are missing.
    #[error("it is configured to use SSO but is missing {}. Run: aws configure sso --profile {name}", .keys.join(", "))]
    MissingSso {
        /// The profile.
        name: String,
        /// The keys.
        keys: Vec<&'static str>,
    },
    /// Its `sso_session` is not there.
    #[error("the sso-session {0:?} does not exist. Run: aws configure sso-session")]
    NoSsoSession(String),
    /// It contradicts its `sso_session`.
    #[error("the value of {0} differs from that of its sso-session: remove it from the profile")]
    SsoDiffers(&'static str),
    /// It needs a code that a person reads from a device.
    #[error(
        "it has mfa_serial, and there is no prompt for its code. Run: eval \"$(aws configure \
         export-credentials --profile {0} --format env)\""
    )]
    Mfa(String),
    /// It has no credentials at all.
    #[error(
        "it has no credentials: expected keys, role_arn, sso_session, login_session or \
         credential_process"
    )]
    NoCredentials,
}
