//! What the token commands are given: files, standard input, words.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ::token::{Jwks, SigningKey};
use miette::{IntoDiagnostic as _, WrapErr as _, miette};

/// Ours: more than any key, key set or token has, so that a wrong file is not read to its end.
const LARGEST: u64 = 1 << 20;

/// The text of a file.
pub(super) fn file(path: &Path) -> miette::Result<String> {
    let attempt = || format!("could not read {}", path.display());
    text(File::open(path).into_diagnostic().wrap_err_with(attempt)?).wrap_err_with(attempt)
}

fn text(source: impl std::io::Read) -> miette::Result<String> {
    let mut text = String::new();
    source.take(LARGEST + 1).read_to_string(&mut text).into_diagnostic()?;
    if text.len() as u64 > LARGEST {
        return Err(miette!("it is over 1 MiB, which no key and no token is"));
    }
    Ok(text)
}

/// A private key from a PEM file.
pub(super) fn signing_key(path: &Path) -> miette::Result<SigningKey> {
    let attempt = || format!("could not use {} as an issuer's key", path.display());
    SigningKey::from_pem(&file(path)?).into_diagnostic().wrap_err_with(attempt)
}

/// A key set from a JSON file.
pub(crate) fn jwks(path: &Path) -> miette::Result<Jwks> {
    let attempt = || format!("could not use {} as a key set", path.display());
    Jwks::parse(&file(path)?).into_diagnostic().wrap_err_with(attempt)
}

/// A token that is given as itself, as the file that it is in, or as `-` for standard input.
/// White space around it is not its own.
pub(crate) fn token(given: &str) -> miette::Result<String> {
    let found = if given == "-" {
        text(std::io::stdin()).wrap_err("could not read the token from standard input")?
    } else if looks_like_a_token(given) {
        given.to_owned()
    } else {
        file(Path::new(given)).map_err(|error| {
            let help = "give a token, the file that it is in, or - for standard input";
            // What is left of a token is not told on.
            if begins_like_a_token(given) {
                return miette!(
                    help = help,
                    "it is neither a token, which has three parts with dots between, nor a file's name"
                );
            }
            let labels = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
            miette!(help = help, "{labels}")
        })?
    };
    Ok(found.trim().to_owned())
}

/// As every token does, for its header is a JSON object in base64url; or longer than any name.
fn begins_like_a_token(text: &str) -> bool {
    // POSIX's own limit of a path.
    const LONGEST: usize = 4096;
    text.trim_start().starts_with("ey") && text.contains('.') || text.len() > LONGEST
}

/// Two dots and no slash: as a name for a file that is unusual, so the file must be there.
fn looks_like_a_token(text: &str) -> bool {
    text.matches('.').count() == 2 && !text.contains('/') && !Path::new(text).exists()
}
