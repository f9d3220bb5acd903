//! Which room a call is for, and in which protocol it is to be answered.

use std::sync::Arc;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::serve::Backend;
use attache_aws_protocol::{Protocol, ServiceError, json, query};
use serde_json::Value;

use crate::shape::Input;

/// The room that answers a call.
pub(super) enum Room {
    Iam,
    Sts,
    Organizations,
    Eks,
    EksAuth,
    Trail,
    Backend(Arc<dyn Backend>),
    /// Nobody here answers for that service.
    Nobody,
}

/// Where a call goes.
pub(super) struct Address {
    pub(super) room: Room,
    /// The signing name of its service, or its best guess.
    pub(super) service: String,
    pub(super) protocol: Protocol,
}

impl Address {
    /// The signature's scope says which service is meant, for one port serves all. A call without a
    /// signature is for STS if it is a form, because only STS has such calls.
    pub(super) fn of(
        inbound: &Inbound,
        scope: Option<&str>,
        backend: impl FnOnce(&str) -> Option<Arc<dyn Backend>>,
    ) -> Self {
        let targeted = inbound.headers.contains_key("x-amz-target");
        let service = match scope {
            Some(service) => service,
            None if targeted => "organizations",
            None => "sts",
        };
        let (room, protocol) = match service {
            "iam" => (Room::Iam, Protocol::Query),
            "sts" => (Room::Sts, Protocol::Query),
            "organizations" => (Room::Organizations, Protocol::Json11),
            "eks" => (Room::Eks, Protocol::RestJson),
            "cloudtrail" => (Room::Trail, Protocol::Json11),
            "eks-auth" => (Room::EksAuth, Protocol::RestJson),
            _ => match backend(service) {
                Some(backend) => {
                    let protocol = backend.protocol(service, inbound);
                    (Room::Backend(backend), protocol)
                }
                None if targeted => (Room::Nobody, Protocol::Json11),
                None => (Room::Nobody, Protocol::Query),
            },
        };
        Self { room, service: service.to_owned(), protocol }
    }
}

/// The operation and the input of a form.
pub(super) fn form(inbound: &Inbound) -> Result<(String, Value), ServiceError> {
    let input = query::input(inbound).map_err(|e| e.service_error(Protocol::Query))?;
    match Input(&input).optional("Action") {
        Some(action) => Ok((action.to_owned(), input)),
        None => Err(ServiceError::new(
            400,
            "MissingAction",
            "The request is missing an action or a required parameter.",
        )),
    }
}

/// The operation that a form or a target names, if the call has either.
pub(super) fn operation(inbound: &Inbound) -> Option<String> {
    match json::target(inbound) {
        Ok(target) => Some(target.operation),
        Err(_) => form(inbound).ok().map(|(action, _)| action),
    }
}

/// The operation and the input of a JSON call.
pub(super) fn target(inbound: &Inbound) -> Result<(String, Value), ServiceError> {
    let target = json::target(inbound)?;
    let input = json::decode(&inbound.body).map_err(|e| e.service_error(Protocol::Json11))?;
    Ok((target.operation, input))
}
