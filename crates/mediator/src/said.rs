//! What AWS said, or whatever stands in its place, made fit to be kept and shown.
//!
//! A message is text from elsewhere: validation errors repeat the value that they refuse, a
//! `SignatureDoesNotMatch` repeats the canonical request with its session token, and the SDK's own
//! complaint about an endpoint repeats the whole call. None of it may reach a log, the inventory or
//! a page with a secret in it.

use std::borrow::Cow;

/// Ours: characters of a message that are kept. AWS's own are shorter; a canonical request, or
/// the page of a proxy, would fill the inventory with each scrape.
const LONGEST: usize = 1_000;

/// Ours: what stands where a secret was.
const HIDDEN: &str = "[hidden]";

/// Ours, and STS's least length of a token: shorter text is no secret, and hiding it would eat
/// letters out of every word.
const SHORTEST_SECRET: usize = 4;

/// The message without the secrets, and no longer than one reads.
pub(crate) fn fit(message: &str, secrets: &[&str]) -> String {
    let mut text = Cow::Borrowed(message);
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        for spelt in [(*secret).to_owned(), form_encoded(secret)] {
            if text.contains(&spelt) {
                text = Cow::Owned(text.replace(&spelt, HIDDEN));
            }
        }
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// As a form or a query string has it.
fn form_encoded(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const RESERVED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_however_they_are_spelt() {
        for (message, secrets, shown) in [
            (
                "Value 'a.b.c' at 'webIdentityToken'",
                &["a.b.c"][..],
                "Value '[hidden]' at 'webIdentityToken'",
            ),
            ("token:x/y+z= and X=x%2Fy%2Bz%3D", &["x/y+z="], "token:[hidden] and X=[hidden]"),
            ("two: key1 key2", &["key1", "key2"], "two: [hidden] [hidden]"),
            ("nothing of it", &["a.b.c"], "nothing of it"),
            ("an empty or tiny secret", &["", "a"], "an empty or tiny secret"),
        ] {
            assert_eq!(fit(message, secrets), shown);
        }
    }

    #[test]
    fn a_message_that_nobody_would_read_is_cut_between_characters() {
        let said = fit(&"é".repeat(5_000), &[]);
        assert_eq!(said.chars().count(), LONGEST + 1);
        assert!(said.ends_with("é…"));
        assert_eq!(fit(&"é".repeat(LONGEST), &[]), "é".repeat(LONGEST));
    }

    #[test]
    fn a_secret_across_the_cut_is_hidden_first() {
        let said = fit(&format!("{}the-secret", "x".repeat(LONGEST - 4)), &["the-secret"]);
        assert!(!said.contains("the-"), "{said}");
    }
}
