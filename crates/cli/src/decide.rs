//! `beleving decide`: another policy's decision on what is stored, a line for a line.

use std::io::{BufRead, ErrorKind};

use anyhow::bail;
use beleving::{Intent, InteractionState, Judge, JudgeUnder, Policy};
use beleving_archive::{Table, TableFormat};
use serde_json::{Map, Value, json};

use crate::args::DecideArgs;
use crate::log::counted;
use crate::model::read_policy;
use crate::output::{SCHEMA, object, six_decimals, verdict_columns, verdict_line};
use crate::run::Outcome;
use crate::write::{open_jsonl, output_file, require_place, same_file, stream, write_whole};

/// What score lines were made by.
struct ScoredWith {
    policy: Policy,
    /// The model that has this policy from its folder; any where `--scored-with` names it.
    model: Option<String>,
}

pub(crate) fn run(args: &DecideArgs) -> anyhow::Result<Outcome> {
    if args.output.as_ref().is_some_and(|output| same_file(output, &args.input)) {
        bail!("`{}` is the input: the output would overwrite it", args.input.display());
    }
    if let Some(output) = output_file(args.output.as_deref()) {
        require_place(output)?;
    }
    let (judge, default) = Judge::open(args.folder.path()?)?;
    let policy = read_policy(&args.policy, &default)?;
    let scored_with = match &args.scored_with {
        Some(path) => ScoredWith { policy: read_policy(path, &default)?, model: None },
        None => ScoredWith { policy: default, model: Some(judge.model_id().to_owned()) },
    };
    let judge = judge.under(&policy)?;
    let input = open_jsonl(&args.input)?;
    let decide_all = |mut output: Table, holds_any_line: bool| {
        let mut failed = 0_u64;
        for (number, line) in (1u64..).zip(input.lines()) {
            let (line, decided) = match line {
                Ok(line) if line.trim().is_empty() => continue,
                Ok(line) => {
                    let decided = decide(&line, &judge, &scored_with, &policy);
                    (line, decided)
                }
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    (String::new(), Err(error.into()))
                }
                // A folder or a failing disk gives it for ever.
                Err(error) => {
                    let what = format!("cannot read `{}`", args.input.display());
                    return Err(anyhow::Error::new(error).context(what));
                }
            };
            if !holds_any_line && decided.as_ref().is_ok_and(|it| !is_verdict(it)) {
                bail!(
                    "line {number} of `{}` is a line of scores, most fields of which a table of verdicts has no column \
                     for; write .jsonl",
                    args.input.display()
                );
            }
            let line = decided.unwrap_or_else(|error| failure(number, &line, &error));
            failed += u64::from(line.contains_key("error"));
            output.write(&line)?;
        }
        output.finish()?;
        if failed > 0 {
            tracing::warn!("{} got an error in the place of a decision", counted(failed, "line"));
            return Ok(Outcome::SomeFailed);
        }
        Ok(Outcome::AllDone)
    };
    let Some(path) = output_file(args.output.as_deref()) else {
        return decide_all(stream(args.output.as_deref())?, true);
    };
    let format = TableFormat::of(path)?;
    write_whole(path, |file| {
        let table = Table::create(file, format, verdict_columns(&[], false))?;
        decide_all(table, format.is_plain_jsonl())
    })
}

/// What is written in the place of a decision, with the names that the line has.
fn failure(number: u64, line: &str, error: &anyhow::Error) -> Map<String, Value> {
    let mut failure = object(json!({ "schema": SCHEMA, "id": null }));
    let fields: Map<String, Value> = serde_json::from_str(line).unwrap_or_default();
    for (name, value) in fields {
        if matches!(&*name, "id" | "interaction" | "customer") && value.is_string() {
            failure.insert(name, value);
        }
    }
    failure.insert("row".to_owned(), json!(number));
    let error = json!({ "kind": "input", "message": format!("{error:#}") });
    failure.insert("error".to_owned(), error);
    failure
}

fn decide(
    line: &str,
    judge: &JudgeUnder<'_>,
    scored_with: &ScoredWith,
    policy: &Policy,
) -> anyhow::Result<Map<String, Value>> {
    let ScoredWith { policy: scored_with, model: scored_by } = scored_with;
    // serde quotes what it finds; a line may hold anything.
    let value: Value = serde_json::from_str(line).map_err(|_| anyhow::anyhow!("not JSON"))?;
    let Value::Object(mut scores) = value else { bail!("not a JSON object") };
    // A row that could not be scored: its line says why.
    if scores.get("error").is_some_and(Value::is_object) {
        return Ok(scores);
    }
    // Any other field may be one that a line of scores was made to keep.
    if scores.contains_key("records") && !scores.contains_key("risk") {
        let state: InteractionState = serde_json::from_value(Value::Object(scores))
            .map_err(|_| anyhow::anyhow!("not a state of this version"))?;
        let verdict = judge.verdict(&state)?;
        return Ok(verdict_line(&verdict, policy.intent_at, &Map::new()));
    }
    // The risk of an interaction is no risk of a message: it has another threshold, and rests on the records.
    if is_verdict(&scores) {
        bail!(
            "a verdict of `judge`, expected a state or a line of scores; give the states (`judge --states FILE`)"
        );
    }
    let Some(risk) = scores.get("risk").filter(|_| scores.contains_key("flagged")) else {
        bail!("neither a state nor a line of scores");
    };
    if scores.get("policy").and_then(Value::as_str) != Some(&scored_with.id()) {
        bail!(
            "the line was not scored under policy `{}`; name its policy with --scored-with",
            scored_with.id()
        );
    }
    // The default policies of two models have one name, and each its own base rate.
    let model = scores.get("model").and_then(Value::as_str).unwrap_or_default();
    if let Some(scored_by) = scored_by
        && model != scored_by
    {
        bail!(
            "the line was scored by model `{model}`, not by `{scored_by}`; name its policy with --scored-with"
        );
    }
    // Without one there was nothing to assess.
    if !risk.is_null() {
        let found = risk.as_f64();
        let Some(risk) = found.filter(|risk| (0.0..=1.0).contains(risk)) else {
            let found = found.map_or("no number".to_owned(), |risk| risk.to_string());
            bail!("`risk` is {found}, expected 0 to 1");
        };
        let risk = policy.restated(risk as f32, scored_with.base_rate);
        scores.insert("risk".to_owned(), json!(six_decimals(f64::from(risk))));
        scores.insert("flagged".to_owned(), json!(risk >= policy.flag_at));
    }
    if let Some(Value::Object(intents)) = scores.get_mut("intents") {
        list_from(intents, scored_with.intent_at, policy.intent_at)?;
    }
    scores.insert("policy".to_owned(), json!(policy.id()));
    Ok(scores)
}

/// Whether a line is a verdict of `judge`.
fn is_verdict(line: &Map<String, Value>) -> bool {
    ["reasons", "handoffs"].iter().all(|field| line.contains_key(*field))
}

/// Leaves the intents that are listed under another threshold than they were.
fn list_from(intents: &mut Map<String, Value>, was: f32, from: f32) -> anyhow::Result<()> {
    let p = |p: &Value| p.as_f64().unwrap_or_default() as f32;
    let all = intents.len() == Intent::ALL.len();
    // `score --all` lists those below the threshold too, whatever it is.
    if all && intents.values().any(|it| p(it) < was) {
        return Ok(());
    }
    if from < was && !all {
        bail!(
            "the line lists intents from `intent_at` {was}, which holds none of those from {from}; score with --all"
        );
    }
    intents.retain(|_, it| p(it) >= from);
    Ok(())
}
