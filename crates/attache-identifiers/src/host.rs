//! The names by which a server may be addressed, so that a page elsewhere cannot address it by its
//! own: DNS rebinding points a name that an attacker controls at a server on this machine, and the
//! browser then takes both for one origin. The server still sees that name in `Host`.

use std::net::{IpAddr, SocketAddr};

use crate::displayable;

/// DNS's: a name has at most 253 characters.
const LONGEST_NAME: usize = 253;

/// A host that a server may be addressed as, besides its own: `NAME` with any port, or `NAME:PORT`.
///
/// ```
/// # use attache_identifiers::AllowedHost;
/// let host: AllowedHost = "Attache.Monitoring.svc.".parse().unwrap();
/// assert_eq!(host.to_string(), "attache.monitoring.svc");
/// assert!("https://attache.example/".parse::<AllowedHost>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    name: Name,
    port: Option<u16>,
}

/// A host's name or address, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    /// In small letters, without the dot at the end.
    Dns(String),
    /// An IPv4 address inside an IPv6 one is the IPv4 one.
    Ip(IpAddr),
}

/// The hosts that a server answers to.
#[derive(Debug, Clone)]
pub struct Hosts {
    bound: SocketAddr,
    allowed: Vec<AllowedHost>,
}

/// Why a request's host is not answered to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostRefused {
    /// It is no host.
    #[error("{0:?} is not a host: it must be NAME, NAME:PORT, ADDRESS:PORT or [ADDRESS]:PORT")]
    Malformed(String),
    /// It is another's.
    #[error(
        "this server does not answer to the host `{0}`; if that is a name of this server, start it \
         with --allow-host {0}"
    )]
    Foreign(String),
}

impl Hosts {
    /// The hosts of a server that listens on `bound`:
    ///
    /// - `localhost` and the loopback addresses, with any port: forwarding a port (`ssh -L`,
    ///   `kubectl port-forward`) changes it, and these names lead nowhere else;
    /// - the address that it listens on, with its port;
    /// - where it listens on all addresses, any address: an address has no name to be rebound. So
    ///   probes and Prometheus reach a pod by its IP;
    /// - those that are allowed.
    #[must_use]
    pub fn new(bound: SocketAddr, allowed: Vec<AllowedHost>) -> Self {
        Self { bound, allowed }
    }

    /// Whether a `Host` header's value, or the authority of a request's target, is one of them.
    ///
    /// # Errors
    /// [`HostRefused::Malformed`] for what is no host, [`HostRefused::Foreign`] for another's.
    pub fn check(&self, host: &str) -> Result<(), HostRefused> {
        let shown = || displayable(host, &[], LONGEST_NAME);
        let asked = AllowedHost::read(host).ok_or_else(|| HostRefused::Malformed(shown()))?;
        if self.is_own(&asked) || self.allowed.iter().any(|allowed| allowed.includes(&asked)) {
            return Ok(());
        }
        Err(HostRefused::Foreign(asked.to_string()))
    }

    fn is_own(&self, asked: &AllowedHost) -> bool {
        match &asked.name {
            Name::Dns(name) => name == "localhost",
            Name::Ip(ip) if ip.is_loopback() => true,
            Name::Ip(_) if self.bound.ip().to_canonical().is_unspecified() => true,
            Name::Ip(ip) => {
                // Where a URL has no port it is HTTP's own.
                let port = asked.port.unwrap_or(80);
                *ip == self.bound.ip().to_canonical() && port == self.bound.port()
            }
        }
    }
}

impl AllowedHost {
    fn includes(&self, asked: &Self) -> bool {
        self.name == asked.name && (self.port.is_none() || self.port == asked.port)
    }

    fn read(text: &str) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                let ip: std::net::Ipv6Addr = address.parse().ok()?;
                (Name::Ip(IpAddr::V6(ip).to_canonical()), port)
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                let (name, port) = text.split_at_checked(end)?;
                (dns_or_ip(name)?, port)
            }
        };
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            Some("") => None,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            _ => return None,
        };
        Some(Self { name, port })
    }
}

fn dns_or_ip(text: &str) -> Option<Name> {
    let name = text.strip_suffix('.').unwrap_or(text);
    if let Ok(ip) = name.parse::<std::net::Ipv4Addr>() {
        return Some(Name::Ip(IpAddr::V4(ip)));
    }
    let legal = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    let whole = name.len() <= LONGEST_NAME && name.split('.').all(legal);
    whole.then(|| Name::Dns(name.to_ascii_lowercase()))
}

