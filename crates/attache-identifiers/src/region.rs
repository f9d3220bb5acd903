//! Regions, and the partitions that they belong to.

use std::sync::LazyLock;

use crate::{NameError, Partition, text_type};

/// An AWS region's name, such as `us-east-1`.
///
/// Only the shape is checked: AWS opens regions without asking us. Whether it is one of those that
/// were known when this was built is [`Region::is_known`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// What AWS's documents print where a reader is to put a region.
const PLACEHOLDER: &str = "region-code";

/// DNS's: a region's name is a label of its endpoints' host names (RFC 1035).
const LONGEST: usize = 63;

/// Every region that is known, with its partition, in the file's order.
static KNOWN: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut partition = "";
    let mut all = Vec::new();
    for line in include_str!("regions.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(region) => all.push((region, partition)),
            None => partition = line.split(' ').next().unwrap_or_default(),
        }
    }
    all
});

impl Region {
    /// Reads a region's name.
    ///
    /// # Errors
    /// When the text is the documents' placeholder `region-code`, or has not the shape
    /// `area-place-number`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let what = "a region";
        if text == PLACEHOLDER {
            let why = "it is the document's placeholder; put the region there, such as us-east-1";
            return Err(NameError::new(what, text, why));
        }
        let parts: Vec<&str> = text.split('-').collect();
        let number = parts
            .last()
            .is_some_and(|n| matches!(n.len(), 1 | 2) && n.bytes().all(|b| b.is_ascii_digit()));
        let words = parts.iter().rev().skip(1);
        let worded = words.clone().all(|w| {
            !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if parts.len() < 3 || text.len() > LONGEST || !number || !worded {
            return Err(NameError::new(what, text, "it must look like us-east-1"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Every region that was known when this was built, with its partition's name.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
        KNOWN.iter().copied()
    }

    /// Whether the region was known when this was built. One that is not may be new, or misspelt:
    /// [`Region::nearest`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        Self::known().any(|(region, _)| region == self.0)
    }

    /// The partition of a known region; of another one the partition of its prefix.
    #[must_use]
    pub fn partition(&self) -> Partition {
        let known = Self::known().find(|(region, _)| *region == self.0);
        let name = known.map_or_else(|| partition_by_shape(&self.0), |(_, partition)| partition);
        Partition::parse(name).unwrap_or_else(|_| Partition::aws())
    }

    /// The known region that is spelt most alike, where this one is not known.
    ///
    /// ```
    /// # use attache_identifiers::Region;
    /// assert_eq!(Region::parse("us-esat-1")?.nearest(), Some("us-east-1"));
    /// assert_eq!(Region::parse("us-east-1")?.nearest(), None);
    /// # Ok::<(), attache_identifiers::NameError>(())
    /// ```
    #[must_use]
    pub fn nearest(&self) -> Option<&'static str> {
        /// Ours: two letters swapped, or one wrong and one missing.
        const FARTHEST: usize = 2;
        if self.is_known() {
            return None;
        }
        let distance = |region: &str| strsim::osa_distance(region, &self.0);
        let near = Self::known().map(|(region, _)| (distance(region), region)).min();
        near.filter(|(distance, _)| *distance <= FARTHEST).map(|(_, region)| region)
    }
}

/// Source: the `regionRegex` of each partition in the SDKs' `partitions.json`.
fn partition_by_shape(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("us-isof-") || region.starts_with("eu-isof-") => "aws-iso-f",
        _ if region.starts_with("eu-isoe-") => "aws-iso-e",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_type!(Region);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_tells_its_partition() {
        for (region, partition, known) in [
            ("us-east-1", "aws", true),
            ("cn-north-1", "aws-cn", true),
            ("us-gov-west-1", "aws-us-gov", true),
            ("us-iso-east-1", "aws-iso", true),
            ("eusc-de-east-1", "aws-eusc", true),
            ("cn-south-9", "aws-cn", false),
            ("us-isob-west-9", "aws-iso-b", false),
            ("ap-atlantis-1", "aws", false),
        ] {
            let region = Region::parse(region).unwrap();
            assert_eq!(region.partition().as_str(), partition, "{region}");
            assert_eq!(region.is_known(), known, "{region}");
        }
    }

    #[test]
    fn every_known_region_is_read_and_suggests_nothing() {
        assert!(Region::known().count() > 40);
        for (name, partition) in Region::known() {
            let region = Region::parse(name).unwrap();
            assert_eq!((region.nearest(), region.partition().as_str()), (None, partition));
            assert_eq!(partition_by_shape(name), partition, "{name}");
        }
    }

    #[test]
    fn a_misspelt_region_has_a_suggestion_and_a_new_place_has_none() {
        for (given, nearest) in [
            ("us-esat-1", Some("us-east-1")),
            ("eu-wst-1", Some("eu-west-1")),
            ("eu-cental-1", Some("eu-central-1")),
            ("xx-nowhere-1", None),
        ] {
            assert_eq!(Region::parse(given).unwrap().nearest(), nearest, "{given}");
        }
    }
}
