//! The catalog of resource types and what reading them needs: one TOML file a type, ours in
//! `catalog/` and users' own.
//!
//! Knows: how a type's list call is written, where the resources are in its answer, and which IAM
//! actions it takes. The least-privilege policy follows from the catalog, so that the two cannot
//! differ. Does not know: how a call is made. This is the catalog alone; the mediator lists with it.
//!
//! Start at [`Catalog`].

mod check;
mod embedded;
mod error;
mod policy;
mod shape;

use std::path::Path;

use attache_aws_protocol::Protocol;
use attache_files::FileError;
use attache_identifiers::excerpt;
use attache_manifests::{File, TextFile, suggestion};

pub use error::{CatalogError, UnknownType};
pub use policy::{Limit, PolicyError, Types, documents};
pub use shape::{Item, Page, Pick, Rate, Relation, Scope, Tags};

/// Ours: characters of an unknown type's name that an error shows. No name of AWS's is as long.
const LONGEST_SHOWN: usize = 100;

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
    pub page: Option<Page>,
    /// Where the resources are in the answer.
    pub item: Item,
    /// What each resource is related to.
    pub relations: Vec<Relation>,
    /// The IAM actions that the call needs.
    pub actions: Vec<String>,
    /// How often the call may be made.
    pub rate: Rate,
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
    pub scope: Scope,
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

impl Catalog {
    /// The types that come with the program.
    ///
    /// # Errors
    /// None that a user can cause: the files are read when the program is built and tested.
    pub fn embedded() -> Result<Self, CatalogError> {
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
    /// [`CatalogError::Read`] when the folder or a file cannot be read, [`CatalogError::Invalid`]
    /// with file, line and column for what a file says wrong.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, CatalogError> {
        let fail = |source| CatalogError::Read {
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

    /// The type of that name, such as `ec2:instance`.
    ///
    /// # Errors
    /// [`UnknownType`] with the nearest name, or with the known ones where none is near.
    pub fn entry(&self, kind: &str) -> Result<&Entry, UnknownType> {
        self.entries.iter().find(|entry| entry.kind == kind).ok_or_else(|| {
            let known: Vec<&str> = self.entries.iter().map(|own| own.kind.as_str()).collect();
            UnknownType {
                given: excerpt(kind, LONGEST_SHOWN).into_owned(),
                help: suggestion(kind, &known),
            }
        })
    }

    /// The IAM actions that everything in the catalog needs, each once.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        policy::actions(&self.entries).into_iter().map(str::to_owned).collect()
    }

    /// The least that a role must be allowed for everything in the catalog to be scraped, as one
    /// IAM policy document of any length. [`documents`] keeps to IAM's limits.
    #[must_use]
    pub fn policy(&self) -> serde_json::Value {
        policy::document(&policy::actions(&self.entries))
    }
}
