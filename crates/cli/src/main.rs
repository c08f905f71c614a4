//! The `beleving` command: scores and judges customer messages from files.

mod args;
mod audit;
mod bench;
mod compare;
mod decide;
mod features;
mod forget;
mod inspect;
mod judge;
mod log;
mod merge;
mod model;
mod output;
mod pipeline;
mod policy;
mod privacy;
mod report;
mod row;
mod run;
mod score;
mod shard;
mod shell;
mod signals;
mod sorted;
mod store;
mod write;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command, LogFormat};
use run::Outcome;

/// Exit status for a bound that was given and does not hold.
const EXIT_EXCEEDED: u8 = 1;
/// Exit status for a usage, model or file error before the first row.
const EXIT_ERROR: u8 = 2;
/// Exit status for a run that finished, but some rows failed.
const EXIT_SOME_FAILED: u8 = 3;
/// Exit status for a run that was stopped midway and can be gone on with.
const EXIT_STOPPED: u8 = 4;

fn main() -> ExitCode {
    let args = Args::parse();
    log::start(match &args.command {
        Command::Score(args) => args.run.log_format,
        Command::Judge(args) => args.run.log_format,
        _ => LogFormat::Text,
    });
    signals::listen();
    let outcome = match &args.command {
        Command::Score(args) => score::run(args),
        Command::Judge(args) => judge::run(args),
        Command::Report(args) => report::run(args),
        Command::Merge(args) => merge::run(args),
        Command::Forget(args) => forget::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man => shell::manual(),
        Command::Bench(args) => bench::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Decide(args) => decide::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Features(args) => features::run(args),
    };
    match outcome {
        Ok(Outcome::AllDone) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(EXIT_SOME_FAILED),
        Ok(Outcome::Stopped) => ExitCode::from(EXIT_STOPPED),
        Ok(Outcome::Exceeded) => ExitCode::from(EXIT_EXCEEDED),
        // Whoever reads our output has seen enough: `beleving score … | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("error: {error:#}");
            // What was finished before the disk was full is kept.
            let goes_on = is_full(&error) && signals::has_parts();
            ExitCode::from(if goes_on { EXIT_STOPPED } else { EXIT_ERROR })
        }
    }
}

/// Whether there was no more room on the disk, or none for this user.
fn is_full(error: &anyhow::Error) -> bool {
    causes(error)
        .any(|kind| matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    causes(error).any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// Kinds of the faults of the system that an error goes back to.
fn causes(error: &anyhow::Error) -> impl Iterator<Item = io::ErrorKind> {
    error.chain().filter_map(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json =
            || cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        let csv = || match cause.downcast_ref::<csv::Error>()?.kind() {
            csv::ErrorKind::Io(error) => Some(error.kind()),
            _ => None,
        };
        io.or_else(json).or_else(csv)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_is_full_for_all_or_for_this_user_whoever_says_so() {
        let full = |kind| is_full(&anyhow::Error::new(io::Error::from(kind)).context("written"));
        assert!(full(io::ErrorKind::StorageFull) && full(io::ErrorKind::QuotaExceeded));
        assert!(!full(io::ErrorKind::PermissionDenied));
        let json = serde_json::Error::io(io::ErrorKind::QuotaExceeded.into());
        assert!(is_full(&json.into()));
    }
}
