//! From a file to the snapshot.

use std::collections::{BTreeMap, HashMap};

use attache_identifiers::{AccountId, Arn, service_account_subject};
use attache_policy::Kind;
use serde_json::value::RawValue;

use super::{Account, Association, Member, ServiceAccount, Snapshot, host_and_path};
use crate::document::{Document, DocumentId, substitute};
use crate::line_index::LineIndex;
use crate::{SnapshotError, SnapshotProblem, snapshot_schema};

/// What prints everything of an account.
const COMMAND: &str = "aws iam get-account-authorization-details";

pub(super) fn file(snapshot: &mut Snapshot, name: &str, text: &str) -> Result<(), SnapshotError> {
    let line_index = LineIndex::new(name, text);
    let wrong = |error: serde_json::Error| {
        line_index.error(error.line(), "the file", SnapshotProblem::Json { source: error })
    };
    let file: snapshot_schema::File<'_> = serde_json::from_str(text).map_err(wrong)?;
    let mut reader = Reader { snapshot, line_index: &line_index };
    let Some(accounts) = file.accounts else {
        return reader.bare(text);
    };
    if accounts.is_empty() {
        return Err(line_index.error(1, "the file", SnapshotProblem::NoAccount));
    }
    for account in &accounts {
        reader.account(account.id, &account.authorization_details)?;
        reader.providers_and_associations(account);
    }
    let known = file.service_accounts.iter().map(|known| ServiceAccount {
        issuer: host_and_path(&known.issuer).to_owned(),
        subject: service_account_subject(&known.namespace, &known.name),
    });
    reader.snapshot.service_accounts.extend(known);
    file.organization.as_ref().map_or(Ok(()), |organization| reader.organization(organization))
}

struct Reader<'r> {
    snapshot: &'r mut Snapshot,
    line_index: &'r LineIndex<'r>,
}

/// An account's managed policies that were read so far: by ARN and what they are used as.
struct Library<'f> {
    account: AccountId,
    raw: HashMap<&'f str, &'f RawValue>,
    read: HashMap<(&'f str, Kind), DocumentId>,
    groups: HashMap<&'f str, Vec<DocumentId>>,
}

