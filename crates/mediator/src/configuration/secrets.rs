//! Secrets, from manifests or as Kubernetes mounts them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use names::{Region, RoleArn};
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

/// The Secrets that were given: manifests read whole, folders read when asked.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    manifests: BTreeMap<String, Secret>,
    folders: Vec<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    kind: Option<String>,
    metadata: Option<Metadata>,
    #[serde(default)]
    string_data: BTreeMap<String, Placed<Option<String>>>,
    #[serde(default)]
    data: BTreeMap<String, Placed<Option<String>>>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    name: Option<String>,
}

/// Reads manifests, and remembers folders.
pub(super) fn read(paths: &[PathBuf]) -> Result<Secrets, MediatorError> {
    let mut secrets = Secrets::default();
    for path in paths {
        if path.is_dir() {
            secrets.folders.push(path.clone());
        } else {
            manifest(path, &super::read(path)?, &mut secrets.manifests)?;
        }
    }
    Ok(secrets)
}

impl Secrets {
    /// The Secret of this name; manifests win over mounted ones.
    pub(super) fn find(&self, name: &str) -> Result<Option<Secret>, MediatorError> {
        if let Some(secret) = self.manifests.get(name) {
            return Ok(Some(secret.clone()));
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

fn manifest(
    path: &Path,
    file: &File,
    into: &mut BTreeMap<String, Secret>,
) -> Result<(), MediatorError> {
    let known = &["apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData"];
    for tree in documents::<Value>(file)? {
        if tree.get("kind").and_then(Value::as_str) == Some("Secret") {
            keys::misspelt(file, &tree, known)?;
        }
    }
    for document in documents::<Document>(file)? {
        if document.kind.as_deref() != Some("Secret") {
            continue;
        }
        let Some(name) = document.metadata.and_then(|metadata| metadata.name) else {
            return Err(file.wrong(0..0, "a Secret has no `metadata.name`", None).into());
        };
        let members = decoded(file, document.data, document.string_data)?;
        let secret = secret(path, file, &name, &members)?;
        if into.insert(name.clone(), secret).is_some() {
            let help = "give each Secret once, or give them different names".to_owned();
            let message = format!("the Secret `{name}` is given twice");
            return Err(file.wrong(file.key("name"), message, help).into());
        }
    }
    Ok(())
}

/// `data` is base64, `stringData` plain, and the latter wins, as in Kubernetes.
fn decoded(
    file: &File,
    data: BTreeMap<String, Placed<Option<String>>>,
    plain: BTreeMap<String, Placed<Option<String>>>,
) -> Result<BTreeMap<String, Placed<String>>, Box<Invalid>> {
    let mut members = BTreeMap::new();
    for (key, Placed { value, line, column }) in data {
        let text = value.unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim());
        match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(value) => members.insert(key, Placed { value, line, column }),
            // Keys that we do not read may hold anything.
            None if key != ROLE && key != REGION => None,
            None => {
                let message = format!("`data.{key}` is not base64 of text");
                let help = "write plain text under `stringData`, or encode it with base64";
                return Err(file.wrong(file.word(line, column), message, help.to_owned()));
            }
        };
    }
    for (key, Placed { value, line, column }) in plain {
        members.insert(key, Placed { value: value.unwrap_or_default(), line, column });
    }
    Ok(members)
}

fn secret(
    path: &Path,
    file: &File,
    name: &str,
    members: &BTreeMap<String, Placed<String>>,
) -> Result<Secret, Box<Invalid>> {
    let Some(role) = members.get(ROLE) else {
        let given: Vec<&str> = members.keys().map(String::as_str).collect();
        let help = match nearest(ROLE, &given) {
            Some(near) => format!("`{near}` is there; write `{ROLE}`"),
            None => format!("add `{ROLE}: arn:aws:iam::ACCOUNT:role/NAME` under `stringData`"),
        };
        let at = nearest(ROLE, &given).map_or_else(|| file.key("stringData"), |k| file.key(k));
        return Err(file.wrong(at, format!("the Secret `{name}` has no `{ROLE}`"), help));
    };
    let region = members.get(REGION).map(|text| region(file, text, REGION)).transpose()?;
    Ok(Secret { role: role_arn(file, role)?, region, place: path.to_owned() })
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
    let role = super::read(&folder.join(ROLE))?;
    let role = role_arn(&role, &first_word(&role))?;
    let path = folder.join(REGION);
    let region = match path.exists() {
        true => {
            let file = super::read(&path)?;
            Some(region(&file, &first_word(&file), REGION)?)
        }
        false => None,
    };
    Ok(Secret { role, region, place: folder.to_owned() })
}

fn first_word(file: &File) -> Placed<String> {
    Placed { value: file.text.trim().to_owned(), line: 1, column: 1 }
}
