//! The input of a command: files and standard input, within a limit, with a message while it waits.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use attache_files::{FileError, read_private, read_text, read_text_from};
use attache_oidc::{Jwks, SigningKey};

use crate::output;

pub(crate) use attache_files::{
    MAX_DOCUMENT_BYTES, MAX_INPUT_BYTES, MAX_KEY_BYTES, MAX_POLICY_BYTES,
};

/// Ours: after so long a wait for a pipe a message says what is being waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Reads a text file of at most `limit` bytes, or standard input for `-`.
pub(crate) fn text(path: &Path, limit: u64) -> miette::Result<String> {
    read(path, limit).map_err(|e| miette::miette!("{e}"))
}

/// As [`text`], with the error as it is.
pub(crate) fn read(path: &Path, limit: u64) -> Result<String, FileError> {
    if path == Path::new("-") {
        let name = Path::new("standard input");
        return patiently(name, || read_text_from(std::io::stdin(), name, limit));
    }
    if std::fs::metadata(path).is_ok_and(|about| about.is_file()) {
        return read_text(path, limit);
    }
    patiently(path, || read_text(path, limit))
}

/// Reads a private key, and warns where others can read it, too: a test's key is often so, and an
/// issuer's should not be.
pub(crate) fn signing_key(path: &Path) -> miette::Result<SigningKey> {
    let loose = match read_private(path, MAX_KEY_BYTES) {
        Ok(text) => return parsed(path, "an issuer's key", SigningKey::from_pem(&text)),
        Err(loose @ (FileError::NotPrivate { .. } | FileError::ForeignOwner { .. })) => loose,
        Err(other) => return Err(miette::miette!("{other}")),
    };
    let text = text(path, MAX_KEY_BYTES)?;
    output::warn(&loose);
    parsed(path, "an issuer's key", SigningKey::from_pem(&text))
}

/// Reads a key set.
pub(crate) fn jwks(path: &Path) -> miette::Result<Jwks> {
    parsed(path, "a key set", Jwks::parse(&text(path, MAX_KEY_BYTES)?))
}

fn parsed<T, E: std::error::Error>(
    path: &Path,
    what: &str,
    read: Result<T, E>,
) -> miette::Result<T> {
    read.map_err(|e| miette::miette!("could not use {} as {what}: {e}", path.display()))
}

/// Reads, with a message if it takes long.
fn patiently<T>(name: &Path, read: impl FnOnce() -> T) -> T {
    let (done, waiting) = channel::<()>();
    let name = name.display().to_string();
    std::thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            output::waiting(&name);
        }
    });
    let text = read();
    drop(done);
    text
}
