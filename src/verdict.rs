use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::marks::part;
use crate::names::names;
use crate::scores::{Intents, Signals};

/// How an interaction was lived, as far as it is written.
///
/// Messages are named by their place, counted from 0, and by their id. The place is that in
/// [`Interaction::messages`](crate::Interaction::messages) as long as no id is there twice: such messages are one and count
/// once. In a state of messages that came one by one ([`InteractionState::update`](crate::InteractionState::update)) it is
/// that in the order of reading so far. `docs/verdict.md` gives the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Name of the interaction.
    pub interaction: String,
    /// Name of the customer, passed through.
    pub customer: Option<String>,
    /// Channel, passed through.
    pub channel: Option<String>,
    /// Time of the first dated message.
    pub start: Option<Timestamp>,
    /// Time of the last dated message.
    pub end: Option<Timestamp>,
    /// Number of messages, staff's included.
    pub messages: usize,
    /// Number of messages that could not be scored.
    pub failed: usize,
    /// Whether at least one of the customer's messages could be assessed.
    pub assessable: bool,
    /// Probability that a careful reader would call this a bad experience; `None` if not assessable.
    pub risk: Option<f32>,
    /// Whether `risk` reaches the policy's `flag_interaction_at`.
    pub flagged: bool,
    /// The experience in marks from 1, very bad, to 5, very good.
    pub experience: Option<u8>,
    /// The first customer message that shows the experience has gone bad; only where `flagged`, where a message
    /// reaches `flag_at` by itself, or where more likely than not it went bad at some message, however it ended.
    pub turned: Option<Turn>,
    /// The customer message that shows it most; only where `turned` is there.
    pub worst: Option<Worst>,
    /// What the customer seems to react to; only where the thread did not open with it.
    pub touchpoint: Option<Touchpoint>,
    /// The strongest reading of each signal over the customer's messages.
    pub signals: Option<Signals>,
    /// The strongest reading of each intent over the customer's messages.
    pub intents: Option<Intents>,
    /// Whether it went bad at some message, is not flagged in the end, and the customer's last message is a good one.
    pub recovered: bool,
    /// Whether the customer had to come back within the interaction: asked again, reminded, was passed on
    /// or got no answer.
    pub rework: bool,
    /// Whether the customer thanks or praises.
    pub praise: bool,
    /// How long the customer waited.
    pub waiting: Waiting,
    /// How often the role that answers changed.
    pub handoffs: usize,
    /// What the verdict rests on, strongest first.
    pub reasons: Vec<Reason>,
    /// Model that read the messages, as `name@version`.
    pub model: Arc<str>,
    /// Policy that judged, as `name@version`.
    pub policy: Arc<str>,
    /// What the policy said, as [`Policy::hash`](crate::Policy::hash).
    pub policy_hash: Arc<str>,
}

/// The message at which an interaction turned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Turn {
    /// Place of the message.
    pub message: usize,
    /// Its id.
    pub id: Option<String>,
    /// Risk of the customer's message before it; `None` if there is none.
    pub risk_before: Option<f32>,
    /// Risk of this message.
    pub risk_after: f32,
}

/// The message that shows the bad experience most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Worst {
    /// Place of the message.
    pub message: usize,
    /// Its id.
    pub id: Option<String>,
    /// Its risk.
    pub risk: f32,
}

/// What the customer reacts to: an answer of staff, or that none came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Touchpoint {
    /// Place of the message of staff, or where `silence`, of the last message before it, whoever wrote that.
    pub message: usize,
    /// Its id.
    pub id: Option<String>,
    /// Role of staff; `None` for silence, which is nobody's, or where the role is not known or one person's.
    pub role: Option<String>,
    /// Whether it is the silence after `message`.
    pub silence: bool,
}

/// How long a customer waited for answers, as far as the messages are dated. Who only says thanks waits for none, and a notice of
/// the system is none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Waiting {
    /// Longest time between a message of the customer and the next of anybody, in hours.
    pub longest_hours: Option<f64>,
    /// Whether the customer wrote again without an answer in between, the policy's `silence_hours` or more on working days
    /// after the message before: each reminder starts the wait anew.
    pub no_answer_seen: bool,
}

