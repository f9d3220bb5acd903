//! A Secret as a manifest has it.

use std::ops::Range;

use crate::secrets::content::Content;
use crate::secrets::origin::{Entry, Origin, Place};
use crate::secrets::role::{self, Role};
use crate::tree::{Member, Node, Value};
use crate::{File, ManifestError, suggestion};

/// Kubernetes': the fields of a Secret.
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/>.
const FIELDS: [&str; 7] =
    ["apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"];

/// A Secret in a file.
pub(super) struct Manifest<'f> {
    pub(super) file: File<'f>,
    pub(super) name: String,
    pub(super) name_at: Range<usize>,
    pub(super) node: Node,
}

impl Manifest<'_> {
    /// What it says.
    pub(super) fn role(&self) -> Result<Role, ManifestError> {
        let origin = self.origin();
        let unknown = |member: &&Member| !FIELDS.contains(&member.key.as_str());
        if let Some(member) = self.node.members().iter().find(unknown) {
            return Err(self.unknown(member));
        }
        let namespace = self.node.get("metadata").and_then(|metadata| metadata.get("namespace"));
        role::read(&self.name, namespace.and_then(Node::text), &self.entries()?, &origin)
    }

    /// The error of one that was given before.
    pub(super) fn given_twice(&self, first: &Self) -> ManifestError {
        let (line, column) = attache_excerpt::position(first.file.text(), first.name_at.start);
        let message = format!("the Secret `{}` is given twice", self.name);
        let help =
            format!("remove one of the two; the other is {}:{line}:{column}", first.file.name());
        ManifestError::SecretGivenTwice(self.origin().wrong(message, help))
    }

    /// Where its entries come from.
    pub(super) fn origin(&self) -> Origin<'_> {
        Origin::Manifest { file: self.file, node: &self.node, name_at: self.name_at.clone() }
    }

    /// `data` is base64, `stringData` plain, and the latter wins, as in Kubernetes.
    fn entries(&self) -> Result<Vec<Entry>, ManifestError> {
        let plain = self.section("stringData")?;
        let encoded = self.section("data")?;
        let is_plain = |key: &str| plain.iter().any(|member| member.key == key);
        let encoded = encoded.iter().filter(|member| !is_plain(&member.key));
        let encoded = encoded.map(|member| (member, Content::encoded(&member.node)));
        let plain = plain.iter().map(|member| (member, Content::plain(&member.node)));
        let entry = |(member, content): (&Member, Content)| Entry {
            key: member.key.clone(),
            content,
            at: Place::Manifest { key: member.key_at(), value: member.node.at() },
        };
        Ok(plain.chain(encoded).map(entry).collect())
    }

    /// The members of `data` or `stringData`.
    fn section(&self, key: &str) -> Result<&[Member], ManifestError> {
        let Some(section) = self.node.member(key) else { return Ok(&[]) };
        match &section.node.value {
            Value::Map(members) => Ok(members),
            Value::Null => Ok(&[]),
            _ => {
                let (name, found) = (&self.name, section.node.kind());
                let message =
                    format!("`{key}` of the Secret `{name}`: expected a mapping, found {found}");
                Err(ManifestError::Value(self.at_key(section, message, None)))
            }
        }
    }

    fn unknown(&self, member: &Member) -> ManifestError {
        let message = format!("unknown key `{}` in the Secret `{}`", member.key, self.name);
        let help = match member.key.as_str() {
            "sops" => format!("decrypt it first: sops --decrypt {}", self.file.name()),
            key if key.to_uppercase().starts_with("AWS") => {
                format!("put `{key}` under `stringData`")
            }
            key => suggestion(key, &FIELDS),
        };
        ManifestError::UnknownKey(self.at_key(member, message, Some(help)))
    }

    fn at_key(&self, member: &Member, message: String, help: Option<String>) -> crate::Invalid {
        let place = Place::Manifest { key: member.key_at(), value: member.node.at() };
        let entry = Entry { key: member.key.clone(), content: Content::Binary, at: place };
        self.origin().wrong_key(&entry, message, help)
    }
}
