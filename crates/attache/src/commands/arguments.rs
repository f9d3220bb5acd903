//! Values of flags in the form in which people write them: `NAME=NUMBER`, `HOST=ADDRESS:PORT`, `15m`.
//!
//! Knows how a value is written. Does not know which flag it is of: clap names that one in its error.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use attache_authority::KnownCluster;
use attache_identifiers::{AccountId, Issuer, NameError, Region, Secret};
use serde_json::Value;

/// Ours: less than a second between listings is a busy loop.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(1);

/// Ours, in seconds: longer than any change of IAM takes to be seen everywhere.
const LONGEST_DELAY: f64 = 3600.0;

/// Why a value is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgumentError {
    /// It is not of its form.
    #[error("expected {0}")]
    Form(&'static str),
    /// A part of it is not what it has to be.
    #[error(transparent)]
    Name(#[from] NameError),
    /// It has to be JSON.
    #[error("{json} is not JSON ({source}); text needs its quotes: '{name}=\"...\"'")]
    Json { name: String, json: String, source: serde_json::Error },
    /// EKS does not allow the name.
    #[error(
        "{0:?} is not a cluster name: expected letters, digits, hyphens and underscores, at most \
         100, beginning with a letter or digit"
    )]
    ClusterName(String),
}

type Parsed<T> = Result<T, ArgumentError>;

/// `ACCOUNT=NAME`: the profile that acts in an account.
pub(crate) fn account_profile(text: &str) -> Parsed<(AccountId, String)> {
    let (account, name) = pair(text, "ACCOUNT=NAME, for example 222222222222=production")?;
    Ok((AccountId::parse(account)?, name.to_owned()))
}

/// `HOST=ADDRESS:PORT`: where a host is.
pub(crate) fn host_address(text: &str) -> Parsed<(String, SocketAddr)> {
    const FORM: &str = "HOST=ADDRESS:PORT, for example issuer.example=10.0.0.1:8443";
    let (host, address) = pair(text, FORM)?;
    Ok((host.to_owned(), address.parse().map_err(|_| ArgumentError::Form(FORM))?))
}

/// A certificate's SHA-1: 40 hexadecimal digits, between which openssl writes colons.
pub(crate) fn thumbprint(text: &str) -> Parsed<String> {
    const FORM: &str = "40 hexadecimal digits, the SHA-1 of a certificate";
    let digits = text.replace(':', "");
    let is_one = digits.len() == 40 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if is_one { Ok(digits) } else { Err(ArgumentError::Form(FORM)) }
}

/// `URL=JWKS_FILE`: an issuer's URL can hold `=`, a file's name seldom does.
pub(crate) fn issuer_keys(text: &str) -> Parsed<(Issuer, PathBuf)> {
    const FORM: &str = "URL=JWKS_FILE, for example https://issuer.example=jwks.json";
    let (url, file) = text
        .rsplit_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or(ArgumentError::Form(FORM))?;
    Ok((Issuer::parse(url)?, PathBuf::from(file)))
}

/// `NAME=NUMBER`: one of IAM's quotas.
pub(crate) fn quota(text: &str) -> Parsed<(String, usize)> {
    const FORM: &str = "NAME=NUMBER, for example RolesPerAccount=5000";
    let (name, number) = pair(text, FORM)?;
    Ok((name.to_owned(), number.parse().map_err(|_| ArgumentError::Form(FORM))?))
}

/// `ACCOUNT/REGION/NAME=URL`: an EKS cluster and the issuer of its tokens.
pub(crate) fn cluster(text: &str) -> Parsed<KnownCluster> {
    const FORM: &str = "ACCOUNT/REGION/NAME=URL, for example \
                        111111111111/us-east-1/production=https://issuer.example";
    let (place, url) = pair(text, FORM)?;
    let [account, region, name] = place.splitn(3, '/').collect::<Vec<_>>()[..] else {
        return Err(ArgumentError::Form(FORM));
    };
    let name = cluster_name(name)?;
    Ok(KnownCluster {
        account: AccountId::parse(account)?,
        region: Region::parse(region)?,
        name,
        issuer: Issuer::parse(url)?,
    })
}

/// The name of an EKS cluster.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>
pub(crate) fn cluster_name(name: &str) -> Parsed<String> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !begins || !name.chars().all(allowed) || name.len() > 100 {
        return Err(ArgumentError::ClusterName(name.to_owned()));
    }
    Ok(name.to_owned())
}

/// `NAME=JSON`: a claim of a token.
pub(crate) fn claim(text: &str) -> Parsed<(String, Value)> {
    let (name, json) = pair(text, "NAME=JSON, for example 'email=\"a@b.example\"'")?;
    let value = serde_json::from_str(json).map_err(|source| ArgumentError::Json {
        name: name.to_owned(),
        json: json.to_owned(),
        source,
    })?;
    Ok((name.to_owned(), value))
}

/// A value with a secret. It is read where its error does not repeat it: clap's would.
pub(crate) fn secret(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}

/// Seconds, which can be fractions.
pub(crate) fn delay(text: &str) -> Parsed<Duration> {
    let wrong = || ArgumentError::Form("seconds, 0 to 3600, for example 8 or 0.5");
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if !(0.0..=LONGEST_DELAY).contains(&seconds) {
        return Err(wrong());
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
}

/// How often something is done: a duration of a second or more.
pub(crate) fn interval(text: &str) -> Parsed<Duration> {
    let interval = super::duration::parse(text)?.unsigned_abs();
    if interval < SHORTEST_INTERVAL {
        return Err(ArgumentError::Form("1s or longer"));
    }
    Ok(interval)
}

/// The two sides of the first `=`, neither of which is empty.
fn pair<'t>(text: &'t str, form: &'static str) -> Parsed<(&'t str, &'t str)> {
    text.split_once('=')
        .filter(|(left, right)| !left.is_empty() && !right.is_empty())
        .ok_or(ArgumentError::Form(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_its_mistakes_name_it() {
        assert_eq!(quota("RolesPerAccount=5").unwrap(), ("RolesPerAccount".to_owned(), 5));
        assert_eq!(
            issuer_keys("https://a.example/=b=keys.json").unwrap().1,
            PathBuf::from("keys.json")
        );
        assert_eq!(claim("a={\"b\":1}").unwrap().1, serde_json::json!({"b": 1}));
        assert_eq!(delay("0.5").unwrap(), Duration::from_millis(500));
        assert_eq!(interval("1h30m").unwrap(), Duration::from_secs(5400));
        assert_eq!(cluster("111111111111/us-east-1/a=https://a.example").unwrap().name, "a");
        for (wrong, form) in [
            (quota("RolesPerAccount=-1").unwrap_err(), "NAME=NUMBER"),
            (quota("=1").unwrap_err(), "NAME=NUMBER"),
            (issuer_keys("https://a.example=").unwrap_err(), "URL=JWKS_FILE"),
            (host_address("a=10.0.0.1").unwrap_err(), "HOST=ADDRESS:PORT"),
            (claim("a=b").unwrap_err(), "'a=\"...\"'"),
            (delay("nan").unwrap_err(), "0 to 3600"),
            (interval("0s").unwrap_err(), "15m"),
            (cluster("111111111111/us-east-1/-=https://a.example").unwrap_err(), "cluster name"),
            (cluster("1/us-east-1/a=https://a.example").unwrap_err(), "account id"),
            (account_profile("production").unwrap_err(), "ACCOUNT=NAME"),
        ] {
            assert!(wrong.to_string().contains(form), "{wrong}");
        }
    }
}
