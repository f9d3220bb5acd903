//! Questions that are not a request.

use attache_identifiers::{AccountId, NameError};

/// A question that is not a request, with what to give instead.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ExplainError {
    /// The principal is not valid.
    #[error("{0}")]
    #[diagnostic(help(
        "give the ARN of a user, role, session, OIDC or SAML provider, a 12-digit account, a service \
         such as pods.eks.amazonaws.com, or anonymous"
    ))]
    Principal(#[source] NameError),
    /// A role's ARN beside a principal that is not its session.
    #[error("the principal is not a session of a role")]
    #[diagnostic(help("--role-arn gives the path of the role whose session --principal is"))]
    NotASession,
    /// A token beside a principal that no token begins.
    #[error("a token begins the session of a role, and the principal is none")]
    #[diagnostic(help(
        "give the session's ARN, such as arn:aws:sts::222222222222:assumed-role/NAME/SESSION"
    ))]
    TokenOfNoSession,
    /// A role's ARN beside another role's session.
    #[error("{session} is not a session of {role}")]
    AnotherRole {
        /// The session's ARN.
        session: String,
        /// The role's.
        role: String,
    },
    /// The action is a pattern, or names no service.
    #[error("{0:?} is not a valid action")]
    #[diagnostic(help("write the service and the action, such as s3:GetObject"))]
    Action(String),
    /// The resource is not valid.
    #[error("the resource cannot be read: {0}")]
    #[diagnostic(help("give its ARN, or * for an action that takes none"))]
    Resource(#[source] NameError),
    /// The resource's ARN names an account, and another one was given.
    #[error("{resource} belongs to account {owner}, but --resource-account is {given}")]
    ResourceAccount {
        /// The resource's ARN.
        resource: String,
        /// The account in it.
        owner: AccountId,
        /// The one that was given.
        given: AccountId,
    },
    /// Nothing says in which account a token's role is.
    #[error("the role's account is not known")]
    #[diagnostic(help("give the role's ARN: --resource arn:aws:iam::222222222222:role/Name"))]
    RoleAccount,
}
