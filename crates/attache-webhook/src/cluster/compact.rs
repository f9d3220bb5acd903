//! A service account's annotations in one piece of memory: a hundred thousand of them are kept.

use attache_admission::AccountAnnotations;

/// The annotations one after the other, each with its length before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Compact(Box<[u8]>);

/// The length of one that is not there.
const ABSENT: u8 = 255;
/// What stands before a length of four bytes.
const LONG: u8 = 254;

impl Compact {
    /// None for no annotations at all.
    pub(super) fn of(annotations: &AccountAnnotations) -> Option<Self> {
        if annotations.is_empty() {
            return None;
        }
        let AccountAnnotations { role_arn, audience, regional_sts, token_expiration, chain } =
            annotations;
        let mut bytes = Vec::new();
        for one in [role_arn, audience, regional_sts, token_expiration, chain] {
            let Some(text) = one else {
                bytes.push(ABSENT);
                continue;
            };
            match u8::try_from(text.len()) {
                Ok(short) if short < LONG => bytes.push(short),
                _ => {
                    bytes.push(LONG);
                    // Kubernetes': all annotations of an object have at most 256 KiB.
                    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                    bytes.extend_from_slice(&length.to_le_bytes());
                }
            }
            bytes.extend_from_slice(text.as_bytes());
        }
        Some(Self(bytes.into_boxed_slice()))
    }

    /// What was put in.
    pub(super) fn annotations(&self) -> AccountAnnotations {
        let mut rest = &*self.0;
        let mut next = || take(&mut rest);
        AccountAnnotations {
            role_arn: next(),
            audience: next(),
            regional_sts: next(),
            token_expiration: next(),
            chain: next(),
        }
    }
}

/// The next annotation; what could not be read is absent, which never happens to what `of` wrote.
fn take(rest: &mut &[u8]) -> Option<Box<str>> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    let length = match *first {
        ABSENT => return None,
        LONG => {
            let (length, after) = rest.split_first_chunk::<4>()?;
            *rest = after;
            usize::try_from(u32::from_le_bytes(*length)).ok()?
        }
        short => usize::from(short),
    };
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Compact;
    use attache_admission::AccountAnnotations;

    proptest! {
        #[test]
        fn what_was_put_in_comes_out(texts in proptest::array::uniform5(proptest::option::of("(?s).{0,400}"))) {
            let [role_arn, audience, regional_sts, token_expiration, chain] =
                texts.map(|one| one.map(String::into_boxed_str));
            let all = AccountAnnotations { role_arn, audience, regional_sts, token_expiration, chain };
            match Compact::of(&all) {
                Some(compact) => prop_assert_eq!(compact.annotations(), all),
                None => prop_assert!(all.is_empty()),
            }
        }
    }
}
