//! What sort of profile one is: where its credentials come from, as data.
//!
//! The order of precedence is the AWS CLI's (botocore's `ProfileProviderBuilder`): a role, a web
//! identity, SSO, keys of the credentials file, a console login, a process, keys of the config file.
//! Source: <https://docs.aws.amazon.com/cli/latest/topic/config-vars.html>.

use std::path::PathBuf;

use attache_identifiers::Secret;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;

use super::{Problem, Profile, ProfileError, Profiles, section};

/// AWS's: how long a role's session may be, in seconds.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
const DURATION: std::ops::RangeInclusive<i32> = 900..=43_200;

/// Where a profile's credentials come from.
#[derive(Debug)]
pub(crate) enum Kind {
    /// They are written in it.
    Keys(Keys),
    /// A role, assumed with other credentials.
    Role(Role, Source),
    /// A role, assumed with a token in a file.
    WebIdentity { role: Role, token_file: PathBuf },
    /// IAM Identity Center, after `aws sso login`; with what its token is filed under.
    Sso { sign_in: String },
    /// The console's sign-in, after `aws login`; likewise.
    Login { session: String },
    /// What a program prints. Its command line can hold secrets.
    Process { command: Secret },
}

/// An access key.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: Secret,
    pub(crate) token: Option<Secret>,
}

impl Keys {
    pub(crate) fn credentials(&self) -> Credentials {
        let token = self.token.as_ref().map(|token| token.expose().to_owned());
        Credentials::new(self.id.clone(), self.secret.expose(), token, None, "profile")
    }
}

/// A role, and how it is assumed.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: Option<String>,
    pub(crate) duration: Option<i32>,
}

/// What a role is assumed with.
#[derive(Debug)]
pub(crate) enum Source {
    /// Another profile.
    Profile(String),
    /// What the same profile holds besides the role.
    Itself,
    /// What is at hand where this runs.
    Named(CredentialSource),
}

/// The values of `credential_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CredentialSource {
    Environment,
    Ec2InstanceMetadata,
    EcsContainer,
}

impl CredentialSource {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Environment => "Environment",
            Self::Ec2InstanceMetadata => "Ec2InstanceMetadata",
            Self::EcsContainer => "EcsContainer",
        }
    }
}

impl Profiles {
    /// The profile's kind. As a source of another one, its keys come before its role: so a profile
    /// can hold both.
    pub(crate) fn kind(&self, name: &str, as_source: bool) -> Result<Kind, ProfileError> {
        let profile = self.get(name).ok_or_else(|| self.missing(name))?;
        self.check_endpoints(name)?;
        let get = |key: &str| profile.get(key);
        if let Some(arn) = get("role_arn").filter(|_| get("web_identity_token_file").is_none())
            && !(as_source && self.has_keys(name))
        {
            return self.role(name, profile, arn);
        }
        self.base(name, profile)
    }

    /// The keys that are written in a profile, ready to sign with.
    ///
    /// # Errors
    /// When there is no such profile, or its credentials come from elsewhere.
    pub fn written_keys(&self, name: &str) -> Result<SharedCredentialsProvider, ProfileError> {
        let profile = self.get(name).ok_or_else(|| self.missing(name))?;
        match self.keys(name, profile)? {
            Kind::Keys(keys) => Ok(SharedCredentialsProvider::new(keys.credentials())),
            _ => Err(self.error(name, Problem::NoCredentials)),
        }
    }

    /// Whether keys are written in it, or at least one half.
    pub(crate) fn has_keys(&self, name: &str) -> bool {
        let Some(profile) = self.get(name) else { return false };
        ["aws_access_key_id", "aws_secret_access_key"]
            .into_iter()
            .any(|key| profile.get(key).is_some())
    }

    /// The file of the certificate authorities that it trusts.
    pub(crate) fn ca_bundle(&self, name: &str) -> Option<PathBuf> {
        Some(super::expand(self.get(name)?.get("ca_bundle")?, &super::Env::real()))
    }

    /// The region that it names.
    pub(crate) fn region(&self, name: &str) -> Option<&str> {
        self.get(name)?.get("region")
    }

