//! A role of the file, checked against IAM's rules for roles.

use std::collections::BTreeMap;

use attache_identifiers::{AccountId, IamPath, Partition, PolicyName, RoleArn};
use attache_manifests::{File, Invalid};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use super::shape::Nullable;
use super::{Keep, Role, Setting, policy_name, shape};

/// AWS's: seconds that a role's sessions may last at most.
const SESSION_SECONDS: std::ops::RangeInclusive<i32> = 3600..=43_200;

/// AWS's highest quota. The default is 10, and AWS refuses more where it was not raised.
const MOST_POLICIES: usize = 25;

/// AWS's: characters of a role's description.
const LONGEST_DESCRIPTION: usize = 1_000;

/// Tag keys that are not the file's to set.
const RESERVED: &[&str] = &["aws:", "attache:"];

/// What all roles of a file are read with.
pub(super) struct Roles<'f> {
    pub(super) file: File<'f>,
    pub(super) partition: &'f Partition,
}

impl Roles<'_> {
    pub(super) fn read(&self, shape: shape::Source) -> Result<Role, Invalid> {
        let account = shape.account.value;
        Ok(Role {
            arn: self.arn(&shape)?,
            policies: self.policies(account, &shape.policies)?,
            inline: self.inline(shape.inline_policies)?,
            boundary: self.boundary(account, shape.permissions_boundary)?,
            max_session: self.session(shape.max_session_duration)?,
            description: self.description(shape.description)?,
            tags: self.tags(shape.tags)?,
            trust_statements: self.trust_statements(shape.trust_statements)?,
            keep: self.keep(account, shape.keep)?,
        })
    }

    /// Each is a whole statement, as YAML or as JSON text.
    fn trust_statements(&self, given: Vec<Spanned<Value>>) -> Result<Vec<Value>, Invalid> {
        let statement = |given: Spanned<Value>| {
            let wrong = |message: String| self.file.wrong(given.referenced, message, None);
            let text = match &given.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let value: Value = serde_json::from_str(&text)
                .map_err(|e| wrong(format!("the trust statement is not JSON: {e}")))?;
            if !value.is_object() {
                return Err(wrong("expected one statement: an object with its Effect".to_owned()));
            }
            let whole = format!(r#"{{"Version": "2012-10-17", "Statement": [{text}]}}"#);
            attache_policy::Policy::parse(&whole, attache_policy::Kind::Trust)
                .map_err(|e| wrong(format!("the trust statement: {e}")))?;
            Ok(value)
        };
        given.into_iter().map(statement).collect()
    }

    fn keep(&self, account: AccountId, given: shape::Keep) -> Result<Keep, Invalid> {
        let policies = given.policies.iter().map(|policy| self.policy(account, policy));
        let name = |name: Spanned<String>| {
            let wrong = |e: attache_identifiers::NameError| {
                self.file.wrong(name.referenced, e.to_string(), None)
            };
            PolicyName::parse(&name.value).map_err(wrong)?;
            Ok(name.value)
        };
        let key = |key: Spanned<String>| {
            let is_one = key.value.split_once(':').is_some_and(|(head, tail)| {
                !head.is_empty() && !tail.is_empty() && !key.value.contains(char::is_whitespace)
            });
            if is_one {
                return Ok(key.value);
            }
            let message = format!("{:?} is not a condition key", key.value);
            Err(self.file.wrong(key.referenced, message, Some("such as aws:SourceIp".to_owned())))
        };
        let boundary = given.permissions_boundary;
        Ok(Keep {
            policies: policies.collect::<Result<_, _>>()?,
            inline: given.inline_policies.into_iter().map(name).collect::<Result<_, _>>()?,
            boundary: boundary.map(|policy| self.policy(account, &policy)).transpose()?,
            trust_conditions: given
                .trust_conditions
                .into_iter()
                .map(key)
                .collect::<Result<_, _>>()?,
            trust_denies: given.trust_denies,
        })
    }

    fn arn(&self, shape: &shape::Source) -> Result<RoleArn, Invalid> {
        let (path, at) = match &shape.path {
            Some(path) => (path.value.as_str(), path.referenced),
            None => ("/", shape.role.referenced),
        };
        if !(path.starts_with('/') && path.ends_with('/')) || path.contains("//") {
            let help = "such as /team/".to_owned();
            return Err(self.file.wrong(at, "a path begins and ends with /", Some(help)));
        }
        let path = IamPath::parse(path).map_err(|e| self.file.wrong(at, e.to_string(), None))?;
        let (account, name) = (shape.account.value, shape.role.value.clone());
        Ok(RoleArn::at(self.partition.clone(), account, path, name))
    }

    fn policies(
        &self,
        account: AccountId,
        given: &[Spanned<String>],
    ) -> Result<Vec<String>, Invalid> {
        if let Some(last) = given.get(MOST_POLICIES) {
            let message = "a role takes at most 25 managed policies, 10 by default";
            return Err(self.file.wrong(last.referenced, message, None));
        }
        let mut arns = Vec::new();
        for policy in given {
            let arn = self.policy(account, policy)?;
            // IAM finds a policy in any letters.
            if arns.iter().any(|other: &String| other.eq_ignore_ascii_case(&arn)) {
                let message = format!("duplicate policy `{}`", policy.value);
                return Err(self.file.wrong(policy.referenced, message, None));
            }
            arns.push(arn);
        }
        Ok(arns)
    }

    fn policy(&self, account: AccountId, given: &Spanned<String>) -> Result<String, Invalid> {
        policy_name::resolve(&given.value, account, self.partition).map_err(|why| {
            self.file.wrong(given.referenced, format!("the policy `{}`: {why}", given.value), None)
        })
    }

    fn boundary(
        &self,
        account: AccountId,
        given: Nullable<String>,
    ) -> Result<Setting<String>, Invalid> {
        setting(given, |at, name| {
            policy_name::resolve(&name, account, self.partition)
                .map_err(|why| self.file.wrong(at, format!("the policy `{name}`: {why}"), None))
        })
    }

    fn description(&self, given: Nullable<String>) -> Result<Setting<String>, Invalid> {
        setting(given, |at, text| {
            if text.is_empty() || text.chars().count() > LONGEST_DESCRIPTION {
                let message = format!("a description has 1 to {LONGEST_DESCRIPTION} characters");
                let help = "`description: null` removes it".to_owned();
                return Err(self.file.wrong(at, message, Some(help)));
            }
            Ok(text)
        })
    }

    fn inline(
        &self,
        given: BTreeMap<String, Spanned<Value>>,
    ) -> Result<BTreeMap<String, Value>, Invalid> {
        let names: Vec<String> = given.keys().cloned().collect();
        let document = |(name, given): (String, Spanned<Value>)| {
            let wrong = |message: String| self.file.wrong(given.referenced, message, None);
            // IAM takes the names without case: the second would replace the first at every run.
            let same = |other: &&String| other.eq_ignore_ascii_case(&name) && **other < name;
            if let Some(other) = names.iter().find(same) {
                return Err(wrong(format!(
                    "duplicate inline policy `{name}`: IAM takes `{other}` for the same name"
                )));
            }
            PolicyName::parse(&name).map_err(|e| wrong(e.to_string()))?;
            let text = match &given.value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let value = serde_json::from_str(&text)
                .map_err(|e| wrong(format!("the inline policy `{name}` is not JSON: {e}")))?;
            // The text as it was given: a value has lost the keys that were there twice.
            attache_policy::Policy::parse(&text, attache_policy::Kind::Identity)
                .map_err(|e| wrong(format!("the inline policy `{name}`: {e}")))?;
            Ok((name, value))
        };
        given.into_iter().map(document).collect()
    }

    fn session(&self, given: Nullable<i32>) -> Result<Setting<i32>, Invalid> {
        setting(given, |at, seconds| {
            if SESSION_SECONDS.contains(&seconds) {
                return Ok(seconds);
            }
            let message = format!("{seconds} s is not a valid session duration");
            let help = "AWS takes 3600 (1 h) to 43200 (12 h) seconds".to_owned();
            Err(self.file.wrong(at, message, Some(help)))
        })
    }

    fn tags(
        &self,
        given: BTreeMap<String, Spanned<String>>,
    ) -> Result<BTreeMap<String, String>, Invalid> {
        for (key, value) in &given {
            if !legal_tag(key, &value.value) {
                let message = format!("`{key}` is not a valid tag");
                let help = "at most 128 characters, and 256 of value, of letters, digits, spaces \
                            and _.:/=+-@; the prefixes aws: and attache: are reserved";
                return Err(self.file.wrong(value.referenced, message, Some(help.to_owned())));
            }
        }
        Ok(given.into_iter().map(|(key, value)| (key, value.value)).collect())
    }
}

/// A key that may be left out or `null`, with its value checked.
fn setting<T>(
    given: Nullable<T>,
    check: impl FnOnce(Location, T) -> Result<T, Invalid>,
) -> Result<Setting<T>, Invalid> {
    let Some(given) = given else { return Ok(Setting::Unmentioned) };
    match given.value {
        None => Ok(Setting::Removed),
        Some(value) => check(given.referenced, value).map(Setting::To),
    }
}

/// IAM's rules for tags. Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>.
fn legal_tag(key: &str, value: &str) -> bool {
    let legal = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let reserved = RESERVED.iter().any(|prefix| key.to_lowercase().starts_with(prefix));
    let lengths = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
    !reserved && lengths && key.chars().all(legal) && value.chars().all(legal)
}
