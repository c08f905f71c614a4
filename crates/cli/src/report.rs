//! `beleving report`: a page, or tables, of what `judge` found.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use beleving::{Judge, Policy, Timestamp};
use beleving_report::{
    Audience, Checked, Claims, Collected, Language, Method, Options, Period, Rates, Tables,
    TextsFound, Voice,
};
use clap::{Args as ClapArgs, ValueEnum};
use indicatif::HumanCount;
use jiff::SignedDuration;

use crate::args::FolderArgs;
use crate::log::counted;
use crate::model::read_policy;
use crate::run::Outcome;
use crate::write::{
    is_stdout, open, open_jsonl, output_file, require_place, same_file, sync, write_whole,
};

pub(crate) const EXAMPLES: &str = "Examples:
  beleving judge archive.jsonl --keep sector -o verdicts.jsonl
  beleving report verdicts.jsonl -o report.html
  beleving report verdicts.jsonl -o report.html --language en --with-text archive.jsonl
  beleving report verdicts.jsonl -o report.html --checked 41,9,12,138 --cost-per-contact 6.50
  beleving report --compare before.jsonl after.jsonl -o change.html --audience burger
  beleving report verdicts.jsonl --format csv -o tables.csv
  beleving report one.jsonl two.jsonl                                tables in the terminal, of all shards together

With what changes over an answer, by role and channel, and by what staff claims in it:
  beleving judge archive.jsonl --states states.jsonl -o verdicts.jsonl
  beleving report verdicts.jsonl --states states.jsonl --meant-against-felt --policy policy.toml -o report.html";

#[derive(ClapArgs)]
pub(crate) struct ReportArgs {
    /// Lines of `judge` (.jsonl), or - for standard input; several files count as one
    #[arg(required_unless_present = "compare", conflicts_with = "compare")]
    input: Vec<PathBuf>,
    /// Compare two periods: lines of `judge` from before a change and from after it
    #[arg(long, num_args = 2, value_names = ["BEFORE", "AFTER"])]
    compare: Option<Vec<PathBuf>>,
    /// Write to this file instead of standard output, which - is too
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A page to read, or the tables behind it [default: by the ending of FILE, text on a terminal, else html]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Language of the page
    #[arg(long, value_enum, default_value_t = PageLanguage::Nl)]
    language: PageLanguage,
    /// What the page calls the people who write
    #[arg(long, value_enum, default_value_t = People::Klant)]
    audience: People,
    /// Show texts on the cards, from this file of messages (.jsonl) or of `score --with-text`
    #[arg(long, value_name = "FILE")]
    with_text: Option<PathBuf>,
    /// States of the same interactions, from `judge --states`: adds what changes over an answer; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    states: Vec<PathBuf>,
    /// Set what staff claims against what customers show next, by kind of claim and role
    #[arg(long, requires = "states")]
    meant_against_felt: bool,
    /// Name the N customers with most at stake, as the lines of `judge` name them: under pseudonyms unless it had
    /// --clear-ids; in tables, never on the page
    #[arg(long, value_name = "N", default_value_t = 0)]
    customers_at_stake: u16,
    /// Policy file (TOML) with windows, weights, group sizes and roles of one person [default: the model folder's
    /// own]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    folder: FolderArgs,
    /// Counts of a random sample that people have read: flagged and bad, flagged but fine, missed, rightly left
    #[arg(long, value_name = "N,N,N,N", value_parser = checked)]
    checked: Option<Checked>,
    /// Step in time [default: by the length of the archive]
    #[arg(long, value_enum)]
    by: Option<Step>,
    /// Withhold groups with fewer interactions
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    min_group: u64,
    /// Number of moments to show, at most two of each intent and source
    #[arg(long, value_name = "N", default_value_t = 6)]
    moments: u8,
    /// What a contact costs that would not have been needed
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    cost_per_contact: Option<f64>,
    /// What it costs to pass somebody on
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    cost_per_handoff: Option<f64>,
    /// What an escalation costs
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    cost_per_escalation: Option<f64>,
    /// Sign of the money
    #[arg(long, value_name = "SIGN", default_value = "€")]
    currency: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Html,
    Json,
    Csv,
    Text,
}

#[derive(Clone, Copy, ValueEnum)]
enum PageLanguage {
    Nl,
    En,
}

