//! The command line.

use std::path::{Path, PathBuf};

use anyhow::bail;
use beleving::{Precision, Tier};
use beleving_archive::{Columns, Format, ReadOptions, Times};
use clap::builder::{
    NonEmptyStringValueParser, PossibleValuesParser, RangedU64ValueParser, TypedValueParser,
};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use serde::Serialize;

use crate::row::{RowReader, Speakers};
use crate::shard::Shard;
use crate::write::output_file;

/// Reads customer messages as the customer lived them, and flags interactions likely to leave a bad experience.
#[derive(Parser)]
#[command(name = "beleving", version)]
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
    Judge(JudgeArgs),
    /// Make a page to read, or tables, of what `judge` found
    #[command(after_help = crate::report::EXAMPLES)]
    Report(crate::report::ReportArgs),
    /// Decide again, under another policy, on what `judge --states` kept or `score` wrote; reads no text.
    /// States hold no columns of `judge --keep`, and the verdicts made of them have none
    #[command(after_help = DECIDE_EXAMPLES)]
    Decide(DecideArgs),
    /// Join the outputs of all shards of a run, in input order
    #[command(after_help = MERGE_EXAMPLES)]
    Merge(MergeArgs),
    /// Remove a customer from outputs
    #[command(after_help = FORGET_EXAMPLES)]
    Forget(ForgetArgs),
    /// Draw messages for people to label, and measure the scores by their labels
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Measure speed: one JSON line each for encoding, for single messages and for the whole way
    Bench(BenchArgs),
    /// Show what a model folder holds and check its files
    Inspect(InspectArgs),
    /// Compare two models on the messages of a file: what moves, flips and shifts
    Compare(CompareArgs),
    /// Check a policy file, or print the default policy
    Policy(PolicyArgs),
    /// Print what the head of interactions reads; for training
    #[command(hide = true)]
    Features(FeaturesArgs),
}

const SCORE_EXAMPLES: &str = "Examples:
  beleving score messages.jsonl
  beleving score export.csv --column text=body --column id=ticket -o scores.csv
  beleving score mails/ '2025-*.csv.gz' -o scores.parquet     folders and patterns
  beleving score archive.parquet -o scores.jsonl --resume     goes on after a crash
  tail -f messages.jsonl | beleving score -

Exit status: 0 all rows done; 2 nothing was done; 3 some rows failed; 4 stopped midway, --resume goes on.";
const JUDGE_EXAMPLES: &str = "Examples:
  beleving judge threads.jsonl -o verdicts.jsonl
  beleving judge export.csv --column interaction=case
  beleving judge helpdesk.mbox --staff example.nl -o verdicts.csv
  beleving judge calls/ --speaker SPEAKER_00=staff:planner --speaker SPEAKER_01=customer

On two machines, with the same key file, which the first makes:
  beleving judge big.parquet --shard 1/2 --key-file k -o one.jsonl
  beleving judge big.parquet --shard 2/2 --key-file k -o two.jsonl
  beleving merge one.jsonl two.jsonl -o verdicts.parquet";
const MERGE_EXAMPLES: &str = "Example:
  beleving merge one.jsonl two.jsonl -o verdicts.parquet";
const FORGET_EXAMPLES: &str = "Example:
  beleving forget --customer 10432 scores.jsonl verdicts.csv

The key file beside each output says under which pseudonym the customer goes there. A sheet of `audit draw` holds
texts and no customers, so that nobody can be found in it: throw it away once it is measured.

Exit status: 0 removed from every file; 2 from none; 3 some files could not be read or hold nothing of the customer.";

const AUDIT_EXAMPLES: &str = "Examples:
  beleving score archive.csv --with-text -o scores.jsonl
  beleving audit draw scores.jsonl -n 300 -o sheet.csv       people fill in the column `label`
  beleving audit measure sheet.csv
  beleving audit rating scores.jsonl --rating mark --bad-at-most 2    with --keep mark when scoring";

