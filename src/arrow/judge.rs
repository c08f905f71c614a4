//! Parts of interactions to states, and states of any number of parts to verdicts.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, BinaryArray, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::concat::concat_batches;
use serde_json::{Map, Value, json};

use crate::arrow::columns::{Columns, Field, Messages, Row};
use crate::arrow::schema::{self, RowError, state_schema, verdict_schema};
use crate::arrow::{CHUNK, score_rows};
use crate::error::{Error, ErrorKind, Result};
use crate::message::Message;
use crate::policy::Policy;
use crate::record::MessageRecord;
use crate::scorer::Scorer;
use crate::scores::MessageScores;
use crate::scoring::judge::{Judge, JudgeUnder};
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
/// A message that belongs to no interaction is one by itself, by the name of its id or place, also where an interaction
/// has that name. A message whose text is null counts as failed.
///
/// # Errors
/// [`ErrorKind::Input`] for a column that is missing or of another type.
pub fn state_batch(
    scorer: &Scorer,
    batch: &RecordBatch,
    columns: &Columns,
    places: Places,
) -> Result<RecordBatch> {
    gather(scorer, batch, columns, places, |messages| scorer.score(messages))
}

/// As [`state_batch`], and looks in each flagged message for the sentence without which the risk falls most, as
/// [`Scorer::score_explained`]; its place is the span of the verdict's reason `bad_experience`.
///
/// # Errors
/// As [`state_batch`].
pub fn state_batch_explained(
    scorer: &Scorer,
    batch: &RecordBatch,
    columns: &Columns,
    places: Places,
) -> Result<RecordBatch> {
    gather(scorer, batch, columns, places, |messages| scorer.score_explained(messages))
}

