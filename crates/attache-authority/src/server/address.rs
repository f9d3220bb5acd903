//! Which service a call is for, and in which protocol it is to be answered.

use std::sync::Arc;

use attache_aws_protocol::Protocol;
use attache_aws_protocol::call::Inbound;
use attache_services::cloudtrail::CloudTrail;
use attache_services::eks::Eks;
use attache_services::eks_auth::EksAuth;
use attache_services::iam::Iam;
use attache_services::organizations::Organizations;
use attache_services::service::Service;
use attache_services::sts::Sts;

/// Who answers a call.
pub(super) enum Destination {
    /// A service that every authority has.
    Service(&'static dyn Service),
    /// A service that was added to this one.
    Added(Arc<dyn Service>),
    /// No service of that name is served.
    Unserved,
}

/// The services that every authority has, those that are called most first.
const SERVICES: &[&dyn Service] = &[&Sts, &Iam, &Organizations, &Eks, &EksAuth, &CloudTrail];

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
        added: impl FnOnce(&str) -> Option<Arc<dyn Service>>,
    ) -> Self {
        let targeted = inbound.headers.contains_key("x-amz-target");
        let service = match scope {
            Some(service) => service,
            None if targeted => "organizations",
            None => "sts",
        };
        let found = SERVICES.iter().find(|found| found.name() == service && found.speaks(inbound));
        let (destination, protocol) = match found {
            Some(found) => (Destination::Service(*found), found.protocol()),
            None => match added(service) {
                Some(found) => {
                    let protocol = found.protocol();
                    (Destination::Added(found), protocol)
                }
                None if targeted => (Destination::Unserved, Protocol::Json11),
                None => (Destination::Unserved, Protocol::Query),
            },
        };
        Self { destination, service: service.to_owned(), protocol }
    }
}
