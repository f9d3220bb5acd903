//! Files that change whole: a reader sees the old content or the new, never a part.
//!
//! A projected volume is laid out as the kubelet's atomic writer does it, because programs in the
//! field rely on it (they watch `..data` for changes):
//!
//! ```text
//! token -> ..data/token
//! ..data -> ..2026_11_23_22_00_00.123456789
//! ..2026_11_23_22_00_00.123456789/token
//! ```
//!
//! To change it, a new folder is filled, and one `rename` puts a new link in the place of `..data`.

use std::ffi::OsStr;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use crate::ClusterError;

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone, mode 0600: right for a token, where writer and reader are one user.
    Owner,
    /// Everyone on the machine, mode 0644: the kubelet's choice where the pod's user is not known.
    Everyone,
}

impl Readers {
    fn file_mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everyone => 0o644,
        }
    }

    fn folder_mode(self) -> u32 {
        match self {
            Self::Owner => 0o700,
            Self::Everyone => 0o755,
        }
    }
}

/// The link that is switched.
const CURRENT: &str = "..data";
/// Where the new link is made, before it takes the place of the current one.
const NEXT: &str = "..data_tmp";

/// Puts `content` into the volume's file `name`.
pub(crate) fn project(
    volume: &Path,
    name: &str,
    content: &[u8],
    readers: Readers,
    now: OffsetDateTime,
) -> Result<(), ClusterError> {
    create_folder(volume, readers)?;
    let previous = fs::read_link(volume.join(CURRENT)).ok();
    let generation = generation(now);
    let folder = volume.join(&generation);
    create_folder(&folder, readers)?;
    write_new(&folder.join(name), content, readers)?;

    let next = volume.join(NEXT);
    remove_leftover(&next)?;
    attempt("link", &next, symlink(&generation, &next))?;
    let current = volume.join(CURRENT);
    attempt("switch", &current, fs::rename(&next, &current))?;
    link_visible(volume, name)?;
    // The last generation stays until the next one comes: a reader that was on its way through the
    // link when it was switched still arrives. The kubelet removes it at once.
    let kept = [Some(PathBuf::from(generation)), previous];
    remove_others(volume, &kept)
}

/// Writes a single file whole, in a folder that is made if it is not there.
pub(crate) fn replace_file(
    path: &Path,
    content: &[u8],
    readers: Readers,
) -> Result<(), ClusterError> {
    if let Some(folder) = path.parent() {
        create_folder(folder, readers)?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let next = path.with_file_name(name);
    remove_leftover(&next)?;
    write_new(&next, content, readers)?;
    attempt("switch", path, fs::rename(&next, path))
}

/// `..2026_11_23_22_00_00.123456789`: the time, and digits that no other folder has by chance, as
/// the kubelet names them.
fn generation(now: OffsetDateTime) -> String {
    let (date, clock) = (now.date(), now.time());
    let chance = uuid::Uuid::new_v4().as_u128() % 1_000_000_000;
    format!(
        "..{:04}_{:02}_{:02}_{:02}_{:02}_{:02}.{chance:09}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        clock.hour(),
        clock.minute(),
        clock.second(),
    )
}

/// Whether a name has the shape that [`generation`] gives.
fn is_generation(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.starts_with("..") && digits == 23 && name.len() == 2 + 23 + 6
}

/// Removes the folders of earlier tokens, and those of a process that was killed.
fn remove_others(volume: &Path, kept: &[Option<PathBuf>]) -> Result<(), ClusterError> {
    for entry in attempt("read", volume, fs::read_dir(volume))?.flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(is_generation);
        let keep = kept.iter().flatten().any(|path| path.as_os_str() == name);
        if ours && !keep && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            attempt("remove", &entry.path(), fs::remove_dir_all(entry.path()))?;
        }
    }
    Ok(())
}

/// The name that a pod reads: a link through the switched one. It never changes once it is right.
fn link_visible(volume: &Path, name: &str) -> Result<(), ClusterError> {
    let (visible, target) = (volume.join(name), PathBuf::from(CURRENT).join(name));
    if fs::read_link(&visible).is_ok_and(|link| link == target) {
        return Ok(());
    }
    // Something else of that name, such as a token file written by hand: replaced in one step.
    let next = volume.join(format!("{NEXT}_{name}"));
    remove_leftover(&next)?;
    attempt("link", &next, symlink(&target, &next))?;
    attempt("switch", &visible, fs::rename(&next, &visible))
}

fn create_folder(path: &Path, readers: Readers) -> Result<(), ClusterError> {
    if path.as_os_str() == OsStr::new("") {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    let made = builder.recursive(true).mode(readers.folder_mode()).create(path);
    attempt("create the folder", path, made)
}

/// Creates a file, never following or reusing what is there, and flushes it to the disk.
fn write_new(path: &Path, content: &[u8], readers: Readers) -> Result<(), ClusterError> {
    let mode = readers.file_mode();
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        // The process's umask may have taken bits away that a reader needs.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.write_all(content)?;
        file.sync_all()
    };
    attempt("write", path, write())
}

/// Removes what an earlier process left half-done.
fn remove_leftover(path: &Path) -> Result<(), ClusterError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => attempt("remove", path, Err(error)),
        _ => Ok(()),
    }
}

fn attempt<T>(
    attempt: &'static str,
    path: &Path,
    result: std::io::Result<T>,
) -> Result<T, ClusterError> {
    result.map_err(|source| ClusterError::Write { attempt, path: path.to_owned(), source })
}
