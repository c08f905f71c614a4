//! A score is the same alone, in any batch, in any order, on any number of threads.

use beleving::{
    Duplicates, EngineKind, MarkKind, Message, MessageScores, Policy, Precision, Scorer, Threads,
    Tier,
};

/// Texts of very different length, so that batches are uneven and padding would show.
fn messages() -> Vec<Message> {
    let words = ["ik", "wacht", "al", "weken", "op", "antwoord", "thanks", "for", "nothing", "🙂"];
    let text =
        |n: usize| (0..n).map(|i| words[(i * 7 + n) % words.len()]).collect::<Vec<_>>().join(" ");
    (1..80)
        .map(|n| Message::customer(text(n * n % 97 + 1)))
        .chain([Message::customer(text(900))])
        .collect()
}

fn scorer(engine: EngineKind, threads: usize) -> Scorer {
    Scorer::builder()
        .model("models/tiny")
        .engine(engine)
        .threads(Threads::Count(threads))
        .duplicates(Duplicates::Each) // what was read before would be known
        .build()
        .expect("loads")
}

fn score(scorer: &Scorer, messages: &[Message]) -> Vec<MessageScores> {
    scorer.score(messages).into_iter().map(|scores| scores.expect("scores")).collect()
}

fn alone(scorer: &Scorer, messages: &[Message]) -> Vec<MessageScores> {
    messages.iter().map(|message| scorer.score_one(message).expect("scores")).collect()
}

#[test]
fn native_scores_are_the_same_bits_in_any_batch_order_and_number_of_threads() {
    let messages = messages();
    let expected = alone(&scorer(EngineKind::Native, 1), &messages);
    for threads in [1, 2, 8] {
        assert_eq!(score(&scorer(EngineKind::Native, threads), &messages), expected);
    }
    let reversed: Vec<Message> = messages.iter().rev().cloned().collect();
    let mut found = score(&scorer(EngineKind::Native, 2), &reversed);
    found.reverse();
    assert_eq!(found, expected);
}

#[test]
fn a_callers_pool_gives_the_same_scores() {
    let messages = messages();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
    let caller =
        Scorer::builder().model("models/tiny").threads(Threads::Caller).build().expect("loads");
    let found = pool.install(|| {
        assert_eq!(caller.threads(), 3);
        score(&caller, &messages)
    });
    assert_eq!(found, score(&scorer(EngineKind::Native, 1), &messages));
}

/// A worker that waits by rayon takes up the next job meanwhile: which here needs the lock that it holds, or nests on its
/// stack until that overflows.
#[test]
fn calls_from_workers_of_another_pool_do_not_nest() {
    use rayon::prelude::*;
    let message = Message::customer("Waar blijft mijn pakket?");
    let locked = std::sync::Mutex::new(scorer(EngineKind::Native, 2));
    let free = scorer(EngineKind::Native, 2);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a pool");
    let done = pool.install(|| {
        (0..3000)
            .into_par_iter()
            .filter(|_| free.score_one(&message).is_ok())
            .filter(|_| locked.lock().expect("no panic").score_one(&message).is_ok())
            .count()
    });
    assert_eq!(done, 3000);
}

/// Fails when the attention mask is left out: padding then moves the scores by far more than 1e-5.
#[cfg(feature = "rust-bert")]
#[test]
fn rust_bert_scores_do_not_depend_on_the_batch() {
    let messages = messages();
    let scorer = scorer(EngineKind::RustBert, 2);
    for (a, b) in score(&scorer, &messages).iter().zip(alone(&scorer, &messages)) {
        assert!((a.risk.expect("a head") - b.risk.expect("a head")).abs() <= 1e-5);
        let (a, b) = (a.sentiment.expect("a head"), b.sentiment.expect("a head"));
        assert!((a.negative - b.negative).abs() <= 1e-5);
    }
}

#[cfg(feature = "rust-bert")]
#[test]
fn engines_agree() {
    let messages = messages();
    // In f32: libtorch computes in nothing else.
    let native =
        Scorer::builder().model("models/tiny").precision(Precision::F32).build().expect("loads");
    let native = score(&native, &messages);
    let torch = score(&scorer(EngineKind::RustBert, 2), &messages);
    for (a, b) in native.iter().zip(torch) {
        assert!((a.risk.expect("a head") - b.risk.expect("a head")).abs() <= 1e-5);
    }
}

#[test]
fn every_tier_and_precision_gives_the_same_bits_in_any_batch_and_number_of_threads() {
    let messages = messages();
    let mut tried = Vec::new();
    for tier in Tier::available() {
        for precision in [Precision::F32, Precision::Bf16, Precision::Int8] {
            let build = |threads| {
                let builder =
                    Scorer::builder().model("models/tiny").precision(precision).tier(tier);
                builder.duplicates(Duplicates::Each).threads(Threads::Count(threads)).build()
            };
            let Ok(one) = build(1) else {
                assert_eq!(precision, Precision::Bf16, "{tier}: only bf16 may be missing");
                continue;
            };
            tried.push(format!("{}-{}", one.tier(), one.precision()));
            let expected = alone(&one, &messages);
            assert_eq!(score(&one, &messages), expected, "{tier}, {precision:?}");
            assert_eq!(score(&build(3).expect("loads"), &messages), expected);
        }
    }
    assert!(tried.contains(&"portable-int8".to_owned()), "{tried:?}");
}

#[test]
fn explained_messages_are_the_same_alone_and_among_many() {
    let policy = Policy { flag_at: 0.01, ..Policy::default() };
    let scorer = Scorer::builder().model("models/tiny").policy(policy).build().expect("loads");
    let text = |n: usize| format!("Zin {n}. Ik wacht al {n} weken! Niemand belt.\nLaat maar.");
    let messages: Vec<Message> = (0..40).map(|n| Message::customer(text(n))).collect();
    let together: Vec<MessageScores> =
        scorer.score_explained(&messages).into_iter().map(|s| s.expect("scores")).collect();
    let marked = |scores: &MessageScores| scores.marks.iter().any(|m| m.kind == MarkKind::Heaviest);
    assert!(together[20..].iter().any(marked), "none of the later ones is explained");
    for (message, scores) in messages.iter().zip(together) {
        let alone = scorer.score_explained(std::slice::from_ref(message)).remove(0);
        assert_eq!(alone.expect("scores"), scores);
    }
}

#[test]
fn equal_messages_score_as_each_alone() {
    let messages: Vec<Message> = messages().iter().cycle().take(200).cloned().collect();
    let each = Scorer::builder().model("models/tiny").duplicates(Duplicates::Each).build();
    let once = Scorer::open("models/tiny").expect("loads");
    assert_eq!(score(&once, &messages), score(&each.expect("loads"), &messages));
}
