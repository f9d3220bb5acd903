//! Session tags: their rules, whether they come as parameters or in a token.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use attache_aws_protocol::ServiceError;
use attache_ledger::{Tag, TagKeys};

use crate::access::Session;
use crate::tagging::{self, TagError};

/// Tags that a session begins with.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SessionTags {
    /// Those that the request brings.
    pub(super) requested: Vec<Tag>,
    /// The keys, of those, that pass on.
    pub(super) transitive: Vec<String>,
    /// Those that the calling session passes on.
    pub(super) inherited: Vec<Tag>,
}

impl SessionTags {
    /// Tags of a request by a caller who may have a session.
    ///
    /// # Errors
    /// `InvalidParameterValue`, as AWS words it.
    pub(super) fn read(
        requested: Vec<Tag>,
        transitive: Vec<String>,
        caller: Option<&Session>,
    ) -> Result<Self, ServiceError> {
        let wrong = |message| Err(ServiceError::new(400, "InvalidParameterValue", message));
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        match tagging::check(&requested, TagKeys::AnyCase) {
            Ok(()) => {}
            Err(TagError::Duplicate) => {
                return wrong(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                );
            }
            Err(_) => {
                return wrong(
                    "System tag keys (which begin with aws:) cannot be added, changed or removed \
                     by a user.",
                );
            }
        }
        let listed = |key: &String| requested.iter().any(|tag| same(&tag.key, key));
        if !transitive.iter().all(listed) {
            return wrong(
                "The specified transitive tag key must be included in the requested tags.",
            );
        }
        let passed_on = |session: &Session| {
            let passes = |tag: &&Tag| session.transitive.iter().any(|key| same(key, &tag.key));
            session.tags.iter().filter(passes).cloned().collect::<Vec<_>>()
        };
        let inherited = caller.map(passed_on).unwrap_or_default();
        if inherited.iter().any(|tag| listed(&tag.key)) {
            return wrong(
                "One of the specified transitive tag keys can't be set because it conflicts with \
                 a transitive tag key from the calling session.",
            );
        }
        Ok(Self { requested, transitive, inherited })
    }

    /// All tags of the session.
    pub(super) fn all(&self) -> Vec<Tag> {
        self.inherited.iter().chain(&self.requested).cloned().collect()
    }

    /// The keys of all tags that the session passes on.
    pub(super) fn all_transitive(&self) -> Vec<String> {
        let inherited = self.inherited.iter().map(|tag| &tag.key);
        inherited.chain(&self.transitive).cloned().collect()
    }
}
