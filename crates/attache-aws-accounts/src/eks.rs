//! EKS, as far as Pod Identity goes: the associations of a cluster, their tags, and the agent's add-on.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_PodIdentityAssociation.html>

use std::collections::BTreeMap;

use attache_identifiers::Region;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::failure::CallFailure;
use crate::lists::{IncompleteList, Page, list_all};
use crate::signed_call::{Attempts, ServiceRequest, SignedService};

/// AWS's: the most associations a page.
const PAGE: u32 = 100;

/// What is written as it is in a part of a path or a query (RFC 3986).
const REFUSED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// EKS in one account.
#[derive(Clone)]
pub struct Eks {
    connector: SharedHttpConnector,
    config: SdkConfig,
}

/// Nothing of the credentials.
impl std::fmt::Debug for Eks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Eks").finish_non_exhaustive()
    }
}

/// An association in a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedAssociation {
    /// `a-…`.
    #[serde(rename = "associationId")]
    pub id: String,
    /// The namespace.
    pub namespace: String,
    /// The service account's name.
    pub service_account: String,
}

/// An association: the role that the pods of a service account get.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Association {
    /// `a-…`.
    #[serde(rename = "associationId")]
    pub id: String,
    /// `arn:aws:eks:REGION:ACCOUNT:podidentityassociation/CLUSTER/ID`.
    #[serde(rename = "associationArn")]
    pub arn: String,
    /// The namespace.
    pub namespace: String,
    /// The service account's name.
    pub service_account: String,
    /// The role, in the cluster's account.
    pub role_arn: String,
    /// The role that EKS assumes with the first one's session, in any account.
    #[serde(default)]
    pub target_role_arn: Option<String>,
    /// Whether the sessions have no tags.
    #[serde(default)]
    pub disable_session_tags: bool,
    /// The session policy.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What is changed of an association; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AssociationChange {
    /// The role.
    pub role_arn: Option<String>,
    /// The target role; an empty text removes it.
    pub target_role_arn: Option<String>,
    /// Whether the sessions have no tags.
    pub disable_session_tags: Option<bool>,
}

/// Why EKS did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EksError {
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallFailure),
    /// An answer has not the shape that AWS documents.
    #[error("an answer of EKS cannot be read: {0}")]
    BadAnswer(#[source] serde_json::Error),
    /// The pages of a list do not end.
    #[error(transparent)]
    Incomplete(#[from] IncompleteList),
}

impl EksError {
    /// AWS's error code, where AWS answered with an error.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Call(failure) => failure.refusal().map(|(code, _)| code),
            _ => None,
        }
    }
}

/// The members of the answers that are read. A list that is not there is an error, not an empty one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AssociationPage {
    associations: Vec<ListedAssociation>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct OneAssociation {
    association: Association,
}

#[derive(Deserialize)]
struct OneAddon {
    addon: Addon,
}

#[derive(Deserialize)]
struct Addon {
    status: String,
}

impl Eks {
    pub(crate) fn new(connector: SharedHttpConnector, config: SdkConfig) -> Self {
        Self { connector, config }
    }

    /// Every association of a cluster.
    ///
    /// # Errors
    /// [`EksError`]; `ResourceNotFoundException` where there is no such cluster.
    pub async fn associations(
        &self,
        region: &Region,
        cluster: &str,
    ) -> Result<Vec<ListedAssociation>, EksError> {
        let read_page = |token: Option<String>| async move {
            let token = token.map(|token| format!("&nextToken={}", part(&token)));
            let query = format!("?maxResults={PAGE}{}", token.unwrap_or_default());
            let path = format!("{}{query}", associations_path(cluster));
            let page: AssociationPage = read(self.send(region, Method::GET, path, None).await?)?;
            Ok(Page { items: page.associations, marker: page.next_token })
        };
        list_all(read_page, EksError::Incomplete).await
    }

    /// One association.
    ///
    /// # Errors
    /// [`EksError`]; `ResourceNotFoundException` where there is none.
    pub async fn association(
        &self,
        region: &Region,
        cluster: &str,
        id: &str,
    ) -> Result<Association, EksError> {
        let path = format!("{}/{}", associations_path(cluster), part(id));
        let one: OneAssociation = read(self.send(region, Method::GET, path, None).await?)?;
        Ok(one.association)
    }

    /// Creates the association of a service account. `new` has all but the role's own values: its id and its ARN are
    /// EKS's to choose, and are not sent.
    ///
    /// # Errors
    /// [`EksError`]; `ResourceInUseException` where the service account has one.
    pub async fn create_association(
        &self,
        region: &Region,
        cluster: &str,
        new: &Association,
    ) -> Result<Association, EksError> {
        let mut body = json!({
            "namespace": new.namespace,
            "serviceAccount": new.service_account,
            "roleArn": new.role_arn,
            "tags": new.tags,
        });
        if let Some(target) = &new.target_role_arn {
            body["targetRoleArn"] = json!(target);
        }
        let path = associations_path(cluster);
        let answer = self.send(region, Method::POST, path, Some(&body)).await?;
        let one: OneAssociation = read(answer)?;
        Ok(one.association)
    }