#[derive(ClapArgs)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Draw a random sample, more of the risks in between than chance would give, without the risks
    Draw {
        /// Scores as JSON lines, made with --with-text
        scores: PathBuf,
        /// Messages to draw
        #[arg(short, long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
        number: u32,
        /// Start of the random numbers: the same gives the same sample
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The sheet to write (.csv); its design goes beside it
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Read the labels of a sheet that `draw` made: yes or no, ja or nee, 1 or 0
    Measure {
        /// The sheet
        sheet: PathBuf,
    },
    /// Measure scores by a column of ratings that was kept when scoring
    Rating {
        /// Scores as JSON lines
        scores: PathBuf,
        /// The column
        #[arg(long, value_name = "NAME")]
        rating: String,
        /// The highest rating that is a bad experience
        #[arg(long, value_name = "MARK", allow_negative_numbers = true)]
        bad_at_most: f64,
    },
}

const DECIDE_EXAMPLES: &str = "Examples:
  beleving judge threads.jsonl --states states.jsonl -o verdicts.jsonl
  beleving decide states.jsonl --policy stricter.toml -o verdicts2.jsonl";

#[derive(ClapArgs)]
pub(crate) struct JudgeArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Keep the state of every interaction in this file (.jsonl), for `decide`; no text, but personal data.
    /// Each shard has its own
    #[arg(long, value_name = "FILE")]
    pub(crate) states: Option<PathBuf>,
    /// Look for the sentence that weighs most in every flagged message; takes one reading a sentence
    #[arg(long)]
    pub(crate) explain: bool,
    /// Write the texts of its messages beside each verdict
    #[arg(long)]
    pub(crate) with_text: bool,
}

#[derive(ClapArgs)]
pub(crate) struct DecideArgs {
    /// File of states or of score lines (.jsonl), or - for standard input
    pub(crate) input: PathBuf,
    /// Policy file (TOML) to decide by
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    /// Policy file that score lines were made with [default: the model folder's own]
    #[arg(long, value_name = "FILE")]
    pub(crate) scored_with: Option<PathBuf>,
    /// Write to this file (.jsonl, .csv; score lines .jsonl only) instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
}

#[derive(ClapArgs)]
pub(crate) struct ScoreArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Give the probability of every intent, not only of those over the policy's threshold
    #[arg(long)]
    pub(crate) all: bool,
    /// Write the text of each message beside its scores
    #[arg(long)]
    pub(crate) with_text: bool,
}

/// What every command that reads messages takes.
#[derive(ClapArgs)]
pub(crate) struct RunArgs {
    /// Files, folders or patterns of messages (.jsonl, .json, .csv, .tsv, .parquet, .arrow, .mbox, .eml,
    /// .vtt, .srt; also .gz, .zst), or - for standard input
    #[arg(required = true)]
    pub(crate) input: Vec<PathBuf>,
    /// Write to this file (.jsonl, .csv, .tsv, also .gz or .zst; .parquet, .arrow) instead of standard output;
    /// - is standard output, and a device such as /dev/null gets JSON lines
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Go on with a run that was cut off; the output is the same as if it had not been. A whole output is left as
    /// it is, and one of a run with other settings is refused
    #[arg(long)]
    pub(crate) resume: bool,
    /// Do only part I of N, for several machines; an interaction is never split
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Pass this column or key through to the output, under its name, which none of the output's own fields may have;
    /// may be repeated
    #[arg(long, value_name = "FIELD")]
    pub(crate) keep: Vec<String>,
    /// Key of the pseudonyms of customers and mails, made if needed: any file of at least 16 random bytes
    /// [default: beleving.key beside the output]
    #[arg(long, value_name = "FILE", conflicts_with = "clear_ids")]
    pub(crate) key_file: Option<PathBuf>,
    /// Write customers and mail addresses as they are
    #[arg(long)]
    pub(crate) clear_ids: bool,
    /// Show no progress and no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Form of what goes to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// How files of messages are read.
#[derive(ClapArgs)]
pub(crate) struct ReadArgs {
    /// Name of the column or key that holds a field, such as text=body; may be repeated. Of several of `text` the texts
    /// stand one below another; `id=` says that there is none
    #[arg(long = "column", value_name = "FIELD=NAME", value_parser = column)]
    columns: Vec<(String, String)>,
    /// The same in a TOML file, one name a field: a table [columns] with text = "body"
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Format of the input, whatever its ending: jsonl, json, csv, tsv, parquet, arrow, mbox, eml, vtt, srt
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Encoding of the texts, such as windows-1252 or latin1 [default: UTF-8, or found out]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// Delimiter of CSV files, one character or `tab` [default: found out]
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
    /// By which clock times without an offset are read, such as Europe/Amsterdam or +01:00 [default: such a
    /// time is an error; in Parquet and Arrow it is UTC]
    #[arg(long, value_name = "NAME")]
    pub(crate) time_zone: Option<String>,
    /// What dates begin with that do not begin with the year [default: the day in 19-10-2026 and 19.10.2026;
    /// 19/10/2026 is an error]
    #[arg(long, value_enum, value_name = "ORDER")]
    pub(crate) dates: Option<DateOrder>,
    /// What a label of a speaker means, such as agent=staff or SPEAKER_00=staff:planner; may be repeated. `*` stands for
    /// all labels that are not stated
    #[arg(long = "speaker", value_name = "LABEL=KIND[:ROLE]", value_parser = pair)]
    pub(crate) speakers: Vec<(String, String)>,
    /// Mail address or domain of your own organisation, with a role if it has one; may be repeated
    #[arg(long, value_name = "DOMAIN|ADDRESS[=ROLE]")]
    pub(crate) staff: Vec<String>,
}

#[derive(ClapArgs)]
pub(crate) struct MergeArgs {
    /// Outputs of all shards, each with its manifest beside it
    #[arg(required = true)]
    pub(crate) shards: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(ClapArgs)]
pub(crate) struct ForgetArgs {
    /// The customer, by the name in the input
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) customer: String,
    /// Outputs of `score` and `judge` and their states (.jsonl, .csv, .tsv, also .gz or .zst; .parquet, .arrow)
    #[arg(required = true)]
    pub(crate) outputs: Vec<PathBuf>,
    /// Key of the pseudonyms [default: beleving.key beside each output]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
}

