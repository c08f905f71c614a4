//! What the shipped model says of the invented messages in `examples/`, pinned: a new version shows what it changes.
//!
//! `cargo task pin` writes `tests/golden/drift.json` anew; its diff then belongs to the review of the new weights.

use std::collections::BTreeMap;
use std::fs;

use beleving::{Intent, Message, MessageScores, Precision, Scorer, Speaker};
use serde_json::{Value, json};

const PINNED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/drift.json");
/// Rounding of the file, 0.0005, and what tiers and engines may differ by in f32, 0.001 (`cargo task golden`), with as
/// much again to spare. Far below what retraining moves.
const TOLERANCE: f64 = 0.003;
/// Twice what int8, in which the model runs unless told otherwise, was found to differ by.
const INT8_TOLERANCE: f64 = 0.04;

/// Probabilities of messages by id and name.
type Outputs = BTreeMap<String, BTreeMap<String, f64>>;

/// Every probability of a message by name, in thousandths; empty where it is not assessed.
fn read(scores: &MessageScores) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    let mut put = |name: &str, p: f32| {
        found.insert(name.to_owned(), (f64::from(p) * 1000.0).round() / 1000.0);
    };
    if let Some(risk) = scores.risk {
        put("risk", risk);
    }
    if let Some(sentiment) = scores.sentiment {
        sentiment.named().iter().for_each(|&(name, p)| put(name, p));
    }
    if let Some(signals) = scores.signals {
        signals.named().iter().for_each(|&(name, p)| put(name, p));
    }
    if let Some(intents) = scores.intents {
        Intent::ALL.iter().for_each(|&intent| put(intent.name(), intents.p(intent)));
    }
    found
}

/// What differs by more than `tolerance`.
fn moved(before: &Outputs, found: &Outputs, tolerance: f64) -> Vec<String> {
    let mut moved = Vec::new();
    for (id, now) in found {
        let then = &before[id];
        if !then.keys().eq(now.keys()) {
            moved.push(format!("{id}: {} outputs, pinned {}", now.len(), then.len()));
        }
        for (name, p) in now {
            match then.get(name) {
                Some(was) if (was - p).abs() > tolerance => {
                    moved.push(format!("{id} {name}: {was} -> {p}"));
                }
                _ => {}
            }
        }
    }
    moved
}

/// What the shipped model says of the examples, computed in `precision`.
fn outputs(precision: Precision) -> (String, Outputs) {
    let file = fs::read_to_string("examples/messages.jsonl").expect("the examples");
    let rows: Vec<Value> = file
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .filter(|row: &Value| row["speaker"].as_str().is_none_or(|s| s == "customer"))
        .collect();
    assert!(rows.len() >= 60, "{} customer messages", rows.len());
    let messages: Vec<Message> = rows
        .iter()
        .map(|row| {
            let mut message = Message::customer(row["text"].as_str().expect("text"));
            message.language = row["language"].as_str().map(str::to_owned);
            assert_eq!(message.speaker, Speaker::Customer);
            message
        })
        .collect();
    let builder = Scorer::builder().model("models/beleving-small").precision(precision);
    let scorer = builder.build().expect("the shipped model");
    let scores = scorer.score(&messages).into_iter().map(|scores| scores.expect("scores"));
    let ids = rows.iter().map(|row| row["id"].as_str().expect("id").to_owned());
    (scorer.model_id().to_owned(), ids.zip(scores.map(|scores| read(&scores))).collect())
}

#[track_caller]
fn assert_as_pinned(model: &str, found: &Outputs, tolerance: f64) {
    let pinned: Value = serde_json::from_slice(&fs::read(PINNED).expect("pinned")).expect("JSON");
    let before: Outputs =
        serde_json::from_value(pinned["messages"].clone()).expect("pinned messages");
    assert!(before.keys().eq(found.keys()), "the examples are not those that are pinned");
    let moved = moved(&before, found, tolerance);
    assert!(
        moved.is_empty(),
        "{} outputs moved from {} to {model}; if they should, run `cargo task pin`\n{}",
        moved.len(),
        pinned["model"],
        moved.join("\n")
    );
}

#[test]
fn the_shipped_model_scores_the_examples_as_pinned() {
    let (model, found) = outputs(Precision::F32);
    if std::env::var_os("BELEVING_PIN").is_some() {
        let pinned = json!({"command": "cargo task pin", "model": model, "messages": found});
        let text = serde_json::to_string_pretty(&pinned).expect("JSON");
        return fs::write(PINNED, text + "\n").expect("written");
    }
    assert_as_pinned(&model, &found, TOLERANCE);
}

#[test]
fn int8_scores_the_examples_nearly_so() {
    let (model, found) = outputs(Precision::Int8);
    assert_as_pinned(&model, &found, INT8_TOLERANCE);
}
