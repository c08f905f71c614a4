//! `beleving judge`: one line per interaction, in order of first appearance.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::Context;
use beleving::{Interaction, InteractionState, Message, MessageScores};
use serde_json::{Map, Value};

use crate::args::JudgeArgs;
use crate::input;
use crate::output::{Output, verdict_columns, verdict_line};
use crate::row::{Row, RowError, missing_speaker};
use crate::run::{Chunks, Outcome, Run};

/// What is kept of an interaction until the input ends: everything but the texts.
struct Thread {
    interaction: Interaction,
    scores: Vec<Result<MessageScores, RowError>>,
    rows: Vec<Row>,
    kept: Map<String, Value>,
}

/// One place in the output: an interaction, or a row that belongs to none.
enum Slot {
    Thread(Thread),
    Row(Row, RowError),
}

pub(crate) fn run(judge_args: &JudgeArgs) -> anyhow::Result<Outcome> {
    let args = &judge_args.run;
    let columns = args.columns()?;
    let mut run = Run::start(args)?;
    run.explain(judge_args.explain);
    let mut output =
        Output::open(args.output.as_deref(), &args.input, || verdict_columns(&columns.keep))?;
    let mut states = match &judge_args.states {
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
            Some(BufWriter::new(file))
        }
        None => None,
    };
    let bar = run.bar();
    let mut threads = Threads::default();
    let mut chunks = Chunks::new(bar, |rows: Vec<Row>| {
        let scores = run.score(&rows);
        rows.into_iter().zip(scores).for_each(|(row, scores)| threads.add(row, scores));
        Ok(())
    });
    input::read(&args.input, &columns, &mut chunks)?;
    chunks.flush()?;
    drop(chunks);

    let (mut judged, mut flagged) = (0, 0);
    for slot in threads.slots {
        let mut thread = match slot {
            Slot::Thread(thread) => thread,
            Slot::Row(row, error) => {
                output.write(&row.error_line(&error))?;
                continue;
            }
        };
        thread.require_speakers(&mut run);
        for (row, error) in thread
            .rows
            .iter()
            .zip(&thread.scores)
            .filter_map(|(row, s)| Some((row, s.as_ref().err()?)))
        {
            output.write(&row.error_line(error))?;
        }
        let state = thread.state(&run)?;
        if let Some(states) = &mut states {
            serde_json::to_writer(&mut *states, &state)?;
            states.write_all(b"\n")?;
        }
        let verdict = run.scorer().judging().verdict(&state, run.scorer().policy())?;
        judged += 1;
        flagged += usize::from(verdict.flagged);
        output.write(&verdict_line(&verdict, run.scorer().policy().intent_at, &thread.kept))?;
    }
    output.flush()?;
    if let Some(mut states) = states {
        states.flush()?;
    }
    Ok(run.finish(Some((judged, flagged))))
}

/// The interactions seen so far.
#[derive(Default)]
struct Threads {
    slots: Vec<Slot>,
    by_name: HashMap<String, usize>,
}

impl Threads {
    fn add(&mut self, mut row: Row, scores: Result<MessageScores, RowError>) {
        let name = match (&row.interaction, &scores) {
            (Some(name), _) => name.clone(),
            (None, Err(error)) => {
                let error = error.clone();
                return self.slots.push(Slot::Row(row, error));
            }
            // A message that belongs to no interaction is one by itself.
            (None, Ok(_)) => row.id.clone().unwrap_or_else(|| row.number.to_string()),
        };
        let place = if row.interaction.is_some() {
            *self.by_name.entry(name.clone()).or_insert(self.slots.len())
        } else {
            self.slots.len()
        };
        if place == self.slots.len() {
            let interaction = Interaction {
                customer: row.customer.clone(),
                channel: row.channel.clone(),
                ..Interaction::new(name, Vec::new())
            };
            let thread = Thread {
                interaction,
                scores: Vec::new(),
                rows: Vec::new(),
                kept: row.kept.clone(),
            };
            self.slots.push(Slot::Thread(thread));
        }
        let Slot::Thread(thread) = &mut self.slots[place] else {
            unreachable!("`by_name` holds places of threads");
        };
        let mut message = std::mem::replace(&mut row.message, Err(RowError::input("taken")))
            .unwrap_or_else(|_| Message::customer(""));
        message.id = row.id.clone();
        message.text.clear();
        thread.interaction.messages.push(message);
        thread.scores.push(scores);
        thread.rows.push(row);
    }
}

impl Thread {
    /// Messages of an interaction of several that do not say who speaks have failed.
    fn require_speakers(&mut self, run: &mut Run) {
        if self.rows.len() < 2 {
            return;
        }
        for (row, scores) in self.rows.iter().zip(&mut self.scores) {
            if !row.names_speaker && scores.is_ok() {
                let error = missing_speaker();
                run.fail(&error);
                *scores = Err(error);
            }
        }
    }

    fn state(&self, run: &Run) -> anyhow::Result<InteractionState> {
        let scores: Vec<Option<&MessageScores>> =
            self.scores.iter().map(|s| s.as_ref().ok()).collect();
        Ok(run.scorer().state(&self.interaction, &scores)?)
    }
}