    /// Changes an association.
    ///
    /// # Errors
    /// [`EksError`].
    pub async fn update_association(
        &self,
        region: &Region,
        cluster: &str,
        (id, change): (&str, &AssociationChange),
    ) -> Result<(), EksError> {
        let mut body = Map::new();
        let AssociationChange { role_arn, target_role_arn, disable_session_tags } = change;
        for (name, value) in [
            ("roleArn", json!(role_arn)),
            ("targetRoleArn", json!(target_role_arn)),
            ("disableSessionTags", json!(disable_session_tags)),
        ] {
            if !value.is_null() {
                body.insert(name.to_owned(), value);
            }
        }
        let path = format!("{}/{}", associations_path(cluster), part(id));
        let answer = self.send(region, Method::POST, path, Some(&Value::Object(body))).await?;
        read::<OneAssociation>(answer).map(drop)
    }

    /// Deletes an association.
    ///
    /// # Errors
    /// [`EksError`]; `ResourceNotFoundException` where there is none.
    pub async fn delete_association(
        &self,
        region: &Region,
        cluster: &str,
        id: &str,
    ) -> Result<(), EksError> {
        let path = format!("{}/{}", associations_path(cluster), part(id));
        self.send(region, Method::DELETE, path, None).await.map(drop)
    }

    /// Sets tags of an association; its other tags stay.
    ///
    /// # Errors
    /// [`EksError`].
    pub async fn tag(
        &self,
        region: &Region,
        arn: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), EksError> {
        let body = json!({ "tags": tags });
        let path = format!("/tags/{}", part(arn));
        self.send(region, Method::POST, path, Some(&body)).await.map(drop)
    }

    /// Removes tags of an association.
    ///
    /// # Errors
    /// [`EksError`].
    pub async fn untag(&self, region: &Region, arn: &str, keys: &[String]) -> Result<(), EksError> {
        let keys: Vec<String> = keys.iter().map(|key| format!("tagKeys={}", part(key))).collect();
        let path = format!("/tags/{}?{}", part(arn), keys.join("&"));
        self.send(region, Method::DELETE, path, None).await.map(drop)
    }

    /// The status of an add-on of a cluster, such as `ACTIVE`.
    ///
    /// # Errors
    /// [`EksError`]; `ResourceNotFoundException` where the cluster does not have it.
    pub async fn addon_status(
        &self,
        region: &Region,
        cluster: &str,
        addon: &str,
    ) -> Result<String, EksError> {
        let path = format!("/clusters/{}/addons/{}", part(cluster), part(addon));
        let one: OneAddon = read(self.send(region, Method::GET, path, None).await?)?;
        Ok(one.addon.status)
    }

    async fn send(
        &self,
        region: &Region,
        method: Method,
        path: String,
        body: Option<&Value>,
    ) -> Result<Value, EksError> {
        let service = SignedService {
            connector: &self.connector,
            config: &self.config,
            name: "eks",
            id: "EKS",
            region: region.clone(),
            attempts: Attempts::USUAL,
        };
        Ok(service.call(&ServiceRequest::Rest(method, path, body)).await?)
    }
}

fn associations_path(cluster: &str) -> String {
    format!("/clusters/{}/pod-identity-associations", part(cluster))
}

/// A part of a path or of a query.
fn part(text: &str) -> String {
    utf8_percent_encode(text, REFUSED).to_string()
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T, EksError> {
    serde_json::from_value(answer).map_err(EksError::BadAnswer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_not_there_is_not_empty() {
        for (answer, expected) in [
            (json!({ "associations": [] }), Some(0)),
            (json!({}), None),
            (json!({ "associations": null }), None),
            (json!({ "associations": [{ "associationId": "a-1" }] }), None),
            (
                json!({ "associations": [{ "associationId": "a-1", "namespace": "n",
                                           "serviceAccount": "s", "later": 1 }] }),
                Some(1),
            ),
        ] {
            let page = read::<AssociationPage>(answer.clone()).ok();
            assert_eq!(page.map(|page| page.associations.len()), expected, "{answer}");
        }
    }

    #[test]
    fn an_arn_is_one_part_of_a_path() {
        let arn = "arn:aws:eks:us-east-1:111111111111:podidentityassociation/prod/a-1";
        assert!(!part(arn).contains(['/', ':']), "{}", part(arn));
        assert_eq!(part("a-1_b.c~d"), "a-1_b.c~d");
    }
}
