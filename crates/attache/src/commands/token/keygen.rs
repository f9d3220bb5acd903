//! `attache token keygen`: an issuer's private key, in a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ::token::{Algorithm, SigningKey};
use clap::ValueEnum;
use miette::{IntoDiagnostic as _, WrapErr as _, miette};
use serde_json::json;

use crate::output::{Exit, Format, Output};

/// What key, and where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token keygen --out issuer.key
  attache token keygen --out issuer.key --algorithm es256 --force

The file is PKCS #8 in PEM with mode 0600. The key's id is its RFC 7638 thumbprint.")]
pub(super) struct Args {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The signature that the key is for.
    #[arg(long, value_enum, default_value = "rs256")]
    algorithm: Choice,
    /// Replace the file if it is there. Tokens by the old key are then refused everywhere.
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
    let attempt = || format!("could not write the key to {}", path.display());
    if !force {
        return match create(path, pem) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(miette!(
                help = "choose another file, or pass --force if no issuer uses that key any more",
                "{} is already there, and a key that is overwritten is lost",
                path.display()
            )),
            written => written.into_diagnostic().wrap_err_with(attempt),
        };
    }
    // Beside it first: a full disk must not cost the old key.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let next = path.with_file_name(name);
    let written = create(&next, pem).and_then(|()| fs::rename(&next, path));
    if written.is_err() {
        drop(fs::remove_file(&next));
    }
    written.into_diagnostic().wrap_err_with(attempt)
}

fn create(path: &Path, pem: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}
