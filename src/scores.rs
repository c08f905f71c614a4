use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::marks::Mark;
use crate::names::names;
use crate::sketch::Sketch;

/// What the model reads in one message.
///
/// Probabilities are calibrated and lie in `[0, 1]`. A field is `None` where the model has no head
/// for it, and all are `None` where the message is not [assessable](Self::is_assessable).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageScores {
    /// Why nothing can be said about this message; `None` where something can.
    pub why: Option<NotAssessable>,
    /// How the writer feels.
    pub sentiment: Option<Sentiment>,
    /// Probability that a careful reader of this message would say that the customer is having a bad
    /// experience. `None` for staff, bot and system messages.
    pub risk: Option<f32>,
    /// Whether `risk` reaches the policy's `flag_at`.
    pub flagged: bool,
    /// What the message shows, whatever its tone.
    pub signals: Option<Signals>,
    /// What the customer wants of the organisation. An intent, or a signal above, that the labels of somebody else's model do
    /// not name is 0.
    pub intents: Option<Intents>,
    /// Language of the text: the message's own tag, else the one that was detected when it was read, as far as known.
    pub language: Option<String>,
    /// The part of the text that was read, `[start, end)` in Unicode scalar values: from the first to the
    /// last of the writer's own words. Quoted replies in between are left out, and so is its end where `truncated`.
    pub read: Option<[usize; 2]>,
    /// Words that say something beyond doubt, at most one mark of a kind.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// What the message is about; `None` where the model's folder has no sketch.
    pub sketch: Option<Sketch>,
    /// Probability that an answer of staff or a program lets its reader down (refuses, evades, repeats a standard text, sends
    /// elsewhere), where as many do as do not. `None` for others' messages, and where the model's folder cannot tell.
    #[serde(default)]
    pub lets_down: Option<f32>,
    /// Number of the writer's own words, those that were left unread included as far as they were looked at.
    #[serde(default)]
    pub words: usize,
    /// Number of windows the text was read in; 0 where it was not read.
    pub windows: usize,
    /// Whether text beyond the limit of windows was left unread, or was not even looked at.
    pub truncated: bool,
    /// Model that read it, as `name@version`.
    pub model: Arc<str>,
    /// Policy that flagged it, as `name@version`.
    pub policy: Arc<str>,
    /// Share of bad experiences that `risk` is stated for: the policy's.
    pub base_rate: f32,
}

impl MessageScores {
    /// What the text says, whatever the policy; `None` also for a risk that is no probability.
    pub(crate) fn evidence(&self) -> Option<f32> {
        self.risk.map(|risk| evidence(risk, self.base_rate)).filter(|evidence| !evidence.is_nan())
    }

    /// The first value that is no probability, by its name.
    pub(crate) fn improbable(&self) -> Option<(&'static str, f32)> {
        if !(self.base_rate > 0.0 && self.base_rate < 1.0) {
            return Some(("base_rate", self.base_rate));
        }
        let feeling = self.sentiment.iter().flat_map(Sentiment::named);
        let intents = self.intents.iter().flat_map(Intents::iter).map(|(i, p)| (i.name(), p));
        let signals = self.signals.iter().flat_map(Signals::named);
        let risk = self.risk.iter().map(|&risk| ("risk", risk));
        let lets_down = self.lets_down.iter().map(|&p| ("lets_down", p));
        let mut all = risk.chain(lets_down).chain(feeling).chain(signals).chain(intents);
        all.find(|(_, p)| !(0.0..=1.0).contains(p))
    }

    /// Whether the message could be read at all.
    pub fn is_assessable(&self) -> bool {
        self.why.is_none()
    }
}

/// Log odds of a risk where bad and good are equally frequent, within 16, given the share of bad ones that it is stated for.
pub(crate) fn evidence(risk: f32, base_rate: f32) -> f32 {
    (log_odds(risk) - log_odds(base_rate)).clamp(-16.0, 16.0)
}

/// `ln(p / (1 - p))`
pub(crate) fn log_odds(p: f32) -> f32 {
    (p / (1.0 - p)).ln()
}

/// `1 / (1 + exp(-x))`
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Why a message cannot be assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotAssessable {
    /// Written in a language that the model was not made for.
    UnsupportedLanguage,
    /// Nothing is left after quoted replies and signature are taken off.
    NoText,
    /// An automatic answer, such as a notice of absence.
    AutoReply,
}

names!(NotAssessable, "reason not to assess");

impl NotAssessable {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::UnsupportedLanguage, Self::NoText, Self::AutoReply];

    /// The reason in snake case, as output files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnsupportedLanguage => "unsupported_language",
            Self::NoText => "no_text",
            Self::AutoReply => "auto_reply",
        }
    }
}

