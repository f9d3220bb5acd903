//! Patterns with `*` and `?`, in time linear in pattern times text at the worst.

/// A pattern, piece by piece, so that a literal `*` and a wildcard are never the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(pub(crate) Vec<Piece>);

/// One piece of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// This character and no other.
    Char(char),
    /// `*`: any run of characters.
    Run,
    /// `?`: any one character.
    One,
}

impl Pattern {
    /// A pattern as it is written, where `*` and `?` are wildcards.
    pub(crate) fn read(text: &str) -> Self {
        Self(text.chars().map(Piece::read).collect())
    }

    /// The same as text, for operators without wildcards.
    pub(crate) fn text(&self) -> String {
        let plain = |piece: &Piece| match piece {
            Piece::Char(c) => *c,
            Piece::Run => '*',
            Piece::One => '?',
        };
        self.0.iter().map(plain).collect()
    }

    /// Whether the whole text fits.
    pub(crate) fn fits(&self, text: &str) -> bool {
        fits(&self.0, text)
    }

    /// Whether each of an ARN's six colon-separated parts fits by itself.
    pub(crate) fn fits_arn(&self, arn: &str) -> bool {
        if self.0 == [Piece::Run] {
            return true;
        }
        let wanted: Vec<&[Piece]> = self.0.splitn(6, |piece| *piece == Piece::Char(':')).collect();
        let got: Vec<&str> = arn.splitn(6, ':').collect();
        wanted.len() == 6 && got.len() == 6 && wanted.iter().zip(got).all(|(w, g)| fits(w, g))
    }
}

impl Piece {
    pub(crate) fn read(c: char) -> Self {
        match c {
            '*' => Self::Run,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }

    fn takes(self, c: char) -> bool {
        match self {
            Self::Char(own) => own == c,
            Self::Run => false,
            Self::One => true,
        }
    }
}

/// Backtracks to the last run only, so that `a*a*a*b` cannot explode.
fn fits(pattern: &[Piece], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some(Piece::Run) => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(piece) if piece.takes(*c) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after_run, from)) => {
                    retry = Some((after_run, from + 1));
                    p = after_run;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|piece| *piece == Piece::Run)
}
