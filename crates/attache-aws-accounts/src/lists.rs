//! IAM's lists, page by page to their end.
//!
//! The SDK's own paginators end in silence where a marker comes twice, which makes a shorter list.

use std::collections::BTreeSet;
use std::future::Future;

/// Ours: IAM's longest list, an account's 5,000 roles, has 50 pages of 100.
const MOST_PAGES: usize = 10_000;

/// One page of a list.
#[derive(Debug)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; none, or an empty one, on the last.
    pub marker: Option<String>,
}

/// Why the pages of a list do not add up to the whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IncompleteList {
    /// A marker that was followed already.
    #[error("the same marker came twice: the list has no end")]
    RepeatedMarker,
    /// Page after page, each with another marker.
    #[error("the list has more than {MOST_PAGES} pages")]
    TooManyPages,
}

/// Reads page after page, beginning without a marker, until one has none.
///
/// # Errors
/// Those of `read_page`, and [`IncompleteList`] by `incomplete`.
pub async fn list_all<T, E, F>(
    read_page: impl Fn(Option<String>) -> F,
    incomplete: impl Fn(IncompleteList) -> E,
) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<Page<T>, E>>,
{
    let (mut items, mut marker) = (Vec::new(), None);
    let mut followed = BTreeSet::new();
    loop {
        let page = read_page(marker.take()).await?;
        items.extend(page.items);
        let Some(next) = page.marker.filter(|next| !next.is_empty()) else { return Ok(items) };
        if !followed.insert(next.clone()) {
            return Err(incomplete(IncompleteList::RepeatedMarker));
        }
        if followed.len() > MOST_PAGES {
            return Err(incomplete(IncompleteList::TooManyPages));
        }
        marker = Some(next);
    }
}

#[cfg(test)]
mod tests {
    use super::{IncompleteList, Page, list_all};

    async fn list(next: impl Fn(Option<&str>) -> Option<&'static str>) -> Result<usize, String> {
        let read = |marker: Option<String>| {
            let marker = next(marker.as_deref()).map(str::to_owned);
            async { Ok(Page { items: vec![()], marker }) }
        };
        list_all(read, |incomplete: IncompleteList| incomplete.to_string())
            .await
            .map(|all| all.len())
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_end_or_not_at_all() {
        let two = |marker: Option<&str>| marker.is_none().then_some("a");
        assert_eq!(list(two).await, Ok(2));
        assert_eq!(list(|_| Some("")).await, Ok(1), "an empty marker is none");
        let again = list(|_| Some("a")).await;
        assert!(again.is_err_and(|why| why.contains("twice")));
    }
}
