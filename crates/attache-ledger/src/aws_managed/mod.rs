//! The managed policies that AWS brings: our abridgements, or files as AWS publishes them.

mod abridgements;
mod built_in;
mod files;

use std::collections::BTreeMap;
use std::path::Path;

use attache_identifiers::Arn;
use attache_policy::Kind;
use time::OffsetDateTime;

use crate::state::{Document, ManagedPolicy, Version, in_any_letters};
use crate::tags::Tags;
use crate::{LedgerError, ManagedPolicyError, PARTITION};

/// AWS's policy for those who may do everything.
pub(crate) const ADMINISTRATOR_ACCESS: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

/// AWS's managed policies by their ARN.
#[derive(Debug, Clone)]
pub struct AwsManaged(BTreeMap<String, ManagedPolicy>);

impl AwsManaged {
    /// The built-in ones, each replaced by the file with its ARN, if a directory is given.
    pub fn with(directory: Option<&Path>) -> Result<Self, LedgerError> {
        let mut all = BTreeMap::new();
        let built_in = built_in::documents();
        let loaded = directory.map(files::directory).transpose()?.unwrap_or_default();
        for document in built_in.into_iter().chain(loaded) {
            let (arn, policy) = document.read()?;
            all.insert(arn, policy);
        }
        Ok(Self(all))
    }

    /// A policy by its ARN.
    pub fn get(&self, arn: &str) -> Option<&ManagedPolicy> {
        self.0.get(arn)
    }

    /// A policy by its ARN, whose letters can be in any case.
    pub(crate) fn named(&self, arn: &str) -> Option<&ManagedPolicy> {
        in_any_letters(&self.0, arn).map(|(_, policy)| policy)
    }

    /// All of them, by their ARNs.
    pub fn iter(&self) -> impl Iterator<Item = &ManagedPolicy> {
        self.0.values()
    }
}

/// When AWS made a policy, and when it last changed it.
#[derive(Debug, Clone, Copy)]
struct Dates {
    created: OffsetDateTime,
    updated: OffsetDateTime,
}

/// A managed policy of AWS's before its document was read.
struct Source {
    /// The file it is from, or its name.
    from: std::path::PathBuf,
    path: String,
    name: String,
    version: u32,
    description: Option<String>,
    dates: Dates,
    document: String,
}

impl Source {
    fn read(self) -> Result<(String, ManagedPolicy), LedgerError> {
        let Self { from, path, name, version, description, dates, document } = self;
        let arn = Arn::aws_managed_policy(PARTITION, &path, &name).to_string();
        let read = Document::read_published(&document, Kind::Identity, &arn);
        let document = read.map_err(|invalid| {
            let source = Box::new(ManagedPolicyError::Document(invalid));
            LedgerError::ManagedPolicy { path: from, source }
        })?;
        let Dates { created, updated } = dates;
        // Its newest version, the only one that is known.
        let version = Version { number: version, document, created: updated };
        let policy = ManagedPolicy {
            id: id_of(&arn),
            arn: arn.clone(),
            created,
            updated,
            default: version.number,
            versions: vec![version],
            tags: Tags::default(),
            name,
            path,
            description,
        };
        Ok((arn, policy))
    }
}

/// An id that is always the same for an ARN, as AWS's is.
fn id_of(arn: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, arn.as_bytes());
    let letters = hex::encode_upper(hash);
    format!("ANPA{}", letters.get(..17).unwrap_or_default())
}
