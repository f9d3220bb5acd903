//! By which call a step is taken, and what the call carries.

use attache_identifiers::{AccountId, PrincipalArn};
use attache_policy::condition_keys::{
    AssumeRoleKeys, KeySink, POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS, ServiceSource,
    add_principal_tags, add_request_tags, add_tag_keys,
};
use attache_policy::{Context, EXAMPLE_SESSION, Principal};

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
            (Self::Saml, Who::Saml { arn }) => Caller::token(mentioned, arn),
            (Self::Pod(id), _) => {
                let mut caller = Caller::service(mentioned, POD_IDENTITY_SERVICE);
                let given = association(snapshot, *id)?;
                add_tags(&mut caller.context, given);
                let arn = given.cluster_arn.as_deref();
                ServiceSource { arn, account: id.0, organization: None }
                    .add_to(&mut caller.context);
                caller
            }
            (Self::PodTarget(id), _) => {
                let given = association(snapshot, *id)?;
                let mut caller = member(&given.role)?;
                add_tags(&mut caller.context, given);
                // EKS sends it where it sends no tags.
                let external_id = given.external_id.as_deref().filter(|_| !given.session_tags);
                AssumeRoleKeys { external_id, ..AssumeRoleKeys::default() }
                    .add_to(&mut caller.context);
                caller
            }
            (_, Who::User { arn } | Who::Role { arn }) => member(arn)?,
            (_, Who::Service { name }) => Caller::service(mentioned, name),
            (_, Who::Account { id }) => Caller::of_account(mentioned, *id),
            (_, Who::Outsider { arn }) => outsider(mentioned, arn),
            (_, Who::Anyone) => Caller::anyone(mentioned),
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
    let mut caller = Caller::token(mentioned, provider);
    let mut keys = mentioned.keep(&mut caller.context);
    if let Some(audience) = audience {
        keys.set(&[issuer, ":aud"], audience);
    }
    if let Some(subject) = subject {
        keys.set(&[issuer, ":sub"], subject);
    }
    caller
}

/// The session tags that EKS passes. A pod's name and uid are not known.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html>.
fn add_tags(context: &mut Context, given: &Association) {
    if !given.session_tags {
        return;
    }
    let known = [
        ("eks-cluster-arn", given.cluster_arn.as_deref()),
        ("eks-cluster-name", Some(&*given.cluster)),
        ("kubernetes-namespace", Some(&*given.namespace)),
        ("kubernetes-service-account", Some(&*given.service_account)),
    ];
    let tags = known.into_iter().filter_map(|(key, value)| Some((key, value?)));
    add_request_tags(context, tags.clone());
    add_principal_tags(context, tags);
    add_tag_keys(context, POD_IDENTITY_TAGS);
}

/// A principal of another account, as the trust policy names it.
fn outsider(mentioned: &Mentioned, arn: &str) -> Caller {
    match PrincipalArn::parse(arn) {
        Ok(PrincipalArn::Session(session)) => {
            // Its role's path is not in its ARN; a policy may name it.
            let role_arn = mentioned.with_path(session.role_at_root());
            let principal = Principal::RoleSession { role_arn, session_arn: arn.to_owned() };
            Caller::outside_session(mentioned, principal)
        }
        Ok(PrincipalArn::Role(_)) => {
            Caller::outsider(mentioned, caller::session(arn, EXAMPLE_SESSION))
        }
        Ok(_) => Caller::outsider(mentioned, Principal::User { arn: arn.to_owned() }),
        Err(_) => Caller::anyone(mentioned),
    }
}
