//! What every run over rows has in common: loading, counting, progress and the closing summary.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::bail;
use beleving::{MessageScores, Scorer};
use beleving_archive::{Column, Inputs, ReadOptions, TableFormat};
use indicatif::{HumanBytes, HumanCount};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::RunArgs;
use crate::log::{Progress, counted};
use crate::model::Model;
use crate::pipeline::{Ended, Pipeline, Scored, What};
use crate::privacy::Privacy;
use crate::row::{Row, RowError, RowReader};
use crate::store::{Manifest, Opened, Settings, Store, folder_of_parts};
use crate::write::{PLACE, is_other_table, require_place, same_file};
use crate::{output, signals};

/// How a run ended.
pub(crate) enum Outcome {
    AllDone,
    SomeFailed,
    /// Some parts are finished, and `--resume` goes on.
    Stopped,
    /// A bound that was given does not hold.
    Exceeded,
}

/// How a run over rows went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) messages: u64,
    pub(crate) flagged: u64,
    pub(crate) not_assessable: u64,
    /// Failures by kind.
    pub(crate) failed: BTreeMap<String, u64>,
    /// Interactions that were judged.
    #[serde(default)]
    pub(crate) interactions: u64,
    #[serde(default)]
    pub(crate) interactions_flagged: u64,
    /// Interactions in which no customer says anything, and so without a verdict.
    #[serde(default)]
    pub(crate) without_customer: u64,
    /// Messages of an interaction that have the id of an earlier one of it, and count once with it.
    #[serde(default)]
    pub(crate) repeated: u64,
    /// Those of them that are not the same message once more.
    #[serde(default)]
    pub(crate) differing: u64,
    /// Place of the first row that failed in this run, and what is wrong with it. Kept nowhere: it names a file.
    #[serde(skip)]
    first_failure: Option<(u64, String)>,
}

impl Counts {
    /// Counts one row.
    pub(crate) fn row(&mut self, row: &Row, result: &Result<MessageScores, RowError>) {
        self.messages += 1;
        match result {
            Ok(scores) => {
                self.not_assessable += u64::from(!scores.is_assessable());
                self.flagged += u64::from(scores.flagged);
            }
            Err(error) => self.fail(row, error),
        }
    }

    /// Counts a failure that was found after scoring: the scores, which were counted, are dropped.
    pub(crate) fn fail_scored(&mut self, row: &Row, scores: &MessageScores, error: &RowError) {
        self.not_assessable -= u64::from(!scores.is_assessable());
        self.flagged -= u64::from(scores.flagged);
        self.fail(row, error);
    }

    fn fail(&mut self, row: &Row, error: &RowError) {
        *self.failed.entry(error.kind.to_string()).or_default() += 1;
        if self.first_failure.as_ref().is_none_or(|(place, _)| row.place < *place) {
            let file =
                row.file.as_ref().map_or("standard input".into(), |file| format!("`{file}`"));
            let text = format!("row {} of {file}: {}", row.number, error.message);
            self.first_failure = Some((row.place, text));
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.flagged += other.flagged;
        self.not_assessable += other.not_assessable;
        self.interactions += other.interactions;
        self.interactions_flagged += other.interactions_flagged;
        self.without_customer += other.without_customer;
        self.repeated += other.repeated;
        self.differing += other.differing;
        for (kind, n) in &other.failed {
            *self.failed.entry(kind.clone()).or_default() += n;
        }
        let failures = [self.first_failure.take(), other.first_failure.clone()];
        self.first_failure = failures.into_iter().flatten().min();
    }

    pub(crate) fn outcome(&self) -> Outcome {
        if self.failed.is_empty() { Outcome::AllDone } else { Outcome::SomeFailed }
    }
}

/// A run that is set up: the model is loaded and the input found.
pub(crate) struct Run<'a> {
    args: &'a RunArgs,
    pub(crate) model: Model,
    row_reader: RowReader,
    options: ReadOptions,
    inputs: Inputs,
    /// What the files were before anything was read of them.
    stamps: Vec<Option<(u64, SystemTime)>>,
    load: Duration,
    started: Instant,
    rows_done: Arc<AtomicU64>,
}

