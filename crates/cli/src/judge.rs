//! `beleving judge`: one line per interaction, in order of first appearance.
//!
//! Messages are scored first; what is kept of each, never its text unless asked for, goes into the parts. Then the parts
//! are dealt out over so many piles, by interaction, that one pile fits in memory; each pile is judged, and
//! the verdicts of all piles are merged back into the order of the input.
//!
//! There are at most 256 piles: up to 12.8 million messages or 32 GiB of entries each has 50,000 or 128 MiB on average, above
//! that piles grow with them. `--shard` cuts a larger archive up.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IntoInnerError, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use beleving::{Interaction, JudgeUnder, Message, MessageRecord, MessageScores, Scorer, Speaker};
use beleving_archive::Numbered;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::args::JudgeArgs;
use crate::log::counted;
use crate::output::{verdict_columns, verdict_line};
use crate::pipeline::What;
use crate::row::{Row, RowError, missing_speaker};
use crate::run::{Counts, Outcome, Run};
use crate::shard;
use crate::sorted;
use crate::store::{Settings, Store};
use crate::write::{assemble, parse, stream, sync, with_place, write_whole};

/// Messages of a pile: about 100 MB in memory without their texts.
const PILE_MESSAGES: u64 = 50_000;

/// Bytes of a pile, which entries with texts reach first.
const PILE_BYTES: u64 = 128 << 20;

/// Most piles: each is an open file while they are dealt out, of which systems allow 1,024 or fewer.
const MAX_PILES: u64 = 256;

/// What is kept of a message until its interaction is judged. The row's text is empty, but with --with-text.
#[derive(Serialize, Deserialize)]
struct Entry {
    row: Row,
    scores: Result<MessageScores, RowError>,
}

/// As much of an [`Entry`] as says which pile it goes on.
#[derive(Deserialize)]
struct Key {
    row: KeyRow,
}

#[derive(Deserialize)]
struct KeyRow {
    place: u64,
    interaction: Option<String>,
}

/// Refuses a model that cannot judge: it must not score an archive first.
fn can_judge(scorer: &Scorer) -> anyhow::Result<()> {
    let judge = scorer.judging();
    judge.verdict(&judge.state(""), scorer.policy())?;
    Ok(())
}

pub(crate) fn run(judge_args: &JudgeArgs) -> anyhow::Result<Outcome> {
    let args = &judge_args.run;
    let own_columns = verdict_columns(&[], judge_args.with_text);
    let run = Run::start(args, &own_columns, judge_args.states.as_deref(), can_judge)?;
    let more = Settings::from_iter([
        ("explain".to_owned(), json!(judge_args.explain)),
        ("states".to_owned(), json!(judge_args.states)),
        ("with_text".to_owned(), json!(judge_args.with_text)),
    ]);
    let (keep_text, explain) = (judge_args.with_text, judge_args.explain);
    let what = What { require_speakers: false, keep_text, explain };
    let scored = run.score_into_parts("judge", more, what, |row, scores| Entry { row, scores })?;
    let store = match scored {
        ControlFlow::Continue(store) => store,
        ControlFlow::Break(outcome) => return Ok(outcome),
    };
    let mut counts = store.counts();
    let scorer = run.scorer();
    let judge = Judge {
        scorer,
        judge: scorer.judging().under(scorer.policy())?,
        with_places: args.shard.is_some(),
        with_text: keep_text,
        states: None,
        of_several: 0,
    };
    let judged = match &judge_args.states {
        Some(path) => write_whole(path, |unfinished| {
            let file = File::create(unfinished)
                .with_context(|| format!("cannot write `{}`", path.display()))?;
            let states = Some(BufWriter::new(file));
            Judge { states, ..judge }.all(&store, &mut counts)
        })?,
        None => judge.all(&store, &mut counts)?,
    };
    if counts.differing > 0 {
        tracing::warn!(
            "{} had the id of another of the same interaction and differed from it; of each id one was judged. Is \
             `id` the right column? Without one, messages are told apart by their place",
            counted(counts.differing, "message")
        );
    }
    match args.output_file() {
        None => {
            let mut table = stream(args.output.as_deref())?;
            sorted::merge(&judged, placed, |line| table.write(&parse(line.as_bytes())?))?;
            table.finish()?;
        }
        Some(output) => {
            let totals = counts.clone();
            let columns = verdict_columns(&args.keep, keep_text);
            assemble(store, output, columns, &totals, |_, take| {
                sorted::merge(&judged, placed, |line| take(line.as_bytes()))
            })?;
        }
    }
    run.summary(&counts);
    Ok(counts.outcome())
}

/// Deals the entries out over piles: all of an interaction on one pile, in their order.
fn deal_out(store: &Store, piles: u64) -> anyhow::Result<Vec<PathBuf>> {
    let paths: Vec<PathBuf> =
        (0..piles).map(|n| store.folder().join(format!("pile-{n:03}.jsonl"))).collect();
    let mut files = paths
        .iter()
        .map(|path| Ok(BufWriter::new(File::create(path)?)))
        .collect::<anyhow::Result<Vec<_>>>()
        .context("cannot deal the scores out to the disk")?;
    store.lines(|line| {
        let Key { row } = serde_json::from_slice(line)?;
        let pile = shard::pile(row.interaction.as_deref(), row.place, piles);
        Ok(files[pile as usize].write_all(line)?)
    })?;
    for mut file in files {
        file.flush().context("cannot deal the scores out to the disk")?;
    }
    Ok(paths)
}

