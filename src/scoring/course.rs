//! The course of an interaction as numbers: what the head of interactions reads.
//!
//! Evidence is the log odds of a message's risk at even odds, within 6; feeling is the probability of a
//! positive minus that of a negative one. What is not known is 0, so that a thread without times or
//! roles reads like one in which they say nothing.

use crate::marks::MarkKind;
use crate::message::Speaker;
use crate::policy::GroupSizes;
use crate::record::MessageRecord;
use crate::scores::{Intent, Signals, log_odds, sigmoid};
use crate::scoring::head::first_largest;

/// Evidence beyond this says no more: one message in 400.
const MOST_EVIDENCE: f32 = 6.0;
/// Messages of fewer words ("ja", "no thanks") are alike without asking the same.
const MIN_WORDS_ALIKE: u16 = 3;

/// An interaction in the order of reading.
pub(crate) struct Course<'a> {
    pub(crate) all: Vec<&'a MessageRecord>,
    /// Places in `all` of the customer's messages that carry risk.
    pub(crate) customer: Vec<usize>,
    /// Largest evidence of the customer's messages before each of [`Self::customer`].
    most_before: Vec<Option<f32>>,
    /// Places in `all` of the answers.
    answers: Vec<usize>,
    /// Places in `all` of what the customer says, assessable or not.
    said: Vec<usize>,
}

/// What an answer of the organisation before the turn can be, or that there was none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// Staff's or a program's message, by its place in [`Course::all`].
    Answer(usize),
    /// Nobody answered after this message.
    Silence(usize),
    /// The customer came with it.
    Opening,
}

/// Features of an interaction.
pub(crate) const INTERACTION: &[&str] = &[
    "worst",
    "last",
    "last_feeling",
    "mean",
    "mean_risk",
    "mean_feeling",
    "mean_thanks",
    "mean_repeat_contact",
    "late",
    "late_risk",
    "late_feeling",
    "late_thanks",
    "late_repeat_contact",
    "least_feeling",
    "fall_after_worst",
    "late_minus_early",
    "relationship_at_risk",
    "escalation",
    "gives_up",
    "says_promise_broken",
    "says_no_answer",
    "says_passed_on",
    "handoffs",
    "answer_before",
    "mean_answer",
    "late_answer",
];

/// Features of a customer's message as the one at which it turned.
pub(crate) const TURN: &[&str] = &[
    "evidence",
    "rise",
    "most_before",
    "feeling",
    "repeat_contact",
    "relationship_at_risk",
    "escalation",
    "problem_stated",
    "complaint",
    "status_chase",
    "thanks",
    "opens",
    "next_evidence",
    "has_next",
    "wait",
    "like_earlier",
    "says_asked_before",
    "says_promise_broken",
    "says_no_answer",
    "gives_up",
    "says_misunderstood",
    "after_rule",
    "after_referral",
    "after_solved",
    "words",
];

/// Features of a customer's message as the one that shows it most.
pub(crate) const WORST: &[&str] = &[
    "evidence",
    "feeling",
    "repeat_contact",
    "relationship_at_risk",
    "escalation",
    "problem_stated",
    "complaint",
    "thanks",
    "opens",
    "ends",
    "position",
    "gives_up",
    "says_promise_broken",
    "words",
];

/// Features of what a customer may react to. The first three are those of an opening, six of silence, the
/// rest of an answer.
pub(crate) const TOUCHPOINT: &[&str] = &[
    "opening",
    "opening_first",
    "opening_second",
    "silence",
    "silence_hours",
    "silence_unanswered",
    "silence_no_answer",
    "silence_repeat_contact",
    "silence_without_reply",
    "nearest",
    "distance",
    "first_answer",
    "promises",
    "solved",
    "rule",
    "apology",
    "refers",
    "hours_to_turn",
    "handoff",
    "bot",
    "feeling",
    "like_turn",
    "like_question",
    "words",
    "promises_and_broken",
    "promises_and_repeat",
    "promises_and_hours",
    "solved_and_hours",
    "solved_and_repeat",
    "rule_and_nearest",
    "refers_and_nearest",
    "nearest_and_hours",
    "handoff_and_nearest",
];

