//! An authority on a free port, and calls signed by the official signer.

pub(crate) mod iam;
pub(crate) mod site;
pub(crate) mod token;

use std::path::Path;
use std::time::{Duration, SystemTime};

use attache_authority::{Authority, Data, Settings};
use attache_identifiers::{AccountId, Issuer, Secret};
use attache_oidc::{Algorithm, Claims, Jwks, SigningKey};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

pub(crate) const SOURCE: &str = "111111111111";
pub(crate) const TARGET: &str = "222222222222";
pub(crate) const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/ABC";
pub(crate) const SUBJECT: &str = "system:serviceaccount:causely:causely-mediator";
pub(crate) const AUDIENCE: &str = "sts.amazonaws.com";

/// What signs a call.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) access_key: String,
    pub(crate) secret: Secret,
    pub(crate) session_token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    /// The status line and the headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Told {
    /// The text of the first element of that name.
    pub(crate) fn element(&self, name: &str) -> String {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let from = self.body.find(&open).map(|at| at + open.len());
        let to = self.body.find(&close);
        match (from, to) {
            (Some(from), Some(to)) => self.body[from..to].replace("&quot;", "\""),
            _ => String::new(),
        }
    }

    /// Status, code and message of a refusal in any protocol.
    pub(crate) fn any_refusal(&self) -> (u16, String, String) {
        if self.body.starts_with('<') {
            return self.refusal();
        }
        if let Ok(body) = serde_json::from_str::<serde_json::Value>(&self.body) {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            // Organizations writes the member in capitals.
            return (self.status, text("__type"), text("message") + &text("Message"));
        }
        // CBOR: the heads of its texts are no text, or one letter of it.
        let after = |name: &str| self.body.split_once(name).map_or("", |(_, rest)| rest);
        let code = after("__type").split_once("message").map_or("", |(code, _)| code);
        let shown =
            |text: &str| text.trim_start_matches(|c: char| !c.is_ascii_uppercase()).to_owned();
        (self.status, shown(code.trim_end_matches('g')), shown(after("message")))
    }

    /// Status, code and message of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        (self.status, self.element("Code"), self.element("Message"))
    }

    /// The keys of a new session.
    pub(crate) fn keys(&self) -> Keys {
        assert_eq!(self.status, 200, "{self:?}");
        Keys {
            access_key: self.element("AccessKeyId"),
            secret: Secret::new(self.element("SecretAccessKey")),
            session_token: Some(self.element("SessionToken")),
        }
    }
}

/// Where a call is sent by its own words.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) host: &'a str,
    pub(crate) region: &'a str,
}

/// A call that is signed when it is sent.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// An empty host is the authority's own address.
    pub(crate) to: Place<'a>,
    pub(crate) service: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a str,
    pub(crate) at: SystemTime,
}

impl<'a> Request<'a> {
    /// Now, to the authority's own address, for STS, without headers and a body.
    pub(crate) fn new(method: &'a str, path: &'a str) -> Self {
        let to = Place { host: "", region: "us-east-1" };
        let at = SystemTime::now();
        Self { method, path, to, service: "sts", headers: &[], body: "", at }
    }
}

/// An authority that is served, and the cluster that it believes.
pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) address: String,
    pub(crate) key: SigningKey,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<Result<(), attache_authority::AuthorityError>>,
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

pub(crate) fn settings(data: Data, key: &SigningKey) -> Settings {
    Settings {
        issuers: vec![(Issuer::parse(ISSUER).unwrap(), Jwks::of(&[key]))],
        ..Settings::new(data, vec![account(SOURCE), account(TARGET)])
    }
}

