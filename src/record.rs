use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::marks::Mark;
use crate::message::{Message, Speaker, named};
use crate::scores::{Intents, MessageScores, NotAssessable, Sentiment, Signals};
use crate::sketch::Sketch;

/// One message as a verdict needs it: who, when, and what was read in it, without its text.
///
/// About 200 bytes with its id and marks. It does not depend on the policy that the message was flagged by, but for the
/// rounding of a risk. A record is personal data all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRecord {
    /// `None` where the message could not be scored.
    pub(crate) read: Option<Read>,
    /// Microseconds since 1970.
    at: Option<i64>,
    pub(crate) id: Option<Box<str>>,
    pub(crate) seq: Option<i64>,
    pub(crate) place: Option<u32>,
    pub(crate) speaker: Speaker,
    pub(crate) role: Option<Box<str>>,
    pub(crate) marks: Box<[Mark]>,
}

/// What was read in a message, in whole numbers: two deliveries of a message compare, and a record is
/// small.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Read {
    pub(crate) why: Option<NotAssessable>,
    /// Log odds of the risk at even odds, in millionths; [`NO_EVIDENCE`] where there is none.
    evidence: i32,
    /// Sentiment, signals, intents and letting down, in 65534ths; [`NO_PROBABILITY`] where there is no head.
    probabilities: [u16; 21],
    pub(crate) sketch: Option<Sketch>,
    pub(crate) span: Option<[u32; 2]>,
    /// Number of words that were read, at most 65535.
    pub(crate) words: u16,
}

const NO_EVIDENCE: i32 = i32::MIN;
const NO_PROBABILITY: u16 = u16::MAX;

impl MessageRecord {
    /// Makes the record of a message and what was read in it; `None` where it could not be scored. The scores are taken to be
    /// a scorer's own, of the model of the state that the record is for: [`InteractionState::update`](crate::InteractionState::update)
    /// checks that.
    pub fn new(message: &Message, scores: Option<&MessageScores>) -> Self {
        Self {
            id: message.id.as_deref().and_then(named).map(Box::from),
            place: None,
            seq: message.seq,
            at: message.at.map(Timestamp::as_microsecond),
            speaker: message.speaker,
            role: message.role.as_deref().and_then(named).map(Box::from),
            read: scores.map(Read::new),
            marks: scores.map_or_else(Box::default, |s| s.marks.as_slice().into()),
        }
    }

    /// States where the message stands in its source. Only the order counts, and the place numbers
    /// messages that have no id.
    pub fn at_place(mut self, place: u32) -> Self {
        self.place = Some(place);
        self
    }

    /// When the message was sent.
    pub fn at(&self) -> Option<Timestamp> {
        self.at.and_then(|us| Timestamp::from_microsecond(us).ok())
    }

    /// Its id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Who wrote it.
    pub fn speaker(&self) -> Speaker {
        self.speaker
    }

