//! The file's shape, key for key. Unknown keys are errors: a misspelt `permissionBoundary` that is
//! ignored in silence is a hole.

use std::collections::BTreeMap;
use std::fmt::Formatter;

use attache_identifiers::{AccountId, Issuer, Region, RoleName};
use attache_manifests::{File, Invalid};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

use super::organization;

/// A key that may be left out, be `null`, or have a value: three different things.
pub(super) type Nullable<T> = Option<Spanned<Option<T>>>;

/// A key that is there, `null` or not.
fn given<'de, D, T>(deserializer: D) -> Result<Nullable<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Spanned::<Option<T>>::deserialize(deserializer).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) api_version: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) metadata: Metadata,
    pub(super) spec: Spanned<Spec>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    pub(super) name: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) mode: Option<Spanned<String>>,
    pub(super) issuer: Option<Spanned<Issuer>>,
    pub(super) cluster: Option<Cluster>,
    pub(super) clusters: Option<Spanned<Vec<NamedCluster>>>,
    pub(super) audience: Option<Spanned<Words>>,
    pub(super) thumbprints: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) organization: Option<Organization>,
    pub(super) workload: Option<Spanned<Workload>>,
    pub(super) workloads: Option<Spanned<Vec<ListedWorkload>>>,
    pub(super) source: Source,
    pub(super) targets: Spanned<Vec<Target>>,
}

/// A word, or a list of words: one audience or several, `all` types or some.
#[derive(Debug)]
pub(super) enum Words {
    One(String),
    Several(Vec<Spanned<String>>),
}

/// By hand: an untagged enum loses the places of what is in it.
impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordsVisitor)
    }
}

struct WordsVisitor;

impl<'de> Visitor<'de> for WordsVisitor {
    type Value = Words;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Words, E> {
        Ok(Words::One(text.to_owned()))
    }

    /// Digits without quotes are text too.
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Words, E> {
        Ok(Words::One(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Words::Several(all))
    }
}

/// An EKS cluster in the source's account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: Spanned<String>,
    pub(super) region: Spanned<Region>,
}

/// One of several clusters. Its name is the file's own: the workloads are listed by it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedCluster {
    pub(super) name: Spanned<String>,
    pub(super) issuer: Spanned<Issuer>,
    pub(super) audience: Option<Spanned<Words>>,
    pub(super) thumbprints: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organization {
    pub(super) id: Spanned<String>,
    pub(super) management: AccountId,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Workload {
    pub(super) namespace: Spanned<String>,
    pub(super) service_account: Spanned<String>,
}

/// One of several workloads, in all of the file's clusters or in those that it names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListedWorkload {
    pub(super) namespace: Spanned<String>,
    pub(super) service_account: Spanned<String>,
    pub(super) clusters: Option<Spanned<Vec<Spanned<String>>>>,
}

/// What the role may do, by what is to be read with it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Access {
    /// `all`, or a list of types.
    pub(super) catalog: Spanned<Words>,
}

/// What others put on the role, and may stay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct Keep {
    pub(super) policies: Vec<Spanned<String>>,
    pub(super) inline_policies: Vec<Spanned<String>>,
    pub(super) permissions_boundary: Option<Spanned<String>>,
    pub(super) trust_conditions: Vec<Spanned<String>>,
    pub(super) trust_denies: bool,
}

/// The account that the workload's cluster is in. It needs no region: nothing is scraped there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Source {
    pub(super) account: Spanned<AccountId>,
    pub(super) role: Spanned<RoleName>,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) policies: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Spanned<serde_json::Value>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) permissions_boundary: Nullable<String>,
    #[serde(default, deserialize_with = "given")]
    pub(super) max_session_duration: Nullable<i32>,
    #[serde(default, deserialize_with = "given")]
    pub(super) description: Nullable<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) trust_statements: Vec<Spanned<serde_json::Value>>,
    #[serde(default)]
    pub(super) keep: Keep,
}

/// Accounts of the organization in place of one account.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OrganizationTargets {
    pub(super) include: Option<Selection>,
    pub(super) exclude: Option<Selection>,
}

/// Accounts by their units, ids and tags.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Selection {
    pub(super) units: Vec<Spanned<String>>,
    pub(super) accounts: Vec<AccountId>,
    pub(super) tags: BTreeMap<String, String>,
}

/// An account to scrape. Written out rather than flattened from [`Source`]: serde cannot refuse
/// unknown keys of a flattened struct.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Target {
    pub(super) account: Option<Spanned<AccountId>>,
    pub(super) organization: Option<Spanned<OrganizationTargets>>,
    pub(super) role: Spanned<RoleName>,
    pub(super) region: Spanned<Region>,
    pub(super) workloads: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) access: Option<Access>,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) policies: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Spanned<serde_json::Value>>,
    #[serde(default, deserialize_with = "given")]
    pub(super) permissions_boundary: Nullable<String>,
    #[serde(default, deserialize_with = "given")]
    pub(super) max_session_duration: Nullable<i32>,
    #[serde(default, deserialize_with = "given")]
    pub(super) description: Nullable<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    pub(super) trust_statements: Vec<Spanned<serde_json::Value>>,
    #[serde(default)]
    pub(super) keep: Keep,
}

impl Target {
    /// The role's part and what is the target's own. The account of an `organization` is not known yet.
    ///
    /// # Errors
    /// Neither of the two keys, or both.
    pub(super) fn split(self, file: File<'_>) -> Result<SplitTarget, Invalid> {
        let Self {
            account,
            organization,
            role,
            region,
            workloads,
            access,
            path,
            policies,
            inline_policies,
            ..
        } = self;
        let Self { permissions_boundary, max_session_duration, description, tags, .. } = self;
        let Self { trust_statements, keep, .. } = self;
        let account = match (account, &organization) {
            (Some(account), None) => account,
            (None, Some(given)) => organization::any_account(given),
            (Some(account), Some(_)) => {
                let message = "expected `account` or `organization`, found both";
                return Err(file.wrong(account.referenced, message, None));
            }
            (None, None) => {
                let message = "missing key `account` in the mapping of this role";
                let help = "add the account's twelve digits in quotes, or `organization:` for the accounts \
                            of an organization";
                return Err(file.wrong(role.referenced, message, Some(help.to_owned())));
            }
        };
        let role = Source {
            account,
            role,
            path,
            policies,
            inline_policies,
            permissions_boundary,
            max_session_duration,
            description,
            tags,
            trust_statements,
            keep,
        };
        Ok(SplitTarget { role, region, workloads, access, organization })
    }
}

/// A target in parts.
#[derive(Debug)]
pub(super) struct SplitTarget {
    pub(super) role: Source,
    pub(super) region: Spanned<Region>,
    pub(super) workloads: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) access: Option<Access>,
    pub(super) organization: Option<Spanned<OrganizationTargets>>,
}
