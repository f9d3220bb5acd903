//! `attache schema`: the JSON Schema of a federation's file.

use attache_render::FEDERATION_SCHEMA;

use crate::output::{Exit, Output};

/// Nothing to choose.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An editor with YAML's language server checks and completes a file whose first line names the schema:
  # yaml-language-server: $schema=federation.schema.json

Examples:
  attache schema >federation.schema.json
  attache init --schema ...                # writes both files")]
pub(crate) struct Args {}

/// Prints it.
pub(crate) fn run(_: &Args, out: &Output) -> miette::Result<Exit> {
    out.text(FEDERATION_SCHEMA.trim_end());
    Ok(Exit::Done)
}
