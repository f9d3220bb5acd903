//! The input of the token commands: files, standard input, arguments.

use std::path::Path;

use miette::miette;

use crate::input::{self, MAX_KEY_BYTES};
pub(crate) use crate::input::{jwks, public_keys, signing_key};

/// A token that is given as itself, as the file that it is in, or as `-` for standard input.
/// White space around it is ignored.
pub(crate) fn token(given: &str) -> miette::Result<String> {
    let found = if given == "-" {
        input::text(Path::new("-"), MAX_KEY_BYTES)?
    } else if looks_like_a_token(given) {
        given.to_owned()
    } else {
        input::read(Path::new(given), MAX_KEY_BYTES).map_err(|error| {
            let help = "give a token, the file that it is in, or - for standard input";
            // What is left of a token is not told on.
            if begins_like_a_token(given) {
                return miette!(
                    help = help,
                    "it is neither a token, which has three parts with dots between, nor a file's name"
                );
            }
            miette!(help = help, "{error}")
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
