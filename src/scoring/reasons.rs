//! What a verdict rests on: each reason with its message, the place in it and a weight.

use crate::marks::{Mark, MarkKind};
use crate::record::MessageRecord;
use crate::scoring::course::{LOOK_BACK, alike};
use crate::scoring::judge::{Conversation, Wait};
use crate::verdict::{Reason, ReasonKind};

/// Signals are calibrated so that this decides.
const SIGNAL_AT: f32 = 0.5;
/// What a customer says in so many words, and the reason it gives.
pub(crate) const SAID: [(MarkKind, ReasonKind); 6] = [
    (MarkKind::AskedBefore, ReasonKind::CustomerSaysAskedBefore),
    (MarkKind::PromiseBroken, ReasonKind::CustomerSaysPromiseBroken),
    (MarkKind::NoAnswer, ReasonKind::CustomerSaysNoAnswer),
    (MarkKind::PassedOn, ReasonKind::CustomerSaysPassedOn),
    (MarkKind::Misunderstood, ReasonKind::CustomerSaysMisunderstood),
    (MarkKind::GaveUp, ReasonKind::CustomerGivesUp),
];

/// Every reason, strongest first: praise always, the others where the interaction went bad, which then has a
/// `worst` message, by its place among the customer's.
pub(crate) fn reasons(
    conversation: &Conversation<'_>,
    waits: &[Wait],
    worst: Option<usize>,
) -> Vec<Reason> {
    let mut found = Vec::new();
    for (c, &n) in conversation.course.customer.iter().enumerate() {
        let record = conversation.course.all[n];
        let mut add = |kind, span, weight| {
            found.push(reason(conversation, kind, n, span, weight));
        };
        if let Some(praise) = conversation.praise(n) {
            add(ReasonKind::Praise, read_span(record), praise);
        }
        let Some(worst) = worst else { continue };
        let risk = conversation.risk(n);
        if risk >= conversation.policy.flag_at || c == worst {
            let span = span_of(record, &[MarkKind::Heaviest]);
            add(ReasonKind::BadExperience, span, risk);
        }
        let signals = record.signals().unwrap_or_default();
        for (kind, p, words) in [
            (
                ReasonKind::RepeatContact,
                signals.repeat_contact,
                &[MarkKind::AskedBefore, MarkKind::NoAnswer, MarkKind::PassedOn][..],
            ),
            (ReasonKind::RelationshipAtRisk, signals.relationship_at_risk, &[]),
            (ReasonKind::Escalation, signals.escalation, &[]),
        ] {
            if p >= SIGNAL_AT {
                add(kind, span_of(record, words), p);
            }
        }
        for (mark, kind) in SAID {
            if let Some(mark) =
                mark_of(record, mark).filter(|_| c == worst || conversation.shows(n))
            {
                // Words count for as much as the message that holds them.
                add(kind, Some(mark.span.map(|n| n as usize)), risk);
            }
        }
        if let Some(likeness) = asked_again(conversation, c) {
            add(ReasonKind::AsksSameAgain, read_span(record), likeness);
        }
    }
    if worst.is_some() {
        found.extend(lets_down(conversation));
        found.extend(from_metadata(conversation, waits));
    }
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    found
}

/// Whether the customer had to come back within the thread: asked again, reminded, was passed on or not answered.
pub(crate) fn rework(conversation: &Conversation<'_>) -> bool {
    let course = &conversation.course;
    let signalled = course.customer.iter().any(|&n| {
        course.all[n].signals().is_some_and(|signals| signals.repeat_contact >= SIGNAL_AT)
    });
    let said = course.customer.iter().filter(|&&n| conversation.shows(n)).any(|&n| {
        let said = [MarkKind::AskedBefore, MarkKind::PassedOn, MarkKind::NoAnswer];
        said.iter().any(|&kind| mark_of(course.all[n], kind).is_some())
    });
    signalled || said || (1..course.customer.len()).any(|c| asked_again(conversation, c).is_some())
}

/// A reason that message `n` of the course shows.
fn reason(
    conversation: &Conversation<'_>,
    kind: ReasonKind,
    n: usize,
    span: Option<[usize; 2]>,
    weight: f32,
) -> Reason {
    Reason { kind, message: conversation.number(n), id: conversation.id(n), span, weight }
}

/// The answer that lets down most, where more likely than not it does.
fn lets_down(conversation: &Conversation<'_>) -> Option<Reason> {
    let most = conversation.course.answers_read().max_by(|a, b| a.1.total_cmp(&b.1));
    let (n, p) = most.filter(|(_, p)| *p >= 0.5)?;
    let span = read_span(conversation.course.all[n]);
    Some(reason(conversation, ReasonKind::AnswerLetsDown, n, span, p))
}

/// Waits and hand-offs.
fn from_metadata(conversation: &Conversation<'_>, waits: &[Wait]) -> Vec<Reason> {
    let mut found: Vec<Reason> = waits
        .iter()
        .filter(|wait| conversation.is_silence(wait))
        .map(|wait| {
            // Half at the policy's limit, near 1 at many times it.
            let times = wait.working_hours / f64::from(conversation.policy.silence_hours);
            let weight = (times / (1.0 + times)) as f32;
            let kind = if wait.answered { ReasonKind::Waited } else { ReasonKind::NoAnswerSeen };
            reason(conversation, kind, wait.from, None, weight)
        })
        .collect();
    found.extend(conversation.course.handoffs().into_iter().enumerate().map(|(earlier, n)| {
        let weight = (earlier + 1) as f32 / (earlier + 3) as f32; // a third, a half, three fifths
        reason(conversation, ReasonKind::HandedOver, n, None, weight)
    }));
    found
}

/// How alike the message is to an earlier one of the customer, where it asks the same again. Who says thanks twice does not.
fn asked_again(conversation: &Conversation<'_>, c: usize) -> Option<f32> {
    let course = &conversation.course;
    if conversation.praise(course.customer[c]).is_some() {
        return None;
    }
    let record = course.all[course.customer[c]];
    let earlier = &course.customer[c.saturating_sub(LOOK_BACK)..c];
    let most = earlier.iter().map(|&n| alike(course.all[n], record)).reduce(f32::max)?;
    (most >= conversation.policy.rework.same_request_at).then_some(most)
}

fn mark_of(record: &MessageRecord, kind: MarkKind) -> Option<&Mark> {
    record.marks.iter().find(|mark| mark.kind == kind)
}

/// The place of the first of the marks that is there, else everything that was read.
fn span_of(record: &MessageRecord, kinds: &[MarkKind]) -> Option<[usize; 2]> {
    let mark = kinds.iter().find_map(|&kind| mark_of(record, kind));
    mark.map(|mark| mark.span.map(|n| n as usize)).or_else(|| read_span(record))
}

fn read_span(record: &MessageRecord) -> Option<[usize; 2]> {
    record.read.as_ref()?.span.map(|span| span.map(|n| n as usize))
}
