//! One line of comma-separated values: the annotation `skip-containers`, which the original reads as CSV.

/// The fields of the first line; none for quotes that do not fit.
pub(super) fn fields(text: &str) -> Option<Vec<String>> {
    let line = text.trim_start_matches(['\r', '\n']);
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner)?,
            None => plain(rest)?,
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None if after.is_empty() || after.starts_with(['\r', '\n']) => return Some(fields),
            None => return None,
        }
    }
}

fn plain(text: &str) -> Option<(String, &str)> {
    let end = text.find([',', '\r', '\n']).unwrap_or(text.len());
    let (field, after) = text.split_at(end);
    (!field.contains('"')).then(|| (field.to_owned(), after))
}

/// The text up to the closing quote; two quotes are one of the field.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn as_the_original_reads_it() {
        for (text, expected) in [
            ("", Some(vec![""])),
            ("a", Some(vec!["a"])),
            ("a,b", Some(vec!["a", "b"])),
            ("a, b", Some(vec!["a", " b"])),
            ("a,,b,", Some(vec!["a", "", "b", ""])),
            ("\"a\",\"b,c\"", Some(vec!["a", "b,c"])),
            ("\"a\"\"b\"", Some(vec!["a\"b"])),
            ("\na,b\nc", Some(vec!["a", "b"])),
            ("\"a", None),
            ("a\"b", None),
            ("\"a\"b", None),
        ] {
            let expected: Option<Vec<String>> =
                expected.map(|all| all.into_iter().map(str::to_owned).collect());
            assert_eq!(fields(text), expected, "{text:?}");
        }
    }
}