    /// The SDK would pass over an endpoint that it cannot read, and talk to AWS's own instead.
    fn check_endpoints(&self, name: &str) -> Result<(), ProfileError> {
        let text = self.settings_text(name, SignIn::None);
        for url in text.lines().filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == "endpoint_url").then(|| value.trim())
        }) {
            crate::endpoint::check_endpoint(url).map_err(|error| {
                let (found, expected) = (error.url, "a URL like https://host");
                self.error(name, Problem::BadValue { key: "endpoint_url", found, expected })
            })?;
        }
        Ok(())
    }

    fn role(&self, name: &str, profile: Profile<'_>, arn: &str) -> Result<Kind, ProfileError> {
        let error = |problem| self.error(name, problem);
        let source = match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(_), Some(_)) => return Err(error(Problem::TwoSources)),
            (None, None) => return Err(error(Problem::RoleWithoutSource)),
            (None, Some(named)) => Source::Named(
                credential_source(named)
                    .ok_or_else(|| error(Problem::BadCredentialSource(named.to_owned())))?,
            ),
            (Some(other), None) if other == name => {
                if !self.has_keys(name) {
                    return Err(error(Problem::Loop(vec![name.to_owned(), name.to_owned()])));
                }
                Source::Itself
            }
            (Some(other), None) if self.contains(other) => Source::Profile(other.to_owned()),
            (Some(other), None) => return Err(error(Problem::NoSourceProfile(other.to_owned()))),
        };
        if profile.get("mfa_serial").is_some() {
            return Err(error(Problem::Mfa(name.to_owned())));
        }
        Ok(Kind::Role(self.role_of(name, profile, arn)?, source))
    }

    fn role_of(&self, name: &str, profile: Profile<'_>, arn: &str) -> Result<Role, ProfileError> {
        let duration = profile.get("duration_seconds").map(|text| {
            text.trim().parse().ok().filter(|seconds| DURATION.contains(seconds)).ok_or_else(|| {
                let expected = "whole seconds from 900 to 43200";
                let found = text.to_owned();
                self.error(name, Problem::BadValue { key: "duration_seconds", found, expected })
            })
        });
        Ok(Role {
            arn: arn.to_owned(),
            external_id: profile.get("external_id").map(str::to_owned),
            session_name: profile.get("role_session_name").map(str::to_owned),
            duration: duration.transpose()?,
        })
    }

    /// What a profile is besides its role.
    fn base(&self, name: &str, profile: Profile<'_>) -> Result<Kind, ProfileError> {
        let get = |key: &str| profile.get(key);
        if let Some(file) = get("web_identity_token_file") {
            let missing = || self.error(name, Problem::MissingKey("role_arn"));
            let arn = get("role_arn").ok_or_else(missing)?;
            let role = self.role_of(name, profile, arn)?;
            return Ok(Kind::WebIdentity {
                role,
                token_file: super::expand(file, &super::Env::real()),
            });
        }
        if get("sso_account_id").or(get("sso_role_name")).is_some() {
            return self.sso(name, profile);
        }
        let static_key = profile.credentials.and_then(|section| section.get("aws_access_key_id"));
        if static_key.is_some() {
            return self.keys(name, profile);
        }
        if let Some(session) = get("login_session") {
            return Ok(Kind::Login { session: session.to_owned() });
        }
        if let Some(command) = get("credential_process") {
            return Ok(Kind::Process { command: Secret::new(command) });
        }
        self.keys(name, profile)
    }

    fn keys(&self, name: &str, profile: Profile<'_>) -> Result<Kind, ProfileError> {
        let get = |key: &str| profile.get(key);
        let missing = |key| self.error(name, Problem::MissingKey(key));
        let (id, secret) = (get("aws_access_key_id"), get("aws_secret_access_key"));
        match (id, secret) {
            (None, None) => Err(self.error(name, Problem::NoCredentials)),
            (None, Some(_)) => Err(missing("aws_access_key_id")),
            (Some(_), None) => Err(missing("aws_secret_access_key")),
            (Some(id), Some(secret)) => Ok(Kind::Keys(Keys {
                id: id.to_owned(),
                secret: Secret::new(secret),
                token: get("aws_session_token").or(get("aws_security_token")).map(Secret::new),
            })),
        }
    }

    fn sso(&self, name: &str, profile: Profile<'_>) -> Result<Kind, ProfileError> {
        let session_name = profile.get("sso_session");
        let session = match session_name {
            None => None,
            Some(wanted) => Some(
                self.sso_session(wanted)
                    .ok_or_else(|| self.error(name, Problem::NoSsoSession(wanted.to_owned())))?,
            ),
        };
        for key in ["sso_start_url", "sso_region"] {
            let (in_profile, shared) =
                (profile.get(key), session.and_then(|session| session.get(key)));
            if in_profile.zip(shared).is_some_and(|(in_profile, shared)| in_profile != shared) {
                return Err(self.error(name, Problem::SsoDiffers(key)));
            }
        }
        let has = |key: &str| {
            profile.get(key).or_else(|| session?.get(key)).is_some_and(|text| !text.is_empty())
        };
        let wanted = ["sso_account_id", "sso_role_name", "sso_start_url", "sso_region"];
        let keys: Vec<_> = wanted.into_iter().filter(|key| !has(key)).collect();
        if !keys.is_empty() {
            return Err(self.error(name, Problem::MissingSso { name: name.to_owned(), keys }));
        }
        let sign_in = session_name.or_else(|| profile.get("sso_start_url")).unwrap_or_default();
        Ok(Kind::Sso { sign_in: sign_in.to_owned() })
    }

    /// What the SDK is to know of the profile, as the text of a config file with this profile alone,
    /// called `default`. No key is in it, and no role: the SDK is asked for the profile's own
    /// sign-in, endpoints and region.
    pub(crate) fn settings_text(&self, name: &str, with: SignIn) -> String {
        let profile = self.get(name).unwrap_or_default();
        let mut text = String::from("[default]\n");
        for key in SETTINGS {
            line(&mut text, key, profile.get(key));
        }
        if let Some(name) = profile.get("services") {
            line(&mut text, "services", Some(&section::identifier(name)));
        }
        match with {
            SignIn::None => {}
            SignIn::Login => line(&mut text, "login_session", profile.get("login_session")),
            SignIn::Named(source) => line(&mut text, "credential_source", Some(source.name())),
            SignIn::Sso => self.sso_text(&mut text, profile),
        }
        if let Some((name, body)) =
            profile.get("services").and_then(|name| self.config.services.get_key_value(name))
        {
            text.push_str(&format!("[services {}]\n{body}\n", section::identifier(name)));
        }
        text
    }

    /// The sign-in, and where there is one the session that it belongs to: what a profile repeats of
    /// its session, which the AWS CLI allows and the SDK does not, is written once.
    fn sso_text(&self, text: &mut String, profile: Profile<'_>) {
        for key in ["sso_account_id", "sso_role_name"] {
            line(text, key, profile.get(key));
        }
        // The cached token is filed under the session's name, so it must be as it is.
        let name = profile.get("sso_session");
        line(text, "sso_session", name);
        let session = name.and_then(|name| self.sso_session(name));
        if let Some(name) = name {
            text.push_str(&format!("[sso-session {}]\n", section::identifier(name)));
        }
        for key in ["sso_start_url", "sso_region"] {
            line(text, key, profile.get(key).or_else(|| session?.get(key)));
        }
    }
}

