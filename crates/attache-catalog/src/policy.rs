//! From the catalog to the policy documents that it needs.

use std::collections::BTreeSet;

use attache_manifests::listed;
use attache_policy::Kind;
use attache_policy::limits::{MANAGED_POLICY, ROLE_INLINE_POLICIES, counted_size};
use serde_json::{Value, json};

use crate::{Catalog, Entry, UnknownType};

/// Which types a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Types<'t> {
    /// All of the catalog.
    All,
    /// Those with these names, such as `ec2:instance`.
    Listed(&'t [String]),
}

/// How much a role takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Characters of one document, as IAM counts them: without white space.
    pub characters: usize,
    /// How many documents.
    pub documents: usize,
}

impl Limit {
    /// A role's inline policies. They count together, so that one document holds most: two would
    /// only repeat what stands around the actions. A role with others of its own has that much less.
    pub const INLINE: Self = Self { characters: ROLE_INLINE_POLICIES, documents: 1 };

    /// Managed policies, as many as a role can have attached before its quota is raised.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
    pub const MANAGED: Self = Self { characters: MANAGED_POLICY, documents: 10 };

    fn in_words(self) -> String {
        let Self { characters, documents } = self;
        let plural = if documents == 1 { "" } else { "s" };
        format!("{documents} document{plural} of {characters} characters")
    }
}

/// Why there are no documents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum PolicyError {
    /// A type that the catalog does not have.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Unknown(#[from] UnknownType),
    /// The actions need more documents, or longer ones.
    #[error(
        "the actions that the types need do not fit in {}: left over are {}", limit.in_words(),
        listed(left.iter().map(String::as_str))
    )]
    #[diagnostic(help("list fewer types, or attach managed policies instead of inline ones"))]
    TooLong {
        /// How much was to be had.
        limit: Limit,
        /// The types whose actions do not all fit, in the catalog's order.
        left: Vec<String>,
    },
}

/// The IAM policy documents that allow exactly the calls by which these types are listed: every
/// action by its whole name, each once, in the order of the names, whatever the order of the types. A
/// document is begun where the one before is full; there is none where no type is listed.
///
/// The list calls take no resource, so that one statement a document is the shortest form there is.
/// There are no wildcards: they would allow what AWS adds later.
///
/// ```
/// use attache_catalog::{Catalog, Limit, Types, documents};
/// let catalog = Catalog::embedded().expect("it is built in");
/// let types = ["sqs:queue".to_owned(), "s3:bucket".to_owned()];
/// let documents = documents(&catalog, Types::Listed(&types), Limit::INLINE).expect("they fit");
/// assert_eq!(documents.len(), 1);
/// let actions = &documents[0]["Statement"][0]["Action"];
/// assert_eq!(actions, &serde_json::json!(["s3:ListAllMyBuckets", "sqs:ListQueues"]));
/// ```
///
/// # Errors
/// [`PolicyError::Unknown`] with the nearest name, [`PolicyError::TooLong`] with the types that do
/// not fit.
pub fn documents(
    catalog: &Catalog,
    types: Types<'_>,
    limit: Limit,
) -> Result<Vec<Value>, PolicyError> {
    let entries = chosen(catalog, types)?;
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut left = BTreeSet::new();
    for action in actions(entries.iter().copied()) {
        if let Some(last) = groups.last_mut() {
            last.push(action);
            if fits(last, limit) {
                continue;
            }
            last.pop();
        }
        if groups.len() < limit.documents && fits(&[action], limit) {
            groups.push(vec![action]);
        } else {
            left.insert(action);
        }
    }
    if !left.is_empty() {
        let lacks = |entry: &&&Entry| entry.actions.iter().any(|own| left.contains(own.as_str()));
        let left = entries.iter().filter(lacks).map(|entry| entry.kind.clone()).collect();
        return Err(PolicyError::TooLong { limit, left });
    }
    Ok(groups.iter().map(|group| document(group)).collect())
}

/// The catalog's entries of these types, each once, in the catalog's order.
fn chosen<'c>(catalog: &'c Catalog, types: Types<'_>) -> Result<Vec<&'c Entry>, UnknownType> {
    let Types::Listed(names) = types else { return Ok(catalog.entries().iter().collect()) };
    for name in names {
        catalog.entry(name)?;
    }
    Ok(catalog.entries().iter().filter(|entry| names.contains(&entry.kind)).collect())
}

/// The actions of entries, each once, in order.
pub(crate) fn actions<'c>(entries: impl IntoIterator<Item = &'c Entry>) -> Vec<&'c str> {
    let all = entries.into_iter().flat_map(|entry| entry.actions.iter().map(String::as_str));
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

fn fits(actions: &[&str], limit: Limit) -> bool {
    counted_size(&document(actions).to_string(), Kind::Identity) <= limit.characters
}

/// One statement: list calls take no resource, and are read only.
pub(crate) fn document(actions: &[&str]) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AttacheDiscovery",
            "Effect": "Allow",
            "Action": actions,
            "Resource": "*",
        }],
    })
}
