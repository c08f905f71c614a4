//! Each feature stands under its name: the names and the values are lists that only their order keeps together.

use jiff::Timestamp;

use super::*;
use crate::marks::Mark;
use crate::message::Message;
use crate::scores::{Intents, MessageScores, Sentiment};
use crate::scoring::judge::tests::scores;
use crate::sketch::Sketch;

/// A message whose values are unlike those of any other field and message.
#[derive(Clone)]
struct Said {
    /// The customer is `c`, a bot is `bot`, any other is a role of staff.
    who: &'static str,
    hour: i64,
    evidence: f32,
    feeling: f32,
    /// As [`Signals`] has them.
    signals: [f32; 4],
    /// Of a complaint, asking how it stands, and thanks.
    intents: [f32; 3],
    /// Of two messages that differ in N, likeness is `1 - N / 64`.
    sketch_bits: usize,
    words: usize,
    marks: Vec<MarkKind>,
    lets_down: f32,
}

fn thread() -> [Said; 6] {
    let said = |who, hour, evidence, feeling, sketch_bits, words| {
        let (signals, intents, marks) = ([0.0; 4], [0.0; 3], Vec::new());
        let lets_down = evidence + 0.5; // of a customer's message it counts nothing
        Said {
            who,
            hour,
            evidence,
            feeling,
            signals,
            intents,
            sketch_bits,
            words,
            marks,
            lets_down,
        }
    };
    [
        Said {
            signals: [0.15, 0.2, 0.05, 0.31],
            intents: [0.12, 0.07, 0.1],
            ..said("c", 0, -1.3, 0.3, 0, 9)
        },
        Said { lets_down: 1.5, ..said("planner", 2, 0.0, 0.4, 20, 12) },
        Said {
            signals: [0.7, 0.35, 0.11, 0.9],
            intents: [0.8, 0.55, 0.25],
            ..said("c", 5, 2.2, -0.6, 8, 20)
        },
        Said { lets_down: -0.5, ..said("planner", 12, 0.0, 0.25, 30, 30) },
        Said { lets_down: 2.0, ..said("desk", 30, 0.0, -0.1, 40, 6) },
        Said {
            signals: [0.47, 0.6, 0.42, 0.33],
            intents: [0.65, 0.28, 0.05],
            ..said("c", 70, 0.5, -0.2, 16, 4)
        },
    ]
}

fn record(said: &Said) -> MessageRecord {
    let message = match said.who {
        "c" => Message::customer(""),
        "bot" => Message { speaker: Speaker::Bot, ..Message::staff("desk", "") },
        role => Message::staff(role, ""),
    };
    let at = Timestamp::from_second(said.hour * 3600).expect("in range");
    let (positive, negative) = (said.feeling.max(0.0), (-said.feeling).max(0.0));
    let [repeat_contact, relationship_at_risk, escalation, problem_stated] = said.signals;
    let mut intents = Intents::default();
    let named = [Intent::Complaint, Intent::StatusChase, Intent::PraiseOrThanks];
    named.into_iter().zip(said.intents).for_each(|(intent, p)| intents.0[intent as usize] = p);
    let projections: Vec<f32> =
        (0..Sketch::BITS).map(|n| f32::from(n < said.sketch_bits)).collect();
    let mark = |&kind| Mark { kind, span: [0, 1], weight: 100 };
    let scores = MessageScores {
        sentiment: Some(Sentiment { negative, neutral: 0.0, positive }),
        signals: Some(Signals { repeat_contact, relationship_at_risk, escalation, problem_stated }),
        intents: Some(intents),
        sketch: Some(Sketch::of(&projections)),
        words: said.words,
        lets_down: Some(sigmoid(said.lets_down)),
        ..scores(sigmoid(said.evidence), said.marks.iter().map(mark).collect())
    };
    MessageRecord::new(&message.sent_at(at), Some(&scores))
}

