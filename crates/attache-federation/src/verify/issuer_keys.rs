//! The issuer's keys, fetched within AWS's limits, and the token's signature checked with them: STS has one
//! sentence for several causes. The connection is the one of every call to AWS, with its proxy and certificate
//! authorities, which the fetcher of `attache-oidc-discovery`, standing in for AWS, does not have.

use attache_oidc::{Jwks, TokenError, keys_url};
use attache_oidc_discovery::{AWS_TIME, MOST_BYTES, discovery_url};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use time::OffsetDateTime;

use super::token::PresentedToken;

/// What the issuer's keys say of the token.
#[derive(Debug)]
pub(super) enum KeyEvidence {
    /// They could not be had from here.
    NotRead(String),
    /// One of them signed it.
    Signed,
    /// They refuse it.
    Refused(TokenError),
}

/// Fetches the discovery document and the keys, and verifies the token.
pub(super) async fn look(
    connector: &SharedHttpConnector,
    token: &PresentedToken,
    now: OffsetDateTime,
) -> KeyEvidence {
    match tokio::time::timeout(AWS_TIME, fetch(connector, token.read.issuer())).await {
        Err(_) => KeyEvidence::NotRead(format!("no answer within {} s", AWS_TIME.as_secs())),
        Ok(Err(why)) => KeyEvidence::NotRead(why.to_string()),
        Ok(Ok(keys)) => match token.read.clone().verify(&keys, now) {
            Ok(_) => KeyEvidence::Signed,
            Err(refused) => KeyEvidence::Refused(refused),
        },
    }
}

/// Why an issuer's document could not be had.
#[derive(Debug, thiserror::Error)]
enum NotFetched {
    #[error("{url} is not a URL that begins with https://")]
    NotHttps { url: String },
    #[error("{url} could not be read: {why}")]
    Unread { url: String, why: String },
    #[error("{url} answered HTTP {status}")]
    Status { url: String, status: u16 },
    #[error("{url}: {source}")]
    Invalid { url: String, source: attache_oidc::OidcError },
}

async fn fetch(connector: &SharedHttpConnector, issuer: &str) -> Result<Jwks, NotFetched> {
    let url = discovery_url(issuer);
    let invalid = |url: &str, source| NotFetched::Invalid { url: url.to_owned(), source };
    let document = text(connector, &url).await?;
    let keys = keys_url(&document, issuer).map_err(|source| invalid(&url, source))?;
    let document = text(connector, &keys).await?;
    Jwks::parse(&document).map_err(|source| invalid(&keys, source))
}

async fn text(connector: &SharedHttpConnector, url: &str) -> Result<String, NotFetched> {
    if !url.starts_with("https://") {
        return Err(NotFetched::NotHttps { url: url.to_owned() });
    }
    let unread = |why: String| NotFetched::Unread { url: url.to_owned(), why };
    let request = HttpRequest::get(url).map_err(|error| unread(error.to_string()))?;
    let answer = connector.call(request).await.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        unread(cause.unwrap_or_else(|| error.to_string()))
    })?;
    let status = answer.status().as_u16();
    if status != 200 {
        return Err(NotFetched::Status { url: url.to_owned(), status });
    }
    let (mut stream, mut bytes) = (ByteStream::new(answer.into_body()), Vec::new());
    while let Some(chunk) = stream.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| unread(error.to_string()))?);
        if bytes.len() > MOST_BYTES {
            return Err(unread(format!("it has more than {MOST_BYTES} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| unread("it is not text".to_owned()))
}
