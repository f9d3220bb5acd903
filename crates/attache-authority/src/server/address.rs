//! Which service a call is for, and in which protocol it is to be answered.

use std::sync::Arc;

use attache_aws_protocol::call::Inbound;
use attache_aws_protocol::serve::Backend;
use attache_aws_protocol::{Protocol, json};
use attache_services::cloudtrail::CloudTrail;
use attache_services::eks::Eks;
use attache_services::eks_auth::EksAuth;
use attache_services::iam::Iam;
use attache_services::organizations::Organizations;
use attache_services::query_protocol;
use attache_services::service::Service;
use attache_services::sts::Sts;

/// Who answers a call.
pub(super) enum Destination {
    /// STS, of whose calls one needs no signature.
    Sts,
    /// A service of the authority's own.
    Service(&'static dyn Service),
    /// Another service.
    Backend(Arc<dyn Backend>),
    /// Nothing here answers for that service.
    Unserved,
}

/// The services that the authority answers for itself.
const SERVICES: &[&dyn Service] = &[&Iam, &Organizations, &Eks, &EksAuth, &CloudTrail];

/// Where a call goes.
pub(super) struct Address {
    pub(super) destination: Destination,
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
        let own = || SERVICES.iter().find(|own| own.name() == service);
        let (destination, protocol) = if service == Sts.name() {
            (Destination::Sts, Sts.protocol())
        } else if let Some(own) = own() {
            (Destination::Service(*own), own.protocol())
        } else {
            match backend(service) {
                Some(backend) => {
                    let protocol = backend.protocol(service, inbound);
                    (Destination::Backend(backend), protocol)
                }
                None if targeted => (Destination::Unserved, Protocol::Json11),
                None => (Destination::Unserved, Protocol::Query),
            }
        };
        Self { destination, service: service.to_owned(), protocol }
    }
}

/// The operation that a form or a target names, if the call has either.
pub(super) fn operation(inbound: &Inbound) -> Option<String> {
    match json::target(inbound) {
        Ok(target) => Some(target.operation),
        Err(_) => query_protocol::route(inbound).ok().map(|routed| routed.operation),
    }
}
