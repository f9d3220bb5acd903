//! Names of Terraform's resources: letters, digits, `_` and `-`, not beginning with a digit, and each once.

use std::collections::BTreeSet;

use attache_identifiers::RoleArn;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeSet<String>);

impl Labels {
    /// Of a role: `NAME_ACCOUNT`.
    pub(super) fn role(&mut self, role: &RoleArn) -> String {
        self.unique(&format!("{}_{}", role.name(), role.account()))
    }

    /// The name that is like this one; with a number where several are.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let legal = |c: char| match c {
            c if c.is_ascii_alphanumeric() || c == '_' || c == '-' => c,
            _ => '_',
        };
        let mut label: String = name.chars().map(legal).collect();
        if !label.starts_with(|c: char| c.is_ascii_alphabetic()) {
            label.insert_str(0, "n_");
        }
        let numbered = (2..).map(|n: usize| format!("{label}_{n}"));
        let mut all = std::iter::once(label.clone()).chain(numbered);
        let free = all.find(|label| !self.0.contains(label)).unwrap_or(label);
        self.0.insert(free.clone());
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_legal_and_differ() {
        let mut labels = Labels::default();
        let names = ["Reader", "-Target", "a.b", "a+b", "1st"].map(|name| labels.unique(name));
        assert_eq!(names, ["Reader", "n_-Target", "a_b", "a_b_2", "n_1st"]);
    }
}
