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

/// The mark of a region that an account has to ask for.
const OPT_IN: &str = "opt-in";

/// A region of the file.
struct Known {
    name: &'static str,
    partition: &'static str,
    /// What stands behind the region's name, or nothing.
    mark: &'static str,
}

/// The file's lines without its comments.
fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("regions.txt").lines().filter(|line| !line.starts_with('#'))
}

/// Every region that is known, in the file's order.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut partition = "";
    let mut all = Vec::new();
    for line in lines() {
        match line.strip_prefix("  ") {
            Some(region) => {
                let (name, mark) = region.split_once(' ').unwrap_or((region, ""));
                all.push(Known { name, partition, mark });
            }
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
        KNOWN.iter().map(|region| (region.name, region.partition))
    }

    /// The region in whose trail the calls of IAM are, and of STS's endpoint without a region.
    ///
    /// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html>.
    ///
    /// ```
    /// # use attache_identifiers::{Partition, Region};
    /// assert_eq!(Region::of_iam(&Partition::parse("aws-us-gov")?).as_str(), "us-gov-west-1");
    /// # Ok::<(), attache_identifiers::NameError>(())
    /// ```
    #[must_use]
    pub fn of_iam(partition: &Partition) -> Self {
        Self::marked(partition, "iam").unwrap_or_else(|| Self("us-east-1".to_owned()))
    }

    /// The one region of a partition in which Organizations answers.
    ///
    /// Source: <https://docs.aws.amazon.com/general/latest/gr/ao.html>.
    ///
    /// ```
    /// # use attache_identifiers::{Partition, Region};
    /// let of = |partition| Partition::parse(partition).map(|of| Region::of_organizations(&of));
    /// assert_eq!(of("aws")?.as_str(), "us-east-1");
    /// assert_eq!(of("aws-cn")?.as_str(), "cn-northwest-1");
    /// assert_eq!(of("aws-us-gov")?.as_str(), "us-gov-west-1");
    /// # Ok::<(), attache_identifiers::NameError>(())
    /// ```
    #[must_use]
    pub fn of_organizations(partition: &Partition) -> Self {
        Self::marked(partition, "organizations").unwrap_or_else(|| Self::of_iam(partition))
    }

    fn marked(partition: &Partition, mark: &str) -> Option<Self> {
        let mut known = KNOWN.iter();
        let found = known.find(|own| own.mark == mark && own.partition == partition.as_str());
        found.map(|region| Self(region.name.to_owned()))
    }

    /// What the host names of a partition's endpoints end in; of one that is not known, that of `aws`.
    ///
    /// ```
    /// # use attache_identifiers::{Partition, Region};
    /// assert_eq!(Region::dns_suffix(&Partition::parse("aws-cn")?), "amazonaws.com.cn");
    /// # Ok::<(), attache_identifiers::NameError>(())
    /// ```
    #[must_use]
    pub fn dns_suffix(partition: &Partition) -> &'static str {
        let mut partitions = lines().filter_map(|line| line.split_once(' '));
        let found = partitions.find(|(name, _)| *name == partition.as_str());
        found.map_or("amazonaws.com", |(_, suffix)| suffix)
    }

    /// Whether an account has to ask for the region before it may use it. One that was not known when this
    /// was built is new, and has to be asked for: so it is with every one that AWS opened since 2019. In
    /// partitions other than `aws` every region is enabled.
    ///
    /// ```
    /// # use attache_identifiers::Region;
    /// assert!(Region::parse("eu-south-2")?.is_opt_in());
    /// assert!(!Region::parse("eu-west-1")?.is_opt_in());
    /// assert!(!Region::parse("cn-north-1")?.is_opt_in());
    /// # Ok::<(), attache_identifiers::NameError>(())
    /// ```
    #[must_use]
    pub fn is_opt_in(&self) -> bool {
        let entry = self.entry();
        entry.map_or_else(|| partition_by_shape(&self.0) == "aws", |known| known.mark == OPT_IN)
    }

    /// Whether the region was known when this was built. One that is not may be new, or misspelt:
    /// [`Region::nearest`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.entry().is_some()
    }

    /// The partition of a known region; of another one the partition of its prefix.
    #[must_use]
    pub fn partition(&self) -> Partition {
        let entry = self.entry();
        let name = entry.map_or_else(|| partition_by_shape(&self.0), |known| known.partition);
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

    /// What the file has of it.
    fn entry(&self) -> Option<&'static Known> {
        KNOWN.iter().find(|known| known.name == self.0)
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
