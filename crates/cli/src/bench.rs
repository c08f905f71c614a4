//! `beleving bench`: how fast a model folder encodes, and how fast the whole way from file to line is.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::bail;
use beleving::{Duplicates, Message, Scorer};
use beleving_archive::{Inputs, Record, Sink, Stopped, is_stop};
use serde_json::{Value, json};

use crate::args::BenchArgs;
use crate::row::RowReader;
use crate::run::{Outcome, peak_memory};

pub(crate) fn run(args: &BenchArgs) -> anyhow::Result<Outcome> {
    if args.input == Path::new("-") {
        bail!("the input is read again in every run, which standard input cannot be; give a file");
    }
    let texts = texts(args)?;
    let encoder = args.model.builder()?.duplicates(Duplicates::Each).build_encoder()?;
    let windows = texts.iter().map(|text| encoder.ids(text)).collect::<Result<Vec<_>, _>>()?;
    let windows: Vec<&[u32]> = windows.iter().map(Vec::as_slice).collect();
    let tokens: usize = windows.iter().map(|w| w.len()).sum();
    let encode = |windows: &[&[u32]]| -> anyhow::Result<()> {
        Ok(encoder.encode(windows).into_iter().try_for_each(|row| row.map(drop))?)
    };
    let spent = median(args.runs, || encode(&windows))?;
    let encoded = line_of_tokens("encode", windows.len(), tokens, spent);
    write(with_setup(encoded, encoder.tier(), encoder.precision(), encoder.threads()))?;
    // One at a time, as a caller with a single message waits for it.
    let singles: Vec<&[u32]> = windows.iter().copied().cycle().take(args.singles).collect();
    let waits = singles.iter().map(|window| seconds(|| encode(&[window])));
    let waits = waits.collect::<anyhow::Result<Vec<f64>>>()?;
    if !waits.is_empty() {
        let one_by_one = line_of_waits(waits, singles.iter().map(|window| window.len()).sum());
        write(with_setup(one_by_one, encoder.tier(), encoder.precision(), encoder.threads()))?;
    }
    drop(encoder);

    // A folder without a head cannot score, and an encoder is all that is measured of it.
    let scorer = match args.model.builder()?.duplicates(Duplicates::Each).build() {
        Ok(scorer) => scorer,
        Err(error) if error.kind() == beleving::ErrorKind::Config => {
            tracing::warn!("the encoder alone was measured: {error}");
            return Ok(Outcome::AllDone);
        }
        Err(error) => return Err(error.into()),
    };
    let spent = median(args.runs, || whole_way(&scorer, args))?;
    let line = line("end_to_end", texts.len(), spent);
    write(with_setup(line, scorer.tier(), scorer.precision(), scorer.threads()))?;
    Ok(Outcome::AllDone)
}

/// The first texts of a file.
struct Texts {
    row_reader: RowReader,
    limit: usize,
    texts: Vec<String>,
}

impl Sink for Texts {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        for row in self.row_reader.rows(record) {
            if self.texts.len() == self.limit {
                return Err(Stopped.into());
            }
            if let Some(error) = row.error {
                let file = row.file.as_deref().unwrap_or("-");
                bail!("row {} of `{file}`: {}", row.number, error.message);
            }
            self.texts.push(row.message.text);
        }
        Ok(())
    }
}

/// The texts of the file, read as `score` reads it.
fn texts(args: &BenchArgs) -> anyhow::Result<Vec<String>> {
    let (path, options) = (&args.input, args.read.options(&[])?);
    let mut found =
        Texts { row_reader: args.read.row_reader(&options)?, limit: args.limit, texts: Vec::new() };
    let inputs = Inputs::find(std::slice::from_ref(path), options.format)?;
    let read = inputs.read(&options, &mut found);
    if let Err(error) = read
        && !is_stop(&error)
    {
        return Err(error);
    }
    if found.texts.is_empty() {
        bail!("`{}` has no rows, expected at least one", path.display());
    }
    Ok(found.texts)
}

/// Reads the file, scores it and writes the scores as JSON, to nowhere.
fn whole_way(scorer: &Scorer, args: &BenchArgs) -> anyhow::Result<()> {
    let messages: Vec<Message> = texts(args)?.into_iter().map(Message::customer).collect();
    let mut sink = io::BufWriter::new(io::sink());
    for scores in scorer.score(&messages) {
        serde_json::to_writer(&mut sink, &scores?)?;
    }
    Ok(())
}

fn seconds(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}

/// Median seconds of some runs, after one that fills caches and buffers.
fn median(runs: usize, work: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    work()?;
    let mut spent = (0..runs).map(|_| seconds(&work)).collect::<anyhow::Result<Vec<_>>>()?;
    spent.sort_by(f64::total_cmp);
    Ok(spent[spent.len() / 2])
}

fn line(stage: &str, messages: usize, seconds: f64) -> Value {
    let messages_per_s = messages as f64 / seconds;
    json!({ "stage": stage, "messages": messages, "seconds": seconds, "messages_per_s": messages_per_s })
}

fn line_of_tokens(stage: &str, messages: usize, tokens: usize, seconds: f64) -> Value {
    let mut line = line(stage, messages, seconds);
    line["tokens"] = json!(tokens);
    line["tokens_per_s"] = json!(tokens as f64 / seconds);
    line
}

/// Adds by what it was measured.
fn with_setup(mut line: Value, tier: &str, precision: &str, threads: usize) -> Value {
    line["tier"] = json!(tier);
    line["precision"] = json!(precision);
    line["threads"] = json!(threads);
    line["peak_rss_mb"] = json!(peak_memory().map(|bytes| bytes >> 20));
    line
}

fn line_of_waits(mut waits: Vec<f64>, tokens: usize) -> Value {
    let messages = waits.len();
    let mut line = line_of_tokens("encode_one", messages, tokens, waits.iter().sum());
    waits.sort_by(f64::total_cmp);
    line["p50_ms"] = json!(waits[messages / 2] * 1e3);
    line["p99_ms"] = json!(waits[messages * 99 / 100] * 1e3);
    line
}

fn write(line: Value) -> anyhow::Result<()> {
    writeln!(io::stdout(), "{line}")?;
    Ok(())
}
