//! EKS Auth: a pod's token becomes a session of its association's role.
//!
//! Knows: what a pod's token must say, and in which order it is looked at. Does not know: how a role
//! is assumed; that is `sts`.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_auth_AssumeRoleForPodIdentity.html>

mod route;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::RoleArn;
use attache_ledger::Tag;
use attache_ledger::state::{Account, Association, Cluster};
use attache_oidc::{PodBinding, TokenError, UnverifiedToken, VerifiedToken};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::access::Session;
use crate::eks::{UNKNOWN_PATH, association_arn, cluster_arn, members, refusal, show};
use crate::json_protocol;
use crate::refusal::failure;
use crate::service::{self, Body, Call, Permission, Refusal, Response, Routed, View};
use crate::sts::{self, NoKeys, Pod};
use crate::validation::{self, Member, member};

/// What the node's role must be allowed, on the cluster.
const AUTH_ACTION: &str = "eks-auth:AssumeRoleForPodIdentity";

const MEMBERS: &[Member] = &[members::CLUSTER, members::POD_TOKEN];

/// The audience of the tokens that the kubelet projects for it.
const AUDIENCE: &str = "pods.eks.amazonaws.com";

/// AWS's: the longest name of a session.
const LONGEST_NAME: usize = 64;

/// A refusal, and the reason that the journal keeps.
type RefusalWithReason = (ServiceError, String);

/// EKS Auth. Its one call changes nothing: a session is in its own token.
pub struct EksAuth;

/// That call.
struct AssumeRoleForPodIdentity;

impl service::Service for EksAuth {
    fn name(&self) -> &'static str {
        "eks-auth"
    }

    fn protocol(&self) -> Protocol {
        Protocol::RestJson
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        route::route(inbound)
    }

    fn operation(&self, _name: &str) -> Option<&dyn service::Operation> {
        // Its paths name no other.
        Some(&AssumeRoleForPodIdentity)
    }

    fn answer(&self, _name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        json_protocol::answer(self.protocol(), body, id)
    }

    fn unknown_path(&self) -> Option<&'static str> {
        Some(UNKNOWN_PATH)
    }

    fn view(&self) -> View {
        View::Deciding
    }

    /// Its model gives a refused caller 400, where EKS's gives 403.
    fn modelled(&self, refusal: Refusal) -> Refusal {
        match refusal.error.code.as_str() {
            "AccessDeniedException" => ServiceError { status: 400, ..refusal.error }.into(),
            _ => refusal,
        }
    }
}

impl service::Operation for AssumeRoleForPodIdentity {
    // The input is looked at once the caller may call.
    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        // It is part of the path: there is always one.
        let name = member(call.input.0, "clusterName").and_then(Value::as_str).unwrap_or_default();
        let resource = cluster_arn(call.account.id, call.region(), name);
        Ok(vec![Permission { action: AUTH_ACTION.to_owned(), resource }])
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        let (members, reason) = match assume_role_for_pod_identity(&call.into(), call.account) {
            Ok((members, reason)) => (Ok(members), reason),
            Err((error, reason)) => (Err(error), reason),
        };
        call.record.reason.replace(Some(reason));
        Ok(Response::read_only(members?))
    }
}

/// The input of that call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input<'a> {
    cluster_name: &'a str,
    token: &'a str,
}

/// Checks a pod's token and begins the session, with the explanation of the decision. The caller's
/// own permission was checked before.
///
/// In this order: the cluster; the token; the association; the roles.
fn assume_role_for_pod_identity(
    call: &sts::Call<'_>,
    account: &Account,
) -> Result<(Value, String), RefusalWithReason> {
    let silent = |error: ServiceError| (error, String::new());
    validation::check(MEMBERS, call.input.0).map_err(|invalid| {
        silent(invalid.json(|violation| refusal::parameter(violation.message)))
    })?;
    let Input { cluster_name: name, token } = call.input.read().map_err(silent)?;
    let cluster = account.cluster(&call.context.region, name);
    let cluster = cluster.ok_or_else(|| silent(refusal::no_cluster(name)))?;
    let token = verify(call, cluster, token)?;
    let bound = PodBinding::read(token.claims()).ok_or_else(|| {
        let reason = "the token's claim kubernetes.io does not name a pod and its service account";
        (invalid_token("The token is not bound to a pod."), reason.to_owned())
    })?;
    if token.subject() != bound.subject() {
        let reason = format!(
            "the token's sub is {}, and its claim kubernetes.io names {}",
            token.subject(),
            bound.subject()
        );
        return Err((invalid_token("The token is not a service account token."), reason));
    }
    let association =
        cluster.association_of(bound.namespace, bound.service_account).ok_or_else(|| {
            let message = format!(
                "No pod identity association found for service account {} in namespace {} of \
             cluster {name}.",
                bound.service_account, bound.namespace
            );
            silent(refusal::not_found(message))
        })?;
    let (session, reason) = assume(call, account, cluster, association, &bound)?;
    let result = answer(call, account, cluster, association, &session).map_err(silent)?;
    Ok((result, reason))
}

/// The token, once it is the cluster's, for us, signed and of now.
fn verify(
    call: &sts::Call<'_>,
    cluster: &Cluster,
    token: &str,
) -> Result<VerifiedToken, RefusalWithReason> {
    let refuse = |refused: TokenError| (of_token(&refused), refused.to_string());
    let read = UnverifiedToken::parse(token.trim_ascii()).map_err(refuse)?;
    read.require_issuer(&cluster.issuer).map_err(refuse)?;
    read.require_audience(&[AUDIENCE]).map_err(refuse)?;
    // A cluster's issuer is AWS's own, for which thumbprints do not count.
    let jwks = call.keys(&read, &[]).map_err(|why| no_keys(read.issuer(), &why))?;
    read.verify(&jwks, call.context.now).map_err(refuse)
}

