//! `attache token keygen`: creates an issuer's private key, in a file that only its owner can read.

use std::path::{Path, PathBuf};

use attache_files::{FileError, write_new, write_private};
use attache_oidc::{Algorithm, SigningKey};
use clap::ValueEnum;
use miette::{IntoDiagnostic as _, miette};
use serde_json::json;

use crate::output::{Exit, Format, Output};

/// The key and its file.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token keygen --out issuer.key
  attache token keygen --out issuer.key --algorithm es256 --force

The file is PKCS #8 in PEM with mode 0600. The key's id is the one
that Kubernetes gives it: the SHA-256 of its public key (SubjectPublicKeyInfo) in base64url.")]
pub(super) struct Args {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The signature that the key is for.
    #[arg(long, value_enum, default_value = "rs256")]
    algorithm: Choice,
    /// Replace the file if it exists. Tokens by the old key are then refused everywhere.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    /// RSA of 2048 bits: what Kubernetes and EKS use.
    Rs256,
    /// EC P-256: smaller tokens, faster to make.
    Es256,
}

pub(super) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let algorithm = match args.algorithm {
        Choice::Rs256 => Algorithm::Rs256,
        Choice::Es256 => Algorithm::Es256,
    };
    let key = SigningKey::generate(algorithm).into_diagnostic()?;
    write(&args.out, key.to_pem().expose(), args.force)?;
    let file = args.out.display().to_string();
    if out.format == Format::Json {
        let made = json!({ "file": file, "algorithm": algorithm, "key_id": key.key_id() });
        out.json(&made)?;
    } else {
        out.line(format!("wrote the {algorithm} key {} to {file}", key.key_id()));
    }
    Ok(Exit::Done)
}

fn write(path: &Path, pem: &str, force: bool) -> miette::Result<()> {
    let written = if force {
        write_private(path, pem.as_bytes())
    } else {
        write_new(path, pem.as_bytes(), 0o600)
    };
    written.map_err(|error| match error {
        FileError::Exists { path } => miette!(
            help = "choose another file, or pass --force if no issuer uses that key any more",
            "{} is already there, and a key that is overwritten is lost",
            path.display()
        ),
        other => miette!("could not write the key: {other}"),
    })
}
