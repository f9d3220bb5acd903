//! YAML to plain data, and serde's complaints to ones that a person can act on.

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Location};

use super::invalid::{File, Invalid};
use attache_excerpt::MAX_MESSAGE_BYTES;

/// Ours: a longer word is not offered for a shorter one it merely resembles a little.
const LIKENESS: f64 = 0.7;

/// Reads one YAML document.
pub(crate) fn yaml<T: DeserializeOwned>(file: File<'_>) -> Result<T, Invalid> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(file.text, options).map_err(|e| complaint(file, &e))
}

/// Reads every YAML document of a file.
pub(crate) fn yaml_documents<T: DeserializeOwned>(file: File<'_>) -> Result<Vec<T>, Invalid> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_multiple_with_options(file.text, options).map_err(|e| complaint(file, &e))
}

fn complaint(file: File<'_>, error: &Error) -> Invalid {
    let at = error.location().unwrap_or(Location::UNKNOWN);
    let (message, help) = match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("there is no key `{field}` here"), Some(suggestion(field, expected)))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("`{variant}` is not known here"), Some(suggestion(variant, expected)))
        }
        Error::SerdeMissingField { field, .. } => {
            (format!("the key `{field}` is missing in the mapping that ends here"), None)
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            (format!("this is {unexpected}; wanted is {expected}"), None)
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` is here twice"), None)
        }
        Error::Message { msg, .. } => (msg.clone(), None),
        Error::Unexpected { expected, .. } => {
            let wanted = expected.strip_suffix(" start").unwrap_or(expected);
            (format!("a {} is wanted here", wanted.replace("sequence", "list")), None)
        }
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

/// The nearest known word, else all of them.
pub(crate) fn suggestion(given: &str, known: &[&str]) -> String {
    // A word of megabytes is like none.
    let given = attache_excerpt::clip(given, MAX_MESSAGE_BYTES);
    let likeness = |word: &&&str| {
        let (given, word) = (given.to_lowercase(), word.to_lowercase());
        strsim::jaro_winkler(&given, &word)
    };
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest {
        Some(word) if likeness(&word) >= LIKENESS => format!("did you mean `{word}`?"),
        _ => match known {
            [only] => format!("known is `{only}`"),
            several => format!("known are: {}", several.join(", ")),
        },
    }
}
