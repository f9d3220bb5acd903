//! Which role a service account has: rows with EKS's own names.
//!
//! A file is what `aws eks describe-pod-identity-association` prints, with `association` at its top,
//! or a list of the same rows under `associations`; as YAML or JSON.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html>

use std::collections::HashMap;
use std::sync::Arc;

use attache_files::FileError;
use attache_identifiers::{Arn, RoleArn};
use attache_manifests::{File, Invalid, TextFile};
use attache_policy::{Kind, Policy};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::{Location, Spanned};

/// STS's: characters of a session policy.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>
const LONGEST_POLICY: usize = 2_048;

/// STS's: characters of an external ID, and which.
const EXTERNAL_ID: std::ops::RangeInclusive<usize> = 2..=1_224;

/// Kubernetes': characters of a namespace's and a service account's name.
const LONGEST_NAME: usize = 253;

/// The role of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Association {
    /// The namespace.
    pub namespace: String,
    /// The service account's name.
    pub service_account: String,
    /// The role that the token is traded for.
    pub role: RoleArn,
    /// The role that the first one then assumes, whose credentials the pod gets.
    pub target_role: Option<RoleArn>,
    /// What the target role may ask for.
    pub external_id: Option<String>,
    /// Whether the target role's session has no tags.
    pub disable_session_tags: bool,
    /// A session policy, of the role that the pod gets in the end.
    pub policy: Option<String>,
    /// The cluster's ARN, where the row has the association's.
    pub cluster_arn: Option<String>,
}

/// The roles of the service accounts of one cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Associations {
    rows: HashMap<(String, String), Arc<Association>>,
    /// Rows of other clusters, which were passed over.
    of_others: usize,
}

/// Why the rows cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum AssociationsError {
    /// A file cannot be read.
    #[error(transparent)]
    #[diagnostic(help("check the path, and that this user may read it"))]
    Read(#[from] FileError),
    /// A row is not one.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Invalid(Box<Invalid>),
}

impl From<Invalid> for AssociationsError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(Box::new(invalid))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Document {
    associations: Option<Vec<Row>>,
    association: Option<Row>,
    #[serde(rename = "nextToken")]
    _next_token: Option<IgnoredAny>,
}

/// EKS's own members; those without a field here mean nothing to this agent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Row {
    cluster_name: Option<Spanned<String>>,
    namespace: Spanned<String>,
    service_account: Spanned<String>,
    role_arn: Option<Spanned<String>>,
    target_role_arn: Option<Spanned<String>>,
    external_id: Option<Spanned<String>>,
    #[serde(default)]
    disable_session_tags: Option<bool>,
    policy: Option<Spanned<String>>,
    association_arn: Option<Spanned<String>>,
    #[serde(rename = "associationId")]
    _association_id: Option<IgnoredAny>,
    #[serde(rename = "tags")]
    _tags: Option<IgnoredAny>,
    #[serde(rename = "createdAt")]
    _created_at: Option<IgnoredAny>,
    #[serde(rename = "modifiedAt")]
    _modified_at: Option<IgnoredAny>,
    #[serde(rename = "ownerArn")]
    _owner_arn: Option<IgnoredAny>,
    #[serde(rename = "workloadIdentityConfig")]
    _workload_identity_config: Option<IgnoredAny>,
}

impl Associations {
    /// Reads the rows of files. Those that name another cluster than `cluster`, where it is given,
    /// are passed over.
    ///
    /// # Errors
    /// [`AssociationsError`], with the place.
    pub fn read(files: &[TextFile], cluster: Option<&str>) -> Result<Self, AssociationsError> {
        let mut read = Self::default();
        for file in files {
            let file = file.file();
            let document: Document = attache_manifests::yaml(file)?;
            if document.associations.is_none() && document.association.is_none() {
                let help = "aws eks describe-pod-identity-association prints `association`";
                let message = "expected `associations`, a list, or `association`";
                return Err(file.wrong(0..0, message, Some(help.to_owned())).into());
            }
            let rows = document.associations.into_iter().flatten().chain(document.association);
            for row in rows {
                read.add(file, row, cluster)?;
            }
        }
        Ok(read)
    }

