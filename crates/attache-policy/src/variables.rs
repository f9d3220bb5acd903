//! The variables of a text, put in place.

use crate::Context;
use crate::atom::{self, Atom, Wildcards};

/// A text with its variables filled in, `*` and `?` as they stand. Nothing where one has no value.
///
/// ```
/// use attache_policy::{Context, fill_variables};
/// let mut known = Context::new();
/// known.set("aws:username", "ann");
/// assert_eq!(fill_variables("home/${aws:username}/*", &known).as_deref(), Some("home/ann/*"));
/// assert_eq!(fill_variables("${aws:PrincipalTag/team}", &known), None);
/// assert_eq!(fill_variables("${aws:PrincipalTag/team, 'none'}", &known).as_deref(), Some("none"));
/// ```
#[must_use]
pub fn fill_variables(text: &str, known: &Context) -> Option<String> {
    atom::text(&atom::read(text, Wildcards::No, true), known)
}

/// A text with `*` for each of its variables: every text that it may stand for fits that pattern.
///
/// ```
/// assert_eq!(attache_policy::widen_variables("home/${aws:username}/${*}"), "home/*/*");
/// ```
#[must_use]
pub fn widen_variables(text: &str) -> String {
    let atoms = atom::read(text, Wildcards::No, true);
    let part = |atom: &Atom| match atom {
        Atom::Text(text) => text.to_string(),
        Atom::One | Atom::Run | Atom::Variable(_) | Atom::Never => "*".to_owned(),
    };
    atoms.iter().map(part).collect()
}
