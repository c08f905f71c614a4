//! Messages and verdicts as Arrow record batches: what data frames, SQL engines and clusters speak.
//!
//! Every batch stands for itself, so a host may split its rows as it likes. [`score_batch`] gives one row per
//! message. A verdict needs the whole interaction: [`state_batch`] gives one row per interaction and batch,
//! with an [`InteractionState`](crate::InteractionState) in a binary column, and [`judge_states`] makes
//! verdicts of such rows, from any number of batches, in any order.
//!
//! The columns of the results are the fields that the command writes, under the same names. Their schemas
//! name their version under [`SCHEMA_KEY`].
//!
//! ```
//! use std::sync::Arc;
//! use arrow_array::{RecordBatch, StringArray, cast::AsArray, types::Float32Type};
//! use beleving::{Scorer, arrow::{Columns, score_batch}};
//!
//! let texts = StringArray::from(vec![Some("Waar blijft mijn pakket?"), None]);
//! let batch = RecordBatch::try_from_iter([("text", Arc::new(texts) as _)]).expect("one column");
//! let scores = score_batch(&Scorer::open("models/tiny")?, &batch, &Columns::new())?;
//! let risk = scores["risk"].as_primitive::<Float32Type>();
//! assert!((0.0..=1.0).contains(&risk.value(0)));
//! # use arrow_array::Array;
//! assert!(risk.is_null(1));
//! # Ok::<(), beleving::Error>(())
//! ```

mod columns;
mod judge;
mod schema;

use std::borrow::Borrow;

use arrow_array::{RecordBatch, RecordBatchIterator, RecordBatchReader};
use arrow_schema::ArrowError;
use arrow_select::concat::concat_batches;
use serde_json::Map;

pub use columns::{Columns, Field};
pub use judge::{Places, StateMerger, judge_states, state_batch, state_batch_explained};
pub use schema::{SCHEMA_KEY, score_schema, state_schema, verdict_schema};

use crate::error::Result;
use crate::message::Message;
use crate::scorer::Scorer;
use crate::scores::MessageScores;
use columns::Row;
use schema::RowError;

/// Rows that are scored at a time: enough to fill batches of even length on all cores, and few enough
/// that memory stays flat.
const CHUNK: usize = 4096;

/// Scores the messages of a batch; one row for each, in order, by [`score_schema`].
///
/// Text columns may be plain, large, view or dictionary strings. A message that is null has only nulls. A row that cannot be
/// scored has them too, and says why under `error`.
///
/// # Errors
/// [`ErrorKind::Input`](crate::ErrorKind::Input) for a column that is missing or of another type.
pub fn score_batch(scorer: &Scorer, batch: &RecordBatch, columns: &Columns) -> Result<RecordBatch> {
    let reader = columns.messages(batch, &[Field::Text, Field::Speaker, Field::Language])?;
    let schema = score_schema();
    let mut chunks = Vec::new();
    for start in (0..batch.num_rows()).step_by(CHUNK) {
        let rows: Vec<Row> =
            (start..batch.num_rows().min(start + CHUNK)).map(|n| reader.row(n)).collect();
        let scored = score_rows(&rows, |messages| scorer.score(messages));
        let rows = rows.iter().zip(scored).map(|(row, scored)| match (row, scored) {
            (_, Some(Ok(scores))) => schema::score_row(&scores),
            (_, Some(Err(error))) => schema::error_row(&RowError::from(&error)),
            (Row::Faulty(error), None) => schema::error_row(error),
            (_, None) => Map::new(),
        });
        chunks.push(schema::batch(&schema, &rows.collect::<Vec<_>>())?);
    }
    concat_batches(&schema, &chunks).map_err(schema::broken)
}

/// Scores batches one by one, as they are asked for.
///
/// The scorer may be borrowed or shared (`&Scorer`, `Arc<Scorer>`). A batch that cannot be read is an error
/// in its place.
pub fn score_batches<S: Borrow<Scorer>, R: RecordBatchReader>(
    scorer: S,
    batches: R,
    columns: Columns,
) -> impl RecordBatchReader {
    let scored = batches.map(move |batch| Ok(score_batch(scorer.borrow(), &batch?, &columns)?));
    RecordBatchIterator::new(scored, score_schema())
}

impl From<crate::Error> for ArrowError {
    fn from(error: crate::Error) -> Self {
        Self::ExternalError(Box::new(error))
    }
}

/// Scores the rows that hold a message; `None` for the others.
fn score_rows(
    rows: &[Row],
    score: impl Fn(&[Message]) -> Vec<Result<MessageScores>>,
) -> Vec<Option<Result<MessageScores>>> {
    let messages: Vec<_> = rows.iter().filter_map(Row::message).cloned().collect();
    let mut scored = score(&messages).into_iter();
    rows.iter().map(|row| row.message().and_then(|_| scored.next())).collect()
}
