//! A policy document as text that IAM takes and every tool hands on unchanged: ASCII alone.
//!
//! IAM takes no character beyond U+00FF in a document, other than by JSON's escapes, and Terraform normalizes the
//! characters of every string (NFC). The value stays the same.
//!
//! Source: the pattern of `PolicyDocument` in
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html>.

use std::fmt::Write;

use serde_json::Value;

/// On one line.
#[must_use]
pub fn line(document: &Value) -> String {
    ascii(&document.to_string())
}

/// Indented with two spaces, as AWS's console shows it.
#[must_use]
pub fn lines(document: &Value) -> String {
    ascii(&format!("{document:#}"))
}

fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || (c.is_ascii() && !c.is_ascii_control()) {
            text.push(c);
            continue;
        }
        // RFC 8259, section 7: beyond the first plane as a pair of surrogates.
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_stays_the_same() {
        let document = serde_json::json!({ "e\u{301}": "\u{e9} \u{1f600} \u{7f} \n \u{0} \\ \"" });
        for text in [line(&document), lines(&document)] {
            assert!(text.is_ascii(), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
        }
    }
}
