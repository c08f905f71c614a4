//! `beleving compare`: what changes between two models on the messages of a file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use anyhow::bail;
use beleving::{Intent, Message, MessageScores, Scorer};
use beleving_archive::{Inputs, Record, Sink};

use crate::args::CompareArgs;
use crate::row::{Row, RowReader};
use crate::run::Outcome;

/// Messages below which a language is shown and not held against `--max-shift`.
const MIN_MESSAGES: usize = 20;

/// Messages that are scored at a time.
const CHUNK: usize = 1024;

/// Gathers rows and hands them over in chunks.
struct Chunks<F> {
    row_reader: RowReader,
    rows: Vec<Row>,
    process: F,
}

impl<F: FnMut(Vec<Row>)> Chunks<F> {
    /// Hands over what there is.
    fn flush(&mut self) {
        (self.process)(std::mem::take(&mut self.rows));
    }
}

impl<F: FnMut(Vec<Row>)> Sink for Chunks<F> {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        self.rows.extend(self.row_reader.rows(record));
        if self.rows.len() >= CHUNK {
            self.flush();
        }
        Ok(())
    }
}

pub(crate) fn run(args: &CompareArgs) -> anyhow::Result<Outcome> {
    let options = args.read.options(&[])?;
    let open = |folder| Scorer::builder().model(folder).threads(args.threads.count()).build();
    let (old, new) = (open(&args.old)?, open(&args.new)?);
    let mut found = Comparison::default();
    let row_reader = args.read.row_reader(&options)?;
    let process = |rows| {
        found.add(rows, &old, &new, args.tolerance);
        found.keep_largest(args.largest);
    };
    let mut chunks = Chunks { row_reader, rows: Vec::new(), process };
    let inputs = Inputs::find(std::slice::from_ref(&args.input), options.format)?;
    inputs.read(&options, &mut chunks)?;
    chunks.flush();
    chunks.row_reader.warn_of_unmet();

    let mut out = io::stdout().lock();
    writeln!(out, "old {}, new {}", old.model_id(), new.model_id())?;
    found.print(&mut out, args)?;
    let exceeded = found.exceeded(args);
    for line in &exceeded {
        tracing::warn!("exceeded: {line}");
    }
    match (exceeded.is_empty(), found.failed, found.both) {
        (false, ..) => Ok(Outcome::Exceeded),
        (true, 1.., _) => Ok(Outcome::SomeFailed),
        (true, 0, 0) => bail!("both models read no message of `{}`", args.input.display()),
        _ => Ok(Outcome::AllDone),
    }
}

/// Sum of the shifts (new less old) of one output over some messages.
#[derive(Default, Clone, Copy)]
struct Shift {
    count: usize,
    sum: f64,
}

