//! Pages of a list, and the opaque marks between them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Some items of a list, and the mark of the next ones.
#[derive(Debug)]
pub(crate) struct Page<'a, T> {
    pub(crate) items: &'a [T],
    pub(crate) next: Option<String>,
}

/// A mark that this operation did not give.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadMark;

/// The page after `mark`, of at most `size` items. A mark belongs to one operation.
pub(crate) fn page<'a, T>(
    operation: &str,
    items: &'a [T],
    mark: Option<&str>,
    size: usize,
) -> Result<Page<'a, T>, BadMark> {
    let start = match mark {
        Some(mark) => read(operation, mark)?,
        None => 0,
    };
    let end = start.saturating_add(size.max(1)).min(items.len());
    let page = items.get(start..end).ok_or(BadMark)?;
    let next = (end < items.len()).then(|| write(operation, end));
    Ok(Page { items: page, next })
}

fn write(operation: &str, at: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{operation}:{at}"))
}

fn read(operation: &str, mark: &str) -> Result<usize, BadMark> {
    let bytes = URL_SAFE_NO_PAD.decode(mark).map_err(|_| BadMark)?;
    let text = String::from_utf8(bytes).map_err(|_| BadMark)?;
    let (own, at) = text.split_once(':').ok_or(BadMark)?;
    if own != operation {
        return Err(BadMark);
    }
    at.parse().map_err(|_| BadMark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_page_size_gives_the_same_whole() {
        let items: Vec<u32> = (0..17).collect();
        for size in 1..20 {
            let (mut seen, mut mark) = (Vec::new(), None);
            loop {
                let got = page("List", &items, mark.as_deref(), size).unwrap();
                seen.extend_from_slice(got.items);
                match got.next {
                    Some(next) => mark = Some(next),
                    None => break,
                }
            }
            assert_eq!(seen, items, "pages of {size}");
        }
    }

    #[test]
    fn a_mark_of_another_operation_or_of_nobody_is_refused() {
        let mark = page("A", &[1, 2], None, 1).unwrap().next.unwrap();
        assert_eq!(page("B", &[1, 2], Some(&mark), 1).unwrap_err(), BadMark);
        assert_eq!(page("A", &[1, 2], Some("nonsense"), 1).unwrap_err(), BadMark);
        assert_eq!(page("A", &[1], Some(&write("A", 99)), 1).unwrap_err(), BadMark);
    }
}
