//! What decides what a run gives, and how two of them differ.

use anyhow::bail;
use serde_json::{Map, Value};

/// What decides what a run gives: the same settings give the same bytes.
pub(crate) type Settings = Map<String, Value>;

/// The settings in the first line of the manifest of a run that is not finished.
pub(super) fn settings_in(manifest: &[u8]) -> Option<Settings> {
    let head = manifest.split(|byte| *byte == b'\n').next()?;
    let mut head: Map<String, Value> = serde_json::from_slice(head).ok()?;
    match head.remove("settings")? {
        Value::Object(settings) => Some(settings),
        _ => None,
    }
}

/// Whether a run with these settings reads standard input, which cannot be read again.
pub(super) fn are_of_pipe(settings: &Settings) -> bool {
    settings.get("input").and_then(Value::as_array).is_some_and(Vec::is_empty)
}

/// Refuses settings that differ, and says in what.
pub(crate) fn require_same(before: &Settings, now: &Settings) -> anyhow::Result<()> {
    let mut found = Vec::new();
    add_differences("", before, now, &mut found);
    if found.is_empty() { Ok(()) } else { bail!(found.join("; ")) }
}

/// Adds what differs, each value by its path: a policy that differs in a threshold is not told as a whole.
fn add_differences(within: &str, before: &Settings, now: &Settings, found: &mut Vec<String>) {
    let mut keys: Vec<&String> = before.keys().chain(now.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        match (before.get(key), now.get(key)) {
            (then, now) if then == now => {}
            (Some(Value::Object(then)), Some(Value::Object(now))) => {
                add_differences(&format!("{within}{key}."), then, now, found);
            }
            (then, now) => {
                let shown = |value: Option<&Value>| match value {
                    None => "nothing".to_owned(),
                    // A policy has numbers of 32 bits, which in 64 have digits that nobody wrote.
                    Some(Value::Number(number)) if number.is_f64() => {
                        (number.as_f64().unwrap_or_default() as f32).to_string()
                    }
                    Some(other) => other.to_string(),
                };
                let (then, now) = (shown(then), shown(now));
                found.push(format!("`{within}{key}` was {then}, now it is {now}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_of_a_policy_is_told_as_it_was_written() {
        let policy = |flag_at: f32| crate::output::object(json!({"policy": {"flag_at": flag_at}}));
        let told = require_same(&policy(0.79), &policy(0.5)).expect_err("differ").to_string();
        assert_eq!(told, "`policy.flag_at` was 0.79, now it is 0.5");
    }
}
