//! Words for a shell, and options for the `aws` command.

use std::borrow::Cow;

/// What the `aws` command reads as the place of a value instead of the value.
/// Source: <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-file.html>; version
/// 1 fetches the last two (`cli_follow_urlparam`).
const PLACES: [&str; 4] = ["file://", "fileb://", "http://", "https://"];

/// A word for bash: bare where every character is harmless, else in quotes.
#[must_use]
pub fn quoted(word: &str) -> Cow<'_, str> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"_-./:=@+,".contains(&b);
    if !word.is_empty() && word.bytes().all(harmless) {
        return Cow::Borrowed(word);
    }
    let shown = attache_identifiers::printable(word);
    if shown == word {
        return Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")));
    }
    // Control characters by their bytes, so that the script is one line a word and can be read.
    // No argument can hold NUL: AWS is shown `\u{0}` in its place, and refuses it.
    let mut quoted = String::from("$'");
    for byte in word.replace('\0', r"\u{0}").bytes() {
        match byte {
            b'\'' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' => quoted.push(char::from(byte)),
            other => quoted.push_str(&format!("\\x{other:02x}")),
        }
    }
    Cow::Owned(quoted + "'")
}

/// `--name value` for the `aws` command. A value that begins with `-` would be an option of its
/// own: it is written `--name=-value`. Of the values that may begin with the name of a place, only
/// the URL of a provider is no list, and that one the command never fetches.
#[must_use]
pub fn option(name: &str, value: &str) -> String {
    let between = if value.starts_with('-') { "=" } else { " " };
    format!("--{name}{between}{}", quoted(value))
}

/// `--name value value`, or as a JSON list where one of them would be read as an option, as JSON
/// or as a place to read from.
#[must_use]
pub fn list_option(name: &str, values: &[String]) -> String {
    let special = |value: &String| {
        value.starts_with(['-', '[', '{']) || PLACES.iter().any(|place| value.starts_with(place))
    };
    if values.is_empty() || values.iter().any(special) {
        let list = serde_json::Value::from(values.to_vec()).to_string();
        return option(name, &attache_identifiers::printable_json(&list));
    }
    let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
    format!("--{name} {}", values.join(" "))
}

/// A comment's line, which ends where it should.
#[must_use]
pub fn comment(text: &str) -> String {
    format!("# {}\n", attache_identifiers::printable(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_whatever_is_in_it() {
        for (word, shown) in [
            ("plain-1./:=@+,", "plain-1./:=@+,"),
            ("", "''"),
            ("a b", "'a b'"),
            ("~/x", "'~/x'"),
            ("it's", r"'it'\''s'"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("a\nb", r"$'a\x0ab'"),
            ("\u{9b}'\\", r"$'\xc2\x9b\'\\'"),
            ("a\0b", r"$'a\\u{0}b'"),
        ] {
            assert_eq!(quoted(word), shown, "{word:?}");
        }
    }

    #[test]
    fn a_value_is_no_option_and_no_place_to_read_from() {
        assert_eq!(option("role-name", "Mine"), "--role-name Mine");
        assert_eq!(option("role-name", "--debug"), "--role-name=--debug");
        let list = |value: &str| list_option("client-id-list", &[value.to_owned()]);
        assert_eq!(list("sts.amazonaws.com"), "--client-id-list sts.amazonaws.com");
        assert_eq!(list("https://a"), r#"--client-id-list '["https://a"]'"#);
        assert_eq!(list("-x"), r#"--client-id-list '["-x"]'"#);
        assert_eq!(list("[x"), r#"--client-id-list '["[x"]'"#);
    }
}
