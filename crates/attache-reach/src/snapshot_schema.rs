//! The snapshot's file, as it is written: AWS's own answers, account by account.
//!
//! Documents are kept as raw text, so that a finding can name its line. Whatever else AWS answers
//! is passed over.

use std::borrow::Cow;

use attache_identifiers::AccountId;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Debug, Deserialize)]
pub(crate) struct File<'f> {
    #[serde(borrow)]
    pub(crate) accounts: Option<Vec<Account<'f>>>,
    #[serde(default)]
    pub(crate) service_accounts: Vec<ServiceAccount>,
    #[serde(borrow)]
    pub(crate) organization: Option<Organization<'f>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Account<'f> {
    pub(crate) id: AccountId,
    #[serde(borrow)]
    pub(crate) authorization_details: AuthorizationDetails<'f>,
    /// None: not known, and then every provider that is trusted is taken to be there.
    pub(crate) oidc_providers: Option<Vec<Provider>>,
    pub(crate) pod_identity_associations: Option<Vec<Association>>,
    #[serde(default)]
    pub(crate) eks_clusters: Vec<Cluster>,
}

/// What `aws iam get-account-authorization-details` prints.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthorizationDetails<'f> {
    /// A list that is not there was not asked for: that it has nothing in it is not known.
    #[serde(borrow)]
    pub(crate) role_detail_list: Option<Vec<Member<'f>>>,
    #[serde(borrow)]
    pub(crate) user_detail_list: Option<Vec<Member<'f>>>,
    #[serde(borrow)]
    pub(crate) group_detail_list: Option<Vec<Group<'f>>>,
    #[serde(borrow)]
    pub(crate) policies: Option<Vec<Managed<'f>>>,
    /// AWS's own mark of a page that others follow.
    #[serde(borrow)]
    is_truncated: Option<&'f RawValue>,
    /// Where the next page begins.
    #[serde(borrow)]
    marker: Option<&'f RawValue>,
    /// The same, as the `aws` command line says it.
    #[serde(borrow)]
    next_token: Option<&'f RawValue>,
}

impl<'f> AuthorizationDetails<'f> {
    /// What says that other pages follow, and its name; nothing where all is there.
    pub(crate) fn more(&self) -> Option<(&'static str, &'f RawValue)> {
        let says = |raw: &&RawValue| !matches!(raw.get(), "null" | "false" | "\"false\"" | "\"\"");
        let marks = [
            ("IsTruncated", self.is_truncated),
            ("Marker", self.marker),
            ("NextToken", self.next_token),
        ];
        marks.into_iter().find_map(|(name, raw)| Some((name, raw.filter(says)?)))
    }

    /// The lists that are not there, in words.
    pub(crate) fn absent(&self) -> Vec<&'static str> {
        let lists = [
            ("roles", self.role_detail_list.is_none()),
            ("users", self.user_detail_list.is_none()),
            ("groups", self.group_detail_list.is_none()),
            ("managed policies", self.policies.is_none()),
        ];
        lists.into_iter().filter(|(_, absent)| *absent).map(|(name, _)| name).collect()
    }

    /// Roles and users.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Member<'f>> {
        let roles = self.role_detail_list.iter().flatten();
        roles.chain(self.user_detail_list.iter().flatten())
    }
}

/// A user or a role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Member<'f> {
    /// Borrowed from the text where that has no escapes: then its line is known.
    #[serde(borrow)]
    pub(crate) arn: Cow<'f, str>,
    #[serde(alias = "UserId")]
    pub(crate) role_id: Option<String>,
    #[serde(borrow)]
    pub(crate) assume_role_policy_document: Option<&'f RawValue>,
    #[serde(borrow, alias = "UserPolicyList", default)]
    pub(crate) role_policy_list: Vec<Inline<'f>>,
    #[serde(default)]
    pub(crate) attached_managed_policies: Vec<Attached>,
    pub(crate) permissions_boundary: Option<Boundary>,
    #[serde(default)]
    pub(crate) group_list: Vec<String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Group<'f> {
    pub(crate) group_name: String,
    #[serde(borrow, default)]
    pub(crate) group_policy_list: Vec<Inline<'f>>,
    #[serde(default)]
    pub(crate) attached_managed_policies: Vec<Attached>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Inline<'f> {
    pub(crate) policy_name: String,
    #[serde(borrow)]
    pub(crate) policy_document: &'f RawValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attached {
    pub(crate) policy_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Boundary {
    pub(crate) permissions_boundary_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// A managed policy with its versions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Managed<'f> {
    pub(crate) arn: String,
    pub(crate) default_version_id: Option<String>,
    #[serde(borrow, default)]
    pub(crate) policy_version_list: Vec<Version<'f>>,
}

impl<'f> Managed<'f> {
    /// The document that counts; nothing where its version, or its text, is not there.
    pub(crate) fn current(&self) -> Option<&'f RawValue> {
        let marked = self.policy_version_list.iter().find(|version| version.is_default_version);
        let named = || {
            let wanted = self.default_version_id.as_ref()?;
            self.policy_version_list
                .iter()
                .find(|version| version.version_id.as_ref() == Some(wanted))
        };
        marked.or_else(named)?.document
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Version<'f> {
    #[serde(borrow)]
    document: Option<&'f RawValue>,
    version_id: Option<String>,
    #[serde(default)]
    is_default_version: bool,
}

/// What `aws iam get-open-id-connect-provider` prints, with the provider's ARN.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Provider {
    pub(crate) arn: String,
    #[serde(rename = "ClientIDList", default)]
    pub(crate) client_ids: Vec<String>,
}

/// What `aws eks describe-pod-identity-association` prints.
///
/// Source: <https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html>.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Association {
    pub(crate) cluster_name: String,
    pub(crate) namespace: String,
    pub(crate) service_account: String,
    pub(crate) role_arn: String,
    pub(crate) target_role_arn: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) association_arn: Option<String>,
    #[serde(default)]
    pub(crate) disable_session_tags: Option<bool>,
}

/// What `aws eks describe-cluster` prints, as far as its issuer.
#[derive(Debug, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) arn: Option<String>,
    pub(crate) identity: Option<ClusterIdentity>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClusterIdentity {
    pub(crate) oidc: Option<ClusterIssuer>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ClusterIssuer {
    pub(crate) issuer: String,
}

/// A Kubernetes service account that is known to be there.
#[derive(Debug, Deserialize)]
pub(crate) struct ServiceAccount {
    pub(crate) issuer: String,
    pub(crate) namespace: String,
    pub(crate) name: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Organization<'f> {
    pub(crate) id: Option<String>,
    pub(crate) management_account: Option<AccountId>,
    /// What `aws organizations describe-policy` prints as `Policy`.
    #[serde(borrow, default)]
    pub(crate) policies: Vec<OrganizationPolicy<'f>>,
    /// By account id.
    #[serde(default)]
    pub(crate) accounts: std::collections::BTreeMap<AccountId, Levels>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationPolicy<'f> {
    pub(crate) policy_summary: PolicySummary,
    #[serde(borrow)]
    pub(crate) content: &'f RawValue,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicySummary {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
}

/// Ids of the policies attached to the root, to each unit below it, and to the account itself.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Levels {
    #[serde(default)]
    pub(crate) service_control: Vec<Vec<String>>,
    #[serde(default)]
    pub(crate) resource_control: Vec<Vec<String>>,
}
