//! One call, and what each instrument says of it.

use attache_explain::{Decision, PrincipalCaller, Question, explain};
use attache_identifiers::{AccountId, RoleArn};
use attache_policy::condition_keys::{CallKeys, PrincipalKeys};
use attache_policy::{
    Context, Denial, EffectivePolicies, Kind, Outcome, Policy, PolicySet, Principal, Values,
};
use attache_reach::{Graph, Query, Snapshot};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::client::{Failure, Keys, Reply};
use crate::documents::{full_access, full_resource_access};
use crate::site::{Documents, HOME, ORGANIZATION_KEY, OTHER, Site};
use crate::snapshot;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The user `ann`.
    Ann,
    /// A session of the role `Caller`, with this session policy or none.
    Session(Option<usize>),
    /// EKS, for a pod.
    Pods,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `iam:GetRole` of the role T of the callers' account.
    GetRole,
    /// `iam:ListRoles` there.
    ListRoles,
    /// `sts:AssumeRole` of a role T, of the callers' account or of the other, with an external id or
    /// without.
    Assume {
        /// Whether it is the other account's.
        other: bool,
        /// Whether the external id `42` is given.
        external_id: bool,
    },
    /// The pods' role.
    Pod,
}

/// One call.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// Where.
    pub site: &'c Site,
    /// With which documents.
    pub documents: &'c Documents,
    /// Who.
    pub caller: Caller,
    /// What.
    pub target: Target,
}

/// What an instrument says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is allowed.
    Allowed,
    /// A Deny statement denies it.
    ExplicitDeny,
    /// Nothing allows it.
    ImplicitDeny,
}

