//! What every run over rows has in common: loading, progress, counting, the closing summary.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::time::{Duration, Instant};

use beleving::{MessageScores, Scorer};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::RunArgs;
use crate::input::Sink;
use crate::row::{Row, RowError};

/// Messages that are scored at a time: enough to fill batches of even length on all cores, and few
/// enough that memory stays flat.
const CHUNK: usize = 1024;

/// How a run ended.
pub(crate) enum Outcome {
    AllDone,
    SomeFailed,
}

/// Counts of a run, for the summary.
pub(crate) struct Run {
    scorer: Scorer,
    load: Duration,
    started: Instant,
    bar: ProgressBar,
    quiet: bool,
    messages: u64,
    not_assessable: u64,
    flagged: u64,
    failed: BTreeMap<&'static str, u64>,
}

impl Run {
    /// Loads the model and starts the clock.
    pub(crate) fn start(args: &RunArgs) -> anyhow::Result<Self> {
        let loading = Instant::now();
        let scorer = args.model.load()?;
        let load = loading.elapsed();
        Ok(Self {
            scorer,
            load,
            started: Instant::now(),
            bar: progress_bar(&args.input, args.quiet),
            quiet: args.quiet,
            messages: 0,
            not_assessable: 0,
            flagged: 0,
            failed: BTreeMap::new(),
        })
    }

    pub(crate) fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// The bar that shows how many bytes of the input were read.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Scores rows, and counts how it went; results in the order of the rows.
    pub(crate) fn score(&mut self, rows: &[Row]) -> Vec<Result<MessageScores, RowError>> {
        let messages: Vec<_> = rows.iter().filter_map(|row| row.message.clone().ok()).collect();
        let mut scored = self.scorer.score(&messages).into_iter();
        let results: Vec<Result<MessageScores, RowError>> = rows
            .iter()
            .map(|row| match &row.message {
                Ok(_) => {
                    let scores = scored.next().expect("one result for each message");
                    scores.map_err(|error| RowError::from(&error))
                }
                Err(error) => Err(error.clone()),
            })
            .collect();
        for result in &results {
            self.messages += 1;
            match result {
                Ok(scores) => {
                    self.not_assessable += u64::from(!scores.is_assessable());
                    self.flagged += u64::from(scores.flagged);
                }
                Err(error) => self.fail(error),
            }
        }
        results
    }

    /// Counts a failure that was found after scoring.
    pub(crate) fn fail(&mut self, error: &RowError) {
        *self.failed.entry(error.kind).or_default() += 1;
    }

    /// Prints the summary to standard error.
    pub(crate) fn finish(self, judged: Option<(usize, usize)>) -> Outcome {
        self.bar.finish_and_clear();
        if !self.quiet {
            self.print_summary(judged);
        }
        if self.failed.is_empty() { Outcome::AllDone } else { Outcome::SomeFailed }
    }

    fn print_summary(&self, judged: Option<(usize, usize)>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = self.messages as f64 / seconds.max(1e-9);
        eprintln!(
            "{} messages in {seconds:.1} s, {rate:.0}/s; {} flagged, {} not assessable, {} failed{}",
            HumanCount(self.messages),
            HumanCount(self.flagged),
            HumanCount(self.not_assessable),
            HumanCount(self.failed.values().sum()),
            self.failed.iter().map(|(kind, n)| format!(" ({kind}: {n})")).collect::<String>(),
        );
        if let Some((interactions, flagged)) = judged {
            eprintln!("{interactions} interactions, {flagged} flagged");
        }
        let memory = peak_memory().map(|bytes| format!(", peak memory {}", HumanBytes(bytes)));
        eprintln!(
            "model {}, policy {}, {} in {}, {} threads, loaded in {} ms{}",
            self.scorer.model_id(),
            self.scorer.policy().id(),
            self.scorer.tier(),
            self.scorer.precision(),
            self.scorer.threads(),
            self.load.as_millis(),
            memory.unwrap_or_default(),
        );
    }
}

/// Gathers rows and hands them over in chunks; what one line holds stays together.
pub(crate) struct Chunks<F> {
    rows: Vec<Row>,
    bar: ProgressBar,
    process: F,
}

impl<F: FnMut(Vec<Row>) -> anyhow::Result<()>> Chunks<F> {
    pub(crate) fn new(bar: ProgressBar, process: F) -> Self {
        Self { rows: Vec::new(), bar, process }
    }

    /// Hands over what is left.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() { Ok(()) } else { (self.process)(rows) }
    }
}

impl<F: FnMut(Vec<Row>) -> anyhow::Result<()>> Sink for Chunks<F> {
    fn take(&mut self, rows: Vec<Row>) -> anyhow::Result<()> {
        self.rows.extend(rows);
        if self.rows.len() < CHUNK { Ok(()) } else { self.flush() }
    }

    fn may_wait(&mut self) -> anyhow::Result<()> {
        self.flush()
    }

    fn progress(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }
}

fn progress_bar(input: &Path, quiet: bool) -> ProgressBar {
    let length = std::fs::metadata(input).map(|m| m.len()).ok();
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
    }
    let Some(length) = length else { return ProgressBar::new_spinner() };
    let template = "{wide_bar} {bytes}/{total_bytes}, {eta} left";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    ProgressBar::new(length).with_style(style)
}

/// Most memory the process has had, in bytes; known on Linux only.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
