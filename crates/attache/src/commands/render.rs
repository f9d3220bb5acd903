//! `attache render`: the federation as files for people who do it by hand.

use std::path::{Path, PathBuf};

use ::federation::{RenderedFile, render};
use miette::{IntoDiagnostic, WrapErr};

use super::federate::FileArgs;
use crate::output::{Exit, Format, Output, Tone};

/// What to render.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Kubernetes Secrets and Helm values as the mediator reads them, the trust policies, and a script of
the `aws` commands.

Examples:
  attache render -f federation.yaml              # prints every file
  attache render -f federation.yaml --out out/   # writes them")]
pub(crate) struct Args {
    #[command(flatten)]
    file: FileArgs,

    /// The folder to write the files to, instead of printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Replace files that are there and differ.
    #[arg(long, requires = "out")]
    force: bool,
}

/// Renders, and prints or writes.
pub(crate) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let files = render(&args.file.load()?);
    if let Some(folder) = &args.out {
        write(folder, &files, args.force)?;
        for file in &files {
            out.progress(folder.join(&file.name).display().to_string());
        }
    }
    match (out.format, &args.out) {
        (Format::Json, _) => out.json(&files)?,
        (Format::Table, Some(_)) => {}
        (Format::Table, None) => {
            for file in &files {
                out.line(out.paint(Tone::Faint, &format!("# {}", file.name)));
                out.line(&file.text);
            }
        }
    }
    Ok(Exit::Done)
}

/// All or none: what would be overwritten is looked for before anything is written.
fn write(folder: &Path, files: &[RenderedFile], force: bool) -> miette::Result<()> {
    std::fs::create_dir_all(folder)
        .into_diagnostic()
        .wrap_err_with(|| format!("could not make the folder {}", folder.display()))?;
    let differs = |file: &&RenderedFile| {
        std::fs::read_to_string(folder.join(&file.name)).is_ok_and(|text| text != file.text)
    };
    if let Some(file) = files.iter().find(differs).filter(|_| !force) {
        return Err(miette::miette!(
            help = "give another folder, or --force to replace it",
            "{} is there and differs: nothing was written",
            folder.join(&file.name).display()
        ));
    }
    for file in files {
        let path = folder.join(&file.name);
        std::fs::write(&path, &file.text)
            .into_diagnostic()
            .wrap_err_with(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}
