//! The `beleving` command: scores and judges customer messages from files.

mod args;
mod bench;
mod compare;
mod input;
mod inspect;
mod judge;
mod output;
mod report;
mod row;
mod run;
mod score;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use run::Outcome;

/// Exit status for a usage, model or file error before the first row.
const EXIT_ERROR: u8 = 2;
/// Exit status for a run that finished, but some rows failed.
const EXIT_SOME_FAILED: u8 = 3;

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.command {
        Command::Score(args) => score::run(args),
        Command::Judge(args) => judge::run(args),
        Command::Report(args) => report::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Compare(args) => match compare::run(args) {
            Ok(status) => return status,
            Err(error) => Err(error),
        },
    };
    match outcome {
        Ok(Outcome::AllDone) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(EXIT_SOME_FAILED),
        // Whoever reads our output has seen enough: `beleving score … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        let csv = cause.downcast_ref::<csv::Error>().and_then(|e| match e.kind() {
            csv::ErrorKind::Io(e) => Some(e.kind()),
            _ => None,
        });
        [io, json, csv].contains(&Some(io::ErrorKind::BrokenPipe))
    })
}
