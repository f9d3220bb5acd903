//! How the authority's server hands a call to a room that it does not know.
//!
//! The authority authenticates and authorises; a [`Backend`] says what a call needs and answers
//! it. Neither imports the other.

use attache_identifiers::{AccountId, Region};
use serde_json::Value;

use crate::call::{Answer, Inbound};
use crate::{Protocol, ServiceError};

/// One thing a caller must be allowed before a call is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The IAM action: `ec2:DescribeInstances`.
    pub action: String,
    /// The ARN it acts on, or `*`.
    pub resource: String,
}

/// Who calls, once the signature has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account the caller acts in.
    pub account: AccountId,
    /// The caller's ARN, as `GetCallerIdentity` gives it.
    pub arn: String,
    /// The region of the signature's scope.
    pub region: Region,
}

/// A call that its backend has understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// How its answer and its errors are written.
    pub protocol: Protocol,
    /// The service's SigV4 signing name.
    pub service: String,
    /// The operation: `DescribeInstances`.
    pub operation: String,
    /// The operation's input, in the members' wire names.
    pub input: Value,
    /// All that the caller must be allowed.
    pub permissions: Vec<Permission>,
}

/// A room that answers calls for some services.
pub trait Backend: Send + Sync {
    /// The SigV4 signing names of the services it answers for.
    fn services(&self) -> &[&'static str];

    /// How a call that could not even be routed is to be refused.
    fn protocol(&self, service: &str, inbound: &Inbound) -> Protocol;

    /// Reads a call: its operation, its input, and what it needs permission for.
    ///
    /// # Errors
    /// When the operation is unknown or its input cannot be read.
    fn route(
        &self,
        account: AccountId,
        region: &Region,
        service: &str,
        inbound: &Inbound,
    ) -> Result<Routed, ServiceError>;

    /// Answers a call that has been allowed.
    ///
    /// # Errors
    /// The service's own refusals: a resource that does not exist, a page token that is not one.
    fn answer(
        &self,
        caller: &Caller,
        routed: &Routed,
        request_id: &str,
    ) -> Result<Answer, ServiceError>;
}