/// What a date begins with that does not begin with its year.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// Form of the log.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// Where the model lies.
#[derive(ClapArgs)]
pub(crate) struct FolderArgs {
    /// Model folder [default: models/beleving-small here or in a folder above]
    #[arg(long, value_name = "DIR", env = "BELEVING_MODEL")]
    pub(crate) model: Option<PathBuf>,
}

/// How many threads there are.
#[derive(ClapArgs)]
pub(crate) struct ThreadArgs {
    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// Which model, and how it is run.
#[derive(ClapArgs)]
pub(crate) struct ModelArgs {
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    /// What runs the encoder
    #[arg(long, value_enum, default_value_t = Engine::Native)]
    pub(crate) engine: Engine,
    /// Number format of the encoder; auto is int8 where the model bears it, else bf16 or f32
    #[arg(long, default_value_t = Precision::Auto, value_parser = precision())]
    pub(crate) precision: Precision,
    /// CPU tier of the native engine, for tests and comparisons [default: the best this CPU has]
    #[arg(long, value_name = "TIER", env = "BELEVING_TIER")]
    pub(crate) tier: Option<Tier>,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// Encode equal messages each time instead of once, for measuring speed
    #[arg(long)]
    pub(crate) encode_duplicates: bool,
    /// Policy file (TOML); `beleving policy default` prints the model folder's
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// What a label of your own model means, such as LABEL_0=negative; may be repeated
    #[arg(long = "label", value_name = "LABEL=MEANING", value_parser = pair)]
    pub(crate) labels: Vec<(String, String)>,
}

#[derive(ClapArgs)]
pub(crate) struct BenchArgs {
    /// File of messages, read as `score` reads it
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Rows of the file that are read at most
    #[arg(long, value_name = "N", default_value_t = 2048, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) limit: usize,
    /// Runs that the median is taken of
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
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
    /// File of messages, or -, as `score` takes them
    pub(crate) input: PathBuf,
    /// A probability that changes by more has moved
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    pub(crate) tolerance: f32,
    /// Exit with status 1 where the mean of a probability shifts by more, over all messages or in a language
    /// of at least 20
    #[arg(long, value_name = "P", value_parser = share)]
    pub(crate) max_shift: Option<f64>,
    /// Exit with status 1 where more than this share, 0 to 1, of the messages that have a risk changes its flag
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) max_flips: Option<f64>,
    /// Number of messages to name among those whose risk moves most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) largest: usize,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
}

#[derive(ClapArgs)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    pub(crate) action: PolicyAction,
}

#[derive(Subcommand)]
pub(crate) enum PolicyAction {
    /// Check a policy file and print its name, version and hash
    Check {
        /// Policy file (TOML): what is to differ from the policy of the model folder
        file: PathBuf,
        #[command(flatten)]
        folder: FolderArgs,
    },
    /// Print the policy of a model folder, or the library's own where there is none
    Default {
        #[command(flatten)]
        folder: FolderArgs,
    },
}

