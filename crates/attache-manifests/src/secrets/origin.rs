//! Where a Secret's entries come from, and how errors about them name the place.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::secrets::content::Content;
use crate::tree::Node;
use crate::{At, File, Invalid, mask};

/// A Secret's manifest, or its folder.
pub(super) enum Origin<'s> {
    Manifest { file: File<'s>, node: &'s Node, name_at: Range<usize> },
    Folder(&'s Path),
}

/// One key of a Secret with what it holds.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) content: Content,
    pub(super) at: Place,
}

/// The position of a key.
pub(super) enum Place {
    Manifest { key: Range<usize>, value: Range<usize> },
    File(PathBuf),
}

impl Origin<'_> {
    /// An error about the Secret as a whole.
    pub(super) fn wrong(
        &self,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) -> Invalid {
        match self {
            Self::Manifest { name_at, .. } => self.in_manifest(name_at.clone(), message, help, &[]),
            Self::Folder(folder) => in_folder(folder, &At::Whole, message, help),
        }
    }

    /// An error about a key.
    pub(super) fn wrong_key(
        &self,
        entry: &Entry,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
    ) -> Invalid {
        match &entry.at {
            Place::Manifest { key, .. } => self.in_manifest(key.clone(), message, help, &[]),
            Place::File(path) => in_folder(path, &At::Whole, message, help),
        }
    }

    /// An error about a value, which is shown only where it is `harmless`.
    pub(super) fn wrong_value(
        &self,
        entry: &Entry,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
        harmless: bool,
    ) -> Invalid {
        match &entry.at {
            Place::Manifest { value, .. } => {
                let shown = std::slice::from_ref(value);
                self.in_manifest(value.clone(), message, help, if harmless { shown } else { &[] })
            }
            Place::File(path) => in_folder(path, &At::Bytes(0..0), message, help),
        }
    }

    fn in_manifest(
        &self,
        at: Range<usize>,
        message: impl AsRef<str>,
        help: impl Into<Option<String>>,
        shown: &[Range<usize>],
    ) -> Invalid {
        let Self::Manifest { file, node, .. } = self else {
            return Invalid::new(
                File::new("", ""),
                &At::Whole,
                message.as_ref(),
                help.into(),
                None,
            );
        };
        let text = mask::only_keys(file.text(), node, shown);
        Invalid::new(*file, &at.into(), message.as_ref(), help.into(), Some(&text))
    }
}

fn in_folder(
    path: &Path,
    at: &At,
    message: impl AsRef<str>,
    help: impl Into<Option<String>>,
) -> Invalid {
    let name = path.display().to_string();
    Invalid::new(File::new(&name, ""), at, message.as_ref(), help.into(), None)
}
