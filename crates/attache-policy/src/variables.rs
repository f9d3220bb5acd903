//! The variables of a text, put in place.

use crate::Context;
use crate::segment::{self, Segment, Wildcards};

/// A text with its variables filled in, `*` and `?` unchanged. Nothing where one has no value.
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
    segment::text(&segment::read(text, Wildcards::No, true), known)
}

/// A text with `*` for each of its variables: every text that it can become fits that pattern.
///
/// ```
/// assert_eq!(attache_policy::widen_variables("home/${aws:username}/${*}"), "home/*/*");
/// ```
#[must_use]
pub fn widen_variables(text: &str) -> String {
    let segments = segment::read(text, Wildcards::No, true);
    let part = |segment: &Segment| match segment {
        Segment::Text(text) => text.to_string(),
        Segment::AnyChar | Segment::AnyRun | Segment::Variable(_) | Segment::NoMatch => {
            "*".to_owned()
        }
    };
    segments.iter().map(part).collect()
}