fn line(text: &mut String, key: &str, value: Option<&str>) {
    // A value of several lines is none of these keys' values.
    if let Some(value) = value.filter(|value| !value.contains('\n')) {
        text.push_str(&format!("{key} = {value}\n"));
    }
}

/// Which sign-in of a profile the SDK is to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignIn {
    None,
    Sso,
    Login,
    Named(CredentialSource),
}

/// A profile's keys that are about how AWS is reached.
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>.
const SETTINGS: [&str; 14] = [
    "region",
    "endpoint_url",
    "ignore_configured_endpoint_urls",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "max_attempts",
    "retry_mode",
    "defaults_mode",
    "sdk_ua_app_id",
    "account_id_endpoint_mode",
    "auth_scheme_preference",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
];

fn credential_source(text: &str) -> Option<CredentialSource> {
    use CredentialSource::{Ec2InstanceMetadata, EcsContainer, Environment};
    // The AWS CLI compares them without case.
    [Environment, Ec2InstanceMetadata, EcsContainer]
        .into_iter()
        .find(|source| source.name().eq_ignore_ascii_case(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn profiles(config: &str, credentials: &str) -> Profiles {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("config"), folder.path().join("credentials"));
        std::fs::write(&a, config).unwrap();
        std::fs::write(&b, credentials).unwrap();
        Profiles::of_files(Some(&a), &b).await.unwrap()
    }

    fn name(kind: Result<Kind, ProfileError>) -> String {
        match kind {
            Ok(Kind::Keys(keys)) => format!("keys {}", keys.id),
            Ok(Kind::Role(role, source)) => format!("role {} by {source:?}", role.arn),
            Ok(Kind::WebIdentity { role, .. }) => format!("web identity {}", role.arn),
            Ok(Kind::Sso { .. }) => "sso".to_owned(),
            Ok(Kind::Login { .. }) => "login".to_owned(),
            Ok(Kind::Process { .. }) => "process".to_owned(),
            Err(error) => format!("{:?}", error.problem),
        }
    }

    const KEYS: &str = "aws_access_key_id = AKIA\naws_secret_access_key = s3cret\n";
    const SSO: &str = "sso_account_id = 1\nsso_role_name = r\nsso_start_url = u\nsso_region = x\n";

    /// botocore's order: `ProfileProviderBuilder.providers`, and before it the role.
    #[tokio::test]
    async fn a_profile_of_several_kinds_is_of_the_one_that_the_aws_cli_takes() {
        let role = "role_arn = R\nsource_profile = x\n";
        let all = format!("{SSO}login_session = l\ncredential_process = p\n{KEYS}");
        let rest = "login_session = l\ncredential_process = p\n";
        for (config, credentials, wanted) in [
            (format!("{role}{all}"), String::new(), r#"role R by Profile("x")"#),
            (
                format!("role_arn = R\nweb_identity_token_file = f\n{all}"),
                String::new(),
                "web identity R",
            ),
            (all.clone(), KEYS.to_owned(), "sso"),
            (rest.to_owned(), KEYS.to_owned(), "keys AKIA"),
            (format!("{rest}{KEYS}"), String::new(), "login"),
            (format!("credential_process = p\n{KEYS}"), String::new(), "process"),
            (KEYS.to_owned(), String::new(), "keys AKIA"),
            ("region = x\n".to_owned(), String::new(), "NoCredentials"),
            ("sso_session = s\n".to_owned(), String::new(), "NoCredentials"),
            (format!("role_arn = R\n{KEYS}"), String::new(), "RoleWithoutSource"),
            (
                "web_identity_token_file = f\n".to_owned(),
                String::new(),
                r#"MissingKey("role_arn")"#,
            ),
        ] {
            let config = format!("[profile p]\n{config}[profile x]\nregion = r\n");
            let of = profiles(&config, &format!("[p]\n{credentials}")).await;
            assert_eq!(name(of.kind("p", false)), wanted, "{config}");
        }
    }

    #[tokio::test]
    async fn what_the_sdk_is_told_of_a_profile_has_no_secret_and_no_other_profile() {
        let config = format!(
            "[profile p]\nregion = eu-west-1\nservices = s\nsso_session = c\nsso_account_id = 1\n\
             sso_role_name = r\ncredential_process = hidden\n{KEYS}[sso-session c]\n\
             sso_region = us-east-1\nsso_start_url = u\n[services s]\niam =\n  endpoint_url = http://x\n\
             [profile other]\nregion = other\n"
        );
        let of = profiles(&config, "").await;
        let text = of.settings_text("p", SignIn::Sso);
        assert_eq!(
            text,
            "[default]\nregion = eu-west-1\nservices = s\nsso_account_id = 1\nsso_role_name = r\n\
             sso_session = c\n[sso-session c]\nsso_start_url = u\nsso_region = us-east-1\n\
             [services s]\niam =\n  endpoint_url = http://x\n\n"
        );
        let text = of.settings_text("p", SignIn::None);
        for part in ["s3cret", "AKIA", "hidden", "other", "sso"] {
            assert!(!text.contains(part), "{text}");
        }
        assert!(!format!("{of:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn a_place_is_the_profiles_own_line() {
        let of = profiles("[profile a]\nx = 1\n[profile \"b c\"]\n", "\n[d]\n").await;
        for (name, end) in [("a", "config:1"), ("b c", "config:3"), ("d", "credentials:2")] {
            assert!(of.place(name).ends_with(end), "{}", of.place(name));
        }
    }
}
