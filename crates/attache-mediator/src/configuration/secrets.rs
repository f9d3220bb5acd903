//! Secrets, from manifests or as Kubernetes mounts them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use attache_identifiers::{Region, RoleArn};
use base64::Engine;
use serde::Deserialize;
use serde_json::Value;

use super::keys;
use super::yaml::{Placed, documents};
use crate::MediatorError;
use crate::invalid::{File, Invalid, nearest};

const ROLE: &str = "AWS_ROLE_ARN";
const REGION: &str = "AWS_REGION";

/// What a Secret says about an account.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    pub(super) role: RoleArn,
    pub(super) region: Option<Region>,
    /// The file or folder it was read from.
    pub(super) place: PathBuf,
}

/// The Secrets that were given. What is in one is looked at when it is asked for: a file may hold
/// Secrets of others, which are none of our business.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    manifests: BTreeMap<String, Manifest>,
    folders: Vec<PathBuf>,
}

/// A Secret as a file has it.
#[derive(Debug)]
struct Manifest {
    path: PathBuf,
    file: Arc<File>,
    name: Placed<String>,
    data: Members,
    plain: Members,
}

type Members = BTreeMap<String, Placed<Option<String>>>;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    kind: Option<Placed<String>>,
    metadata: Option<Metadata>,
    #[serde(default)]
    string_data: Members,
    #[serde(default)]
    data: Members,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: Option<Placed<String>>,
}

/// Reads manifests, and remembers folders.
pub(super) fn read(paths: &[PathBuf]) -> Result<Secrets, MediatorError> {
    let mut secrets = Secrets::default();
    for path in paths {
        if path.is_dir() {
            secrets.folders.push(path.clone());
        } else {
            manifests(path, File::read(path)?, &mut secrets.manifests)?;
        }
    }
    Ok(secrets)
}

impl Secrets {
    /// The Secret of this name; manifests win over mounted ones.
    pub(super) fn find(&self, name: &str) -> Result<Option<Secret>, MediatorError> {
        if let Some(manifest) = self.manifests.get(name) {
            return Ok(Some(manifest.secret()?));
        }
        // A name is a DNS subdomain in Kubernetes: nothing that leads out of the folder.
        if name.contains(['/', '\\']) || name.starts_with('.') {
            return Ok(None);
        }
        let found = self.folders.iter().map(|folder| folder.join(name)).find(|f| f.is_dir());
        found.map(|folder| mounted(&folder)).transpose()
    }

    /// The names of all Secrets that were given.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.manifests.keys().cloned().collect();
        for folder in &self.folders {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let folders = entries.filter(|entry| entry.path().is_dir());
            let own = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.extend(own.filter(|name| !name.starts_with('.')));
        }
        names
    }
}

/// Reads every Secret of a file.
fn manifests(
    path: &Path,
    file: File,
    into: &mut BTreeMap<String, Manifest>,
) -> Result<(), MediatorError> {
    let known = &["apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"];
    for tree in documents::<Value>(&file)? {
        if tree.get("kind").and_then(Value::as_str) == Some("Secret") {
            keys::misspelt(&file, &tree, known)?;
        }
    }
    let file = Arc::new(file);
    for document in documents::<Document>(&file)? {
        let Some(kind) = document.kind.filter(|kind| kind.value == "Secret") else { continue };
        let Some(name) = document.metadata.and_then(|metadata| metadata.name) else {
            let at = file.word(kind.line, kind.column);
            return Err(file.wrong(at, "a Secret has no `metadata.name`", None).into());
        };
        if into.contains_key(&name.value) {
            let help = "give each Secret once, or give them different names".to_owned();
            let message = format!("the Secret `{}` is given twice", name.value);
            return Err(file.wrong(file.word(name.line, name.column), message, help).into());
        }
        let manifest = Manifest {
            path: path.to_owned(),
            file: Arc::clone(&file),
            name: name.clone(),
            data: document.data,
            plain: document.string_data,
        };
        into.insert(name.value, manifest);
    }
    Ok(())
}

