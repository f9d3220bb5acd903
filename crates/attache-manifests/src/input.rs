//! What is read: texts and folders, wherever they come from.

use std::path::{Path, PathBuf};

use attache_identifiers::Region;

use crate::{ManifestError, TextFile};

/// The files of a configuration.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Helm values. Each file is read by itself; their accounts are taken together.
    pub values: Vec<TextFile>,
    /// Secrets.
    pub secrets: Vec<Input>,
    /// The regions to scrape; where there are any, they win over those of the values and the Secrets.
    pub regions: Vec<Region>,
}

/// Where Secrets are.
#[derive(Debug, Clone)]
pub enum Input {
    /// Manifests.
    File(TextFile),
    /// A folder in which each Secret is a folder with a file for each key, as the kubelet mounts
    /// it: `FOLDER/aws-secret/AWS_ROLE_ARN`. A folder that is itself named as a Secret is that
    /// Secret.
    Folder(PathBuf),
}

impl Inputs {
    /// Reads values, and Secrets from files and folders.
    ///
    /// # Errors
    /// [`ManifestError::Read`] for the first file that cannot be read.
    pub fn read(
        values: &[PathBuf],
        secrets: &[PathBuf],
        regions: Vec<Region>,
    ) -> Result<Self, ManifestError> {
        Self::read_with(values, secrets, regions, TextFile::read)
    }

    /// As [`Self::read`], for a caller that reads files in its own way.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn read_with<E>(
        values: &[PathBuf],
        secrets: &[PathBuf],
        regions: Vec<Region>,
        read: impl Fn(&Path) -> Result<TextFile, E>,
    ) -> Result<Self, E> {
        let values = values.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        let secrets = secrets.iter().map(|path| match path.is_dir() {
            true => Ok(Input::Folder(path.clone())),
            false => read(path).map(Input::File),
        });
        Ok(Self { values, secrets: secrets.collect::<Result<_, _>>()?, regions })
    }
}
