//! The state of an interaction: records that add up, whatever the order they come in.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::error::{Error, ErrorKind, Result};
use crate::message::{Message, smaller};
use crate::record::MessageRecord;
use crate::scores::MessageScores;

/// Version of the state's form. States of another form do not merge and get no verdict.
const SCHEMA: u16 = 2;
/// Records that wait unsorted, at least; beyond it a sixteenth of all. Sorting stays cheap, and a state that
/// is redelivered over and over does not grow.
const MIN_WAITING: usize = 64;

/// What is known of an interaction so far, from which a [`Judge`](crate::Judge) makes a verdict at any time.
///
/// Records can be added in any order and more than once, and states of parts of an interaction merge: the
/// verdict is the same, and so is what serde writes of the state. It holds no text, and it is personal data all the same.
///
/// ```
/// use beleving::{InteractionState, Message, Scorer};
///
/// let scorer = Scorer::open("models/tiny")?;
/// let message = Message::customer("Wanneer komt de monteur?").with_id("m1");
/// let scores = scorer.score_one(&message)?;
/// let mut state = scorer.judging().state("z-1042");
/// state.update(&message, Some(&scores))?;
/// let so_far = scorer.judging().verdict(&state, scorer.policy())?;
/// assert_eq!(so_far.messages, 1);
/// # Ok::<(), beleving::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InteractionState {
    schema: u16,
    model: Arc<str>,
    /// Name of the interaction.
    pub interaction: String,
    /// Name of the customer, passed through.
    pub customer: Option<String>,
    /// Channel, passed through.
    pub channel: Option<String>,
    /// `..sorted` by key without repeats, the rest as they came.
    #[serde(serialize_with = "each_once_in_one_order")]
    records: Vec<MessageRecord>,
    #[serde(skip)]
    sorted: usize,
}

impl InteractionState {
    /// Makes an empty state for records of one model, by its id.
    pub(crate) fn new(interaction: impl Into<String>, model: Arc<str>) -> Self {
        Self {
            schema: SCHEMA,
            model,
            interaction: interaction.into(),
            customer: None,
            channel: None,
            records: Vec::new(),
            sorted: 0,
        }
    }

    /// Adds a message and what was read in it; `None` where it could not be scored, which the verdict counts as
    /// `failed`. Staff's messages are scored too: what they promise or say is solved is read there.
    ///
    /// A message that is there already, by its id, is not counted twice; of two that differ the one with the later
    /// time stays, and of one that was scored and one that was not the scored one. Messages may come in any order, so each needs a
    /// number ([`Message::numbered`]) or each a time ([`Message::sent_at`]): without them a verdict on more than one is refused.
    /// Of equal times the ids decide, so where times are of the minute give numbers.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if the message has no id or a value of the scores is no probability, [`ErrorKind::State`] for scores of
    /// another model or a state of another form.
    pub fn update(&mut self, message: &Message, scores: Option<&MessageScores>) -> Result<()> {
        self.check()?;
        self.check_scores(scores)?;
        self.insert(MessageRecord::new(message, scores))
    }

    /// # Errors
    /// [`ErrorKind::State`] for scores of another model, [`ErrorKind::Input`] for a value of them that is no probability.
    pub(crate) fn check_scores(&self, scores: Option<&MessageScores>) -> Result<()> {
        let Some(scores) = scores else { return Ok(()) };
        if scores.model != self.model {
            return Err(self.other("scores of model", &scores.model, &self.model));
        }
        let Some((name, found)) = scores.improbable() else { return Ok(()) };
        let interaction = &self.interaction;
        let text = format!(
            "interaction `{interaction}` was given scores whose `{name}` is {found}, expected one between 0 and 1"
        );
        Err(Error::new(ErrorKind::Input, text))
    }

    /// Adds a record of a message that the same model read.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if the record has neither an id nor a place.
    pub fn insert(&mut self, record: MessageRecord) -> Result<()> {
        record.check()?;
        self.add(std::iter::once(record));
        Ok(())
    }

    /// Takes a row's word for whose interaction this is and over which channel. Of rows that disagree the smaller counts,
    /// whatever their order.
    pub fn belongs_to(&mut self, customer: Option<&str>, channel: Option<&str>) {
        smaller(&mut self.customer, customer);
        smaller(&mut self.channel, channel);
    }

    /// Whether every message has an id: without, a message is told from others by its place in its source, and from those of another
    /// source not at all.
    pub fn has_ids(&self) -> bool {
        self.records.iter().all(|record| record.id().is_some())
    }

