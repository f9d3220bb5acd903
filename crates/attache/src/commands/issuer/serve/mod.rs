//! `attache issuer serve`: an issuer's two documents over TLS, and nothing else.

mod server;
mod site;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use attache_identifiers::Issuer;
use attache_serving::{FollowedFiles, ServingCertificate, acceptor};
use miette::{IntoDiagnostic as _, miette};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::site::Site;
use crate::interrupt;
use crate::output::{Exit, Format, Output};

/// Which issuer, and how.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache issuer serve --issuer https://issuer.example/prod --folder site/ \\
    --tls-cert chain.pem --tls-key key.pem
  attache issuer serve --issuer https://issuer.example/prod --folder site/ \\
    --tls-cert chain.pem --tls-key key.pem --listen 127.0.0.1:8443      # to try it
  attache issuer check https://issuer.example/prod --issuer-address issuer.example=127.0.0.1:8443 \\
    --issuer-ca ca.pem --allow-private-issuers

AWS asks port 443 of the issuer's host. The folder is what `attache issuer publish --out` writes. Its
documents, the certificate and the key are read again when they change.")]
pub(super) struct Args {
    /// The issuer's URL, as it stands in its tokens.
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// The folder with the documents, as `attache issuer publish --out` writes them.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// The certificate chain in PEM, the server's own first.
    #[arg(long, value_name = "FILE")]
    tls_cert: PathBuf,
    /// Its private key in PEM.
    #[arg(long, value_name = "FILE")]
    tls_key: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "0.0.0.0:443")]
    listen: SocketAddr,
}

/// Serves until Ctrl-C or SIGTERM.
pub(super) async fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let site = Arc::new(Site::open(args.issuer.clone(), args.folder.clone())?);
    let files = FollowedFiles { certificate: args.tls_cert.clone(), key: args.tls_key.clone() };
    let certificate = ServingCertificate::default();
    files.load(&certificate).await.map_err(|error| {
        miette!(
            help = "--tls-cert is a chain in PEM, --tls-key the key of its first certificate",
            "could not serve over TLS: {error}"
        )
    })?;
    let tls = acceptor(certificate.clone()).into_diagnostic()?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        miette!(
            help = "choose another address with --listen; port 0 takes a free one",
            "could not listen on {}: {error}",
            args.listen
        )
    })?;
    let address = listener.local_addr().into_diagnostic()?;
    let stop = CancellationToken::new();
    // A program that waits for these lines may end the process at once: signals are handled first.
    interrupt::cancel_on_signal(stop.clone())?;
    announce(args, address, &site, out)?;
    let followed = async { tokio::join!(files.watch(&certificate), site.watch()) };
    tokio::select! {
        () = server::serve(Arc::clone(&site), listener, tls, stop) => {}
        _ = followed => {}
    }
    out.progress("stopped");
    Ok(Exit::Done)
}

/// Prints the address: programs wait for these lines.
fn announce(args: &Args, address: SocketAddr, site: &Site, out: &Output) -> miette::Result<()> {
    let paths = site.paths();
    if out.format == Format::Json {
        return out.json(&json!({
            "issuer": args.issuer.as_str(), "address": address.to_string(), "paths": paths,
        }));
    }
    out.line(format!("issuer     {}", args.issuer));
    for path in &paths {
        out.line(format!("serving    https://{address}{path}"));
    }
    Ok(())
}
