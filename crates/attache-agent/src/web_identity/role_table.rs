//! The role of a service account: its row in the files, else its annotation.

use std::sync::Arc;

use super::{AnnotatedRoles, Association, AssociationsFile};
use crate::ExchangeError;

/// Where roles are named. A row comes before an annotation: it is whoever runs the agent that writes
/// it.
#[derive(Debug, Clone, Default)]
pub struct RoleTable {
    /// The files with rows.
    pub file: Option<Arc<AssociationsFile>>,
    /// The annotations of the service accounts.
    pub annotations: Option<Arc<AnnotatedRoles>>,
}

impl RoleTable {
    /// The association of a service account.
    ///
    /// # Errors
    /// `ResourceNotFoundException` where there is none, `ServiceUnavailableException` where the service
    /// accounts were not read yet.
    pub(super) fn of(
        &self,
        namespace: &str,
        service_account: &str,
    ) -> Result<Arc<Association>, ExchangeError> {
        if let Some(found) = self.find(namespace, service_account) {
            return Ok(found);
        }
        let own = format!("service account {service_account} in namespace {namespace}");
        match &self.annotations {
            None => {
                let message = format!("No association found for {own}.");
                Err(ExchangeError::refused("ResourceNotFoundException", message))
            }
            Some(annotations) if annotations.is_synced() => {
                let name = annotations.annotation();
                let message =
                    format!("No association and no role's ARN in {name} found for {own}.");
                Err(ExchangeError::refused("ResourceNotFoundException", message))
            }
            Some(_) => {
                let message = "The cluster's service accounts were not read yet.";
                Err(ExchangeError::refused("ServiceUnavailableException", message))
            }
        }
    }

    /// Whether an association is still what it was.
    pub(super) fn is_current(&self, association: &Association) -> bool {
        self.find(&association.namespace, &association.service_account)
            .is_some_and(|current| *current == *association)
    }

    /// Whether all that names roles was read.
    pub(super) fn is_known(&self) -> bool {
        self.annotations.as_ref().is_none_or(|annotations| annotations.is_synced())
    }

    fn find(&self, namespace: &str, service_account: &str) -> Option<Arc<Association>> {
        let row = self.file.as_ref().and_then(|f| f.current().of(namespace, service_account));
        row.or_else(|| self.annotations.as_ref()?.of(namespace, service_account))
    }
}
