//! The input of a command: files and standard input, within a limit, with a message while it waits.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use attache_files::{FileError, read_private, read_text, read_text_from};
use attache_oidc::{Jwks, SigningKey};
use attache_policy::{Kind, Policy};

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

/// Reads public keys: a key set, or PEM, where a private key stands for its public half. Warns where a
/// private key can be read by others, too.
pub(crate) fn public_keys(path: &Path) -> miette::Result<(Jwks, String)> {
    let text = text(path, MAX_KEY_BYTES)?;
    let jwks = parsed(path, "an issuer's keys", Jwks::read(&text))?;
    // A key set has no private key to lose, and standard input no mode.
    if !Jwks::looks_like_json(&text) && text.contains("PRIVATE KEY") && path != Path::new("-") {
        let private = read_private(path, MAX_KEY_BYTES);
        if let Err(loose @ (FileError::NotPrivate { .. } | FileError::ForeignOwner { .. })) =
            private
        {
            output::warn(&loose);
        }
    }
    Ok((jwks, text))
}

/// Reads a key set.
pub(crate) fn jwks(path: &Path) -> miette::Result<Jwks> {
    jwks_text(path, &text(path, MAX_KEY_BYTES)?)
}

/// Reads a key set from the text of what has that name.
pub(crate) fn jwks_text(name: &Path, text: &str) -> miette::Result<Jwks> {
    parsed(name, "a key set", Jwks::parse(text))
}

/// Reads a policy from the text of what has that name.
pub(crate) fn policy(text: &str, name: &str, kind: Kind) -> miette::Result<Policy> {
    let policy = Policy::parse(text, kind).map_err(|invalid| {
        let message = format!("{name} is not a valid {}", kind.name());
        miette::Report::from(invalid).wrap_err(message)
    })?;
    Ok(policy.named(name.to_owned()))
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
