//! Suggestions: the known word that was probably meant.

/// Ours: a word that resembles the given one less than this is not offered for it.
const LIKENESS: f64 = 0.8;

/// Ours: no known word is half as long; comparing takes time and memory by the length.
const LONGEST_WORD: usize = 200;

/// Ours: known words that an error lists. More are counted.
const MOST_LISTED: usize = 12;

/// The known word that a given one was probably meant to be: one typing error away, or very
/// similar.
pub(crate) fn nearest<'k>(
    given: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    if given.len() > LONGEST_WORD {
        return None;
    }
    let given = given.to_lowercase();
    let likeness = |word: &str| {
        let word = word.to_lowercase();
        // Short words are never much alike, however close.
        let slip = strsim::damerau_levenshtein(&given, &word) <= 1;
        if slip { 1.0 } else { strsim::jaro_winkler(&given, &word) }
    };
    let known = known.into_iter().filter(|word| word.len() <= LONGEST_WORD);
    let scored = known.map(|word| (likeness(word), word));
    let (likeness, best) = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (likeness >= LIKENESS).then_some(best)
}

/// Whether a word can only be a typing error for a known one: the same letters and digits, or
/// all but one or two of them. Words that merely begin alike, as `serviceAccountName` does, are not.
pub(crate) fn is_slip(given: &str, known: &str) -> bool {
    /// Ours: in shorter words a second letter makes another word.
    const LONG: usize = 8;
    if given.len() > LONGEST_WORD {
        return false;
    }
    let (given, known) = (letters(given), letters(known));
    let most = if known.len() < LONG { 1 } else { 2 };
    strsim::damerau_levenshtein(&given, &known) <= most
}

/// A word's letters and digits, without case.
pub(crate) fn letters(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What to say about an unknown word: the nearest known one, else what was expected.
///
/// ```
/// use attache_manifests::suggestion;
/// assert_eq!(suggestion("acounts", &["enabled", "accounts"]), "did you mean `accounts`?");
/// assert_eq!(suggestion("x", &["enabled", "accounts"]), "expected one of: enabled, accounts");
/// ```
#[must_use]
pub fn suggestion(given: &str, known: &[&str]) -> String {
    match (nearest(given, known.iter().copied()), known) {
        (Some(word), _) => format!("did you mean `{word}`?"),
        (None, [only]) => format!("expected `{only}`"),
        (None, _) => format!("expected one of: {}", listed(known.iter().copied())),
    }
}

/// Words in a row, as many as are read.
#[must_use]
pub fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut words = words.into_iter();
    let shown: Vec<&str> = words.by_ref().take(MOST_LISTED).collect();
    match words.count() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
