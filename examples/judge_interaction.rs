//! Judges a conversation: was it a bad experience, at which message did it turn, after whose answer?

#![allow(clippy::print_stdout)]

use beleving::{Interaction, Message, Scorer};

fn main() -> beleving::Result<()> {
    let scorer = Scorer::open("models/beleving-small")?;
    let at = |text: &str| text.parse().expect("an RFC 3339 time");
    let interaction = Interaction::new(
        "z-1042",
        vec![
            Message::customer("Goedemorgen, wanneer komt de monteur?")
                .sent_at(at("2026-03-02T09:00:00Z")),
            Message::staff("planner", "U hoort deze week van ons.")
                .sent_at(at("2026-03-02T10:30:00Z")),
            Message::customer(
                "Dat zei u vorige week ook. Er is niemand geweest en niemand heeft gebeld.",
            )
            .sent_at(at("2026-03-12T08:15:00Z")),
        ],
    );

    let verdict = scorer.judge_one(&interaction)?;
    println!(
        "risk {:?}, flagged {}, experience {:?} of 5",
        verdict.risk, verdict.flagged, verdict.experience
    );
    if let Some(turn) = &verdict.turned {
        println!(
            "turned at message {}: {:?} -> {:.2}",
            turn.message, turn.risk_before, turn.risk_after
        );
    }
    if let Some(touchpoint) = &verdict.touchpoint {
        println!("after message {} of {:?}", touchpoint.message, touchpoint.role);
    }
    for reason in &verdict.reasons {
        let quote = reason.quote(&interaction.messages[reason.message].text).unwrap_or_default();
        println!("because {} in message {}: {quote}", reason.kind, reason.message);
    }
    Ok(())
}
