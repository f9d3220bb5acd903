//! What a key of a Secret holds.

use base64::Engine;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use crate::tree::{Node, Value};

/// As Go reads it, and so Kubernetes: with padding, and with whatever bits are left over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// What a key holds. It has no `Debug`: it can be anything.
pub(super) enum Content {
    Text(String),
    /// Bytes that are not text.
    Binary,
    /// A value under `data` that is not base64.
    NotBase64,
    /// A value that is not text, such as a number: what it is.
    Other(&'static str),
}

impl Content {
    /// A value of `stringData`.
    pub(super) fn plain(node: &Node) -> Self {
        match &node.value {
            Value::Text(text) => Self::Text(text.clone()),
            Value::Null => Self::Text(String::new()),
            _ => Self::Other(node.kind()),
        }
    }

    /// A value of `data`. Line breaks in it are left out, as `base64` puts them in.
    pub(super) fn encoded(node: &Node) -> Self {
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Null => return Self::Text(String::new()),
            _ => return Self::Other(node.kind()),
        };
        match decoded(text).map(String::from_utf8) {
            Some(Ok(text)) => Self::Text(text),
            Some(Err(_)) => Self::Binary,
            None => Self::NotBase64,
        }
    }

    /// Its text as a program reads it: one line break at the end is not part of it, since
    /// `echo ... | base64` and an editor put one there.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => {
                let text = text.strip_suffix('\n').unwrap_or(text);
                Some(text.strip_suffix('\r').unwrap_or(text))
            }
            _ => None,
        }
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(text).ok()
}

/// What a text is that is not what was expected, without a word of it; and what to do about it.
pub(super) fn described(text: &str) -> (&'static str, Option<&'static str>) {
    let is_ours = |text: &str| text.starts_with("arn:aws") || super::region::parse(text).is_ok();
    let inner = decoded(text).and_then(|bytes| String::from_utf8(bytes).ok());
    if text.is_empty() {
        ("nothing", None)
    } else if text.starts_with(crate::file::BYTE_ORDER_MARK) {
        ("text that begins with a byte order mark", Some("save it as UTF-8 without one"))
    } else if text.trim() != text {
        ("white space around it", Some("remove it: a program would read it as part of the value"))
    } else if text.contains("{{") || text.contains("${") {
        ("a template", Some("render it first, with `helm template` or `envsubst`"))
    } else if text.contains('\n') {
        ("several lines", None)
    } else if inner.is_some_and(|inner| is_ours(inner.trim())) {
        ("base64", Some("`stringData` has plain text; base64 goes under `data`, once"))
    } else if super::keys::has_access_key(text) {
        ("an access key id", None)
    } else {
        ("other text", None)
    }
}
