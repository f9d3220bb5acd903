//! The command line as a whole: the verbs, and the flags that every verb takes.

use std::ffi::OsString;

use attache_identifiers::{excerpt, printable};
use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultFields, Writer};

use crate::commands::Command;
use crate::output::{Color, Shape};

/// Keyless, least-privilege, auditable access from a Kubernetes cluster to any number of AWS
/// accounts: set up, proved, run on and audited.
#[derive(Debug, Parser)]
#[command(name = "attache", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "\
Start here, with no AWS account and no cluster:
  attache quickstart

A file that is given is read to 16 MiB, a snapshot to 256 MiB, a policy, token, key or key set to
1 MiB; a larger one is an error. - is standard input where a command says so.

Exit codes: 0 done, 1 a check or decision failed, 2 usage or input, 3 AWS or the network failed.")]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How to print the result.
    #[arg(long, global = true, value_enum, default_value = "table", value_name = "FORMAT")]
    pub(crate) output: Shape,

    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub(crate) color: Color,

    /// Print no progress on standard error.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Log more on standard error: -v for what happens, -vv for every call.
    /// `ATTACHE_LOG` takes a finer filter.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// Ours: characters of an argument that a complaint about it repeats.
const QUOTED: usize = 200;

/// Reads the arguments. What is wrong with them is printed; then this is the exit code.
pub(crate) fn parse() -> Result<Cli, u8> {
    let error = match Cli::try_parse() {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    let code = u8::try_from(error.exit_code()).unwrap_or(2);
    // The complaint repeats arguments. So it is made again of what can be shown of them: that is
    // simpler than telling clap's colours from those that an argument brought.
    let shown = |word: OsString| {
        let text = word.to_string_lossy();
        printable(&excerpt(&text, QUOTED)).into_owned()
    };
    let clean = Cli::try_parse_from(std::env::args_os().map(shown)).err();
    // Variables of the environment stand for arguments, too.
    let harmless = std::env::vars_os()
        .filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
        .all(|(_, value)| value.to_str().is_some_and(|text| printable(text) == text));
    crate::output::usage(clean.as_ref().unwrap_or(&error), harmless && clean.is_some());
    Err(code)
}

/// Parts of the SDK and of the Kubernetes client that warn of a failure which then ends in an error of ours,
/// in our words.
const SAID_BY_US: &str = "aws_config::profile=off,aws_config::meta=off,aws_config::imds=off,\
    aws_config::ecs=off,aws_config::sso=off,aws_config::login=off,aws_smithy_runtime=off,\
    kube_client::client::builder=off";

/// Sends the log to standard error: warnings only, unless more was asked for.
pub(crate) fn start_log(verbose: u8) {
    let level = match verbose {
        0 => format!("warn,{SAID_BY_US}"),
        // The SDK's own log stays quiet: it would drown ours.
        1 => format!("info,aws_config=warn,{SAID_BY_US}"),
        _ => "debug,hyper_util=info,sqlx=info".to_owned(),
    };
    let filter = EnvFilter::try_from_env("ATTACHE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let color = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(color)
        .fmt_fields(CleanFields)
        .compact()
        .init();
}

/// An event's message and fields, which repeat AWS's messages, tokens' claims and names of
/// resources: on one line, without what a terminal acts on, and without secrets. So nothing that is
/// logged can begin a line of its own or hide one.
struct CleanFields;

impl<'w> FormatFields<'w> for CleanFields {
    fn format_fields<R: RecordFields>(
        &self,
        mut writer: Writer<'w>,
        fields: R,
    ) -> std::fmt::Result {
        let mut text = String::new();
        DefaultFields::new().format_fields(Writer::new(&mut text), fields)?;
        writer.write_str(&attache_identifiers::printable(&attache_identifiers::redact(&text, &[])))
    }
}
