//! `attache token verify`: whether AWS would accept a token, and the reason if not.

use std::path::PathBuf;

use attache_oidc::{Jwks, TokenError, UnverifiedToken, VerifiedToken};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::read;
use crate::output::{Exit, Format, Output, Tone};

/// Which token, and what it must be.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token verify token --jwks jwks.json
  attache token verify - --jwks jwks.json --issuer https://issuer.example < token

Exit code 0: AWS STS would accept the token. 1: it would not. Whether a role's trust policy allows
it is another question: attache explain --trust trust.json --token token.")]
pub(super) struct Args {
    /// The token, the file that it is in, or - for standard input.
    #[arg(value_name = "TOKEN|FILE|-")]
    token: String,
    /// The issuer's key set.
    #[arg(long, value_name = "FILE")]
    jwks: PathBuf,
    /// The only issuer that is trusted; any, if not given.
    #[arg(long, value_name = "URL")]
    issuer: Option<attache_identifiers::Issuer>,
    /// The audiences that the provider is registered with; may be given several times.
    #[arg(long, value_name = "AUDIENCE", default_value = "sts.amazonaws.com")]
    audience: Vec<String>,
}

pub(super) fn run(args: &Args, now: OffsetDateTime, out: &Output) -> miette::Result<Exit> {
    let jwks = read::jwks(&args.jwks)?;
    let text = read::token(&args.token)?;
    let judged = judge(args, &jwks, &text, now);
    if out.format == Format::Json {
        let (subject, until) = match &judged {
            Ok(v) => (Some(v.subject()), v.expires_at().format(&Rfc3339).ok()),
            Err(_) => (None, None),
        };
        out.json(&json!({
            "verified": judged.is_ok(), "subject": subject, "expires_at": until,
            "refused": judged.as_ref().err(),
            "why": judged.as_ref().err().map(ToString::to_string),
        }))?;
    } else {
        out.line(match &judged {
            Ok(v) => out.paint(Tone::Good, &format!("verified: {} by {}", v.subject(), v.issuer())),
            Err(refused) => out.paint(Tone::Bad, &format!("refused: {refused}")),
        });
    }
    Ok(if judged.is_ok() { Exit::Done } else { Exit::Failed })
}

/// In the order in which STS asks: shape, issuer, audience, signature, times.
fn judge(
    args: &Args,
    jwks: &Jwks,
    text: &str,
    now: OffsetDateTime,
) -> Result<VerifiedToken, TokenError> {
    let token = UnverifiedToken::parse(text)?;
    if let Some(issuer) = &args.issuer {
        token.require_issuer(issuer.as_str())?;
    }
    token.require_audience(&args.audience)?;
    token.verify(jwks, now)
}
