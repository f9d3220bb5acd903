//! `attache explain`: why a request is allowed or refused, from documents alone.

mod documents;
mod given;
mod token;

use std::path::PathBuf;

use attache_explain::{
    Caller, Decision, Missing, PrincipalCaller, Question, TokenCaller, Verdict, explain,
};
use attache_identifiers::{AccountId, RoleArn};
use attache_policy::{Explanation, NearMiss, Outcome, Place};
use miette::miette;
use serde::Serialize;
use time::OffsetDateTime;

use crate::output::{Exit, Format, Output, Tone};

/// The policies and the request.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  Why does a trust policy refuse this pod? The claims of its token become condition keys.
    kubectl create token causely-mediator -n causely --audience sts.amazonaws.com |
      attache explain --trust target-trust.json --token - --jwks jwks.json \\
        --resource arn:aws:iam::222222222222:role/Target

  May a role read a bucket under its boundary and the organization's policies?
    attache explain --policy role.json --boundary boundary.json --scp root.json --scp ou.json \\
      --principal arn:aws:iam::222222222222:role/Reader \\
      --action s3:GetObject --resource arn:aws:s3:::logs/today --context aws:SourceIp=10.0.0.1

  May a pod's session do that? Its policies can ask for the token's subject and audience.
    attache explain --policy role.json --token token \\
      --principal arn:aws:sts::222222222222:assumed-role/Reader/pod \\
      --action s3:GetObject --resource arn:aws:s3:::logs/today

  May a role assume another one?
    attache explain --trust trust.json --policy caller.json \\
      --principal arn:aws:sts::111111111111:assumed-role/Source/pod \\
      --resource arn:aws:iam::222222222222:role/Target --context sts:ExternalId=42

A document that has to allow and was not given makes the answer incomplete: a role's trust policy, a
KMS key's policy, the resource's policy across accounts, the principal's identity policies.

Nothing is sent anywhere. Exit code 0: allowed. 1: denied or incomplete. 2: a document or the
request is not valid.")]
pub(crate) struct Args {
    #[command(flatten)]
    documents: documents::Documents,

    /// The principal of the request: an ARN (a role's means a session of it), a 12-digit account for
    /// its root user, a service such as pods.eks.amazonaws.com, or anonymous.
    #[arg(long, value_name = "PRINCIPAL", required_unless_present = "token")]
    principal: Option<String>,

    /// The ARN of the session's role, with its path: a session's ARN has the role's name alone.
    #[arg(long, value_name = "ARN", requires = "principal")]
    role_arn: Option<RoleArn>,

    /// Without the session tags that EKS Pod Identity passes with pods.eks.amazonaws.com, for which
    /// sts:TagSession has to be allowed: as an association with disableSessionTags.
    #[arg(long, requires = "principal")]
    disable_session_tags: bool,

    /// The web identity token of the request: the token, its file, or - for standard input. With
    /// --principal, the token that began that session: its `sub`, `aud` and `amr`, its tags and its
    /// source identity stay in what the session calls.
    #[arg(long, value_name = "TOKEN|FILE|-")]
    token: Option<String>,

    /// The issuer's key set: then the token's signature is checked.
    #[arg(long, value_name = "FILE", requires = "token", conflicts_with = "principal")]
    jwks: Option<PathBuf>,

    /// The action. With --trust the default is sts:AssumeRole, or sts:AssumeRoleWithWebIdentity with
    /// a token.
    #[arg(long, value_name = "SERVICE:ACTION", required_unless_present = "trust")]
    action: Option<String>,

    /// The resource: an ARN, or * for an action that takes none.
    #[arg(long, value_name = "ARN", default_value = "*")]
    resource: String,

    /// The resource's account, where its ARN names none, as a bucket's.
    #[arg(long, value_name = "ACCOUNT")]
    resource_account: Option<AccountId>,

    /// The organization's management account, which SCPs and RCPs do not affect.
    #[arg(long, value_name = "ACCOUNT")]
    management_account: Option<AccountId>,

    /// A condition key: key=value, the same key again for one more value, or a JSON object. May be
    /// given several times; replaces what is known of the principal.
    #[arg(long, value_name = "KEY=VALUE|JSON")]
    context: Vec<String>,
}

