//! The annotation `chain`: a second role, which the pod's own role assumes.
//!
//! AWS's SDKs assume it themselves, from a configuration file with a `source_profile`.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html>

use attache_identifiers::{NameError, Region, RoleArn};

/// The profile of the first role.
const SOURCE_PROFILE: &str = "attache-source";
/// AWS's limits on an external ID.
const EXTERNAL_ID: std::ops::RangeInclusive<usize> = 2..=1224;

/// A role and the one that it assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    source: RoleArn,
    target: ChainTarget,
}

/// The second role: `ROLE[,externalId]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChainTarget {
    role: RoleArn,
    external_id: Option<String>,
}

/// Why two annotations are no chain.
#[derive(Debug, thiserror::Error)]
pub(super) enum ChainError {
    /// The first role.
    #[error("the role that it starts from: {0}")]
    Source(NameError),
    /// The second one.
    #[error("{0}")]
    Target(NameError),
    /// What stands after the comma.
    #[error("the external ID must be 2 to 1224 letters, digits or any of _+=,.@:/-")]
    ExternalId,
}

impl ChainTarget {
    /// Reads `ROLE[,externalId]`. A role's name can have a comma in IAM; here the first one ends it.
    pub(super) fn read(text: &str) -> Result<Self, ChainError> {
        let (role, external_id) = match text.split_once(',') {
            Some((role, id)) => (role, Some(id)),
            None => (text, None),
        };
        let role = RoleArn::parse(role).map_err(ChainError::Target)?;
        let fits = |id: &str| {
            let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b);
            EXTERNAL_ID.contains(&id.len()) && id.bytes().all(legal)
        };
        if external_id.is_some_and(|id| !fits(id)) {
            return Err(ChainError::ExternalId);
        }
        Ok(Self { role, external_id: external_id.map(str::to_owned) })
    }
}

impl Chain {
    /// Reads the annotation `role-arn`, and `chain`.
    pub(super) fn read(source: &str, text: &str) -> Result<Self, ChainError> {
        let source = RoleArn::parse(source).map_err(ChainError::Source)?;
        Ok(Self { source, target: ChainTarget::read(text)? })
    }

    /// The configuration file. Each value is of a form that cannot end its line.
    pub(super) fn config(&self, token_file: &str, region: Option<&Region>) -> String {
        let region = region.map(|region| format!("region = {region}\n")).unwrap_or_default();
        let Self { source, target: ChainTarget { role: target, external_id } } = self;
        let external_id =
            external_id.as_ref().map(|id| format!("external_id = {id}\n")).unwrap_or_default();
        format!(
            "[default]\nrole_arn = {target}\nsource_profile = {SOURCE_PROFILE}\n{external_id}{region}\n\
             [profile {SOURCE_PROFILE}]\nrole_arn = {source}\nweb_identity_token_file = {token_file}\n{region}"
        )
    }
}
