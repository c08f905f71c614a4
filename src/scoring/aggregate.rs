//! Scores of messages to the verdict on an interaction. The rules stand in `docs/verdict.md`.

use std::sync::Arc;

use jiff::Timestamp;

use crate::message::{Interaction, Message, Speaker};
use crate::policy::Policy;
use crate::scores::{Intent, Intents, MessageScores, Signals};
use crate::verdict::{Reason, ReasonKind, Touchpoint, Turn, Verdict, Waiting, Worst};

/// Share of the last message in the risk of an interaction; the worst message has the rest.
///
/// An interaction that ends well was not as bad as its worst moment, and one that ends in resignation
/// is not as good as its last, polite words.
const LAST_SHARE: f32 = 0.5;

/// One message of an interaction as the rules see it: its metadata and what was read in it.
struct Entry<'a> {
    /// Place in the interaction as given.
    place: usize,
    message: &'a Message,
    /// `None` where the message failed.
    scores: Option<&'a MessageScores>,
}

impl Entry<'_> {
    fn is_customer(&self) -> bool {
        self.message.speaker == Speaker::Customer
    }

    fn risk(&self) -> Option<f32> {
        self.scores.filter(|_| self.is_customer()).and_then(|scores| scores.risk)
    }
}

/// Judges an interaction. `scores[n]` belongs to message `n`; `None` marks one that failed.
pub(crate) fn judge(
    interaction: &Interaction,
    scores: &[Option<&MessageScores>],
    policy: &Policy,
    model_id: Arc<str>,
    policy_id: Arc<str>,
) -> Verdict {
    let entries: Vec<Entry<'_>> = interaction
        .order()
        .into_iter()
        .map(|place| Entry { place, message: &interaction.messages[place], scores: scores[place] })
        .collect();
    let times = entries.iter().filter_map(|e| e.message.at);
    let risks: Vec<f32> = entries.iter().filter_map(Entry::risk).collect();
    let risk = risk_of(&risks);
    let flagged = risk.is_some_and(|risk| risk >= policy.flag_at);
    let ever_flagged = risks.iter().any(|&r| r >= policy.flag_at);
    let turned = if flagged { turned(&entries, policy) } else { None };
    let worst = if flagged { worst(&entries) } else { None };
    let customers = || entries.iter().filter(|e| e.is_customer()).filter_map(|e| e.scores);
    let intents = customers().filter_map(|s| s.intents).reduce(larger_intents);
    Verdict {
        interaction: interaction.id.clone(),
        customer: interaction.customer.clone(),
        channel: interaction.channel.clone(),
        start: times.clone().min(),
        end: times.max(),
        messages: entries.len(),
        failed: scores.iter().filter(|s| s.is_none()).count(),
        assessable: risk.is_some(),
        risk,
        flagged,
        experience: risk.and_then(|risk| experience(&entries, risk, policy)),
        touchpoint: turned.as_ref().and_then(|(at, _)| touchpoint(&entries, *at, policy)),
        reasons: if flagged { reasons(&entries, policy) } else { Vec::new() },
        turned: turned.map(|(_, turn)| turn),
        worst,
        signals: customers().filter_map(|s| s.signals).reduce(Signals::max),
        praise: intents.is_some_and(|i| i.p(Intent::PraiseOrThanks) >= policy.intent_at),
        intents,
        recovered: ever_flagged && !flagged,
        waiting: waiting(&entries, policy),
        handoffs: handoffs(&entries),
        model: model_id,
        policy: policy_id,
    }
}

fn risk_of(risks: &[f32]) -> Option<f32> {
    let worst = risks.iter().copied().reduce(f32::max)?;
    Some(LAST_SHARE * risks[risks.len() - 1] + (1.0 - LAST_SHARE) * worst)
}