impl Shift {
    fn mean(self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

#[derive(Default, Clone)]
struct OutputShift {
    all: Shift,
    moved: usize,
    largest: f32,
    languages: BTreeMap<String, Shift>,
}

/// A message by its id, never by its text.
struct Mover {
    id: String,
    old: f32,
    new: f32,
}

impl Mover {
    fn moved(&self) -> f32 {
        (self.new - self.old).abs()
    }
}

#[derive(Default)]
struct Comparison {
    messages: usize,
    failed: usize,
    both: usize,
    only_old: usize,
    only_new: usize,
    /// Messages that either of them gives a risk, so that they may be flagged.
    with_risk: usize,
    raised: usize,
    dropped: usize,
    sentiment_flips: usize,
    intent_flips: usize,
    /// By place and name.
    outputs: BTreeMap<(usize, String), OutputShift>,
    languages: BTreeMap<String, usize>,
    /// Those that move most, first.
    movers: Vec<Mover>,
}

impl Comparison {
    fn add(&mut self, rows: Vec<Row>, old: &Scorer, new: &Scorer, tolerance: f32) {
        self.messages += rows.len();
        let mut ids = Vec::new();
        let mut messages: Vec<Message> = Vec::new();
        for row in rows {
            match row.error {
                None => {
                    ids.push(row.id.unwrap_or_else(|| format!("row {}", row.number)));
                    messages.push(row.message);
                }
                Some(error) => {
                    let file = row.file.as_deref().unwrap_or("-");
                    self.fail(&format!("row {} of `{file}`", row.number), &error.message);
                }
            }
        }
        let scores = old.score(&messages).into_iter().zip(new.score(&messages));
        for (id, (old, new)) in ids.into_iter().zip(scores) {
            match (old, new) {
                (Ok(old), Ok(new)) => self.add_one(id, &old, &new, tolerance),
                (Err(error), _) | (_, Err(error)) => self.fail(&id, &error.to_string()),
            }
        }
    }

    fn fail(&mut self, what: &str, error: &str) {
        self.failed += 1;
        tracing::warn!("{what}: {error}");
    }

    fn add_one(&mut self, id: String, old: &MessageScores, new: &MessageScores, tolerance: f32) {
        match (old.is_assessable(), new.is_assessable()) {
            (true, true) => self.both += 1,
            (true, false) => self.only_old += 1,
            (false, true) => self.only_new += 1,
            (false, false) => {}
        }
        self.with_risk += usize::from(old.risk.is_some() || new.risk.is_some());
        self.raised += usize::from(new.flagged && !old.flagged);
        self.dropped += usize::from(old.flagged && !new.flagged);
        if !(old.is_assessable() && new.is_assessable()) {
            return;
        }
        let (before, after) = (outputs(old), outputs(new));
        let differ = |group: &str| highest(&before, group) != highest(&after, group);
        self.sentiment_flips += usize::from(differ("sentiment."));
        self.intent_flips += usize::from(differ("intents."));
        let tag = new.language.as_deref().or(old.language.as_deref()).unwrap_or("?");
        let language = tag.split('-').next().unwrap_or(tag).to_lowercase();
        *self.languages.entry(language.clone()).or_default() += 1;
        for (n, ((name, before), (_, after))) in before.into_iter().zip(after).enumerate() {
            let (Some(before), Some(after)) = (before, after) else { continue };
            let by = after - before;
            let output = self.outputs.entry((n, name)).or_default();
            output.moved += usize::from(by.abs() > tolerance);
            output.largest = if by.abs() > output.largest.abs() { by } else { output.largest };
            for shift in [&mut output.all, output.languages.entry(language.clone()).or_default()] {
                shift.count += 1;
                shift.sum += f64::from(by);
            }
        }
        if let (Some(old), Some(new)) = (old.risk, new.risk) {
            let mover = Mover { id, old, new };
            if mover.moved() > tolerance {
                self.movers.push(mover);
            }
        }
    }

    /// Lets go of all but the messages that move most, so that those of a long file do not fill the memory.
    fn keep_largest(&mut self, largest: usize) {
        self.movers.sort_by(|a, b| b.moved().total_cmp(&a.moved()).then_with(|| a.id.cmp(&b.id)));
        self.movers.truncate(largest);
    }

    fn print(&self, out: &mut impl Write, args: &CompareArgs) -> io::Result<()> {
        writeln!(
            out,
            "{} messages: {} read by both, {} by the old one only, {} by the new one only, {} failed",
            self.messages, self.both, self.only_old, self.only_new, self.failed
        )?;
        let share = |n: usize| 100.0 * n as f64 / self.both.max(1) as f64;
        writeln!(
            out,
            "flips: flag {} ({:.1} % of {} with a risk: {} raised, {} dropped), sentiment {} ({:.1} %), main intent {} ({:.1} %)\n",
            self.raised + self.dropped,
            100.0 * self.flag_flips(),
            self.with_risk,
            self.raised,
            self.dropped,
            self.sentiment_flips,
            share(self.sentiment_flips),
            self.intent_flips,
            share(self.intent_flips)
        )?;
        write!(out, "{:<36} {:>8} {:>9} {:>9}", "output", "moved", "largest", "mean")?;
        for (language, count) in &self.languages {
            write!(out, " {:>12}", format!("{language} ({count})"))?;
        }
        writeln!(out)?;
        for ((_, name), output) in &self.outputs {
            let (moved, largest, mean) = (output.moved, output.largest, output.all.mean());
            write!(out, "{name:<36} {moved:>8} {largest:>+9.3} {mean:>+9.4}")?;
            for language in self.languages.keys() {
                let shift = output.languages.get(language).copied().unwrap_or_default();
                write!(out, " {:>+12.4}", shift.mean())?;
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "moved: by more than {}; mean: new less old, per language as well",
            args.tolerance
        )?;
        for (n, Mover { id, old, new }) in self.movers.iter().enumerate() {
            if n == 0 {
                writeln!(out, "\nlargest moves of the risk")?;
            }
            writeln!(out, "{old:.3} -> {new:.3}  {id}")?;
        }
        Ok(())
    }

    /// Share of the messages that could be flagged whose flag changes.
    fn flag_flips(&self) -> f64 {
        (self.raised + self.dropped) as f64 / self.with_risk.max(1) as f64
    }

    /// The bounds that do not hold.
    fn exceeded(&self, args: &CompareArgs) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(bound) = args.max_shift {
            for ((_, name), output) in &self.outputs {
                let all = ("all languages", output.all);
                let languages = output.languages.iter().map(|(l, shift)| (l.as_str(), *shift));
                let enough = languages.filter(|(_, shift)| shift.count >= MIN_MESSAGES);
                for (which, shift) in std::iter::once(all).chain(enough) {
                    if shift.mean().abs() > bound {
                        let mean = shift.mean();
                        lines
                            .push(format!("{name} moves by {mean:+.4} ({which}), at most {bound}"));
                    }
                }
            }
        }
        let flips = self.flag_flips();
        if let Some(bound) = args.max_flips.filter(|bound| flips > *bound) {
            lines.push(format!("{flips:.4} of the flags flip, at most {bound}"));
        }
        lines
    }
}

/// Every probability of a message by its name in the output.
fn outputs(scores: &MessageScores) -> Vec<(String, Option<f32>)> {
    let (s, g) = (scores.sentiment, scores.signals);
    let mut all = [
        ("risk", scores.risk),
        ("sentiment.negative", s.map(|s| s.negative)),
        ("sentiment.neutral", s.map(|s| s.neutral)),
        ("sentiment.positive", s.map(|s| s.positive)),
        ("signals.repeat_contact", g.map(|g| g.repeat_contact)),
        ("signals.relationship_at_risk", g.map(|g| g.relationship_at_risk)),
        ("signals.escalation", g.map(|g| g.escalation)),
        ("signals.problem_stated", g.map(|g| g.problem_stated)),
    ]
    .map(|(name, p)| (name.to_owned(), p))
    .to_vec();
    all.extend(Intent::ALL.map(|intent| {
        (format!("intents.{}", intent.name()), scores.intents.map(|intents| intents.p(intent)))
    }));
    all
}

/// The likeliest of a group of outputs.
fn highest<'o>(outputs: &'o [(String, Option<f32>)], group: &str) -> Option<&'o str> {
    let within = outputs.iter().filter(|(name, _)| name.starts_with(group));
    let known = within.filter_map(|(name, p)| Some((name.as_str(), (*p)?)));
    known.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name)
}
