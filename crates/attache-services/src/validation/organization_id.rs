//! The regular expressions of Organizations' model.

/// What a text of Organizations' model must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrganizationId {
    /// A root.
    Root,
    /// An organizational unit.
    Unit,
    /// A root or a unit.
    Parent,
    /// An account or a unit.
    Child,
    /// What a policy can be attached to.
    Target,
    /// A policy.
    Policy,
    /// What carries tags.
    Taggable,
    /// A request of `CreateAccount`.
    Request,
    /// An address.
    Email,
    /// A new account's name.
    AccountName,
}

impl OrganizationId {
    /// The expression as the model has it.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Root => "^r-[0-9a-z]{4,32}$",
            Self::Unit => "^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$",
            Self::Parent => "^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$",
            Self::Child => "^(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$",
            Self::Target => "^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$",
            Self::Policy => "^p-[0-9a-zA-Z_]{8,128}$",
            Self::Taggable => {
                "^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$"
            }
            Self::Request => "^car-[a-z0-9]{8,32}$",
            Self::Email => "[^\\s@]+@[^\\s@]+\\.[^\\s@]+",
            Self::AccountName => "[\\u0020-\\u007E]+",
        }
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(self, text: &str) -> bool {
        match self {
            Self::Root => is_root(text),
            Self::Unit => is_unit(text),
            Self::Parent => is_root(text) || is_unit(text),
            Self::Child => is_account(text) || is_unit(text),
            Self::Target => is_root(text) || is_account(text) || is_unit(text),
            Self::Policy => is_policy(text),
            Self::Taggable => is_root(text) || is_account(text) || is_unit(text) || is_policy(text),
            Self::Request => text.strip_prefix("car-").is_some_and(|t| is_low(t, 8, 32)),
            Self::Email => is_email(text),
            Self::AccountName => !text.is_empty() && text.chars().all(|c| (' '..='~').contains(&c)),
        }
    }
}

fn is_root(text: &str) -> bool {
    text.strip_prefix("r-").is_some_and(|tail| is_low(tail, 4, 32))
}

fn is_unit(text: &str) -> bool {
    let tail = text.strip_prefix("ou-").and_then(|tail| tail.split_once('-'));
    tail.is_some_and(|(root, unit)| is_low(root, 4, 32) && is_low(unit, 8, 32))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_policy(text: &str) -> bool {
    text.strip_prefix("p-").is_some_and(|tail| {
        (8..=128).contains(&tail.len())
            && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    })
}

/// So many digits and small letters.
fn is_low(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

fn is_email(text: &str) -> bool {
    let legal =
        |part: &str| !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c == '@');
    let Some((user, host)) = text.split_once('@') else { return false };
    let dotted = host.rsplit_once('.').is_some_and(|(name, top)| legal(name) && legal(top));
    legal(user) && dotted
}

#[cfg(test)]
mod tests {
    use super::OrganizationId::*;

    #[test]
    fn ids_are_told_apart() {
        for (kind, good, bad) in [
            (Root, "r-a1b2", "ou-a1b2-a1b2c3d4"),
            (Unit, "ou-a1b2-a1b2c3d4", "ou-a1b2-short"),
            (Parent, "ou-a1b2-a1b2c3d4", "111111111111"),
            (Child, "111111111111", "r-a1b2"),
            (Target, "r-a1b2", "p-FullAWSAccess"),
            (Policy, "p-FullAWSAccess", "p-short"),
            (Taggable, "p-FullAWSAccess", "o-a1b2c3d4e5"),
            (Request, "car-a1b2c3d4", "car-A1B2C3D4"),
            (Email, "ann@mail.example", "ann@example"),
            (AccountName, "Team A", "T\u{e9}am"),
        ] {
            assert!(kind.matches(good) && !kind.matches(bad), "{kind:?}");
        }
    }
}
