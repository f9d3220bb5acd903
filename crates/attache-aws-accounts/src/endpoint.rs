//! What is asked of an endpoint's URL before anything is sent there. The SDK passes over one that it
//! cannot read, and talks to AWS's own instead; one that is empty it does not survive.

use aws_types::os_shim_internal::Env;

/// A URL that no endpoint has.
#[derive(Debug, thiserror::Error)]
#[error("the endpoint {url:?} cannot be used: {source}{}", unset(*variable))]
pub struct BadEndpoint {
    /// What was given.
    pub url: String,
    /// The environment variable that gave it; none where an option did.
    pub variable: Option<&'static str>,
    /// What is wrong with it.
    pub source: EndpointProblem,
}

/// What is wrong with an endpoint's URL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointProblem {
    /// It is not a URL.
    #[error(transparent)]
    NotAUrl(http::uri::InvalidUri),
    /// `https://x/?a=b`.
    #[error("it has a query")]
    Query,
    /// `https://`.
    #[error("it names no host")]
    NoHost,
    /// `localhost:4566`.
    #[error("it begins with neither http:// nor https://")]
    Scheme,
}

fn unset(variable: Option<&'static str>) -> String {
    variable.map_or_else(String::new, |name| format!("; correct or unset {name}"))
}

/// Makes sure that an endpoint is one.
///
/// # Errors
/// `localhost:4566`, which is easily written, is no URL.
pub fn check_endpoint(url: &str) -> Result<(), BadEndpoint> {
    let wrong = |source| BadEndpoint { url: url.to_owned(), variable: None, source };
    let uri: http::Uri = url.parse().map_err(|error| wrong(EndpointProblem::NotAUrl(error)))?;
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("http" | "https") if uri.query().is_some() => Err(wrong(EndpointProblem::Query)),
        Some("http" | "https") if !host.is_empty() => Ok(()),
        Some("http" | "https") => Err(wrong(EndpointProblem::NoHost)),
        _ => Err(wrong(EndpointProblem::Scheme)),
    }
}

/// The variables that name the endpoint of a service that we talk to.
const OF_SERVICES: [&str; 8] = [
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_EKS_AUTH",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
    "AWS_ENDPOINT_URL_SIGNIN",
    "AWS_ENDPOINT_URL_ORGANIZATIONS",
    "AWS_ENDPOINT_URL_CLOUDTRAIL",
];

/// Makes sure that the environment's endpoints are some.
pub(crate) fn check_environment() -> Result<(), BadEndpoint> {
    let env = Env::real();
    let named = |name, error: BadEndpoint| BadEndpoint { variable: Some(name), ..error };
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
