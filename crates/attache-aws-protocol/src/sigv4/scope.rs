//! The scope that a signature claims, where the rest of it may be anything.

use super::canonical;
use crate::call::Inbound;

/// The service and the region of a credential's scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The region.
    pub region: String,
    /// The service's signing name.
    pub service: String,
}

/// The scope of a request's signature, also of one that [`read`](super::read()) refuses: the refusal
/// has to be written as that service writes it. None where there is no credential of that form.
///
/// ```
/// # let mut headers = http::HeaderMap::new();
/// # let text = "AWS4-HMAC-SHA256 Credential=AKIA/20150830/eu-west-1/eks/aws4_request, Signature=?";
/// # headers.insert("authorization", http::HeaderValue::from_static(text));
/// # let (path, query, body) = ("/".to_owned(), String::new(), bytes::Bytes::new());
/// # let inbound = attache_aws_protocol::call::Inbound { method: http::Method::GET, path, query, headers, body };
/// // Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20150830/eu-west-1/eks/aws4_request, Signature=?
/// assert!(attache_aws_protocol::sigv4::read(&inbound).is_err());
/// let scope = attache_aws_protocol::sigv4::claimed_scope(&inbound).unwrap();
/// assert_eq!((scope.service.as_str(), scope.region.as_str()), ("eks", "eu-west-1"));
/// ```
#[must_use]
pub fn claimed_scope(inbound: &Inbound) -> Option<Scope> {
    match inbound.headers.get("authorization") {
        Some(header) => {
            let (_, rest) = header.to_str().ok()?.split_once("Credential=")?;
            of(rest.split(',').next().unwrap_or(rest).trim())
        }
        None if inbound.query.contains("X-Amz-Credential") => {
            let parameters = canonical::parameters(&inbound.query);
            let own = parameters.iter().find(|own| own.name == "X-Amz-Credential")?;
            of(&own.decoded_value()?)
        }
        None => None,
    }
}

/// `KEY/20150830/REGION/SERVICE/...`, from the right: nothing keeps a slash out of a key's id.
fn of(credential: &str) -> Option<Scope> {
    let mut parts = credential.rsplit('/').skip(1);
    let (service, region) = (parts.next()?, parts.next()?);
    let named = !service.is_empty() && parts.nth(1).is_some();
    named.then(|| Scope { region: region.to_owned(), service: service.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_where_there_is_one() {
        let scope = |service: &str, region: &str| {
            Some(Scope { region: region.to_owned(), service: service.to_owned() })
        };
        for (credential, wanted) in [
            ("AKIA/20150830/us-east-1/sts/aws4_request", scope("sts", "us-east-1")),
            ("A/B/20150830/us-east-1/s3/aws4_request", scope("s3", "us-east-1")),
            ("AKIA/x/moon/ec2/", scope("ec2", "moon")),
            ("AKIA/20150830//aws4_request", None),
            ("us-east-1/sts/aws4_request", None),
            ("AKIA", None),
            ("", None),
        ] {
            assert_eq!(of(credential), wanted, "{credential}");
        }
    }

    #[test]
    fn a_presigned_request_has_one_too() {
        let query = "X-Amz-Credential=AKIA%2F20150830%2Feu-west-1%2Fs3%2Faws4_request".to_owned();
        let (headers, body) = (http::HeaderMap::new(), bytes::Bytes::new());
        let (method, path) = (http::Method::GET, "/".to_owned());
        let inbound = Inbound { method, path, query, headers, body };
        let wanted = Scope { region: "eu-west-1".to_owned(), service: "s3".to_owned() };
        assert_eq!(claimed_scope(&inbound), Some(wanted));
    }
}