/// One thing a verdict rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// What it is.
    pub kind: ReasonKind,
    /// Place of the message that shows it.
    pub message: usize,
    /// Its id.
    pub id: Option<String>,
    /// Where in the message, `[start, end)` in Unicode scalar values of its text; `None` where it is
    /// read from the times or roles of the messages.
    pub span: Option<[usize; 2]>,
    /// How strong it is, 0 to 1.
    pub weight: f32,
}

impl Reason {
    /// What the reason points at, given the text of its message as it was read (of HTML the plain text); `None` where it points
    /// at nothing, or the text is shorter, so another one.
    ///
    /// ```
    /// use beleving::{Interaction, Message, Scorer};
    ///
    /// let text = "Dat zei u vorige week ook. Laat maar.";
    /// let thread = Interaction::new("z-1042", vec![Message::customer(text)]);
    /// let verdict = Scorer::open("models/tiny")?.judge_one(&thread)?;
    /// for reason in &verdict.reasons {
    ///     let text = &thread.messages[reason.message].text;
    ///     println!("{}: {:?}", reason.kind, reason.quote(text));
    /// }
    /// # Ok::<(), beleving::Error>(())
    /// ```
    pub fn quote<'t>(&self, text: &'t str) -> Option<&'t str> {
        part(text, self.span?)
    }
}

/// Kinds of [`Reason`]; `docs/verdict.md` tells what each rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonKind {
    /// The message reads as a bad experience.
    BadExperience,
    /// The customer has asked before, or waits for a promised answer.
    RepeatContact,
    /// The customer announces to leave, or has lost trust.
    RelationshipAtRisk,
    /// The customer asks for a manager, or threatens steps.
    Escalation,
    /// The customer says in so many words to have asked or said it before.
    CustomerSaysAskedBefore,
    /// The customer says in so many words that a promise was not kept.
    CustomerSaysPromiseBroken,
    /// The customer says in so many words that no answer came.
    CustomerSaysNoAnswer,
    /// The customer says in so many words to have been passed on.
    CustomerSaysPassedOn,
    /// The customer corrects what was understood.
    CustomerSaysMisunderstood,
    /// The customer gives up.
    CustomerGivesUp,
    /// The message asks the same as an earlier one of the customer.
    AsksSameAgain,
    /// An answer came after the policy's `silence_hours` on working days or later.
    Waited,
    /// The customer wrote again, and nobody had answered within the policy's `silence_hours`.
    NoAnswerSeen,
    /// Another role answers than before.
    HandedOver,
    /// Of the answers that the customer has read, the one that lets down most.
    AnswerLetsDown,
    /// The customer thanks or praises.
    Praise,
}

names!(ReasonKind, "kind of reason");

impl ReasonKind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::BadExperience,
        Self::RepeatContact,
        Self::RelationshipAtRisk,
        Self::Escalation,
        Self::CustomerSaysAskedBefore,
        Self::CustomerSaysPromiseBroken,
        Self::CustomerSaysNoAnswer,
        Self::CustomerSaysPassedOn,
        Self::CustomerSaysMisunderstood,
        Self::CustomerGivesUp,
        Self::AsksSameAgain,
        Self::Waited,
        Self::NoAnswerSeen,
        Self::HandedOver,
        Self::AnswerLetsDown,
        Self::Praise,
    ];

    /// The kind in snake case, as serde writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadExperience => "bad_experience",
            Self::RepeatContact => "repeat_contact",
            Self::RelationshipAtRisk => "relationship_at_risk",
            Self::Escalation => "escalation",
            Self::CustomerSaysAskedBefore => "customer_says_asked_before",
            Self::CustomerSaysPromiseBroken => "customer_says_promise_broken",
            Self::CustomerSaysNoAnswer => "customer_says_no_answer",
            Self::CustomerSaysPassedOn => "customer_says_passed_on",
            Self::CustomerSaysMisunderstood => "customer_says_misunderstood",
            Self::CustomerGivesUp => "customer_gives_up",
            Self::AsksSameAgain => "asks_same_again",
            Self::Waited => "waited",
            Self::NoAnswerSeen => "no_answer_seen",
            Self::HandedOver => "handed_over",
            Self::AnswerLetsDown => "answer_lets_down",
            Self::Praise => "praise",
        }
    }
}