/// Probabilities of the writer's feeling; they sum to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sentiment {
    /// Probability of a negative feeling.
    pub negative: f32,
    /// Probability of no marked feeling.
    pub neutral: f32,
    /// Probability of a positive feeling.
    pub positive: f32,
}

/// Probabilities of what a message shows, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Signals {
    /// The customer has asked before, waits for a promised answer, or was passed on.
    pub repeat_contact: f32,
    /// The customer announces or threatens to leave, or has lost trust.
    pub relationship_at_risk: f32,
    /// The customer asks for a manager, threatens legal steps or publicity, or demands compensation.
    pub escalation: f32,
    /// Something does not work, is wrong, late or missing, whatever the tone.
    pub problem_stated: f32,
}

/// What a customer can want of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_docs)] // the names say it; training/written/README.md lists them
pub enum Intent {
    Complaint,
    TechnicalProblem,
    DeliveryOrAppointment,
    BillingOrPayment,
    RefundOrCompensation,
    Cancellation,
    AccountOrAccess,
    OrderOrChangeRequest,
    InformationQuestion,
    FeatureRequestOrSuggestion,
    PraiseOrThanks,
    StatusChase,
    Other,
}

names!(Intent, "intent");

impl Intent {
    /// All intents, in the order of the model's head.
    pub const ALL: [Self; 13] = [
        Self::Complaint,
        Self::TechnicalProblem,
        Self::DeliveryOrAppointment,
        Self::BillingOrPayment,
        Self::RefundOrCompensation,
        Self::Cancellation,
        Self::AccountOrAccess,
        Self::OrderOrChangeRequest,
        Self::InformationQuestion,
        Self::FeatureRequestOrSuggestion,
        Self::PraiseOrThanks,
        Self::StatusChase,
        Self::Other,
    ];

    /// The intent in snake case, as models and output files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::TechnicalProblem => "technical_problem",
            Self::DeliveryOrAppointment => "delivery_or_appointment",
            Self::BillingOrPayment => "billing_or_payment",
            Self::RefundOrCompensation => "refund_or_compensation",
            Self::Cancellation => "cancellation",
            Self::AccountOrAccess => "account_or_access",
            Self::OrderOrChangeRequest => "order_or_change_request",
            Self::InformationQuestion => "information_question",
            Self::FeatureRequestOrSuggestion => "feature_request_or_suggestion",
            Self::PraiseOrThanks => "praise_or_thanks",
            Self::StatusChase => "status_chase",
            Self::Other => "other",
        }
    }
}

/// Probability of each [`Intent`], each on its own; for serde a list of numbers in the order of [`Intent::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Intents(pub(crate) [f32; Intent::ALL.len()]);

impl Intents {
    /// Probability of one intent.
    pub fn p(&self, intent: Intent) -> f32 {
        self.0[intent as usize]
    }

    /// All intents with their probabilities, in the order of [`Intent::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Intent, f32)> + '_ {
        Intent::ALL.into_iter().zip(self.0)
    }

    /// The intents with at least the given probability, likeliest first.
    pub fn at_least(&self, p: f32) -> Vec<(Intent, f32)> {
        let mut over: Vec<_> = self.iter().filter(|(_, q)| *q >= p).collect();
        over.sort_by(|a, b| b.1.total_cmp(&a.1));
        over
    }

    /// The larger of two readings, intent by intent.
    pub(crate) fn max(self, other: Self) -> Self {
        Self(std::array::from_fn(|n| self.0[n].max(other.0[n])))
    }
}

impl Sentiment {
    /// The feelings by name, in the order of the model's head.
    pub fn named(&self) -> [(&'static str, f32); 3] {
        [("negative", self.negative), ("neutral", self.neutral), ("positive", self.positive)]
    }
}

impl Signals {
    /// The signals by name, in the order of the model's head.
    pub fn named(&self) -> [(&'static str, f32); 4] {
        [
            ("repeat_contact", self.repeat_contact),
            ("relationship_at_risk", self.relationship_at_risk),
            ("escalation", self.escalation),
            ("problem_stated", self.problem_stated),
        ]
    }

    /// The larger of two readings, signal by signal.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            repeat_contact: self.repeat_contact.max(other.repeat_contact),
            relationship_at_risk: self.relationship_at_risk.max(other.relationship_at_risk),
            escalation: self.escalation.max(other.escalation),
            problem_stated: self.problem_stated.max(other.problem_stated),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intents_are_listed_likeliest_first() {
        let mut intents = Intents::default();
        intents.0[Intent::StatusChase as usize] = 0.9;
        intents.0[Intent::Complaint as usize] = 0.6;
        assert_eq!(intents.at_least(0.5), [(Intent::StatusChase, 0.9), (Intent::Complaint, 0.6)]);
        assert!(Intent::ALL.into_iter().enumerate().all(|(n, intent)| intent as usize == n));
    }
}