/// The result as JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'r> {
    allowed: bool,
    decision: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'r token::Judged>,
    /// Of an answer that is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// The decision in a sentence.
    sentence: &'r str,
    principal: &'r str,
    action: &'r str,
    resource: &'r str,
    /// Documents that have to allow and were not given.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'r [Missing],
    /// Facts that are not known and make a difference.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unknown: &'r [String],
    decided_by: &'r [Place],
    misses: &'r [NearMiss],
    notes: &'r [String],
}

/// Decides the request and prints the reason.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    // A clock is read here and nowhere below.
    let now = OffsetDateTime::now_utc();
    let policies = documents::read_all(&args.documents, args.management_account)?;
    let given = given::read(&args.context)?;
    let judged = args.token.as_deref();
    let judged = judged.map(|text| token::judge(text, args.jwks.as_deref(), &args.resource, now));
    let judged = judged.transpose()?;
    let holder = judged.as_ref().map(|(token, claims, _)| TokenCaller { token, claims });
    let caller = match (holder, &args.principal) {
        (began_by, Some(name)) => Caller::Principal(PrincipalCaller {
            name,
            role: args.role_arn.as_ref(),
            session_tags: !args.disable_session_tags,
            began_by,
        }),
        (Some(holder), None) if args.documents.has_trust() => Caller::Token(holder),
        (Some(_), None) => {
            let help = "give --trust with the role's trust policy, or --principal with the session that \
                        the token began";
            return Err(miette!(help = help, "--token alone is no request"));
        }
        (None, None) => return Err(miette!("give --principal or --token")),
    };
    let verdict = explain(&Question {
        policies: &policies,
        caller,
        action: args.action.as_deref(),
        resource: &args.resource,
        resource_account: args.resource_account,
        given: &given,
        now,
    })?;
    // A session outlives its token, and whether STS accepted that is answered.
    let token = judged.as_ref().map(|(_, _, judged)| judged).filter(|_| args.principal.is_none());
    let believed = token.is_none_or(|token| token.refused.is_none());
    let decision = if believed { verdict.decision } else { Decision::Denied };
    match out.format {
        Format::Json => out.json(&report(decision, &verdict, token))?,
        Format::Table => print(&verdict, token, out),
    }
    Ok(if decision == Decision::Allowed { Exit::Done } else { Exit::Failed })
}

fn report<'r>(
    decision: Decision,
    verdict: &'r Verdict,
    token: Option<&'r token::Judged>,
) -> Report<'r> {
    let Verdict { explanation, missing, unknown, .. } = verdict;
    let Explanation { outcome, principal, action, resource, decided_by, misses, notes, .. } =
        explanation;
    Report {
        allowed: decision == Decision::Allowed,
        decision,
        token,
        outcome: (verdict.decision != Decision::Incomplete).then_some(*outcome),
        sentence: &explanation.decision,
        principal,
        action,
        resource,
        missing,
        unknown,
        decided_by,
        misses,
        notes,
    }
}

fn print(verdict: &Verdict, token: Option<&token::Judged>, out: &Output) {
    let explanation = &verdict.explanation;
    if let Some(token) = token {
        match &token.refused {
            Some(why) => {
                out.line(out.paint(Tone::Bad, &format!("the token is refused: {why}")));
                out.line("The decision of the trust policy on it:");
            }
            None if token.signature_checked => {}
            None => {
                let note = "the token's signature was not checked: give --jwks";
                out.line(out.paint(Tone::Warning, note));
            }
        }
    }
    let (tone, mark) = match verdict.decision {
        Decision::Allowed => (Tone::Good, "allowed"),
        Decision::Denied => (Tone::Bad, "refused"),
        Decision::Incomplete => (Tone::Warning, "incomplete"),
    };
    out.line(format!("{} {}", out.paint(tone, mark), explanation.decision));
    for missing in &verdict.missing {
        out.line(format!("  {missing}"));
    }
    for unknown in &verdict.unknown {
        out.line(format!("  {unknown}"));
    }
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
