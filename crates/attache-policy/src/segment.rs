//! A policy's text taken apart: plain text, wildcards and variables.
//!
//! `${key}`, `${key, 'default'}`, `${*}`, `${?}` and `${$}` are read in version 2012-10-17 alone.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use crate::Context;
use crate::condition_keys::is_multivalued;

/// One piece of a text. What comes out of a variable, or of `${*}`, is text: no star in it is a
/// wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// This text and no other.
    Text(Box<str>),
    /// `?`: any one character.
    AnyChar,
    /// `*`: any run of characters.
    AnyRun,
    /// `${key}`: what the request says.
    Variable(Variable),
    /// `${` without its end: it has no value, so that the whole text matches nothing.
    NoMatch,
}

/// A condition key that is replaced by its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// In lower case, as the context keeps its keys.
    key: Box<str>,
    default: Option<Box<str>>,
    multivalued: bool,
}

impl Variable {
    fn read(inside: &str) -> Self {
        let default = inside.split_once(',').and_then(|(_, default)| {
            default.trim().strip_prefix('\'')?.strip_suffix('\'').map(Box::from)
        });
        let key = key_of(inside).to_lowercase();
        Self { multivalued: is_multivalued(&key), key: key.into(), default }
    }

    /// The key, in lower case.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Its value in this request. Multivalued keys can't be variables: they have not even their
    /// default.
    pub(crate) fn value<'v>(&'v self, context: &'v Context) -> Option<&'v str> {
        if self.multivalued {
            return None;
        }
        match context.get_lower(&self.key) {
            Some(values) => values.only(),
            None => self.default.as_deref(),
        }
    }
}

impl Variable {
    /// Whether its key is multivalued: AWS lists it so, or it has several values in this request. No
    /// condition with such a variable holds, be its operator negated.
    pub(crate) fn is_multivalued(&self, context: &Context) -> bool {
        self.multivalued || context.get_lower(&self.key).is_some_and(|values| values.len() > 1)
    }
}

/// What stands between each `${` and its `}`.
pub(crate) fn insides(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (inside, tail) = rest.split_once("${")?.1.split_once('}')?;
        rest = tail;
        Some(inside)
    })
}

/// The key that an inside names, as it is written: what comes before its default.
pub(crate) fn key_of(inside: &str) -> &str {
    inside.split_once(',').map_or(inside, |(key, _)| key).trim()
}

/// The keys of a text's variables, as they are written. `${*}`, `${?}` and `${$}` are none.
pub(crate) fn variable_keys(text: &str) -> impl Iterator<Item = &str> {
    insides(text).filter(|inside| !is_character(inside)).map(key_of)
}

/// Whether it stands for the character that it is.
fn is_character(inside: &str) -> bool {
    matches!(inside, "*" | "?" | "$")
}

/// What counts in a text beside its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// `*` and `?` are wildcards.
    Yes,
    /// They are themselves, as in `StringEquals`.
    No,
}

/// Takes a text apart.
pub(crate) fn read(text: &str, wildcards: Wildcards, variables: bool) -> Vec<Segment> {
    let mut segments = Segments(Vec::new());
    let mut rest = text;
    while variables && let Some((before, after)) = rest.split_once("${") {
        segments.plain(before, wildcards);
        let Some((inside, tail)) = after.split_once('}') else {
            segments.0.push(Segment::NoMatch);
            return segments.0;
        };
        if is_character(inside) {
            segments.text(inside);
        } else {
            segments.0.push(Segment::Variable(Variable::read(inside)));
        }
        rest = tail;
    }
    segments.plain(rest, wildcards);
    segments.0
}

/// Takes a `Resource` apart: as it is written, where its stars cross anything, and if it is an ARN with
/// fewer than six parts also with `*` for each missing part.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.
pub(crate) fn resource(text: &str, variables: bool) -> impl Iterator<Item = Vec<Segment>> + use<> {
    let own = read(text, Wildcards::Yes, variables);
    let whole = text.starts_with("arn:").then(|| completed(&own)).flatten();
    [own].into_iter().chain(whole)
}

/// With all six parts; nothing where it has them.
fn completed(segments: &[Segment]) -> Option<Vec<Segment>> {
    /// Between six parts.
    const COLONS: usize = 5;
    let colons = |segment: &Segment| match segment {
        Segment::Text(text) => text.matches(':').count(),
        _ => 0,
    };
    let given: usize = segments.iter().map(colons).sum();
    let lack = COLONS.checked_sub(given).filter(|lack| *lack > 0)?;
    // A star at the end takes in all that.
    if segments.last() == Some(&Segment::AnyRun) {
        return None;
    }
    let mut whole = Segments(segments.to_vec());
    for _ in 0..lack {
        whole.plain(":*", Wildcards::Yes);
    }
    Some(whole.0)
}

/// Fills the variables in. Nothing where one has no value.
pub(crate) fn fill(segments: &[Segment], context: &Context) -> Option<Vec<Segment>> {
    let mut filled = Segments(Vec::with_capacity(segments.len()));
    for segment in segments {
        match segment {
            Segment::Variable(variable) => filled.text(variable.value(context)?),
            Segment::Text(text) => filled.text(text),
            Segment::NoMatch => return None,
            Segment::AnyChar | Segment::AnyRun => filled.0.push(segment.clone()),
        }
    }
    Some(filled.0)
}

/// The same as text, for operators without wildcards. Nothing where a variable has no value.
pub(crate) fn text(segments: &[Segment], context: &Context) -> Option<String> {
    let mut text = String::new();
    for segment in segments {
        text.push_str(match segment {
            Segment::Text(own) => own,
            Segment::AnyChar => "?",
            Segment::AnyRun => "*",
            Segment::Variable(variable) => variable.value(context)?,
            Segment::NoMatch => return None,
        });
    }
    Some(text)
}

/// Whether it is the same text for every request.
pub(crate) fn is_fixed(segments: &[Segment]) -> bool {
    !segments.iter().any(|segment| matches!(segment, Segment::Variable(_) | Segment::NoMatch))
}

/// Segments under way; neighbouring texts are kept as one.
struct Segments(Vec<Segment>);

impl Segments {
    fn text(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Segment::Text(text)) => *text = format!("{text}{more}").into(),
            _ => self.0.push(Segment::Text(more.into())),
        }
    }

    fn plain(&mut self, mut rest: &str, wildcards: Wildcards) {
        while wildcards == Wildcards::Yes
            && let Some(at) = rest.find(['*', '?'])
        {
            let (before, after) = rest.split_at(at);
            self.text(before);
            self.0.push(if after.starts_with('*') { Segment::AnyRun } else { Segment::AnyChar });
            rest = after.get(1..).unwrap_or_default();
        }
        self.text(rest);
    }
}
