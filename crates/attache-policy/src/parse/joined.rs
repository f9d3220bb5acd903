//! One policy of the statements of several.

use std::sync::Arc;

use super::document::{Head, Version};
use super::{Inner, Kind, Policy};
use crate::invalid::Invalid;
use crate::print;
use crate::syntax::Statement;

impl Policy {
    /// One policy of the current version that has these statements, in this order and without their
    /// `Sid`s, which are unique within a policy only. Without any statement it allows nothing and
    /// denies nothing.
    ///
    /// `${…}` is a variable in it: the statements of an older policy that has a `$` mean something
    /// else here (see [`Policy::has_variables`]).
    ///
    /// # Errors
    /// [`Invalid`] when the statements are not of that kind.
    ///
    /// ```
    /// use attache_policy::{Kind, Policy};
    /// let read = |action: &str| {
    ///     let text = format!(
    ///         r#"{{"Statement": {{"Sid": "S", "Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
    ///     );
    ///     Policy::parse(&text, Kind::Identity)
    /// };
    /// let (buckets, queues) = (read("s3:*")?, read("sqs:*")?);
    /// let statements = buckets.statements().iter().chain(queues.statements());
    /// let both = Policy::of_statements(statements, Kind::Identity)?;
    /// assert_eq!(both.statements_about(&["sqs:ListQueues"]).count(), 1);
    /// # Ok::<(), attache_policy::Invalid>(())
    /// ```
    pub fn of_statements<'s>(
        statements: impl IntoIterator<Item = &'s Statement>,
        kind: Kind,
    ) -> Result<Self, Invalid> {
        let nameless = |statement: &Statement| Statement { sid: None, ..statement.clone() };
        let statements: Vec<Statement> = statements.into_iter().map(nameless).collect();
        let text = print::document(&statements);
        if !statements.is_empty() {
            return Self::parse(&text, kind);
        }
        let inner = Inner {
            text,
            kind,
            variables: true,
            statements,
            rules: Vec::new(),
            head: Head { version: Some(Version::Current), id: None },
            warnings: Vec::new(),
        };
        Ok(Self { inner: Arc::new(inner), name: None })
    }
}