impl<'a> Run<'a> {
    /// Loads the model, finds the input, and starts the clock. `own_columns` are those of the output but for what is kept;
    /// `states` is what is written beside the output, `check` what is asked of the model.
    pub(crate) fn start(
        args: &'a RunArgs,
        own_columns: &[Column],
        states: Option<&Path>,
        check: impl FnOnce(&Scorer) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let options = args.read.options(&args.keep)?;
        require_free_names(args, own_columns, options.columns.name("customer"))?;
        let inputs = Inputs::find(&args.input, options.format)?;
        if args.output_file().is_none() && (args.resume || args.shard.is_some()) {
            bail!("--resume and --shard need -o FILE: parts lie beside it");
        }
        if let Some(output) = args.output_file() {
            let format = TableFormat::of(output)?;
            if args.shard.is_some() && !format.is_plain_jsonl() {
                bail!("--shard writes .jsonl; `beleving merge` makes any other format of it");
            }
            if args.shard.is_some() && args.key_file.is_none() && !args.clear_ids {
                bail!(
                    "--shard needs --key-file: all shards must have the same key (or --clear-ids)"
                );
            }
            require_place(output)?;
            require_no_input(&inputs, output)?;
        }
        // They are written when all is scored, which is late to find out.
        if let Some(states) = states {
            if is_other_table(states) {
                bail!("`{}` is no .jsonl, which is how states are written", states.display());
            }
            require_place(states)?;
            require_no_input(&inputs, states)?;
            require_own_states(args, states)?;
        }
        let stamps = inputs.stamps();
        let loading = Instant::now();
        let model = args.model.load()?;
        let load = loading.elapsed();
        check(&model.scorer)?;
        let row_reader = args.read.row_reader(&options)?.with_privacy(Privacy::of_run(args)?);
        Ok(Self {
            args,
            model,
            row_reader,
            options,
            inputs,
            stamps,
            load,
            started: Instant::now(),
            rows_done: Arc::default(),
        })
    }

    pub(crate) fn scorer(&self) -> &Scorer {
        &self.model.scorer
    }

    /// Scores what is not yet there into parts, and keeps of each row what `keep` makes of it. Breaks where there is nothing
    /// to go on with: the output is there already, or the run was stopped.
    pub(crate) fn score_into_parts<Kept: Serialize>(
        &self,
        command: &str,
        more: Settings,
        what: What,
        mut keep: impl FnMut(Row, Result<MessageScores, RowError>) -> Kept,
    ) -> anyhow::Result<ControlFlow<Outcome, Store>> {
        let mut store = match self.store(command, more)? {
            Opened::Store(store) => store,
            Opened::Done(manifest) => {
                tracing::warn!("the output is there already, with these settings");
                return Ok(ControlFlow::Break(manifest.counts.outcome()));
            }
        };
        let done = store.finished();
        let ended = self.score(
            what,
            |part| done.contains(&part),
            |scored| {
                let (mut counts, mut lines) = (Counts::default(), Vec::new());
                for (row, result) in scored.rows {
                    counts.row(&row, &result);
                    serde_json::to_writer(&mut lines, &keep(row, result))?;
                    lines.push(b'\n');
                }
                store.write(scored.number, scored.places, counts, &lines)
            },
        );
        match ended.inspect_err(|_| store.remove_if_useless())? {
            Ended::AtTheEnd => Ok(ControlFlow::Continue(store)),
            Ended::Stopped => {
                tracing::warn!(
                    "stopped; {} finished and kept in `{}`. The same command with --resume goes on",
                    counted(store.counts().messages, "message"),
                    store.folder().display()
                );
                Ok(ControlFlow::Break(Outcome::Stopped))
            }
        }
    }

    /// Opens the place where finished parts are kept.
    fn store(&self, command: &str, more: Settings) -> anyhow::Result<Opened> {
        let Some(output) = self.args.output_file() else {
            return Ok(Opened::Store(Store::temporary()?));
        };
        if self.inputs.is_stdin() && self.args.resume {
            bail!("standard input cannot be read again: --resume needs files");
        }
        let mut settings = self.settings(command)?;
        settings.extend(more);
        let opened = Store::open(output, settings, self.args.resume)?;
        if !self.inputs.is_stdin() {
            signals::can_resume();
        }
        Ok(opened)
    }