/// A thread for connections, as the command has one for each core.
fn lane(end: CancellationToken) -> Handle {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let handle = runtime.handle().clone();
    std::thread::spawn(move || runtime.block_on(end.cancelled()));
    handle
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Data::Memory).await
    }

    pub(crate) async fn on(data: Data) -> Self {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let authority = Authority::open(settings(data, &key)).await.unwrap();
        Self::serving(authority, key).await
    }

    pub(crate) async fn serving(authority: Authority, key: SigningKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = CancellationToken::new();
        let (own, until) = (authority.clone(), stop.clone());
        let served = tokio::spawn(async move {
            let end = CancellationToken::new();
            let _ended = end.clone().drop_guard();
            own.serve_on(&[lane(end)], listener, until).await
        });
        Self { authority, address, key, stop, served }
    }

    /// Ends the server as SIGTERM does.
    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.served.await.unwrap().unwrap();
        self.authority.close().await.unwrap();
    }

    pub(crate) fn administrator(&self, id: &str) -> Keys {
        let administrator = self.authority.administrator(account(id)).unwrap();
        Keys {
            access_key: administrator.access_key,
            secret: administrator.secret,
            session_token: None,
        }
    }

    /// Sends bytes as they are and reads all that comes back.
    pub(crate) async fn send(&self, bytes: &[u8]) -> Told {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        // A server that has heard enough may close before all was said.
        let _heard = stream.write_all(bytes).await;
        let mut back = Vec::new();
        let _reset = stream.read_to_end(&mut back).await;
        let text = String::from_utf8_lossy(&back);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Told { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// A signed awsQuery call.
    pub(crate) async fn call(&self, service: &str, keys: &Keys, members: &[(&str, &str)]) -> Told {
        let body = form(service, members);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.signed(service, keys, &headers, &body, SystemTime::now()).await
    }

    /// A call that nobody signed.
    pub(crate) async fn unsigned(&self, service: &str, members: &[(&str, &str)]) -> Told {
        let body = form(service, members);
        self.send(written("POST", "/", &self.address, &[], &body).as_bytes()).await
    }

    /// A signed call with these headers and this body, at that time.
    pub(crate) async fn signed(
        &self,
        service: &str,
        keys: &Keys,
        headers: &[(&str, &str)],
        body: &str,
        at: SystemTime,
    ) -> Told {
        let to = Place { host: &self.address, region: "us-east-1" };
        self.signed_to(to, service, keys, headers, body, at).await
    }

    /// The same, to another host's name and with another region.
    pub(crate) async fn signed_to(
        &self,
        to: Place<'_>,
        service: &str,
        keys: &Keys,
        headers: &[(&str, &str)],
        body: &str,
        at: SystemTime,
    ) -> Told {
        let request = Request { to, service, headers, body, at, ..Request::new("POST", "/") };
        self.send_signed(keys, request).await
    }

    /// A signed call of any method and path.
    pub(crate) async fn send_signed(&self, keys: &Keys, request: Request<'_>) -> Told {
        let Request { method, path, to, service, headers, body, at } = request;
        let host = if to.host.is_empty() { &self.address } else { to.host };
        let token = keys.session_token.clone();
        let identity =
            Credentials::new(&keys.access_key, keys.secret.expose(), token, None, "test").into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(to.region)
            .name(service)
            .time(at)
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let url = format!("http://{host}{path}");
        let body_bytes = SignableBody::Bytes(body.as_bytes());
        let all = headers.iter().copied().chain([("host", host)]);
        let signable = SignableRequest::new(method, url, all, body_bytes).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let signature = instructions.headers();
        let sent: Vec<(&str, &str)> = headers.iter().copied().chain(signature).collect();
        self.send(written(method, path, host, &sent, body).as_bytes()).await
    }

    /// A signed awsQuery call to another host's name and with another region.
    pub(crate) async fn call_to(
        &self,
        to: Place<'_>,
        service: &str,
        keys: &Keys,
        members: &[(&str, &str)],
    ) -> Told {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let body = form(service, members);
        self.signed_to(to, service, keys, &headers, &body, SystemTime::now()).await
    }

    /// A token of the cluster's.
    pub(crate) fn token(&self, subject: &str, audience: &str) -> Secret {
        self.mint(&claims(subject, audience))
    }

    pub(crate) fn mint(&self, claims: &Claims) -> Secret {
        attache_oidc::sign(&self.key, claims).unwrap()
    }

    /// Assumes a role with a token.
    pub(crate) async fn assume(&self, role: &str, token: &str) -> Told {
        let arn = format!("arn:aws:iam::{TARGET}:role/{role}");
        let members = [
            ("Action", "AssumeRoleWithWebIdentity"),
            ("RoleArn", &arn),
            ("RoleSessionName", "test"),
            ("WebIdentityToken", token),
        ];
        self.unsigned("sts", &members).await
    }

    /// The target account's provider and a role that trusts it, with an inline policy.
    pub(crate) async fn set_up(&self, role: &str, actions: &str) {
        let keys = self.administrator(TARGET);
        let made = [("Action", "CreateOpenIDConnectProvider"), ("Url", ISSUER)];
        let ids = [("ClientIDList.member.1", AUDIENCE)];
        let _may_exist = self.call("iam", &keys, &[&made[..], &ids[..]].concat()).await;
        self.create_role(role).await;
        self.allow(&keys, role, actions).await;
    }

    /// Gives a role an inline policy with these actions, a JSON list.
    async fn allow(&self, keys: &Keys, role: &str, actions: &str) {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}"#
        );
        let put = [
            ("Action", "PutRolePolicy"),
            ("RoleName", role),
            ("PolicyName", "p"),
            ("PolicyDocument", &policy),
        ];
        assert_eq!(self.call("iam", keys, &put).await.status, 200);
    }

    /// A role of the target account with this trust policy, which may do these actions, a JSON list.
    pub(crate) async fn trusting(&self, role: &str, trust: &str, actions: &str) {
        let keys = self.administrator(TARGET);
        let create =
            [("Action", "CreateRole"), ("RoleName", role), ("AssumeRolePolicyDocument", trust)];
        let told = self.call("iam", &keys, &create).await;
        assert_eq!(told.status, 200, "{told:?}");
        self.allow(&keys, role, actions).await;
    }

    /// `AssumeRole` of a role of the target account.
    pub(crate) async fn become_role(&self, keys: &Keys, role: &str, more: &[(&str, &str)]) -> Told {
        let arn = format!("arn:aws:iam::{TARGET}:role/{role}");
        let members = [("Action", "AssumeRole"), ("RoleArn", &arn), ("RoleSessionName", "test")];
        self.call("sts", keys, &[&members[..], more].concat()).await
    }

    /// A user of the target account with a key, who may do these actions, a JSON list.
    pub(crate) async fn user(&self, name: &str, actions: &str) -> Keys {
        self.user_of(TARGET, name, actions).await
    }

    /// The same of any account.
    pub(crate) async fn user_of(&self, account: &str, name: &str, actions: &str) -> Keys {
        let keys = self.administrator(account);
        let named = [("UserName", name)];
        let create = [&[("Action", "CreateUser")][..], &named].concat();
        assert_eq!(self.call("iam", &keys, &create).await.status, 200);
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"*"}}]}}"#
        );
        let put = [("Action", "PutUserPolicy"), ("PolicyName", "p"), ("PolicyDocument", &policy)];
        assert_eq!(self.call("iam", &keys, &[&put[..], &named].concat()).await.status, 200);
        let key = [&[("Action", "CreateAccessKey")][..], &named].concat();
        let told = self.call("iam", &keys, &key).await;
        Keys { session_token: None, ..told.keys() }
    }

    pub(crate) async fn create_role(&self, role: &str) -> Told {
        let members =
            [("Action", "CreateRole"), ("RoleName", role), ("AssumeRolePolicyDocument", &trust())];
        let told = self.call("iam", &self.administrator(TARGET), &members).await;
        assert_eq!(told.status, 200, "{told:?}");
        told
    }
}

