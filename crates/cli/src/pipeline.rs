//! Rows from the reader through the scorer to whoever writes: side by side, bounded and in order.
//!
//! One thread reads and cuts the input into chunks, two hand them to the scorer (while one encodes, the
//! other tokenises), and the caller's thread takes them back in order. Channels hold few chunks, so memory
//! does not depend on how long the input is, but for 8 bytes an interaction where every row has to say who speaks.

use std::collections::{BTreeMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use anyhow::anyhow;
use beleving::{Message, MessageScores, Scorer};
use beleving_archive::{Inputs, ReadOptions, Record, Sink, Stopped, is_stop};

use crate::row::{Row, RowError, RowReader, missing_speaker};
use crate::shard::{Shard, hash};
use crate::signals;

/// Messages of a chunk, which is a part of the output: enough to fill batches of even length on all
/// cores, few enough that a crash costs less than half a minute.
const CHUNK_ROWS: usize = 1024;

/// Text of a chunk. Long mails are rare; without this, 1,024 of them would fill the memory.
const CHUNK_BYTES: usize = 4 << 20;

/// Chunks that are scored at a time.
const SCORING: usize = 2;

/// Chunks that wait before and after the scoring.
const WAITING: usize = 2;

/// Rows that stand together in the input.
pub(crate) struct Chunk {
    pub(crate) number: u64,
    /// Places `[from, to)` that it covers, those of other shards included.
    pub(crate) places: [u64; 2],
    pub(crate) rows: Vec<Row>,
}

/// A chunk with what was read in its rows.
pub(crate) struct Scored {
    pub(crate) number: u64,
    pub(crate) places: [u64; 2],
    pub(crate) rows: Vec<(Row, Result<MessageScores, RowError>)>,
}

/// How the input goes through.
pub(crate) struct Pipeline<'a> {
    pub(crate) scorer: &'a Scorer,
    pub(crate) inputs: &'a Inputs,
    pub(crate) options: &'a ReadOptions,
    pub(crate) row_reader: &'a RowReader,
    pub(crate) shard: Option<Shard>,
    pub(crate) what: What,
}

/// What of the rows is asked for.
#[derive(Clone, Copy)]
pub(crate) struct What {
    /// Whether a row of an interaction that was seen before has to say who speaks.
    pub(crate) require_speakers: bool,
    /// Whether the texts stay with the rows.
    pub(crate) keep_text: bool,
    /// Whether the sentence that weighs most is looked for in flagged messages.
    pub(crate) explain: bool,
}

/// Whether the input was read to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    AtTheEnd,
    Stopped,
}

impl Pipeline<'_> {
    /// Scores every chunk that is not `finished` and hands it over in order.
    pub(crate) fn run(
        &self,
        finished: impl Fn(u64) -> bool + Send,
        take: impl FnMut(Scored) -> anyhow::Result<()>,
    ) -> anyhow::Result<Ended> {
        let ended = self.run_with(finished, |chunk| self.score(chunk), take)?;
        if ended == Ended::AtTheEnd {
            self.row_reader.warn_of_unmet();
        }
        Ok(ended)
    }

    fn run_with(
        &self,
        finished: impl Fn(u64) -> bool + Send,
        score: impl Fn(Chunk) -> Scored + Sync,
        mut take: impl FnMut(Scored) -> anyhow::Result<()>,
    ) -> anyhow::Result<Ended> {
        let (to_score, chunks) = sync_channel(WAITING);
        let (to_writer, scored) = sync_channel(WAITING);
        let (chunks, given_up) = (Mutex::new(chunks), AtomicBool::new(false));
        thread::scope(|scope| {
            let (given_up, score) = (&given_up, &score);
            let reader = scope.spawn(move || self.read(to_score, finished, given_up));
            for _ in 0..SCORING {
                let (chunks, to_writer) = (&chunks, to_writer.clone());
                scope.spawn(move || score_all(chunks, score, &to_writer));
            }
            drop(to_writer);
            let taken = in_order(scored, &mut take);
            given_up.store(taken.is_err(), Ordering::Relaxed);
            let read = reader
                .join()
                .unwrap_or_else(|_| Err(anyhow!("the reading of the input broke off")));
            taken?;
            read
        })
    }

    fn read(
        &self,
        to_score: SyncSender<(usize, Chunk)>,
        finished: impl Fn(u64) -> bool,
        given_up: &AtomicBool,
    ) -> anyhow::Result<Ended> {
        let mut chunker = Chunker {
            pipeline: self,
            finished,
            given_up,
            to_score,
            seen: HashSet::new(),
            rows: Vec::new(),
            bytes: 0,
            taken: 0,
            first: 0,
            next: 0,
            number: 0,
            sent: 0,
        };
        let read = self.inputs.read(self.options, &mut chunker);
        match read.and_then(|()| chunker.hand_over()) {
            Ok(()) => Ok(Ended::AtTheEnd),
            Err(error) if is_stop(&error) => Ok(Ended::Stopped),
            Err(error) => Err(error),
        }
    }

    fn score(&self, chunk: Chunk) -> Scored {
        let mut rows = chunk.rows;
        let mut messages: Vec<Message> = Vec::with_capacity(rows.len());
        for row in &mut rows {
            if row.error.is_none() {
                messages.push(std::mem::replace(&mut row.message, Message::customer("")));
            }
        }
        let scores = if self.what.explain {
            self.scorer.score_explained(&messages)
        } else {
            self.scorer.score(&messages)
        };
        let mut done = messages.into_iter().zip(scores);
        let rows = rows.into_iter().map(|mut row| {
            let result = match &row.error {
                None => {
                    let (mut message, scores) = done.next().expect("one result for each message");
                    if !self.what.keep_text {
                        message.text = String::new();
                    }
                    row.message = message;
                    scores.map_err(|error| RowError::from(&error))
                }
                Some(error) => Err(error.clone()),
            };
            (row, result)
        });
        Scored { rows: rows.collect(), number: chunk.number, places: chunk.places }
    }
}