    fn settings(&self, command: &str) -> anyhow::Result<Settings> {
        let (args, read, scorer) = (self.args, &self.args.read, self.scorer());
        let mut input = self.inputs.fingerprint();
        for print in &mut input {
            print.file = self.row_reader.file(&print.file).to_string();
        }
        Ok(output::object(json!({
            "command": command, "version": env!("CARGO_PKG_VERSION"), "schema": output::SCHEMA,
            "input": input,
            "model": scorer.model_id(), "model_sha256": *self.model.sha256,
            "tier": scorer.tier(), "precision": scorer.precision(), "policy": scorer.policy(), "labels": args.model.labels,
            "columns": read.all_columns()?, "keep": args.keep, "speakers": read.speakers,
            "staff": read.staff, "format": read.format, "encoding": read.encoding,
            "delimiter": read.delimiter, "time_zone": read.time_zone,
            "dates": read.dates, "names": self.row_reader.key_fingerprint(),
            "shard": args.shard.map(|shard| shard.to_string()),
        })))
    }

    /// Scores the parts that are not `finished` and hands them over in order.
    pub(crate) fn score(
        &self,
        what: What,
        finished: impl Fn(u64) -> bool + Send,
        mut take: impl FnMut(Scored) -> anyhow::Result<()>,
    ) -> anyhow::Result<Ended> {
        let progress = Progress::start(&self.inputs, self.args.quiet, self.rows_done.clone());
        let pipeline = Pipeline {
            scorer: self.scorer(),
            inputs: &self.inputs,
            options: &self.options,
            row_reader: &self.row_reader,
            shard: self.args.shard,
            what,
        };
        let take = |scored: Scored| {
            let rows = scored.rows.len() as u64;
            take(scored)?;
            self.rows_done.fetch_add(rows, Ordering::Relaxed);
            Ok(())
        };
        let ended = signals::in_parts(|| pipeline.run(finished, take));
        progress.end();
        let ended = ended?;
        if self.inputs.stamps() != self.stamps {
            let changed: Vec<String> = self
                .inputs
                .paths()
                .zip(self.inputs.stamps())
                .zip(&self.stamps)
                .filter(|((_, now), before)| now != *before)
                .map(|((path, _), _)| format!("`{}`", path.display()))
                .collect();
            let parts = if signals::has_parts() {
                "; finished parts are still there, and belong to neither"
            } else {
                ""
            };
            bail!(
                "{} changed while it was read: the rows may be of both versions. Run again on input \
                 that stays as it is{parts}",
                changed.join(", ")
            );
        }
        Ok(ended)
    }

