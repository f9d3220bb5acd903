//! Kubernetes objects, in every wrapping that its tools write.

use crate::tree::{Excerpts, Node, Value, documents};
use crate::{File, Invalid, ManifestError};

/// Ours: the Kubernetes objects of a file, empty documents not counted and those in a list counted
/// one by one. An organization has at most 10,000 accounts by default, and a Secret for each.
pub const MAX_DOCUMENTS: usize = 10_000;

/// One object.
pub(crate) struct Object {
    /// Its `kind`; nothing where there is none.
    pub(crate) kind: String,
    pub(crate) node: Node,
}

impl Object {
    /// Whether it is Kubernetes' own Secret, and not another group's kind of that name.
    pub(crate) fn is_secret(&self) -> bool {
        let version = self.node.get("apiVersion").and_then(Node::text);
        self.kind == "Secret" && version.is_none_or(|version| version == "v1")
    }

    /// Its `metadata.name`.
    pub(crate) fn name(&self) -> Option<(&str, &Node)> {
        let name = self.node.get("metadata")?.get("name")?;
        Some((name.text()?, name))
    }
}

/// Hands over every object of a file of Secrets, in their order. Of its text nothing is shown.
///
/// # Errors
/// [`ManifestError::Yaml`] with the place, [`ManifestError::TooManyDocuments`], and those of `take`.
pub(crate) fn objects(
    file: File<'_>,
    mut take: impl FnMut(Object) -> Result<(), ManifestError>,
) -> Result<(), ManifestError> {
    let mut count = 0;
    let mut counted = |object: Object| {
        count += 1;
        if count > MAX_DOCUMENTS {
            return Err(too_many(file, &object.node));
        }
        take(object)
    };
    documents(file, Excerpts::Hidden, |node| unwrapped(node, "", &mut counted))
}

/// More documents than are read; also of values.
pub(crate) fn too_many(file: File<'_>, first: &Node) -> ManifestError {
    let message = format!("more than {MAX_DOCUMENTS} documents in one file");
    let help = "split the file; give --secrets or --values once for each part".to_owned();
    ManifestError::TooManyDocuments(Invalid::new(
        file,
        &first.at().into(),
        &message,
        Some(help),
        None,
    ))
}

/// An object, or those of a `List`, `SecretList` or any other kind's list. The items of a typed list
/// have no `kind` of their own where the API server wrote it.
fn unwrapped(
    node: Node,
    inherited: &str,
    take: &mut impl FnMut(Object) -> Result<(), ManifestError>,
) -> Result<(), ManifestError> {
    let kind = node.get("kind").and_then(Node::text).unwrap_or(inherited).to_owned();
    let of = kind.strip_suffix("List");
    if let (Some(of), Some(Value::List(_) | Value::Null)) =
        (of, node.get("items").map(|n| &n.value))
    {
        let Value::Map(members) = node.value else { return Ok(()) };
        let items = members.into_iter().find(|member| member.key == "items");
        let Some(Value::List(items)) = items.map(|member| member.node.value) else { return Ok(()) };
        return items.into_iter().try_for_each(|item| unwrapped(item, of, take));
    }
    take(Object { kind, node })
}