/// Scores chunks until there are none. A panic is handed over as an error: a chunk that never came would keep all that
/// follow it waiting for ever.
fn score_all(
    chunks: &Mutex<Receiver<(usize, Chunk)>>,
    score: impl Fn(Chunk) -> Scored,
    to_writer: &SyncSender<(usize, anyhow::Result<Scored>)>,
) {
    loop {
        let next = chunks.lock().map(|chunks| chunks.recv());
        let Ok(Ok((sent, chunk))) = next else { return };
        let [from, to] = chunk.places;
        let scored = catch_unwind(AssertUnwindSafe(|| score(chunk)))
            .map_err(|_| anyhow!("the scoring of rows {} to {to} broke off", from + 1));
        if to_writer.send((sent, scored)).is_err() {
            // The reader may be waiting to hand over; it hears at its next chunk that we gave up.
            while let Ok(Ok(_)) = chunks.lock().map(|chunks| chunks.recv()) {}
            return;
        }
    }
}

fn in_order(
    scored: Receiver<(usize, anyhow::Result<Scored>)>,
    take: &mut impl FnMut(Scored) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let (mut early, mut next) = (BTreeMap::new(), 0);
    for (sent, chunk) in scored {
        early.insert(sent, chunk?);
        while let Some(chunk) = early.remove(&next) {
            take(chunk)?;
            next += 1;
        }
    }
    Ok(())
}

/// Makes rows of records and chunks of rows. Where the cuts are depends on the input alone, except on a
/// pipe, which is not kept waiting.
struct Chunker<'a, F> {
    pipeline: &'a Pipeline<'a>,
    finished: F,
    /// Whether the writer failed.
    given_up: &'a AtomicBool,
    to_score: SyncSender<(usize, Chunk)>,
    /// Interactions that were met, by their hash.
    seen: HashSet<u64>,
    rows: Vec<Row>,
    bytes: usize,
    /// Rows since the last cut, those of other shards included.
    taken: usize,
    first: u64,
    next: u64,
    number: u64,
    sent: usize,
}

impl<F: Fn(u64) -> bool> Chunker<'_, F> {
    fn hand_over(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let number = self.number;
        let places = [self.first, self.next];
        (self.bytes, self.taken, self.first) = (0, 0, self.next);
        if places[0] == places[1] {
            return Ok(());
        }
        self.number += 1;
        if (self.finished)(number) {
            return Ok(());
        }
        if signals::stop_wanted() || self.given_up.load(Ordering::Relaxed) {
            return Err(Stopped.into());
        }
        self.sent += 1;
        let chunk = Chunk { number, places, rows };
        self.to_score.send((self.sent - 1, chunk)).map_err(|_| Stopped.into())
    }

    /// Refuses to guess who speaks in an interaction that was seen before. The first row of one may be
    /// all there is, so it is the customer's.
    fn require_speaker(&mut self, row: &mut Row) {
        let Some(interaction) = &row.interaction else { return };
        let again = !self.seen.insert(hash(interaction));
        if again && !row.names_speaker && row.error.is_none() {
            row.fail(missing_speaker());
        }
    }
}

impl<F: Fn(u64) -> bool> Sink for Chunker<'_, F> {
    fn take(&mut self, record: Record) -> anyhow::Result<()> {
        for mut row in self.pipeline.row_reader.rows(record) {
            row.place = self.next;
            self.next += 1;
            self.taken += 1;
            // Counted for every shard alike, so that all cut at the same places.
            self.bytes += row.text_bytes();
            if self.pipeline.what.require_speakers {
                self.require_speaker(&mut row);
            }
            if self.pipeline.shard.is_none_or(|shard| shard.holds(&row)) {
                self.rows.push(row);
            }
        }
        let full = self.taken >= CHUNK_ROWS || self.bytes >= CHUNK_BYTES;
        if full { self.hand_over() } else { Ok(()) }
    }

    fn may_wait(&mut self) -> anyhow::Result<()> {
        self.hand_over()
    }
}

#[cfg(test)]
mod tests {
    use beleving_archive::Columns;

    use super::*;
    use crate::row::Speakers;

    #[test]
    fn a_panic_in_the_scoring_ends_the_run_with_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("in.jsonl");
        std::fs::write(&path, "{\"text\": \"\"}\n".repeat(40 * CHUNK_ROWS)).expect("written");
        let options = ReadOptions { columns: Columns::own(), ..ReadOptions::default() };
        let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");
        let pipeline = Pipeline {
            scorer: &Scorer::open(tiny).expect("loads"),
            inputs: &Inputs::find(&[path], None).expect("found"),
            options: &options,
            row_reader: &RowReader::new(&options, Speakers::new(&[]).expect("valid")),
            shard: None,
            what: What { require_speakers: false, keep_text: false, explain: false },
        };
        for broken in [vec![1], vec![0, 1, 2, 3]] {
            let score = |chunk: Chunk| {
                assert!(!broken.contains(&chunk.number), "kanariepiet");
                Scored { number: chunk.number, places: chunk.places, rows: Vec::new() }
            };
            let mut taken = Vec::new();
            let ended = pipeline.run_with(
                |_| false,
                score,
                |scored| {
                    taken.push(scored.number);
                    Ok(())
                },
            );
            let error = ended.err().expect("an error").to_string();
            assert!(error.starts_with("the scoring of rows ") && !error.contains("kanariepiet"));
            assert!(taken.iter().all(|number| *number < broken[0]), "{taken:?}");
        }
    }
}