fn gather(
    scorer: &Scorer,
    batch: &RecordBatch,
    columns: &Columns,
    places: Places,
    score: impl Fn(&[Message]) -> Vec<Result<MessageScores>>,
) -> Result<RecordBatch> {
    let reader = columns.messages(batch, &Field::ALL)?;
    let mut parts = Parts::default();
    for start in (0..batch.num_rows()).step_by(CHUNK) {
        let numbers = start..batch.num_rows().min(start + CHUNK);
        let rows: Vec<Row> = numbers.clone().map(|n| reader.row(n)).collect();
        let scored = score_rows(&rows, &score);
        for ((n, row), scored) in numbers.zip(&rows).zip(scored) {
            parts.add(scorer.judging(), &reader, n, row, scored, places);
        }
    }
    let rows: Vec<_> = parts.parts.into_iter().map(Part::into_row).collect::<Result<_>>()?;
    let (named, states): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let schema = state_schema();
    let mut columns = schema::batch(&schema, &named)?.columns().to_vec();
    // Binary cannot go by way of JSON.
    for (n, name) in ["state", "unnamed"].iter().enumerate() {
        let place = schema.index_of(name).map_err(schema::broken)?;
        columns[place] =
            Arc::new(BinaryArray::from_iter(states.iter().map(|states| states[n].as_deref())));
    }
    RecordBatch::try_new(schema, columns).map_err(schema::broken)
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
/// It keeps about 250 bytes a message.
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
        let (errors, faults) = (reasons(batch, "error"), reasons(batch, "fault"));
        let [alone, differing, of_several] =
            ["alone", "differing", "of_several"].map(|name| flags(batch, name));
        let interactions = interactions.as_string::<i64>();
        for (n, (error, fault)) in errors.into_iter().zip(faults).enumerate() {
            let name = interactions.is_valid(n).then(|| interactions.value(n));
            let state = |column: &ArrayRef| {
                let column = column.as_binary::<i64>();
                column.is_valid(n).then(|| read(column.value(n), name)).transpose()
            };
            let (state, unnamed) = (state(&states)?, state(&unnamed)?);
            let records = [&state, &unnamed].into_iter().flatten();
            // Without an order there is no verdict, and nothing to compare.
            let records = records.filter_map(|state| state.ordered().ok());
            let records: Vec<MessageRecord> = records.flat_map(|(_, records)| records).collect();
            let name = name.map(str::to_owned);
            let whose = if alone[n] {
                Whose::Nobody(name, records.first().and_then(|record| record.place))
            } else {
                Whose::Interaction(name)
            };
            let part = self.0.part(whose);
            records.into_iter().for_each(|record| part.compare(record));
            for state in [&state, &unnamed].into_iter().flatten() {
                part.meet(state.customer.as_deref());
            }
            for (target, state) in [(&mut part.named, state), (&mut part.unnamed, unnamed)] {
                if let Some(state) = state {
                    merge(target, state)?;
                }
            }
            keep_first(&mut part.error, error);
            keep_first(&mut part.fault, fault);
            part.differing |= differing[n];
            part.of_several |= of_several[n];
        }
        Ok(())
    }

    /// Number of interactions so far.
    pub fn interactions(&self) -> usize {
        self.0.parts.len()
    }

    /// Makes the verdicts, by the scorer's policy.
    ///
    /// # Errors
    /// As [`Self::finish_by`].
    pub fn finish(self, scorer: &Scorer) -> Result<RecordBatch> {
        self.finish_by(scorer, scorer.policy())
    }

    /// Makes the verdicts by another policy.
    ///
    /// An interaction that cannot be judged, such as one whose messages have no order, says why under `error`.
    ///
    /// # Errors
    /// [`ErrorKind::State`] for states of another model, [`ErrorKind::Policy`] for a policy out of range,
    /// [`ErrorKind::Unsupported`] if the model has no risk head.
    pub fn finish_by(self, scorer: &Scorer, policy: &Policy) -> Result<RecordBatch> {
        let (schema, judge) = (verdict_schema(), scorer.judging().under(policy)?);
        let mut chunks = Vec::new();
        let mut parts = self.0.parts.into_iter().peekable();
        while parts.peek().is_some() {
            let rows = parts.by_ref().take(CHUNK).map(|part| part.judge(&judge));
            chunks.push(schema::batch(&schema, &rows.collect::<Result<Vec<_>>>()?)?);
        }
        concat_batches(&schema, &chunks).map_err(schema::broken)
    }
}

/// What is known of interactions, in order of first appearance.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    places: HashMap<Whose, usize>,
}

/// Which rows belong together.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Whose {
    Interaction(Option<String>),
    /// A message that belongs to no interaction, by its id and place: two of one source are two, whatever their ids, and
    /// without places an id that comes twice is the same message.
    Nobody(Option<String>, Option<u32>),
}

/// What is known of one interaction.
struct Part {
    whose: Whose,
    named: Option<InteractionState>,
    /// Messages that do not say who speaks. One that stands alone is the customer's, several have failed; which
    /// of the two shows only when all parts are there.
    unnamed: Option<InteractionState>,
    /// Why there can be no verdict.
    error: Option<RowError>,
    /// Why a message failed.
    fault: Option<RowError>,
    /// What is known under each id. Both are hashes: whether two are the same is all that is asked.
    known: HashMap<u64, u64>,
    /// Whether two messages have one id and differ.
    differing: bool,
    /// Whether rows name several customers.
    of_several: bool,
}