impl<'a> Course<'a> {
    /// Takes the messages in the order of reading.
    pub(crate) fn new(all: Vec<&'a MessageRecord>) -> Self {
        // Looked up once: a look back from each message would cost the square of a long thread.
        let places =
            |is: fn(&MessageRecord) -> bool| (0..all.len()).filter(|&n| is(all[n])).collect();
        let (answers, said) = (places(answers), places(|r| r.speaker == Speaker::Customer));
        let (customer, most_before) = (Vec::new(), Vec::new());
        let mut course = Self { all, customer, most_before, answers, said };
        let mut most = None;
        for (n, record) in course.all.iter().enumerate() {
            if record.evidence().is_some() {
                course.customer.push(n);
                course.most_before.push(most);
                most = Some(most.map_or(evidence(record), |most: f32| most.max(evidence(record))));
            }
        }
        course.leave_out_closing_formalities();
        course
    }

    /// Thanks for one's time ends a bad talk as well as a good one: the model reads it as a good end.
    fn leave_out_closing_formalities(&mut self) {
        let is_formality = |&n: &usize| says(self.all[n], MarkKind::Formality) > 0.0;
        let said = self.customer.iter().rposition(|n| !is_formality(n));
        let kept = said.map_or(self.customer.len(), |last| last + 1);
        self.customer.truncate(kept);
        self.most_before.truncate(kept);
    }

    /// Features of the whole, in the order of [`INTERACTION`]; `None` without a message of risk.
    ///
    /// What the customer shows and how it moves, and how much the answers that the customer has read let down: how long a thread is
    /// differs between places more than it says of the experience. Means, and means that weigh a message by the
    /// square of its place ("late"), read a long chat and three letters alike; a maximum grows with length.
    pub(crate) fn interaction(&self) -> Option<Vec<f32>> {
        let n = self.customer.len();
        if n == 0 {
            return None;
        }
        let evidence: Vec<f32> = self.each(evidence).collect();
        let feeling: Vec<f32> = self.each(feeling).collect();
        let risk: Vec<f32> = evidence.iter().map(|&e| sigmoid(e)).collect();
        let thanks: Vec<f32> = self.each(|r| intent(r, Intent::PraiseOrThanks)).collect();
        let repeat: Vec<f32> = self.each(|r| signals(r).repeat_contact).collect();
        let half = n / 2;
        let late_minus_early = mean(&evidence[n - half..]) - mean(&evidence[..half]);
        let worst = first_largest(evidence.iter().copied()).unwrap_or_default();
        let after = &evidence[worst + 1..];
        let fall = if after.is_empty() { 0.0 } else { evidence[worst] - mean(after) };
        let any = |kind| most(self.each(move |r| says(r, kind)));
        let let_down: Vec<f32> = self
            .answers_read()
            .map(|(_, p)| log_odds(p).clamp(-MOST_EVIDENCE, MOST_EVIDENCE))
            .collect();
        Some(vec![
            evidence[worst],
            evidence[n - 1],
            feeling[n - 1],
            mean(&evidence),
            mean(&risk),
            mean(&feeling),
            mean(&thanks),
            mean(&repeat),
            late(&evidence),
            late(&risk),
            late(&feeling),
            late(&thanks),
            late(&repeat),
            feeling.iter().copied().fold(1.0, f32::min),
            fall,
            late_minus_early,
            most(self.each(|r| signals(r).relationship_at_risk)),
            most(self.each(|r| signals(r).escalation)),
            any(MarkKind::GaveUp),
            any(MarkKind::PromiseBroken),
            any(MarkKind::NoAnswer),
            any(MarkKind::PassedOn),
            self.handoffs().len().min(5) as f32,
            let_down.last().copied().unwrap_or(0.0),
            mean(&let_down),
            late(&let_down),
        ])
    }

    /// Places in [`Self::all`] of the answers that the customer has read, as a later message shows, be that a formality, with the
    /// probability that they let down; without those of which the model cannot tell.
    pub(crate) fn answers_read(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        let last = self.said.iter().rev().find(|&&n| !self.at(n).is_automatic());
        let answers = before(&self.answers, last.copied().unwrap_or(0)).iter();
        answers.filter_map(|&n| Some((n, self.at(n).lets_down()?)))
    }

