//! Certificate authorities and proxies for calls to AWS, from the environment.

use std::path::Path;

use attache_aws_accounts::{HttpSettings, ProxyConfig};

use crate::input::MAX_DOCUMENT_BYTES;

/// Of `AWS_CA_BUNDLE`, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
pub(super) fn settings() -> miette::Result<HttpSettings> {
    let bundle = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let bundle = bundle.map(|path| {
        // A bundle of all public roots is about 250 kB.
        let read = attache_files::read_text(Path::new(&path), MAX_DOCUMENT_BYTES);
        read.map_err(|e| miette::miette!("could not use AWS_CA_BUNDLE: {e}"))
    });
    let bundle = bundle.transpose()?;
    let bundle = bundle.as_deref().map(str::as_bytes);
    HttpSettings::new(bundle, ProxyConfig::from_env()).map_err(|error| {
        miette::miette!(
            help = "it must hold certificates in PEM",
            "the CA bundle cannot be used: {error}"
        )
    })
}