/// What is known of an interaction; the texts only with --with-text.
struct Gathered {
    /// Place of its first row.
    place: u64,
    interaction: Interaction,
    entries: Vec<Entry>,
}

/// How many piles so many messages in so many bytes are dealt out over.
fn piles(messages: u64, bytes: u64) -> u64 {
    messages.div_ceil(PILE_MESSAGES).max(bytes.div_ceil(PILE_BYTES)).clamp(1, MAX_PILES)
}

struct Judge<'a> {
    scorer: &'a Scorer,
    judge: JudgeUnder<'a>,
    /// Whether lines carry their place, for `merge`.
    with_places: bool,
    /// Whether lines carry the texts of the messages.
    with_text: bool,
    /// Where the states go, pile by pile.
    states: Option<BufWriter<File>>,
    /// Interactions whose rows name several customers.
    of_several: u64,
}

impl Judge<'_> {
    /// Judges all interactions of a store, pile by pile. Gives a file for each pile, as [`Self::pile`] does.
    fn all(mut self, store: &Store, counts: &mut Counts) -> anyhow::Result<Vec<PathBuf>> {
        let judged = deal_out(store, piles(counts.messages, store.bytes()))
            .and_then(|piles| piles.iter().map(|pile| self.pile(pile, counts)).collect())
            .with_context(|| format!("cannot judge in `{}`", store.folder().display()))?;
        if let Some(states) = self.states {
            let file = states.into_inner().map_err(IntoInnerError::into_error);
            file.and_then(|file| sync(&file)).context("cannot write states")?;
        }
        if self.of_several > 0 {
            tracing::warn!(
                "the rows of {} name several customers, one of whom stands for each, and by whom alone `forget` finds \
                 it. Does the column of `customer` hold who wrote? Rows of staff should name the customer too, or nobody",
                counted(self.of_several, "interaction")
            );
        }
        Ok(judged)
    }

    /// Judges the interactions of a pile. Gives a file of lines `PLACE⇥JSON`, by place.
    fn pile(&mut self, pile: &Path, counts: &mut Counts) -> anyhow::Result<PathBuf> {
        let path = pile.with_extension("judged");
        let read = BufReader::new(File::open(pile).context("cannot read a pile")?);
        let mut threads: Vec<Gathered> = Vec::new();
        let mut by_name: HashMap<String, usize> = HashMap::new();
        for line in read.lines() {
            let entry: Entry = serde_json::from_str(&line.context("cannot read a pile")?)?;
            add(entry, &mut threads, &mut by_name);
        }
        let mut out = BufWriter::new(File::create(&path).context("cannot write verdicts")?);
        for thread in &mut threads {
            let place = thread.place;
            for line in self.lines(thread, counts)? {
                let line = if self.with_places { with_place(place, line) } else { line };
                write!(out, "{place}\t")?;
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        out.flush().context("cannot write verdicts")?;
        std::fs::remove_file(pile).context("cannot remove a pile")?;
        Ok(path)
    }

    /// The lines of an interaction: its rows that failed, then its verdict.
    fn lines(
        &mut self,
        thread: &mut Gathered,
        counts: &mut Counts,
    ) -> anyhow::Result<Vec<Map<String, Value>>> {
        thread.require_speakers(counts);
        thread.tell_apart();
        let failed =
            thread.entries.iter().filter_map(|entry| Some((entry, entry.scores.as_ref().err()?)));
        let mut lines: Vec<_> = failed.map(|(entry, error)| entry.row.error_line(error)).collect();
        if thread.entries.iter().all(|e| e.row.interaction.is_none() && e.scores.is_err()) {
            return Ok(lines);
        }
        let scores: Vec<Option<&MessageScores>> =
            thread.entries.iter().map(|entry| entry.scores.as_ref().ok()).collect();
        let scorer = self.scorer;
        let state = scorer.state(&thread.interaction, &scores)?;
        if let Some(states) = &mut self.states {
            let written = serde_json::to_writer(&mut *states, &state).map_err(io::Error::from);
            written.and_then(|()| states.write_all(b"\n")).context("cannot write states")?;
        }
        let verdict = self.judge.verdict(&state)?;
        let customers = thread.entries.iter().filter_map(|entry| entry.row.customer.as_deref());
        self.of_several += u64::from(customers.collect::<BTreeSet<_>>().len() > 1);
        counts.interactions += 1;
        counts.interactions_flagged += u64::from(verdict.flagged);
        let is_customers = |message: &Message| message.speaker == Speaker::Customer;
        counts.without_customer += u64::from(!thread.interaction.messages.iter().any(is_customers));
        let distinct = thread.distinct();
        counts.repeated += distinct.repeated;
        counts.differing += distinct.differing;
        let mut line = verdict_line(&verdict, scorer.policy().intent_at, &thread.kept());
        if self.with_text {
            line.insert("texts".to_owned(), json!(distinct.texts));
        }
        lines.push(line);
        Ok(lines)
    }
}

fn add(mut entry: Entry, threads: &mut Vec<Gathered>, by_name: &mut HashMap<String, usize>) {
    let row = &mut entry.row;
    let next = threads.len();
    let at = match &row.interaction {
        Some(name) => *by_name.entry(name.clone()).or_insert(next),
        // A message that belongs to no interaction is one by itself.
        None => next,
    };
    if at == next {
        let name = row.interaction.clone().unwrap_or_else(|| row.own_name());
        let interaction = Interaction::new(name, Vec::new());
        threads.push(Gathered { place: row.place, interaction, entries: Vec::new() });
    }
    // Who wrote it and when still counts of a row that failed: without a time, the whole interaction would be
    // read in the order of the file.
    let mut message = std::mem::replace(&mut row.message, Message::customer(""));
    message.id = row.id.clone();
    let interaction = &mut threads[at].interaction;
    interaction.belongs_to(row.customer.as_deref(), row.channel.as_deref());
    interaction.messages.push(message);
    threads[at].entries.push(entry);
}

/// The messages of an interaction, each id once, as a state counts them.
struct Distinct<'a> {
    /// Texts by place; `None` where a row could not be read.
    texts: Vec<Option<&'a str>>,
    /// Messages that have the id of an earlier one: the same once more, or another.
    repeated: u64,
    differing: u64,
}

