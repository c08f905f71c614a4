//! Against the reference libraries: PyTorch, transformers and Python tokenizers (`training/golden.py`).

use beleving::{EngineKind, LabelMap, Meaning, Message, MessageScores, Precision, Scorer};
use serde_json::Value;

fn golden(name: &str) -> Value {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("golden file")).expect("JSON")
}

fn engines() -> Vec<EngineKind> {
    let mut engines = vec![EngineKind::Native];
    if cfg!(feature = "rust-bert") {
        engines.push(EngineKind::RustBert);
    }
    engines
}

fn message(text: &Value) -> Message {
    Message::customer(text.as_str().expect("a text"))
}

/// The probabilities of one head in the order of the model's labels.
fn head(scores: &MessageScores, name: &str) -> Vec<f32> {
    match name {
        "sentiment" => scores.sentiment.expect("a head").named().map(|(_, p)| p).to_vec(),
        "risk" => vec![scores.risk.expect("a head")],
        "signals" => scores.signals.expect("a head").named().map(|(_, p)| p).to_vec(),
        _ => scores.intents.expect("a head").iter().map(|(_, p)| p).collect(),
    }
}

#[track_caller]
fn assert_near(found: &[f32], expected: &Value, tolerance: f64) {
    let expected: Vec<f64> =
        expected.as_array().expect("values").iter().filter_map(Value::as_f64).collect();
    assert_eq!(found.len(), expected.len());
    for (f, e) in found.iter().zip(&expected) {
        assert!((f64::from(*f) - e).abs() <= tolerance, "{found:?}, expected {expected:?}");
    }
}

#[test]
fn shipped_model_gives_the_probabilities_that_pytorch_gives() {
    let golden = golden("shipped.json");
    for engine in engines() {
        let scorer = Scorer::builder()
            .model("models/beleving-small")
            .engine(engine)
            .precision(Precision::F32)
            .build()
            .expect("loads");
        for row in golden["texts"].as_array().expect("texts") {
            let scores = scorer.score_one(&message(&row["text"])).expect("scores");
            for (name, expected) in row["probabilities"].as_object().expect("heads") {
                // Twelve layers of f32 in another order of summation; largest seen 3e-6.
                assert_near(&head(&scores, name), expected, 1e-4);
            }
        }
    }
}

#[test]
fn hugging_face_folders_load_unconverted_and_give_what_transformers_gives() {
    let polarity = |folder: &str, map: Option<LabelMap>, engine| {
        let mut builder = Scorer::builder()
            .model(format!("tests/fixtures/{folder}"))
            .engine(engine)
            .precision(Precision::F32);
        if let Some(map) = map {
            builder = builder.labels(map);
        }
        builder.build().expect("loads")
    };
    for engine in engines() {
        // f32 rounding through two layers; rust-bert takes the norm's epsilon as 1e-12.
        let tolerance = 1e-5;
        let bert = polarity("hf-bert", None, engine);
        for row in golden("hf-bert.json")["texts"].as_array().expect("texts") {
            let scores = bert.score_one(&message(&row["text"])).expect("scores");
            assert_near(&head(&scores, "sentiment"), &row["probabilities"], tolerance);
            assert!(scores.risk.is_none() && scores.intents.is_none());
        }
        let map =
            LabelMap::new().with("LABEL_0", Meaning::Negative).with("LABEL_1", Meaning::Positive);
        let roberta = polarity("hf-roberta", Some(map), engine);
        for row in golden("hf-roberta.json")["texts"].as_array().expect("texts") {
            let s = roberta
                .score_one(&message(&row["text"]))
                .expect("scores")
                .sentiment
                .expect("mapped");
            assert_near(&[s.negative, s.positive], &row["probabilities"], tolerance);
        }
        let map = LabelMap::new()
            .with("late", Meaning::ProblemStated)
            .with("rude", Meaning::Risk)
            .with("fine", Meaning::Intent(beleving::Intent::PraiseOrThanks));
        let distilbert = polarity("hf-distilbert", Some(map), engine);
        for row in golden("hf-distilbert.json")["texts"].as_array().expect("texts") {
            let scores = distilbert.score_one(&message(&row["text"])).expect("scores");
            let (signals, intents) =
                (scores.signals.expect("mapped"), scores.intents.expect("mapped"));
            let found = [
                signals.problem_stated,
                scores.risk.expect("mapped"),
                intents.p(beleving::Intent::PraiseOrThanks),
            ];
            assert_near(&found, &row["probabilities"], tolerance);
        }
    }
}
