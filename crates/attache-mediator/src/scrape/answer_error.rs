//! Why an answer is not a page of the listing that was asked for.

use attache_aws_protocol::WireError;

use super::Limit;

/// What is wrong with an answer. Another party wrote it: a message may repeat any of its text, and
/// is redacted where it leaves [`super::client`].
#[derive(Debug, thiserror::Error)]
pub(super) enum AnswerError {
    /// Another status than a listing has.
    #[error("its status is {0}, not 200")]
    Status(u16),
    /// No body.
    #[error("it is empty")]
    Empty,
    /// No request id.
    #[error("it has no {0}, which every answer of the service has")]
    NoRequestId(&'static str),
    /// Another content type than the service's.
    #[error("its content type is `{0}`, which the service's is not")]
    ContentType(String),
    /// A body that is not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A body that its protocol cannot read.
    #[error(transparent)]
    Undecodable(#[from] WireError),
    /// An error with the status of a result.
    #[error("it is an error")]
    ServiceError,
    /// Another operation's answer.
    #[error("expected <{expected}>, found <{found}>")]
    Root {
        /// The operation's root element.
        expected: String,
        /// The document's.
        found: String,
    },
    /// Another service's answer.
    #[error("<{element}> is in the namespace {found:?}, not in the service's")]
    Namespace {
        /// The root element.
        element: String,
        /// Its namespace.
        found: String,
    },
    /// The operation's result is a list or a text.
    #[error("<{0}> is not one structure")]
    NotAStructure(String),
    /// The operation's result is missing.
    #[error("there is no <{0}> in it")]
    NoElement(String),
    /// The list is missing.
    #[error("there is no {0} in it")]
    NoList(String),
    /// The list is missing, and the answer has members that an empty page does not have.
    #[error("there is no {list} in it, but there is {found}")]
    OtherMember {
        /// The list.
        list: String,
        /// A member that the listing does not have.
        found: String,
    },
    /// A structure on the way to the items lacks a member.
    #[error("there is no {member} in {within}")]
    NoMember {
        /// The member.
        member: String,
        /// The structure.
        within: String,
    },
    /// What should hold the items is no list.
    #[error("{0} is not a list")]
    NotAList(String),
    /// An item that is not the entry's.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The next page's token is missing its text.
    #[error("{0} is not one token")]
    NotAToken(String),
    /// It is more than a listing may take.
    #[error(transparent)]
    Limit(#[from] Limit),
}

/// Why an item of a listing is not a resource.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ItemError {
    /// It has no id.
    #[error("an item of {kind} has no id")]
    NoId {
        /// The resource type: `ec2:vpc`.
        kind: String,
    },
    /// It has no ARN.
    #[error("{kind} {id} has no ARN")]
    NoArn {
        /// The resource type.
        kind: String,
        /// The item's id.
        id: String,
    },
}
