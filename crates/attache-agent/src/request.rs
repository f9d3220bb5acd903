//! What a pod's request must be before its token is looked at: for this agent, and with a token.
//!
//! Pure, and fuzzed: what stands in a request is chosen by whoever can reach the node's address.

use std::net::{IpAddr, Ipv6Addr};

use attache_identifiers::displayable;
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderMap, Uri};

/// The one path, as the original and the SDKs have it.
pub const PATH: &str = "/v1/credentials";

/// AWS's: no token is longer.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const LONGEST_TOKEN: usize = 20_000;

/// Ours: characters of a host that an error repeats. DNS's longest has 253.
const LONGEST_HOST: usize = 253;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Another path.
    #[error("404 page not found")]
    NotFound,
    /// It was sent to this address by a name or address that is not the agent's: a page in a browser
    /// that was led here by its own name sends such a request (DNS rebinding).
    #[error(
        "Access Denied. Called agent through invalid address, please use either {} address not {got}",
        .own.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
    )]
    Host {
        /// The agent's addresses.
        own: Vec<IpAddr>,
        /// What the request has.
        got: String,
    },
    /// `Host` or `Authorization` twice: which of them is meant?
    #[error("the request has more than one {0} header")]
    Twice(&'static str),
    /// No token.
    #[error("Service account token cannot be empty")]
    NoToken,
    /// The header's value is no text, or longer than any token.
    #[error(
        "Service account token cannot be parsed: it is not text of at most {LONGEST_TOKEN} characters"
    )]
    NotText,
}

impl RequestError {
    /// The HTTP status, which is the original's.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Host { .. } => 403,
            Self::Twice(_) | Self::NoToken | Self::NotText => 400,
        }
    }
}

/// The token of a request that is for this agent. The method is not looked at, as the original does
/// not. `own` are the addresses that the agent listens on.
///
/// # Errors
/// [`RequestError`], in the order of its variants.
pub fn token<'r>(
    uri: &Uri,
    headers: &'r HeaderMap,
    own: &[IpAddr],
) -> Result<&'r str, RequestError> {
    if uri.path() != PATH {
        return Err(RequestError::NotFound);
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().map(|host| String::from_utf8_lossy(host.as_bytes()));
    if hosts.next().is_some() {
        return Err(RequestError::Twice("Host"));
    }
    // A target in absolute form (RFC 9112, section 3.2.2) names the host, too.
    let authority = uri.authority().map(|authority| authority.as_str());
    for host in [host.as_deref().unwrap_or_default()].into_iter().chain(authority) {
        if !address(host).is_some_and(|address| own.contains(&address)) {
            let got = displayable(host, &[], LONGEST_HOST);
            return Err(RequestError::Host { own: own.to_vec(), got });
        }
    }
    let mut tokens = headers.get_all(AUTHORIZATION).iter();
    let token = tokens.next().map_or(&[][..], |value| value.as_bytes());
    if tokens.next().is_some() {
        return Err(RequestError::Twice("Authorization"));
    }
    if token.is_empty() {
        return Err(RequestError::NoToken);
    }
    if token.len() > LONGEST_TOKEN {
        return Err(RequestError::NotText);
    }
    std::str::from_utf8(token).map_err(|_| RequestError::NotText)
}

/// The address of `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`; a name has none. The
/// port is not looked at: forwarding a port changes it.
fn address(host: &str) -> Option<IpAddr> {
    if let Some(rest) = host.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        is_port(port).then_some(())?;
        return address.parse().ok().map(|ip: Ipv6Addr| IpAddr::V6(ip).to_canonical());
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    let (address, port) = host.split_once(':')?;
    is_port(&format!(":{port}")).then_some(())?;
    address.parse().ok().map(IpAddr::V4)
}

/// Nothing, or a colon and a number.
fn is_port(text: &str) -> bool {
    match text.strip_prefix(':') {
        None => text.is_empty(),
        Some(digits) => digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    const OWN: [&str; 2] = ["169.254.170.23", "fd00:ec2::23"];

    fn read(path: &str, given: &[(&str, &str)]) -> Result<String, RequestError> {
        let own = OWN.map(|ip| ip.parse().unwrap());
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        token(&path.parse().unwrap(), &headers, &own).map(str::to_owned)
    }

    #[test]
    fn the_host_is_one_of_the_agents_addresses() {
        for host in [
            "169.254.170.23",
            "169.254.170.23:80",
            "169.254.170.23:18080",
            "[fd00:ec2::23]",
            "[fd00:ec2::23]:80",
            "[FD00:0EC2:0::0023]",
            "fd00:ec2::23",
        ] {
            let read = read(PATH, &[("host", host), ("authorization", "t")]);
            assert_eq!(read.as_deref(), Ok("t"), "{host}");
        }
        for host in [
            "",
            "localhost",
            "127.0.0.1",
            "169.254.170.2",
            "169.254.170.23.evil.example",
            "169.254.170.23@evil.example",
            "evil.example:80",
            "169.254.170.23:80:80",
            "169.254.170.23:8x",
            "[169.254.170.23]",
            "[fd00:ec2::23",
            "[fd00:ec2::23]x",
            "169.254.43543",
            "0xa9fea917",
            "2852039191",
            " 169.254.170.23 x",
            "\u{fe}",
        ] {
            let refused = read(PATH, &[("host", host), ("authorization", "t")]).unwrap_err();
            assert_eq!(refused.status(), 403, "{host:?}: {refused}");
        }
        assert_eq!(read(PATH, &[("authorization", "t")]).unwrap_err().status(), 403);
        let absolute = "http://evil.example/v1/credentials";
        let given = [("host", OWN[0]), ("authorization", "t")];
        assert_eq!(read(absolute, &given).unwrap_err().status(), 403);
        assert_eq!(read("http://169.254.170.23/v1/credentials", &given).unwrap(), "t");
    }

    #[test]
    fn one_path_one_host_one_token() {
        let host = ("host", OWN[0]);
        for (path, status) in [
            ("/", 404),
            ("/v1/credentials/", 404),
            ("/V1/credentials", 404),
            ("/v1/credentials%2f", 404),
            ("/v1//credentials", 404),
            ("/v1/credentials?x=y", 0),
        ] {
            let read = read(path, &[host, ("authorization", "t")]);
            assert_eq!(read.map_or_else(|e| e.status(), |_| 0), status, "{path}");
        }
        assert_eq!(read(PATH, &[host]), Err(RequestError::NoToken));
        assert_eq!(read(PATH, &[host, ("authorization", "")]), Err(RequestError::NoToken));
        let twice = [host, ("authorization", "a"), ("authorization", "b")];
        assert_eq!(read(PATH, &twice), Err(RequestError::Twice("Authorization")));
        let twice = [host, host, ("authorization", "a")];
        assert_eq!(read(PATH, &twice), Err(RequestError::Twice("Host")));
        let long = "x".repeat(LONGEST_TOKEN + 1);
        assert_eq!(read(PATH, &[host, ("authorization", &long)]), Err(RequestError::NotText));
    }

    #[test]
    fn an_error_repeats_nothing_that_could_be_a_token() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let refused = read(PATH, &[("host", token), ("authorization", "t")]).unwrap_err();
        assert!(!refused.to_string().contains("eyJ"), "{refused}");
    }
}
