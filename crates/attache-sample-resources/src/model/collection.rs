//! Resources of one type in one place: held, or made one by one as they are asked for.
//!
//! Those that are made are functions of a seed, their place and their number, so that a million of
//! them need no memory, and the page of a list costs what is on it. A resource's id or name tells its
//! number: to look one up is to make it again and to compare.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::place::Place;

/// Resources of one type.
pub(crate) enum Collection<T> {
    /// Each of them.
    Held(Vec<T>),
    /// How to make each of them.
    Made(Made<T>),
}

/// How resources are made.
pub(crate) struct Made<T> {
    pub(crate) count: usize,
    pub(crate) place: Arc<Place>,
    pub(crate) make: fn(&Place, usize) -> T,
    /// The number that an id or a name tells. It may be no resource's, and the resource of that number
    /// may have another id.
    pub(crate) number: fn(&Place, &str) -> Option<usize>,
}

impl<T: Clone> Collection<T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Held(items) => items.len(),
            Self::Made(made) => made.count,
        }
    }

    pub(crate) fn get(&self, number: usize) -> Option<Cow<'_, T>> {
        match self {
            Self::Held(items) => items.get(number).map(Cow::Borrowed),
            Self::Made(made) if number < made.count => {
                Some(Cow::Owned((made.make)(&made.place, number)))
            }
            Self::Made(_) => None,
        }
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = Cow<'_, T>> {
        (0..self.len()).filter_map(|number| self.get(number))
    }

    /// The resource that `is` knows by this id or name.
    pub(crate) fn find(&self, id: &str, is: impl Fn(&T) -> bool) -> Option<Cow<'_, T>> {
        self.numbered(id, is).map(|(_, item)| item)
    }

    /// The same with its number, by which several are in the list's order.
    pub(crate) fn numbered(
        &self,
        id: &str,
        is: impl Fn(&T) -> bool,
    ) -> Option<(usize, Cow<'_, T>)> {
        match self {
            Self::Held(items) => {
                let mut found = items.iter().enumerate().filter(|(_, item)| is(item));
                found.next().map(|(number, item)| (number, Cow::Borrowed(item)))
            }
            Self::Made(made) => {
                let number = (made.number)(&made.place, id)?;
                let item = self.get(number).filter(|item| is(item.as_ref()))?;
                Some((number, item))
            }
        }
    }

    /// The number of the first resource that is not `before`, where those that are come first.
    pub(crate) fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.get(middle) {
                Some(item) if before(item.as_ref()) => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }
}

impl<T> Default for Collection<T> {
    fn default() -> Self {
        Self::Held(Vec::new())
    }
}

impl<T> From<Vec<T>> for Collection<T> {
    fn from(items: Vec<T>) -> Self {
        Self::Held(items)
    }
}

impl<T: fmt::Debug> fmt::Debug for Collection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held(items) => items.fmt(f),
            Self::Made(made) => write!(f, "{} that are made", made.count),
        }
    }
}