    /// Features of the customer's message `c` as a turn, in the order of [`TURN`].
    pub(crate) fn turn(&self, c: usize) -> Vec<f32> {
        let place = self.customer[c];
        let record = self.at(place);
        let own = evidence(record);
        let most_before = self.most_before[c];
        let next = self.customer.get(c + 1).map(|&n| evidence(self.at(n)));
        let shown = signals(record);
        let like_earlier = most(
            self.customer[c.saturating_sub(LOOK_BACK)..c]
                .iter()
                .map(|&n| alike(self.at(n), record)),
        );
        let answer = before(&self.answers, place).last();
        let after = |kind| answer.map_or(0.0, |&n| says(self.at(n), kind));
        vec![
            own,
            most_before.map_or(0.0, |before| own - before),
            most_before.unwrap_or(-MOST_EVIDENCE),
            feeling(record),
            shown.repeat_contact,
            shown.relationship_at_risk,
            shown.escalation,
            shown.problem_stated,
            intent(record, Intent::Complaint),
            intent(record, Intent::StatusChase),
            thanks(record),
            f32::from(c == 0),
            next.unwrap_or(0.0),
            f32::from(next.is_some()),
            self.hours_before(place).ln_1p(),
            like_earlier,
            says(record, MarkKind::AskedBefore),
            says(record, MarkKind::PromiseBroken),
            says(record, MarkKind::NoAnswer),
            says(record, MarkKind::GaveUp),
            says(record, MarkKind::Misunderstood),
            after(MarkKind::CitedRule),
            after(MarkKind::ReferredElsewhere),
            after(MarkKind::SaidSolved),
            words(record),
        ]
    }

    /// Features of the customer's message `c` as the worst one, in the order of [`WORST`].
    pub(crate) fn worst(&self, c: usize) -> Vec<f32> {
        let record = self.at(self.customer[c]);
        let shown = signals(record);
        let n = self.customer.len();
        vec![
            evidence(record),
            feeling(record),
            shown.repeat_contact,
            shown.relationship_at_risk,
            shown.escalation,
            shown.problem_stated,
            intent(record, Intent::Complaint),
            thanks(record),
            f32::from(c == 0),
            f32::from(c + 1 == n),
            if n < 2 { 0.0 } else { c as f32 / (n - 1) as f32 },
            says(record, MarkKind::GaveUp),
            says(record, MarkKind::PromiseBroken),
            words(record),
        ]
    }

    /// What the customer may react to in message `turn` of [`Self::all`]: answers before it, the nearest
    /// first, then silence if anything came before, then that the customer came with it.
    pub(crate) fn candidates(&self, turn: usize) -> Vec<Candidate> {
        let answers = before(&self.answers, turn).iter().rev().take(MAX_CANDIDATES);
        let silence = turn.checked_sub(1).map(Candidate::Silence);
        answers.map(|&n| Candidate::Answer(n)).chain(silence).chain([Candidate::Opening]).collect()
    }

    /// Features of a candidate, in the order of [`TOUCHPOINT`].
    pub(crate) fn touchpoint(&self, turn: usize, candidate: Candidate) -> Vec<f32> {
        let turned = self.at(turn);
        let shown = signals(turned);
        let mut x = vec![0.0; TOUCHPOINT.len()];
        match candidate {
            Candidate::Opening => {
                let before = before(&self.said, turn).len();
                x[..3].copy_from_slice(&[1.0, f32::from(before == 0), f32::from(before == 1)]);
            }
            Candidate::Silence(_) => {
                let hours = self.hours_before(turn).ln_1p();
                let last = self.at(turn - 1);
                // Who only says thanks waits for no answer.
                let unanswered =
                    if last.speaker == Speaker::Customer { 1.0 - thanks(last) } else { 0.0 };
                let no_answer = says(turned, MarkKind::NoAnswer);
                x[3..9].copy_from_slice(&[
                    1.0,
                    hours,
                    unanswered * hours,
                    no_answer,
                    shown.repeat_contact,
                    unanswered,
                ]);
            }
            Candidate::Answer(n) => {
                let answer = self.at(n);
                let answers = before(&self.answers, turn);
                let earlier = before(answers, n);
                let between = (answers.len() - before(answers, n + 1).len()).min(5);
                let nearest = f32::from(between == 0);
                let previous = earlier.last();
                let claims = MarkKind::CLAIMS.map(|kind| says(answer, kind));
                let [promises, solved, rule, apology, refers] = claims;
                let hours = hours(answer, turned).unwrap_or(0.0).ln_1p();
                let handoff = f32::from(previous.is_some_and(|&m| is_handoff(self.at(m), answer)));
                let question = before(&self.said, n).last();
                x[9..].copy_from_slice(&[
                    nearest,
                    between as f32,
                    f32::from(previous.is_none()),
                    promises,
                    solved,
                    rule,
                    apology,
                    refers,
                    hours,
                    handoff,
                    f32::from(answer.speaker == Speaker::Bot),
                    feeling(answer),
                    alike(answer, turned),
                    question.map_or(0.0, |&m| alike(answer, self.at(m))),
                    words(answer),
                    promises * says(turned, MarkKind::PromiseBroken),
                    promises * shown.repeat_contact,
                    promises * hours,
                    solved * hours,
                    solved * shown.repeat_contact,
                    rule * nearest,
                    refers * nearest,
                    nearest * hours,
                    handoff * nearest,
                ]);
            }
        }
        x
    }

