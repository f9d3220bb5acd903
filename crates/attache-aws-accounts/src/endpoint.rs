//! What is asked of an endpoint's URL before anything is sent there. The SDK passes over one that it
//! cannot read, and talks to AWS's own instead; one that is empty it does not survive.

use aws_types::os_shim_internal::Env;

/// A URL that no endpoint has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint {url:?} cannot be used: {why}")]
pub struct BadEndpoint {
    /// What was given.
    pub url: String,
    /// What is wrong with it.
    pub why: String,
}

/// Makes sure that an endpoint is one.
///
/// # Errors
/// `localhost:4566`, which is easily written, is no URL.
pub fn check_endpoint(url: &str) -> Result<(), BadEndpoint> {
    let wrong = |why: &str| BadEndpoint { url: url.to_owned(), why: why.to_owned() };
    let uri: http::Uri = url.parse().map_err(|e| wrong(&format!("{e}")))?;
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("http" | "https") if uri.query().is_some() => Err(wrong("it has a query")),
        Some("http" | "https") if !host.is_empty() => Ok(()),
        Some("http" | "https") => Err(wrong("it names no host")),
        _ => Err(wrong("it begins with neither http:// nor https://")),
    }
}

/// The variables that name the endpoint of a service that we talk to.
const OF_SERVICES: [&str; 5] = [
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_SIGNIN",
];

/// Makes sure that the environment's endpoints are some.
pub(crate) fn check_environment() -> Result<(), BadEndpoint> {
    let env = Env::real();
    let named = |name: &str, error: BadEndpoint| BadEndpoint {
        why: format!("{}; correct or unset {name}", error.why),
        ..error
    };
    let all = env.get("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
    all.map_or(Ok(()), |url| check_endpoint(&url)).map_err(|e| named("AWS_ENDPOINT_URL", e))?;
    for name in OF_SERVICES {
        let url = env.get(name).ok();
        url.map_or(Ok(()), |url| check_endpoint(&url)).map_err(|e| named(name, e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_of_http() {
        for url in ["http://127.0.0.1:4566", "https://aws.example/base/", "http://[::1]:1"] {
            assert!(check_endpoint(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "not a url",
            "127.0.0.1:9",
            "localhost:4566",
            "ftp://x",
            "http://",
            "/x",
            "http://x/?a=b",
        ] {
            assert!(check_endpoint(url).is_err(), "{url:?}");
        }
    }
}