impl Parts {
    fn part(&mut self, whose: Whose) -> &mut Part {
        let place = *self.places.entry(whose.clone()).or_insert(self.parts.len());
        if place == self.parts.len() {
            self.parts.push(Part::of(whose));
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
        scored: Option<Result<MessageScores>>,
        places: Places,
    ) {
        let place = match places {
            Places::Unknown => None,
            Places::From(first) => u32::try_from(n).ok().and_then(|n| first.checked_add(n)),
        };
        let interaction = reader.interaction(n).map(str::to_owned);
        let alone = interaction.is_none();
        let own_name =
            || reader.id(n).map(str::to_owned).or_else(|| place.map(|place| place.to_string()));
        let name = interaction.or_else(own_name);
        let part = self.part(if alone {
            Whose::Nobody(name.clone(), place)
        } else {
            Whose::Interaction(name.clone())
        });
        let (scores, fault) = match (row, scored) {
            (_, Some(Ok(scores))) => (Some(scores), None),
            (_, Some(Err(error))) => (None, Some(RowError::from(&error))),
            (Row::Faulty(error), None) => (None, Some(error.clone())),
            (_, None) => (None, Some(reader.no_text())),
        };
        keep_first(&mut part.fault, fault);
        // Who wrote it and when still counts, as far as that can be read.
        let message = row.message().cloned().unwrap_or_else(|| reader.frame(n).0);
        let record = MessageRecord::new(&message, scores.as_ref());
        part.compare(record.clone());
        let record = match place {
            Some(place) => record.at_place(place),
            None => record,
        };
        part.meet(reader.customer(n));
        let state =
            if alone || reader.names_speaker(n) { &mut part.named } else { &mut part.unnamed };
        let state = state.get_or_insert_with(|| judge.state(name.unwrap_or_default()));
        state.belongs_to(reader.customer(n), reader.channel(n));
        if let Err(error) = state.insert(record) {
            keep_first(&mut part.error, Some(RowError::from(&error)));
        }
    }
}

/// The columns of a state, and its two binary ones.
type StateRow = (Map<String, Value>, [Option<Vec<u8>>; 2]);

impl Part {
    fn of(whose: Whose) -> Self {
        Self {
            whose,
            named: None,
            unnamed: None,
            error: None,
            fault: None,
            known: HashMap::new(),
            differing: false,
            of_several: false,
        }
    }

    fn name(&self) -> Option<&str> {
        match &self.whose {
            Whose::Interaction(name) | Whose::Nobody(name, _) => name.as_deref(),
        }
    }

    /// Notices a message that has the id of another and differs from it, wherever the two stand.
    fn compare(&mut self, mut record: MessageRecord) {
        record.place = None;
        let Some(id) = record.id() else { return };
        let (id, content) = (hash(id), hash(&postcard::to_allocvec(&record).ok()));
        self.differing |= *self.known.entry(id).or_insert(content) != content;
    }

    /// Notices a customer who is another than the one that is known.
    fn meet(&mut self, customer: Option<&str>) {
        let known = [&self.named, &self.unnamed].into_iter().flatten();
        let mut known = known.filter_map(|state| state.customer.as_deref());
        self.of_several |= customer.is_some_and(|customer| known.any(|known| known != customer));
    }

    fn into_row(self) -> Result<StateRow> {
        let named = [
            ("interaction", json!(self.name())),
            ("error", json!(self.error)),
            ("alone", json!(matches!(self.whose, Whose::Nobody(..)))),
            ("fault", json!(self.fault)),
            ("differing", json!(self.differing)),
            ("of_several", json!(self.of_several)),
        ];
        let bytes = |state: Option<InteractionState>| {
            let bytes = state.map(|state| postcard::to_allocvec(&state)).transpose();
            bytes.map_err(|e| {
                Error::new(ErrorKind::State, "the state cannot be written").caused_by(e)
            })
        };
        let named = named.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        Ok((named, [bytes(self.named)?, bytes(self.unnamed)?]))
    }

    fn judge(mut self, judge: &JudgeUnder<'_>) -> Result<Map<String, Value>> {
        let mut row = match self.error.take() {
            Some(error) => schema::error_row(&error),
            None => match self.verdict(judge) {
                Ok(row) => row,
                Err(error) if error.kind() == ErrorKind::Input => {
                    schema::error_row(&RowError::from(&error))
                }
                Err(error) => return Err(error),
            },
        };
        row.insert("interaction".to_owned(), json!(self.name()));
        Ok(row)
    }

