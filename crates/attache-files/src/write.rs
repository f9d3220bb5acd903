//! Writing so that nothing is replaced by accident and no link is followed.
//!
//! Every file is made under a random name with its final mode, exclusively, then renamed into
//! place: nothing planted at a name that can be guessed is opened, and a reader sees the old file
//! or the new one, never a part.

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Component, Path, PathBuf};

use tempfile::{NamedTempFile, TempPath};

use crate::FileError;

/// A file to be written by [`write_set`].
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'f> {
    /// Its name in the folder, without a separator.
    pub name: &'f str,
    /// All of it.
    pub contents: &'f [u8],
    /// Its permission bits: 0o644, or 0o755 for a script.
    pub mode: u32,
}

/// What happens to files that are there and differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// They are refused, whatever is in them.
    Never,
    /// They are replaced, if they are regular files.
    Differing,
}

/// Writes a file for its owner alone (0600), in place of a regular file that may be there.
///
/// # Errors
/// When the path is a symbolic link or a folder, or the operating system refuses.
pub fn write_private(path: &Path, contents: &[u8]) -> Result<(), FileError> {
    present(path)?;
    let staged = stage(folder_of(path), contents, 0o600)?;
    staged.persist(path).map_err(|e| FileError::io("write", path)(e.error))?;
    sync_folder(folder_of(path))
}

/// Writes a file that must not be there yet.
///
/// # Errors
/// [`FileError::Exists`] where the path exists, a dangling link included.
pub fn write_new(path: &Path, contents: &[u8], mode: u32) -> Result<(), FileError> {
    let staged = stage(folder_of(path), contents, mode)?;
    staged.persist_noclobber(path).map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::io("write", path)(e.error),
    })?;
    sync_folder(folder_of(path))
}

/// Writes all of these files into a folder, which is made where it is missing, or none of them.
///
/// A file that is there with the same contents is left as it is. Everything is staged before the
/// first name is taken; where a later one cannot be, those before it are put back.
///
/// # Errors
/// When a file is there and differs (unless `replace` says so), when a link or a folder is at
/// one of the names, when a name has a separator, or when the operating system refuses.
pub fn write_set(
    folder: &Path,
    files: &[NewFile<'_>],
    replace: Replace,
) -> Result<Vec<PathBuf>, FileError> {
    if let Some(file) = files.iter().find(|file| !is_plain(file.name)) {
        return Err(FileError::NotAName { name: file.name.to_owned() });
    }
    fs::create_dir_all(folder).map_err(FileError::io("create the folder", folder))?;
    let mut staged = Vec::new();
    for file in files {
        let path = folder.join(file.name);
        match present(&path)? {
            Some(about) if same(&path, &about, file.contents)? => {}
            Some(_) if replace == Replace::Never => return Err(FileError::Exists { path }),
            _ => staged.push((path, stage(folder, file.contents, file.mode)?)),
        }
    }
    let mut taken: Vec<(PathBuf, Option<TempPath>)> = Vec::new();
    for (path, file) in staged {
        let placed = place(&path, file, replace);
        match placed {
            Ok(before) => taken.push((path, before)),
            Err(error) => {
                // What was there before goes back; the first failure is the one to tell.
                for (path, before) in taken.into_iter().rev() {
                    drop(match before {
                        Some(before) => before.persist(&path).map_err(|e| e.error),
                        None => fs::remove_file(&path),
                    });
                }
                return Err(error);
            }
        }
    }
    sync_folder(folder)?;
    Ok(files.iter().map(|file| folder.join(file.name)).collect())
}

/// Takes the path for the staged file, and gives what was there before under a temporary name.
fn place(
    path: &Path,
    file: NamedTempFile,
    replace: Replace,
) -> Result<Option<TempPath>, FileError> {
    let write = || FileError::io("write", path);
    let before = match present(path)? {
        None => None,
        Some(_) if replace == Replace::Never => {
            return Err(FileError::Exists { path: path.to_owned() });
        }
        Some(_) => {
            let kept = tempfile::Builder::new()
                .make_in(folder_of(path), |kept| fs::hard_link(path, kept))
                .map_err(write())?;
            Some(kept.into_temp_path())
        }
    };
    let done = match before {
        None => file.persist_noclobber(path),
        Some(_) => file.persist(path),
    };
    done.map_err(|e| write()(e.error))?;
    Ok(before)
}

/// Opens a file of this process's own for reading and writing, and makes it where it is missing: for its
/// owner alone (0600), also where it was there with a looser mode.
///
/// # Errors
/// When the path is a symbolic link or a folder, the file is another user's, or the operating system
/// refuses.
pub fn open_private(path: &Path) -> Result<File, FileError> {
    let failed = || FileError::io("open", path);
    present(path)?;
    let open = |new: bool| {
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create_new(new).mode(0o600);
        // What was put there since is not followed either.
        options.custom_flags(NO_LINKS).open(path)
    };
    let opened = match open(true) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => open(false),
        made => made,
    };
    let file = opened.map_err(failed())?;
    let about = file.metadata().map_err(failed())?;
    let owner = about.uid();
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Err(FileError::ForeignOwner { path: path.to_owned(), owner });
    }
    if about.mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600)).map_err(failed())?;
    }
    Ok(file)
}

