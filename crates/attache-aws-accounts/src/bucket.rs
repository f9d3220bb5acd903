//! Small objects of an S3 bucket, read and written whole.

use attache_aws_protocol::Protocol;
use attache_identifiers::Region;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use bytes::Bytes;

use crate::failure::CallFailure;
use crate::signed_call::{Attempts, SignedService, no_answer};

/// A bucket, with the credentials that it is reached with.
#[derive(Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The region that it is in.
    pub region: Region,
    /// The credentials, and the endpoints of the settings.
    pub config: SdkConfig,
    /// How it is reached.
    pub connector: SharedHttpConnector,
}

/// What is sent with an object, for those who read it.
#[derive(Debug, Clone, Copy)]
pub struct ObjectHeaders {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache_control: &'static str,
}

impl Bucket {
    /// The object of a key; none where there is none.
    ///
    /// # Errors
    /// S3's answer. Without `s3:ListBucket` it is `AccessDenied` for what is not there, too.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, CallFailure> {
        match self.call(http::Request::builder(), key, Bytes::new()).await {
            Ok(body) => Ok(Some(body)),
            Err(CallFailure::Refused { code, .. }) if code == "NoSuchKey" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Writes the object of a key, which is read whole or not at all.
    ///
    /// # Errors
    /// S3's answer.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
    pub async fn put(
        &self,
        key: &str,
        body: Bytes,
        headers: ObjectHeaders,
    ) -> Result<(), CallFailure> {
        let request = http::Request::builder()
            .method(http::Method::PUT)
            .header(http::header::CONTENT_TYPE, headers.content_type)
            .header(http::header::CACHE_CONTROL, headers.cache_control);
        self.call(request, key, body).await.map(|_| ())
    }

    async fn call(
        &self,
        request: http::request::Builder,
        key: &str,
        body: Bytes,
    ) -> Result<Bytes, CallFailure> {
        let service = SignedService {
            connector: &self.connector,
            config: &self.config,
            name: "s3",
            id: "S3",
            region: self.region.clone(),
            attempts: Attempts::USUAL,
        };
        let endpoint = service.endpoint();
        // By path: a name with a dot is in no certificate, and servers beside AWS have no other way.
        let url = format!("{}/{}/{}", endpoint.trim_end_matches('/'), self.name, encoded(key));
        let request = request.uri(url).body(body);
        let request = request.map_err(|error| no_answer(&endpoint, &error.to_string()))?;
        let sent = service.send(&endpoint, request, Protocol::RestXml).await;
        sent.map_err(|failed| failed.failure)
    }
}

/// A key as S3 signs it: all but the unreserved characters and the slash.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
fn encoded(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte));
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn a_key_is_encoded_but_for_its_slashes() {
        assert_eq!(
            encoded("prod/.well-known/openid-configuration"),
            "prod/.well-known/openid-configuration"
        );
        assert_eq!(encoded("a b/ü+c"), "a%20b/%C3%BC%2Bc");
    }
}
