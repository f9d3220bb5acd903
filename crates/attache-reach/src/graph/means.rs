//! By which call a step is taken, and what the call carries.

use attache_identifiers::AccountId;
use attache_policy::condition_keys::{POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS};
use attache_policy::{Context, Principal};

use crate::caller::{self, Caller, Mentioned};
use crate::judge::{ASSUME, Call, WITH_SAML, WITH_WEB_IDENTITY};
use crate::snapshot::{Association, Member, Snapshot};
use crate::who::Who;

/// By which call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Means {
    /// `AssumeRole`, by somebody's own keys or by a service.
    Assume,
    /// `AssumeRoleWithWebIdentity`.
    Token {
        provider: String,
        /// Nothing where the provider's client ids are not known.
        audience: Option<String>,
        /// Whether the subject is taken as it stands; one that is a pattern may have to stay open.
        subject: bool,
    },
    /// `AssumeRoleWithSAML`.
    Saml,
    /// EKS assumes the role of an association for the pod.
    Pod(AssociationId),
    /// And from there the association's target role.
    PodTarget(AssociationId),
}

/// An association's account and its number there.
pub(crate) type AssociationId = (AccountId, usize);

impl Means {
    pub(crate) fn call(&self, snapshot: &Snapshot) -> Call {
        let tagged =
            |id: &AssociationId| association(snapshot, *id).is_some_and(|a| a.session_tags);
        match self {
            Self::Assume => Call { action: ASSUME, tagged: false },
            Self::Token { .. } => Call { action: WITH_WEB_IDENTITY, tagged: false },
            Self::Saml => Call { action: WITH_SAML, tagged: false },
            Self::Pod(id) | Self::PodTarget(id) => Call { action: ASSUME, tagged: tagged(id) },
        }
    }

    /// Who calls for the role, with what is known of the call. Nothing where the snapshot does not
    /// know the caller.
    pub(crate) fn caller(
        &self,
        snapshot: &Snapshot,
        mentioned: &Mentioned,
        who: &Who,
    ) -> Option<Caller> {
        let member = |arn: &str| {
            let member = snapshot.member(*snapshot.by_arn.get(arn)?)?;
            Some(Caller::member(snapshot, mentioned, member))
        };
        Some(match (self, who) {
            (
                Self::Token { provider, audience, subject },
                Who::Subject { issuer, subject: own, .. },
            ) => {
                let subject = subject.then_some(own.as_str());
                token(mentioned, provider, issuer, audience.as_deref(), subject)
            }
            (Self::Saml, Who::Saml { arn }) => Caller::token(arn, Context::new()),
            (Self::Pod(id), _) => {
                let mut caller = Caller::service(POD_IDENTITY_SERVICE);
                let given = association(snapshot, *id)?;
                add_tags(&mut caller.context, given);
                caller.context.set("aws:SourceAccount", id.0.to_string());
                if let Some(arn) = &given.cluster_arn {
                    caller.context.set("aws:SourceArn", arn);
                }
                caller
            }
            (Self::PodTarget(id), _) => {
                let given = association(snapshot, *id)?;
                let mut caller = member(&given.role)?;
                add_tags(&mut caller.context, given);
                // EKS sends it where it sends no tags.
                let external = given.external_id.as_ref().filter(|_| !given.session_tags);
                if let Some(external) = external {
                    caller.context.set("sts:ExternalId", external);
                }
                caller
            }
            (_, Who::User { arn } | Who::Role { arn }) => member(arn)?,
            (_, Who::Service { name }) => Caller::service(name),
            (_, Who::Account { id }) => {
                let arn = format!("arn:aws:iam::{id}:user/anyone");
                Caller::outsider(Principal::User { arn }, None)
            }
            (_, Who::Outsider { arn }) => outsider(mentioned, arn),
            (_, Who::Anyone) => Caller::anyone(),
            _ => return None,
        })
    }
}

impl Means {
    /// The role that EKS assumes before the one that the pod gets, and who assumes it.
    pub(crate) fn first<'s>(
        &self,
        snapshot: &'s Snapshot,
        mentioned: &Mentioned,
        who: &Who,
    ) -> Option<(&'s Member, Caller)> {
        let Self::PodTarget(id) = self else { return None };
        Some((first_role(snapshot, *id)?, Self::Pod(*id).caller(snapshot, mentioned, who)?))
    }
}

pub(crate) fn association(
    snapshot: &Snapshot,
    (account, at): AssociationId,
) -> Option<&Association> {
    snapshot.accounts.get(&account)?.associations.as_ref()?.get(at)
}

/// The role that an association's credentials are for.
pub(crate) fn first_role(snapshot: &Snapshot, id: AssociationId) -> Option<&Member> {
    snapshot.member(snapshot.role(&association(snapshot, id)?.role)?)
}

fn token(
    mentioned: &Mentioned,
    provider: &str,
    issuer: &str,
    audience: Option<&str>,
    subject: Option<&str>,
) -> Caller {
    let mut context = Context::new();
    let mut set = |key: &str, value: &str| mentioned.set(&mut context, key, value);
    let account = provider.split(':').nth(4).unwrap_or_default();
    set("aws:PrincipalAccount", account);
    set("aws:PrincipalType", "User");
    set("aws:userid", provider);
    set("aws:FederatedProvider", provider);
    if let Some(audience) = audience {
        set(&format!("{issuer}:aud"), audience);
    }
    if let Some(subject) = subject {
        set(&format!("{issuer}:sub"), subject);
    }
    Caller::token(provider, context)
}

/// The session tags that EKS passes. A pod's name and uid are not known.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>.
fn add_tags(context: &mut Context, given: &Association) {
    if !given.session_tags {
        return;
    }
    let mut tag = |key: &str, value: &str| {
        context.set_at(&["aws:RequestTag/", key], value);
        context.set_at(&["aws:PrincipalTag/", key], value);
    };
    if let Some(arn) = &given.cluster_arn {
        tag("eks-cluster-arn", arn);
    }
    tag("eks-cluster-name", &given.cluster);
    tag("kubernetes-namespace", &given.namespace);
    tag("kubernetes-service-account", &given.service_account);
    context.set_many("aws:TagKeys", POD_IDENTITY_TAGS);
}

/// A principal of another account, as the trust policy names it.
fn outsider(mentioned: &Mentioned, arn: &str) -> Caller {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let &[_, partition, _, _, account, resource] = parts.as_slice() else {
        return Caller::anyone();
    };
    let own = arn.to_owned();
    let session = resource.strip_prefix("assumed-role/").and_then(|rest| rest.split_once('/'));
    if let Some((role, _)) = session {
        // Its role's path is not in its ARN; a policy may name it.
        let role_arn = mentioned.with_path(format!("arn:{partition}:iam::{account}:role/{role}"));
        return Caller::outsider(Principal::RoleSession { role_arn, session_arn: own }, None);
    }
    if resource.starts_with("role/") {
        return Caller::outsider(caller::session(arn, caller::SESSION), Some(arn));
    }
    Caller::outsider(Principal::User { arn: own }, Some(arn))
}
