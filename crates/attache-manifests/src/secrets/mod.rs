//! The Secrets that were given: manifests and mounted folders.
//!
//! Only those that the values name are kept and read strictly. A file may hold Secrets of others,
//! which are none of our business.

mod content;
mod keys;
mod manifest;
mod mounted;
mod origin;
pub(crate) mod region;
mod role;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use attache_excerpt::position;

use crate::objects::{Object, objects};
use crate::suggestion::{listed, nearest};
use crate::{File, Input, ManifestError};
pub(crate) use keys::{REGION, ROLE};
use manifest::Manifest;
use origin::Origin;
pub(crate) use role::Role;

/// The Secrets that were given.
pub(crate) struct Secrets<'i> {
    manifests: BTreeMap<String, Manifest<'i>>,
    folders: Vec<PathBuf>,
    /// The names of all files and folders, for errors.
    places: Vec<String>,
    /// The names of all manifests of Secrets, for suggestions.
    names: BTreeSet<String>,
    /// The position of the first Secret without a name.
    nameless: Option<String>,
    /// Where an object of another kind has a name that the values name, and what it is.
    others: BTreeMap<String, String>,
}

impl<'i> Secrets<'i> {
    /// Reads files of Secrets and keeps those whose names are `wanted`. Folders are read when
    /// a Secret is needed.
    pub(crate) fn read(
        inputs: &'i [Input],
        wanted: &BTreeSet<&str>,
    ) -> Result<Self, ManifestError> {
        let mut secrets = Self {
            manifests: BTreeMap::new(),
            folders: Vec::new(),
            places: Vec::new(),
            names: BTreeSet::new(),
            nameless: None,
            others: BTreeMap::new(),
        };
        for input in inputs {
            match input {
                Input::Folder(folder) => {
                    secrets.places.push(folder.display().to_string());
                    secrets.folders.push(folder.clone());
                }
                Input::File(text) => {
                    let file = text.file();
                    secrets.places.push(file.name().to_owned());
                    objects(file, |object| secrets.add(file, object, wanted))?;
                }
            }
        }
        Ok(secrets)
    }

    fn add(
        &mut self,
        file: File<'i>,
        object: Object,
        wanted: &BTreeSet<&str>,
    ) -> Result<(), ManifestError> {
        let Some((name, at)) = object.name() else {
            if object.is_secret() {
                let (line, column) = position(file.text(), object.node.at().start);
                self.nameless.get_or_insert(format!("{}:{line}:{column}", file.name()));
            }
            return Ok(());
        };
        let (name, at) = (name.to_owned(), at.at());
        if !object.is_secret() {
            if wanted.contains(name.as_str()) {
                let (line, column) = position(file.text(), at.start);
                let what = describe(&object);
                self.others.insert(name, format!("{}:{line}:{column} is {what}", file.name()));
            }
            return Ok(());
        }
        if wanted.contains(name.as_str()) {
            let manifest = Manifest { file, name: name.clone(), name_at: at, node: object.node };
            if let Some(first) = self.manifests.get(&name) {
                return Err(manifest.given_twice(first));
            }
            self.manifests.insert(name.clone(), manifest);
        }
        self.names.insert(name);
        Ok(())
    }

    /// The Secret of this name; manifests win over mounted ones.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Role>, ManifestError> {
        if let Some(manifest) = self.manifests.get(name) {
            return manifest.role().map(Some);
        }
        self.mounted(name).map(|folder| mounted::role(&folder, name)).transpose()
    }

    /// The error of a Secret without a region, where nothing else names one.
    pub(crate) fn no_region(&self, name: &str) -> ManifestError {
        match self.manifests.get(name) {
            Some(manifest) => role::no_region(name, &manifest.origin()),
            None => {
                let folder = self.mounted(name).unwrap_or_default();
                role::no_region(name, &Origin::Folder(&folder))
            }
        }
    }

    /// The folder of a mounted Secret.
    fn mounted(&self, name: &str) -> Option<PathBuf> {
        self.folders.iter().find_map(|folder| mounted::folder(folder, name))
    }

    /// What to do where a Secret is not there.
    pub(crate) fn instead_of(&self, name: &str) -> String {
        if let Some(other) = self.others.get(name) {
            return format!("{other}, not a Secret; `kubectl get secret {name} -o yaml` prints it");
        }
        if let Some(place) = &self.nameless {
            return format!("the Secret at {place} has no `metadata.name`; is it the one?");
        }
        let mut names = self.names.clone();
        self.folders.iter().for_each(|folder| names.extend(mounted::names(folder)));
        let known = || names.iter().map(String::as_str);
        let direct = self.folders.iter().find(|folder| mounted::is_one_secret(folder));
        match (nearest(name, known()), direct) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(folder)) => format!(
                "{} is one Secret: mount it as a folder named `{name}`, and give the folder above \
                 it with --secrets",
                folder.display()
            ),
            (None, None) if !names.is_empty() => {
                format!("the Secrets given are: {}", listed(known()))
            }
            (None, None) if self.places.is_empty() => {
                "no Secret was given: name its file or its mounted folder with --secrets".to_owned()
            }
            (None, None) => {
                format!("there is no Secret in {}", listed(self.places.iter().map(String::as_str)))
            }
        }
    }
}

/// An object that is not a Secret, with its article.
fn describe(object: &Object) -> String {
    let version =
        object.node.get("apiVersion").and_then(crate::tree::Node::text).unwrap_or_default();
    match (object.kind.as_str(), version) {
        ("", _) => "an object without a `kind`".to_owned(),
        ("Secret", version) => format!("a Secret of {version}, whose apiVersion must be v1"),
        (kind, _) => format!("of the kind {kind}"),
    }
}
