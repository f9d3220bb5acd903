//! Patterns with `*` and `?`: whether a text fits one, and whether two have a text in common.

/// Whether the text fits the pattern. Linear in all but the worst case, and never recursive.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` stood, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(own) if *own == b'?' || Some(own) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == b'*')
}

/// Whether some text fits both patterns. The cost is the product of their lengths.
pub(crate) fn meet(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    // `row[j]`: what is read of `one` and the first `j` of `other` have a text in common.
    let mut row = vec![true];
    row.extend(other.iter().scan(true, |all, byte| {
        *all &= *byte == b'*';
        Some(*all)
    }));
    for a in one {
        let mut next = vec![*a == b'*' && row.first() == Some(&true)];
        for (j, b) in other.iter().enumerate() {
            let at = |row: &[bool], j: usize| row.get(j).copied().unwrap_or(false);
            let (diagonal, above, left) = (at(&row, j), at(&row, j + 1), at(&next, j));
            next.push(match (a, b) {
                // A star stands for nothing, or for one more of the other's characters.
                (b'*', _) | (_, b'*') => above || left,
                (a, b) => (a == b || *a == b'?' || *b == b'?') && diagonal,
            });
        }
        row = next;
    }
    row.last() == Some(&true)
}

/// Whether a text has a wildcard in it.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::{fits, meet};

    #[test]
    fn texts_fit_patterns() {
        for (pattern, text, wanted) in [
            ("", "", true),
            ("*", "", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("arn:*:role/ci-?", "arn:aws:iam::1:role/ci-x", true),
            ("a?", "a", false),
            ("*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(fits(pattern, text), wanted, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_meet_where_a_text_fits_both() {
        for (one, other, wanted) in [
            ("a*", "*b", true),
            ("pay*/api", "*/a?i", true),
            ("ns-*", "prod-*", false),
            ("*", "", true),
            ("a?c", "a*d", false),
            ("ab", "a*b", true),
            ("a*b", "ab", true),
            ("*x*", "abc", false),
        ] {
            assert_eq!(meet(one, other), wanted, "{one} {other}");
            assert_eq!(meet(other, one), wanted, "{other} {one}");
        }
    }
}
