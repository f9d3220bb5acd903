//! Taking values out of a document, each with what is wrong where it is not what it should be.

use std::ops::Range;

use crate::tree::{Node, Value};
use crate::{File, Invalid, ManifestError, mask};

/// A file of values. Its errors show other programs' values masked.
#[derive(Clone, Copy)]
pub(super) struct Document<'d> {
    pub(super) file: File<'d>,
    pub(super) roots: &'d [Node],
}

impl<'d> Document<'d> {
    /// An error about a place in the file.
    pub(super) fn wrong(
        &self,
        at: Range<usize>,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) -> Invalid {
        let text = mask::only_nodes(self.file.text(), self.roots, |root| {
            let under = |key: &str, under: &str| root.get(key)?.get(under);
            [under("scrapers", "aws"), under("mediator", "serviceAccountAnnotations")]
        });
        Invalid::new(self.file, &at.into(), message.as_ref(), help.into(), Some(&text))
    }

    /// A value of another type than is expected.
    fn unexpected(&self, node: &Node, expected: &str, help: Option<String>) -> ManifestError {
        let message = format!("expected {expected}, found {}", node.kind());
        ManifestError::Value(self.wrong(node.at(), message, help))
    }

    /// Makes sure that a value is a mapping.
    pub(super) fn map(&self, node: &Node, what: &str) -> Result<(), ManifestError> {
        match node.value {
            Value::Map(_) => Ok(()),
            _ => Err(self.unexpected(node, &format!("a mapping of {what}"), None)),
        }
    }

    /// A mapping, where the key is there and not `null`.
    pub(super) fn optional_map<'n>(
        &self,
        of: &'n Node,
        key: &str,
    ) -> Result<Option<&'n Node>, ManifestError> {
        let Some(node) = of.get(key).filter(|node| !node.is_null()) else { return Ok(None) };
        match node.value {
            Value::Map(_) => Ok(Some(node)),
            _ => Err(self.unexpected(node, &format!("a mapping under `{key}`"), None)),
        }
    }

    /// The items of a list; none where the key is not there or `null`.
    pub(super) fn optional_list<'n>(
        &self,
        of: &'n Node,
        key: &str,
    ) -> Result<&'n [Node], ManifestError> {
        match of.get(key).map(|node| (&node.value, node)) {
            None | Some((Value::Null, _)) => Ok(&[]),
            Some((Value::List(items), _)) => Ok(items),
            Some((_, node)) => {
                let help = node.text().map(|text| format!("write {key}: [{text}]"));
                Err(self.unexpected(node, &format!("a list under `{key}`"), help))
            }
        }
    }

    /// A text, where the key is there and not `null`.
    pub(super) fn optional_text<'n>(
        &self,
        of: &'n Node,
        key: &str,
    ) -> Result<Option<(&'n str, &'n Node)>, ManifestError> {
        let node = of.get(key).filter(|node| !node.is_null());
        node.map(|node| Ok((self.text(node)?, node))).transpose()
    }

    /// True or false, where the key is there and not `null`. `yes`, `no`, `on` and `off` without
    /// quotes are these to Helm, too.
    pub(super) fn optional_bool<'n>(
        &self,
        of: &'n Node,
        key: &str,
    ) -> Result<Option<(bool, &'n Node)>, ManifestError> {
        match of.get(key).map(|node| (&node.value, node)) {
            None | Some((Value::Null, _)) => Ok(None),
            Some((Value::Bool(value), node)) => Ok(Some((*value, node))),
            Some((_, node)) => {
                let meant = match node.text().map(str::to_lowercase).as_deref() {
                    Some("true" | "yes" | "on") => Some("true"),
                    Some("false" | "no" | "off") => Some("false"),
                    _ => None,
                };
                let help = match meant {
                    Some(meant) => format!("write `{key}: {meant}`, without quotes"),
                    None => format!("write `{key}: true` or `{key}: false`"),
                };
                Err(self.unexpected(node, "true or false", Some(help)))
            }
        }
    }

    /// A value that must be there.
    pub(super) fn required<'n>(&self, of: &'n Node, key: &str) -> Result<&'n Node, ManifestError> {
        of.get(key).filter(|node| !node.is_null()).ok_or_else(|| {
            let at = of.member(key).map_or_else(|| of.at(), super::super::tree::Member::key_at);
            let message = format!("this account has no `{key}`");
            ManifestError::Value(self.wrong(at, message, format!("add `{key}: ...`")))
        })
    }

    /// A text that is not empty.
    pub(super) fn text<'n>(&self, node: &'n Node) -> Result<&'n str, ManifestError> {
        match node.text() {
            Some("") => Err(ManifestError::Value(self.wrong(
                node.at(),
                "expected text, found nothing",
                None,
            ))),
            Some(text) => Ok(text),
            None => {
                let help = matches!(node.value, Value::Number | Value::Bool(_))
                    .then(|| format!("put it into quotes: \"{}\"", self.raw(node)));
                Err(self.unexpected(node, "text", help))
            }
        }
    }

    /// A value as it is written.
    pub(super) fn raw(&self, node: &Node) -> &'d str {
        self.file.text().get(node.at()).unwrap_or_default()
    }
}