    /// Says how the run went.
    pub(crate) fn summary(&self, counts: &Counts) {
        if self.args.quiet {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        let rows_now = self.rows_done.load(Ordering::Relaxed);
        let rate = rows_now as f64 / seconds.max(1e-9);
        let failed: u64 = counts.failed.values().sum();
        let scorer = self.scorer();
        let peak = peak_memory();
        if crate::log::is_json() {
            for (kind, n) in &counts.failed {
                tracing::info!(kind, messages = n, "failed");
            }
            tracing::info!(
                messages = counts.messages, messages_this_run = rows_now, seconds, rate,
                flagged = counts.flagged, not_assessable = counts.not_assessable, failed,
                interactions = counts.interactions, interactions_flagged = counts.interactions_flagged,
                without_customer = counts.without_customer,
                repeated = counts.repeated, differing = counts.differing, model = scorer.model_id(),
                model_sha256 = *self.model.sha256,
                first_failure = counts.first_failure.as_ref().map(|(_, text)| text),
                policy = %scorer.policy().id(), tier = scorer.tier(), precision = scorer.precision(),
                threads = scorer.threads(), load_ms = self.load.as_millis() as u64,
                peak_memory_bytes = peak, "done"
            );
            return;
        }
        tracing::info!(
            "{} in {seconds:.1} s, {rate:.0}/s; {} flagged, {} not assessable, {} failed{}",
            counted(counts.messages, "message"),
            HumanCount(counts.flagged),
            HumanCount(counts.not_assessable),
            HumanCount(failed),
            counts
                .failed
                .iter()
                .map(|(kind, n)| format!(" ({kind}: {})", HumanCount(*n)))
                .collect::<String>(),
        );
        if let Some((_, text)) = &counts.first_failure {
            // Of those of an earlier run only the number is kept.
            let first = if rows_now < counts.messages { "first of this run" } else { "first" };
            tracing::info!("{first}: {text}");
        }
        if rows_now < counts.messages {
            let before = counts.messages - rows_now;
            tracing::info!("{} of them by an earlier run", HumanCount(before));
        }
        if counts.interactions > 0 {
            let all = counted(counts.interactions, "interaction");
            tracing::info!("{all}, {} flagged", HumanCount(counts.interactions_flagged));
        }
        if counts.without_customer > 0 {
            let without = counted(counts.without_customer, "interaction");
            tracing::info!(
                "{without} without a message of the customer, and so without a verdict (--speaker LABEL=customer says \
                 whose a label is)"
            );
        }
        if counts.repeated > 0 {
            let repeated = counted(counts.repeated, "message");
            tracing::info!("{repeated} came more than once, by id: counted once");
        }
        let memory = peak.map(|bytes| format!(", peak memory {}", HumanBytes(bytes)));
        tracing::info!(
            "model {} ({}), policy {}, {} in {}, {}, loaded in {} ms{}",
            scorer.model_id(),
            &self.model.sha256[..12],
            scorer.policy().id(),
            scorer.tier(),
            scorer.precision(),
            counted(scorer.threads() as u64, "thread"),
            self.load.as_millis(),
            memory.unwrap_or_default(),
        );
    }
}

/// Refuses to keep what would take the place of a field of the output, or undo a pseudonym.
fn require_free_names(
    args: &RunArgs,
    own_columns: &[Column],
    customer: &str,
) -> anyhow::Result<()> {
    for (n, name) in args.keep.iter().enumerate() {
        let is_place = args.shard.is_some() && name == PLACE;
        if is_place || own_columns.iter().any(|column| is_part_of(name, &column.path)) {
            let clear = match &**name {
                "customer" if !args.clear_ids => "; --clear-ids writes it there as it is",
                _ => "",
            };
            bail!("--keep {name}: the output has a field of that name itself{clear}");
        }
        if name == customer && !args.clear_ids {
            bail!(
                "--keep {name}: it names the customer, who stands in the output under a pseudonym; --clear-ids writes \
                 the name in `customer`"
            );
        }
        if args.keep[..n].contains(name) {
            bail!("--keep {name} is given twice");
        }
    }
    Ok(())
}

/// Whether a field is one of the output, or lies within one: a table has `sentiment` as `sentiment.negative` and others.
fn is_part_of(name: &str, column: &str) -> bool {
    let within = column.split_once('.').map(|(outer, _)| outer);
    name == column || within.is_some_and(|outer| name.split('.').next() == Some(outer))
}

fn require_no_input(inputs: &Inputs, written: &Path) -> anyhow::Result<()> {
    if inputs.paths().any(|input| same_file(input, written)) {
        bail!("`{}` is the input: the output would overwrite it", written.display());
    }
    Ok(())
}

/// Refuses states that would overwrite the output, or what another shard has written.
fn require_own_states(args: &RunArgs, states: &Path) -> anyhow::Result<()> {
    let (shown, Some(output)) = (states.display(), args.output_file()) else { return Ok(()) };
    if same_file(output, states) {
        bail!("`{shown}` is the output: the states would overwrite it");
    }
    // An unfinished run may have written them itself.
    let Some(shard) = args.shard.filter(|_| !folder_of_parts(output).exists()) else {
        return Ok(());
    };
    let earlier = Manifest::find(output).ok().flatten();
    let are_own = earlier.is_some_and(|earlier| {
        let was = |key| earlier.settings.get(key).and_then(Value::as_str);
        was("shard") == Some(&*shard.to_string())
            && was("states").is_some_and(|before| same_file(Path::new(before), states))
    });
    if states.is_file() && !are_own {
        bail!(
            "`{shown}` is there already and may hold the states of another shard: give --states another file for \
             each shard, or remove it"
        );
    }
    Ok(())
}

/// Most memory the process has had, in bytes; known on Linux only.
pub(crate) fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}
