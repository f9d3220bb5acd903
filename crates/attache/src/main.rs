//! `attache`: arguments in, reports out.
//!
//! Knows how the crates below it fit together and how their results are printed. Holds no domain
//! logic: what a policy means, what AWS answers and what a plan is are theirs. Start at
//! [`commands`].

mod cli;
mod commands;
mod input;
mod interrupt;
mod output;

use std::pin::Pin;
use std::process::ExitCode;

use output::Output;

/// A call to the embedded AWS allocates some hundred times; this allocator halves what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    cli::start_log(cli.verbose);
    let out = Output::new(cli.output, cli.color, cli.quiet);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out.error(&miette::miette!("could not start the runtime: {error}"));
            return ExitCode::from(output::Exit::Usage.code());
        }
    };
    let unwritten = match () {
        () if out.sarif && !cli.command.writes_sarif() => {
            Some("only `attache policy check` writes SARIF")
        }
        () if out.csv && !cli.command.writes_csv() => Some("only `attache audit` writes CSV"),
        () if out.markdown && !cli.command.writes_markdown() => {
            Some("only `attache plan` writes Markdown")
        }
        () => None,
    };
    if let Some(why) = unwritten {
        out.error(&miette::miette!(help = "give --output table or json", "{why}"));
        return ExitCode::from(output::Exit::Usage.code());
    }
    // In a box, else the runtime's three ways to poll it compile all commands three times.
    let command: Pin<Box<dyn Future<Output = _>>> = Box::pin(commands::run(cli.command, &out));
    let ended = runtime.block_on(command);
    match ended {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(report) => {
            out.error(&report);
            // A command that could not even begin was given something wrong: input or usage.
            ExitCode::from(output::Exit::of(&report).code())
        }
    }
}
