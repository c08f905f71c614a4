//! Any order, split, redelivery and merge of an interaction gives the identical verdict.

use std::time::Instant;

use beleving::{
    ErrorKind, InteractionState, Judge, Mark, MarkKind, Message, MessageRecord, MessageScores,
    Policy, Scorer, Sentiment, Signals, Speaker,
};
use proptest::prelude::*;

fn scorer() -> Scorer {
    Scorer::open("models/tiny").expect("loads")
}

fn message(n: usize, speaker: Speaker, minute: i64) -> Message {
    let at = jiff::Timestamp::from_second(1_770_000_000 + minute * 60).expect("in range");
    let message = Message { speaker, ..Message::customer("") };
    let message = message.with_id(format!("m{n}")).sent_at(at);
    match speaker {
        Speaker::Staff => Message { role: Some(format!("role-{}", n % 3)), ..message },
        _ => message,
    }
}

fn scores(model: &str, risk: f32, positive: f32) -> MessageScores {
    let marks = if risk > 0.6 {
        vec![Mark { kind: MarkKind::PromiseBroken, span: [2, 9], weight: 100 }]
    } else {
        Vec::new()
    };
    MessageScores {
        why: None,
        sentiment: Some(Sentiment {
            negative: (1.0 - positive) / 2.0,
            neutral: (1.0 - positive) / 2.0,
            positive,
        }),
        risk: Some(risk),
        flagged: false,
        signals: Some(Signals { repeat_contact: risk * 0.9, ..Signals::default() }),
        intents: Some(Default::default()),
        language: None,
        read: Some([0, 40]),
        marks,
        sketch: None,
        lets_down: Some(1.0 - risk / 2.0),
        words: 7,
        windows: 1,
        truncated: false,
        model: model.into(),
        policy: "p@1".into(),
        base_rate: 0.35,
    }
}

/// A record a message, in order, as if of one thread.
fn records(model: &str, thread: &[(u8, i64, f32, f32)]) -> Vec<MessageRecord> {
    let mut minute = 0;
    let records = thread.iter().enumerate().map(|(n, &(who, gap, risk, positive))| {
        minute += gap;
        let speaker = match who {
            0 | 1 => Speaker::Customer,
            2 => Speaker::Staff,
            _ => Speaker::System,
        };
        let scores = scores(model, risk, positive);
        let scored = (who != 1 || n % 5 != 4).then_some(&scores);
        MessageRecord::new(&message(n, speaker, minute), scored).at_place(n as u32)
    });
    records.collect()
}

fn state(judge: &Judge, records: impl IntoIterator<Item = MessageRecord>) -> InteractionState {
    let mut state = judge.state("i");
    records.into_iter().for_each(|record| state.insert(record).expect("a place"));
    state
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_permutation_split_redelivery_and_merge_gives_the_identical_verdict(
        thread in prop::collection::vec((0u8..4, 0i64..9000, 0.01f32..0.99, 0.0f32..1.0), 1..150),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0usize..4), 0..400),
        swap in any::<bool>(),
    ) {
        let scorer = scorer();
        let (judge, policy) = (scorer.judging(), scorer.policy());
        let records = records(judge.model_id(), &thread);
        let expected = judge.verdict(&state(judge, records.clone()), policy).expect("a verdict");
        // Every record once, backwards, and any of them again, spread over four parts; some through
        // bytes and some through JSON.
        let mut parts: Vec<Vec<MessageRecord>> = vec![Vec::new(); 4];
        for (pick, part) in &picks {
            parts[*part].push(pick.get(&records).clone());
        }
        for (n, record) in records.iter().enumerate().rev() {
            parts[n * 7 % 4].push(record.clone());
        }
        let mut states: Vec<InteractionState> =
            parts.into_iter().map(|part| state(judge, part)).collect();
        states[0] = postcard::from_bytes(&postcard::to_allocvec(&states[0]).expect("bytes")).expect("read back");
        states[1] = serde_json::from_str(&serde_json::to_string(&states[1]).expect("JSON")).expect("read back");
        if swap {
            states.reverse();
        }
        let merged = states.into_iter().reduce(|mut a, b| {
            a.merge(b).expect("one model, one interaction");
            a
        });
        let merged = merged.expect("four parts");
        prop_assert_eq!(merged.messages(), records.len());
        let bytes = |state: &InteractionState| postcard::to_allocvec(state).expect("bytes");
        prop_assert_eq!(bytes(&merged), bytes(&state(judge, records.clone())));
        prop_assert_eq!(judge.verdict(&merged, policy).expect("a verdict"), expected);
    }
}

