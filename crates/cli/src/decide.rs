//! `beleving decide`: another policy's decision on what is stored, a line for a line.

use std::io::BufRead;

use anyhow::bail;
use beleving::{InteractionState, Judge, Policy};
use beleving_archive::{Table, TableFormat};
use serde_json::{Map, Value, json};

use crate::args::{DecideArgs, model_folder, read_policy};
use crate::output::{object, verdict_columns, verdict_line};
use crate::report::open;
use crate::run::Outcome;
use crate::write::{output_file, same_file, stream};

pub(crate) fn run(args: &DecideArgs) -> anyhow::Result<Outcome> {
    if args.output.as_ref().is_some_and(|output| same_file(output, &args.input)) {
        bail!("`{}` is the input: the output would overwrite it", args.input.display());
    }
    let (judge, default) = Judge::open(model_folder(args.model.as_deref())?)?;
    let policy = read_policy(&args.policy, &default)?;
    let scored_with = args.scored_with.as_deref().map(|path| read_policy(path, &default));
    let scored_with = scored_with.transpose()?.unwrap_or(default);
    let input = open(&args.input)?;
    let mut output = match output_file(args.output.as_deref()) {
        Some(path) => Table::create(path, TableFormat::of(path)?, verdict_columns(&[], false))?,
        None => stream(args.output.as_deref())?,
    };
    let mut failed = false;
    for (number, line) in (1u64..).zip(input.lines()) {
        let decided = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => decide(&line, &judge, &scored_with, &policy),
            Err(error) => Err(error.into()),
        };
        let line = decided.unwrap_or_else(|error| {
            failed = true;
            object(json!({ "row": number,
                "error": {"kind": "input", "message": format!("{error:#}")} }))
        });
        output.write(&line)?;
    }
    output.finish()?;
    Ok(if failed { Outcome::SomeFailed } else { Outcome::AllDone })
}

fn decide(
    line: &str,
    judge: &Judge,
    scored_with: &Policy,
    policy: &Policy,
) -> anyhow::Result<Map<String, Value>> {
    // serde quotes what it finds; a line may hold anything.
    let value: Value = serde_json::from_str(line).map_err(|_| anyhow::anyhow!("not JSON"))?;
    let Value::Object(mut scores) = value else { bail!("not a JSON object") };
    if scores.contains_key("records") {
        let state: InteractionState = serde_json::from_value(Value::Object(scores))
            .map_err(|_| anyhow::anyhow!("not a state of this version"))?;
        let verdict = judge.verdict(&state, policy)?;
        return Ok(verdict_line(&verdict, policy.intent_at, &Map::new()));
    }
    // The risk of an interaction is no risk of a message: it has another threshold, and rests on the records.
    if scores.contains_key("policy_hash") || scores.contains_key("experience") {
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
    if let Some(risk) = risk.as_f64() {
        let shift = log_odds(policy.base_rate.into()) - log_odds(scored_with.base_rate.into());
        let risk = 1.0 / (1.0 + (-(log_odds(risk.clamp(1e-9, 1.0 - 1e-9)) + shift)).exp());
        scores.insert("risk".to_owned(), json!((risk * 1e6).round() / 1e6));
        scores.insert("flagged".to_owned(), json!(risk >= f64::from(policy.flag_at)));
    }
    scores.insert("policy".to_owned(), json!(policy.id()));
    Ok(scores)
}

fn log_odds(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}
