//! Pages of a list, and their opaque tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Some items of a list, and the token of the next ones.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    pub(crate) items: &'a [T],
    pub(crate) next: Option<String>,
}

/// A token that this operation did not give.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidToken;

/// The page after `token`, of at most `size` items. A token belongs to one operation.
pub(crate) fn page<'a, T>(
    operation: &str,
    items: &'a [T],
    token: Option<&str>,
    size: usize,
) -> Result<Page<'a, T>, InvalidToken> {
    let start = match token {
        Some(token) => read(operation, token)?,
        None => 0,
    };
    let end = start.saturating_add(size.max(1)).min(items.len());
    let page = items.get(start..end).ok_or(InvalidToken)?;
    let next = (end < items.len()).then(|| write(operation, end));
    Ok(Page { items: page, next })
}

fn write(operation: &str, at: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{operation}:{at}"))
}

fn read(operation: &str, token: &str) -> Result<usize, InvalidToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| InvalidToken)?;
    let text = String::from_utf8(bytes).map_err(|_| InvalidToken)?;
    let (operation_of_token, at) = text.split_once(':').ok_or(InvalidToken)?;
    if operation_of_token != operation {
        return Err(InvalidToken);
    }
    at.parse().map_err(|_| InvalidToken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_page_size_gives_the_same_whole() {
        let items: Vec<u32> = (0..17).collect();
        for size in 1..20 {
            let (mut seen, mut token) = (Vec::new(), None);
            loop {
                let got = page("List", &items, token.as_deref(), size).unwrap();
                seen.extend_from_slice(got.items);
                match got.next {
                    Some(next) => token = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, items, "pages of {size}");
        }
    }

    #[test]
    fn a_token_of_another_operation_or_of_none_is_refused() {
        let token = page("A", &[1, 2], None, 1).unwrap().next.unwrap();
        assert_eq!(page("B", &[1, 2], Some(&token), 1).unwrap_err(), InvalidToken);
        assert_eq!(page("A", &[1, 2], Some("nonsense"), 1).unwrap_err(), InvalidToken);
        assert_eq!(page("A", &[1], Some(&write("A", 99)), 1).unwrap_err(), InvalidToken);
    }
}
