//! Parts of interactions to states, and states of any number of parts to verdicts.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::{Array, BinaryArray, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::concat::concat_batches;
use serde_json::{Map, Value, json};

use crate::arrow::columns::{Columns, Field, Messages, Row};
use crate::arrow::schema::{self, RowError, state_schema, verdict_schema};
use crate::arrow::{CHUNK, score_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::record::MessageRecord;
use crate::scorer::Scorer;
use crate::scores::MessageScores;
use crate::scoring::judge::Judge;
use crate::scoring::state::InteractionState;

/// Whether the rows of a batch have a place in their source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// They have none, as in SQL or a cluster: the messages of an interaction need ids, and `seq` or `at`.
    Unknown,
    /// The first row of the batch has this one, and the others follow. It orders messages that have
    /// neither `seq` nor `at`, and tells messages without ids apart.
    From(u32),
}

/// Scores the messages of a batch and gathers them: one row per interaction, by [`state_schema`].
///
/// A message that belongs to no interaction is one by itself, by the name of its id or place. A message
/// whose text is null counts as failed.
///
/// # Errors
/// [`ErrorKind::Input`] for a column that is missing or of another type.
pub fn state_batch(
    scorer: &Scorer,
    batch: &RecordBatch,
    columns: &Columns,
    places: Places,
) -> Result<RecordBatch> {
    let reader = columns.messages(batch, &Field::ALL)?;
    let mut parts = Parts::default();
    for start in (0..batch.num_rows()).step_by(CHUNK) {
        let numbers = start..batch.num_rows().min(start + CHUNK);
        let rows: Vec<Row> = numbers.clone().map(|n| reader.row(n)).collect();
        let scored = score_rows(scorer, &rows);
        for ((n, row), scored) in numbers.zip(&rows).zip(scored) {
            let scores = scored.and_then(std::result::Result::ok);
            parts.add(scorer.judging(), &reader, n, row, scores.as_ref(), places);
        }
    }
    let rows: Vec<_> = parts.parts.into_iter().map(Part::into_row).collect::<Result<_>>()?;
    // Binary cannot go by way of JSON.
    let names = StringArray::from_iter(rows.iter().map(|(name, ..)| name.as_deref()));
    let states = BinaryArray::from_iter(rows.iter().map(|(_, state, ..)| state.as_deref()));
    let unnamed = BinaryArray::from_iter(rows.iter().map(|(_, _, state, _)| state.as_deref()));
    let errors: Vec<Map<String, Value>> = rows
        .iter()
        .map(|(.., error)| error.as_ref().map(schema::error_row).unwrap_or_default())
        .collect();
    let errors = schema::batch(&state_schema(), &errors)?;
    let columns = vec![
        std::sync::Arc::new(names) as _,
        std::sync::Arc::new(states) as _,
        std::sync::Arc::new(unnamed) as _,
        errors["error"].clone(),
    ];
    RecordBatch::try_new(state_schema(), columns).map_err(schema::broken)
}

/// Makes verdicts of batches of states; one row per interaction, by [`verdict_schema`], in order of first
/// appearance.
///
/// All states of an interaction have to be among them, in any order.
///
/// # Errors
/// As [`StateMerger::add`] and [`StateMerger::finish`].
pub fn judge_states<'a>(
    scorer: &Scorer,
    states: impl IntoIterator<Item = &'a RecordBatch>,
) -> Result<RecordBatch> {
    let mut merger = StateMerger::default();
    states.into_iter().try_for_each(|batch| merger.add(batch))?;
    merger.finish(scorer)
}

/// Gathers states of interactions from batches of [`state_batch`], for verdicts at the end.
///
/// It keeps about 200 bytes a message.
#[derive(Default)]
pub struct StateMerger(Parts);

impl StateMerger {
    /// Adds a batch.
    ///
    /// # Errors
    /// [`ErrorKind::State`] where it is no batch of states, or where states are of different models or of
    /// another version of this crate.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let column = |name: &str, to: DataType| {
            let found = batch.column_by_name(name).and_then(|column| cast(column, &to).ok());
            found.ok_or_else(|| {
                let text =
                    format!("there is no column `{name}` of {to}, expected a batch of states");
                Error::new(ErrorKind::State, text)
            })
        };
        let interactions = column("interaction", DataType::LargeUtf8)?;
        let [states, unnamed] =
            [column("state", DataType::LargeBinary)?, column("unnamed", DataType::LargeBinary)?];
        let errors = column("error", schema::error_type())?;
        let (kinds, messages) = {
            let error = errors.as_struct();
            (error.column(0).as_string::<i32>().clone(), error.column(1).as_string::<i32>().clone())
        };
        let interactions = interactions.as_string::<i64>();
        for n in 0..batch.num_rows() {
            let name = interactions.is_valid(n).then(|| interactions.value(n));
            let part = self.0.part(name);
            for (target, column) in [(&mut part.named, &states), (&mut part.unnamed, &unnamed)] {
                let column = column.as_binary::<i64>();
                if column.is_valid(n) {
                    merge(target, read(column.value(n), name)?)?;
                }
            }
            if errors.is_valid(n) && kinds.is_valid(n) && messages.is_valid(n) {
                let error = RowError {
                    kind: kinds.value(n).to_owned(),
                    message: messages.value(n).to_owned(),
                };
                part.fail(error);
            }
        }
        Ok(())
    }

    /// Number of interactions so far.
    pub fn interactions(&self) -> usize {
        self.0.parts.len()
    }

    /// Makes the verdicts, by the scorer's policy.
    ///
    /// An interaction that cannot be judged, such as one whose messages have no order, says why under `error`.
    ///
    /// # Errors
    /// [`ErrorKind::State`] for states of another model, [`ErrorKind::Unsupported`] if the model has no
    /// risk head.
    pub fn finish(self, scorer: &Scorer) -> Result<RecordBatch> {
        let schema = verdict_schema();
        let mut chunks = Vec::new();
        let mut parts = self.0.parts.into_iter().peekable();
        while parts.peek().is_some() {
            let rows = parts.by_ref().take(CHUNK).map(|part| part.judge(scorer));
            chunks.push(schema::batch(&schema, &rows.collect::<Result<Vec<_>>>()?)?);
        }
        concat_batches(&schema, &chunks).map_err(schema::broken)
    }
}

