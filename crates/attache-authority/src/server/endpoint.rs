//! Which of AWS's endpoints a call was sent to, where its `Host` is the name of one.
//!
//! One port stands for all of them, and most clients call it by its own address: then the signature's
//! scope alone says which service and region are meant. A client that was led here by AWS's own names
//! (a hosts file, `curl --resolve`, a name under `.localhost`) is held to them.
//!
//! <https://docs.aws.amazon.com/general/latest/gr/rande.html>

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::sigv4::{SignatureError, Signed};
use attache_identifiers::Region;
use attache_ledger::PARTITION;

use crate::HOME_REGION;

/// What AWS's names end in.
const DOMAIN: &str = ".amazonaws.com";

/// The services whose endpoints begin with their own signing name.
const SERVICES: &[&str] =
    &["sts", "iam", "organizations", "eks", "cloudtrail", "account", "ec2", "sqs", "rds", "lambda"];

/// Those with one endpoint for all regions, which is in [`HOME_REGION`].
const GLOBAL: &[&str] = &["sts", "iam", "organizations", "account"];

/// One of AWS's endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// The service's signing name.
    pub(super) service: &'static str,
    pub(super) region: String,
    /// Whether it is the one for all regions.
    pub(super) global: bool,
}

impl Endpoint {
    /// The endpoint that a call names; none where its `Host` is no name of AWS's.
    pub(super) fn of(inbound: &Inbound) -> Option<Self> {
        let host = inbound.header("host")?;
        let name = host.split(':').next().unwrap_or(host).to_ascii_lowercase();
        let name = name.strip_suffix(".localhost").unwrap_or(&name).strip_suffix(DOMAIN)?;
        let (service, region) = match name.split_once('.') {
            Some((service, region)) => (service, Some(region)),
            None => (name, None),
        };
        let service = SERVICES.iter().copied().find(|own| *own == service)?;
        match region {
            Some(region) => {
                let region = Region::parse(region).ok()?.to_string();
                Some(Self { service, region, global: false })
            }
            None => {
                let global = GLOBAL.contains(&service);
                global.then(|| Self { service, region: HOME_REGION.to_owned(), global })
            }
        }
    }
}

/// Whether all calls to a service are made to one region, whatever region its client signs for:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion>.
/// STS is in all regions beside its global endpoint.
pub(super) fn is_in_one_region(service: &str) -> bool {
    GLOBAL.contains(&service) && service != "sts"
}

/// Refuses a signature whose scope is not the endpoint's, names no region that there is, or one of another
/// partition, where the accounts of this one are unknown.
pub(super) fn require_scope(
    endpoint: Option<&Endpoint>,
    signed: &Signed,
) -> Result<(), SignatureError> {
    if let Some(own) = endpoint {
        signed.require_scope(own.service, Region::parse(&own.region).ok().as_ref())?;
    }
    require_region(&signed.region)
}

/// Some clients sign for a partition's global endpoint by the name that their own tables have for it.
const GLOBAL_NAME: &str = "aws-global";

/// Refuses the region of a scope that is none of this partition's. One that AWS opened since this was built
/// is none either.
fn require_region(text: &str) -> Result<(), SignatureError> {
    if text == GLOBAL_NAME {
        return Ok(());
    }
    match Region::known().find(|(region, _)| *region == text) {
        Some((_, partition)) if partition == PARTITION.as_str() => Ok(()),
        Some((region, _)) => Err(SignatureError::ScopePartition { region: region.to_owned() }),
        None => {
            let (wanted, got) = (HOME_REGION.to_owned(), text.to_owned());
            Err(SignatureError::ScopeRegion { wanted, got })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> Option<(&'static str, String, bool)> {
        let mut headers = http::HeaderMap::new();
        headers.insert("host", http::HeaderValue::from_str(host).unwrap());
        let (path, query, body) = ("/".to_owned(), String::new(), bytes::Bytes::new());
        let inbound = Inbound { method: http::Method::POST, path, query, headers, body };
        Endpoint::of(&inbound).map(|own| (own.service, own.region, own.global))
    }

    #[test]
    fn the_region_of_a_scope_is_one_of_this_partition() {
        for text in ["us-east-1", "eu-south-2", GLOBAL_NAME] {
            assert_eq!(require_region(text), Ok(()), "{text}");
        }
        let region = "cn-north-1".to_owned();
        let foreign = Err(SignatureError::ScopePartition { region });
        assert_eq!(require_region("cn-north-1"), foreign);
        for text in ["", "moon", "us-esat-1", "ap-atlantis-1", "US-EAST-1", "aws-cn-global"] {
            let unknown =
                SignatureError::ScopeRegion { wanted: HOME_REGION.into(), got: text.into() };
            assert_eq!(require_region(text), Err(unknown), "{text}");
        }
    }

    #[test]
    fn a_host_of_aws_says_which_service_and_region_are_meant() {
        for (host, wanted) in [
            ("sts.amazonaws.com", Some(("sts", "us-east-1", true))),
            ("STS.amazonaws.com:443", Some(("sts", "us-east-1", true))),
            ("sts.amazonaws.com.localhost:4599", Some(("sts", "us-east-1", true))),
            ("sts.us-east-1.amazonaws.com", Some(("sts", "us-east-1", false))),
            ("sts.eu-south-2.amazonaws.com", Some(("sts", "eu-south-2", false))),
            ("iam.amazonaws.com", Some(("iam", "us-east-1", true))),
            ("eks.eu-west-1.amazonaws.com", Some(("eks", "eu-west-1", false))),
            ("bucket.s3.eu-west-1.amazonaws.com", None),
            ("eks.amazonaws.com", None),
            ("sts.moon.amazonaws.com", None),
            ("127.0.0.1:4599", None),
            ("[::1]:4599", None),
            ("localhost", None),
            ("sts.amazonaws.com.example", None),
        ] {
            let wanted = wanted.map(|(s, region, global): (_, &str, _)| (s, region.into(), global));
            assert_eq!(of(host), wanted, "{host}");
        }
    }
}
