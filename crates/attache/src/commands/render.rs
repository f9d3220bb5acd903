//! `attache render`: the federation as files, for set-up by hand or by another tool.

mod kubernetes;
mod tools;

use std::path::{Path, PathBuf};

use attache_federation::Federation;
use attache_files::{FileError, NewFile, Replace, write_set};
use attache_render::{RenderedFile, render};

use super::federate::{ConnectArgs, FileArgs, completed};
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
  attache render terraform -f federation.yaml --out terraform/
  attache render cloudformation -f federation.yaml --out templates/
  attache render aws-cli -f federation.yaml --out script/ && script/setup.sh
  attache render helm-values -f federation.yaml >values.yaml
  attache render kubernetes --injector policy --gate deny | kubectl apply --server-side -f -")]
pub(crate) struct Args {
    #[command(subcommand)]
    part: Option<Part>,

    #[command(flatten)]
    files: FilesArgs,
}

/// Which federation, and where its files go.
#[derive(Debug, clap::Args)]
struct FilesArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    connect: ConnectArgs,

    #[command(flatten)]
    place: PlaceArgs,
}

impl FilesArgs {
    async fn federation(&self) -> miette::Result<Federation> {
        completed(&self.connect, self.file.load()?).await
    }
}

/// Where the files go.
#[derive(Debug, clap::Args)]
struct PlaceArgs {
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
    #[command(flatten)]
    Tool(tools::Tool),
}

/// Renders, and prints or writes.
pub(crate) async fn run(args: Args, out: &Output) -> miette::Result<Exit> {
    match args.part {
        Some(Part::Kubernetes(args)) => kubernetes::run(args, out).await,
        Some(Part::Tool(tool)) => tools::run(&tool, out).await,
        None => put(&render(&args.files.federation().await?), &args.files.place, out),
    }
}

/// Prints the files or writes them. One alone is printed without its name: what reads it reads standard input.
fn put(files: &[RenderedFile], place: &PlaceArgs, out: &Output) -> miette::Result<Exit> {
    if let Some(folder) = &place.out {
        write(folder, files, place.force, out)?;
    }
    match (out.format, &place.out, files) {
        (Format::Json, ..) => out.json(&files)?,
        (Format::Table, Some(_), _) => {}
        (Format::Table, None, [only]) => out.text(&only.text),
        (Format::Table, None, _) => {
            for file in files {
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
