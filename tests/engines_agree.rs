//! Native and rust-bert give the same probabilities on the shipped model.
//!
//! `cargo test --features rust-bert --test engines_agree -- --nocapture` prints how far they are apart, head by
//! head. `BELEVING_MESSAGES` names a JSON lines file to compare on beside the examples.
#![cfg(feature = "rust-bert")]
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;

use beleving::{EngineKind, Message, MessageScores, Precision, Scorer};
use serde_json::Value;

/// Twelve layers of f32 in two orders of summation; the goal is a thousandth.
const TOLERANCE: f32 = 1e-3;

fn texts(path: &str) -> Vec<String> {
    let file = std::fs::read_to_string(path).expect("readable");
    let rows = file.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    rows.flat_map(|row| match &row["messages"] {
        Value::Array(messages) => messages.iter().map(|m| m["text"].clone()).collect(),
        _ => vec![row["text"].clone()],
    })
    .map(|text| text.as_str().expect("a text").to_owned())
    .collect()
}

fn scores(engine: EngineKind, messages: &[Message]) -> Vec<MessageScores> {
    let scorer = Scorer::builder()
        .model("models/beleving-small")
        .engine(engine)
        .precision(Precision::F32)
        .build()
        .expect("loads");
    scorer.score(messages).into_iter().map(|scores| scores.expect("scores")).collect()
}

/// Every probability of a message under the name of its head.
fn probabilities(scores: &MessageScores) -> BTreeMap<&'static str, Vec<f32>> {
    let mut all = BTreeMap::new();
    all.extend(scores.sentiment.map(|s| ("sentiment", s.named().map(|(_, p)| p).to_vec())));
    all.extend(scores.risk.map(|risk| ("risk", vec![risk])));
    all.extend(scores.signals.map(|s| ("signals", s.named().map(|(_, p)| p).to_vec())));
    all.extend(scores.intents.map(|i| ("intents", i.iter().map(|(_, p)| p).collect())));
    all
}

fn top(p: &[f32]) -> usize {
    (0..p.len()).max_by(|a, b| p[*a].total_cmp(&p[*b])).expect("a class")
}

#[test]
fn every_probability_is_within_a_thousandth_and_top_labels_are_the_same() {
    let mut files = vec!["examples/messages.jsonl".to_owned()];
    files.extend(std::env::var("BELEVING_MESSAGES"));
    println!(
        "{:<50} {:<10} {:>8} {:>10} {:>10}",
        "file", "head", "messages", "largest", "same top"
    );
    for file in files {
        let messages: Vec<Message> = texts(&file).into_iter().map(Message::customer).collect();
        let (native, torch) =
            (scores(EngineKind::Native, &messages), scores(EngineKind::RustBert, &messages));
        let mut worst: BTreeMap<&str, (f32, usize, usize)> = BTreeMap::new();
        for (a, b) in native.iter().zip(&torch) {
            assert_eq!((a.why, a.windows), (b.why, b.windows));
            let (a, b) = (probabilities(a), probabilities(b));
            for (head, a) in &a {
                let (largest, count, same) = worst.entry(head).or_default();
                let apart = a.iter().zip(&b[head]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                *largest = largest.max(apart);
                *count += 1;
                *same += usize::from(top(a) == top(&b[head]));
            }
        }
        for (head, (largest, count, same)) in worst {
            println!("{file:<50} {head:<10} {count:>8} {largest:>10.2e} {same:>10}");
            assert!(largest <= TOLERANCE, "{head}: {largest} apart");
            assert_eq!(same, count, "{head}");
        }
    }
}