/// What is known of interactions, in order of first appearance.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    by_name: HashMap<Option<String>, usize>,
}

/// What is known of one interaction.
#[derive(Default)]
struct Part {
    /// `None` for messages that have neither an interaction nor a name of their own.
    name: Option<String>,
    named: Option<InteractionState>,
    /// Messages that do not say who speaks. One that stands alone is the customer's, several have failed; which
    /// of the two shows only when all parts are there.
    unnamed: Option<InteractionState>,
    /// The first reason why there can be no verdict, by its text, so that the order of parts does not matter.
    error: Option<RowError>,
}

impl Parts {
    fn part(&mut self, name: Option<&str>) -> &mut Part {
        let name = name.map(str::to_owned);
        let place = *self.by_name.entry(name.clone()).or_insert(self.parts.len());
        if place == self.parts.len() {
            self.parts.push(Part { name, ..Part::default() });
        }
        &mut self.parts[place]
    }

    /// Adds row `n` of a batch.
    fn add(
        &mut self,
        judge: &Judge,
        reader: &Messages,
        n: usize,
        row: &Row,
        scores: Option<&MessageScores>,
        places: Places,
    ) {
        let place = match places {
            Places::Unknown => None,
            Places::From(first) => u32::try_from(n).ok().and_then(|n| first.checked_add(n)),
        };
        let own_name =
            || reader.id(n).map(str::to_owned).or_else(|| place.map(|place| place.to_string()));
        let name = reader.interaction(n).map(str::to_owned).or_else(own_name);
        let part = self.part(name.as_deref());
        // Who wrote it and when still counts, as far as that can be read.
        let message = row.message().cloned().unwrap_or_else(|| reader.frame(n).0);
        let record = MessageRecord::new(&message, scores);
        let record = match place {
            Some(place) => record.at_place(place),
            None => record,
        };
        let alone = reader.interaction(n).is_none();
        let state =
            if alone || reader.names_speaker(n) { &mut part.named } else { &mut part.unnamed };
        let state = state.get_or_insert_with(|| judge.state(name.unwrap_or_default()));
        smaller(&mut state.customer, reader.customer(n));
        smaller(&mut state.channel, reader.channel(n));
        if let Err(error) = state.insert(record) {
            part.fail(RowError::from(&error));
        }
    }
}

/// Rows that disagree: the smaller, as in [`InteractionState::merge`].
fn smaller(there: &mut Option<String>, new: Option<&str>) {
    if new.is_some_and(|new| there.as_deref().is_none_or(|there| new < there)) {
        *there = new.map(str::to_owned);
    }
}

type StateRow = (Option<String>, Option<Vec<u8>>, Option<Vec<u8>>, Option<RowError>);

impl Part {
    fn fail(&mut self, error: RowError) {
        match &self.error {
            Some(first) if *first <= error => {}
            _ => self.error = Some(error),
        }
    }

    fn into_row(self) -> Result<StateRow> {
        let bytes = |state: Option<InteractionState>| {
            let bytes = state.map(|state| postcard::to_allocvec(&state)).transpose();
            bytes.map_err(|e| {
                Error::new(ErrorKind::State, "the state cannot be written").caused_by(e)
            })
        };
        Ok((self.name, bytes(self.named)?, bytes(self.unnamed)?, self.error))
    }

    fn judge(self, scorer: &Scorer) -> Result<Map<String, Value>> {
        let judged = match self.error {
            Some(error) => Err(error),
            None => match verdict_state(self.named, self.unnamed)? {
                None => Err(RowError::input("the interaction has no messages")),
                Some(state) => match scorer.judging().verdict(&state, scorer.policy()) {
                    Ok(verdict) => Ok(schema::verdict_row(&verdict)),
                    Err(error) if error.kind() == ErrorKind::Input => Err(RowError::from(&error)),
                    Err(error) => return Err(error),
                },
            },
        };
        Ok(judged.unwrap_or_else(|error| {
            let mut row = schema::error_row(&error);
            row.insert("interaction".to_owned(), json!(self.name));
            row
        }))
    }
}

/// One state of both; messages of an interaction of several that do not say who speaks have failed.
fn verdict_state(
    mut named: Option<InteractionState>,
    unnamed: Option<InteractionState>,
) -> Result<Option<InteractionState>> {
    let Some(mut unnamed) = unnamed else { return Ok(named) };
    let mut all = named.clone();
    merge(&mut all, unnamed.clone())?;
    if all.as_ref().is_some_and(|all| all.messages() > 1) {
        unnamed = unnamed.with_messages_failed();
    }
    merge(&mut named, unnamed)?;
    Ok(named)
}

fn merge(into: &mut Option<InteractionState>, state: InteractionState) -> Result<()> {
    match into {
        Some(there) => there.merge(state),
        None => {
            *into = Some(state);
            Ok(())
        }
    }
}

fn read(bytes: &[u8], interaction: Option<&str>) -> Result<InteractionState> {
    postcard::from_bytes(bytes).map_err(|e| {
        let name = interaction.unwrap_or_default();
        let text = format!("the state of interaction `{name}` cannot be read: another version wrote it, or it is cut");
        Error::new(ErrorKind::State, text).caused_by(e)
    })
}
