//! YAML to plain data, and its reader's complaints to ones that a person can act on.

use serde::de::DeserializeOwned;
use serde_saphyr::options::NonFiniteFloatPolicy;
use serde_saphyr::{Error, Location, Options};

use crate::{File, Invalid, suggestion};

/// Ours: keys, values and lists in all documents of a file together. A file of 16 MiB with a Secret
/// a kilobyte has a fifth of it.
pub(crate) const MAX_NODES: usize = 2_000_000;

/// Ours: what a document's aliases may expand to. People share some lines by an alias; a few
/// aliases of aliases become billions of nodes.
const MAX_ALIASED: usize = 100_000;

/// Ours: levels of a document. Definitions of custom resources, which can be beside a Secret,
/// have about sixty.
const MAX_DEPTH: usize = 128;

/// Reads one YAML document into a type; unknown keys, if the type refuses them, come with what was
/// probably meant.
///
/// # Errors
/// [`Invalid`] with the place, when the text is not YAML or does not have the type's shape.
///
/// ```
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Rules { rules: Vec<String> }
///
/// let file = attache_manifests::File::new("rules.yaml", "ruels: [a]\n");
/// let error = attache_manifests::yaml::<Rules>(file).err().unwrap();
/// assert_eq!(error.to_string(), "rules.yaml:1:1: unknown key `ruels`");
/// assert_eq!(error.help.as_deref(), Some("did you mean `rules`?"));
/// ```
pub fn yaml<T: DeserializeOwned>(file: File<'_>) -> Result<T, Invalid> {
    serde_saphyr::from_str_with_options(file.text(), options(MAX_NODES)).map_err(|error| {
        let (message, help) = explained(&error);
        file.wrong(error.location().unwrap_or(Location::UNKNOWN), message, help)
    })
}

/// How every YAML document is read. `nodes` is how many it may have.
pub(crate) fn options(nodes: usize) -> Options {
    serde_saphyr::options! {
        with_snippet: false,
        // Others' values; nothing here is a number.
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: nodes,
            max_events: 4 * MAX_NODES,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_ALIASED },
    }
}

/// What a reader's error says, and what would be right. Nothing of a value is repeated, except by
/// those errors that a type's own checks make.
pub(crate) fn explained(error: &Error) -> (String, Option<String>) {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown key `{field}`"), Some(suggestion(field, expected)))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("unknown value `{variant}`"), Some(suggestion(variant, expected)))
        }
        Error::SerdeMissingField { field, .. } => {
            (format!("missing key `{field}` in the mapping that ends here"), None)
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            (format!("expected {expected}, found {unexpected}"), None)
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_ref().map(|key| format!(" `{key}`")).unwrap_or_default();
            (format!("duplicate key{key}"), Some("remove one of the two".to_owned()))
        }
        Error::Message { msg, .. } => (msg.clone(), None),
        Error::Unexpected { expected, .. } => {
            let wanted = expected.strip_suffix(" start").unwrap_or(expected);
            (format!("expected a {}", wanted.replace("sequence", "list")), None)
        }
        Error::Eof { .. } => ("the file is empty".to_owned(), None),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => (too_much(), None),
        // What goes wrong where an alias is expanded.
        Error::AliasError { error, .. } => explained(error),
        other => (plain(other), None),
    }
}

/// A document that is refused for its size, its depth or its aliases.
pub(crate) fn too_much() -> String {
    format!(
        "the document is too large: at most {MAX_DEPTH} levels, {MAX_NODES} keys and values in a \
         file, and {MAX_ALIASED} by aliases"
    )
}

/// The library's own sentence, without the place, which we say ourselves.
fn plain(error: &Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.split_once(" at line ").map_or(first, |(sentence, _)| sentence).to_owned()
}
