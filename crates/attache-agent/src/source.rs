//! What trades a token for credentials.

use std::pin::Pin;
use std::sync::Arc;

use crate::{Association, ExchangeError, PodCredentials, PodToken};

/// Credentials that were just given.
#[derive(Debug, Clone)]
pub struct Issued {
    /// For the pod that sent the token.
    pub credentials: PodCredentials,
    /// What named the role, where this side keeps it.
    pub association: Option<Arc<Association>>,
}

/// A way to trade a token: EKS Auth, or STS by web identity.
pub trait CredentialSource: Send + Sync + 'static {
    /// Trades the token, which could be read and of which nothing else is known.
    fn exchange<'a>(
        &'a self,
        token: &'a PodToken,
    ) -> Pin<Box<dyn Future<Output = Result<Issued, ExchangeError>> + Send + 'a>>;

    /// Whether an association is still what it was when credentials were given by it.
    fn is_current(&self, _association: &Association) -> bool {
        true
    }

    /// Reads what [`Self::is_ready`] waits for. It is called again and again until that is true: while a node
    /// is tainted no pod comes whose token would have it read.
    fn prepare(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Whether tokens can be traded at all: the keys that verify them are known.
    fn is_ready(&self) -> bool {
        true
    }
}