    /// The verdict, and under `error` what was not read.
    fn verdict(&mut self, judge: &JudgeUnder<'_>) -> Result<Map<String, Value>> {
        let (state, no_speaker) = verdict_state(self.named.take(), self.unnamed.take())?;
        let state =
            state.ok_or_else(|| Error::new(ErrorKind::Input, "the interaction has no messages"))?;
        keep_first(&mut self.fault, no_speaker);
        let verdict = judge.verdict(&state)?;
        let mut row = schema::verdict_row(&verdict);
        let failed = self.fault.take().filter(|_| verdict.failed > 0).map(|fault| RowError {
            message: format!(
                "{} of {} messages failed, one because {}",
                verdict.failed, verdict.messages, fault.message
            ),
            ..fault
        });
        let differing = self.differing.then(|| {
            RowError::input(
                "messages have the id of another of the interaction and differ from it; of each id one was judged",
            )
        });
        let of_several = self.of_several.then(|| {
            RowError::input(
                "rows name several customers, one of whom stands for the interaction; `customer` may hold who wrote",
            )
        });
        let together = |said: RowError, more: RowError| RowError {
            message: format!("{}; {}", said.message, more.message),
            ..said
        };
        if let Some(said) = [failed, differing, of_several].into_iter().flatten().reduce(together) {
            row.extend(schema::error_row(&said));
        }
        Ok(row)
    }
}

/// Of several reasons the first by its text, so that the order of parts does not matter.
fn keep_first(there: &mut Option<RowError>, new: Option<RowError>) {
    if new.is_some() && (there.is_none() || new < *there) {
        *there = new;
    }
}

fn hash(of: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A column of reasons, by row; the group may have been flattened, as for pandas. One that is not there gives none.
fn reasons(batch: &RecordBatch, name: &str) -> Vec<Option<RowError>> {
    let group = batch.column_by_name(name).and_then(|column| column.as_struct_opt());
    let texts = |key: &str| {
        let column = match group {
            Some(group) => group.column_by_name(key),
            None => batch.column_by_name(&format!("{name}.{key}")),
        };
        cast(column?, &DataType::Utf8).ok()
    };
    let (Some(kinds), Some(messages)) = (texts("kind"), texts("message")) else {
        return vec![None; batch.num_rows()];
    };
    let (kinds, messages) = (kinds.as_string::<i32>(), messages.as_string::<i32>());
    let reason = |n| {
        let is_there = group.is_none_or(|group| group.is_valid(n))
            && kinds.is_valid(n)
            && messages.is_valid(n);
        let (kind, message) = (kinds.value(n), messages.value(n));
        is_there.then(|| RowError { kind: kind.to_owned(), message: message.to_owned() })
    };
    (0..batch.num_rows()).map(reason).collect()
}

/// A column of truth values, by row; false where it is not there.
fn flags(batch: &RecordBatch, name: &str) -> Vec<bool> {
    let column = batch.column_by_name(name).and_then(|c| cast(c, &DataType::Boolean).ok());
    let flag = |n| column.as_ref().is_some_and(|c| c.is_valid(n) && c.as_boolean().value(n));
    (0..batch.num_rows()).map(flag).collect()
}

/// One state of both; messages of an interaction of several that do not say who speaks have failed, for the reason
/// that stands beside it.
fn verdict_state(
    mut named: Option<InteractionState>,
    unnamed: Option<InteractionState>,
) -> Result<(Option<InteractionState>, Option<RowError>)> {
    let Some(mut unnamed) = unnamed else { return Ok((named, None)) };
    let several = named.as_ref().map_or(unnamed.messages(), |n| n.messages_with(&unnamed)) > 1;
    if several {
        unnamed = unnamed.with_messages_failed();
    }
    merge(&mut named, unnamed)?;
    let reason = "`speaker` is missing; an interaction of several messages has to say who speaks";
    Ok((named, several.then(|| RowError::input(reason))))
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
