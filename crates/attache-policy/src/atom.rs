//! A policy's text taken apart: plain text, wildcards and variables.
//!
//! `${key}`, `${key, 'default'}`, `${*}`, `${?}` and `${$}` are read in version 2012-10-17 alone.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.

use crate::Context;
use crate::condition_keys::is_multivalued;

/// One piece of a text. What comes out of a variable, or of `${*}`, is text: no star in it is a
/// wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Atom {
    /// This text and no other.
    Text(Box<str>),
    /// `?`: any one character.
    One,
    /// `*`: any run of characters.
    Run,
    /// `${key}`: what the request says.
    Variable(Variable),
    /// `${` without its end: it has no value, so that the whole text matches nothing.
    Never,
}

/// A condition key whose value stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// In lower case, as the context keeps its keys.
    key: Box<str>,
    default: Option<Box<str>>,
    multivalued: bool,
}

impl Variable {
    fn read(inside: &str) -> Self {
        let (key, default) = match inside.split_once(',') {
            Some((key, default)) => (key, default.trim().strip_prefix('\'')),
            None => (inside, None),
        };
        let default = default.and_then(|d| d.strip_suffix('\'')).map(Box::from);
        let key = key.trim().to_lowercase();
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

/// What counts in a text beside its variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    /// `*` and `?` are wildcards.
    Yes,
    /// They are themselves, as in `StringEquals`.
    No,
}

/// Takes a text apart.
pub(crate) fn read(text: &str, wildcards: Wildcards, variables: bool) -> Vec<Atom> {
    let mut atoms = Atoms(Vec::new());
    let mut rest = text;
    while variables && let Some((before, after)) = rest.split_once("${") {
        atoms.plain(before, wildcards);
        let Some((inside, tail)) = after.split_once('}') else {
            atoms.0.push(Atom::Never);
            return atoms.0;
        };
        match inside {
            "*" | "?" | "$" => atoms.text(inside),
            _ => atoms.0.push(Atom::Variable(Variable::read(inside))),
        }
        rest = tail;
    }
    atoms.plain(rest, wildcards);
    atoms.0
}

/// Takes a `Resource` apart: as it stands, where its stars cross anything, and if it is an ARN with
/// fewer than six parts also with `*` for each that lacks.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.
pub(crate) fn resource(text: &str, variables: bool) -> impl Iterator<Item = Vec<Atom>> + use<> {
    let own = read(text, Wildcards::Yes, variables);
    let whole = text.starts_with("arn:").then(|| completed(&own)).flatten();
    [own].into_iter().chain(whole)
}

/// With all six parts; nothing where it has them.
fn completed(atoms: &[Atom]) -> Option<Vec<Atom>> {
    /// Between six parts.
    const COLONS: usize = 5;
    let colons = |atom: &Atom| match atom {
        Atom::Text(text) => text.matches(':').count(),
        _ => 0,
    };
    let given: usize = atoms.iter().map(colons).sum();
    let lack = COLONS.checked_sub(given).filter(|lack| *lack > 0)?;
    // A star at the end takes in all that.
    if atoms.last() == Some(&Atom::Run) {
        return None;
    }
    let mut whole = Atoms(atoms.to_vec());
    for _ in 0..lack {
        whole.plain(":*", Wildcards::Yes);
    }
    Some(whole.0)
}

/// Fills the variables in. Nothing where one has no value.
pub(crate) fn fill(atoms: &[Atom], context: &Context) -> Option<Vec<Atom>> {
    let mut filled = Atoms(Vec::with_capacity(atoms.len()));
    for atom in atoms {
        match atom {
            Atom::Variable(variable) => filled.text(variable.value(context)?),
            Atom::Text(text) => filled.text(text),
            Atom::Never => return None,
            Atom::One | Atom::Run => filled.0.push(atom.clone()),
        }
    }
    Some(filled.0)
}

/// The same as text, for operators without wildcards. Nothing where a variable has no value.
pub(crate) fn text(atoms: &[Atom], context: &Context) -> Option<String> {
    let mut text = String::new();
    for atom in atoms {
        text.push_str(match atom {
            Atom::Text(own) => own,
            Atom::One => "?",
            Atom::Run => "*",
            Atom::Variable(variable) => variable.value(context)?,
            Atom::Never => return None,
        });
    }
    Some(text)
}

/// Whether the same text stands for every request.
pub(crate) fn is_fixed(atoms: &[Atom]) -> bool {
    !atoms.iter().any(|atom| matches!(atom, Atom::Variable(_) | Atom::Never))
}

/// Atoms under way; neighbouring texts are kept as one.
struct Atoms(Vec<Atom>);

impl Atoms {
    fn text(&mut self, more: &str) {
        match self.0.last_mut() {
            _ if more.is_empty() => {}
            Some(Atom::Text(text)) => *text = format!("{text}{more}").into(),
            _ => self.0.push(Atom::Text(more.into())),
        }
    }

    fn plain(&mut self, mut rest: &str, wildcards: Wildcards) {
        while wildcards == Wildcards::Yes
            && let Some(at) = rest.find(['*', '?'])
        {
            let (before, after) = rest.split_at(at);
            self.text(before);
            self.0.push(if after.starts_with('*') { Atom::Run } else { Atom::One });
            rest = after.get(1..).unwrap_or_default();
        }
        self.text(rest);
    }
}