/// An open that a symbolic link fails, and that a pipe does not hold up.
const NO_LINKS: i32 =
    (rustix::fs::OFlags::NOFOLLOW.bits() | rustix::fs::OFlags::NONBLOCK.bits()).cast_signed();

/// Refuses what is no regular file; nothing at all is none.
///
/// # Errors
/// [`FileError::NotAFile`].
pub fn require_file(path: &Path) -> Result<(), FileError> {
    present(path).map(drop)
}

/// Makes a folder for data of this process: 0700 where it is new or empty.
///
/// # Errors
/// When it cannot be made, or when others can replace files in the one that is there.
pub fn create_data_folder(path: &Path) -> Result<(), FileError> {
    let failed = || FileError::io("create the folder", path);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed())?;
    let mode = fs::metadata(path).map_err(failed())?.mode() & 0o7777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let empty = fs::read_dir(path).map_err(failed())?.next().is_none();
    if empty && fs::set_permissions(path, fs::Permissions::from_mode(0o700)).is_ok() {
        return Ok(());
    }
    // Sticky, as /tmp is: others can add files but not replace ours.
    if mode & 0o022 != 0 && mode & 0o1000 == 0 {
        return Err(FileError::SharedFolder { path: path.to_owned(), mode });
    }
    Ok(())
}

/// What is at the path, itself and not the target of a link; an error unless it is a file.
fn present(path: &Path) -> Result<Option<Metadata>, FileError> {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(FileError::io("look at", path)(e)),
    };
    let kind = about.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(Some(about)),
        () if kind.is_symlink() => "a symbolic link",
        () if kind.is_dir() => "a folder",
        () => "a device, pipe or socket",
    };
    Err(FileError::NotAFile { path: path.to_owned(), what })
}

fn same(path: &Path, about: &Metadata, contents: &[u8]) -> Result<bool, FileError> {
    if u64::try_from(contents.len()) != Ok(about.len()) {
        return Ok(false);
    }
    Ok(fs::read(path).map_err(FileError::io("read", path))? == contents)
}

fn stage(folder: &Path, contents: &[u8], mode: u32) -> Result<NamedTempFile, FileError> {
    let write = || FileError::io("write a file in", folder);
    let mut file = tempfile::Builder::new()
        .prefix(".attache-")
        .permissions(fs::Permissions::from_mode(mode))
        .tempfile_in(folder)
        .map_err(write())?;
    file.write_all(contents).map_err(write())?;
    file.as_file().sync_all().map_err(write())?;
    Ok(file)
}

fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

/// The folder that a path is in; `.` for a bare name.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// So that a rename outlives a crash.
fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(FileError::io("write", folder))
}
