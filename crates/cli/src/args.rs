//! The command line.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use beleving::{EngineKind, LabelMap, Meaning, Policy, Scorer, ScorerBuilder, Threads, Tier};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::row::Columns;

/// Folder of the shipped model, looked for under `models/`.
const DEFAULT_MODEL: &str = "beleving-small";

/// Reads customer messages as the customer lived them, and flags interactions likely to leave a bad experience.
#[derive(Parser)]
#[command(name = "beleving", version, about)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Score messages: one line per message, in input order
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArgs),
    /// Judge interactions: one line per interaction, in order of first appearance
    #[command(after_help = JUDGE_EXAMPLES)]
    Judge(RunArgs),
    /// Make a page to read, or tables, of what `judge` found
    #[command(after_help = crate::report::EXAMPLES)]
    Report(crate::report::ReportArgs),
    /// Measure speed: one JSON line each for encoding, for single messages and for the whole way
    Bench(BenchArgs),
    /// Show what a model folder holds and check its files
    Inspect(InspectArgs),
    /// Compare two models on the messages of a file: what moves, flips and shifts
    Compare(CompareArgs),
}

const SCORE_EXAMPLES: &str = "Examples:
  beleving score messages.jsonl
  beleving score export.csv --column text=body --column id=ticket -o scores.csv
  tail -f messages.jsonl | beleving score -";
const JUDGE_EXAMPLES: &str = "Examples:
  beleving judge threads.jsonl -o verdicts.jsonl
  beleving judge export.csv --column interaction=case";

#[derive(ClapArgs)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Give the probability of every intent, not only of those over the policy's threshold
    #[arg(long)]
    pub(crate) all: bool,
}

/// What every command that reads messages takes.
#[derive(ClapArgs)]
pub(crate) struct RunArgs {
    /// File of messages (.jsonl, .csv), or - for JSON lines on standard input
    pub(crate) input: PathBuf,
    /// Write to this file (.jsonl, .csv) instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Name of the column or key that holds a field, such as text=body; may be repeated
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = pair)]
    pub(crate) columns: Vec<(String, String)>,
    /// Pass this column or key through to the output; may be repeated
    #[arg(long, value_name = "FIELD")]
    pub(crate) keep: Vec<String>,
    /// Show no progress and no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Which model, and how it is run.
#[derive(ClapArgs)]
pub(crate) struct ModelArgs {
    /// Model folder [default: models/beleving-small here or in a folder above]
    #[arg(long, value_name = "DIR", env = "BELEVING_MODEL")]
    model: Option<PathBuf>,
    /// What runs the encoder
    #[arg(long, value_enum, default_value_t = Engine::Native)]
    engine: Engine,
    /// Number format of the encoder; auto is int8 where the model bears it, else f32
    #[arg(long, value_enum, default_value_t = Precision::Auto)]
    precision: Precision,
    /// CPU tier of the native engine, for tests and comparisons [default: the best this CPU has]
    #[arg(long, value_name = "TIER", env = "BELEVING_TIER")]
    tier: Option<Tier>,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Policy file: JSON with name, version, base_rate, flag_at, intent_at, silence_hours
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// What a label of your own model means, such as LABEL_0=negative; may be repeated
    #[arg(long = "label", value_name = "LABEL=MEANING", value_parser = pair)]
    labels: Vec<(String, String)>,
}

#[derive(ClapArgs)]
pub(crate) struct BenchArgs {
    /// File of messages as JSON lines with a `text`
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Rows of the file that are read at most
    #[arg(long, value_name = "N", default_value_t = 2048)]
    pub(crate) limit: usize,
    /// Runs that the median is taken of
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) runs: usize,
    /// Messages that are encoded one by one for the waiting time
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) singles: usize,
}

#[derive(ClapArgs)]
pub(crate) struct InspectArgs {
    /// Model folder
    pub(crate) folder: PathBuf,
    /// What a label of your own model means, such as LABEL_0=negative; may be repeated
    #[arg(long = "label", value_name = "LABEL=MEANING", value_parser = pair)]
    pub(crate) labels: Vec<(String, String)>,
}

