//! `attache token mint`: issues a token and prints it. No other command prints one.

use std::path::PathBuf;

use attache_kubernetes::{ServiceAccount, TokenRequest};
use attache_oidc::Claims;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::read;
use crate::commands::{arguments, duration};
use crate::output::{Exit, Format, Output};

/// The token's claims and its key.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token mint --issuer https://issuer.example --key issuer.key \\
    --subject system:serviceaccount:causely:causely-mediator
  attache token mint ... --audience pods.eks.amazonaws.com --ttl 10m
  attache token mint ... --claim 'groups=[\"ops\",\"dev\"]' --claim 'email=\"a@b.example\"'
  attache token mint ... --claim exp=1700000000      # expired, to see it refused

The token also has iat, nbf, exp and jti, and for a service account the claim kubernetes.io, as
tokens of the API server have.")]
pub(super) struct Args {
    /// The issuer's URL: https, no port, no query.
    #[arg(long, value_name = "URL")]
    issuer: attache_identifiers::Issuer,
    /// The issuer's private key in PEM.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The token's subject, such as system:serviceaccount:NAMESPACE:NAME.
    #[arg(long, value_name = "SUBJECT")]
    subject: String,
    /// The token's audience; may be given several times.
    #[arg(long, value_name = "AUDIENCE", default_value = "sts.amazonaws.com")]
    audience: Vec<String>,
    /// How long it is valid: 90s, 15m, 1h, 7d.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration::parse)]
    ttl: Duration,
    /// Any other claim, or another value of one; may be given several times.
    #[arg(long, value_name = "NAME=JSON", value_parser = arguments::claim)]
    claim: Vec<(String, Value)>,
}

pub(super) fn run(args: &Args, now: OffsetDateTime, out: &Output) -> miette::Result<Exit> {
    let key = read::signing_key(&args.key)?;
    let claims = claims(args, now);
    let attempt = || format!("could not issue a token for {}", args.subject);
    let token = attache_oidc::sign(&key, &claims).into_diagnostic().wrap_err_with(attempt)?;
    if out.format == Format::Json {
        let until = claims.0.get("exp").and_then(Value::as_i64);
        let until = until.and_then(|exp| OffsetDateTime::from_unix_timestamp(exp).ok());
        let until = until.and_then(|at| at.format(&Rfc3339).ok());
        out.json(&json!({
            "token": token.expose(), "key_id": key.key_id(), "expires_at": until,
            "claims": claims.0,
        }))?;
    } else {
        out.line(token.expose());
    }
    Ok(Exit::Done)
}

fn claims(args: &Args, now: OffsetDateTime) -> Claims {
    let claims = Claims::new()
        .issuer(args.issuer.as_str())
        .subject(&args.subject)
        .set("aud", args.audience.clone())
        .valid(now, args.ttl)
        .new_id();
    let claims = match ServiceAccount::from_subject(&args.subject) {
        Ok(account) => claims.set("kubernetes.io", TokenRequest::new(account).kubernetes_claim()),
        // Subjects of other kinds are tokens too.
        Err(_) => claims,
    };
    args.claim.iter().fold(claims, |claims, (name, value)| claims.set(name, value.clone()))
}
