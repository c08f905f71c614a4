//! Lines of output, as JSON lines or CSV, rounded and in a fixed order of fields.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use beleving::{Intent, MessageScores, Verdict};
use serde_json::{Map, Value, json};

use crate::row::Row;

/// Version of the output's form.
pub(crate) const SCHEMA: u32 = 1;

/// Where output lines go.
pub(crate) enum Output {
    Jsonl(Box<dyn Write>),
    Csv(Box<csv::Writer<Box<dyn Write>>>, Vec<String>),
}

impl Output {
    /// Opens a file by its ending, or standard output. `columns` are those of a CSV file.
    pub(crate) fn open(
        path: Option<&Path>,
        input: &Path,
        columns: impl FnOnce() -> Vec<String>,
    ) -> anyhow::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Jsonl(Box::new(BufWriter::new(io::stdout().lock()))));
        };
        let same = |a: &Path, b: &Path| {
            a.canonicalize().ok().is_some_and(|a| b.canonicalize().ok() == Some(a))
        };
        if same(path, input) {
            bail!("`{}` is the input: the output would overwrite it", path.display());
        }
        let csv = match path.extension().and_then(|e| e.to_str()) {
            Some("jsonl" | "ndjson") => false,
            Some("csv") => true,
            _ => bail!("`{}` ends in neither .jsonl nor .csv", path.display()),
        };
        let file =
            File::create(path).with_context(|| format!("cannot write `{}`", path.display()))?;
        let file: Box<dyn Write> = Box::new(BufWriter::new(file));
        if !csv {
            return Ok(Self::Jsonl(file));
        }
        let mut writer = csv::Writer::from_writer(file);
        let columns = columns();
        writer.write_record(&columns)?;
        Ok(Self::Csv(Box::new(writer), columns))
    }

    pub(crate) fn write(&mut self, line: &Map<String, Value>) -> anyhow::Result<()> {
        match self {
            Self::Jsonl(file) => {
                serde_json::to_writer(&mut *file, line)?;
                file.write_all(b"\n")?;
            }
            Self::Csv(writer, columns) => {
                writer.write_record(columns.iter().map(|path| cell(line, path)))?;
            }
        }
        Ok(())
    }

    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Jsonl(file) => file.flush()?,
            Self::Csv(writer, _) => writer.flush()?,
        }
        Ok(())
    }
}

/// The value that a column such as `sentiment.negative` names; empty where there is none.
fn cell(line: &Map<String, Value>, path: &str) -> String {
    let found = line.get(path).or_else(|| {
        let (outer, inner) = path.split_once('.')?;
        line.get(outer)?.get(inner)
    });
    match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn names(prefix: &str, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{prefix}{name}")).collect()
}

/// Columns of a CSV file of scores.
pub(crate) fn score_columns(keep: &[String]) -> Vec<String> {
    let intents: Vec<&str> = Intent::ALL.iter().map(|intent| intent.name()).collect();
    [
        names("", &["schema", "id", "interaction", "speaker", "assessable", "why"]),
        names("sentiment.", &["negative", "neutral", "positive"]),
        names("", &["risk", "flagged"]),
        names(
            "signals.",
            &["repeat_contact", "relationship_at_risk", "escalation", "problem_stated"],
        ),
        names("intents.", &intents),
        names("", &["language", "windows", "truncated", "model", "policy"]),
        keep.to_vec(),
        names("", &["row", "error.kind", "error.message"]),
    ]
    .concat()
}

/// Columns of a CSV file of verdicts; `reasons` as JSON.
pub(crate) fn verdict_columns(keep: &[String]) -> Vec<String> {
    let intents: Vec<&str> = Intent::ALL.iter().map(|intent| intent.name()).collect();
    [
        names(
            "",
            &["schema", "interaction", "customer", "channel", "start", "end", "messages", "failed"],
        ),
        names("", &["assessable", "risk", "flagged", "experience"]),
        names("turned.", &["message", "id", "risk_before", "risk_after"]),
        names("worst.", &["message", "id", "risk"]),
        names("touchpoint.", &["message", "id", "role", "silence"]),
        names(
            "signals.",
            &["repeat_contact", "relationship_at_risk", "escalation", "problem_stated"],
        ),
        names("intents.", &intents),
        names(
            "",
            &["recovered", "praise", "waiting.longest_hours", "waiting.no_answer_seen", "handoffs"],
        ),
        names("", &["reasons", "model", "policy"]),
        keep.to_vec(),
        names("", &["id", "row", "error.kind", "error.message"]),
    ]
    .concat()
}

/// The line of a scored message. Intents are those with at least `intents_from`.
pub(crate) fn score_line(
    row: &Row,
    scores: &MessageScores,
    intents_from: f32,
) -> Map<String, Value> {
    let speaker = row.message.as_ref().map(|message| message.speaker).ok();
    let intents = scores.intents.map(|intents| intents.at_least(intents_from));
    let mut line = object(json!({
        "schema": SCHEMA, "id": row.id, "interaction": row.interaction, "speaker": speaker,
        "assessable": scores.is_assessable(),
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

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => unreachable!("only objects are written"),
    }
}

/// Rounds every fraction to six decimals: more would be noise, and two engines would never agree.
fn rounded(line: &mut Map<String, Value>) {
    fn round(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_f64() => {
                let exact = number.as_f64().expect("checked");
                *value = json!((exact * 1e6).round() / 1e6);
            }
            Value::Object(inner) => inner.values_mut().for_each(round),
            Value::Array(inner) => inner.iter_mut().for_each(round),
            _ => {}
        }
    }
    line.values_mut().for_each(round);
}
