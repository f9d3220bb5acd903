//! The certificate that the API server sees: from files that another program renews, or self-made and kept
//! in a Secret that all replicas share. Either is replaced without a restart: [`attache_serving`] shows it.

mod bundle;
mod error;
pub(crate) mod expiry;
mod self_made;

pub use error::CertificateError;
pub(crate) use self_made::Keeper;
pub use self_made::{Authority, SelfMade, SelfMadeSettings};
