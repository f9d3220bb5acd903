//! What can be discovered: one TOML file a resource type, ours in `catalog/` and users' own.
//!
//! Knows how a list call is written and where the resources are in its answer. Does not make the
//! call: see `scrape`. The least-privilege policy follows from the catalog, so that the
//! two cannot differ.

mod check;
mod embedded;
mod policy;
mod shape;

use std::path::Path;

use attache_aws_protocol::Protocol;
use attache_files::FileError;
use attache_manifests::{File, TextFile};

pub use shape::{Pick, Tags};

use crate::MediatorError;

/// All resource types that are scraped.
#[derive(Debug, Clone)]
pub struct Catalog {
    entries: Vec<Entry>,
}

/// One resource type.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name, as AWS's Resource Explorer spells it: `ec2:instance`.
    pub kind: String,
    /// What people call them: `EC2 instances`.
    pub title: String,
    /// The list call.
    pub call: Call,
    /// How to request the next page; none where there is only one.
    pub page: Option<shape::Page>,
    /// Where the resources are in the answer.
    pub item: shape::Item,
    /// What each resource is related to.
    pub relations: Vec<shape::Relation>,
    /// The IAM actions that the call needs.
    pub actions: Vec<String>,
    /// How often the call may be made.
    pub rate: shape::Rate,
}

/// A list call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The endpoint's name: `https://SERVICE.REGION.amazonaws.com`.
    pub service: String,
    /// The service's name in a signature.
    pub signing_name: String,
    /// How the call is written.
    pub protocol: Protocol,
    /// The operation: `DescribeInstances`.
    pub operation: String,
    /// How the protocol names the operation.
    pub address: Address,
    /// Over restXml, the root element of an answer; without it `OPERATIONResponse`.
    pub root: Option<String>,
    /// Members that are always sent.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// Whether each region answers for itself.
    pub scope: shape::Scope,
}

/// How a protocol names an operation.
#[derive(Debug, Clone)]
pub enum Address {
    /// The two query protocols: the API's version beside the operation's name.
    Version(String),
    /// The JSON protocols: the prefix of `X-Amz-Target`.
    Target(String),
    /// The REST protocols.
    Rest {
        /// The HTTP method.
        method: http::Method,
        /// The path.
        path: String,
    },
}

pub use shape::{Item, Page, Rate, Relation, Scope};

impl Catalog {
    /// The types that come with the program.
    ///
    /// # Errors
    /// None that a user can cause: the files are read when the program is built and tested.
    pub fn embedded() -> Result<Self, MediatorError> {
        let mut entries = Vec::new();
        for (name, text) in embedded::FILES {
            entries.push(check::entry(File::new(&format!("catalog/{name}"), text))?);
        }
        Ok(Self { entries })
    }

    /// Adds the `*.toml` files of a folder, in the order of their names. A type that is there
    /// already is replaced.
    ///
    /// # Errors
    /// [`MediatorError::Read`] when the folder or a file cannot be read, [`MediatorError::Invalid`]
    /// with file, line and column for what a file says wrong.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, MediatorError> {
        let fail = |source| MediatorError::Read {
            path: folder.to_owned(),
            source: FileError::Io { attempt: "read", path: folder.to_owned(), source },
        };
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                paths.push(path);
            }
        }
        paths.sort();
        for path in paths {
            self.add(check::entry(TextFile::read(&path)?.file())?);
        }
        Ok(self)
    }

    fn add(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|own| own.kind == entry.kind) {
            Some(own) => *own = entry,
            None => self.entries.push(entry),
        }
    }

    /// The types, in the order in which they are shown.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The IAM actions that everything in the catalog needs, each once.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        policy::actions(self).into_iter().map(str::to_owned).collect()
    }

    /// The least that a role must be allowed for everything in the catalog to be scraped, as an
    /// IAM policy document.
    #[must_use]
    pub fn policy(&self) -> serde_json::Value {
        policy::least(self)
    }
}
