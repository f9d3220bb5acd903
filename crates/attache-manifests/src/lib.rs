//! The files that people and Kubernetes tools write for the mediator: Helm values and Secrets.
//!
//! Knows: which keys of the values and of a Secret mean something, every wrapping that Kubernetes
//! tools put a Secret into (several documents, JSON, `List`, `kubectl get -o yaml`, the output of
//! `helm template`, a folder that the kubelet mounts), how the two fit together, and how to say where
//! in a file something is wrong and what was probably meant. The Secrets that the values name are
//! read strictly; everything else in the same files is left alone. What a Secret holds is never part
//! of an error.
//!
//! Does not know: AWS, that is whether a role exists or which account it is in, where the files
//! come from, and who reads them: `attache verify` and `attache mediator` both do, so that what one
//! accepts the other accepts. `attache render` writes them ([`secret_yaml`], [`values_yaml`]).
//!
//! Start at [`Configuration::read`]. [`yaml()`], [`File`] and [`Invalid`] are for readers of other
//! files that people write: one way to name a place, one way to say what is wrong.
//!
//! ```
//! use attache_manifests::{Configuration, Input, Inputs, TextFile};
//!
//! let values = "
//! scrapers:
//!   aws:
//!     enabled: true
//!     accounts:
//!       - arn: arn:aws:iam::222222222222:root
//!         secretName: aws-secret
//! ";
//! let secrets = "
//! kind: ConfigMap
//! metadata: { name: beside-it }
//! ---
//! kind: Secret
//! metadata: { name: aws-secret }
//! stringData:
//!   AWS_REGION: us-east-1
//!   AWS_ROLE_ARN: arn:aws:iam::222222222222:role/CauselyAccess
//! ";
//! let inputs = Inputs {
//!     values: vec![TextFile::new("values.yaml", values)],
//!     secrets: vec![Input::File(TextFile::new("secrets.yaml", secrets))],
//!     regions: Vec::new(),
//! };
//! let configuration = Configuration::read(&inputs)?;
//! assert_eq!(configuration.accounts[0].role.name().as_str(), "CauselyAccess");
//!
//! let misspelt = secrets.replace("AWS_REGION", "region");
//! let inputs = Inputs { secrets: vec![Input::File(TextFile::new("s.yaml", misspelt))], ..inputs };
//! let error = Configuration::read(&inputs).unwrap_err();
//! assert!(error.to_string().starts_with("s.yaml:8:3: "), "{error}");
//! # Ok::<(), attache_manifests::ManifestError>(())
//! ```

mod chunks;
mod configuration;
mod error;
mod file;
mod input;
mod invalid;
mod mask;
mod objects;
mod secrets;
mod suggestion;
mod tree;
mod values;
mod written;
mod yaml;

pub use configuration::{Account, Configuration, SwitchedOff, Warning};
pub use error::ManifestError;
pub use file::{File, TextFile};
pub use input::{Input, Inputs};
pub use invalid::{At, Invalid};
pub use objects::MAX_DOCUMENTS;
pub use suggestion::{listed, suggestion};
pub use values::{DeclaredAccount, ServiceAccount};
pub use written::{AccountValues, secret_yaml, values_yaml};
pub use yaml::yaml;
