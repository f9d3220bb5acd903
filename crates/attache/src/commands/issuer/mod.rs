//! `attache issuer`: makes AWS trust the tokens of a cluster that you run yourself. Publishes the
//! cluster's keys, and checks that AWS can read them.

mod check;
mod lines;
mod publish;

use crate::output::{Exit, Output};

/// What to do for an issuer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
From a cluster to an issuer that AWS reads:
  kubectl get --raw /openid/v1/jwks > cluster.json
  attache issuer publish --issuer https://issuer.example/prod --keys cluster.json --out site/
  # serve site/ as https://issuer.example/prod, then
  attache issuer check https://issuer.example/prod")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Write a cluster's discovery document and keys into a folder for a web server.
    Publish(publish::Args),
    /// Fetch an issuer's discovery document and keys as AWS does, and say what AWS would say.
    Check(check::Args),
}

/// Runs the verb that was given.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    match args.verb {
        Verb::Publish(args) => publish::run(&args, out),
        Verb::Check(args) => check::run(&args, out).await,
    }
}
