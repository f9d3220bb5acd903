//! When a listing is not believed alone.
//!
//! A listing removes what it does not have. An answer can be the operation's own and still be wrong
//! once: a service that fails over, a cache before it. So where much would vanish at once, a second
//! listing is made, and only what both of them miss is removed.

use std::collections::HashSet;
use std::time::Duration;

use crate::scrape::Resource;

/// Ours: the second listing does not follow so closely that the same moment answers it.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// Ours: a listing that misses more than this part of what is known, a half, is confirmed. Fewer
/// vanish in the ordinary course of things, and a confirmation costs as many calls as the listing.
const PART: usize = 2;

/// Whether so many of the known ids are missing that a second listing must confirm it.
pub(crate) fn is_needed(known: &HashSet<String>, found: &[Resource]) -> bool {
    let found: HashSet<&str> = found.iter().map(|resource| resource.id.as_str()).collect();
    let missing = known.iter().filter(|id| !found.contains(id.as_str())).count();
    missing * PART > known.len()
}

/// The second listing, and what the first one had beside it.
pub(crate) fn either(first: Vec<Resource>, mut second: Vec<Resource>) -> Vec<Resource> {
    let seen: HashSet<String> = second.iter().map(|resource| resource.id.clone()).collect();
    second.extend(first.into_iter().filter(|resource| !seen.contains(&resource.id)));
    second
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(ids: &[&str]) -> Vec<Resource> {
        let resource = |id: &&str| Resource {
            region: String::new(),
            id: (*id).to_owned(),
            arn: String::new(),
            name: String::new(),
            tags: std::collections::BTreeMap::new(),
            relations: Vec::new(),
            raw: String::new(),
        };
        ids.iter().map(resource).collect()
    }

    #[test]
    fn more_than_half_of_what_is_known_does_not_vanish_by_one_listing() {
        for (known, found, needed) in [
            (&[][..], &[][..], false),
            (&[], &["a"], false),
            (&["a"], &["a"], false),
            (&["a"], &[], true),
            (&["a"], &["b"], true),
            (&["a", "b"], &["a"], false),
            (&["a", "b"], &["c"], true),
            (&["a", "b", "c"], &["a", "b"], false),
            (&["a", "b", "c"], &["a"], true),
            (&["a", "b", "c"], &["a", "b", "c", "d"], false),
        ] {
            let known: HashSet<String> = known.iter().map(|id| (*id).to_owned()).collect();
            assert_eq!(is_needed(&known, &listing(found)), needed, "{known:?} {found:?}");
        }
    }

    #[test]
    fn what_either_listing_has_is_there() {
        let both = either(listing(&["a", "b"]), listing(&["b", "c"]));
        let ids: Vec<&str> = both.iter().map(|resource| resource.id.as_str()).collect();
        assert_eq!(ids, ["b", "c", "a"]);
    }
}
