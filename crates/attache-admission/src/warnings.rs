//! What a client is told beside the answer.

use attache_identifiers::{excerpt, printable};

/// Kubernetes': a longer warning can be cut, and together they have 4,096 characters.
/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response>
const LONGEST: usize = 256;
/// Ours: a warning for each of hundreds of containers helps nobody.
const MOST: usize = 12;
/// Ours: of a value that somebody wrote.
const LONGEST_VALUE: usize = 80;

/// Warnings, none of them twice.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<String>);

impl Warnings {
    pub(super) fn add(&mut self, text: impl AsRef<str>) {
        let text = printable(text.as_ref());
        let text = excerpt(&text, LONGEST - 1).into_owned();
        if self.0.len() < MOST && !self.0.contains(&text) {
            self.0.push(text);
        }
    }

    pub(super) fn finish(self) -> Vec<String> {
        self.0
    }
}

/// A value of others, as a sentence shows it.
pub(super) fn shown(value: &str) -> String {
    format!("{:?}", excerpt(value, LONGEST_VALUE))
}
