//! Which regions every account has, and which it has to ask for.
//!
//! <https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html>

/// The regions of the commercial partition that are enabled from the beginning. AWS opened each that
/// came after 20 March 2019 for those alone who ask for it.
const ENABLED_BY_DEFAULT: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Other partitions, whose regions are all enabled; and what clients call a global endpoint.
const OTHER_PARTITIONS: &[&str] = &["cn-", "us-gov-", "us-iso", "eu-isoe-", "aws-"];

/// Whether an account has to ask for a region before it may use it.
pub(super) fn is_opt_in(region: &str) -> bool {
    let elsewhere = OTHER_PARTITIONS.iter().any(|prefix| region.starts_with(prefix));
    !elsewhere && !ENABLED_BY_DEFAULT.contains(&region)
}

#[cfg(test)]
mod tests {
    use super::is_opt_in;

    #[test]
    fn regions_are_told_apart() {
        for region in ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "aws-global"] {
            assert!(!is_opt_in(region), "{region}");
        }
        for region in ["af-south-1", "ap-east-1", "eu-south-2", "me-central-1", "us-new-1"] {
            assert!(is_opt_in(region), "{region}");
        }
    }
}
