//! The mediator's values and Secrets, as `verify` and `mediator` are given them.

use std::path::PathBuf;

use attache_identifiers::Region;
use attache_manifests::{Configuration, Inputs, ManifestError, SwitchedOff, TextFile};

use crate::input;
use crate::output::{self, Output};

/// Reads them; `-` is standard input. Where one file of values of several switches AWS scraping off,
/// it is warned of.
pub(super) fn read(
    values: &[PathBuf],
    secrets: &[PathBuf],
    regions: &[Region],
) -> miette::Result<Configuration> {
    let inputs = Inputs::read_with(values, secrets, regions.to_vec(), |path| {
        let text = input::read(path, input::MAX_DOCUMENT_BYTES).map_err(ManifestError::from)?;
        Ok::<_, ManifestError>(TextFile::new(path.display().to_string(), text))
    })?;
    let configuration = Configuration::read(&inputs)?;
    if !configuration.accounts.is_empty() {
        configuration.switched_off.iter().for_each(output::warn);
    }
    Ok(configuration)
}

/// The places where AWS is switched off, if that leaves nothing to do.
pub(super) fn nothing_to_do(configuration: &Configuration, out: &Output) -> bool {
    let off = configuration.accounts.is_empty();
    if off {
        configuration
            .switched_off
            .iter()
            .map(SwitchedOff::to_string)
            .for_each(|line| out.note(&line));
    }
    off
}
