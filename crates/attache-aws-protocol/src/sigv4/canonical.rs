//! The canonical request: the one text that both sides hash.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>,
//! "Create a canonical request". The client has written the path and the query string its own way;
//! what follows brings both to one form without losing what they mean.

use std::borrow::Cow;

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// All but RFC 3986's unreserved characters: AWS's `UriEncode`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The same, where slashes stay.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// The canonical path.
///
/// S3's keys may hold `//` and `..`, so S3 signs the path as it is sent. All others sign it
/// normalised and escaped once more, which is what AWS calls double encoding.
pub(super) fn path(path: &str, is_s3: bool) -> String {
    if is_s3 {
        return if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    }
    percent_encode(normalised(path).as_bytes(), RESERVED_IN_PATH).to_string()
}

/// The path without empty segments and dot segments, RFC 3986 section 5.2.4.
fn normalised(path: &str) -> Cow<'_, str> {
    if path.starts_with('/') && !path.contains("//") && !path.contains("/.") {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let ends_in_folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if ends_in_folder && !kept.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", kept.join("/")))
}

/// One parameter of a query string in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parameter {
    /// The name, escaped.
    pub(super) name: String,
    /// The value, escaped.
    pub(super) value: String,
}

impl Parameter {
    /// The value as it was meant, where it is text.
    pub(super) fn decoded_value(&self) -> Option<String> {
        percent_decode_str(&self.value).decode_utf8().ok().map(Cow::into_owned)
    }
}

/// Whether a parameter is the signature itself, which cannot cover itself.
pub(super) fn is_signature(parameter: &Parameter) -> bool {
    parameter.name == "X-Amz-Signature"
}

/// The parameters of a query string, each decoded and escaped anew, in the order in which they are
/// signed: by name, then by value, as escaped.
pub(super) fn parameters(query: &str) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Parameter { name: escaped_anew(name), value: escaped_anew(value) }
        })
        .collect();
    parameters.sort_unstable();
    parameters
}

fn escaped_anew(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let bytes: Cow<'_, [u8]> = percent_decode_str(&spaced).into();
    percent_encode(&bytes, RESERVED).to_string()
}

/// The canonical query string.
pub(super) fn query(parameters: &[Parameter]) -> String {
    let pairs = parameters.iter().filter(|p| !is_signature(p));
    pairs.map(|p| format!("{}={}", p.name, p.value)).collect::<Vec<_>>().join("&")
}

/// The canonical headers: each signed one in order, its values joined by commas, runs of spaces
/// folded. They are bytes: HTTP allows them beyond ASCII.
pub(super) fn headers(headers: &HeaderMap, signed: &[String]) -> Vec<u8> {
    let mut text = Vec::new();
    for name in signed {
        text.extend_from_slice(name.as_bytes());
        for (at, value) in headers.get_all(name).iter().enumerate() {
            text.push(if at == 0 { b':' } else { b',' });
            fold(value.as_bytes(), &mut text);
        }
        text.push(b'\n');
    }
    text
}

/// Appends a value without spaces at its ends, and with single ones inside. Spaces only: AWS's
/// signers leave tabs alone.
fn fold(value: &[u8], into: &mut Vec<u8>) {
    let words = value.split(|b| *b == b' ').filter(|word| !word.is_empty());
    for (at, word) in words.enumerate() {
        if at > 0 {
            into.push(b' ');
        }
        into.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_normalised_and_escaped_once_more_except_for_s3() {
        let cases = [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("//", "/", "//"),
            ("/a/./b/../c", "/a/c", "/a/./b/../c"),
            ("/a/b/..", "/a/", "/a/b/.."),
            ("/../..", "/", "/../.."),
            ("/a//b/", "/a/b/", "/a//b/"),
            ("/a.b/.c/..d", "/a.b/.c/..d", "/a.b/.c/..d"),
            ("/arn%3Aaws%2Fx", "/arn%253Aaws%252Fx", "/arn%3Aaws%2Fx"),
            ("/a:b", "/a%3Ab", "/a:b"),
            ("/a%20b~c", "/a%2520b~c", "/a%20b~c"),
        ];
        for (raw, usual, s3) in cases {
            assert_eq!(path(raw, false), usual, "{raw}");
            assert_eq!(path(raw, true), s3, "{raw} in S3");
        }
    }

    #[test]
    fn a_query_string_is_sorted_as_escaped_whatever_its_escaping_was() {
        let cases = [
            ("", ""),
            ("lifecycle", "lifecycle="),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1", "a=1&a=2"),
            ("a=1&A=1", "A=1&a=1"),
            ("a=x%20y&b=x+y", "a=x%20y&b=x%20y"),
            ("%61=%7e", "a=~"),
            ("a=1=2", "a=1%3D2"),
            ("a=%zz%", "a=%25zz%25"),
            ("a=%FF", "a=%FF"),
            ("&&a=1&", "a=1"),
            ("a=1&X-Amz-Signature=ff", "a=1"),
        ];
        for (raw, canonical) in cases {
            assert_eq!(query(&parameters(raw)), canonical, "{raw}");
        }
    }
}
