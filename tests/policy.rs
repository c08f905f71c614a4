//! A policy changes what is flagged and for which traffic the risk is stated, never what the model reads.

use beleving::{Message, MessageScores, Policy, Scorer};

fn scores(policy: Policy) -> MessageScores {
    let scorer = Scorer::builder().model("models/tiny").policy(policy).build().expect("loads");
    scorer.score_one(&Message::customer("Ik wacht al drie weken op antwoord.")).expect("scores")
}

fn odds(scores: &MessageScores) -> f32 {
    let risk = scores.risk.expect("a head");
    risk / (1.0 - risk)
}

#[test]
fn odds_of_the_risk_follow_the_odds_of_the_base_rate() {
    // The tiny model is calibrated at 0.5: even odds. One in ten is odds of 1 to 9.
    let (even, rare) =
        (scores(Policy::default()), scores(Policy { base_rate: 0.1, ..Policy::default() }));
    let ratio = odds(&even) / odds(&rare);
    assert!((ratio - 9.0).abs() < 1e-3, "{ratio}");
    assert_eq!(
        (even.sentiment, even.signals, even.intents),
        (rare.sentiment, rare.signals, rare.intents)
    );
}

#[test]
fn flagged_is_risk_at_or_over_the_threshold() {
    let risk = scores(Policy::default()).risk.expect("a head");
    for (flag_at, flagged) in [(risk, true), (risk + 0.01, false)] {
        let scores = scores(Policy { name: "ours".to_owned(), flag_at, ..Policy::default() });
        assert_eq!((scores.flagged, &*scores.policy), (flagged, "ours@1"));
    }
}
