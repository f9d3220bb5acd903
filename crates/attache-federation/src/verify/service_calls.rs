//! The session, tried: one smallest call to each service that the mediator will ask. What no policy that can be
//! read says, such as a resource control policy, is seen here.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use attache_aws_accounts::Connections;
use attache_identifiers::{AccountId, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};

use super::HopContext;
use super::check::Checks;
use super::fix::Fix;

pub(super) const NAME: &str = "calls";

/// What a session is tried with.
#[derive(Debug, Clone)]
pub struct TrialSession {
    /// Its credentials.
    pub credentials: Credentials,
    /// Its account.
    pub account: AccountId,
    /// The region whose endpoints are called.
    pub region: Region,
    /// Another endpoint than AWS's.
    pub endpoint_url: Option<String>,
}

/// What came of one call.
#[derive(Debug, Clone)]
pub struct ServiceCall {
    /// The IAM action that it needs.
    pub action: String,
    /// Nothing, or why there was no answer.
    pub result: Result<(), CallProblem>,
}

/// Why a call was not answered.
#[derive(Debug, Clone)]
pub enum CallProblem {
    /// The session may not make it: AWS's code and message.
    Denied(String),
    /// Something else, which says nothing of what the session may do.
    Other(String),
}

type Made = Pin<Box<dyn Future<Output = Vec<ServiceCall>> + Send>>;

/// How the calls are made: the caller knows the services.
#[derive(Clone)]
pub struct ServiceCalls(Arc<dyn Fn(TrialSession) -> Made + Send + Sync>);

impl fmt::Debug for ServiceCalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceCalls")
    }
}

impl ServiceCalls {
    /// Makes them with a function.
    pub fn new(make: impl Fn(TrialSession) -> Made + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }
}

/// Makes the calls and says what came of them.
pub(super) async fn check(
    checks: &mut Checks,
    context: &HopContext<'_>,
    connections: &Connections,
    session: &SharedCredentialsProvider,
) {
    let HopContext { hop, options, .. } = *context;
    let (Some(calls), Some(_), Some(region)) = (&options.service_calls, &hop.declared, &hop.region)
    else {
        return;
    };
    let Ok(credentials) = session.provide_credentials().await else { return };
    let endpoint = connections.config(session.clone(), Some(region));
    let endpoint_url = endpoint.endpoint_url().map(str::to_owned);
    let (account, region) = (hop.role.account(), region.clone());
    let mut made = calls.0(TrialSession { credentials, account, region, endpoint_url }).await;
    // Of the other services nothing is asked with this role.
    made.retain(|call| hop.actions.as_ref().is_none_or(|own| own.contains(&call.action)));
    report(checks, context, &made);
}

fn report(checks: &mut Checks, context: &HopContext<'_>, made: &[ServiceCall]) {
    let actions = |wanted: &dyn Fn(&ServiceCall) -> bool| -> Vec<&str> {
        made.iter().filter(|call| wanted(call)).map(|call| call.action.as_str()).collect()
    };
    let answered = actions(&|call| call.result.is_ok());
    let denied: Vec<(&str, &str)> = made
        .iter()
        .filter_map(|call| match &call.result {
            Err(CallProblem::Denied(why)) => Some((call.action.as_str(), why.as_str())),
            _ => None,
        })
        .collect();
    let others: Vec<String> = made
        .iter()
        .filter_map(|call| match &call.result {
            Err(CallProblem::Other(why)) => Some(format!("{}: {why}", call.action)),
            _ => None,
        })
        .collect();
    if !denied.is_empty() {
        let names: Vec<&str> = denied.iter().map(|(action, _)| *action).collect();
        let head = format!(
            "the session may not make {} of {} calls: {}",
            denied.len(),
            made.len(),
            names.join(", ")
        );
        let lines = denied.iter().map(|(action, why)| format!("{action}: {why}"));
        let lines: Vec<String> = std::iter::once(head).chain(lines).collect();
        let sentence = denied.iter().find_map(|(_, why)| cause(why));
        let fix = sentence.map_or_else(
            || Fix::from("the role's check `permissions` names the action and the statement"),
            |of| of.fix(context),
        );
        return checks.fail(NAME, lines.join("\n"), fix);
    }
    if !others.is_empty() {
        let head = format!("{} of {} calls were not answered", others.len(), made.len());
        let lines: Vec<String> = std::iter::once(head).chain(others).collect();
        return checks.unknown(NAME, lines.join("\n"), "");
    }
    checks.ok(NAME, format!("the session may list: {}", answered.join(", ")));
}

/// The kind of policy that denies, as AWS's sentence has it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    ServiceControl,
    ResourceControl,
    Boundary,
    Identity,
    ExplicitIdentity,
    Session,
}

fn cause(message: &str) -> Option<Cause> {
    let kinds = [
        ("service control policy", Cause::ServiceControl),
        ("resource control policy", Cause::ResourceControl),
        ("permissions boundary", Cause::Boundary),
        ("session policy", Cause::Session),
        ("explicit deny in an identity-based policy", Cause::ExplicitIdentity),
        ("identity-based policy", Cause::Identity),
    ];
    kinds.iter().find(|(words, _)| message.contains(words)).map(|(_, cause)| *cause)
}

impl Cause {
    fn fix(self, context: &HopContext<'_>) -> Fix {
        let role = &context.hop.role;
        let line = &context.options.commands;
        let organization = |what: &str| {
            Fix::from(format!(
                "a {what} of the organization denies it: whoever administers the organization has to allow it \
                 for the account {}",
                role.account()
            ))
        };
        match self {
            Self::ServiceControl => organization("service control policy"),
            Self::ResourceControl => organization("resource control policy"),
            Self::Boundary => Fix::commands([line.who_changed(role)]).saying(
                "the role's permissions boundary does not allow it: whoever set it may want it so; this shows \
                 who changed the role last",
            ),
            Self::ExplicitIdentity => Fix::commands([line.who_changed(role)]).saying(
                "a policy of the role denies it: whoever put it there may want it so; this shows who changed \
                 the role last",
            ),
            Self::Session => "a session policy does not allow it".into(),
            Self::Identity => {
                "no policy of the role allows it: add it to the file's `policies` or `inlinePolicies`, then \
                 apply"
                    .into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_the_kind_of_policy_that_the_sentence_names() {
        let sentence = |tail: &str| {
            format!(
                "User: arn:aws:sts::222222222222:assumed-role/R/s is not authorized to perform: sqs:ListQueues {tail}"
            )
        };
        for (tail, expected) in [
            ("with an explicit deny in a service control policy", Some(Cause::ServiceControl)),
            (
                "because no service control policy allows the sqs:ListQueues action",
                Some(Cause::ServiceControl),
            ),
            ("with an explicit deny in a resource control policy", Some(Cause::ResourceControl)),
            (
                "because no permissions boundary allows the sqs:ListQueues action",
                Some(Cause::Boundary),
            ),
            ("with an explicit deny in an identity-based policy", Some(Cause::ExplicitIdentity)),
            (
                "because no identity-based policy allows the sqs:ListQueues action",
                Some(Cause::Identity),
            ),
            ("because no session policy allows the sqs:ListQueues action", Some(Cause::Session)),
            ("", None),
        ] {
            assert_eq!(cause(&sentence(tail)), expected, "{tail}");
        }
    }
}
