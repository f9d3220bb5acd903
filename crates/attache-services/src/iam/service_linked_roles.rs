//! The service-linked roles that are known: data, one line a service.

use attache_identifiers::Arn;
use attache_ledger::PARTITION;

use super::service_linked::PATH;

/// The services that have such roles: see the file's head.
const LIST: &str = include_str!("service_linked_roles.txt");

/// A service's role, as AWS makes it.
#[derive(Debug)]
pub(super) struct ServiceRole {
    service: &'static str,
    /// Its name, without a suffix.
    pub(super) name: &'static str,
    policy: &'static str,
    pub(super) takes_suffix: bool,
    /// Its description, when its creator gives none.
    pub(super) description: Option<&'static str>,
}

impl ServiceRole {
    /// The one of a service.
    pub(super) fn of(service: &str) -> Option<Self> {
        LIST.lines().filter_map(Self::read).find(|found| found.service == service)
    }

    /// The ARN of the managed policy that is attached to it.
    pub(super) fn policy_arn(&self) -> String {
        Arn::aws_managed_policy(PARTITION, PATH, self.policy).to_string()
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.splitn(5, ' ');
        let service = words.next().filter(|first| *first != "#")?;
        let (name, policy) = (words.next()?, words.next()?);
        let takes_suffix = words.next()? == "suffix";
        Some(Self { service, name, policy, takes_suffix, description: words.next() })
    }
}

#[cfg(test)]
mod tests {
    use attache_ledger::AwsManaged;

    use super::*;

    #[test]
    fn every_line_is_a_role_whose_policy_is_built_in() {
        let all = AwsManaged::with(None).unwrap();
        let lines = LIST.lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            let role = ServiceRole::read(line).unwrap();
            assert!(all.get(&role.policy_arn()).is_some(), "{line}");
            assert!(["-", "suffix"].contains(&line.split(' ').nth(3).unwrap()), "{line}");
        }
    }
}
