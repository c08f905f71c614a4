//! `beleving score`: one line per message, in input order.

use std::ops::ControlFlow;

use serde_json::json;

use crate::args::ScoreArgs;
use crate::output::{score_columns, score_line};
use crate::pipeline::What;
use crate::run::{Counts, Outcome, Run};
use crate::store::Settings;
use crate::write::{assemble, stream, with_place};

pub(crate) fn run(args: &ScoreArgs) -> anyhow::Result<Outcome> {
    let run = Run::start(&args.run, &score_columns(&[], args.with_text), None, |_| Ok(()))?;
    let intents_from = if args.all { 0.0 } else { run.scorer().policy().intent_at };
    let what = What { require_speakers: true, keep_text: args.with_text, explain: false };
    let line = |row: &crate::row::Row, result: &Result<_, _>| match result {
        Ok(scores) => score_line(row, scores, intents_from, args.with_text),
        Err(error) => row.error_line(error),
    };
    let Some(output) = args.run.output_file() else {
        let (mut table, mut counts) = (stream(args.run.output.as_deref())?, Counts::default());
        run.score(
            what,
            |_| false,
            |scored| {
                for (row, result) in &scored.rows {
                    counts.row(row, result);
                    table.write(&line(row, result))?;
                }
                table.flush()
            },
        )?;
        table.finish()?;
        run.summary(&counts);
        return Ok(counts.outcome());
    };
    let more = Settings::from_iter([
        ("all".to_owned(), json!(args.all)),
        ("with_text".to_owned(), json!(args.with_text)),
    ]);
    let shard = args.run.shard.is_some();
    let scored = run.score_into_parts("score", more, what, |row, result| {
        let line = line(&row, &result);
        if shard { with_place(row.place, line) } else { line }
    })?;
    let store = match scored {
        ControlFlow::Continue(store) => store,
        ControlFlow::Break(outcome) => return Ok(outcome),
    };
    let counts = store.counts();
    assemble(
        store,
        output,
        score_columns(&args.run.keep, args.with_text),
        &counts,
        |store, take| store.lines(take),
    )?;
    run.summary(&counts);
    Ok(counts.outcome())
}