/// Marks from the risk; without risk, from the feeling at the end.
fn experience(entries: &[Entry<'_>], risk: f32, policy: &Policy) -> Option<u8> {
    if risk >= policy.flag_at {
        // Halfway between the threshold and certainty.
        return Some(if risk >= (1.0 + policy.flag_at) / 2.0 { 1 } else { 2 });
    }
    let last = entries.iter().rev().find(|e| e.risk().is_some())?;
    let sentiment = last.scores?.sentiment?;
    Some(match sentiment.positive {
        p if p >= 0.8 => 5,
        p if p >= 0.5 => 4,
        _ => 3,
    })
}

/// The first message at or over the threshold, with its index; the worst one if none alone reaches it.
fn turned(entries: &[Entry<'_>], policy: &Policy) -> Option<(usize, Turn)> {
    let over = entries.iter().position(|e| e.risk().is_some_and(|risk| risk >= policy.flag_at));
    let at = over.or_else(|| worst_index(entries))?;
    let turn = Turn {
        message: entries[at].place,
        id: entries[at].message.id.clone(),
        risk_before: entries[..at].iter().rev().find_map(Entry::risk),
        risk_after: entries[at].risk()?,
    };
    Some((at, turn))
}

fn worst_index(entries: &[Entry<'_>]) -> Option<usize> {
    let risks = entries.iter().enumerate().filter_map(|(n, e)| Some((n, e.risk()?)));
    // Of equals the first: `max_by` alone would take the last.
    risks.rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(n, _)| n)
}

fn worst(entries: &[Entry<'_>]) -> Option<Worst> {
    let entry = &entries[worst_index(entries)?];
    Some(Worst { message: entry.place, id: entry.message.id.clone(), risk: entry.risk()? })
}

/// What came before the turn: a long silence, else the last answer. None if the thread opens with it.
fn touchpoint(entries: &[Entry<'_>], turned: usize, policy: &Policy) -> Option<Touchpoint> {
    let before = entries[..turned].last()?;
    let waited = hours(before.message.at, entries[turned].message.at);
    let silent =
        before.is_customer() && waited.is_some_and(|h| h >= f64::from(policy.silence_hours));
    let entry =
        if silent { before } else { entries[..turned].iter().rev().find(|e| !e.is_customer())? };
    Some(Touchpoint {
        message: entry.place,
        id: entry.message.id.clone(),
        role: if silent { None } else { entry.message.role.clone() },
        silence: silent,
    })
}

fn hours(from: Option<Timestamp>, to: Option<Timestamp>) -> Option<f64> {
    Some((to?.as_second() - from?.as_second()) as f64 / 3600.0)
}

/// Stretches of the thread in which the customer waits, each from the first message that asks to the
/// next answer or the customer's own next message: `(customer's index, hours, was it answered)`.
fn waits(entries: &[Entry<'_>]) -> Vec<(usize, f64, bool)> {
    let pairs = entries.windows(2).enumerate();
    pairs
        .filter(|(_, pair)| pair[0].is_customer())
        .filter_map(|(n, pair)| {
            Some((n, hours(pair[0].message.at, pair[1].message.at)?, !pair[1].is_customer()))
        })
        .collect()
}

fn waiting(entries: &[Entry<'_>], policy: &Policy) -> Waiting {
    let waits = waits(entries);
    Waiting {
        longest_hours: waits.iter().map(|w| w.1).reduce(f64::max),
        no_answer_seen: waits.iter().any(|w| !w.2 && w.1 >= f64::from(policy.silence_hours)),
    }
}

fn handoffs(entries: &[Entry<'_>]) -> usize {
    let roles: Vec<&str> = entries
        .iter()
        .filter(|e| e.message.speaker == Speaker::Staff)
        .filter_map(|e| e.message.role.as_deref())
        .collect();
    roles.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// Every reading of a customer's message at or over its threshold, and every long wait.
fn reasons(entries: &[Entry<'_>], policy: &Policy) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for entry in entries.iter().filter(|e| e.is_customer()) {
        let Some(scores) = entry.scores else { continue };
        let mut add = |kind, weight| {
            reasons.push(Reason { kind, message: entry.place, span: scores.read, weight });
        };
        if let Some(risk) = scores.risk.filter(|risk| *risk >= policy.flag_at) {
            add(ReasonKind::BadExperience, risk);
        }
        // Signals are calibrated so that 0.5 decides.
        let signals = scores.signals.unwrap_or_default();
        for (kind, p) in [
            (ReasonKind::RepeatContact, signals.repeat_contact),
            (ReasonKind::RelationshipAtRisk, signals.relationship_at_risk),
            (ReasonKind::Escalation, signals.escalation),
        ] {
            if p >= 0.5 {
                add(kind, p);
            }
        }
    }
    for (n, hours, _) in waits(entries) {
        let bound = f64::from(policy.silence_hours);
        if hours >= bound {
            // 0 at the bound, towards 1 for waits many times as long.
            let weight = (1.0 - bound / hours) as f32;
            reasons.push(Reason {
                kind: ReasonKind::Waited,
                message: entries[n].place,
                span: None,
                weight,
            });
        }
    }
    reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    reasons
}

fn larger_intents(a: Intents, b: Intents) -> Intents {
    Intents(std::array::from_fn(|n| a.0[n].max(b.0[n])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::Sentiment;

    fn scores(risk: Option<f32>) -> MessageScores {
        MessageScores {
            why: None,
            sentiment: Some(Sentiment { negative: 0.1, neutral: 0.2, positive: 0.7 }),
            risk,
            flagged: false,
            signals: Some(Signals::default()),
            intents: Some(Intents::default()),
            language: None,
            read: Some([1, 7]),
            windows: 1,
            truncated: false,
            model: "m@1".into(),
            policy: "p@1".into(),
        }
    }

    /// Judges a thread of `(speaker or role, hour, risk)`; the customer is `c`.
    fn verdict(thread: &[(&str, i64, f32)]) -> Verdict {
        let message = |&(who, hour, _): &(&str, i64, f32)| {
            let message = match who {
                "c" => Message::customer(""),
                role => Message::staff(role, ""),
            };
            message.sent_at(Timestamp::from_second(hour * 3600).expect("in range"))
        };
        let interaction = Interaction::new("i", thread.iter().map(message).collect());
        let scores: Vec<MessageScores> =
            thread.iter().map(|t| scores((t.0 == "c").then_some(t.2))).collect();
        let scores: Vec<Option<&MessageScores>> = scores.iter().map(Some).collect();
        judge(&interaction, &scores, &Policy::default(), "m@1".into(), "p@1".into())
    }

    #[test]
    fn a_thread_that_ends_well_is_recovered_and_not_flagged() {
        let verdict = verdict(&[("c", 0, 0.8), ("planner", 1, 0.0), ("c", 2, 0.1)]);
        assert!(!verdict.flagged && verdict.recovered);
        assert_eq!((verdict.turned, verdict.experience), (None, Some(4)));
    }

    #[test]
    fn the_turn_is_the_first_message_over_the_threshold() {
        let verdict = verdict(&[
            ("c", 0, 0.2),
            ("planner", 1, 0.0),
            ("c", 2, 0.7),
            ("planner", 3, 0.0),
            ("c", 4, 0.9),
        ]);
        let turn = verdict.turned.expect("flagged");
        assert_eq!((turn.message, turn.risk_before, turn.risk_after), (2, Some(0.2), 0.7));
        assert_eq!(verdict.worst.expect("flagged").message, 4);
        let touchpoint = verdict.touchpoint.expect("staff answered before");
        assert_eq!(
            (touchpoint.message, touchpoint.role.as_deref(), touchpoint.silence),
            (1, Some("planner"), false)
        );
        assert_eq!(verdict.reasons[0].kind, ReasonKind::BadExperience);
        assert_eq!((verdict.reasons[0].message, verdict.reasons[0].span), (4, Some([1, 7])));
    }

    #[test]
    fn silence_is_the_touchpoint_when_nobody_answered_for_days() {
        let verdict = verdict(&[("c", 0, 0.2), ("c", 100, 0.9)]);
        assert!(verdict.waiting.no_answer_seen);
        assert_eq!(verdict.waiting.longest_hours, Some(100.0));
        let touchpoint = verdict.touchpoint.expect("silence");
        assert_eq!((touchpoint.message, touchpoint.silence, touchpoint.role), (0, true, None));
        assert!(verdict.reasons.iter().any(|r| r.kind == ReasonKind::Waited && r.message == 0));
    }

    #[test]
    fn a_thread_that_opens_badly_has_no_touchpoint() {
        let verdict = verdict(&[("c", 0, 0.9)]);
        assert!(verdict.flagged && verdict.touchpoint.is_none());
        assert_eq!(verdict.experience, Some(1));
    }

    #[test]
    fn a_change_of_role_is_a_handoff() {
        let verdict =
            verdict(&[("a", 0, 0.0), ("c", 1, 0.1), ("b", 2, 0.0), ("b", 3, 0.0), ("a", 4, 0.0)]);
        assert_eq!(verdict.handoffs, 2);
    }

    #[test]
    fn nothing_of_the_customer_is_not_assessable() {
        let verdict = verdict(&[("planner", 0, 0.0)]);
        assert!(!verdict.assessable && !verdict.flagged);
        assert_eq!((verdict.risk, verdict.experience), (None, None));
    }
}