    /// Places of the answers whose role is not that of the answer before. Staff without a role stand between nobody.
    pub(crate) fn handoffs(&self) -> Vec<usize> {
        let has_role =
            |n: &usize| self.at(*n).speaker == Speaker::Staff && self.at(*n).role.is_some();
        let staff: Vec<usize> = (0..self.all.len()).filter(has_role).collect();
        let changes =
            staff.windows(2).filter(|pair| is_handoff(self.at(pair[0]), self.at(pair[1])));
        changes.map(|pair| pair[1]).collect()
    }

    /// Hours between message `n` and the one before it.
    fn hours_before(&self, n: usize) -> f32 {
        n.checked_sub(1).and_then(|before| hours(self.at(before), self.at(n))).unwrap_or(0.0)
    }

    fn at(&self, n: usize) -> &'a MessageRecord {
        self.all[n]
    }

    fn each<'s, T>(&'s self, f: impl Fn(&MessageRecord) -> T + 's) -> impl Iterator<Item = T> + 's {
        self.customer.iter().map(move |&n| f(self.at(n)))
    }
}

/// Messages of the customer before one that it may repeat.
pub(crate) const LOOK_BACK: usize = 5;

/// Answers that are looked at before a turn: what lies further back is seldom what a customer means, and
/// the cost of a long thread stays linear.
const MAX_CANDIDATES: usize = 12;

/// Those of rising places that come before message `n`.
fn before(places: &[usize], n: usize) -> &[usize] {
    &places[..places.partition_point(|&place| place < n)]
}

/// Whether a message is an answer of the organisation; a notice of the system is none.
pub(crate) fn answers(record: &MessageRecord) -> bool {
    record.speaker.answers()
}

fn is_handoff(before: &MessageRecord, after: &MessageRecord) -> bool {
    let folded = GroupSizes::folded;
    match (&before.role, &after.role) {
        (Some(before), Some(after)) => before != after && folded(before) != folded(after),
        _ => false,
    }
}

pub(crate) fn evidence(record: &MessageRecord) -> f32 {
    record.evidence().unwrap_or(0.0).clamp(-MOST_EVIDENCE, MOST_EVIDENCE)
}

pub(crate) fn feeling(record: &MessageRecord) -> f32 {
    record.sentiment().map_or(0.0, |s| s.positive - s.negative)
}

fn signals(record: &MessageRecord) -> Signals {
    record.signals().unwrap_or_default()
}

fn intent(record: &MessageRecord, intent: Intent) -> f32 {
    record.intents().map_or(0.0, |intents| intents.p(intent))
}

fn thanks(record: &MessageRecord) -> f32 {
    intent(record, Intent::PraiseOrThanks)
}

/// Whether the words of a message say this: 1 or 0.
pub(crate) fn says(record: &MessageRecord, kind: MarkKind) -> f32 {
    f32::from(record.marks.iter().any(|mark| mark.kind == kind))
}

fn words(record: &MessageRecord) -> f32 {
    record.read.as_ref().map_or(0.0, |read| f32::from(read.words)).ln_1p()
}

/// How alike two messages are, 0 where one is too short to tell.
pub(crate) fn alike(a: &MessageRecord, b: &MessageRecord) -> f32 {
    let sketch = |r: &MessageRecord| {
        let read = r.read.as_ref().filter(|read| read.words >= MIN_WORDS_ALIKE)?;
        read.sketch
    };
    match (sketch(a), sketch(b)) {
        (Some(a), Some(b)) => a.likeness(&b).max(0.0),
        _ => 0.0,
    }
}

/// Hours between two messages, 0 where the clock ran backwards.
pub(crate) fn hours(from: &MessageRecord, to: &MessageRecord) -> Option<f32> {
    let seconds = to.at()?.as_second() - from.at()?.as_second();
    Some((seconds as f32 / 3600.0).max(0.0))
}

fn mean(values: &[f32]) -> f32 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f32>() / values.len() as f32 }
}

/// Mean that weighs a value by the square of its place: of three the last has nine fourteenths, of twelve the
/// last three have over half.
fn late(values: &[f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    let weight = |n: usize| ((n + 1) * (n + 1)) as f32;
    let sum: f32 = values.iter().enumerate().map(|(n, value)| weight(n) * value).sum();
    sum / (0..values.len()).map(weight).sum::<f32>()
}

fn most(values: impl Iterator<Item = f32>) -> f32 {
    values.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests;
