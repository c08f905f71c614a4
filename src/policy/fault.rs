//! What is wrong with a policy file, said to who wrote it: the line, the key, what was found and what was expected.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where the error stands and what it says, after "the policy does not parse".
pub(super) fn told(error: &toml::de::Error, toml: &str) -> String {
    let message = error.message();
    let Some(at) = error.span() else { return format!(": {message}") };
    let line = toml[..at.start].matches('\n').count() + 1;
    // Without a table it is no TOML, and what the parser says of that is not about a key.
    let whole = DeTable::parse(toml).ok();
    let said = match whole.as_ref().and_then(|whole| find(whole.get_ref(), &at)) {
        None => message.to_owned(),
        Some((key, found)) => match expected(message) {
            Some(expected) => format!("`{key}` is {}, expected {expected}", shown(found)),
            None => format!("`{key}`: {message}"),
        },
    };
    format!(" at line {line}: {said}")
}

/// What the field that serde names by its Rust type takes; `None` where that is not what the message is about.
fn expected(message: &str) -> Option<&str> {
    if message == "wanted string or table" {
        return Some("a text in quotes"); // of an enum, such as a day
    }
    let is_of_type = ["invalid type: ", "invalid value: "].iter().any(|s| message.starts_with(s));
    let (_, expected) = message.rsplit_once(", expected ").filter(|_| is_of_type)?;
    Some(match expected {
        "f32" => "a number",
        "u32" | "usize" => "a whole number, 0 or more",
        "i8" => "a whole number, -12 to 14", // of hours: the only one
        "a string" => "a text in quotes",
        "a sequence" => "a list of texts in quotes",
        section if section.starts_with("struct ") => "a section",
        other => other,
    })
}

/// A value as an error shows it: numbers as they stand, of all else the kind, as any file may be named by mistake.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(is) => is.to_string(),
        DeValue::String(_) => "a text".to_owned(),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    }
}

/// The innermost key, with its sections, and value at a place of the file.
fn find<'a, 'i>(table: &'a DeTable<'i>, at: &Range<usize>) -> Option<(String, &'a DeValue<'i>)> {
    table.iter().find_map(|(key, value)| {
        let name = key.get_ref();
        let below = within(value, at).map(|(path, found)| (format!("{name}{path}"), found));
        below.or_else(|| covers(&key.span(), at).then(|| (name.to_string(), value.get_ref())))
    })
}

/// As [`find`], in a value.
fn within<'a, 'i>(
    value: &'a Spanned<DeValue<'i>>,
    at: &Range<usize>,
) -> Option<(String, &'a DeValue<'i>)> {
    let below = match value.get_ref() {
        DeValue::Table(section) => {
            find(section, at).map(|(path, found)| (format!(".{path}"), found))
        }
        DeValue::Array(list) => list.iter().enumerate().find_map(|(n, item)| {
            within(item, at).map(|(path, found)| (format!("[{n}]{path}"), found))
        }),
        _ => None,
    };
    below.or_else(|| covers(&value.span(), at).then(|| (String::new(), value.get_ref())))
}

fn covers(span: &Range<usize>, at: &Range<usize>) -> bool {
    span.start <= at.start && at.end <= span.end
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn a_value_of_the_wrong_kind_is_named_by_line_key_and_kind() {
        for (toml, says) in [
            ("\nflag_at = 'canary'", " at line 2: `flag_at` is a text, expected a number"),
            ("flag_at = true", "`flag_at` is true, expected a number"),
            ("version = 3", "`version` is 3, expected a text in quotes"),
            ("version = 2026-12-25", "`version` is a date or time, expected a text in quotes"),
            ("roles = 'canary'", "`roles` is a text, expected a list of texts in quotes"),
            ("roles = [\n'a',\n7]", " at line 3: `roles[1]` is 7, expected a text in quotes"),
            ("calendar = 3", "`calendar` is 3, expected a section"),
            ("[stake]\nleaving = '1'", " at line 2: `stake.leaving` is a text, expected a number"),
            ("stake.leaving = []", "`stake.leaving` is a list, expected a number"),
            ("stake = { leaving = [] }", "`stake.leaving` is a list, expected a number"),
            ("[stake.leaving]", "`stake.leaving` is a section, expected a number"),
            ("[groups]\nmin_interactions = -3", "is -3, expected a whole number, 0 or more"),
            ("[groups]\nmin_interactions = 20.0", "is 20.0, expected a whole number, 0 or more"),
            ("[calendar]\nutc_offset_hours = 5.5", "is 5.5, expected a whole number, -12 to 14"),
            ("[calendar]\nworking_days = 'mon'", "`calendar.working_days` is a text, expected a"),
            ("[calendar]\nworking_days = [1]", "`calendar.working_days[0]` is 1, expected a text"),
            ("[calendar]\nworking_days = ['canary']", "`calendar.working_days[0]`: unknown"),
            ("[groups]\nmin = 3", " at line 2: `groups.min`: unknown field"),
            ("flag_at = 0.5\nflag_at 0.6", " at line 2: "),
        ] {
            let error = Policy::parse(toml).expect_err("faulty").to_string();
            assert!(
                error.starts_with("the policy does not parse") && error.contains(says),
                "{error}"
            );
            for rust in ["f32", "i8", "usize", "sequence", "struct", "string", "invalid"] {
                assert!(!error.contains(rust), "{error}");
            }
        }
    }
}