impl Manifest {
    fn secret(&self) -> Result<Secret, Box<Invalid>> {
        let members = self.members()?;
        let Some(role) = members.get(ROLE) else { return Err(self.no_role(&members)) };
        let role = role_arn(&self.file, role)?;
        let region = members.get(REGION).map(|text| region(&self.file, text, REGION));
        Ok(Secret { role, region: region.transpose()?, place: self.path.clone() })
    }

    /// `data` is base64, `stringData` plain, and the latter wins, as in Kubernetes.
    fn members(&self) -> Result<BTreeMap<&str, Placed<String>>, Box<Invalid>> {
        let mut members = BTreeMap::new();
        for (key, Placed { value, line, column }) in &self.data {
            let (line, column) = (*line, *column);
            let text = value.as_deref().unwrap_or_default();
            let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
            match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(value) => members.insert(key.as_str(), Placed { value, line, column }),
                // Keys that we do not read may hold anything.
                None if key != ROLE && key != REGION => None,
                None => {
                    let message = format!("`data.{key}` is not base64 of text");
                    let help = "write plain text under `stringData`, or encode it with base64";
                    let at = self.file.word(line, column);
                    return Err(self.file.wrong(at, message, help.to_owned()));
                }
            };
        }
        for (key, Placed { value, line, column }) in &self.plain {
            let value = value.clone().unwrap_or_default();
            members.insert(key.as_str(), Placed { value, line: *line, column: *column });
        }
        Ok(members)
    }

    /// The complaint that stands at the key that was probably meant, else at the Secret's name.
    fn no_role(&self, members: &BTreeMap<&str, Placed<String>>) -> Box<Invalid> {
        let Self { file, name, .. } = self;
        let message = format!("the Secret `{}` has no `{ROLE}`", name.value);
        // The region's key is one that we know: it was not meant for another.
        let given: Vec<&str> = members.keys().copied().filter(|key| *key != REGION).collect();
        let near = nearest(ROLE, &given).and_then(|near| Some((near, members.get(near)?)));
        match near {
            Some((near, placed)) => {
                let help = format!("`{near}` is there; write `{ROLE}`");
                file.wrong(file.key_above(near, placed.line), message, help)
            }
            None => {
                let help = format!("add `{ROLE}: arn:aws:iam::ACCOUNT:role/NAME` to `stringData`");
                file.wrong(file.word(name.line, name.column), message, help)
            }
        }
    }
}

fn role_arn(file: &File, text: &Placed<String>) -> Result<RoleArn, Box<Invalid>> {
    RoleArn::parse(text.value.trim()).map_err(|e| {
        file.wrong(file.word(text.line, text.column), format!("`{}` is no role", e.text), e.why)
    })
}

/// Reads a region, with its own words for the documents' placeholder.
pub(super) fn region(
    file: &File,
    text: &Placed<String>,
    key: &str,
) -> Result<Region, Box<Invalid>> {
    let given = text.value.trim();
    Region::parse(given).map_err(|e| {
        let at = file.word(text.line, text.column);
        if given == "region-code" {
            let message = format!("`region-code` is the document's placeholder for {key}");
            let help = "put the region to scrape there, such as `us-east-1`".to_owned();
            return file.wrong(at, message, help);
        }
        file.wrong(at, format!("`{}` is no region", e.text), e.why)
    })
}

/// A Secret that Kubernetes mounted: one file a key.
fn mounted(folder: &Path) -> Result<Secret, MediatorError> {
    let role = File::read(&folder.join(ROLE))?;
    let role = role_arn(&role, &first_word(&role))?;
    let path = folder.join(REGION);
    let region = match path.exists() {
        true => {
            let file = File::read(&path)?;
            Some(region(&file, &first_word(&file), REGION)?)
        }
        false => None,
    };
    Ok(Secret { role, region, place: folder.to_owned() })
}

fn first_word(file: &File) -> Placed<String> {
    Placed { value: file.text.trim().to_owned(), line: 1, column: 1 }
}
