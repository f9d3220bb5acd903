//! The file's shape, key for key. Unknown keys are errors: a misspelt `permissionBoundary` that is
//! ignored in silence is a hole.

use std::collections::BTreeMap;
use std::fmt::Formatter;

use attache_identifiers::{AccountId, Issuer, Region, RoleName};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

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
    pub(super) audience: Option<Spanned<Audiences>>,
    pub(super) thumbprints: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) organization: Option<Organization>,
    pub(super) workload: Workload,
    pub(super) source: Source,
    pub(super) targets: Spanned<Vec<Target>>,
}

/// One audience, or a list of them.
#[derive(Debug)]
pub(super) enum Audiences {
    One(String),
    Several(Vec<Spanned<String>>),
}

/// By hand: an untagged enum loses the places of what is in it.
impl<'de> Deserialize<'de> for Audiences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudiencesVisitor)
    }
}

struct AudiencesVisitor;

impl<'de> Visitor<'de> for AudiencesVisitor {
    type Value = Audiences;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("an audience or a list of audiences")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Audiences, E> {
        Ok(Audiences::One(text.to_owned()))
    }

    /// Digits without quotes are text too.
    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Audiences, E> {
        Ok(Audiences::One(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Audiences, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = list.next_element()? {
            all.push(one);
        }
        Ok(Audiences::Several(all))
    }
}

/// An EKS cluster in the source's account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cluster {
    pub(super) name: Spanned<String>,
    pub(super) region: Spanned<Region>,
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

/// An account to scrape. Written out rather than flattened from [`Source`]: serde cannot refuse
/// unknown keys of a flattened struct.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Target {
    pub(super) account: Spanned<AccountId>,
    pub(super) role: Spanned<RoleName>,
    pub(super) region: Spanned<Region>,
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
    /// The role's part and the region.
    pub(super) fn split(self) -> (Source, Spanned<Region>) {
        let Self { account, role, region, path, policies, inline_policies, .. } = self;
        let Self { permissions_boundary, max_session_duration, description, tags, .. } = self;
        let Self { trust_statements, keep, .. } = self;
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
        (role, region)
    }
}
