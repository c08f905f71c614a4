//! Loads somebody's own Hugging Face classification folder, unconverted.
//!
//! `cargo run --release --example own_model -- FOLDER` takes any BERT, RoBERTa, XLM-R or DistilBERT folder.

#![allow(clippy::print_stdout)]

use beleving::{ErrorKind, LabelMap, Meaning, Message, Scorer};

fn main() -> beleving::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "tests/fixtures/hf-roberta".to_owned());

    // Labels such as `negative` or `4 stars` are understood; for others the meaning is asked, never guessed.
    let scorer = match Scorer::open(&folder) {
        Err(error) if error.kind() == ErrorKind::Labels => {
            println!("{error}");
            let labels = LabelMap::new()
                .with("LABEL_0", Meaning::Negative)
                .with("LABEL_1", Meaning::Positive);
            Scorer::builder().model(&folder).labels(labels).build()?
        }
        opened => opened?,
    };

    let scores = scorer.score_one(&Message::customer("Waar blijft mijn geld?"))?;
    println!("{}: {:?}, risk {:?}", scorer.model_id(), scores.sentiment, scores.risk);
    Ok(())
}
