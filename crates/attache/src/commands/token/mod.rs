//! `attache token`: does what a cluster's issuer does. Creates keys, prints their key set, issues
//! tokens, shows and verifies them.

mod keygen;
mod mint;
pub(crate) mod read;
mod show;
mod verify;

use std::path::PathBuf;

use crate::output::{Exit, Output};
use attache_oidc::Jwks;

/// What to do with tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Play a cluster from a shell:
  attache token keygen --out issuer.key
  attache token jwks --key issuer.key > jwks.json
  attache authority --account 222222222222 --issuer https://issuer.example=jwks.json ...
  attache token mint --issuer https://issuer.example --key issuer.key \\
    --subject system:serviceaccount:causely:causely-mediator > token
  AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN=arn:aws:iam::222222222222:role/CauselyAccess \\
    aws sts get-caller-identity")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Create an issuer's private key.
    Keygen(keygen::Args),
    /// Print public keys, also those of private keys, as an issuer publishes them.
    Jwks(JwksArgs),
    /// Issue a token, and print it.
    Mint(mint::Args),
    /// Show a token's claims, whether or not it is valid.
    Show(show::Args),
    /// Verify a token as AWS would: signature, issuer, audience, times.
    Verify(verify::Args),
}

/// Whose public keys.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token jwks --key issuer.key > jwks.json
  attache token jwks --key new.key --key old.key   # both verify while keys are changed
  attache token jwks --key sa.pub                  # what the API server publishes of its key")]
struct JwksArgs {
    /// A key in PEM, private or public; may be given several times.
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
}

/// Runs the verb that was given.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    // A clock is read here and nowhere below.
    let now = time::OffsetDateTime::now_utc();
    match args.verb {
        Verb::Keygen(args) => keygen::run(&args, out),
        Verb::Jwks(args) => jwks(&args, out),
        Verb::Mint(args) => mint::run(&args, now, out),
        Verb::Show(args) => show::run(&args, now, out),
        Verb::Verify(args) => verify::run(&args, now, out),
    }
}

fn jwks(args: &JwksArgs, out: &Output) -> miette::Result<Exit> {
    let mut jwks = Jwks::default();
    for file in &args.key {
        jwks.merge(&read::public_keys(file)?.0).map_err(|e| miette::miette!("{e}"))?;
    }
    // JSON in either format: a key set has no other shape.
    out.json_text(&jwks.to_json());
    Ok(Exit::Done)
}
