//! `attache issuer check`: fetches an issuer's documents as STS does, and says what STS would say.

use std::time::{Duration, Instant};

use attache_identifiers::Issuer;
use attache_oidc::{Jwks, KeyProblem, keys_url};
use attache_oidc_discovery::{
    AWS_TIME, Discovery, FetchError, FetchProblem, Fetcher, discovery_url,
};
use miette::IntoDiagnostic as _;

use super::lines::{self, Line, Lines, Status};
use crate::commands::arguments;
use crate::commands::issuer_fetch::IssuerFetchArgs;
use crate::output::{Exit, Output};

/// Which issuer.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache issuer check https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE
  attache issuer check https://issuer.example/prod --thumbprint SHA1   # as the provider has it
  attache issuer check https://issuer.example --issuer-address issuer.example=127.0.0.1:8443 \\
    --issuer-ca ca.pem --allow-private-issuers                     # before DNS leads to it

Exit code 0: no check failed. 1: AWS would refuse this issuer's tokens. What this machine cannot see is
unknown: AWS reaches the issuer from its own network.")]
pub(super) struct Args {
    /// The issuer's URL, as it stands in its tokens.
    #[arg(value_name = "URL")]
    issuer: String,
    /// A thumbprint of the IAM provider: the SHA-1 of the issuer's top certificate, in hex, with or
    /// without colons. AWS looks at it where no trusted authority signed the certificate. May be given
    /// several times.
    #[arg(long, value_name = "SHA1", value_parser = arguments::thumbprint)]
    thumbprint: Vec<String>,
    #[command(flatten)]
    fetch: IssuerFetchArgs,
}

pub(super) async fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let fetcher = Fetcher::new(args.fetch.settings()).into_diagnostic()?;
    let lines = check(args, &fetcher).await;
    lines::print(&args.issuer, &lines, out)?;
    let failed = lines.iter().any(|line| line.status == Status::Fail);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

async fn check(args: &Args, fetcher: &Fetcher) -> Vec<Line> {
    let mut lines = Lines::default();
    let issuer = match Issuer::parse(&args.issuer) {
        Ok(issuer) => issuer,
        Err(error) => {
            lines.refused("url", error.to_string());
            return lines.finish();
        }
    };
    if issuer.is_placeholder() {
        lines.refused("url", "region-code stands for a region, such as us-east-1");
        return lines.finish();
    }
    lines.ok("url", "https, without port, query or fragment");
    let begun = Instant::now();
    let found = match fetcher.begin(issuer.as_str()).await {
        Ok(discovery) => {
            let read = documents(&issuer, &discovery, &mut lines).await;
            certificate(args, &discovery, &mut lines);
            read
        }
        Err(error) => {
            lines.fetch("discovery", &error);
            None
        }
    };
    if found.is_some() {
        time(begun.elapsed(), &mut lines);
    }
    lines.finish()
}

/// Fetches both documents, and says what is in them.
async fn documents(issuer: &Issuer, discovery: &Discovery<'_>, lines: &mut Lines) -> Option<()> {
    let url = discovery_url(issuer.as_str());
    let document = match discovery.get(&url).await {
        Ok(document) => document,
        Err(error) => {
            let tls = matches!(error.problem, FetchProblem::Tls(_));
            lines.fetch(if tls { "certificate" } else { "discovery" }, &error);
            return None;
        }
    };
    lines.ok("discovery", format!("{url}: {}", size(&document.text)));
    // Both are in the one document: where it is of another issuer, its keys are not looked at.
    let keys_at = match keys_url(&document.text, issuer.as_str()) {
        Ok(keys_at) => keys_at,
        Err(error) => {
            lines.no_key("issuer", error.to_string());
            return None;
        }
    };
    lines.ok("issuer", format!("the document's issuer is {issuer}"));
    let fetched = discovery.get(&keys_at).await;
    if let Err(FetchError { problem: FetchProblem::Url | FetchProblem::Scheme, .. }) = &fetched {
        lines.no_key("jwks-uri", format!("{keys_at} is no https URL"));
        return None;
    }
    lines.ok("jwks-uri", keys_at.clone());
    let set = match fetched {
        Ok(set) => set,
        Err(error) => {
            lines.fetch("key-set", &error);
            return None;
        }
    };
    lines.ok("key-set", format!("{keys_at}: {}", size(&set.text)));
    keys(&set.text, lines);
    Some(())
}

fn size(text: &str) -> String {
    format!("{} bytes", text.len())
}

/// What AWS makes of each key.
fn keys(text: &str, lines: &mut Lines) {
    let found = match Jwks::examine(text) {
        Ok(found) => found,
        Err(error) => return lines.no_key("keys", error.to_string()),
    };
    let mut usable = 0_usize;
    for one in &found {
        let id = one.key_id.as_deref().unwrap_or("without an id");
        match (&one.problem, one.kind) {
            (None, Some(kind)) => {
                usable += 1;
                lines.ok("keys", format!("{id} ({kind})"));
            }
            // It is for something else, and said to be.
            (Some(problem @ KeyProblem::Purpose), _) => {
                lines.ok("keys", format!("{id}: {problem}, so AWS passes it over"));
            }
            (Some(problem), _) => lines.no_key("keys", format!("{id}: {problem}")),
            (None, None) => lines.unknown("keys", id),
        }
    }
    if usable == 0 {
        lines.no_key("keys", "the key set has no key that AWS uses");
    }
}

/// Whether AWS trusts the server's certificate: by an authority, or by a provider's thumbprint.
fn certificate(args: &Args, discovery: &Discovery<'_>, lines: &mut Lines) {
    if !discovery.has_connected() {
        return;
    }
    let tops = discovery.top_certificates();
    let is_given = |top: &String| args.thumbprint.iter().any(|own| own.eq_ignore_ascii_case(top));
    match (tops.first(), tops.iter().find(|top| !is_given(top))) {
        (None, _) => lines.ok("certificate", "signed by an authority that this machine trusts"),
        (Some(_), None) => lines.ok("certificate", "its thumbprint is among those that are given"),
        (Some(_), Some(top)) if args.thumbprint.is_empty() => lines.unknown(
            "certificate",
            format!(
                "no authority that this machine trusts signed it: AWS accepts it where the provider has \
                 the thumbprint {top}"
            ),
        ),
        (Some(_), Some(top)) => {
            lines.thumbprint("certificate", format!("its thumbprint is {top}, which is not given"));
        }
    }
}

fn time(taken: Duration, lines: &mut Lines) {
    // Longer ends the fetch: then its line says so.
    let taken = format!("both documents within {} ms, of {AWS_TIME:?}", taken.as_millis());
    lines.ok("time", taken);
}
