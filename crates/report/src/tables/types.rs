//! What the tables are, and what is asked for.

use beleving::{Compared, Policy};
use jiff::civil::Date;
use serde::Serialize;

use crate::across::{AtStake, Returns};
use crate::compare::Comparison;
use crate::estimate::{CalibrationError, Estimate, Method};
use crate::export;
use crate::moments::Moment;
use crate::tables::short_hash;

/// How wide a step in time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From Monday.
    Week,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Period {
    /// The first day of the next step.
    pub(crate) fn next(self, day: Date) -> Option<Date> {
        let span = match self {
            Self::Week => jiff::Span::new().weeks(1),
            Self::Month => jiff::Span::new().months(1),
            Self::Year => jiff::Span::new().years(1),
        };
        day.checked_add(span).ok()
    }
}

/// What a report is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How the model's error is known.
    pub method: Method,
    /// Step in time; by the length of the archive where `None`.
    pub period: Option<Period>,
    /// Groups with fewer interactions are withheld; at least 1.
    pub min_group: u64,
    /// How many moments to read are shown.
    pub moments: usize,
    /// What rework costs the user.
    pub rates: Rates,
    /// Windows, weights, sizes of groups of roles, and roles that one person holds.
    pub policy: Policy,
    /// What staff claims is set against what customers show next, or not.
    pub claims: Claims,
    /// How many customers with the most at stake are named.
    pub customers: usize,
}

/// Whether what staff claims is set against what customers show next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claims {
    /// It is not.
    LeftOut,
    /// By kind of claim and role.
    ByRole,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            method: Method::Calibrated(CalibrationError::default()),
            period: None,
            min_group: 10,
            moments: 6,
            rates: Rates::default(),
            policy: Policy::default(),
            claims: Claims::LeftOut,
            customers: 0,
        }
    }
}

/// What one piece of rework costs, in the user's own money.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Rates {
    /// A contact that would not have been needed.
    pub contact: Option<f64>,
    /// Passing a customer on.
    pub handoff: Option<f64>,
    /// A customer who asks for a manager or threatens steps.
    pub escalation: Option<f64>,
    /// Sign or code of the money, such as `€`.
    pub currency: String,
}

/// Everything a report says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tables {
    /// Version of this form.
    pub schema: u32,
    /// How the shares were estimated.
    pub method: MethodUsed,
    /// What was read.
    pub counts: Counts,
    /// First and last day on which an interaction began, in UTC.
    pub days: Option<[String; 2]>,
    /// What read the messages, in order of first appearance in time.
    pub readers: Vec<ReaderRow>,
    /// Share of assessed interactions that went wrong.
    pub overall: Option<Estimate>,
    /// Step of the tables over time.
    pub period: Period,
    /// Share over time.
    pub over_time: Vec<Point>,
    /// The same for the largest channels.
    pub channels_over_time: Vec<Series>,
    /// By channel.
    pub by_channel: Groups,
    /// By main intent.
    pub by_intent: Groups,
    /// By sector.
    pub by_sector: Groups,
    /// Where the bad moments of flagged interactions come from.
    pub touchpoints: Touchpoints,
    /// How the customer's risk changes over an answer, by role and channel: an association, and no cause.
    pub answers: Option<Answers>,
    /// Work done again.
    pub rework: Rework,
    /// Contacts that came back on earlier ones; `None` where no customer is known.
    pub returns: Option<Returns>,
    /// What is at stake with customers; `None` where no customer is known.
    pub at_stake: Option<AtStake>,
    /// What went well.
    pub well: Well,
    /// Bad moments worth reading.
    pub moments: Vec<Moment>,
    /// Good ones.
    pub good_moments: Vec<Moment>,
    /// Groups with fewer interactions are withheld.
    pub min_group: u64,
    /// Two periods compared.
    pub comparison: Option<Comparison>,
}

/// How the model's error was taken into account.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum MethodUsed {
    /// Mean probability; all odds may be off by a factor.
    Calibrated {
        /// The factor.
        odds_factor: f64,
    },
    /// Flags corrected by a sample that people read.
    Checked {
        /// Flagged, and indeed bad.
        flagged_bad: u64,
        /// Flagged, but fine.
        flagged_fine: u64,
        /// Not flagged, but bad.
        missed_bad: u64,
        /// Not flagged, and indeed fine.
        left_fine: u64,
    },
}

/// What was read, and what could not be assessed.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Counts {
    /// Judged interactions.
    pub interactions: u64,
    /// Of these, with a risk.
    pub assessed: u64,
    /// Of these, over the policy's threshold.
    pub flagged: u64,
    /// Without a risk.
    pub not_assessable: u64,
    /// Of these, with no message that could be scored.
    pub none_scored: u64,
    /// Without a time.
    pub undated: u64,
    /// With a time that cannot be: they count, but not where it goes by time.
    pub misdated: u64,
    /// Messages in the judged interactions.
    pub messages: u64,
    /// Of these, not scored.
    pub messages_failed: u64,
    /// Rows that could not be scored, by kind of error.
    pub failed_rows: Vec<(String, u64)>,
    /// Lines that are no output of `judge`.
    pub unreadable: u64,
    /// Lines whose interaction has a name that came before.
    pub repeated_names: u64,
    /// Of these, with the same start too: the same interaction once more, which counts nowhere else.
    pub counted_twice: u64,
}

