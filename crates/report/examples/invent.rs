//! Prints invented lines of `judge`: `cargo run --example invent -- 600 2025 plain`.
//!
//! Arguments: how many interactions, the year, and `plain` or `better`, in which the planner is no longer a source of
//! silence. Half-way through the year another model takes over. All of it is made up.

use std::io::Write;

use jiff::SignedDuration;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// Intent, how often, and how often it goes bad.
const INTENTS: [(&str, f64, f64); 8] = [
    ("information_question", 0.24, 0.03),
    ("delivery_or_appointment", 0.18, 0.17),
    ("status_chase", 0.14, 0.38),
    ("billing_or_payment", 0.13, 0.16),
    ("technical_problem", 0.11, 0.13),
    ("complaint", 0.09, 0.55),
    ("praise_or_thanks", 0.08, 0.01),
    ("cancellation", 0.03, 0.10),
];
/// Channel, how often, and the odds of going bad against the others.
const CHANNELS: [(&str, f64, f64); 4] =
    [("email", 0.44, 1.1), ("phone", 0.27, 0.9), ("chat", 0.23, 0.8), ("letter", 0.06, 1.5)];
const SECTORS: [(&str, f64); 3] = [("wonen", 0.5), ("energie", 0.3), ("verzekeren", 0.2)];
const ROLES: [(&str, f64); 6] = [
    ("klantenservice", 0.30),
    ("planner", 0.24),
    ("debiteurenadministratie", 0.16),
    ("monteur", 0.14),
    ("accountmanager", 0.11),
    ("receptie", 0.05),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let n: usize = next("600").parse().expect("a number of interactions");
    let year: i16 = next("2025").parse().expect("a year");
    let better = next("plain") == "better";
    let mut rng = fastrand::Rng::with_seed(year as u64 + n as u64);
    let mut out = std::io::stdout().lock();
    for i in 0..n {
        let line = invent(&mut rng, i, n, year, better);
        writeln!(out, "{line}").expect("standard output takes it");
    }
}

fn pick<'a, const N: usize>(
    rng: &mut fastrand::Rng,
    of: impl Fn(usize) -> (&'a str, f64),
) -> (usize, &'a str) {
    let mut u = rng.f64() * (0..N).map(|i| of(i).1).sum::<f64>();
    let at = (0..N).find(|i| {
        u -= of(*i).1;
        u < 0.0
    });
    let at = at.unwrap_or(N - 1);
    (at, of(at).0)
}

fn normal(rng: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - rng.f64()).ln()).sqrt() * (std::f64::consts::TAU * rng.f64()).cos()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn rounded(p: f64) -> f64 {
    (p * 1e4).round() / 1e4
}

