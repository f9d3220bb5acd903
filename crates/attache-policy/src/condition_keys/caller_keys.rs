//! The keys of a call that nobody but AWS and the caller knows beforehand. A condition on one of them is
//! neither held for nor against a caller of whom they are not known.

use std::sync::LazyLock;

const FILE: &str = include_str!("../../keys/decided_by_the_caller.txt");

/// What a key is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKeyKind {
    /// Where the call comes from, and how it is made.
    Call,
    /// The session that makes it, or that it asks for.
    Session,
    /// The place of the accounts in an organization.
    Account,
}

/// A key that the caller decides.
#[derive(Debug, PartialEq, Eq)]
pub struct CallerKey {
    /// `aws:SourceIp`.
    pub name: &'static str,
    /// What it is about.
    pub kind: CallerKeyKind,
    /// Whether every call has it: for the session's name, every call for a role's session.
    pub always: bool,
    /// A value that it may have.
    pub example: &'static str,
    /// `the address that the call comes from`.
    pub what: &'static str,
}

static KEYS: LazyLock<Vec<CallerKey>> = LazyLock::new(|| {
    let lines = FILE.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(CallerKey::read).collect()
});

/// All of them.
pub fn caller_keys() -> impl Iterator<Item = &'static CallerKey> {
    KEYS.iter()
}

/// The one of this name, in any letters.
///
/// ```
/// use attache_policy::condition_keys::caller_key;
/// assert!(caller_key("AWS:sourceip").is_some_and(|key| !key.always));
/// assert!(caller_key("aws:PrincipalArn").is_none());
/// ```
#[must_use]
pub fn caller_key(name: &str) -> Option<&'static CallerKey> {
    caller_keys().find(|known| known.name.eq_ignore_ascii_case(name))
}

impl CallerKey {
    fn read(line: &'static str) -> Option<Self> {
        let mut words = line.splitn(5, ' ');
        let (name, kind, presence) = (words.next()?, words.next()?, words.next()?);
        let kind = match kind {
            "call" => CallerKeyKind::Call,
            "session" => CallerKeyKind::Session,
            "account" => CallerKeyKind::Account,
            _ => return None,
        };
        let (example, what) = (words.next()?, words.next()?);
        Some(Self { name, kind, always: presence == "always", example, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        let lines: Vec<&str> = FILE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.len() > 10);
        for line in lines {
            let name = line.split(' ').next().unwrap_or_default();
            let key = caller_key(&name.to_uppercase());
            assert!(key.is_some_and(|key| line.ends_with(key.what)), "{line}");
        }
    }
}
