//! `attache render`: the federation as files, for set-up by hand or by another tool.

mod kubernetes;

use std::path::{Path, PathBuf};

use attache_files::{FileError, NewFile, Replace, write_set};
use attache_render::{RenderedFile, render};

use super::federate::FileArgs;
use crate::output::{Exit, Format, Output, Tone};

/// What to render.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "\
Kubernetes Secrets and Helm values as the mediator reads them, the trust policies, and a script of
the `aws` commands.

Examples:
  attache render -f federation.yaml              # prints every file
  attache render -f federation.yaml --out out/   # writes them
  attache render kubernetes --injector policy --gate deny | kubectl apply --server-side -f -")]
pub(crate) struct Args {
    #[command(subcommand)]
    part: Option<Part>,

    #[command(flatten)]
    file: FileArgs,

    /// The folder to write the files to, instead of printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Replace files that are there and differ.
    #[arg(long, requires = "out")]
    force: bool,
}

/// What is rendered for one place.
#[derive(Debug, clap::Subcommand)]
enum Part {
    /// Print manifests for a cluster: a federation's Secrets, and admission policies that give pods their
    /// roles or find pods without.
    Kubernetes(kubernetes::Args),
}

/// Renders, and prints or writes.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    if let Some(Part::Kubernetes(args)) = &args.part {
        return kubernetes::run(args, out);
    }
    let files = render(&args.file.load()?);
    if let Some(folder) = &args.out {
        write(folder, &files, args.force, out)?;
    }
    match (out.format, &args.out) {
        (Format::Json, _) => out.json(&files)?,
        (Format::Table, Some(_)) => {}
        (Format::Table, None) => {
            for file in &files {
                out.line(out.paint(Tone::Faint, &format!("# {}", file.name)));
                out.text(&file.text);
            }
        }
    }
    Ok(Exit::Done)
}

/// Writes all files or none.
fn write(folder: &Path, files: &[RenderedFile], force: bool, out: &Output) -> miette::Result<()> {
    let same = |file: &RenderedFile| {
        std::fs::read(folder.join(&file.name)).is_ok_and(|bytes| bytes == file.text.as_bytes())
    };
    let before: Vec<bool> = files.iter().map(same).collect();
    let replace = if force { Replace::Differing } else { Replace::Never };
    let new: Vec<NewFile<'_>> = files.iter().map(new_file).collect();
    let written = write_set(folder, &new, replace).map_err(|error| match &error {
        FileError::Exists { path } => miette::miette!(
            help = "give another folder, or --force to replace it",
            "{} is there and differs: nothing was written",
            path.display()
        ),
        _ => miette::miette!("{error}: nothing was written"),
    })?;
    for (path, same) in written.iter().zip(before) {
        let note = if same { " (as it was)" } else { "" };
        out.progress(format!("{}{note}", path.display()));
    }
    Ok(())
}

/// A file as it is written: the script can be run.
pub(super) fn new_file(file: &RenderedFile) -> NewFile<'_> {
    let mode = if file.name.ends_with(".sh") { 0o755 } else { 0o644 };
    NewFile { name: &file.name, contents: file.text.as_bytes(), mode }
}