fn invent(rng: &mut fastrand::Rng, i: usize, n: usize, year: i16, better: bool) -> Value {
    let day = i as f64 / n as f64 * 364.0;
    let midnight = TimeZone::UTC
        .to_timestamp(date(year, 1, 1).at(0, 0, 0, 0))
        .expect("the first of January exists");
    let start = midnight + SignedDuration::from_secs((day * 86_400.0) as i64 + rng.i64(0..40_000));
    let (at, intent) = pick::<8>(rng, |i| (INTENTS[i].0, INTENTS[i].1));
    let (channel_at, channel) = pick::<4>(rng, |i| (CHANNELS[i].0, CHANNELS[i].1));
    let (_, sector) = pick::<3>(rng, |i| SECTORS[i]);
    // A bad autumn; and what a better organisation does away with.
    let season = if (260.0..330.0).contains(&day) { 0.7 } else { 0.0 };
    let change = if better { -0.9 } else { 0.0 };
    let base = INTENTS[at].2;
    let odds = (base / (1.0 - base)).ln() + CHANNELS[channel_at].2.ln() + season + change;
    let bad = rng.f64() < sigmoid(odds);
    let evidence = 2.4 * normal(rng) + if bad { 2.88 } else { -2.88 };
    let risk = sigmoid((base / (1.0 - base)).ln() + evidence);
    let flagged = risk >= 0.5;
    let assessable = rng.f64() > 0.03;
    let id = |message: usize| format!("i{i:04}-m{message}");
    let messages = 2 + rng.usize(0..5);
    let repeat =
        sigmoid(1.8 * normal(rng) + if bad || intent == "status_chase" { 0.6 } else { -3.2 });
    let leaving = sigmoid(1.5 * normal(rng) + if bad { -1.6 } else { -4.0 });
    let higher = sigmoid(1.4 * normal(rng) + if bad { -2.0 } else { -4.5 });
    let praise = !flagged && (intent == "praise_or_thanks" || rng.f64() < 0.12);
    let recovered = !flagged && rng.f64() < 0.05;
    let experience = match (flagged, risk) {
        (true, risk) if risk > 0.85 => 1,
        (true, _) => 2,
        _ if praise => 4 + usize::from(rng.bool()),
        _ if recovered => 4,
        _ => 3,
    };
    let wait = if flagged { 20.0 + rng.f64() * 300.0 } else { 1.0 + rng.f64() * 30.0 };
    let silence = flagged && rng.f64() < if better { 0.08 } else { 0.24 };
    let (_, role) = pick::<6>(rng, |i| ROLES[i]);
    let opened = rng.f64() < 0.3;
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| {
        line.insert(name.to_owned(), value);
    };
    put("schema", json!(1));
    put("interaction", json!(format!("i{i:04}")));
    // Every customer about one and a half times.
    put("customer", json!(format!("c{:05}", i * 7919 % (n * 2 / 3).max(1))));
    put("channel", json!(channel));
    put("sector", json!(sector));
    put("start", json!(start));
    put("end", json!(start + SignedDuration::from_secs((wait * 3600.0) as i64)));
    put("messages", json!(messages));
    put("failed", json!(0));
    put("assessable", json!(assessable));
    put("risk", if assessable { json!(rounded(risk)) } else { Value::Null });
    put("flagged", json!(assessable && flagged));
    put("experience", if assessable { json!(experience) } else { Value::Null });
    if assessable && flagged {
        let (turned, worst) = (1.min(messages - 1), messages - 1);
        put("turned", json!({"message": turned, "id": id(turned), "risk_after": rounded(risk)}));
        put("worst", json!({"message": worst, "id": id(worst), "risk": rounded(risk)}));
        if silence || !opened {
            let role = if silence { Value::Null } else { json!(role) };
            put("touchpoint", json!({"message": 0, "id": id(0), "role": role, "silence": silence}));
        }
        let mut reasons = vec![
            json!({"kind": "bad_experience", "message": worst, "span": null, "weight": rounded(risk)}),
        ];
        for (kind, p) in
            [("repeat_contact", repeat), ("relationship_at_risk", leaving), ("escalation", higher)]
        {
            if p >= 0.5 {
                reasons.push(
                    json!({"kind": kind, "message": worst, "span": null, "weight": rounded(p)}),
                );
            }
        }
        if wait > 48.0 {
            reasons.push(json!({"kind": "waited", "message": 0, "span": null, "weight": 0.3}));
        }
        put("reasons", json!(reasons));
    } else {
        put("reasons", json!([]));
    }
    if assessable {
        put(
            "signals",
            json!({"repeat_contact": rounded(repeat), "relationship_at_risk": rounded(leaving),
            "escalation": rounded(higher), "problem_stated": 0.5}),
        );
        put("intents", json!({intent: 0.9}));
    }
    put("recovered", json!(assessable && recovered));
    put("praise", json!(assessable && praise));
    put("waiting", json!({"longest_hours": rounded(wait), "no_answer_seen": silence}));
    put("handoffs", json!(usize::from(flagged && rng.bool()) + usize::from(rng.f64() < 0.1)));
    let late = !better && day > 182.0;
    put("model", json!(if late { "invented@0.2.0" } else { "invented@0.1.0" }));
    put("policy", json!("default@1"));
    Value::Object(line)
}