    /// The association of a service account.
    #[must_use]
    pub fn of(&self, namespace: &str, service_account: &str) -> Option<Arc<Association>> {
        self.rows.get(&(namespace.to_owned(), service_account.to_owned())).map(Arc::clone)
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows name another cluster, and were passed over.
    #[must_use]
    pub fn of_other_clusters(&self) -> usize {
        self.of_others
    }

    fn add(&mut self, file: File<'_>, row: Row, cluster: Option<&str>) -> Result<(), Invalid> {
        let place = row.namespace.referenced;
        let of_other = match (&row.cluster_name, cluster) {
            (Some(named), Some(own)) => named.value != own,
            _ => false,
        };
        let association = association(file, row)?;
        if of_other {
            self.of_others += 1;
            return Ok(());
        }
        let key = (association.namespace.clone(), association.service_account.clone());
        if self.rows.contains_key(&key) {
            let message = format!("duplicate association of {} in {}", key.1, key.0);
            return Err(file.wrong(place, message, Some("remove one of the two".to_owned())));
        }
        self.rows.insert(key, Arc::new(association));
        Ok(())
    }
}

fn association(file: File<'_>, row: Row) -> Result<Association, Invalid> {
    let place = row.namespace.referenced;
    let disable_session_tags = row.disable_session_tags.unwrap_or_default();
    let Some(role) = &row.role_arn else {
        let help = "list-pod-identity-associations does not print it; \
                    aws eks describe-pod-identity-association does";
        let message = "missing key `roleArn` in the association of this namespace";
        return Err(file.wrong(place, message, Some(help.to_owned())));
    };
    if let (Some(id), None) = (&row.external_id, &row.target_role_arn) {
        let message = "`externalId` is for a `targetRoleArn`, which is missing";
        return Err(file.wrong(id.referenced, message, None));
    }
    if let Some(policy) = row.policy.as_ref().filter(|_| !disable_session_tags) {
        // EKS's rule: https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html
        let message = "a policy can be used only when disableSessionTags is true";
        return Err(file.wrong(policy.referenced, message, None));
    }
    Ok(Association {
        role: role_arn(file, role)?,
        target_role: row.target_role_arn.as_ref().map(|arn| role_arn(file, arn)).transpose()?,
        external_id: row.external_id.map(|id| external_id(file, id)).transpose()?,
        policy: row.policy.map(|policy| session_policy(file, policy)).transpose()?,
        cluster_arn: row.association_arn.map(|arn| cluster_arn(file, &arn)).transpose()?,
        namespace: name(file, row.namespace)?,
        service_account: name(file, row.service_account)?,
        disable_session_tags,
    })
}

fn role_arn(file: File<'_>, given: &Spanned<String>) -> Result<RoleArn, Invalid> {
    RoleArn::parse(&given.value).map_err(|why| file.wrong(given.referenced, why.to_string(), None))
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
fn name(file: File<'_>, given: Spanned<String>) -> Result<String, Invalid> {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let text = given.value;
    if text.is_empty() || text.len() > LONGEST_NAME || !text.bytes().all(legal) {
        let message = "expected a name of Kubernetes: small letters, digits, - and .";
        return Err(file.wrong(given.referenced, message, None));
    }
    Ok(text)
}

fn external_id(file: File<'_>, given: Spanned<String>) -> Result<String, Invalid> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b);
    if !EXTERNAL_ID.contains(&given.value.len()) || !given.value.bytes().all(legal) {
        let message = "an external ID has 2 to 1224 letters, digits or any of _+=,.@:/-";
        return Err(file.wrong(given.referenced, message, None));
    }
    Ok(given.value)
}

fn session_policy(file: File<'_>, given: Spanned<String>) -> Result<String, Invalid> {
    let wrong = |at: Location, message: String| file.wrong(at, message, None);
    let text = given.value;
    if text.chars().count() > LONGEST_POLICY {
        let message = format!("a session policy has at most {LONGEST_POLICY} characters");
        return Err(wrong(given.referenced, message));
    }
    match Policy::parse(&text, Kind::Session) {
        Ok(_) => Ok(text),
        Err(invalid) => {
            let first = invalid.diagnostics.first().map_or("", |first| first.message.as_str());
            let message = format!("not a valid session policy: {first}");
            Err(wrong(given.referenced, message))
        }
    }
}

/// `arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID` names the cluster.
fn cluster_arn(file: File<'_>, given: &Spanned<String>) -> Result<String, Invalid> {
    let wrong = |why: String| file.wrong(given.referenced, why, None);
    let arn = Arn::parse(&given.value).map_err(|why| wrong(why.to_string()))?;
    let rest = arn.resource().strip_prefix("podidentityassociation/");
    let cluster = rest.and_then(|rest| rest.split('/').next()).filter(|name| !name.is_empty());
    let cluster = cluster.filter(|_| arn.service() == "eks").ok_or_else(|| {
        wrong("expected arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID".to_owned())
    })?;
    let (partition, region, account) = (arn.partition().clone(), arn.region(), arn.account());
    let resource = format!("cluster/{cluster}");
    Ok(Arn::new(partition, "eks", region, account, &resource).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Associations, AssociationsError> {
        Associations::read(&[TextFile::new("associations.yaml", text)], Some("prod"))
    }

    const ROW: &str =
        "{namespace: a, serviceAccount: b, roleArn: 'arn:aws:iam::111111111111:role/R'}";

    #[test]
    fn what_aws_eks_prints_is_read() {
        let described = r#"{"association": {
            "clusterName": "prod", "namespace": "causely", "serviceAccount": "mediator",
            "roleArn": "arn:aws:iam::111111111111:role/Reader",
            "associationArn": "arn:aws:eks:us-east-1:111111111111:podidentityassociation/prod/a-1",
            "associationId": "a-1", "tags": {"team": "sre"}, "createdAt": 1790000000.5,
            "modifiedAt": "2026-11-27T10:00:00+00:00", "disableSessionTags": false,
            "targetRoleArn": "arn:aws:iam::222222222222:role/Far",
            "externalId": "us-east-1/111111111111/prod/causely/mediator"}}"#;
        let read = read(described).unwrap();
        let own = read.of("causely", "mediator").unwrap();
        assert_eq!(own.role.to_string(), "arn:aws:iam::111111111111:role/Reader");
        assert_eq!(own.target_role.as_ref().unwrap().account().to_string(), "222222222222");
        assert_eq!(
            own.external_id.as_deref(),
            Some("us-east-1/111111111111/prod/causely/mediator")
        );
        assert_eq!(
            own.cluster_arn.as_deref(),
            Some("arn:aws:eks:us-east-1:111111111111:cluster/prod")
        );
        assert!(read.of("causely", "other").is_none() && read.of("other", "mediator").is_none());
    }

    #[test]
    fn rows_of_other_clusters_are_passed_over_and_counted() {
        let other = ROW.replace("{namespace", "{clusterName: other, namespace");
        let own = ROW.replace("{namespace", "{clusterName: prod, namespace");
        let read = read(&format!("associations:\n- {other}\n- {own}\n")).unwrap();
        assert_eq!((read.len(), read.of_other_clusters()), (1, 1));
    }

    #[test]
    fn a_mistake_has_its_place_and_its_remedy() {
        let role = "arn:aws:iam::111111111111:role/R";
        let row = |more: &str| {
            format!("associations:\n- namespace: a\n  serviceAccount: b\n  roleArn: {role}\n{more}")
        };
        for (name, text, place, shown) in [
            ("nothing", String::new(), "", "expected `associations`"),
            ("neither key", "{}".to_owned(), ":1:1", "expected `associations`"),
            ("a list alone", format!("- {ROW}\n"), ":1:1", "expected"),
            ("a misspelt key", row("  rolArn: x\n"), ":5:3", "unknown key `rolArn`"),
            (
                "EKS's list",
                "associations:\n- {namespace: a, serviceAccount: b}\n".to_owned(),
                ":2:15",
                "missing key `roleArn`",
            ),
            (
                "no namespace",
                "associations:\n- {serviceAccount: b}\n".to_owned(),
                ":2",
                "missing key `namespace`",
            ),
            (
                "not a role",
                row("").replace(role, "arn:aws:iam::1:role/R"),
                ":4:12",
                "not a role ARN",
            ),
            (
                "a user",
                row("").replace(role, "arn:aws:iam::111111111111:user/R"),
                ":4:12",
                "not a role ARN",
            ),
            ("a bad target", row("  targetRoleArn: Far\n"), ":5:18", "not a role ARN"),
            (
                "a wildcard",
                row("").replace("namespace: a", "namespace: '*'"),
                ":2:14",
                "expected a name",
            ),
            (
                "capitals",
                row("").replace("serviceAccount: b", "serviceAccount: B"),
                ":3:19",
                "expected a name",
            ),
            (
                "twice",
                format!("associations:\n- {ROW}\n- {ROW}\n"),
                ":3:15",
                "duplicate association of b in a",
            ),
            ("an external ID alone", row("  externalId: abc\n"), ":5:15", "targetRoleArn"),
            (
                "an external ID of one",
                row(&format!("  targetRoleArn: {role}\n  externalId: a\n")),
                ":6:15",
                "2 to 1224",
            ),
            ("a policy with tags", row("  policy: '{}'\n"), ":5:11", "disableSessionTags"),
            (
                "no policy",
                row("  disableSessionTags: true\n  policy: '{}'\n"),
                ":6:11",
                "not a valid session policy",
            ),
            ("a yes", row("  disableSessionTags: maybe\n"), ":5:23", "invalid boolean"),
            (
                "another ARN",
                row(&format!("  associationArn: {role}\n")),
                ":5:19",
                "podidentityassociation",
            ),
        ] {
            let error = read(&text).err().unwrap_or_else(|| panic!("{name} is read")).to_string();
            assert!(error.contains(shown), "{name}: {error}");
            assert!(error.starts_with(&format!("associations.yaml{place}")), "{name}: {error}");
        }
    }
}