#[test]
fn of_two_edits_of_a_message_the_later_stays_whatever_they_say() {
    let scorer = scorer();
    let judge = scorer.judging();
    let edit = |minute, risk| {
        let scores = scores(judge.model_id(), risk, 0.5);
        MessageRecord::new(&message(1, Speaker::Customer, minute), Some(&scores)).at_place(0)
    };
    let later = judge.verdict(&state(judge, [edit(5, 0.1)]), scorer.policy()).expect("a verdict");
    for edits in [[edit(0, 0.9), edit(5, 0.1)], [edit(5, 0.1), edit(0, 0.9)]] {
        let both = judge.verdict(&state(judge, edits), scorer.policy()).expect("a verdict");
        assert_eq!(both, later);
    }
    // One that could not be scored tells less than an earlier one that could.
    let failed = MessageRecord::new(&message(1, Speaker::Customer, 9), None).at_place(0);
    let both = judge.verdict(&state(judge, [edit(5, 0.1), failed]), scorer.policy());
    assert_eq!(both.expect("a verdict"), later);
}

#[test]
fn ten_thousand_messages_take_two_megabytes_and_less_than_a_second() {
    let scorer = scorer();
    let judge = scorer.judging();
    let thread: Vec<(u8, i64, f32, f32)> = (0..10_000)
        .map(|n| ((n % 3) as u8, (n % 50) as i64, (n % 97) as f32 / 100.0 + 0.01, 0.3))
        .collect();
    let state = state(judge, records(judge.model_id(), &thread));
    assert_eq!(state.messages(), 10_000);
    assert!(state.bytes() <= 2_000_000, "{} bytes in memory", state.bytes());
    let written = postcard::to_allocvec(&state).expect("bytes").len();
    assert!(written <= 2_000_000, "{written} bytes written");
    let start = Instant::now();
    let verdict = judge.verdict(&state, scorer.policy()).expect("a verdict");
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(verdict.messages, 10_000);
    assert!(seconds < 1.0, "{seconds} s");
}

#[test]
fn a_redelivered_stream_does_not_grow() {
    let scorer = scorer();
    let judge = scorer.judging();
    let records =
        records(judge.model_id(), &[(0, 1, 0.2, 0.1), (2, 1, 0.2, 0.1), (0, 5, 0.9, 0.1)]);
    let once = serde_json::to_string(&state(judge, records.clone())).expect("JSON");
    let state = state(judge, (0..10_000).map(|n| records[n % 3].clone()));
    assert_eq!(state.messages(), 3);
    assert!(state.bytes() < 40_000, "{} bytes", state.bytes());
    assert_eq!(serde_json::to_string(&state).expect("JSON"), once);
}

