//! `attache explain`: why a request is allowed or refused, from documents alone.

mod asked;
mod documents;
mod principal;
mod token;

use std::path::PathBuf;

use names::AccountId;
use policy::{Explanation, Kind, Outcome};
use serde::Serialize;
use time::OffsetDateTime;

use self::asked::Asked;
use crate::output::{Exit, Format, Output, Tone};

/// Which policies, and which request.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  Why does a trust policy refuse this pod? The claims of its token become condition keys.
    kubectl create token causely-mediator -n causely --audience sts.amazonaws.com |
      attache explain --trust target-trust.json --token - --jwks jwks.json

  May a role read a bucket under its boundary and the organization's policies?
    attache explain --policy role.json --boundary boundary.json --scp root.json --scp ou.json \\
      --principal arn:aws:iam::222222222222:role/Reader \\
      --action s3:GetObject --resource arn:aws:s3:::logs/today --context aws:SourceIp=10.0.0.1

  May a role assume another one?
    attache explain --trust trust.json --policy caller.json \\
      --principal arn:aws:sts::111111111111:assumed-role/Source/pod \\
      --resource arn:aws:iam::222222222222:role/Target --context sts:ExternalId=42

Nothing is sent anywhere. Exit code 0: allowed. 1: refused. 2: a document or the request is none.")]
pub(crate) struct Args {
    #[command(flatten)]
    documents: documents::Documents,

    /// Who asks: an ARN (a role's stands for a session of it), a 12-digit account for its root
    /// user, a service such as pods.eks.amazonaws.com, or anonymous.
    #[arg(long, value_name = "PRINCIPAL", required_unless_present = "token")]
    principal: Option<String>,

    /// The web identity token that asks: itself, its file, or - for standard input.
    #[arg(long, value_name = "TOKEN|FILE|-", requires = "trust", conflicts_with = "principal")]
    token: Option<String>,

    /// The issuer's key set: then the token's signature is checked.
    #[arg(long, value_name = "FILE", requires = "token")]
    jwks: Option<PathBuf>,

    /// What is asked for. By default what a trust policy is about: sts:AssumeRole, or
    /// sts:AssumeRoleWithWebIdentity with a token.
    #[arg(long, value_name = "SERVICE:ACTION", required_unless_present = "trust")]
    action: Option<String>,

    /// On what: an ARN, or * for an action that takes none.
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,

    /// The resource's account, where its ARN names none, as a bucket's.
    #[arg(long, value_name = "ACCOUNT")]
    resource_account: Option<AccountId>,

    /// The organization's management account, which its policies do not bind.
    #[arg(long, value_name = "ACCOUNT")]
    management_account: Option<AccountId>,

    /// A condition key: key=value, the same key again for one more value, or a JSON object. May be
    /// given several times, and wins over what is known of the principal.
    #[arg(long, value_name = "KEY=VALUE|JSON")]
    context: Vec<String>,
}

/// The result as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'r> {
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'r token::Judged>,
    #[serde(flatten)]
    explanation: &'r Explanation,
}

/// Decides the request, and prints why.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    // A clock is read here and nowhere below.
    let now = OffsetDateTime::now_utc();
    let policies = documents::read_all(&args.documents, args.management_account)?;
    let Asked { request, token } = asked::read(args, policies.resource.as_ref(), now)?;
    let decision = policy::evaluate(&policies, &request);
    let believed = token.as_ref().is_none_or(|token| token.refused.is_none());
    let allowed = decision.is_allowed() && believed;
    let mut explanation = decision.explain();
    let trust = policies.resource.as_ref().and_then(|set| set.policies().next());
    if trust.is_some_and(|policy| policy.kind() == Kind::Trust)
        && request.resource_account.is_none()
        && request.principal.account().is_some()
    {
        let note = "the role's account is not known, and taken to be the principal's own, where the \
                    trust policy alone may suffice: give the role's ARN as --resource";
        explanation.notes.push(note.to_owned());
    }
    match out.format {
        Format::Json => {
            out.json(&Report { allowed, token: token.as_ref(), explanation: &explanation })?;
        }
        Format::Table => print(&explanation, token.as_ref(), out),
    }
    Ok(if allowed { Exit::Done } else { Exit::Failed })
}

fn print(explanation: &Explanation, token: Option<&token::Judged>, out: &Output) {
    if let Some(token) = token {
        match &token.refused {
            Some(why) => {
                out.line(out.paint(Tone::Bad, &format!("the token is refused: {why}")));
                out.line("What its trust policy would say of it:");
            }
            None if token.signature_checked => {}
            None => {
                let note = "the token's signature was not checked: give --jwks";
                out.line(out.paint(Tone::Warning, note));
            }
        }
    }
    let (tone, mark) = match explanation.outcome {
        Outcome::Allowed { .. } => (Tone::Good, "allowed"),
        Outcome::Denied(_) => (Tone::Bad, "refused"),
    };
    out.line(format!("{} {}", out.paint(tone, mark), explanation.decision));
    for by in &explanation.decided_by {
        out.line(format!("  decided by {by}"));
    }
    for miss in &explanation.misses {
        out.diagnostic(miss);
    }
    for note in &explanation.notes {
        out.line(format!("  note: {note}"));
    }
}
