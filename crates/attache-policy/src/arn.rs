//! ARN patterns of `ArnLike`, where each of the six parts matches by itself.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>.

use crate::Context;
use crate::atom::{self, Atom};
use crate::glob::Glob;

/// `arn:partition:service:region:account:resource`.
const PARTS: usize = 6;

/// A compiled ARN pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// `*` alone: every ARN.
    Any,
    /// Part by part.
    Parts(Box<[Glob; PARTS]>),
    /// It has variables, whose values may bring colons: it is taken apart for each request.
    Unfilled(Vec<Atom>),
    /// Fewer than six parts fit nothing.
    Never,
}

impl ArnPattern {
    pub(crate) fn new(atoms: Vec<Atom>) -> Self {
        if atoms == [Atom::Run] {
            return Self::Any;
        }
        if !atom::is_fixed(&atoms) {
            return Self::Unfilled(atoms);
        }
        let parts: Vec<Glob> = split(atoms).iter().map(|part| Glob::new(part)).collect();
        parts.try_into().map_or(Self::Never, |parts| Self::Parts(Box::new(parts)))
    }

    pub(crate) fn fits(&self, arn: &str, context: &Context) -> bool {
        match self {
            Self::Any => true,
            Self::Never => false,
            Self::Parts(parts) => {
                let mut got = arn.splitn(PARTS, ':');
                parts.iter().all(|part| got.next().is_some_and(|got| part.fits(got, context)))
            }
            Self::Unfilled(atoms) => {
                let filled = atom::fill(atoms, context);
                filled.is_some_and(|filled| Self::new(filled).fits(arn, context))
            }
        }
    }
}

/// Splits at the first five colons.
fn split(atoms: Vec<Atom>) -> Vec<Vec<Atom>> {
    let mut parts = vec![Vec::new()];
    for atom in atoms {
        let Atom::Text(text) = &atom else {
            push(&mut parts, atom);
            continue;
        };
        let left = PARTS + 1 - parts.len();
        for (place, piece) in text.splitn(left, ':').enumerate() {
            if place > 0 {
                parts.push(Vec::new());
            }
            if !piece.is_empty() {
                push(&mut parts, Atom::Text(piece.into()));
            }
        }
    }
    parts
}

fn push(parts: &mut [Vec<Atom>], atom: Atom) {
    if let Some(last) = parts.last_mut() {
        last.push(atom);
    }
}