#[derive(ClapArgs)]
pub(crate) struct FeaturesArgs {
    /// File of nested interactions (.jsonl)
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) model: ModelArgs,
    /// Print the vector of every message and the projections that its sketch is made of instead, a line a message
    #[arg(long)]
    pub(crate) vectors: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Engine {
    Native,
    RustBert,
}

fn precision() -> impl TypedValueParser<Value = Precision> {
    PossibleValuesParser::new(Precision::ALL.map(Precision::name))
        .try_map(|name| name.parse::<Precision>())
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("`{text}` is out of range, expected 0 to 1, such as 0.02 for 2 in 100")),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match column(text)? {
        (_, value) if value.is_empty() => Err(format!("`{text}` is not of the form NAME=VALUE")),
        pair => Ok(pair),
    }
}

fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((left, right)) if !left.is_empty() => Ok((left.to_owned(), right.to_owned())),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}

impl ReadArgs {
    /// The names of the input's columns: those of the command line, and of the mapping file those of other fields.
    pub(crate) fn all_columns(&self) -> anyhow::Result<Vec<(String, String)>> {
        let mut pairs = match &self.mapping {
            Some(path) => Columns::mapping(path)?,
            None => Vec::new(),
        };
        pairs.retain(|(field, _)| !self.columns.iter().any(|(named, _)| named == field));
        pairs.extend(self.columns.iter().cloned());
        Ok(pairs)
    }

    /// How files become records, of which the columns `keep` are passed through.
    pub(crate) fn options(&self, keep: &[String]) -> anyhow::Result<ReadOptions> {
        let format = match &self.format {
            None => None,
            Some(name) => match Format::of_name(name) {
                Some(format) => Some(format),
                None => bail!(
                    "--format {name}: no format of that name, expected jsonl, json, csv, tsv, parquet, arrow, mbox, \
                     eml, vtt or srt"
                ),
            },
        };
        let encoding = match &self.encoding {
            None => None,
            Some(name) => match encoding_rs::Encoding::for_label(name.as_bytes()) {
                Some(encoding) => Some(encoding),
                None => bail!(
                    "--encoding {name}: no encoding of that name, expected such as windows-1252"
                ),
            },
        };
        let delimiter = match self.delimiter.as_deref() {
            None => None,
            Some("tab" | "\\t") => Some(b'\t'),
            Some(one) if one.len() == 1 && !matches!(one, "\"" | "\n" | "\r") => {
                Some(one.as_bytes()[0])
            }
            Some(_) => bail!("--delimiter: expected one ASCII character, or `tab`"),
        };
        let staff = self.staff.iter().map(|staff| {
            let (who, role) = match staff.split_once('=') {
                Some((who, role)) => (who, Some(role.to_owned())),
                None => (&**staff, None),
            };
            let who = who.trim().trim_start_matches(['*', '@', '.']);
            if who.is_empty() || who.contains([' ', ',', ';', '<']) {
                bail!("--staff {staff}: expected a domain or an address; may be repeated");
            }
            Ok((who.to_owned(), role))
        });
        let columns = Columns::new(&self.all_columns()?, keep)?;
        let order = self.dates.map(|order| match order {
            DateOrder::DayFirst => beleving_archive::DateOrder::DayFirst,
            DateOrder::MonthFirst => beleving_archive::DateOrder::MonthFirst,
        });
        let times = Times::new(self.time_zone.as_deref(), order)?;
        let (staff, speakers) = (
            staff.collect::<anyhow::Result<_>>()?,
            self.speakers.iter().map(|(label, _)| label.clone()).collect(),
        );
        Ok(ReadOptions { columns, format, encoding, delimiter, staff, speakers, times })
    }

    /// What makes rows of the records that are read with `options`. Names come out as they are.
    pub(crate) fn row_reader(&self, options: &ReadOptions) -> anyhow::Result<RowReader> {
        Ok(RowReader::new(options, Speakers::new(&self.speakers)?))
    }
}

impl RunArgs {
    /// The file to write, if the output is one.
    pub(crate) fn output_file(&self) -> Option<&Path> {
        output_file(self.output.as_deref())
    }
}