/// A call to Organizations by the management account's administrator, which must succeed.
pub(crate) async fn organize(world: &World, operation: &str, input: serde_json::Value) -> Told {
    let target = format!("AWSOrganizationsV20161128.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
    let (body, keys) = (input.to_string(), world.administrator(SOURCE));
    let told = world.signed("organizations", &keys, &headers, &body, SystemTime::now()).await;
    assert_eq!(told.status, 200, "{operation}: {told:?}");
    told
}

/// The value of a member of an answer of Organizations, wherever it is.
pub(crate) fn member(told: &Told, name: &str) -> String {
    let tail = told.body.split(&format!("\"{name}\":\"")).nth(1).unwrap_or_default();
    tail.split('"').next().unwrap_or_default().to_owned()
}

/// Claims that are good now.
pub(crate) fn claims(subject: &str, audience: &str) -> Claims {
    Claims::new()
        .issuer(ISSUER)
        .subject(subject)
        .audience(audience)
        .valid(OffsetDateTime::now_utc(), time::Duration::HOUR)
}

/// A trust policy for the subject.
pub(crate) fn trust() -> String {
    let tail = ISSUER.strip_prefix("https://").unwrap();
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
        "Principal":{{"Federated":"arn:aws:iam::{TARGET}:oidc-provider/{tail}"}},
        "Action":"sts:AssumeRoleWithWebIdentity",
        "Condition":{{"StringEquals":{{"{tail}:sub":"{SUBJECT}","{tail}:aud":"{AUDIENCE}"}}}}}}]}}"#
    )
}

pub(crate) fn minutes_ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(minutes * 60)
}

/// Whether a directory holds a text, in any of its files.
pub(crate) fn holds(directory: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| std::fs::read(path).unwrap())
        .any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

fn form(service: &str, members: &[(&str, &str)]) -> String {
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let escape = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let all = members.iter().copied().chain([("Version", version)]);
    all.map(|(name, value)| format!("{name}={}", escape(value))).collect::<Vec<_>>().join("&")
}

/// A request as it is sent.
pub(crate) fn written(
    method: &str,
    path: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )
}