impl Case<'_> {
    /// The authority's answer.
    ///
    /// # Errors
    /// When it answers neither what was asked for nor a refusal.
    pub async fn authority(&self) -> Result<Answer, Failure> {
        let client = &self.site.client;
        let role = self.resource();
        let reply = match self.target {
            Target::GetRole => {
                let members = [("Action", "GetRole"), ("RoleName", "T")];
                client.query("iam", self.keys(), &members).await?
            }
            Target::ListRoles => {
                client.query("iam", self.keys(), &[("Action", "ListRoles")]).await?
            }
            Target::Assume { external_id, .. } => {
                let mut members = vec![
                    ("Action", "AssumeRole"),
                    ("RoleArn", role.as_str()),
                    ("RoleSessionName", "session"),
                ];
                if external_id {
                    members.push(("ExternalId", "42"));
                }
                client.query("sts", self.keys(), &members).await?
            }
            Target::Pod => {
                let input = json!({"token": self.site.pod_token()?});
                let path = "/clusters/prod/assume-role-for-pod-identity";
                client.rest("eks-auth", self.site.node(), path, &input).await?
            }
        };
        answered(&reply)
    }

    fn keys(&self) -> &Keys {
        match self.caller {
            Caller::Ann | Caller::Pods => &self.site.ann.0,
            Caller::Session(None) => &self.site.sessions.1,
            Caller::Session(Some(number)) => &self.site.sessions.0[number],
        }
    }

    /// The action that is decided.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self.target {
            Target::GetRole => "iam:GetRole",
            Target::ListRoles => "iam:ListRoles",
            Target::Assume { .. } | Target::Pod => "sts:AssumeRole",
        }
    }

    /// The ARN that it is decided on.
    #[must_use]
    pub fn resource(&self) -> String {
        let name = match self.target {
            Target::GetRole | Target::Assume { .. } => "T",
            Target::ListRoles => "",
            Target::Pod => "Pod",
        };
        format!("arn:aws:iam::{}:role/{name}", self.owner())
    }

    /// The account of what is called.
    #[must_use]
    pub fn owner(&self) -> &'static str {
        match self.target {
            Target::Assume { other: true, .. } | Target::Pod => OTHER,
            _ => HOME,
        }
    }

    pub(crate) fn trust(&self) -> Option<&Value> {
        match self.target {
            Target::Assume { other, .. } => Some(&self.documents.trusts[usize::from(other)]),
            Target::Pod => Some(&self.documents.pod),
            Target::GetRole | Target::ListRoles => None,
        }
    }

    /// Its boundary and its session policy.
    #[must_use]
    pub fn limits(&self) -> (Option<&Value>, Option<&Value>) {
        let [boundaries, sessions] = &self.site.limits;
        let boundary = |at: usize| self.documents.boundaries[at].map(|number| &boundaries[number]);
        match self.caller {
            Caller::Ann => (boundary(0), None),
            Caller::Session(number) => (boundary(1), number.map(|number| &sessions[number])),
            Caller::Pods => (None, None),
        }
    }

    pub(crate) fn identity(&self) -> Option<&Value> {
        match self.caller {
            Caller::Ann => Some(&self.documents.ann),
            Caller::Session(_) => Some(&self.documents.caller),
            Caller::Pods => None,
        }
    }

    /// The keys that documents alone do not tell.
    #[must_use]
    pub fn given(&self) -> Vec<(&'static str, String)> {
        let mut given = vec![("aws:RequestedRegion", "us-east-1".to_owned())];
        let site = self.site;
        match self.caller {
            Caller::Ann => {
                given.push(("aws:PrincipalTag/team", "a".to_owned()));
                given.push((ORGANIZATION_KEY, site.organization.clone()));
            }
            Caller::Session(_) => {
                given.push(("aws:TokenIssueTime", "2026-01-01T00:00:00Z".to_owned()));
                given.push((ORGANIZATION_KEY, site.organization.clone()));
            }
            Caller::Pods => {
                given.push(("aws:SourceAccount", OTHER.to_owned()));
                given.push(("aws:RequestTag/kubernetes-namespace", "causely".to_owned()));
            }
        }
        given.push(("aws:ResourceAccount", self.owner().to_owned()));
        if let Target::Assume { external_id: true, .. } = self.target {
            given.push(("sts:ExternalId", "42".to_owned()));
        }
        if matches!(self.target, Target::Assume { .. }) {
            given.push(("sts:RoleSessionName", "session".to_owned()));
        }
        given
    }

    /// What `explain` says, and which kind of policy decided by it.
    ///
    /// # Errors
    /// When a document cannot be read, or when it has no answer.
    pub fn explain(&self) -> Result<(Answer, Outcome), Failure> {
        let set = |value: &Value, kind| -> Result<PolicySet, Failure> {
            Ok(Policy::parse(&value.to_string(), kind)?.into())
        };
        let (boundary, session) = self.limits();
        let policies = EffectivePolicies {
            identity: self
                .identity()
                .map(|own| set(own, Kind::Identity))
                .transpose()?
                .unwrap_or_default(),
            boundary: boundary.map(|own| set(own, Kind::Boundary)).transpose()?,
            session: session.map(|own| set(own, Kind::Session)).transpose()?,
            scope_down: Vec::new(),
            resource: self.trust().map(|own| set(own, Kind::Trust)).transpose()?,
            service_control: match self.caller {
                Caller::Pods => Vec::new(),
                _ => vec![
                    set(&full_access(), Kind::ServiceControl)?,
                    set(&self.documents.service_control, Kind::ServiceControl)?,
                ],
            },
            resource_control: vec![PolicySet::compile([
                Policy::parse(&full_resource_access().to_string(), Kind::ResourceControl)?,
                Policy::parse(&self.documents.resource_control.to_string(), Kind::ResourceControl)?,
            ])],
            management_account: Some(AccountId::parse(crate::site::MANAGEMENT)?),
        };
        let mut given = Context::new();
        for (key, value) in self.given() {
            given.set(key, value);
        }
        let role = RoleArn::parse(&format!("arn:aws:iam::{HOME}:role/Caller"))?;
        let name = self.principal();
        let caller = match self.caller {
            Caller::Session(_) => attache_explain::Caller::Principal(PrincipalCaller {
                name: &name,
                role: Some(&role),
                session_tags: false,
                began_by: None,
            }),
            _ => attache_explain::Caller::principal(&name),
        };
        let verdict = explain(&Question {
            policies: &policies,
            caller,
            action: Some(self.action()),
            resource: &self.resource(),
            resource_account: None,
            given: &given,
            now: OffsetDateTime::now_utc(),
        })?;
        let outcome = verdict.explanation.outcome;
        let answer = match (verdict.decision, outcome) {
            (Decision::Allowed, _) => Answer::Allowed,
            (Decision::Denied, Outcome::Denied(Denial::Explicit(_))) => Answer::ExplicitDeny,
            (Decision::Denied, _) => Answer::ImplicitDeny,
            (Decision::Incomplete, _) => {
                return Err(format!(
                    "explain is incomplete: {:?} {:?}",
                    verdict.missing, verdict.unknown
                )
                .into());
            }
        };
        Ok((answer, outcome))
    }

    pub(crate) fn principal(&self) -> String {
        match self.caller {
            Caller::Ann => format!("arn:aws:iam::{HOME}:user/ann"),
            Caller::Session(_) => format!("arn:aws:sts::{HOME}:assumed-role/Caller/session"),
            Caller::Pods => "pods.eks.amazonaws.com".to_owned(),
        }
    }

    /// What IAM's simulator says; nothing where it cannot be asked: it takes no trust, session and
    /// resource control policies.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn simulator(&self) -> Result<Option<Answer>, Failure> {
        let in_iam = matches!(self.target, Target::GetRole | Target::ListRoles);
        let (boundary, session) = self.limits();
        let Some(identity) = self.identity().filter(|_| in_iam && session.is_none()) else {
            return Ok(None);
        };
        let resource = self.resource();
        let (identity, principal) = (identity.to_string(), self.principal());
        let control = self.documents.service_control.to_string();
        let level = |at: usize| {
            format!(
                "OrderedOrganizationPolicyInputList.member.{at}.ServiceControlPolicyInputList.member.1"
            )
        };
        let (root, own) = (level(1), level(2));
        let mut members = vec![
            ("Action".to_owned(), "SimulateCustomPolicy".to_owned()),
            ("PolicyInputList.member.1".to_owned(), identity),
            ("ActionNames.member.1".to_owned(), self.action().to_owned()),
            ("ResourceArns.member.1".to_owned(), resource),
            (root, full_access().to_string()),
            (own, control),
        ];
        // The simulator takes no session's ARN.
        if self.caller == Caller::Ann {
            members.push(("CallerArn".to_owned(), principal));
        } else {
            return Ok(None);
        }
        if let Some(boundary) = boundary {
            let name = "PermissionsBoundaryPolicyInputList.member.1".to_owned();
            members.push((name, boundary.to_string()));
        }
        // It knows nothing of a request but what it is told.
        let principal = Principal::parse(&self.principal())?;
        let mut context = Context::new();
        let user_id = Some(self.site.ann.1.as_str());
        PrincipalKeys { user_id, ..PrincipalKeys::of(&principal) }.add_to(&mut context);
        CallKeys::default().add_to(&mut context);
        for (key, value) in self.given() {
            context.set(key, value);
        }
        for (number, key) in context.keys().enumerate() {
            let entry = format!("ContextEntries.member.{}", number + 1);
            let value = context.get(key).and_then(Values::only).unwrap_or_default();
            members.push((format!("{entry}.ContextKeyName"), key.to_owned()));
            members.push((format!("{entry}.ContextKeyType"), "string".to_owned()));
            members.push((format!("{entry}.ContextKeyValues.member.1"), value.to_owned()));
        }
        let members: Vec<_> = members.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let reply = self.site.client.query("iam", self.site.manager(), &members).await?;
        match reply.good("SimulateCustomPolicy")?.element("EvalDecision") {
            "allowed" => Ok(Some(Answer::Allowed)),
            "explicitDeny" => Ok(Some(Answer::ExplicitDeny)),
            "implicitDeny" => Ok(Some(Answer::ImplicitDeny)),
            other => Err(format!("the simulator says {other:?}").into()),
        }
    }

    /// Whether `reach` finds that the step can be taken; nothing where it is not asked (it follows the
    /// assumption of roles alone, and knows no session policies), or where it depends on what the
    /// caller chooses.
    ///
    /// # Errors
    /// When its snapshot cannot be read.
    pub fn reach(&self) -> Result<Option<bool>, Failure> {
        let (Target::Assume { external_id, .. }, Caller::Ann | Caller::Session(None)) =
            (self.target, self.caller)
        else {
            return Ok(None);
        };
        let snapshot = snapshot::of(self.site, self.documents).to_string();
        let snapshot = Snapshot::read([("snapshot.json", snapshot.as_str())])?;
        let graph = Graph::new(&snapshot);
        let from = match self.caller {
            Caller::Ann => format!("arn:aws:iam::{HOME}:user/ann"),
            _ => format!("arn:aws:iam::{HOME}:role/Caller"),
        };
        let to = self.resource();
        let paths = graph.paths(Query { from: Some(&from), to: Some(&to), longest: Some(1) });
        let Some(step) = paths.first().and_then(|path| path.steps.first()) else {
            return Ok(Some(false));
        };
        let terms = &step.terms;
        // What it finds is the call as it is without anything that the caller chooses.
        let plain = terms.needs.is_empty() && terms.conditional.is_empty() && !external_id;
        Ok(plain.then_some(true))
    }
}

fn answered(reply: &Reply) -> Result<Answer, Failure> {
    match reply.status {
        200 => Ok(Answer::Allowed),
        403 | 400 if reply.body.contains("explicit deny") => Ok(Answer::ExplicitDeny),
        403 | 400 if reply.body.contains("AccessDenied") => Ok(Answer::ImplicitDeny),
        _ => Err(format!("neither allowed nor refused: {reply:?}").into()),
    }
}