    /// Adds another part of the same interaction. Messages need ids for that, and numbers or times: one without an id is told
    /// from others by its place in its own source, so that the first of two parts would be one message.
    ///
    /// # Errors
    /// [`ErrorKind::State`] if it is of another interaction, model or form; `self` is unchanged then.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        self.check()?;
        other.check()?;
        if other.model != self.model {
            return Err(self.other("a state of model", &other.model, &self.model));
        }
        if other.interaction != self.interaction {
            return Err(self.other(
                "a state of interaction",
                &other.interaction,
                &self.interaction,
            ));
        }
        self.belongs_to(other.customer.as_deref(), other.channel.as_deref());
        self.add(other.records.into_iter());
        Ok(())
    }

    /// Number of messages.
    pub fn messages(&self) -> usize {
        if self.sorted == self.records.len() { self.sorted } else { count([self]) }
    }

    /// Number of messages of this part of an interaction and another.
    #[cfg(feature = "arrow")]
    pub(crate) fn messages_with(&self, other: &Self) -> usize {
        count([self, other])
    }

    /// Id of the model that read the messages.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The same messages, none of which could be scored.
    #[cfg(feature = "arrow")]
    pub(crate) fn with_messages_failed(mut self) -> Self {
        for record in &mut self.records {
            record.read = None;
            record.marks = Box::default();
        }
        self
    }

    /// Bytes of memory that the state takes.
    pub fn bytes(&self) -> usize {
        let names = [Some(&self.interaction), self.customer.as_ref(), self.channel.as_ref()];
        size_of::<Self>()
            + names.into_iter().flatten().map(String::capacity).sum::<usize>()
            + self.records.capacity() * size_of::<MessageRecord>()
            + self.records.iter().map(MessageRecord::heap_bytes).sum::<usize>()
    }

    /// # Errors
    /// [`ErrorKind::State`] if another version of this crate wrote it.
    pub(crate) fn check(&self) -> Result<()> {
        if self.schema != SCHEMA {
            let text = format!(
                "the state of interaction `{}` has schema {}, expected {SCHEMA}",
                self.interaction, self.schema
            );
            return Err(Error::new(ErrorKind::State, text));
        }
        // What `insert` refuses may still stand in a file.
        match self.records.iter().find_map(|record| record.check().err()) {
            Some(e) => {
                let text =
                    format!("the state of interaction `{}` is not whole: {e}", self.interaction);
                Err(Error::new(ErrorKind::State, text))
            }
            None => Ok(()),
        }
    }

    /// For each message its number in the interaction as given, and the messages, both in the order of reading.
    ///
    /// By `seq` where every message has one, else by time where every message has one, else by place.
    /// Equals by time, place, then id. Where the times that are there fall with the place, places are read backwards.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where several messages have none of the three.
    pub(crate) fn ordered(&self) -> Result<(Vec<usize>, Vec<MessageRecord>)> {
        let mut records = self.distinct();
        let all = |has: fn(&MessageRecord) -> bool| records.iter().all(has);
        let (by_seq, by_time) = (all(|r| r.seq.is_some()), all(|r| r.at().is_some()));
        let by_place = all(|r| r.place.is_some());
        if records.len() > 1 && !(by_seq || by_time || by_place) {
            let text = format!(
                "the messages of interaction `{}` have no order: expected a `seq`, a time or a place for each",
                self.interaction
            );
            return Err(Error::new(ErrorKind::Input, text));
        }
        let newest_first = !by_seq && newest_first(&records);
        records.sort_by(|a, b| {
            let seq = || if by_seq { a.seq.cmp(&b.seq) } else { std::cmp::Ordering::Equal };
            let time = || if by_time { a.at().cmp(&b.at()) } else { std::cmp::Ordering::Equal };
            let (first, second) = if newest_first { (b, a) } else { (a, b) };
            let place = || first.place.cmp(&second.place);
            seq().then_with(time).then_with(place).then_with(|| a.id.cmp(&b.id))
        });
        let mut numbers: Vec<usize> = (0..records.len()).collect();
        if by_place {
            let mut by_place: Vec<usize> = numbers.clone();
            by_place.sort_by_key(|&n| (records[n].place, n));
            for (number, n) in by_place.into_iter().enumerate() {
                numbers[n] = number;
            }
        }
        Ok((numbers, records))
    }

    /// Every message once.
    fn distinct(&self) -> Vec<MessageRecord> {
        if self.sorted == self.records.len() {
            return self.records.clone();
        }
        joined(self.records.clone())
    }

    fn add(&mut self, more: impl ExactSizeIterator<Item = MessageRecord>) {
        let (there, new) = (self.records.len(), more.len());
        if self.records.capacity() - there < new {
            // Most states are of a few messages; one of many is mostly this, so that it does not double.
            let room = there.clamp(2, MIN_WAITING.max(there / 16));
            self.records.reserve_exact(room.max(new));
        }
        self.records.extend(more);
        if self.records.len() - self.sorted >= MIN_WAITING.max(self.sorted / 16) {
            self.records = joined(std::mem::take(&mut self.records));
            self.sorted = self.records.len();
        }
    }

    fn other(&self, what: &str, found: &str, expected: &str) -> Error {
        let text = format!(
            "interaction `{}` was given {what} `{found}`, expected `{expected}`",
            self.interaction
        );
        Error::new(ErrorKind::State, text)
    }
}

