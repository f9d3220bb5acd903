//! STS as a service: its operations, one of which needs no signature.

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::Arn;
use attache_ledger::PARTITION;
use attache_policy::Context;
use serde_json::Value;

use super::assume_role::assume_role;
use super::identity::{access_key_info, authorization_message, caller_identity};
use super::inputs::Subject;
use super::scoped::scoped_credentials;
use super::user_session::{federation_token, session_token};
use super::web_identity::assume_role_with_web_identity;
use super::{StsOutcome, members};
use crate::access::{Caller, context};
use crate::query_protocol;
use crate::service::{
    self, Body, Call, Permission, Refusal, Response, Routed, UnsignedOperation, View,
};
use crate::validation::{self, Member, member};

/// The operation that needs no signature: the token is the proof.
const WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";

/// The namespace of STS's answers.
const XMLNS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// STS. Its calls change nothing: a session is in its own token.
pub struct Sts;

/// One operation.
struct Operation {
    name: &'static str,
    members: &'static [Member],
    /// What its permission is about, where the caller's own policies decide; on `AssumeRole` the role's
    /// trust policy decides as well.
    resource: Option<fn(&Caller, &Subject<'_>) -> String>,
    run: fn(&Call<'_>) -> Result<Response, ServiceError>,
}

const OPERATIONS: &[Operation] = &[
    Operation {
        name: "AssumeRole",
        members: members::ASSUME_ROLE,
        resource: None,
        run: |call| {
            let StsOutcome { reason, result } =
                assume_role(&call.into(), call.caller, call.read()?);
            call.record.reason.replace(Some(reason));
            Ok(Response::of(result?))
        },
    },
    Operation {
        name: "GetCallerIdentity",
        members: &[],
        resource: None,
        run: |call| Ok(Response::read_only(caller_identity(call.caller))),
    },
    Operation {
        name: "GetSessionToken",
        members: members::GET_SESSION_TOKEN,
        resource: None,
        run: |call| {
            Ok(Response::read_only(session_token(&call.into(), call.caller, &call.read()?)?))
        },
    },
    Operation {
        name: "GetFederationToken",
        members: members::GET_FEDERATION_TOKEN,
        resource: Some(|caller, subject| {
            let name = subject.name.unwrap_or_default();
            Arn::federated_user(PARTITION, caller.account, name).to_string()
        }),
        run: |call| {
            Ok(Response::read_only(federation_token(&call.into(), call.caller, call.read()?)?))
        },
    },
    Operation {
        name: "GetScopedCredentials",
        members: members::GET_SCOPED_CREDENTIALS,
        resource: Some(|_, _| "*".to_owned()),
        run: |call| {
            Ok(Response::read_only(scoped_credentials(&call.into(), call.caller, &call.read()?)?))
        },
    },
    Operation {
        name: "DecodeAuthorizationMessage",
        members: members::DECODE_AUTHORIZATION_MESSAGE,
        resource: Some(|_, _| "*".to_owned()),
        run: |call| {
            let message = authorization_message(call.key, call.caller, &call.read()?)?;
            Ok(Response::read_only(message))
        },
    },
    Operation {
        name: "GetAccessKeyInfo",
        members: members::GET_ACCESS_KEY_INFO,
        resource: Some(|_, _| "*".to_owned()),
        run: |call| Ok(Response::read_only(access_key_info(&call.read()?)?)),
    },
];

/// `AssumeRoleWithWebIdentity`.
struct AssumeRoleWithWebIdentity;

impl service::Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    fn protocol(&self) -> Protocol {
        Protocol::Query
    }

    fn route(&self, inbound: &Inbound) -> Result<Routed, ServiceError> {
        query_protocol::route(inbound)
    }

    fn operation(&self, name: &str) -> Option<&dyn service::Operation> {
        if name == WEB_IDENTITY {
            return Some(&AssumeRoleWithWebIdentity);
        }
        OPERATIONS.iter().find(|operation| operation.name == name).map(|operation| operation as _)
    }

    fn unknown_operation(&self, name: &str) -> ServiceError {
        super::unknown_action(name)
    }

    fn answer(&self, name: &str, body: &Body, id: &str) -> Result<Answer, ServiceError> {
        query_protocol::answer(name, XMLNS, body, id)
    }

    fn view(&self) -> View {
        View::Deciding
    }

    fn resource<'i>(&self, input: &'i Value) -> Option<&'i str> {
        Some(member(input, "RoleArn").and_then(Value::as_str).unwrap_or("*"))
    }
}

impl service::Operation for AssumeRoleWithWebIdentity {
    fn unsigned(&self) -> Option<&dyn UnsignedOperation> {
        Some(self)
    }

    fn permissions(&self, _call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        Ok(Vec::new())
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        self.run_unsigned(&call.into())
    }
}

impl UnsignedOperation for AssumeRoleWithWebIdentity {
    fn run_unsigned(&self, call: &super::Call<'_>) -> Result<Response, Refusal> {
        validation::check(members::ASSUME_ROLE_WITH_WEB_IDENTITY, call.input.0)?;
        let (requester, StsOutcome { reason, result }) =
            assume_role_with_web_identity(call, &call.input.read()?);
        call.record.requester.replace(Some(requester));
        call.record.reason.replace(Some(reason));
        Ok(Response::of(result?))
    }
}

impl service::Operation for Operation {
    fn validate(&self, caller: &Caller, input: &Value) -> Result<(), Refusal> {
        validation::check(self.members, input)?;
        self.admit(caller)?;
        Ok(())
    }

    fn permissions(&self, call: &Call<'_>) -> Result<Vec<Permission>, Refusal> {
        let Some(resource) = self.resource else { return Ok(Vec::new()) };
        let subject: Subject<'_> = call.input.read_declared(self.members)?;
        let resource = resource(call.caller, &subject);
        let operation = Permission { action: format!("sts:{}", self.name), resource };
        if subject.tags.is_empty() {
            return Ok(vec![operation]);
        }
        let tag = Permission { action: "sts:TagSession".to_owned(), ..operation.clone() };
        Ok(vec![operation, tag])
    }

    fn add_keys(
        &self,
        context: &mut Context,
        _permission: &Permission,
        call: &Call<'_>,
    ) -> Result<(), Refusal> {
        let subject: Subject<'_> = call.input.read_declared(self.members)?;
        context::add_tags(context, &subject.tags);
        Ok(())
    }

    fn run(&self, call: &Call<'_>) -> Result<Response, Refusal> {
        Ok((self.run)(call)?)
    }
}

impl Operation {
    /// A user's session may not call most operations at all, whatever the policies say.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
    fn admit(&self, caller: &Caller) -> Result<(), ServiceError> {
        // A federated user's `AssumeRole` is refused in that operation's own words.
        if caller.user_session().is_none()
            || matches!(self.name, "GetCallerIdentity" | "AssumeRole" | "GetScopedCredentials")
        {
            return Ok(());
        }
        let message = format!("Cannot call {} with session credentials", self.name);
        Err(ServiceError::new(403, "AccessDenied", message))
    }
}