/// What is read of the thread after a change to it.
fn read(change: impl Fn(&mut [Said; 6]), features: impl Fn(&Course<'_>) -> Vec<f32>) -> Vec<f32> {
    let mut thread = thread();
    change(&mut thread);
    let records: Vec<MessageRecord> = thread.iter().map(record).collect();
    features(&Course::new(records.iter().collect()))
}

/// Looks whether the features have these values, by name, and all others 0.
#[track_caller]
fn assert_features(names: &[&str], found: &[f32], expected: &[(&str, f32)]) {
    assert_eq!(names.len(), found.len());
    let found: Vec<(&str, f32)> =
        names.iter().copied().zip(found.iter().copied()).filter(|(_, x)| *x != 0.0).collect();
    let is_same = found.len() == expected.len()
        && expected.iter().all(|(name, value)| {
            // Probabilities are kept in 65,534ths.
            found.iter().any(|(n, x)| n == name && (x - value).abs() < 1e-4)
        });
    assert!(is_same, "{found:?}\n{expected:?}");
}

/// Looks which features differ after a mark on a message, and by how much.
#[track_caller]
fn assert_mark(
    names: &[&str],
    features: impl Fn(&Course<'_>) -> Vec<f32>,
    (message, kind): (usize, MarkKind),
    expected: &[(&str, f32)],
) {
    let before = read(|_| (), &features);
    let after = read(|thread| thread[message].marks.push(kind), &features);
    let differ: Vec<f32> = after.iter().zip(before).map(|(after, b)| after - b).collect();
    assert_features(names, &differ, expected);
}

#[test]
fn each_feature_of_an_interaction_stands_under_its_name() {
    let features = |course: &Course<'_>| course.interaction().expect("a customer");
    let risks = [-1.3, 2.2, 0.5].map(sigmoid);
    let expected = [
        ("worst", 2.2),
        ("last", 0.5),
        ("last_feeling", -0.2),
        ("mean", 1.4 / 3.0),
        ("mean_risk", risks.iter().sum::<f32>() / 3.0),
        ("mean_feeling", -0.5 / 3.0),
        ("mean_thanks", 0.4 / 3.0),
        ("mean_repeat_contact", 1.32 / 3.0),
        ("late", (-1.3 + 4.0 * 2.2 + 9.0 * 0.5) / 14.0),
        ("late_risk", (risks[0] + 4.0 * risks[1] + 9.0 * risks[2]) / 14.0),
        ("late_feeling", (0.3 - 4.0 * 0.6 - 9.0 * 0.2) / 14.0),
        ("late_thanks", (0.1 + 4.0 * 0.25 + 9.0 * 0.05) / 14.0),
        ("late_repeat_contact", (0.15 + 4.0 * 0.7 + 9.0 * 0.47) / 14.0),
        ("least_feeling", -0.6),
        ("fall_after_worst", 1.7),
        ("late_minus_early", 1.8),
        ("relationship_at_risk", 0.6),
        ("escalation", 0.42),
        ("handoffs", 1.0),
        ("answer_before", 2.0),
        ("mean_answer", 1.0),
        ("late_answer", (1.5 - 4.0 * 0.5 + 9.0 * 2.0) / 14.0),
    ];
    assert_features(INTERACTION, &read(|_| (), features), &expected);
    let [.., before, mean, late] = read(|thread| thread[5].who = "desk", features)[..] else {
        panic!("a value for each name")
    };
    for found in [before, mean, late] {
        assert!((found - 1.5).abs() < 1e-3, "the customer has read one of four answers: {found}");
    }
    for (kind, name) in [
        (MarkKind::GaveUp, "gives_up"),
        (MarkKind::PromiseBroken, "says_promise_broken"),
        (MarkKind::NoAnswer, "says_no_answer"),
        (MarkKind::PassedOn, "says_passed_on"),
    ] {
        assert_mark(INTERACTION, features, (2, kind), &[(name, 1.0)]);
    }
}

#[test]
fn each_feature_of_a_turn_stands_under_its_name() {
    let expected = [
        ("evidence", 2.2),
        ("rise", 3.5),
        ("most_before", -1.3),
        ("feeling", -0.6),
        ("repeat_contact", 0.7),
        ("relationship_at_risk", 0.35),
        ("escalation", 0.11),
        ("problem_stated", 0.9),
        ("complaint", 0.8),
        ("status_chase", 0.55),
        ("thanks", 0.25),
        ("next_evidence", 0.5),
        ("has_next", 1.0),
        ("wait", 3_f32.ln_1p()),
        ("like_earlier", 1.0 - 8.0 / 64.0),
        ("words", 20_f32.ln_1p()),
    ];
    assert_features(TURN, &read(|_| (), |course| course.turn(1)), &expected);
    let first = [
        ("evidence", -1.3),
        ("most_before", -MOST_EVIDENCE),
        ("feeling", 0.3),
        ("repeat_contact", 0.15),
        ("relationship_at_risk", 0.2),
        ("escalation", 0.05),
        ("problem_stated", 0.31),
        ("complaint", 0.12),
        ("status_chase", 0.07),
        ("thanks", 0.1),
        ("opens", 1.0),
        ("next_evidence", 2.2),
        ("has_next", 1.0),
        ("words", 9_f32.ln_1p()),
    ];
    assert_features(TURN, &read(|_| (), |course| course.turn(0)), &first);
    for (message, kind, name) in [
        (2, MarkKind::AskedBefore, "says_asked_before"),
        (2, MarkKind::PromiseBroken, "says_promise_broken"),
        (2, MarkKind::NoAnswer, "says_no_answer"),
        (2, MarkKind::GaveUp, "gives_up"),
        (2, MarkKind::Misunderstood, "says_misunderstood"),
        (1, MarkKind::CitedRule, "after_rule"),
        (1, MarkKind::ReferredElsewhere, "after_referral"),
        (1, MarkKind::SaidSolved, "after_solved"),
    ] {
        assert_mark(TURN, |course| course.turn(1), (message, kind), &[(name, 1.0)]);
    }
}

#[test]
fn each_feature_of_the_worst_stands_under_its_name() {
    let of_first = [
        ("evidence", -1.3),
        ("feeling", 0.3),
        ("repeat_contact", 0.15),
        ("relationship_at_risk", 0.2),
        ("escalation", 0.05),
        ("problem_stated", 0.31),
        ("complaint", 0.12),
        ("thanks", 0.1),
        ("opens", 1.0),
        ("words", 9_f32.ln_1p()),
    ];
    assert_features(WORST, &read(|_| (), |course| course.worst(0)), &of_first);
    let middle = read(|_| (), |course| course.worst(1));
    let place = WORST.iter().position(|name| *name == "position").expect("a name");
    assert_eq!(middle[place], 0.5);
    let of_last = [
        ("evidence", 0.5),
        ("feeling", -0.2),
        ("repeat_contact", 0.47),
        ("relationship_at_risk", 0.6),
        ("escalation", 0.42),
        ("problem_stated", 0.33),
        ("complaint", 0.65),
        ("thanks", 0.05),
        ("ends", 1.0),
        ("position", 1.0),
        ("words", 4_f32.ln_1p()),
    ];
    assert_features(WORST, &read(|_| (), |course| course.worst(2)), &of_last);
    for (kind, name) in
        [(MarkKind::GaveUp, "gives_up"), (MarkKind::PromiseBroken, "says_promise_broken")]
    {
        assert_mark(WORST, |course| course.worst(1), (2, kind), &[(name, 1.0)]);
    }
}

#[test]
fn each_feature_of_an_opening_and_of_silence_stands_under_its_name() {
    let opening = |turn| read(|_| (), |course| course.touchpoint(turn, Candidate::Opening));
    assert_features(TOUCHPOINT, &opening(0), &[("opening", 1.0), ("opening_first", 1.0)]);
    assert_features(TOUCHPOINT, &opening(2), &[("opening", 1.0), ("opening_second", 1.0)]);
    assert_features(TOUCHPOINT, &opening(5), &[("opening", 1.0)]);

    let features = |course: &Course<'_>| course.touchpoint(5, Candidate::Silence(4));
    let hours = 40_f32.ln_1p();
    let mut expected =
        vec![("silence", 1.0), ("silence_hours", hours), ("silence_repeat_contact", 0.47)];
    assert_features(TOUCHPOINT, &read(|_| (), features), &expected);
    let no_answer = (5, MarkKind::NoAnswer);
    assert_mark(TOUCHPOINT, features, no_answer, &[("silence_no_answer", 1.0)]);
    expected.extend([("silence_unanswered", 0.7 * hours), ("silence_without_reply", 0.7)]);
    let unanswered = |thread: &mut [Said; 6]| {
        thread[4].who = "c";
        thread[4].intents[2] = 0.3;
    };
    assert_features(TOUCHPOINT, &read(unanswered, features), &expected);
}

#[test]
fn each_feature_of_an_answer_stands_under_its_name() {
    let answer = |n| move |course: &Course<'_>| course.touchpoint(5, Candidate::Answer(n));
    let hours = 40_f32.ln_1p();
    let nearest = [
        ("nearest", 1.0),
        ("hours_to_turn", hours),
        ("handoff", 1.0),
        ("feeling", -0.1),
        ("like_turn", 1.0 - 24.0 / 64.0),
        ("like_question", 1.0 - 32.0 / 64.0),
        ("words", 6_f32.ln_1p()),
        ("nearest_and_hours", hours),
        ("handoff_and_nearest", 1.0),
    ];
    assert_features(TOUCHPOINT, &read(|_| (), answer(4)), &nearest);
    let by_bot = [&nearest[..], &[("bot", 1.0)]].concat();
    assert_features(TOUCHPOINT, &read(|thread| thread[4].who = "bot", answer(4)), &by_bot);
    let of_one_role = nearest.iter().filter(|(name, _)| !name.starts_with("handoff"));
    let of_one_role: Vec<_> = of_one_role.copied().collect();
    let found = read(|thread| thread[4].who = "planner", answer(4));
    assert_features(TOUCHPOINT, &found, &of_one_role);
    let mut middle = vec![
        ("distance", 1.0),
        ("hours_to_turn", 58_f32.ln_1p()),
        ("feeling", 0.25),
        ("like_turn", 1.0 - 14.0 / 64.0),
        ("like_question", 1.0 - 22.0 / 64.0),
        ("words", 30_f32.ln_1p()),
    ];
    assert_features(TOUCHPOINT, &read(|_| (), answer(3)), &middle);
    middle.push(("handoff", 1.0));
    assert_features(TOUCHPOINT, &read(|thread| thread[3].who = "other", answer(3)), &middle);
    let first = [
        ("distance", 2.0),
        ("first_answer", 1.0),
        ("hours_to_turn", 68_f32.ln_1p()),
        ("feeling", 0.4),
        ("like_turn", 1.0 - 4.0 / 64.0),
        ("like_question", 1.0 - 20.0 / 64.0),
        ("words", 12_f32.ln_1p()),
    ];
    assert_features(TOUCHPOINT, &read(|_| (), answer(1)), &first);
}

#[test]
fn what_an_answer_claims_stands_under_its_name() {
    let answer = |n| move |course: &Course<'_>| course.touchpoint(5, Candidate::Answer(n));
    let (hours, repeat) = (40_f32.ln_1p(), 0.47);
    for (kind, of_nearest, of_earlier) in [
        (
            MarkKind::Promised,
            &[("promises", 1.0), ("promises_and_repeat", repeat), ("promises_and_hours", hours)][..],
            &[
                ("promises", 1.0),
                ("promises_and_repeat", repeat),
                ("promises_and_hours", 58_f32.ln_1p()),
            ][..],
        ),
        (
            MarkKind::SaidSolved,
            &[("solved", 1.0), ("solved_and_hours", hours), ("solved_and_repeat", repeat)],
            &[("solved", 1.0), ("solved_and_hours", 58_f32.ln_1p()), ("solved_and_repeat", repeat)],
        ),
        (MarkKind::CitedRule, &[("rule", 1.0), ("rule_and_nearest", 1.0)], &[("rule", 1.0)]),
        (MarkKind::Apologised, &[("apology", 1.0)], &[("apology", 1.0)]),
        (
            MarkKind::ReferredElsewhere,
            &[("refers", 1.0), ("refers_and_nearest", 1.0)],
            &[("refers", 1.0)],
        ),
    ] {
        assert_mark(TOUCHPOINT, answer(4), (4, kind), of_nearest);
        assert_mark(TOUCHPOINT, answer(3), (3, kind), of_earlier);
    }
    let broken = read(
        |thread| {
            thread[3].marks.push(MarkKind::Promised);
            thread[5].marks.push(MarkKind::PromiseBroken);
        },
        answer(3),
    );
    let place = |of| TOUCHPOINT.iter().position(|name| *name == of).expect("a name");
    assert_eq!(broken[place("promises_and_broken")], 1.0);
}
