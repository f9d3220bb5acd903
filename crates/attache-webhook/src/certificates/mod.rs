//! The certificate that the API server sees: from files that another program renews, or self-made and kept
//! in a Secret that all replicas share. Either is replaced without a restart.

mod bundle;
mod error;
pub(crate) mod expiry;
mod files;
mod pair;
mod self_made;
mod serving;

pub use error::CertificateError;
pub use expiry::OutOfTime;
pub use files::FollowedFiles;
pub use pair::KeyPair;
pub(crate) use self_made::Keeper;
pub use self_made::{Authority, SelfMade, SelfMadeSettings};
pub use serving::ServingCertificate;
