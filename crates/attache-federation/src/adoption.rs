//! The mark of a role or provider that the federation adopted, in contrast to one that it created.
//!
//! The mark is a tag, set by the same call as the owner's tag and before anything else is changed:
//! whatever interrupts an adoption, the role is known as adopted. It holds what the federation has
//! put on the role, so that `destroy` takes off that and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// The tag of a role or provider that was there before the federation.
pub(crate) const ADOPTED_TAG: &str = "attache:adopted";

/// The first word of the mark. The tag may not be empty, and a reader should see what it is about.
const HEAD: &str = "attached";

/// AWS's: characters of a tag's value.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html>
const LONGEST_VALUE: usize = 256;

/// What a federation has put on something that it did not make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Adoption(BTreeSet<String>);

impl Adoption {
    /// From the tags; nothing where they have no mark.
    pub(crate) fn read(tags: &BTreeMap<String, String>) -> Option<Self> {
        let words = tags.get(ADOPTED_TAG)?.split(' ').filter(|word| *word != HEAD);
        Some(Self(words.map(str::to_owned).collect()))
    }

    /// Whether the federation has put it there.
    pub(crate) fn has(&self, what: &str) -> bool {
        self.0.contains(&digest(what))
    }

    pub(crate) fn add(&mut self, what: &str) {
        self.0.insert(digest(what));
    }

    pub(crate) fn remove(&mut self, what: &str) {
        self.0.remove(&digest(what));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the tag's value; nothing where it is too long for a tag.
    pub(crate) fn value(&self) -> Option<String> {
        let words = std::iter::once(HEAD).chain(self.0.iter().map(String::as_str));
        let value = words.collect::<Vec<_>>().join(" ");
        (value.len() <= LONGEST_VALUE).then_some(value)
    }
}

/// A managed policy in a mark.
pub(crate) fn managed(arn: &str) -> String {
    format!("managed {arn}")
}

/// An inline policy in a mark. IAM compares its names without case.
pub(crate) fn inline(name: &str) -> String {
    format!("inline {}", name.to_lowercase())
}

/// A provider's client id in a mark. Several federations may share the provider.
pub(crate) fn client_id(federation: &str, client_id: &str) -> String {
    format!("client id {federation} {client_id}")
}

/// Eight hexadecimal digits of FNV-1a, for a tag has no room for ARNs. It is no secret: whoever may
/// tag the role may write the mark as a whole.
fn digest(what: &str) -> String {
    let hash = what.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{:08x}", (hash >> 32) ^ (hash & 0xffff_ffff))
}

/// A trust policy that allows no principal: a role must have one, with at least one statement.
pub(crate) fn closed_trust() -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ClosedByAttacheDestroy",
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": "sts:AssumeRole"
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mut mark = Adoption::default();
        assert_eq!(mark.value().as_deref(), Some("attached"));
        mark.add(&managed("arn:aws:iam::aws:policy/ReadOnlyAccess"));
        mark.add(&inline("Queues"));
        let tags = BTreeMap::from([(ADOPTED_TAG.to_owned(), mark.value().unwrap())]);
        let read = Adoption::read(&tags).unwrap();
        assert_eq!(read, mark);
        assert!(read.has(&inline("queues")) && !read.has(&managed("queues")));
        assert_eq!(Adoption::read(&BTreeMap::new()), None);
        (0..40).for_each(|number| mark.add(&number.to_string()));
        assert_eq!(mark.value(), None, "it does not fit");
    }
}
