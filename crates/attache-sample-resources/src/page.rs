//! Pages of a list, and their opaque tokens.
//!
//! A token is the number of the resource that the next page begins with: only what is on a page, and
//! what a filter passes over, is looked at.

use std::borrow::Cow;

use attache_aws_protocol::ServiceError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::Collection;

/// Some items of a list, and the token of the next ones.
pub(crate) struct Page<'a, T: Clone> {
    pub(crate) items: Vec<Cow<'a, T>>,
    pub(crate) next: Option<String>,
}

impl<T: Clone> Page<'_, T> {
    /// The page without the list that it was cut from.
    pub(crate) fn into_owned<'a>(self) -> Page<'a, T> {
        let items = self.items.into_iter().map(|item| Cow::Owned(item.into_owned()));
        Page { items: items.collect(), next: self.next }
    }
}

/// Which page a call is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageRequest<'a> {
    /// A token belongs to one operation.
    pub(crate) operation: &'static str,
    pub(crate) token: Option<&'a str>,
    /// The most items.
    pub(crate) size: usize,
}

impl PageRequest<'_> {
    /// The page of the items that `keep` keeps; `invalid` is the refusal of a token that is none.
    ///
    /// # Errors
    /// That refusal, and those of `keep`.
    pub(crate) fn cut<'a, T: Clone>(
        &self,
        all: &'a Collection<T>,
        invalid: impl FnOnce() -> ServiceError,
        mut keep: impl FnMut(&T) -> Result<bool, ServiceError>,
    ) -> Result<Page<'a, T>, ServiceError> {
        let Some(start) = self.start(all.len()) else { return Err(invalid()) };
        let (mut items, mut next) = (Vec::new(), None);
        for number in start..all.len() {
            let Some(item) = all.get(number) else { break };
            if !keep(item.as_ref())? {
                continue;
            }
            if items.len() >= self.size.max(1) {
                next = Some(write(self.operation, number));
                break;
            }
            items.push(item);
        }
        Ok(Page { items, next })
    }

    /// Where the page begins; none if this operation did not give the token.
    fn start(&self, many: usize) -> Option<usize> {
        match self.token {
            None => Some(0),
            Some(token) => read(self.operation, token).filter(|start| *start <= many),
        }
    }
}

/// All of them.
pub(crate) fn all<T>(_: &T) -> Result<bool, ServiceError> {
    Ok(true)
}

fn write(operation: &str, at: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{operation}:{at}"))
}

fn read(operation: &str, token: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (name, at) = text.split_once(':')?;
    (name == operation).then(|| at.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'t>(
        operation: &'static str,
        token: Option<&'t str>,
        size: usize,
    ) -> PageRequest<'t> {
        PageRequest { operation, token, size }
    }

    fn refused() -> ServiceError {
        ServiceError::new(400, "InvalidToken", "")
    }

    #[test]
    fn any_page_size_gives_the_same_whole() {
        let items: Collection<u32> = (0..17).collect::<Vec<u32>>().into();
        for size in 1..20 {
            let (mut seen, mut token) = (Vec::new(), None::<String>);
            loop {
                let request = request("List", token.as_deref(), size);
                let got = request.cut(&items, refused, |item| Ok(item % 3 != 1)).unwrap();
                assert!(got.items.len() <= size);
                seen.extend(got.items.iter().map(|item| **item));
                match got.next {
                    Some(next) => token = Some(next),
                    None => break,
                }
            }
            let kept: Vec<u32> = (0..17).filter(|item| item % 3 != 1).collect();
            assert_eq!(seen, kept, "pages of {size}");
        }
    }

    #[test]
    fn a_token_of_another_operation_or_of_none_is_refused() {
        let items: Collection<u32> = vec![1, 2].into();
        let token = request("A", None, 1).cut(&items, refused, all).unwrap().next.unwrap();
        for (operation, token) in [("B", token.as_str()), ("A", "nonsense"), ("A", &write("A", 99))]
        {
            assert!(request(operation, Some(token), 1).cut(&items, refused, all).is_err());
        }
    }
}
