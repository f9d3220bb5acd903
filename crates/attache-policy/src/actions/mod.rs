//! The actions of AWS's services: on what they act, and which condition keys they may carry.
//!
//! Knows the services that are asked and set up here, not all of AWS. The files under `actions/`
//! hold what AWS's Service Authorization Reference says.

mod files;
mod listings;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::Context;
use crate::pattern::Pattern;
use crate::segment::Wildcards;
pub(crate) use listings::resource_of as listing_resource;

/// A service's actions.
#[derive(Debug, Default)]
pub(crate) struct Service {
    prefix: &'static str,
    types: Vec<(&'static str, Pattern)>,
    /// What the resources of a type have, whatever the action.
    type_keys: BTreeMap<&'static str, Vec<&'static str>>,
    /// What its resources' names begin with, where all of them begin with a type.
    type_names: Option<Vec<&'static str>>,
    keys: BTreeMap<&'static str, Vec<&'static str>>,
    actions: Vec<Action>,
}

/// One action.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: &'static str,
    lower: String,
    types: Vec<&'static str>,
    keys: &'static str,
}

/// The service that an action's prefix names, in any case; none for an unknown service.
pub(crate) fn service(prefix: &str) -> Option<&'static Service> {
    static SERVICES: OnceLock<BTreeMap<&str, Service>> = OnceLock::new();
    let services = SERVICES.get_or_init(|| {
        files::FILES.iter().map(|(name, text)| (*name, Service::read(name, text))).collect()
    });
    services.get(prefix.to_ascii_lowercase().as_str())
}

/// Whether AWS has the action, of those of its services that are known here: `ec2:RunInstances`, in
/// any case.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
#[must_use]
pub fn is_action(action: &str) -> bool {
    let Some((prefix, name)) = action.split_once(':') else { return false };
    let name = name.to_ascii_lowercase();
    service(prefix).is_some_and(|own| own.actions.iter().any(|action| action.lower == name))
}

/// Whether an action, in lower case, acts on resources of that type.
pub(crate) fn acts_on(prefix: &str, name: &str, wanted: &str) -> bool {
    let own = service(prefix).and_then(|own| own.actions.iter().find(|own| own.lower == name));
    own.is_some_and(|own| own.types.contains(&wanted))
}

/// The services that are known here, by their prefix in actions, with their actions' names in lower
/// case.
pub(crate) fn known() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    let names = files::FILES.iter().map(|(name, _)| *name);
    names.filter_map(|name| {
        let actions = service(name)?.actions.iter();
        Some((name, actions.map(|action| action.lower.as_str())))
    })
}

