//! Scores one message: `cargo run --release --example score_one -- "Ik wacht al drie weken."`

#![allow(clippy::print_stdout)]

use beleving::{Message, Scorer};

fn main() -> beleving::Result<()> {
    let text = std::env::args().nth(1);
    let text = text.unwrap_or_else(|| {
        "Dit is de derde keer dat ik bel, en weer weet niemand ervan.".to_owned()
    });

    let scorer = Scorer::open("models/beleving-small")?;
    let scores = scorer.score_one(&Message::customer(text))?;

    match (scores.risk, scores.why) {
        (Some(risk), _) => println!("risk {risk:.2}, flagged: {}", scores.flagged),
        (None, why) => println!("cannot tell: {why:?}"),
    }
    if let Some(signals) = scores.signals {
        for (name, p) in signals.named() {
            println!("{name:<22} {p:.2}");
        }
    }
    for (intent, p) in scores.intents.iter().flat_map(|intents| intents.at_least(0.5)) {
        println!("wants {:<16} {p:.2}", intent.name());
    }
    Ok(())
}