/// What read a stretch of interactions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReaderRow {
    /// `name@version`
    pub model: String,
    /// `name@version`
    pub policy: String,
    /// Hash of what the policy says; two may have one name.
    pub policy_hash: Option<String>,
    /// Interactions it read.
    pub n: u64,
}

impl ReaderRow {
    /// What tells it from others: model, policy, and what a policy of that name says.
    pub(crate) fn name(&self) -> String {
        let hash = self.policy_hash.as_deref().map(|hash| format!(" ({})", short_hash(hash)));
        format!("{}, {}{}", self.model, self.policy, hash.unwrap_or_default())
    }
}

/// One step in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// First day.
    pub from: String,
    /// Place in [`Tables::readers`].
    pub reader: usize,
    /// Interactions assessed.
    pub n: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// `None` where there are too few.
    pub estimate: Option<Estimate>,
    #[serde(skip)]
    pub(crate) day: Date,
    /// Whether the data reach from its first day to its last, but for a weekend.
    #[serde(skip)]
    pub(crate) is_filled: bool,
}

/// A line over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Channel.
    pub name: String,
    /// Its points.
    pub points: Vec<Point>,
}

/// Shares by group, largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Groups {
    /// Groups that are large enough.
    pub rows: Vec<Group>,
    /// Groups that are too small to show.
    pub withheld: u64,
    /// Interactions in these.
    pub withheld_n: u64,
    /// Interactions of no group.
    pub unnamed: u64,
}

impl Groups {
    /// Whether the interactions are of no group.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.withheld == 0
    }
}

impl Tables {
    /// Whether there are too few assessed interactions to speak of a share, or of a difference.
    pub(crate) fn is_small(&self) -> bool {
        let before = self.comparison.as_ref().map(|comparison| comparison.before.assessed);
        self.counts.assessed.min(before.unwrap_or(u64::MAX)) < self.min_group
    }
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Interactions assessed.
    pub n: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// Share that went wrong, drawn towards the mean where the group is small.
    pub estimate: Estimate,
}

/// What changes over an answer of staff; from states, which not every report has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answers {
    /// Interactions whose states were read, each once.
    pub interactions: u64,
    /// Groups with fewer interactions are withheld, and so are roles that one person holds.
    pub min_interactions: usize,
    /// By role and channel.
    pub by_role: Compared,
    /// By claim and role: what was meant against what was felt; only where asked for. JSON has the gap with its interval, and
    /// not the change of the risk.
    #[serde(serialize_with = "export::gaps")]
    pub by_claim: Option<Compared>,
}

/// Where bad moments come from, among flagged interactions.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Touchpoints {
    /// Flagged interactions.
    pub flagged: u64,
    /// What the customer reacted to, most frequent first.
    pub rows: Vec<TouchpointRow>,
    /// Interactions that a role needs to be shown: never under five, whatever was asked for.
    pub min_group: u64,
    /// Roles that are too small or held by one person, and staff without a role where it is either; where that is one group,
    /// others as well, so that it cannot be worked out, and 0 where it is all there is.
    pub withheld: u64,
    /// Interactions with these.
    pub withheld_n: u64,
}

/// What a customer reacted to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TouchpointRow {
    /// Kind.
    pub source: Source,
    /// Its role, where it has one.
    pub role: Option<String>,
    /// Flagged interactions.
    pub n: u64,
    /// Part of all flagged interactions, with Wilson's interval.
    pub share: [f64; 3],
}

/// Kinds of [`TouchpointRow`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An answer of this role.
    Role,
    /// An answer of staff without a role in the verdict: it is not known, or the policy of `judge` says that one person holds it.
    Staff,
    /// No answer had come when the customer wrote again.
    Silence,
    /// It was there when the interaction opened.
    Opening,
}

/// Work done again, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rework {
    /// Share of interactions in which the customer had to ask again.
    pub repeat: Option<Estimate>,
    /// How many that is.
    pub repeat_count: Option<[f64; 3]>,
    /// Interactions that were read for it.
    pub n: u64,
    /// How many customers asked for a manager or threatened steps.
    pub escalation_count: Option<[f64; 3]>,
    /// How often customers were passed on.
    pub handoffs: u64,
    /// By main intent.
    pub by_intent: Groups,
    /// At the user's rates; estimate, lower and upper end.
    pub cost: Option<Cost>,
}

/// What rework costs: estimate, lower and upper end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// The user's rates.
    pub rates: Rates,
    /// Contacts that would not have been needed.
    pub contacts: Option<[f64; 3]>,
    /// Passing on.
    pub handoffs: Option<f64>,
    /// Escalations.
    pub escalations: Option<[f64; 3]>,
    /// All of it.
    pub total: [f64; 3],
}

/// What went well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Well {
    /// Interactions with thanks or praise in which nothing went bad.
    pub praise: u64,
    /// Interactions that went bad and were put right.
    pub recovered: u64,
    /// Interactions that went bad at any time, whether they are flagged, were put right or ended somewhere between.
    pub went_bad: u64,
    /// Interactions by experience, 1 to 5.
    pub experience: [u64; 5],
}

impl Source {
    /// The kind in snake case, as tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Staff => "staff",
            Self::Silence => "silence",
            Self::Opening => "opening",
        }
    }
}