impl std::str::FromStr for AllowedHost {
    type Err = HostRefused;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || HostRefused::Malformed(displayable(text, &[], LONGEST_NAME));
        // An IPv6 address by itself is clear enough here; in a header it must have brackets.
        let bare = text.parse().ok().map(|ip: std::net::Ipv6Addr| Self {
            name: Name::Ip(IpAddr::V6(ip).to_canonical()),
            port: None,
        });
        bare.or_else(|| Self::read(text)).ok_or_else(malformed)
    }
}

impl std::fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.name {
            Name::Dns(name) => f.write_str(name)?,
            Name::Ip(IpAddr::V4(ip)) => write!(f, "{ip}")?,
            Name::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]")?,
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(bound: &str, allowed: &[&str], host: &str) -> bool {
        let allowed = allowed.iter().map(|host| host.parse().unwrap()).collect();
        Hosts::new(bound.parse().unwrap(), allowed).check(host).is_ok()
    }

    #[test]
    fn a_server_answers_to_its_own_hosts_alone() {
        for (bound, host, own) in [
            ("127.0.0.1:8080", "127.0.0.1:8080", true),
            ("127.0.0.1:8080", "localhost:8080", true),
            ("127.0.0.1:8080", "LocalHost.:8080", true),
            ("127.0.0.1:8080", "localhost:9000", true),
            ("127.0.0.1:8080", "localhost", true),
            ("127.0.0.1:8080", "[::1]:8080", true),
            ("127.0.0.1:8080", "[::ffff:127.0.0.1]:8080", true),
            ("[::1]:8080", "[::1]:8080", true),
            ("[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", true),
            ("127.0.0.1:8080", "evil.example:8080", false),
            ("127.0.0.1:8080", "localhost.evil.example:8080", false),
            ("127.0.0.1:8080", "127.0.0.1.evil.example:8080", false),
            ("127.0.0.1:8080", "evil.localhost:8080", false),
            ("127.0.0.1:8080", "127.0.0.1.nip.io", false),
            ("127.0.0.1:8080", "10.0.0.7:8080", false),
            ("10.0.0.7:8080", "10.0.0.7:8080", true),
            ("10.0.0.7:8080", "10.0.0.7.:8080", true),
            ("10.0.0.7:8080", "10.0.0.7:8081", false),
            ("10.0.0.7:8080", "10.0.0.7", false),
            ("10.0.0.7:80", "10.0.0.7", true),
            ("10.0.0.7:8080", "10.0.0.8:8080", false),
            ("0.0.0.0:8080", "10.0.0.7:8080", true),
            ("0.0.0.0:8080", "203.0.113.9:30080", true),
            ("[::]:8080", "[2001:db8::1]:8080", true),
            ("[::]:8080", "10.0.0.7:8080", true),
            ("0.0.0.0:8080", "evil.example:8080", false),
            ("0.0.0.0:8080", "attache.monitoring.svc:8080", false),
        ] {
            assert_eq!(answers(bound, &[], host), own, "{host} at {bound}");
        }
    }

    #[test]
    fn a_host_that_is_allowed_is_answered_to_with_its_port_or_any() {
        for (allowed, host, own) in [
            ("attache.example", "attache.example", true),
            ("attache.example", "ATTACHE.example.:8443", true),
            ("attache.example:8443", "attache.example:8443", true),
            ("attache.example:8443", "attache.example", false),
            ("attache.example", "x.attache.example", false),
            ("192.0.2.1", "192.0.2.1:1", true),
            ("2001:db8::1", "[2001:db8::1]:8080", true),
        ] {
            assert_eq!(answers("127.0.0.1:8080", &[allowed], host), own, "{host}, {allowed}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in [
            "",
            ".",
            "..",
            "localhost..",
            ":8080",
            "localhost:x",
            "localhost:99999",
            "localhost:+80",
            "a@localhost",
            "localhost/",
            "local host",
            "localhost, evil.example",
            "http://localhost",
            "[::1",
            "::1",
            "[127.0.0.1]",
            "[::1%25lo]",
            "[::1]8080",
            "loc\u{e4}l",
            "local%68ost",
            "\u{1b}[2J",
            "localhost\n",
        ] {
            let refused = Hosts::new("0.0.0.0:80".parse().unwrap(), Vec::new()).check(host);
            assert!(matches!(refused, Err(HostRefused::Malformed(_))), "{host:?}: {refused:?}");
        }
        let long = "a.".repeat(200);
        assert!("x".repeat(300).parse::<AllowedHost>().is_err());
        assert!(long.parse::<AllowedHost>().is_err());
    }
}
