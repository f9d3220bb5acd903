//! Calls to an authority, signed by the official signer.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Why a call could not be made.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What signs a call.
#[derive(Clone)]
pub struct Keys(pub Credentials);

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Where the authority listens.
#[derive(Debug, Clone)]
pub struct Client {
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Reply {
    /// The text of the first element of that name.
    #[must_use]
    pub fn element(&self, name: &str) -> &str {
        let from = self.body.split_once(&format!("<{name}>")).map(|(_, rest)| rest);
        from.and_then(|rest| rest.split_once(&format!("</{name}>"))).map_or("", |(own, _)| own)
    }

    /// The text of the first JSON member of that name.
    #[must_use]
    pub fn member(&self, name: &str) -> &str {
        let from = self.body.split_once(&format!("\"{name}\":\"")).map(|(_, rest)| rest);
        from.and_then(|rest| rest.split_once('"')).map_or("", |(own, _)| own)
    }

    /// The same reply, if it is good.
    ///
    /// # Errors
    /// With what was said, if it is not.
    pub fn good(self, what: &str) -> Result<Self, Failure> {
        if self.status == 200 { Ok(self) } else { Err(format!("{what}: {self:?}").into()) }
    }

    /// The keys of a new session or user.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let token = Some(self.element("SessionToken")).filter(|own| !own.is_empty());
        Keys(Credentials::new(
            self.element("AccessKeyId"),
            self.element("SecretAccessKey"),
            token.map(str::to_owned),
            None,
            "differential",
        ))
    }
}

impl Client {
    /// An awsQuery call.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn query(
        &self,
        service: &str,
        keys: &Keys,
        members: &[(&str, &str)],
    ) -> Result<Reply, Failure> {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let escape = |text: &str| {
            percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                .to_string()
        };
        let all = members.iter().copied().chain([("Version", version)]);
        let body: Vec<String> =
            all.map(|(name, value)| format!("{name}={}", escape(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.post(service, keys, "/", &headers, &body.join("&")).await
    }

    /// A call to Organizations.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn organizations(
        &self,
        keys: &Keys,
        operation: &str,
        input: &serde_json::Value,
    ) -> Result<Reply, Failure> {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        let headers =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        self.post("organizations", keys, "/", &headers, &input.to_string()).await
    }

    /// A call in JSON to a path.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn rest(
        &self,
        service: &str,
        keys: &Keys,
        path: &str,
        input: &serde_json::Value,
    ) -> Result<Reply, Failure> {
        let headers = [("content-type", "application/json")];
        self.post(service, keys, path, &headers, &input.to_string()).await
    }

    async fn post(
        &self,
        service: &str,
        keys: &Keys,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Reply, Failure> {
        let host = &self.address;
        let mut sent = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        sent.push_str(&format!("content-length: {}\r\n", body.len()));
        for (name, value) in headers {
            sent.push_str(&format!("{name}: {value}\r\n"));
        }
        let identity = keys.0.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let all = headers.iter().copied().chain([("host", host.as_str())]);
        let url = format!("http://{host}{path}");
        let bytes = SignableBody::Bytes(body.as_bytes());
        let (signed, _) =
            sign(SignableRequest::new("POST", url, all, bytes)?, &params)?.into_parts();
        for (name, value) in signed.headers() {
            sent.push_str(&format!("{name}: {value}\r\n"));
        }
        sent.push_str("\r\n");
        sent.push_str(body);
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.write_all(sent.as_bytes()).await?;
        let mut back = Vec::new();
        stream.read_to_end(&mut back).await?;
        let text = String::from_utf8_lossy(&back);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Ok(Reply { status, body: body.replace("&quot;", "\"") })
    }
}