/// Messages whose times tell in which direction a source goes.
const ENOUGH_DATED: usize = 3;

/// Whether the source has the last message first: the times that are there never rise with the place, and fall.
fn newest_first(records: &[MessageRecord]) -> bool {
    let mut dated: Vec<_> = records.iter().filter_map(|r| Some((r.place?, r.at()?))).collect();
    dated.sort_unstable();
    dated.len() >= ENOUGH_DATED
        && dated.windows(2).all(|pair| pair[0].1 >= pair[1].1)
        && dated.first().map(|first| first.1) > dated.last().map(|last| last.1)
}

/// Number of messages of some parts of an interaction.
fn count<const N: usize>(parts: [&InteractionState; N]) -> usize {
    let records = parts.into_iter().flat_map(|part| &part.records);
    records.map(MessageRecord::key).collect::<HashSet<_>>().len()
}

/// Writes records so that states of the same messages are the same bytes: by place, then by id.
fn each_once_in_one_order<S: Serializer>(
    records: &[MessageRecord],
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let mut records = joined(records.to_vec());
    records.sort_by_key(|record| record.place);
    records.serialize(serializer)
}

/// Sorts records by their key and joins those of one message.
fn joined(mut records: Vec<MessageRecord>) -> Vec<MessageRecord> {
    records.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut distinct: Vec<MessageRecord> = Vec::with_capacity(records.len());
    for record in records {
        match distinct.pop() {
            Some(last) if last.key() == record.key() => distinct.push(last.join(record)),
            Some(last) => distinct.extend([last, record]),
            None => distinct.push(record),
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_source_with_the_newest_first_is_read_from_its_end() {
        let order = |hours: &[Option<i64>]| {
            let mut state = InteractionState::new("i", "m@1".into());
            for (n, hour) in (0..).zip(hours) {
                let at = hour.map(|hour| jiff::Timestamp::constant(hour * 3600 + 1_767_258_000, 0));
                let message = Message { at, ..Message::customer("") };
                let record = MessageRecord::new(&message, None).at_place(n);
                state.insert(record).expect("a place");
            }
            state.ordered().expect("places").0
        };
        assert_eq!(order(&[Some(9), Some(5), None, Some(1)]), [3, 2, 1, 0]);
        assert_eq!(order(&[Some(9), Some(5), Some(2), Some(1)]), [3, 2, 1, 0]);
        assert_eq!(order(&[Some(9), Some(9), Some(2), Some(1)]), [3, 2, 1, 0]);
        for as_they_stand in [
            [Some(1), Some(5), None, Some(9)],
            [Some(9), None, None, Some(1)],
            [Some(9), Some(1), None, Some(5)],
            [Some(5), Some(5), None, Some(5)],
            [None; 4],
        ] {
            assert_eq!(order(&as_they_stand), [0, 1, 2, 3], "{as_they_stand:?}");
        }
    }

    #[test]
    fn merging_many_small_states_sorts_and_moves_the_records_seldom() {
        let part = |n: u32| {
            let mut part = InteractionState::new("i", "m@1".into());
            let record = MessageRecord::new(&Message::customer(""), None);
            part.insert(record.at_place(n)).expect("a place");
            part
        };
        let mut whole = InteractionState::new("i", "m@1".into());
        let (mut sorted, mut capacities) = (BTreeSet::new(), BTreeSet::new());
        for n in 0..20_000 {
            whole.merge(part(n)).expect("one interaction");
            sorted.insert(whole.sorted);
            capacities.insert(whole.records.capacity());
        }
        assert_eq!(whole.messages(), 20_000);
        // 16 times by 64 records, then 49 times by a sixteenth of all: 1,024 × (17/16)^49 is 20,000.
        assert!(sorted.len() < 100 && capacities.len() < 200, "{sorted:?} {capacities:?}");
    }
}
