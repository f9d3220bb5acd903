//! ARN patterns of `ArnLike`, where each of the six parts matches by itself.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>.

use crate::Context;
use crate::glob::Glob;
use crate::segment::{self, Segment};

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
    Unfilled(Vec<Segment>),
    /// Fewer than six parts fit nothing.
    Never,
}

impl ArnPattern {
    pub(crate) fn new(segments: Vec<Segment>) -> Self {
        if segments == [Segment::AnyRun] {
            return Self::Any;
        }
        if !segment::is_fixed(&segments) {
            return Self::Unfilled(segments);
        }
        let parts: Vec<Glob> = split(segments).iter().map(|part| Glob::new(part)).collect();
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
            Self::Unfilled(segments) => {
                let filled = segment::fill(segments, context);
                filled.is_some_and(|filled| Self::new(filled).fits(arn, context))
            }
        }
    }
}

/// Splits at the first five colons.
fn split(segments: Vec<Segment>) -> Vec<Vec<Segment>> {
    let mut parts = vec![Vec::new()];
    for segment in segments {
        let Segment::Text(text) = &segment else {
            push(&mut parts, segment);
            continue;
        };
        let left = PARTS + 1 - parts.len();
        for (place, piece) in text.splitn(left, ':').enumerate() {
            if place > 0 {
                parts.push(Vec::new());
            }
            if !piece.is_empty() {
                push(&mut parts, Segment::Text(piece.into()));
            }
        }
    }
    parts
}

fn push(parts: &mut [Vec<Segment>], segment: Segment) {
    if let Some(last) = parts.last_mut() {
        last.push(segment);
    }
}
