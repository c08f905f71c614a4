//! Scores many messages in parallel; a message that fails does not stop the others.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use beleving::{Message, Scorer, Threads};

fn main() -> beleving::Result<()> {
    // One scorer for the whole program: it is `Send + Sync`, and every call takes `&self`.
    let scorer = Scorer::builder().model("models/beleving-small").threads(Threads::All).build()?;

    let texts = [
        "Waar blijft mijn pakket?",
        "Fijn geholpen, dank!",
        "Third time I ask. Is anyone reading this?",
        "",
    ];
    let messages: Vec<Message> =
        texts.iter().cycle().take(400).map(|text| Message::customer(*text)).collect();

    let started = Instant::now();
    let results = scorer.score(&messages);
    let seconds = started.elapsed().as_secs_f64();

    for (text, result) in texts.iter().zip(&results) {
        match result {
            Ok(scores) => println!("{text:<45} risk {:?}, flagged {}", scores.risk, scores.flagged),
            Err(error) => println!("failed ({:?}): {error}", error.kind()),
        }
    }
    println!(
        "{} messages on {} threads, {:.0} a second",
        results.len(),
        scorer.threads(),
        results.len() as f64 / seconds
    );
    Ok(())
}
