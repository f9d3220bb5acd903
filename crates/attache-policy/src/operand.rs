//! One value of a condition, and whether a value of the request satisfies it.

use time::OffsetDateTime;

use crate::Context;
use crate::arn::ArnPattern;
use crate::glob::Glob;
use crate::operator::{Order, Test};
use crate::segment::{self, Segment, Wildcards};
use crate::value::{self, Network, Number};

/// A policy's value, read for its operator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Text(Glob),
    Arn(ArnPattern),
    /// In lower case, character by character.
    Folded(Box<str>),
    Number(Order, Number),
    Date(Order, OffsetDateTime),
    Bool(Box<str>),
    Network(Network),
    /// It has variables, and is read anew for each request.
    Unfilled(Test, Vec<Segment>),
    /// It is not valid for its operator, so that nothing satisfies it.
    NoMatch,
}

impl Operand {
    /// Reads a value. `variables` says whether `${…}` are variables in its document.
    pub(crate) fn new(test: Test, text: &str, variables: bool) -> Self {
        let wildcards = match test {
            Test::StringLike | Test::Arn => Wildcards::Yes,
            _ => Wildcards::No,
        };
        let segments = segment::read(text, wildcards, variables && test.takes_variables());
        match test {
            Test::StringEquals | Test::StringLike | Test::Binary => {
                Self::Text(Glob::new(&segments))
            }
            Test::Arn => Self::Arn(ArnPattern::new(segments)),
            _ if !segment::is_fixed(&segments) => Self::Unfilled(test, segments),
            // `${*}` was a way to write a star.
            _ => Self::fixed(test, &segment::text(&segments, &Context::new()).unwrap_or_default()),
        }
    }

    fn fixed(test: Test, text: &str) -> Self {
        let read = match test {
            Test::StringEqualsIgnoreCase => {
                Some(Self::Folded(text.chars().flat_map(char::to_lowercase).collect()))
            }
            Test::Numeric(order) => Number::read(text).map(|number| Self::Number(order, number)),
            Test::Date(order) => value::date(text).map(|date| Self::Date(order, date)),
            Test::Bool => Some(Self::Bool(text.into())),
            Test::Ip => Network::read(text).map(Self::Network),
            // The first four were read by their segments; `Null` tests only whether the key is present.
            Test::StringEquals | Test::StringLike | Test::Binary | Test::Arn | Test::Null => None,
        };
        read.unwrap_or(Self::NoMatch)
    }

    /// Whether one value of the request satisfies it.
    pub(crate) fn takes(&self, got: &str, context: &Context) -> bool {
        match self {
            Self::Text(glob) => glob.fits(got, context),
            Self::Arn(pattern) => pattern.fits(got, context),
            Self::Folded(own) => own.chars().eq(got.chars().flat_map(char::to_lowercase)),
            Self::Number(order, own) => {
                let got = Number::read(got).and_then(|got| got.compare(*own));
                got.is_some_and(|got| order.holds(got))
            }
            Self::Date(order, own) => value::date(got).is_some_and(|got| order.holds(got.cmp(own))),
            Self::Bool(own) => own.eq_ignore_ascii_case(got),
            Self::Network(network) => network.holds(got),
            Self::Unfilled(test, segments) => {
                let filled = segment::text(segments, context);
                filled.is_some_and(|text| Self::fixed(*test, &text).takes(got, context))
            }
            Self::NoMatch => false,
        }
    }
}