impl Reader<'_> {
    /// AWS's answer as it is: the account is the one of its ARNs.
    fn bare(&mut self, text: &str) -> Result<(), SnapshotError> {
        let wrong = |error: serde_json::Error| {
            self.line_index.error(error.line(), "the file", SnapshotProblem::NotASnapshot(error))
        };
        let details: snapshot_schema::AuthorizationDetails<'_> =
            serde_json::from_str(text).map_err(wrong)?;
        self.whole(&details)?;
        if details.role_detail_list.is_none() {
            return Err(self.line_index.error(1, "the file", SnapshotProblem::NoRoles));
        }
        let mut accounts = details.members().filter_map(|m| Arn::parse(&m.arn).ok()?.account());
        let Some(account) = accounts.next() else {
            return Err(self.line_index.error(1, "the file", SnapshotProblem::NoArn));
        };
        self.account(account, &details)
    }

    /// A page of several has not all that there is: what is not on it may be on another.
    fn whole(
        &self,
        details: &snapshot_schema::AuthorizationDetails<'_>,
    ) -> Result<(), SnapshotError> {
        let Some((mark, raw)) = details.more() else { return Ok(()) };
        let (line, subject) =
            (self.line_index.of(raw.get()), "the account's authorization details");
        Err(self.line_index.error(line, subject, SnapshotProblem::OnePage { mark }))
    }

    fn account<'f>(
        &mut self,
        id: AccountId,
        details: &'f snapshot_schema::AuthorizationDetails<'f>,
    ) -> Result<(), SnapshotError> {
        self.whole(details)?;
        if self.snapshot.accounts.insert(id, Account::default()).is_some() {
            let line = details.members().next().map_or(1, |member| self.line_index.of(&member.arn));
            let problem = SnapshotProblem::AccountGivenTwice;
            return Err(self.line_index.error(line, &id.to_string(), problem));
        }
        let absent = details.absent();
        if !absent.is_empty() {
            let lists = absent.join(" and ");
            self.snapshot.unknown.push(format!(
                "the {lists} of the account {id} are not in the snapshot: write it with `{COMMAND}`, \
                 without --filter and --query"
            ));
        }
        let policies = details.policies.iter().flatten();
        let raw = policies.filter_map(|policy| Some((policy.arn.as_str(), policy.current()?)));
        let mut library = Library {
            account: id,
            raw: raw.collect(),
            read: HashMap::new(),
            groups: HashMap::new(),
        };
        for group in details.group_detail_list.iter().flatten() {
            let of = format!("{id}, group {}", group.group_name);
            let policies = self.policies(&of, &group.group_policy_list)?;
            let attached = &group.attached_managed_policies;
            let attached = self.attached(&of, attached, &mut library)?;
            library.groups.insert(&group.group_name, [policies, attached].concat());
        }
        for role in details.role_detail_list.iter().flatten() {
            self.member(role, &mut library, true)?;
        }
        for user in details.user_detail_list.iter().flatten() {
            self.member(user, &mut library, false)?;
        }
        Ok(())
    }

    fn member<'f>(
        &mut self,
        member: &'f snapshot_schema::Member<'f>,
        library: &mut Library<'f>,
        is_role: bool,
    ) -> Result<(), SnapshotError> {
        let of = format!("{} {}", if is_role { "role" } else { "user" }, member.arn);
        let trust = match member.assume_role_policy_document {
            Some(raw) => Some(self.document(raw, Kind::Trust, format!("{of}, trust policy"))?),
            None if is_role => {
                let line = self.line_index.of(&member.arn);
                return Err(self.line_index.error(line, &of, SnapshotProblem::NoTrustPolicy));
            }
            None => None,
        };
        let mut identity = self.policies(&of, &member.role_policy_list)?;
        identity.extend(self.attached(&of, &member.attached_managed_policies, library)?);
        for group in &member.group_list {
            match library.groups.get(group.as_str()) {
                Some(policies) => identity.extend(policies),
                None => self.missing(&of, &format!("the group {group}")),
            }
        }
        let boundary = member.permissions_boundary.as_ref();
        let boundary = boundary
            .map(|b| self.managed(&of, &b.permissions_boundary_arn, Kind::Boundary, library));
        let boundary = boundary.transpose()?.flatten();
        let id = self.snapshot.members.len();
        let arn = member.arn.to_string();
        self.snapshot.by_arn.insert(arn.clone(), id);
        if let Some(unique) = &member.role_id {
            self.snapshot.by_unique_id.insert(unique.clone(), id);
        }
        self.snapshot.members.push(Member {
            arn,
            account: library.account,
            unique_id: member.role_id.clone(),
            trust,
            identity,
            boundary,
            tags: member.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect(),
        });
        Ok(())
    }

    /// Inline policies.
    fn policies(
        &mut self,
        of: &str,
        inline: &[snapshot_schema::Inline<'_>],
    ) -> Result<Vec<DocumentId>, SnapshotError> {
        let read = inline.iter().map(|policy| {
            let name = format!("{of}, inline policy {}", policy.policy_name);
            self.document(policy.policy_document, Kind::Identity, name)
        });
        read.collect()
    }

    fn attached<'f>(
        &mut self,
        of: &str,
        attached: &'f [snapshot_schema::Attached],
        library: &mut Library<'f>,
    ) -> Result<Vec<DocumentId>, SnapshotError> {
        let read =
            attached.iter().map(|a| self.managed(of, &a.policy_arn, Kind::Identity, library));
        let read: Vec<Option<DocumentId>> = read.collect::<Result<_, _>>()?;
        Ok(read.into_iter().flatten().collect())
    }

    /// A managed policy, read once for all principals that have it.
    fn managed<'f>(
        &mut self,
        of: &str,
        arn: &'f str,
        kind: Kind,
        library: &mut Library<'f>,
    ) -> Result<Option<DocumentId>, SnapshotError> {
        if let Some(id) = library.read.get(&(arn, kind)) {
            return Ok(Some(*id));
        }
        let Some(raw) = library.raw.get(arn) else {
            match kind {
                // Without it more is allowed than with it: no path is lost.
                Kind::Boundary => self.snapshot.warnings.push(format!(
                    "{of} has the permissions boundary {arn}, which is not in the snapshot: it is \
                     assumed to allow everything"
                )),
                _ => self.missing(of, &format!("the policy {arn} (its default version)")),
            }
            return Ok(None);
        };
        let id = self.document(raw, kind, format!("policy {arn}"))?;
        library.read.insert((arn, kind), id);
        Ok(Some(id))
    }

    /// What is missing and could allow more.
    fn missing(&mut self, of: &str, what: &str) {
        self.snapshot.unknown.push(format!("{of} has {what}, which is not in the snapshot"));
    }

    fn document(
        &mut self,
        raw: &RawValue,
        kind: Kind,
        name: String,
    ) -> Result<DocumentId, SnapshotError> {
        let id = self.snapshot.documents.len();
        let document = match Document::read(id, raw, kind, name.clone(), self.line_index) {
            Err(error) if error.source.is_about_a_document() => {
                self.set_aside(&error, kind);
                let raw: &RawValue = serde_json::from_str(substitute(kind)).map_err(|_| error)?;
                Document::read(id, raw, kind, name, self.line_index)?
            }
            read => read?,
        };
        self.snapshot.documents.push(document);
        Ok(id)
    }

    /// Goes on without a document that cannot be read, and names it.
    fn set_aside(&mut self, error: &SnapshotError, kind: Kind) {
        let limits = matches!(kind, Kind::Boundary | Kind::ServiceControl | Kind::ResourceControl);
        if limits {
            let warning = format!("{error}; it is assumed to allow everything");
            self.snapshot.warnings.push(warning);
        } else {
            self.snapshot.unknown.push(format!("{error}; the paths that it allows are not found"));
        }
    }

    /// Providers and Pod Identity associations.
    fn providers_and_associations(&mut self, account: &snapshot_schema::Account<'_>) {
        let Some(found) = self.snapshot.accounts.get_mut(&account.id) else { return };
        found.providers = account.oidc_providers.as_ref().map(|providers| {
            let providers = providers.iter().map(|p| (p.arn.clone(), p.client_ids.clone()));
            providers.collect()
        });
        let clusters: BTreeMap<&str, &snapshot_schema::Cluster> =
            account.eks_clusters.iter().map(|c| (c.name.as_str(), c)).collect();
        found.associations = account.pod_identity_associations.as_ref().map(|all| {
            all.iter().map(|a| association(a, clusters.get(a.cluster_name.as_str()))).collect()
        });
    }

    fn organization(
        &mut self,
        given: &snapshot_schema::Organization<'_>,
    ) -> Result<(), SnapshotError> {
        let mut read: HashMap<(String, Kind), DocumentId> = HashMap::new();
        let raw: HashMap<&str, &snapshot_schema::OrganizationPolicy<'_>> =
            given.policies.iter().map(|p| (p.policy_summary.id.as_str(), p)).collect();
        for (account, levels) in &given.accounts {
            for (levels, kind) in [
                (&levels.service_control, Kind::ServiceControl),
                (&levels.resource_control, Kind::ResourceControl),
            ] {
                let mut documents = Vec::new();
                for level in levels {
                    let ids = level.iter().map(|id| self.control(id, kind, &raw, &mut read));
                    documents.push(ids.collect::<Result<Vec<_>, _>>()?);
                }
                let organization = &mut self.snapshot.organization;
                match kind {
                    Kind::ServiceControl => &mut organization.service_control,
                    _ => &mut organization.resource_control,
                }
                .insert(*account, documents);
            }
        }
        let organization = &mut self.snapshot.organization;
        organization.id = organization.id.take().or_else(|| given.id.clone());
        organization.management = organization.management.or(given.management_account);
        Ok(())
    }

    /// An organization's policy, read once for all levels that have it.
    fn control(
        &mut self,
        id: &str,
        kind: Kind,
        raw: &HashMap<&str, &snapshot_schema::OrganizationPolicy<'_>>,
        read: &mut HashMap<(String, Kind), DocumentId>,
    ) -> Result<DocumentId, SnapshotError> {
        if let Some(known) = read.get(&(id.to_owned(), kind)) {
            return Ok(*known);
        }
        let Some(policy) = raw.get(id) else {
            let of = format!("{} {id}", kind.name());
            let problem = SnapshotProblem::MissingOrganizationPolicy;
            return Err(self.line_index.error(self.line_index.first(id), &of, problem));
        };
        let shown = policy.policy_summary.name.as_deref().unwrap_or(id);
        let name = format!("{} {shown}", kind.name());
        let document = self.document(policy.content, kind, name)?;
        read.insert((id.to_owned(), kind), document);
        Ok(document)
    }
}

fn association(
    given: &snapshot_schema::Association,
    cluster: Option<&&snapshot_schema::Cluster>,
) -> Association {
    let oidc = cluster.and_then(|c| c.identity.as_ref()?.oidc.as_ref());
    let issuer = oidc.map_or(given.cluster_name.as_str(), |oidc| host_and_path(&oidc.issuer));
    // `arn:aws:eks:region:account:podidentityassociation/cluster/a-…` names the cluster as well.
    let named = given.association_arn.as_deref().and_then(|arn| {
        let (head, _) = arn.split_once(":podidentityassociation/")?;
        Some(format!("{head}:cluster/{}", given.cluster_name))
    });
    Association {
        issuer: issuer.to_owned(),
        cluster: given.cluster_name.clone(),
        cluster_arn: cluster.and_then(|c| c.arn.clone()).or(named),
        namespace: given.namespace.clone(),
        service_account: given.service_account.clone(),
        role: given.role_arn.clone(),
        target: given.target_role_arn.clone(),
        external_id: given.external_id.clone(),
        session_tags: !given.disable_session_tags.unwrap_or(false),
    }
}