impl Gathered {
    /// Messages of an interaction of several that do not say who speaks have failed.
    fn require_speakers(&mut self, counts: &mut Counts) {
        if self.entries.len() < 2 {
            return;
        }
        for entry in &mut self.entries {
            if let Ok(scores) = &entry.scores
                && !entry.row.names_speaker
            {
                let error = missing_speaker();
                counts.fail_scored(&entry.row, scores, &error);
                entry.scores = Err(error);
            }
        }
    }

    /// Gives another number to a message that is called by its place within its line, if another line of the interaction has a
    /// different message there. The same line once more is the same messages.
    fn tell_apart(&mut self) {
        let line = |entry: &Entry| (entry.row.file.clone(), entry.row.number);
        let is_of_one = self.entries.windows(2).all(|two| line(&two[0]) == line(&two[1]));
        if is_of_one || !self.entries.iter().any(|entry| entry.row.is_numbered) {
            return;
        }
        let all = self.entries.iter().zip(&self.interaction.messages);
        let with_id = all.filter(|(entry, _)| !entry.row.is_numbered);
        let ids = with_id.filter_map(|(_, message)| message.id.clone());
        let mut names = Numbered::beside(ids.collect());
        for (entry, message) in self.entries.iter().zip(&mut self.interaction.messages) {
            let Some(number) = message.id.clone().filter(|_| entry.row.is_numbered) else {
                continue;
            };
            let record = MessageRecord::new(message, entry.scores.as_ref().ok());
            message.id = Some(names.name(&number, record).to_owned());
        }
    }

    /// Of each field of `--keep` the first value that is there.
    fn kept(&self) -> Map<String, Value> {
        let of = |name: &String| {
            self.entries.iter().map(|entry| &entry.row.kept[name]).find(|value| !value.is_null())
        };
        let names = self.entries[0].row.kept.keys();
        names.map(|name| (name.clone(), of(name).cloned().unwrap_or_default())).collect()
    }

    fn distinct(&self) -> Distinct<'_> {
        let mut distinct = Distinct { texts: Vec::new(), repeated: 0, differing: 0 };
        let mut records: Vec<MessageRecord> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (message, entry) in self.interaction.messages.iter().zip(&self.entries) {
            let record = MessageRecord::new(message, entry.scores.as_ref().ok());
            let text = Some(&*message.text).filter(|text| entry.scores.is_ok() || !text.is_empty());
            let next = records.len();
            let place = match message.id.as_deref() {
                Some(id) => *places.entry(id).or_insert(next),
                None => next,
            };
            if place == next {
                records.push(record);
                distinct.texts.push(text);
                continue;
            }
            distinct.repeated += 1;
            distinct.differing += u64::from(record != records[place]);
            // Which of two a state keeps: `MessageRecord` is ordered for that.
            if record > records[place] {
                records[place] = record;
                distinct.texts[place] = text;
            }
        }
        distinct
    }
}

/// The place of a line of verdicts, and its JSON.
fn placed(line: String) -> anyhow::Result<(u64, String)> {
    let (place, line) = line.split_once('\t').context("a line of verdicts has no place")?;
    Ok((place.parse()?, line.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piles_are_cut_by_messages_and_by_bytes() {
        assert_eq!(piles(0, 0), 1);
        assert_eq!(piles(50_001, 1), 2);
        // Of 32 KiB each.
        assert_eq!(piles(50_000, 50_000 << 15), 13);
        assert_eq!(piles(1 << 40, 1 << 50), MAX_PILES);
    }
}
