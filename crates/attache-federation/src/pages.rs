//! IAM's lists, page by page to their end.
//!
//! The SDK's own paginators end in silence where a marker comes twice, which makes a shorter list.

use std::collections::BTreeSet;
use std::future::Future;

use attache_identifiers::AccountId;

use crate::error::FederationError;

/// Ours: IAM's longest list, an account's 5,000 roles, has 50 pages of 100.
const MOST_PAGES: usize = 10_000;

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) marker: Option<String>,
}

/// Asks for page after page, beginning without a marker. `attempt` is a verb phrase.
pub(crate) async fn all<T, F>(
    attempt: &str,
    account: AccountId,
    ask: impl Fn(Option<String>) -> F,
) -> Result<Vec<T>, FederationError>
where
    F: Future<Output = Result<Page<T>, FederationError>>,
{
    let failed =
        |why: String| FederationError::BadAnswer { attempt: attempt.to_owned(), account, why };
    let (mut items, mut marker) = (Vec::new(), None);
    let mut seen = BTreeSet::new();
    loop {
        let page = ask(marker.take()).await?;
        items.extend(page.items);
        let Some(next) = page.marker.filter(|next| !next.is_empty()) else { return Ok(items) };
        if !seen.insert(next.clone()) {
            return Err(failed("the same marker came twice: the list has no end".to_owned()));
        }
        if seen.len() > MOST_PAGES {
            return Err(failed(format!("the list has more than {MOST_PAGES} pages")));
        }
        marker = Some(next);
    }
}
