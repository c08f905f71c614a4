//! Lines of output, rounded and in a fixed order of fields, and the columns of a table of them.

use beleving::{Intent, MessageScores, Signals, Verdict};
use beleving_archive::{Column, Kind};
use serde_json::{Map, Value, json};

use crate::row::Row;

/// Version of the output's form.
pub(crate) const SCHEMA: u32 = 1;

/// Columns of a table, in its order: names by what they hold.
fn columns(kind: Kind, prefix: &str, names: &[&str]) -> Vec<Column> {
    names
        .iter()
        .map(|name| Column { path: format!("{prefix}{name}"), is_name: false, kind })
        .collect()
}

fn intent_columns() -> Vec<Column> {
    let names: Vec<&str> = Intent::ALL.iter().map(|intent| intent.name()).collect();
    columns(Kind::Number, "intents.", &names)
}

fn signal_columns() -> Vec<Column> {
    columns(Kind::Number, "signals.", &Signals::default().named().map(|(name, _)| name))
}

fn kept_columns(keep: &[String]) -> Vec<Column> {
    keep.iter().map(|path| Column { path: path.clone(), is_name: true, kind: Kind::Text }).collect()
}

/// Columns of a table of scores.
pub(crate) fn score_columns(keep: &[String], with_text: bool) -> Vec<Column> {
    [
        columns(Kind::Whole, "", &["schema"]),
        columns(Kind::Text, "", &["id", "interaction", "customer", "speaker"]),
        columns(Kind::Truth, "", &["assessable"]),
        columns(Kind::Text, "", &["why"]),
        columns(Kind::Number, "sentiment.", &["negative", "neutral", "positive"]),
        columns(Kind::Number, "", &["risk"]),
        columns(Kind::Truth, "", &["flagged"]),
        signal_columns(),
        intent_columns(),
        columns(Kind::Text, "", &["language"]),
        columns(Kind::Whole, "", &["windows"]),
        columns(Kind::Truth, "", &["truncated"]),
        columns(Kind::Text, "", &["model", "policy"]),
        columns(Kind::Text, "", if with_text { &["text"] } else { &[] }),
        kept_columns(keep),
        columns(Kind::Text, "", &["file"]),
        columns(Kind::Whole, "", &["row"]),
        columns(Kind::Text, "error.", &["kind", "message"]),
    ]
    .concat()
}

/// Columns of a table of verdicts; `reasons` and `texts` as JSON.
pub(crate) fn verdict_columns(keep: &[String], with_text: bool) -> Vec<Column> {
    [
        columns(Kind::Whole, "", &["schema"]),
        columns(Kind::Text, "", &["interaction", "customer", "channel", "start", "end"]),
        columns(Kind::Whole, "", &["messages", "failed"]),
        columns(Kind::Truth, "", &["assessable"]),
        columns(Kind::Number, "", &["risk"]),
        columns(Kind::Truth, "", &["flagged"]),
        columns(Kind::Whole, "", &["experience"]),
        columns(Kind::Whole, "turned.", &["message"]),
        columns(Kind::Text, "turned.", &["id"]),
        columns(Kind::Number, "turned.", &["risk_before", "risk_after"]),
        columns(Kind::Whole, "worst.", &["message"]),
        columns(Kind::Text, "worst.", &["id"]),
        columns(Kind::Number, "worst.", &["risk"]),
        columns(Kind::Whole, "touchpoint.", &["message"]),
        columns(Kind::Text, "touchpoint.", &["id", "role"]),
        columns(Kind::Truth, "touchpoint.", &["silence"]),
        signal_columns(),
        intent_columns(),
        columns(Kind::Truth, "", &["recovered", "rework", "praise"]),
        columns(Kind::Number, "waiting.", &["longest_hours"]),
        columns(Kind::Truth, "waiting.", &["no_answer_seen"]),
        columns(Kind::Whole, "", &["handoffs"]),
        columns(Kind::Text, "", &["reasons", "model", "policy", "policy_hash"]),
        columns(Kind::Text, "", if with_text { &["texts"] } else { &[] }),
        kept_columns(keep),
        columns(Kind::Text, "", &["id", "file"]),
        columns(Kind::Whole, "", &["row"]),
        columns(Kind::Text, "error.", &["kind", "message"]),
    ]
    .concat()
}

/// The line of a scored message. Intents are those with at least `intents_from`; the text is there if
/// the row still has it.
pub(crate) fn score_line(
    row: &Row,
    scores: &MessageScores,
    intents_from: f32,
    with_text: bool,
) -> Map<String, Value> {
    let intents = scores.intents.map(|intents| intents.at_least(intents_from));
    let mut line = object(json!({
        "schema": SCHEMA, "id": row.id, "interaction": row.interaction, "customer": row.customer,
        "speaker": row.message.speaker, "assessable": scores.is_assessable(),
    }));
    if let Some(why) = scores.why {
        line.insert("why".to_owned(), json!(why));
    }
    line.extend(object(json!({
        "sentiment": scores.sentiment, "risk": scores.risk, "flagged": scores.flagged,
        "signals": scores.signals, "intents": intents.map(|intents| named(&intents)),
        "language": scores.language, "windows": scores.windows, "truncated": scores.truncated,
        "model": scores.model, "policy": scores.policy,
    })));
    rounded(&mut line);
    if with_text {
        line.insert("text".to_owned(), json!(row.message.text));
    }
    line.extend(row.kept.clone());
    line
}

/// The line of a judged interaction.
pub(crate) fn verdict_line(
    verdict: &Verdict,
    intents_from: f32,
    kept: &Map<String, Value>,
) -> Map<String, Value> {
    let mut line = object(json!({ "schema": SCHEMA }));
    line.extend(object(json!(verdict)));
    let intents = verdict.intents.map(|intents| named(&intents.at_least(intents_from)));
    line.insert("intents".to_owned(), json!(intents));
    rounded(&mut line);
    line.extend(kept.clone());
    line
}

fn named(intents: &[(Intent, f32)]) -> Map<String, Value> {
    intents.iter().map(|(intent, p)| (intent.name().to_owned(), json!(p))).collect()
}

/// The fields of what was built as an object.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => unreachable!("only objects are written"),
    }
}

/// A fraction as lines have it: more decimals would be noise, and two engines would never agree.
pub(crate) fn six_decimals(exact: f64) -> f64 {
    (exact * 1e6).round() / 1e6
}

/// Rounds every fraction of a line.
fn rounded(line: &mut Map<String, Value>) {
    fn round(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_f64() => {
                let exact = number.as_f64().expect("checked");
                *value = json!(six_decimals(exact));
            }
            Value::Object(inner) => inner.values_mut().for_each(round),
            Value::Array(inner) => inner.iter_mut().for_each(round),
            _ => {}
        }
    }
    line.values_mut().for_each(round);
}

#[cfg(test)]
mod tests {
    use beleving::{Interaction, Message, Scorer};

    use super::*;

    #[test]
    fn every_field_of_a_line_has_a_column() {
        let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");
        let scorer = Scorer::open(tiny).expect("loads");
        let thread = Interaction::new("i", vec![Message::customer("Waar blijft u?")]);
        let verdict = scorer.judge_one(&thread).expect("a verdict");
        let line = verdict_line(&verdict, 0.0, &Map::new());
        let columns = verdict_columns(&[], false);
        for field in line.keys() {
            let inner = format!("{field}.");
            let known = columns.iter().any(|c| c.path == *field || c.path.starts_with(&inner));
            assert!(known, "`{field}` is lost in a table");
        }
    }
}