impl Service {
    fn read(prefix: &'static str, text: &'static str) -> Self {
        let mut service = Self { prefix, ..Self::default() };
        let mut type_names = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (first, second) = (words.next().unwrap_or_default(), words.next());
            match (first, second) {
                ("type", Some(name)) => {
                    // A few types have two forms of ARN.
                    for arn in words.map(|arn| arn.trim_end_matches(',')) {
                        service.types.push((name, placeholders(arn)));
                        type_names.push(type_name(arn));
                    }
                }
                ("has", Some(name)) => {
                    service.type_keys.insert(name, words.collect());
                }
                ("keys", Some(number)) => {
                    service.keys.insert(number, words.collect());
                }
                (name, types) => {
                    let types = types.unwrap_or("-").split(',').filter(|own| *own != "-");
                    service.actions.push(Action {
                        name,
                        lower: name.to_ascii_lowercase(),
                        types: types.collect(),
                        keys: words.next().unwrap_or_default(),
                    });
                }
            }
        }
        let type_names: Option<Vec<_>> = type_names.into_iter().collect();
        service.type_names = type_names.filter(|names| !names.is_empty());
        service
    }

    /// What its resources' names begin with, where all of them begin with a type: `instance`.
    pub(crate) fn type_names(&self) -> Option<&[&'static str]> {
        self.type_names.as_deref()
    }

    /// The actions that match a pattern, which follows the service's prefix.
    pub(crate) fn matching(&self, pattern: &str) -> Vec<&Action> {
        let Some(pattern) = read(&pattern.to_ascii_lowercase()) else { return Vec::new() };
        self.actions.iter().filter(|action| pattern.matches(&action.lower)).collect()
    }

    /// Whether a key is one of the service's own, in any case.
    pub(crate) fn has_key(&self, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        let keys = self.all_keys().chain(self.type_keys.values().flatten().copied());
        keys.map(|own| placeholders(&own.to_ascii_lowercase())).any(|own| own.matches(&key))
    }

    /// All condition keys that its actions may carry, some of them more than once.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.values().flatten().copied()
    }

    /// All names, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.actions.iter().map(|action| action.name)
    }

    /// Whether the action may carry a key that belongs to its service, whatever its case: by itself, or
    /// by a resource that it acts on.
    pub(crate) fn carries(&self, action: &Action, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        let of_types = action.types.iter().filter_map(|name| self.type_keys.get(name)).flatten();
        let keys = self.keys.get(action.keys).into_iter().flatten().chain(of_types);
        keys.map(|own| placeholders(&own.to_ascii_lowercase())).any(|own| own.matches(&key))
    }

    /// Whether the action acts on nothing that has an ARN. Then its resource is `*`, but for a few
    /// that are asked for on an ARN all the same.
    pub(crate) fn has_no_type(&self, action: &Action) -> bool {
        action.types.is_empty()
    }

    /// Whether the resource pattern can name anything that the action acts on.
    pub(crate) fn can_name(&self, action: &Action, resource: &Pattern) -> bool {
        let types = self.types.iter().filter(|(name, _)| action.types.contains(name));
        types.into_iter().any(|(_, arn)| arn.intersects(resource))
    }

    /// Whether it is an action without a type that is asked for on such an ARN.
    pub(crate) fn is_listed_on(&self, action: &Action, resource: &Pattern) -> bool {
        let form = listings::form_of(&format!("{}:{}", self.prefix, action.lower));
        // A star of the ARN is one: no text that a pattern has in its place is.
        form.is_some_and(|form| placeholders(&form.replace('*', "\u{1}")).intersects(resource))
    }
}

/// What an ARN has before a slash or a colon as its type; nothing where that is a name.
fn type_name(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let end = resource.find(['/', ':'])?;
    resource.get(..end).filter(|name| !name.contains('$'))
}

/// `${Account}` and its like may be anything.
pub(crate) fn placeholders(text: &str) -> Pattern {
    let mut pattern = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        pattern.push_str(before);
        pattern.push('*');
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    pattern.push_str(rest);
    read(&pattern).unwrap_or_else(Pattern::any)
}

/// A pattern without variables.
pub(crate) fn read(text: &str) -> Option<Pattern> {
    Pattern::read(text, Wildcards::Yes, false, &Context::none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_read_whole() {
        let mut count = 0;
        for (name, _) in files::FILES {
            let service = service(name).unwrap();
            assert!(!service.actions.is_empty(), "{name}");
            for action in &service.actions {
                let known = |own: &&str| service.types.iter().any(|(name, _)| name == own);
                assert!(action.types.iter().all(known), "{name}:{}", action.name);
                assert!(action.keys.is_empty() || service.keys.contains_key(action.keys));
            }
            count += service.actions.len();
        }
        assert!(count > 3_000, "{count}");
    }

    #[test]
    fn what_aws_says_of_some_actions() {
        let s3 = service("S3").unwrap();
        let get = s3.matching("getobject");
        let [get] = &get[..] else { panic!("{get:?}") };
        assert!(s3.can_name(get, &read("arn:aws:s3:::logs/*").unwrap()));
        assert!(!s3.can_name(get, &read("arn:aws:s3:::logs").unwrap()));
        assert!(s3.carries(get, "s3:existingobjecttag/team"));
        assert!(!s3.carries(get, "s3:prefix"));
        let all = s3.matching("ListAllMyBuckets");
        assert!(s3.has_no_type(all[0]));
        assert!(s3.matching("Get*").len() > 30);
        assert!(service("nosuch").is_none());
    }
}
