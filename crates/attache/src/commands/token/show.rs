//! `attache token show`: a token's claims. Its signature is not printed, so that the output can be
//! pasted into a ticket.

use attache_oidc::{DecodedToken, TokenError, UnverifiedToken};
use miette::miette;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use super::read;
use crate::commands::duration;
use crate::output::{Exit, Format, Output, Tone};

/// The token.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  attache token show /var/run/secrets/eks.amazonaws.com/serviceaccount/token
  kubectl create token causely-mediator -n causely | attache token show -

A token given as an argument is visible to everyone who can list processes: prefer a file or -.
Nothing is verified; for that use attache token verify.")]
pub(super) struct Args {
    /// The token, the file that it is in, or - for standard input.
    #[arg(value_name = "TOKEN|FILE|-")]
    token: String,
}

pub(super) fn run(args: &Args, now: OffsetDateTime, out: &Output) -> miette::Result<Exit> {
    let text = read::token(&args.token)?;
    let DecodedToken { header, claims } =
        attache_oidc::decode_unverified(&text).map_err(|r| miette!("{r}"))?;
    let read = UnverifiedToken::parse(&text);
    if out.format == Format::Json {
        let refused = read.clone().and_then(|token| token.check_times(now)).err();
        let times = read.as_ref().ok().and_then(|t| t.expires_at().format(&Rfc3339).ok());
        out.json(&json!({
            "header": header, "claims": claims, "expires_at": times,
            "expired": matches!(refused, Some(TokenError::Expired { .. })), "refused": refused,
        }))?;
        return Ok(Exit::Done);
    }
    for (name, value) in summary(&header, &claims) {
        out.line(format!("{name:9} {value}"));
    }
    out.line(format!("{:9} {}", "state", state(read, now, out)));
    out.json_text(&format!("{:#}", Value::Object(claims)));
    Ok(Exit::Done)
}

fn summary(
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
) -> Vec<(&'static str, String)> {
    let text = |value: Option<&Value>| match value {
        None => "(none)".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(list)) => {
            let shown = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
            list.iter().map(shown).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    };
    let at = |name: &str| match claims.get(name).and_then(Value::as_i64).and_then(moment) {
        Some(moment) => moment,
        None => text(claims.get(name)),
    };
    vec![
        ("issuer", text(claims.get("iss"))),
        ("subject", text(claims.get("sub"))),
        ("audience", text(claims.get("azp").or(claims.get("aud")))),
        ("issued", at("iat")),
        ("expires", at("exp")),
        ("key", format!("{} {}", text(header.get("alg")), text(header.get("kid")))),
    ]
}

fn moment(seconds: i64) -> Option<String> {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(format).ok()
}

/// Good by its times, expired, not valid yet, or refused for its shape.
fn state(read: Result<UnverifiedToken, TokenError>, now: OffsetDateTime, out: &Output) -> String {
    let token = match read {
        Ok(token) => token,
        Err(refused) => return out.paint(Tone::Bad, &format!("AWS refuses it: {refused}")),
    };
    let left = token.expires_at() - now;
    match token.check_times(now) {
        Ok(()) if left.is_negative() => {
            let ago = duration::show(left);
            out.paint(Tone::Warning, &format!("expired {ago} ago, within AWS's leeway of 5 min"))
        }
        Ok(()) => out.paint(Tone::Good, &format!("good for {}", duration::show(left))),
        Err(TokenError::Expired { .. }) => {
            out.paint(Tone::Bad, &format!("expired {} ago", duration::show(left)))
        }
        Err(refused) => out.paint(Tone::Bad, &refused.to_string()),
    }
}