#[derive(ClapArgs)]
pub(crate) struct CompareArgs {
    /// Folder of the old model
    pub(crate) old: PathBuf,
    /// Folder of the new model
    pub(crate) new: PathBuf,
    /// File of messages (.jsonl, .csv), or - for JSON lines on standard input
    pub(crate) input: PathBuf,
    /// A probability that changes by more has moved
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    pub(crate) tolerance: f32,
    /// Exit with status 1 where the mean of a probability shifts by more, over all messages or in a language
    /// of at least 20
    #[arg(long, value_name = "P")]
    pub(crate) max_shift: Option<f64>,
    /// Exit with status 1 where more than this share of the messages, 0 to 1, changes its flag
    #[arg(long, value_name = "SHARE")]
    pub(crate) max_flips: Option<f64>,
    /// Number of messages to name among those whose risk moves most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) largest: usize,
    /// Name of the column or key that holds a field, such as text=body; may be repeated
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = pair)]
    pub(crate) columns: Vec<(String, String)>,
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Engine {
    Native,
    RustBert,
}

#[derive(Clone, Copy, ValueEnum)]
enum Precision {
    Auto,
    Int8,
    Bf16,
    F32,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => {
            Ok((left.to_owned(), right.to_owned()))
        }
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}

impl RunArgs {
    /// The names that the input's columns have.
    pub(crate) fn columns(&self) -> anyhow::Result<Columns> {
        Columns::new(&self.columns, &self.keep)
    }
}

impl ModelArgs {
    /// Loads the model.
    pub(crate) fn load(&self) -> anyhow::Result<Scorer> {
        Ok(self.builder()?.build()?)
    }

    /// The model and how it is run, not loaded yet.
    pub(crate) fn builder(&self) -> anyhow::Result<ScorerBuilder> {
        let mut builder = Scorer::builder()
            .model(self.folder()?)
            .engine(match self.engine {
                Engine::Native => EngineKind::Native,
                Engine::RustBert => EngineKind::RustBert,
            })
            .precision(match self.precision {
                Precision::Auto => beleving::Precision::Auto,
                Precision::Int8 => beleving::Precision::Int8,
                Precision::Bf16 => beleving::Precision::Bf16,
                Precision::F32 => beleving::Precision::F32,
            })
            .threads(self.threads.map_or(Threads::All, |n| Threads::Count(n.into())));
        if let Some(tier) = self.tier {
            builder = builder.tier(tier);
        }
        if let Some(path) = &self.policy {
            let json = std::fs::read(path)
                .with_context(|| format!("cannot read policy `{}`", path.display()))?;
            let policy: Policy = serde_json::from_slice(&json)
                .with_context(|| format!("policy `{}` does not parse", path.display()))?;
            builder = builder.policy(policy);
        }
        if !self.labels.is_empty() {
            builder = builder.labels(label_map(&self.labels)?);
        }
        Ok(builder)
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        match &self.model {
            Some(folder) => Ok(folder.clone()),
            None => default_model(),
        }
    }
}

/// The meanings that `--label` states.
pub(crate) fn label_map(labels: &[(String, String)]) -> anyhow::Result<LabelMap> {
    labels.iter().try_fold(LabelMap::new(), |map, (label, meaning)| {
        Ok(map.with(label.as_str(), meaning.parse::<Meaning>()?))
    })
}

/// The shipped model in the folders above the working directory or above the program.
fn default_model() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    let found = [here, program]
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .map(|folder| folder.join("models").join(DEFAULT_MODEL))
        .find(|folder: &PathBuf| Path::is_dir(folder));
    match found {
        Some(folder) => Ok(folder),
        None => bail!(
            "no folder `models/{DEFAULT_MODEL}` here or above; name a model with --model DIR or BELEVING_MODEL"
        ),
    }
}
