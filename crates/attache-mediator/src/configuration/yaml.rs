//! YAML to plain data, and the reader's complaints to ones with a place.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location, Spanned};

use crate::invalid::{File, Invalid, suggestion};

/// A value with the place where it stands, line and column from 1.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) line: u64,
    pub(super) column: u64,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<T>::deserialize(d)?;
        Ok(Self { value, line: referenced.line(), column: referenced.column() })
    }
}

/// Reads every document of a file; empty ones are left out.
pub(super) fn documents<T: DeserializeOwned>(file: &File) -> Result<Vec<T>, Box<Invalid>> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_multiple_with_options(&file.text, options).map_err(|e| complaint(file, &e))
}

fn complaint(file: &File, error: &Error) -> Box<Invalid> {
    let at = error.location().unwrap_or(Location::UNKNOWN);
    let at = file.word(at.line(), at.column());
    let (message, help) = match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("there is no key `{field}` here"), Some(suggestion(field, expected)))
        }
        Error::SerdeMissingField { field, .. } => (format!("the key `{field}` is missing"), None),
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            (format!("this is {unexpected}; wanted is {expected}"), None)
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` is here twice"), None)
        }
        Error::Message { msg, .. } => (msg.clone(), None),
        Error::Eof { .. } => ("the file is empty".to_owned(), None),
        other => (plain(other), None),
    };
    file.wrong(at, message, help)
}

/// The library's own sentence, without the place, which we say ourselves.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.rsplit_once(" at line ").map_or(first, |(sentence, _)| sentence).to_owned()
}
