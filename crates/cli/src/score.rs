//! `beleving score`: one line per message, in input order.

use std::collections::HashSet;

use beleving::MessageScores;

use crate::args::ScoreArgs;
use crate::input;
use crate::output::{Output, score_columns, score_line};
use crate::row::{Row, RowError, missing_speaker};
use crate::run::{Chunks, Outcome, Run};

pub(crate) fn run(args: &ScoreArgs) -> anyhow::Result<Outcome> {
    let columns = args.run.columns()?;
    let mut run = Run::start(&args.run)?;
    let mut output =
        Output::open(args.run.output.as_deref(), &args.run.input, || score_columns(&columns.keep))?;
    let intents_from = if args.all { 0.0 } else { run.scorer().policy().intent_at };
    let bar = run.bar();
    let mut seen = HashSet::new();
    let mut chunks = Chunks::new(bar, |mut rows: Vec<Row>| {
        rows.iter_mut().for_each(|row| require_speaker(row, &mut seen));
        for (row, result) in rows.iter().zip(run.score(&rows)) {
            output.write(&line(row, &result, intents_from))?;
        }
        output.flush()
    });
    input::read(&args.run.input, &columns, &mut chunks)?;
    chunks.flush()?;
    drop(chunks);
    Ok(run.finish(None))
}

fn line(
    row: &Row,
    result: &Result<MessageScores, RowError>,
    intents_from: f32,
) -> serde_json::Map<String, serde_json::Value> {
    match result {
        Ok(scores) => score_line(row, scores, intents_from),
        Err(error) => row.error_line(error),
    }
}

/// Refuses to guess who speaks in an interaction that was seen before. The first row of one may be all
/// there is, so it is the customer's.
fn require_speaker(row: &mut Row, seen: &mut HashSet<String>) {
    let Some(interaction) = &row.interaction else { return };
    let again = !seen.insert(interaction.clone());
    if again && !row.names_speaker && row.message.is_ok() {
        row.message = Err(missing_speaker());
    }
}