/// An issuer that gives no keys now may give them later: that is no verdict on the token, and an
/// agent must keep the pod's credentials.
fn no_keys(issuer: &str, why: &NoKeys) -> RefusalWithReason {
    match why {
        NoKeys::Failed(failure) => {
            let message = "The keys of the cluster's issuer could not be read.";
            let error = ServiceError::new(503, "ServiceUnavailableException", message);
            (error, format!("the issuer's keys: {}", failure.why()))
        }
        NoKeys::Unknown => {
            let reason = format!(
                "no keys are known for the issuer {issuer}: give them with \
                 --issuer {issuer}=JWKS_FILE"
            );
            (invalid_token("The token's signature could not be verified."), reason)
        }
    }
}

fn of_token(refused: &TokenError) -> ServiceError {
    match refused {
        TokenError::Expired { .. } => {
            ServiceError::new(400, "ExpiredTokenException", "The token has expired.")
        }
        TokenError::Issuer { .. } => invalid_token("The token's issuer is not the cluster's."),
        TokenError::Audience { .. } | TokenError::SeveralAudiences { .. } => {
            invalid_token(format!("The token's audience is not {AUDIENCE}."))
        }
        TokenError::NotYetValid { .. } => invalid_token("The token is not valid yet."),
        TokenError::Signature { .. }
        | TokenError::UnknownKey { .. }
        | TokenError::KeyOperations { .. }
        | TokenError::WrongKey { .. }
        | TokenError::TooManyKeys { .. } => {
            invalid_token("The token's signature could not be verified.")
        }
        _ => invalid_token("The token is not a service account token."),
    }
}

fn invalid_token(message: impl Into<String>) -> ServiceError {
    ServiceError::new(400, "InvalidTokenException", message)
}

/// The six session tags that identify the pod.
fn tags(bound: &PodBinding<'_>, account: &Account, cluster: &Cluster) -> Vec<Tag> {
    let arn = cluster_arn(account.id, &cluster.region, &cluster.name);
    let tags = [
        ("eks-cluster-arn", arn.as_str()),
        ("eks-cluster-name", &cluster.name),
        ("kubernetes-namespace", bound.namespace),
        ("kubernetes-service-account", bound.service_account),
        ("kubernetes-pod-name", bound.pod),
        ("kubernetes-pod-uid", bound.pod_uid),
    ];
    tags.map(|(key, value)| Tag { key: key.to_owned(), value: value.to_owned() }).into()
}

fn assume(
    call: &sts::Call<'_>,
    account: &Account,
    cluster: &Cluster,
    association: &Association,
    bound: &PodBinding<'_>,
) -> Result<(Session, String), RefusalWithReason> {
    let settings = &association.settings;
    let read = |arn: &str| RoleArn::parse(arn).map_err(|e| denied(e.to_string()));
    let role = read(&settings.role)?;
    let target = settings.target_role.as_deref().map(read).transpose()?;
    let tagged = !settings.disable_session_tags;
    let name = session_name(cluster, bound);
    let pod = Pod {
        role: &role,
        target: target.as_ref(),
        session_name: &name,
        tags: if tagged { tags(bound, account, cluster) } else { Vec::new() },
        external_id: (!tagged).then(|| show::external_id(account.id, cluster, association)),
        policy: settings.policy.as_deref(),
        cluster_arn: &cluster_arn(account.id, &cluster.region, &cluster.name),
        cluster_account: account.id,
    };
    sts::assume_for_pod(call, &pod).map_err(|why| denied(why.to_string()))
}

/// One sentence for whatever the roles' policies do not allow: it is all that a pod learns.
fn denied(reason: String) -> RefusalWithReason {
    let message =
        "Unauthorized Exception! EKS does not have permissions to assume the associated role.";
    (ServiceError::new(400, "AccessDeniedException", message), reason)
}

/// `eks-<cluster>-<pod>-<uuid>`, cut in its middle to what a session's name may have.
fn session_name(cluster: &Cluster, bound: &PodBinding<'_>) -> String {
    let unique = uuid::Uuid::new_v4().to_string();
    // Without the three hyphens and the beginning.
    let room = LONGEST_NAME.saturating_sub("eks---".len() + unique.len());
    let within = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let cluster = within(&cluster.name, room / 2);
    let pod = within(bound.pod, room.saturating_sub(cluster.chars().count()));
    format!("eks-{cluster}-{pod}-{unique}")
}

fn answer(
    call: &sts::Call<'_>,
    account: &Account,
    cluster: &Cluster,
    association: &Association,
    session: &Session,
) -> Result<Value, ServiceError> {
    let token = session.seal(call.key).map_err(|_| failure())?;
    Ok(json!({
        "subject": {"namespace": association.namespace, "serviceAccount": association.service_account},
        "audience": AUDIENCE,
        "podIdentityAssociation": {
            "associationArn": association_arn(account.id, &cluster.region, &cluster.name, &association.id),
            "associationId": association.id,
        },
        "assumedRoleUser": {"arn": session.arn(), "assumeRoleId": session.user_id()},
        "credentials": {
            "accessKeyId": session.access_key,
            "secretAccessKey": session.secret(call.key).expose(),
            "sessionToken": token.expose(),
            "expiration": session.expires.unix_timestamp(),
        },
    }))
}
