//! The actions of AWS's services: on what they act, and which condition keys they may carry.
//!
//! Knows the services that are asked and set up here, not all of AWS. The files under `actions/`
//! hold what AWS's Service Authorization Reference says.

mod files;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::Context;
use crate::pattern::Pattern;
use crate::segment::Wildcards;

/// A service's actions.
#[derive(Debug, Default)]
pub(crate) struct Service {
    types: Vec<(&'static str, Pattern)>,
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
        files::FILES.iter().map(|(name, text)| (*name, Service::read(text))).collect()
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
    fn read(text: &'static str) -> Self {
        let mut service = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            let (first, second) = (words.next().unwrap_or_default(), words.next());
            match (first, second) {
                ("type", Some(name)) => {
                    // A few types have two forms of ARN.
                    let arns = words.map(|arn| (name, placeholders(arn.trim_end_matches(','))));
                    service.types.extend(arns);
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
        service
    }

    /// The actions that match a pattern, which follows the service's prefix.
    pub(crate) fn matching(&self, pattern: &str) -> Vec<&Action> {
        let Some(pattern) = read(&pattern.to_ascii_lowercase()) else { return Vec::new() };
        self.actions.iter().filter(|action| pattern.matches(&action.lower)).collect()
    }

    /// All condition keys that its actions may carry, some of them more than once.
    pub(crate) fn all_keys(&self) -> impl Iterator<Item = &'static str> {
        self.keys.values().flatten().copied()
    }

    /// All names, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.actions.iter().map(|action| action.name)
    }

    /// Whether the action may carry a key that belongs to its service, whatever its case.
    pub(crate) fn carries(&self, action: &Action, key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        let keys = self.keys.get(action.keys).into_iter().flatten();
        keys.map(|own| placeholders(&own.to_ascii_lowercase())).any(|own| own.matches(&key))
    }

    /// Whether the action acts on nothing that has an ARN, so that its resource has to be `*`.
    pub(crate) fn needs_star(&self, action: &Action) -> bool {
        action.types.is_empty()
    }

    /// Whether the resource pattern can name anything that the action acts on.
    pub(crate) fn can_name(&self, action: &Action, resource: &Pattern) -> bool {
        let types = self.types.iter().filter(|(name, _)| action.types.contains(name));
        types.into_iter().any(|(_, arn)| arn.intersects(resource))
    }
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
        assert!(s3.needs_star(all[0]));
        assert!(s3.matching("Get*").len() > 30);
        assert!(service("nosuch").is_none());
    }
}
