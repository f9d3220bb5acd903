//! Why a scrape is not complete.

use attache_identifiers::Region;

use super::Limit;

/// What stopped a scrape. Whatever it is, nothing is deleted from the inventory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The role may not make the call.
    #[error("{code}: {message}")]
    Denied {
        /// AWS's code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// AWS still throttled at the last attempt.
    #[error("{code}: {message}")]
    Throttled {
        /// AWS's code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// The session has ended or is not valid here.
    #[error("{code}: {message}")]
    Session {
        /// AWS's code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// AWS refused for another reason, or failed at the last attempt.
    #[error("{code} (HTTP {status}): {message}")]
    Service {
        /// AWS's code.
        code: String,
        /// AWS's message.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// No whole answer at the last attempt.
    #[error("no answer: {why}")]
    Unreachable {
        /// The network's error.
        why: String,
    },
    /// An answer with status 200 that is not the operation's.
    #[error("the answer could not be understood: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// The same page token came twice: going on would never end.
    #[error("paging goes in a circle: the token of page {page} had come before")]
    Loop {
        /// The page, from 1.
        page: usize,
    },
    /// The listing takes more than it may.
    #[error("the listing was given up: {0}")]
    Limit(Limit),
    /// The request could not be written or signed.
    #[error("the request could not be made: {why}")]
    Request {
        /// Why.
        why: String,
    },
}

impl Fault {
    /// What to do about it.
    pub(crate) fn remedy(&self, kind: &str, actions: &[String], region: &Region) -> String {
        match self {
            Self::Denied { .. } => format!(
                "allow the role {} (attache mediator --print-policy prints all that is needed)",
                actions.join(", ")
            ),
            Self::Throttled { .. } => {
                "it is tried again at the next scrape; if it stays, scrape less often (--interval)"
                    .to_owned()
            }
            Self::Session { .. } => {
                format!("check that the region {region} is enabled for the account, and the clock")
            }
            Self::Unreachable { .. } => {
                format!("check the network to {region}, the proxy and AWS_CA_BUNDLE")
            }
            Self::Service { .. } => "it is tried again at the next scrape".to_owned(),
            Self::Limit(Limit::ProcessBytes(_)) => "it is tried again at the next scrape; if it \
                stays, look in the coverage for a listing without end, or scrape fewer accounts \
                in one process"
                .to_owned(),
            Self::Malformed { .. } | Self::Loop { .. } | Self::Limit(_) => format!(
                "check the endpoint, and the catalog's entry for {kind}; nothing was changed in \
                 the inventory"
            ),
            Self::Request { .. } => format!("check the catalog's entry for {kind}"),
        }
    }
}
