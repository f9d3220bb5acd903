//! From text to a policy, or to everything that is wrong with it.
//!
//! `document` begins, `statement` goes through its elements, each of which has its own file. What
//! AWS refuses is an error and fails; what AWS takes although it does not do what it seems to is a
//! warning, and stays with the policy. `aws_messages` has what AWS says.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

mod action;
mod aws_messages;
mod condition;
mod document;
mod federated;
mod iam_document;
mod infer_kind;
mod joined;
mod kind;
mod named;
mod principal;
mod reader;
mod resource;
mod shared_issuer;
mod sid;
mod statement;
mod values;
mod variable;

use std::sync::Arc;

use crate::invalid::{Diagnostic, Invalid, Severity, with_positions};
use crate::invisible;
use crate::json;
use crate::rule::Rule;
use crate::syntax::Statement;
pub(crate) use aws_messages::{NOT_JSON, SYNTAX};
pub(crate) use document::ELEMENTS as DOCUMENT_ELEMENTS;
pub use iam_document::IamDocument;
pub use kind::Kind;
pub(crate) use reader::MOST_FINDINGS;
use reader::Reader;
pub(crate) use statement::ELEMENTS as STATEMENT_ELEMENTS;

/// A policy document that was read. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Policy {
    pub(crate) inner: Arc<Inner>,
    pub(crate) name: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    /// Whether `${…}` are variables: in version 2012-10-17 alone.
    pub(crate) variables: bool,
    pub(crate) statements: Vec<Statement>,
    /// The statements compiled, in their order.
    pub(crate) rules: Vec<Rule>,
    /// The document's `Version` and `Id`, as they were written.
    pub(crate) head: document::Head,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Policy {
    /// Reads a document of that kind.
    ///
    /// # Errors
    /// [`Invalid`] with every finding and its place, when it is not JSON or not a policy.
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Invalid> {
        Self::read(text, Reader::new(kind))
    }

    /// Reads a document as the calls of IAM do that write it: they refuse also what IAM keeps where
    /// it was written before they did.
    ///
    /// # Errors
    /// [`Invalid`] as [`Policy::parse`], and for what only those calls refuse.
    ///
    /// ```
    /// use attache_policy::{IamDocument, Kind, Policy};
    /// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    ///   "Principal": {"AWS": "111111111111"}, "Action": "sts:GetCallerIdentity"}}"#;
    /// assert!(Policy::parse(text, Kind::Trust).is_ok());
    /// let refused = Policy::accept(text, IamDocument::TrustPolicy).expect_err("it assumes nothing");
    /// let message = "AssumeRole policy may only specify STS AssumeRole actions.";
    /// assert_eq!(refused.aws_message(), message);
    /// ```
    pub fn accept(text: &str, document: IamDocument) -> Result<Self, Invalid> {
        Self::read(text, Reader::of_written(document))
    }

    /// Reads a document that AWS publishes. It can be newer than the lists of this crate: a partition or a
    /// resource type of IAM that they do not have is a warning.
    ///
    /// # Errors
    /// [`Invalid`] as [`Policy::parse`], for all else.
    ///
    /// ```
    /// use attache_policy::{Kind, Policy};
    /// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    ///   "Action": "iam:GetRole", "Resource": "arn:aws:iam::aws:a-later-type/name"}}"#;
    /// assert!(Policy::parse(text, Kind::Identity).is_err());
    /// let policy = Policy::parse_published(text, Kind::Identity).expect("AWS knows what it has");
    /// assert_eq!(policy.warnings().len(), 1);
    /// ```
    pub fn parse_published(text: &str, kind: Kind) -> Result<Self, Invalid> {
        Self::read(text, Reader::of_published(kind))
    }

    fn read(text: &str, mut reader: Reader) -> Result<Self, Invalid> {
        let kind = reader.kind;
        let node = match json::read(text) {
            Ok(node) => node,
            Err(not) => {
                let span = not.span(text);
                let found = text.get(span.clone()).and_then(|found| found.chars().next());
                let hidden = found.and_then(invisible::sentence);
                let hidden = hidden.map(|hidden| format!("; {hidden}")).unwrap_or_default();
                let message = format!("this is not JSON: {}{hidden}", not.why);
                let finding = Diagnostic::error(&span, message);
                reader.add(finding.aws(aws_messages::NOT_JSON));
                return Err(Invalid::new(text, with_positions(text, reader.findings())));
            }
        };
        let (head, statements) = document::read(&mut reader, &node);
        let findings = with_positions(text, reader.findings());
        if findings.iter().any(|d| d.severity == Severity::Error) {
            return Err(Invalid::new(text, findings));
        }
        let variables = head.has_variables();
        let rules = statements.iter().map(|statement| Rule::new(statement, variables)).collect();
        let text = text.to_owned();
        let inner = Inner { text, kind, variables, statements, rules, head, warnings: findings };
        Ok(Self { inner: Arc::new(inner), name: None })
    }

    /// Gives it the name that explanations show: a file, an ARN, an inline policy's name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into().into());
        self
    }

    /// The name that explanations show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The document as it was read.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// Whether `${…}` are variables in it: in version 2012-10-17 they are.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.inner.variables
    }

    /// What it is attached to.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// What AWS takes and what still does not do what it seems to, in the order of the text.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }
}
