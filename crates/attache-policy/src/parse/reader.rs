//! What goes through a document with every check: its kind, and what was found so far.

use std::collections::HashSet;
use std::ops::Range;

use super::{IamDocument, Kind, aws_messages};
use crate::invalid::{Diagnostic, Severity};
use crate::json::{Member, Node, Value};
use crate::syntax::Text;

/// Ours: more findings than this are noise.
pub(crate) const MOST_FINDINGS: usize = 100;

pub(super) struct Reader {
    pub(super) kind: Kind,
    /// As what a call writes it; nothing where it was written before.
    pub(super) written: Option<IamDocument>,
    /// Whether AWS publishes it.
    published: bool,
    errors: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl Reader {
    pub(super) fn new(kind: Kind) -> Self {
        let (errors, warnings) = (Vec::new(), Vec::new());
        Self { kind, written: None, published: false, errors, warnings }
    }

    pub(super) fn of_written(document: IamDocument) -> Self {
        Self { written: Some(document), ..Self::new(document.kind()) }
    }

    pub(super) fn of_published(kind: Kind) -> Self {
        Self { published: true, ..Self::new(kind) }
    }

    /// A name that our lists do not have. IAM refuses it; but what AWS publishes can be newer than the
    /// lists.
    pub(super) fn unknown_name(
        &self,
        at: &Range<usize>,
        message: impl AsRef<str>,
        aws: impl Into<String>,
    ) -> Diagnostic {
        match self.published {
            true => Diagnostic::warning(at, message),
            false => Diagnostic::error(at, message),
        }
        .aws(aws)
    }

    /// What IAM refuses in the calls that write the document, and keeps where it is there already.
    pub(super) fn refused_in_writing(
        &self,
        at: &Range<usize>,
        message: impl AsRef<str>,
        aws: &str,
    ) -> Diagnostic {
        match self.written {
            Some(_) => Diagnostic::error(at, message).aws(aws),
            None => Diagnostic::warning(at, message),
        }
    }

    pub(super) fn add(&mut self, mut finding: Diagnostic) {
        let list = match finding.severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        };
        if list.len() >= MOST_FINDINGS {
            return;
        }
        if self.kind.is_organizations() && finding.severity == Severity::Error {
            finding.aws = Some(aws_messages::ORGANIZATIONS.to_owned());
        }
        list.push(finding);
    }

    /// A mistake in the grammar itself, for which IAM has one sentence.
    pub(super) fn syntax(&mut self, node: &Node, message: impl AsRef<str>) {
        self.add(Diagnostic::error(&node.at, message).aws_known(self.syntax_wording()));
    }

    pub(super) fn syntax_wording(&self) -> Option<&'static str> {
        self.kind.is_iam().then_some(aws_messages::SYNTAX)
    }

    /// The errors, and as many warnings as there is place for beside them.
    pub(super) fn findings(mut self) -> Vec<Diagnostic> {
        self.warnings.truncate(MOST_FINDINGS - self.errors.len());
        [self.errors, self.warnings].concat()
    }

    /// The members of an object; each name may occur once. Nothing where it is not an object.
    pub(super) fn members<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [Member]> {
        let Value::Object(members) = &node.value else {
            self.syntax(node, format!("{what} must be an object"));
            return None;
        };
        let mut seen = HashSet::new();
        for member in members {
            if !seen.insert(member.key.as_str()) {
                let message = format!("{} is given twice in {what}", quoted(&member.key));
                self.add(Diagnostic::error(&member.key_at, message));
            }
        }
        Some(members)
    }

    /// The same, where only some names are known.
    pub(super) fn elements<'n>(
        &mut self,
        node: &'n Node,
        known: &[&str],
        what: &str,
    ) -> Option<&'n [Member]> {
        let members = self.members(node, what)?;
        for member in members.iter().filter(|m| !known.contains(&m.key.as_str())) {
            let near = known.iter().find(|k| k.eq_ignore_ascii_case(&member.key));
            let message = format!("{} is not an element of {what}", quoted(&member.key));
            let finding =
                Diagnostic::error(&member.key_at, message).aws_known(self.syntax_wording());
            self.add(finding.help(near.map(|near| format!("it is spelled {near}"))));
        }
        Some(members)
    }

    /// One text or a list of texts. Numbers and bools count as text where `scalars` says so.
    pub(super) fn texts(&mut self, node: &Node, what: &str, scalars: bool) -> Vec<Text> {
        let nodes = node.items();
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match &node.value {
                Value::String(text) => texts.push(Text { at: node.at.clone(), text: text.clone() }),
                Value::Scalar(text) if scalars => {
                    texts.push(Text { at: node.at.clone(), text: text.clone() });
                }
                _ => self.syntax(node, format!("{what} must be text, or a list of texts")),
            }
        }
        texts
    }
}

/// A text of the document as a message shows it: not more of it than fits a line.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