#[derive(Clone, Copy, ValueEnum)]
enum People {
    #[value(alias = "customer")]
    Klant,
    #[value(alias = "citizen")]
    Burger,
    #[value(name = "patiënt", alias = "patient")]
    Patient,
    #[value(alias = "tenant")]
    Huurder,
}

#[derive(Clone, Copy, ValueEnum)]
enum Step {
    Week,
    Month,
    Year,
}

fn checked(text: &str) -> Result<Checked, String> {
    let counts: Result<Vec<u64>, _> = text.split(',').map(|n| n.trim().parse()).collect();
    let Ok(&[flagged_bad, flagged_fine, missed_bad, left_fine]) = counts.as_deref() else {
        return Err(format!("`{text}` is not four whole numbers, such as 41,9,12,138"));
    };
    Checked { flagged_bad, flagged_fine, missed_bad, left_fine }.check()
}

fn amount(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(amount) if (0.0..1e12).contains(&amount) => Ok(amount),
        _ => Err(format!("`{text}` is not an amount, such as 6.50")),
    }
}

pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<Outcome> {
    if let Some(output) = output_file(args.output.as_deref()) {
        require_place(output)?;
    }
    let (judge, policy) = match (&args.policy, args.states.is_empty()) {
        (Some(path), true) => (None, read_policy(path, &args.folder.own_policy()?)?),
        (None, true) => (None, args.folder.own_policy()?),
        (path, false) => {
            let (judge, own) = Judge::open(args.folder.path()?)?;
            let stated = path.as_deref().map(|path| read_policy(path, &own)).transpose()?;
            (Some(judge), stated.unwrap_or(own))
        }
    };
    let (options, format) = (args.options(policy), args.format()?);
    let inputs: Vec<&Path> =
        args.compare.iter().flatten().chain(&args.input).map(PathBuf::as_path).collect();
    let mut whole = true;
    let mut tables = if args.compare.is_some() {
        let [before, after] = inputs[..] else { bail!("expected two files with --compare") };
        let (one, other) = (read(&[before], &mut whole)?, read(&[after], &mut whole)?);
        Collected::compare(&one, &other, &options)?
    } else {
        let mut collected = read(&inputs, &mut whole)?;
        for path in &args.states {
            let judge = judge.as_ref().expect("opened where there are states");
            whole &= read_with(path, &mut collected, |collected, lines| {
                collected.read_states(lines, judge, &options.policy)
            })?;
        }
        collected.tables(&options)?
    };
    if let Some(answers) = &tables.answers
        && answers.interactions != tables.counts.interactions
    {
        let (states, verdicts) = (answers.interactions, tables.counts.interactions);
        tracing::warn!(
            "{} beside {}: are they of the same run?",
            counted(states, "state"),
            counted(verdicts, "verdict")
        );
    }
    tell(&tables);
    if let Some(path) = &args.with_text {
        let TextsFound { found, wanted, why } = tables
            .add_texts(open(path)?)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        if found < wanted {
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            tracing::warn!("`{}` has texts for {found} of {wanted} moments{why}", path.display());
        }
    }
    args.write(&tables, &inputs, format)?;
    Ok(if whole { Outcome::AllDone } else { Outcome::SomeFailed })
}

/// Tells what of the input makes the figures mean less than they seem to.
fn tell(tables: &Tables) {
    let counts = &tables.counts;
    if counts.counted_twice > 0 {
        tracing::warn!(
            "left out, as their interaction came before with the same name and start: {}. Is a file given twice?",
            counted(counts.counted_twice, "line")
        );
    }
    if counts.misdated > 0 {
        tracing::warn!(
            "dated before 1990 or in the future: {} of {}. They count, but not in what goes by time",
            HumanCount(counts.misdated),
            counted(counts.interactions, "interaction")
        );
    }
    if let Some([from, to]) = tables.comparison.as_ref().and_then(|found| found.overlap.as_ref()) {
        tracing::warn!("the two periods overlap, from {from} to {to}");
    }
    for (policy, hashes) in tables.policies_of_one_name() {
        tracing::warn!(
            "`{policy}` names different policies, with the hashes {}; the line over time is broken between them",
            hashes.join(", ")
        );
    }
}

