//! Lists in pages: where a page begins and ends, and the tokens that ask for the next one.
//!
//! The items come sorted by their key, and the token is the last key of the page: a list that
//! changes between two pages neither repeats nor skips what stays. Only what is on the page is made:
//! what comes before it is passed over by its key alone.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::validation::size;

/// The page that a call asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PageRequest<'a> {
    /// The token of the page; none for the first.
    pub(crate) token: Option<&'a str>,
    /// How many items it may have, where the caller says.
    pub(crate) limit: Option<i64>,
}

/// How a service writes pages.
pub(crate) struct Pagination<E> {
    /// How many it has when the caller does not say.
    pub(crate) default: i64,
    /// The most bytes of a page, about; a page ends early rather.
    pub(crate) most_bytes: usize,
    /// The refusal of a token that is not one of ours.
    pub(crate) invalid: fn(&str) -> E,
}

/// What came of an item.
pub(crate) enum Shown {
    /// It is on the page.
    Item(Value),
    /// The page ends before it.
    NextPage,
}

/// A page.
pub(crate) struct Page {
    /// The items, each in its list; an empty list is left out.
    pub(crate) lists: Map<String, Value>,
    /// The token of the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl Page {
    /// Adds a list that may be without an item.
    pub(crate) fn with_list(mut self, name: &str) -> Self {
        self.lists.entry(name).or_insert_with(|| json!([]));
        self
    }
}

impl<E> Pagination<E> {
    /// Cuts a page out of sorted items: `list` says which list an item's key is in, and `show` makes
    /// the item.
    ///
    /// # Errors
    /// When the token is not one of ours; those of `show`.
    pub(crate) fn cut<K: AsRef<str>, T>(
        &self,
        request: PageRequest<'_>,
        items: impl Iterator<Item = (K, T)>,
        list: impl Fn(&str) -> &'static str,
        mut show: impl FnMut(T) -> Result<Shown, E>,
    ) -> Result<Page, E> {
        let after = request.token.map(|token| self.read(token)).transpose()?;
        let most = usize::try_from(request.limit.unwrap_or(self.default)).unwrap_or(1);
        let mut lists = Map::new();
        let (mut count, mut bytes, mut last, mut more) = (0, 0, None, false);
        let rest =
            items.filter(|(key, _)| after.as_deref().is_none_or(|after| key.as_ref() > after));
        for (key, item) in rest {
            if count >= most || bytes >= self.most_bytes {
                more = true;
                break;
            }
            let Shown::Item(item) = show(item)? else {
                more = true;
                break;
            };
            bytes += size(&item);
            count += 1;
            let found = lists.entry(list(key.as_ref())).or_insert_with(|| json!([]));
            if let Some(found) = found.as_array_mut() {
                found.push(item);
            }
            last = Some(key);
        }
        let next = more.then(|| write(last.as_ref().map_or("", AsRef::as_ref)));
        Ok(Page { lists, next })
    }

    fn read(&self, token: &str) -> Result<String, E> {
        let decoded = URL_SAFE_NO_PAD.decode(token).ok();
        let key = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        key.ok_or_else(|| (self.invalid)(token))
    }
}

fn write(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// The number of an event that a token of the journal's pages names: they come before it.
pub(crate) fn read_sequence(token: &str) -> Option<i64> {
    token.parse().ok()
}

/// The token of the page before an event.
pub(crate) fn write_sequence(seq: i64) -> String {
    seq.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: Pagination<String> =
        Pagination { default: 2, most_bytes: 1000, invalid: str::to_owned };

    fn page(token: Option<&str>, keys: &[&'static str]) -> Result<(Value, Option<String>), String> {
        let items = keys.iter().map(|key| (*key, *key));
        let request = PageRequest { token, limit: None };
        let page = PAGES.cut(request, items, |_| "Keys", |key| Ok(Shown::Item(json!(key))))?;
        let Page { lists, next } = page.with_list("Keys");
        Ok((lists["Keys"].clone(), next))
    }

    #[test]
    fn pages_follow_each_other_and_what_stays_is_listed_once() {
        let (first, next) = page(None, &["a", "b", "c", "d"]).unwrap();
        assert_eq!(first, json!(["a", "b"]));
        // `b` was taken away and `bb` was added between the two.
        let (second, last) = page(next.as_deref(), &["a", "bb", "c"]).unwrap();
        assert_eq!((second, last), (json!(["bb", "c"]), None));
    }

    #[test]
    fn a_page_that_takes_the_last_item_has_no_next_one() {
        for (keys, wanted) in [(&["a", "b"][..], false), (&["a", "b", "c"], true), (&[], false)] {
            assert_eq!(page(None, keys).unwrap().1.is_some(), wanted, "{keys:?}");
        }
    }

    #[test]
    fn a_token_of_another_service_is_refused() {
        for token in ["not base64!", "_w", "\u{e9}"] {
            assert_eq!(page(Some(token), &["a"]), Err(token.to_owned()), "{token}");
        }
    }

    #[test]
    fn the_journals_tokens_are_numbers() {
        assert_eq!(read_sequence(&write_sequence(7)), Some(7));
        for token in ["", "x", "1.5"] {
            assert_eq!(read_sequence(token), None, "{token}");
        }
    }
}