#[test]
fn states_that_do_not_belong_together_refuse_to_merge() {
    let scorer = scorer();
    let judge = scorer.judging();
    let records = records(judge.model_id(), &[(0, 1, 0.2, 0.1)]);
    let mut ours = state(judge, records.clone());
    let mut named = judge.state("another");
    named.insert(records[0].clone()).expect("a place");
    let error = ours.merge(named).expect_err("another interaction");
    assert_eq!(error.kind(), ErrorKind::State);
    assert_eq!(
        error.to_string(),
        "interaction `i` was given a state of interaction `another`, expected `i`"
    );
    assert_eq!(ours.messages(), 1);

    let mut json = serde_json::to_value(&ours).expect("JSON");
    json["schema"] = 99.into();
    let newer: InteractionState = serde_json::from_value(json.clone()).expect("reads");
    assert_eq!(ours.merge(newer.clone()).expect_err("another form").kind(), ErrorKind::State);
    assert_eq!(
        judge.verdict(&newer, scorer.policy()).expect_err("another form").kind(),
        ErrorKind::State
    );
    json["schema"] = 1.into();
    json["model"] = "other@1".into();
    let foreign: InteractionState = serde_json::from_value(json).expect("reads");
    assert_eq!(ours.merge(foreign).expect_err("another model").kind(), ErrorKind::State);
    let message = Message::customer("x").with_id("m9");
    let error =
        ours.update(&message, Some(&scores("other@1", 0.5, 0.1))).expect_err("another model");
    assert_eq!(error.kind(), ErrorKind::State);
}

#[test]
fn scores_that_are_no_probabilities_are_refused() {
    let scorer = scorer();
    let judge = scorer.judging();
    let message = Message::customer("").with_id("a");
    let good = scores(judge.model_id(), 0.5, 0.1);
    let signals = |escalation| Some(Signals { escalation, ..Signals::default() });
    for (name, bad) in [
        ("risk", MessageScores { risk: Some(f32::NAN), ..good.clone() }),
        ("risk", MessageScores { risk: Some(f32::INFINITY), ..good.clone() }),
        ("risk", MessageScores { risk: Some(-0.1), ..good.clone() }),
        ("base_rate", MessageScores { base_rate: 0.0, ..good.clone() }),
        ("negative", scores(judge.model_id(), 0.5, -1.5)),
        ("escalation", MessageScores { signals: signals(1.1), ..good.clone() }),
    ] {
        let mut state = judge.state("i");
        let updated = state.update(&message, Some(&bad)).expect_err(name);
        let interaction = beleving::Interaction::new("i", vec![message.clone()]);
        let judged = scorer.judge_scored(&interaction, &[Some(&bad)]).expect_err(name);
        for error in [updated, judged] {
            assert_eq!(error.kind(), ErrorKind::Input);
            assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        }
        assert_eq!(state.messages(), 0);
    }
    for risk in [0.0, 1.0] {
        let mut state = judge.state("i");
        state.update(&message, Some(&scores(judge.model_id(), risk, 1.0))).expect("probabilities");
    }
    // A record is made of whatever it is given: a risk that is no number is none.
    let bad = MessageScores { risk: Some(f32::NAN), ..good };
    let one = state(judge, [MessageRecord::new(&message, Some(&bad))]);
    assert!(!judge.verdict(&one, scorer.policy()).expect("a verdict").assessable);
}

#[test]
fn messages_without_an_order_are_refused() {
    let scorer = scorer();
    let judge = scorer.judging();
    let mut state = judge.state("i");
    let scores = scores(judge.model_id(), 0.5, 0.1);
    assert_eq!(
        state.update(&Message::customer("a"), None).expect_err("no id").kind(),
        ErrorKind::Input
    );
    for id in ["a", "b"] {
        state.update(&Message::customer("").with_id(id), Some(&scores)).expect("an id");
    }
    let error = judge.verdict(&state, &Policy::default()).expect_err("no order");
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("no order"), "{error}");
}

#[test]
fn the_verdict_so_far_follows_the_messages() {
    let scorer = scorer();
    let judge = scorer.judging();
    let records =
        records(judge.model_id(), &[(0, 0, 0.1, 0.2), (2, 5, 0.1, 0.2), (0, 9, 0.95, 0.0)]);
    let mut state = judge.state("i");
    let so_far: Vec<bool> = records
        .into_iter()
        .map(|record| {
            state.insert(record).expect("a place");
            judge.verdict(&state, scorer.policy()).expect("a verdict").flagged
        })
        .collect();
    assert_eq!(so_far, [false, false, true]);
}
