//! How a role is assumed: by which call, and with which condition keys.

use attache_identifiers::{AccountId, PrincipalArn};
use attache_policy::condition_keys::{
    AssumeRoleKeys, KeySink, OrganizationKeys, POD_IDENTITY_SERVICE, POD_IDENTITY_TAGS,
    ServiceSource, add_principal_tags, add_request_tags, add_tag_keys,
};
use attache_policy::{Context, EXAMPLE_SESSION, Principal};

use crate::assume_check::{ASSUME, Call, WITH_SAML, WITH_WEB_IDENTITY};
use crate::caller::{self, Caller, ReferencedKeys};
use crate::principal::GraphPrincipal;
use crate::snapshot::{Association, Member, Snapshot};

/// How a role is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AssumeMethod {
    /// `AssumeRole`, with a principal's credentials or by a service.
    Assume,
    /// `AssumeRoleWithWebIdentity`.
    Token {
        provider: String,
        /// Nothing where the provider's client ids are not known.
        audience: Option<String>,
        /// Whether the subject is used as it is written; one that is a pattern may have to be left open.
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

impl AssumeMethod {
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

    /// The caller, with what is known of the call; none where the snapshot does not have it.
    pub(crate) fn caller(
        &self,
        snapshot: &Snapshot,
        referenced: &ReferencedKeys,
        principal: &GraphPrincipal,
    ) -> Option<Caller> {
        let member = |arn: &str| {
            let member = snapshot.member(*snapshot.by_arn.get(arn)?)?;
            Some(Caller::member(snapshot, referenced, member))
        };
        Some(match (self, principal) {
            (
                Self::Token { provider, audience, subject },
                GraphPrincipal::Subject { issuer, subject: name, .. },
            ) => {
                let subject = subject.then_some(name.as_str());
                token(referenced, provider, issuer, audience.as_deref(), subject)
            }
            (Self::Saml, GraphPrincipal::Saml { arn }) => Caller::token(referenced, arn),
            (Self::Pod(id), _) => {
                let mut caller = Caller::service(referenced, POD_IDENTITY_SERVICE);
                let given = association(snapshot, *id)?;
                add_tags(&mut caller.context, given);
                let arn = given.cluster_arn.as_deref();
                let organization = snapshot.organization_of(id.0);
                let organization = organization.map(|id| OrganizationKeys { id, paths: &[] });
                ServiceSource { arn, account: id.0, organization }.add_to(&mut caller.context);
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
            (_, GraphPrincipal::User { arn } | GraphPrincipal::Role { arn }) => member(arn)?,
            (_, GraphPrincipal::Service { name }) => Caller::service(referenced, name),
            (_, GraphPrincipal::Account { id }) => Caller::of_account(snapshot, referenced, *id),
            (_, GraphPrincipal::Organization { id }) => {
                Caller::of_organization(snapshot, referenced, id)
            }
            (_, GraphPrincipal::Outsider { arn }) => outsider(snapshot, referenced, arn),
            (_, GraphPrincipal::Anyone) => Caller::anyone(snapshot, referenced),
            _ => return None,
        })
    }
}

impl AssumeMethod {
    /// The role that EKS assumes before the one that the pod gets, and the caller that assumes it.
    pub(crate) fn first<'s>(
        &self,
        snapshot: &'s Snapshot,
        referenced: &ReferencedKeys,
        principal: &GraphPrincipal,
    ) -> Option<(&'s Member, Caller)> {
        let Self::PodTarget(id) = self else { return None };
        Some((first_role(snapshot, *id)?, Self::Pod(*id).caller(snapshot, referenced, principal)?))
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
    referenced: &ReferencedKeys,
    provider: &str,
    issuer: &str,
    audience: Option<&str>,
    subject: Option<&str>,
) -> Caller {
    let mut caller = Caller::token(referenced, provider);
    let mut keys = referenced.keep(&mut caller.context);
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
fn outsider(snapshot: &Snapshot, referenced: &ReferencedKeys, arn: &str) -> Caller {
    match PrincipalArn::parse(arn) {
        Ok(PrincipalArn::Session(session)) => {
            // Its role's path is not in its ARN; a policy may name it.
            let role_arn = referenced.with_path(session.role_at_root());
            let principal = Principal::RoleSession { role_arn, session_arn: arn.to_owned() };
            Caller::outside_session(referenced, &principal)
        }
        Ok(PrincipalArn::Role(_)) => {
            Caller::outsider(referenced, &caller::session(arn, EXAMPLE_SESSION))
        }
        Ok(_) => Caller::outsider(referenced, &Principal::User { arn: arn.to_owned() }),
        Err(_) => Caller::with_unique_id(snapshot, referenced, arn),
    }
}