    /// The function of the member of staff who wrote it.
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The words in it that say something beyond doubt.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Bytes that the record takes outside of itself.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.id.as_ref().map_or(0, |id| id.len())
            + self.role.as_ref().map_or(0, |role| role.len())
            + size_of_val(&*self.marks)
    }

    /// What makes two records the same message: the id, else the place.
    pub(crate) fn key(&self) -> (Option<&str>, Option<u32>) {
        match &self.id {
            Some(id) => (Some(id), None),
            None => (None, self.place),
        }
    }

    /// # Errors
    /// [`ErrorKind::Input`] for a message that has neither id nor place.
    pub(crate) fn check(&self) -> Result<()> {
        if self.id.is_none() && self.place.is_none() {
            let text = "the message has neither an id nor a place, expected one of them";
            return Err(Error::new(ErrorKind::Input, text));
        }
        Ok(())
    }

    /// One record of two deliveries of the same message: the later edit, at the earlier place.
    pub(crate) fn join(self, other: Self) -> Self {
        let place = match (self.place, other.place) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let (a, b) = (Self { place: None, ..self }, Self { place: None, ..other });
        Self { place, ..a.max(b) }
    }

    /// Whether a program wrote it, for whoever it is.
    pub(crate) fn is_automatic(&self) -> bool {
        self.read.as_ref().is_some_and(|read| read.why == Some(NotAssessable::AutoReply))
    }

    /// Log odds of the risk at even odds; `None` where the message has none.
    pub(crate) fn evidence(&self) -> Option<f32> {
        let read = self.read.as_ref().filter(|_| self.speaker == Speaker::Customer)?;
        (read.evidence != NO_EVIDENCE).then_some(read.evidence as f32 / 1e6)
    }

    /// Probability that it lets its reader down; `None` where it is no answer, or the model cannot tell.
    pub(crate) fn lets_down(&self) -> Option<f32> {
        let read = self.read.as_ref().filter(|_| self.speaker.answers())?;
        read.probabilities::<1>(20).map(|[p]| p)
    }

    pub(crate) fn sentiment(&self) -> Option<Sentiment> {
        let [negative, neutral, positive] = self.read.as_ref()?.probabilities(0)?;
        Some(Sentiment { negative, neutral, positive })
    }

    pub(crate) fn signals(&self) -> Option<Signals> {
        let [repeat_contact, relationship_at_risk, escalation, problem_stated] =
            self.read.as_ref()?.probabilities(3)?;
        Some(Signals { repeat_contact, relationship_at_risk, escalation, problem_stated })
    }

    pub(crate) fn intents(&self) -> Option<Intents> {
        Some(Intents(self.read.as_ref()?.probabilities(7)?))
    }
}

/// Of two deliveries of a message the greater stays: one that was scored, then the later, then one or the other whatever
/// their order.
impl Ord for MessageRecord {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self, other);
        (a.read.is_some().cmp(&b.read.is_some()))
            .then_with(|| a.at.cmp(&b.at))
            .then_with(|| a.read.cmp(&b.read))
            .then_with(|| (&a.id, a.seq, a.place).cmp(&(&b.id, b.seq, b.place)))
            .then_with(|| (a.speaker, &a.role, &a.marks).cmp(&(b.speaker, &b.role, &b.marks)))
    }
}

impl PartialOrd for MessageRecord {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Read {
    fn new(scores: &MessageScores) -> Self {
        let mut probabilities = [NO_PROBABILITY; 21];
        let mut set = |from: usize, values: &[f32]| {
            probabilities[from..].iter_mut().zip(values).for_each(|(p, v)| *p = steps(*v));
        };
        if let Some(s) = scores.sentiment {
            set(0, &[s.negative, s.neutral, s.positive]);
        }
        if let Some(signals) = scores.signals {
            set(3, &signals.named().map(|(_, p)| p));
        }
        if let Some(intents) = scores.intents {
            set(7, &intents.0);
        }
        if let Some(p) = scores.lets_down {
            set(20, &[p]);
        }
        Self {
            why: scores.why,
            evidence: scores.evidence().map_or(NO_EVIDENCE, |x| (x * 1e6).round() as i32),
            probabilities,
            sketch: scores.sketch,
            span: scores.read.map(|span| span.map(|n| u32::try_from(n).unwrap_or(u32::MAX))),
            words: u16::try_from(scores.words).unwrap_or(u16::MAX),
        }
    }

    /// `N` probabilities from a place on; `None` where there are none.
    fn probabilities<const N: usize>(&self, from: usize) -> Option<[f32; N]> {
        let steps: [u16; N] = self.probabilities[from..from + N].try_into().ok()?;
        let known = steps.iter().all(|s| *s != NO_PROBABILITY);
        known.then(|| steps.map(|s| f32::from(s) / f32::from(NO_PROBABILITY - 1)))
    }
}

fn steps(p: f32) -> u16 {
    (p * f32::from(NO_PROBABILITY - 1)).round() as u16
}
