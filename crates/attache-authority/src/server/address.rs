//! Which service a call is for, and in which protocol it is to be answered.

use std::sync::Arc;

use attache_aws_protocol::Protocol;
use attache_aws_protocol::call::Inbound;
use attache_services::cloudtrail::CloudTrail;
use attache_services::eks::Eks;
use attache_services::eks_auth::EksAuth;
use attache_services::iam::Iam;
use attache_services::organizations::Organizations;
use attache_services::service::{Routed, Service};
use attache_services::sts::Sts;
use attache_services::unserved::{self, UnservedService};

use crate::shared::Shared;

/// Who answers a call.
pub(super) enum Destination {
    /// A service that every authority has.
    Service(&'static dyn Service),
    /// A service that was added to this one.
    Added(Arc<dyn Service>),
    /// A service that is not served, or one that is in another protocol.
    Unserved(UnservedService),
}

/// The services that every authority has, those that are called most first.
const SERVICES: &[&dyn Service] = &[&Sts, &Iam, &Organizations, &Eks, &EksAuth, &CloudTrail];

/// The signing names of those that every authority has.
pub(crate) fn service_names() -> impl Iterator<Item = &'static str> {
    SERVICES.iter().map(|service| service.name())
}

/// Where a call goes.
pub(super) struct Address {
    pub(super) destination: Destination,
    /// The signing name of its service.
    pub(super) service: String,
    pub(super) protocol: Protocol,
}

impl Address {
    /// The signature's scope says which service is meant, for one port serves all. A call without a
    /// signature says so by its version, its target or its path; one with a path that is no other's is for
    /// S3, which has anonymous calls. A form that says nothing is for STS, because only STS has calls without
    /// a signature.
    pub(super) fn of(inbound: &Inbound, scope: Option<&str>, authority: &Shared) -> Self {
        let service = match scope.or_else(|| unserved::called(inbound)) {
            Some(service) => service.to_owned(),
            None if inbound.headers.contains_key("x-amz-target") => "organizations".to_owned(),
            None if inbound.path == "/" => "sts".to_owned(),
            None => service_of_path(inbound, authority).unwrap_or_else(|| "s3".to_owned()),
        };
        let service = service.as_str();
        let found = SERVICES.iter().find(|found| found.name() == service && found.speaks(inbound));
        let destination = match found {
            Some(found) => Destination::Service(*found),
            None => match authority.added_service(service, inbound) {
                Some(found) => Destination::Added(found),
                None => Destination::Unserved(UnservedService::of(inbound, service)),
            },
        };
        let found = destination.service();
        let (service, protocol) = (found.name().to_owned(), found.protocol());
        Self { destination, service, protocol }
    }
}

/// The name of the service with JSON whose operation a method and a path are.
fn service_of_path(inbound: &Inbound, authority: &Shared) -> Option<String> {
    let has_operation = |service: &dyn Service| {
        let routed =
            service.route(inbound).ok().filter(|_| service.protocol() == Protocol::RestJson);
        routed.is_some_and(|Routed { operation, .. }| {
            service.operation(&operation).is_some() || service.unserved_action(&operation).is_some()
        })
    };
    let found = SERVICES.iter().copied().find(|service| has_operation(*service));
    let found = found.map(|service| service.name().to_owned());
    found.or_else(|| {
        authority.added_service_that(has_operation).map(|found| found.name().to_owned())
    })
}

impl Destination {
    /// The service.
    pub(super) fn service(&self) -> &dyn Service {
        match self {
            Self::Service(service) => *service,
            Self::Added(service) => service.as_ref(),
            Self::Unserved(service) => service,
        }
    }
}
