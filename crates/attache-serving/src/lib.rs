//! Serves HTTP/1.1, with TLS or without.
//!
//! Knows: a listener's connections and their limits ([`serve`]), the certificate that is shown to the next client
//! ([`ServingCertificate`]), and files of one that another program renews ([`FollowedFiles`]).
//!
//! Does not know: what is answered, who may ask, and how a certificate is made.

mod certificate;
mod error;
mod files;
mod pair;
mod server;
mod tls;

pub use certificate::{OutOfTime, ServingCertificate};
pub use error::CertificateError;
pub use files::{FollowedFiles, INTERVAL, read};
pub use pair::{KeyPair, Validity, certificates, validity};
pub use server::{Limits, serve};
pub use tls::acceptor;
