//! An authority with an organization, two accounts of it, and the documents that change.

use std::net::SocketAddr;

use attache_authority::{Authority, Data, KnownCluster, Settings};
use attache_identifiers::{AccountId, Issuer, Region};
use attache_oidc::{Algorithm, Claims, Jwks, SigningKey};
use aws_credential_types::Credentials;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::client::{Client, Failure, Keys};
use crate::documents::{Purpose, document, full_access};

/// The organization's management account.
pub(crate) const MANAGEMENT: &str = "111111111111";
/// The callers' account.
pub(crate) const HOME: &str = "222222222222";
/// Another account of the organization.
pub(crate) const OTHER: &str = "333333333333";
/// The principal's organization.
pub(crate) const ORGANIZATION_KEY: &str = "aws:PrincipalOrgID";

const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/ABC";
/// Boundaries and session policies are made once: these are so many.
const LIMITS: usize = 16;

/// An authority that is served.
pub struct Site {
    /// Where it is.
    pub client: Client,
    /// The organization's id.
    pub organization: String,
    /// The documents of boundaries, and of session policies.
    pub limits: [Vec<Value>; 2],
    /// The user's keys and unique id.
    pub ann: (Keys, String),
    /// A session of the role for each session policy, and one without; the role's unique id.
    pub sessions: (Vec<Keys>, Keys, String),
    manager: Keys,
    owners: [(&'static str, Keys); 2],
    service_control: String,
    resource_control: String,
    signing: SigningKey,
    stop: CancellationToken,
}

/// The documents of one round.
#[derive(Debug, Clone)]
pub struct Documents {
    /// The user's.
    pub ann: Value,
    /// The role's.
    pub caller: Value,
    /// The user's boundary and the role's.
    pub boundaries: [Option<usize>; 2],
    /// Trust policies of the role T in the callers' account and in the other one.
    pub trusts: [Value; 2],
    /// The trust policy of the pods' role.
    pub pod: Value,
    /// Of the callers' account.
    pub service_control: Value,
    /// Of both accounts.
    pub resource_control: Value,
}

impl std::fmt::Display for Documents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [home, other] = &self.trusts;
        for (name, document) in [
            ("ann", &self.ann),
            ("Caller", &self.caller),
            ("trust of T", home),
            ("trust of the other T", other),
            ("trust of Pod", &self.pod),
            ("service control", &self.service_control),
            ("resource control", &self.resource_control),
        ] {
            writeln!(f, "{name}: {}", document["Statement"])?;
        }
        Ok(())
    }
}

impl Site {
    /// Starts one.
    ///
    /// # Errors
    /// When something of it cannot be made.
    pub async fn start(random: &mut ChaCha8Rng) -> Result<Self, Failure> {
        let signing = SigningKey::generate(Algorithm::Es256)?;
        let accounts = [MANAGEMENT, HOME, OTHER].map(AccountId::parse);
        let accounts = accounts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let issuer = Issuer::parse(ISSUER)?;
        let cluster = KnownCluster {
            account: AccountId::parse(OTHER)?,
            region: Region::parse("us-east-1")?,
            name: "prod".to_owned(),
            issuer: issuer.clone(),
        };
        let settings = Settings {
            issuers: vec![(issuer, Jwks::of(&[&signing]))],
            clusters: vec![cluster],
            ..Settings::new(Data::Memory, accounts)
        };
        let authority = Authority::open(settings).await?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let client = Client { address: listener.local_addr()?.to_string() };
        let stop = CancellationToken::new();
        let (own, until) = (authority.clone(), stop.clone());
        let lanes = [Handle::current()];
        tokio::spawn(async move { own.serve_on(&lanes, listener, until).await });
        let owner = |id: &str| -> Result<Keys, Failure> {
            let owner = authority.administrator(AccountId::parse(id)?).ok_or("no administrator")?;
            let secret = owner.secret.expose();
            Ok(Keys(Credentials::new(owner.access_key, secret, None, None, "differential")))
        };
        let (manager, home, other) = (owner(MANAGEMENT)?, owner(HOME)?, owner(OTHER)?);
        let organization =
            client.organizations(&manager, "DescribeOrganization", &json!({})).await?;
        let organization = organization.good("DescribeOrganization")?.member("Id").to_owned();
        let limit = |random: &mut ChaCha8Rng| document(random, Purpose::Limit, &organization);
        let limits = [(); 2].map(|()| (0..LIMITS).map(|_| limit(random)).collect::<Vec<Value>>());
        let mut site = Self {
            ann: (home.clone(), String::new()),
            sessions: (Vec::new(), home.clone(), String::new()),
            owners: [(HOME, home), (OTHER, other)],
            client,
            organization,
            limits,
            manager,
            service_control: String::new(),
            resource_control: String::new(),
            signing,
            stop,
        };
        site.principals().await?;
        site.organize().await?;
        Ok(site)
    }

