//! `attache issuer`: makes AWS trust the tokens of a cluster that you run yourself. Publishes the
//! cluster's keys, and checks that AWS can read them.

mod check;
mod destination;
mod lines;
mod publish;
mod serve;

use crate::output::{Exit, Output};

/// Of both documents, wherever they are served from.
const CONTENT_TYPE: &str = "application/json";

/// Ours: AWS keeps keys for a time that it does not publish; caches between keep them five minutes.
const CACHE_CONTROL: &str = "public, max-age=300";

/// What to do for an issuer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
From a cluster to an issuer that AWS reads:
  kubectl get --raw /openid/v1/jwks > cluster.json
  attache issuer publish --issuer https://issuer.example/prod --keys cluster.json --out site/
  attache issuer serve --issuer https://issuer.example/prod --folder site/ --tls-cert chain.pem \
    --tls-key key.pem                                  # or any web server, or --out s3://BUCKET/PREFIX
  attache issuer check https://issuer.example/prod")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Write a cluster's discovery document and keys into a folder for a web server, or an S3 bucket.
    Publish(publish::Args),
    /// Serve a published issuer's two documents over TLS.
    Serve(serve::Args),
    /// Fetch an issuer's discovery document and keys as AWS does, and say what AWS would say.
    Check(check::Args),
}

/// Runs the verb that was given.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    match args.verb {
        Verb::Publish(args) => Box::pin(publish::run(&args, out)).await,
        Verb::Serve(args) => serve::run(&args, out).await,
        Verb::Check(args) => check::run(&args, out).await,
    }
}
