//! The paths that a page names.

use regex::Regex;

/// What in a page's code spans and links begins as a path of this tree, without what stands for
/// something else (`FILE`, `<name>`, `*`).
///
/// # Panics
/// Never: the pattern is a constant.
///
/// ```
/// let page = "Read `crates/attache/src/main.rs`, then [this](docs/verify.md#links), not `a/b`.";
/// assert_eq!(source_lint::paths_in(page), ["crates/attache/src/main.rs", "docs/verify.md"]);
/// ```
#[must_use]
#[expect(clippy::expect_used, reason = "the pattern is a constant")]
pub fn paths_in(page: &str) -> Vec<String> {
    let pattern = Regex::new(
        r"[`(]((?:crates|catalog|docs|examples|fuzz|bench|tests|\.ci)/[\w./-]*\w/?)[`)#]",
    )
    .expect("it is a regular expression");
    pattern.captures_iter(page).map(|found| found[1].to_owned()).collect()
}