    /// Ends the server.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    async fn iam(&self, account: usize, members: &[(&str, &str)]) -> Result<String, Failure> {
        let (_, keys) = &self.owners[account];
        let reply = self.client.query("iam", keys, members).await?;
        let what = members.first().map_or("", |(_, name)| name);
        let reply = reply.good(what)?;
        let id = reply.element("UserId").to_owned() + reply.element("RoleId");
        Ok(id)
    }

    async fn principals(&mut self) -> Result<(), Failure> {
        let ann = self
            .iam(
                0,
                &[
                    ("Action", "CreateUser"),
                    ("UserName", "ann"),
                    ("Tags.member.1.Key", "team"),
                    ("Tags.member.1.Value", "a"),
                ],
            )
            .await?;
        let (_, home) = &self.owners[0];
        let key = [("Action", "CreateAccessKey"), ("UserName", "ann")];
        let keys = self.client.query("iam", home, &key).await?.good("CreateAccessKey")?.keys();
        self.ann = (keys, ann);
        let manager = format!("arn:aws:iam::{MANAGEMENT}:root");
        let trusts = |principal: Value| {
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
                "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": principal}]})
            .to_string()
        };
        let by_manager = trusts(json!({"AWS": manager}));
        let by_pods = trusts(json!({"Service": "pods.eks.amazonaws.com"}));
        let mut caller = String::new();
        for (account, name, trust) in [
            (0, "Caller", &by_manager),
            (0, "T", &by_manager),
            (1, "T", &by_manager),
            (1, "Pod", &by_pods),
        ] {
            let create =
                [("Action", "CreateRole"), ("RoleName", name), ("AssumeRolePolicyDocument", trust)];
            let id = self.iam(account, &create).await?;
            if name == "Caller" {
                caller = id;
            }
        }
        for (number, limit) in self.limits[0].iter().enumerate() {
            let (name, text) = (format!("limit-{number}"), limit.to_string());
            let create = [
                ("Action", "CreatePolicy"),
                ("PolicyName", name.as_str()),
                ("PolicyDocument", text.as_str()),
            ];
            self.iam(0, &create).await?;
        }
        let role = format!("arn:aws:iam::{HOME}:role/Caller");
        let assume =
            [("Action", "AssumeRole"), ("RoleArn", role.as_str()), ("RoleSessionName", "session")];
        let mut sessions = Vec::new();
        for limit in &self.limits[1] {
            let text = limit.to_string();
            let members = [&assume[..], &[("Policy", text.as_str())]].concat();
            sessions.push(
                self.client.query("sts", &self.manager, &members).await?.good("AssumeRole")?.keys(),
            );
        }
        let plain =
            self.client.query("sts", &self.manager, &assume).await?.good("AssumeRole")?.keys();
        self.sessions = (sessions, plain, caller);
        let input = json!({"namespace": "causely", "serviceAccount": "mediator",
            "roleArn": format!("arn:aws:iam::{OTHER}:role/Pod"), "clientRequestToken": "one"});
        let path = "/clusters/prod/pod-identity-associations";
        self.client.rest("eks", &self.owners[1].1, path, &input).await?.good("the association")?;
        Ok(())
    }

    async fn organize(&mut self) -> Result<(), Failure> {
        let root = self.organizations("ListRoots", &json!({})).await?;
        let root = root.member("Id").to_owned();
        for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] {
            let enable = json!({"RootId": root, "PolicyType": kind});
            let reply =
                self.client.organizations(&self.manager, "EnablePolicyType", &enable).await?;
            if reply.status != 200 && !reply.body.contains("PolicyTypeAlreadyEnabled") {
                return Err(format!("EnablePolicyType: {reply:?}").into());
            }
        }
        let make = |name: &str, kind: &str, content: &str| json!({"Name": name, "Description": "", "Type": kind, "Content": content});
        let narrow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*",
            "Action": "sts:TagGetNothing", "Resource": "*"}]});
        let scp = make("scp", "SERVICE_CONTROL_POLICY", &full_access().to_string());
        self.service_control =
            self.organizations("CreatePolicy", &scp).await?.member("Id").to_owned();
        let rcp = make("rcp", "RESOURCE_CONTROL_POLICY", &narrow.to_string());
        self.resource_control =
            self.organizations("CreatePolicy", &rcp).await?.member("Id").to_owned();
        for (policy, target) in [
            (&self.service_control, HOME),
            (&self.resource_control, HOME),
            (&self.resource_control, OTHER),
        ] {
            self.organizations("AttachPolicy", &json!({"PolicyId": policy, "TargetId": target}))
                .await?;
        }
        let full = json!({"PolicyId": "p-FullAWSAccess", "TargetId": HOME});
        self.organizations("DetachPolicy", &full).await?;
        Ok(())
    }

    async fn organizations(&self, operation: &str, input: &Value) -> Result<crate::Reply, Failure> {
        self.client.organizations(&self.manager, operation, input).await?.good(operation)
    }

    /// New documents, put in place. The callers' account is changed while nothing limits it.
    ///
    /// # Errors
    /// When a document is refused.
    pub async fn round(&self, random: &mut ChaCha8Rng) -> Result<Documents, Failure> {
        let mut new = |purpose| document(random, purpose, &self.organization);
        let (ann, caller) = (new(Purpose::Identity), new(Purpose::Identity));
        let trusts = [new(Purpose::Trust), new(Purpose::Trust)];
        let pod = new(Purpose::PodTrust);
        let (service_control, resource_control) =
            (new(Purpose::ServiceControl), new(Purpose::ResourceControl));
        let boundaries =
            [(); 2].map(|()| random.random_bool(0.5).then(|| random.random_range(0..LIMITS)));
        let open = json!({"PolicyId": self.service_control, "Content": full_access().to_string()});
        self.organizations("UpdatePolicy", &open).await?;
        let put = |name: &'static str, of: &'static str, who: &'static str, text: String| {
            vec![
                ("Action", name.to_owned()),
                (of, who.to_owned()),
                ("PolicyName", "own".to_owned()),
                ("PolicyDocument", text),
            ]
        };
        let trust = |name: &str, text: &Value| {
            vec![
                ("Action", "UpdateAssumeRolePolicy".to_owned()),
                ("RoleName", name.to_owned()),
                ("PolicyDocument", text.to_string()),
            ]
        };
        let bound = |of: &'static str, who: &str, noun: &str, limit: Option<usize>| {
            let whose = (of, who.to_owned());
            match limit {
                Some(number) => vec![
                    ("Action", format!("Put{noun}PermissionsBoundary")),
                    whose,
                    ("PermissionsBoundary", format!("arn:aws:iam::{HOME}:policy/limit-{number}")),
                ],
                None => vec![("Action", format!("Delete{noun}PermissionsBoundary")), whose],
            }
        };
        let home = [
            put("PutUserPolicy", "UserName", "ann", ann.to_string()),
            put("PutRolePolicy", "RoleName", "Caller", caller.to_string()),
            trust("T", &trusts[0]),
            bound("UserName", "ann", "User", boundaries[0]),
            bound("RoleName", "Caller", "Role", boundaries[1]),
        ];
        for members in &home {
            let members: Vec<_> = members.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let reply = self.client.query("iam", &self.owners[0].1, &members).await?;
            // What has no boundary has none to lose.
            if reply.status != 200 && !reply.body.contains("NoSuchEntity") {
                return Err(format!("{members:?}: {reply:?}").into());
            }
        }
        for members in [trust("T", &trusts[1]), trust("Pod", &pod)] {
            let members: Vec<_> = members.iter().map(|(k, v)| (*k, v.as_str())).collect();
            self.iam(1, &members).await?;
        }
        for (id, text) in
            [(&self.service_control, &service_control), (&self.resource_control, &resource_control)]
        {
            let update = json!({"PolicyId": id, "Content": text.to_string()});
            self.organizations("UpdatePolicy", &update).await?;
        }
        Ok(Documents { ann, caller, boundaries, trusts, pod, service_control, resource_control })
    }

    /// The token of a pod.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub(crate) fn pod_token(&self) -> Result<String, Failure> {
        let bound = json!({"namespace": "causely", "serviceaccount": {"name": "mediator", "uid": "u"},
            "pod": {"name": "mediator-0", "uid": "p"}});
        let claims = Claims::new()
            .issuer(ISSUER)
            .subject("system:serviceaccount:causely:mediator")
            .audience("pods.eks.amazonaws.com")
            .set("kubernetes.io", bound)
            .valid(OffsetDateTime::now_utc(), time::Duration::HOUR);
        Ok(attache_oidc::sign(&self.signing, &claims)?.expose().to_owned())
    }

    /// Who calls for pods, as a node does: no policy here binds it.
    pub(crate) fn node(&self) -> &Keys {
        &self.owners[1].1
    }

    /// The management account's administrator, whom no policy here binds.
    pub(crate) fn manager(&self) -> &Keys {
        &self.manager
    }
}