impl ReportArgs {
    fn options(&self, policy: Policy) -> Options {
        let defaults = Options::default();
        Options {
            method: self.checked.map_or(defaults.method, Method::Checked),
            period: self.by.map(|step| match step {
                Step::Week => Period::Week,
                Step::Month => Period::Month,
                Step::Year => Period::Year,
            }),
            min_group: self.min_group,
            moments: self.moments.into(),
            rates: Rates {
                contact: self.cost_per_contact,
                handoff: self.cost_per_handoff,
                escalation: self.cost_per_escalation,
                currency: self.currency.clone(),
            },
            policy,
            claims: if self.meant_against_felt { Claims::ByRole } else { Claims::LeftOut },
            customers: self.customers_at_stake.into(),
        }
    }

    fn voice(&self) -> Voice {
        Voice {
            language: match self.language {
                PageLanguage::Nl => Language::Dutch,
                PageLanguage::En => Language::English,
            },
            audience: match self.audience {
                People::Klant => Audience::Customer,
                People::Burger => Audience::Citizen,
                People::Patient => Audience::Patient,
                People::Huurder => Audience::Tenant,
            },
        }
    }

    fn format(&self) -> anyhow::Result<Format> {
        if let Some(format) = self.format {
            return Ok(format);
        }
        let ending = self.output.as_deref().and_then(Path::extension);
        Ok(match ending.map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
            Some("html" | "htm") => Format::Html,
            Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            Some("txt") => Format::Text,
            Some(other) => {
                bail!(
                    "cannot write `.{other}`, expected .html, .json, .csv or .txt, or --format with it"
                )
            }
            None if io::stdout().is_terminal() => Format::Text,
            None => Format::Html,
        })
    }

    fn write(&self, tables: &Tables, inputs: &[&Path], format: Format) -> anyhow::Result<()> {
        let Some(path) = self.output.as_deref().filter(|path| !is_stdout(path)) else {
            return self.put(tables, format, io::stdout().lock());
        };
        if inputs
            .iter()
            .copied()
            .chain(self.states.iter().chain(&self.with_text).map(PathBuf::as_path))
            .any(|input| same_file(input, path))
        {
            bail!("`{}` is an input: the report would overwrite it", path.display());
        }
        write_whole(path, |path| {
            let file = File::create(path)?;
            self.put(tables, format, &file)?;
            Ok(sync(&file)?)
        })
        .with_context(|| format!("cannot write `{}`", path.display()))
    }

    fn put(&self, tables: &Tables, format: Format, out: impl Write) -> anyhow::Result<()> {
        let mut out = BufWriter::new(out);
        match format {
            Format::Html => out.write_all(tables.html(self.voice()).as_bytes())?,
            Format::Json => tables.write_json(&mut out)?,
            Format::Csv => tables.write_csv(&mut out)?,
            Format::Text => tables.write_text(&mut out)?,
        }
        Ok(out.flush()?)
    }
}

/// Reads lines of `judge`; those that are none are told and passed over, and `whole` is false then.
fn read(paths: &[&Path], whole: &mut bool) -> anyhow::Result<Collected> {
    // Clocks differ, and so do time zones that were left out.
    let tomorrow = Timestamp::now().saturating_add(SignedDuration::from_hours(24));
    let mut collected = Collected::dated_until(tomorrow.expect("hours are of one length"));
    for path in paths {
        *whole &= read_with(path, &mut collected, |collected, lines| collected.read(lines))?;
    }
    if collected.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        bail!("no lines of `beleving judge` in {}", names.join(", "));
    }
    Ok(collected)
}

/// Reads one file. An empty one is told, and gives nothing. Gives whether all lines could be read.
fn read_with(
    path: &Path,
    collected: &mut Collected,
    read: impl FnOnce(&mut Collected, Box<dyn BufRead>) -> io::Result<()>,
) -> anyhow::Result<bool> {
    let (named, unreadable) = (collected.errors().len(), collected.unreadable());
    let cannot = || format!("cannot read `{}`", path.display());
    let mut lines = open_jsonl(path)?;
    if lines.fill_buf().with_context(cannot)?.is_empty() {
        tracing::warn!("`{}` is empty", path.display());
    }
    read(collected, lines).with_context(cannot)?;
    let new = &collected.errors()[named..];
    for line in new {
        tracing::warn!("{}: row {}: {}", path.display(), line.row, line.error);
    }
    let unreadable = collected.unreadable() - unreadable;
    let more = unreadable - new.len() as u64;
    if more > 0 {
        tracing::warn!("{}: {} more cannot be read", path.display(), counted(more, "row"));
    }
    Ok(unreadable == 0)
}
