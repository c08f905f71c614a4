//! JSON: lines, or one document.

use std::io::{BufReader, Read};

use anyhow::Context;
use serde_json::{Map, Value};

use crate::bytes::{Line, MAX_ROW_BYTES, damaged, no_text, read_line};
use crate::record::{Fault, Origin, Record, Sink};
use crate::times::Times;
use crate::transcript;

/// Largest JSON document that is read as a whole.
const MAX_DOCUMENT_BYTES: u64 = 64 << 20;

/// Whether reading on may take as long as somebody likes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    File,
    Pipe,
}

/// Reads JSON lines. Empty ones are no rows.
pub(crate) fn read(
    input: impl Read,
    source: Source,
    times: &Times,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let (mut line, mut row) = (Vec::new(), 0);
    loop {
        if source == Source::Pipe && input.buffer().is_empty() {
            sink.may_wait()?;
        }
        let found = read_line(&mut input, MAX_ROW_BYTES, &mut line).context("cannot read on")?;
        row += 1;
        match found {
            Line::End => return Ok(()),
            Line::TooLong => {
                let text = format!("the line has over {MAX_ROW_BYTES} bytes");
                sink.take(record(row, Err(Fault::new(text))))?;
            }
            Line::Whole => {
                let content = line.trim_ascii();
                // Where files were put behind one another there is one in the middle too.
                let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
                if let Some(what) = no_text(content).filter(|_| row == 1) {
                    return Err(damaged(format!("this is {what}")));
                }
                if !content.is_empty() {
                    let mut value = parse(content);
                    if let Err(fault) = &mut value
                        && source == Source::Pipe
                        && row == 1
                        && !content.starts_with(b"{")
                    {
                        fault.0.push_str(if content.starts_with(b"[") {
                            "; of a list, jq -c '.[]' makes lines"
                        } else {
                            "; --format csv reads standard input as a table"
                        });
                    }
                    take_value(row, value, times, sink)?;
                }
            }
        }
    }
}

/// Reads a whole `.json` file: one object, a list of objects, or JSON lines under another name.
pub(crate) fn read_document(
    input: impl Read,
    name: &str,
    times: &Times,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut text = Vec::new();
    let mut input = input;
    (&mut input).take(MAX_DOCUMENT_BYTES).read_to_end(&mut text).context("cannot read on")?;
    match parse_json(&text) {
        Ok(Value::Array(items)) => {
            for (n, item) in items.into_iter().enumerate() {
                let value = match item {
                    Value::Object(object) => Ok(object),
                    _ => Err(Fault::new("the item of the list is no JSON object")),
                };
                take_value(n as u64 + 1, value, times, sink)?;
            }
            Ok(())
        }
        Ok(Value::Object(mut object)) => {
            if transcript::is_transcript(&object) {
                transcript::fill(&mut object, "interaction", name);
            }
            take_value(1, Ok(object), times, sink)
        }
        Err(error) if is_document(&text) => {
            let found = if text.len() as u64 == MAX_DOCUMENT_BYTES {
                format!(
                    "a JSON document of over {} MiB; a file of one object a line may be longer (of a list: jq -c '.[]' FILE)",
                    MAX_DOCUMENT_BYTES >> 20
                )
            } else {
                // Serde's own text may quote the document.
                let what = if is_too_deep(&error) { TOO_DEEP } else { "not JSON" };
                format!("{what} from line {} on, at column {}", error.line(), error.column())
            };
            Err(damaged(found))
        }
        _ => read((&*text).chain(input), Source::File, times, sink),
    }
}

/// Whether this begins as no JSON line does: read as lines, each of a document would be a row that fails.
fn is_document(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"[") || first.trim_ascii() == b"{"
}

fn take_value(
    row: u64,
    value: Result<Map<String, Value>, Fault>,
    times: &Times,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    match value {
        Ok(object) if transcript::is_transcript(&object) => {
            let fields = transcript::interaction(object, times);
            sink.take(Record { file: None, row, origin: Origin::Call, fields })
        }
        value => sink.take(record(row, value)),
    }
}

fn record(row: u64, fields: Result<Map<String, Value>, Fault>) -> Record {
    Record { file: None, row, origin: Origin::Table, fields }
}

/// Parses one line that has to hold an object.
pub(crate) fn parse(line: &[u8]) -> Result<Map<String, Value>, Fault> {
    if let Err(error) = std::str::from_utf8(line) {
        return Err(Fault::new(format!(
            "not UTF-8 from byte {} of the line on; if it is another encoding, --encoding states it",
            error.valid_up_to()
        )));
    }
    match parse_json(line) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Fault::new("the line holds no JSON object")),
        Err(error) => {
            // Only where and what kind: serde's own text may quote the line.
            let what = match error.is_eof() {
                true => "the line ends in the middle of JSON",
                false if is_too_deep(&error) => TOO_DEEP,
                false => "not JSON",
            };
            Err(Fault::new(format!("{what}, at column {}", error.column())))
        }
    }
}

const TOO_DEEP: &str = "JSON nested too deep to be read";

fn is_too_deep(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("recursion limit exceeded")
}

/// Parses JSON. Half a surrogate pair, which is left where a text was cut within an emoji, becomes U+FFFD: JSON allows
/// it, and serde does not.
fn parse_json(text: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(text).or_else(|error| match without_halves(text) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// JSON with U+FFFD in the place of every half of a surrogate pair; `None` if it holds none.
fn without_halves(text: &[u8]) -> Option<Vec<u8>> {
    let (mut mended, mut any, mut at) = (text.to_vec(), false, 0);
    while let Some(before) = text[at..].iter().position(|byte| *byte == b'\\') {
        at += before;
        at += match (surrogate(&text[at..]), text.get(at + 6..).and_then(surrogate)) {
            (Some(..0xDC00), Some(0xDC00..)) => 12,
            (Some(_), _) => {
                mended[at + 2..at + 6].copy_from_slice(b"fffd");
                any = true;
                6
            }
            // What a backslash stands before begins no escape, be it another backslash.
            (None, _) => 2,
        };
        at = at.min(text.len());
    }
    any.then_some(mended)
}

/// The half of a surrogate pair whose escape a text begins with.
fn surrogate(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    let unit = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&unit).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Kept;

    fn jsonl(bytes: impl Read, source: Source) -> Kept {
        let mut kept = Kept::default();
        read(bytes, source, &Times::default(), &mut kept).expect("readable");
        kept
    }

    #[test]
    fn a_pipe_tells_when_it_may_keep_one_waiting() {
        let line = || &b"{\"text\": \"a\"}\n"[..];
        assert_eq!(jsonl(line().chain(line()), Source::Pipe).pauses, [0, 1, 2]);
        assert!(jsonl(line().chain(line()), Source::File).pauses.is_empty());
    }

    #[test]
    fn a_bad_line_is_a_row_with_an_error_and_the_rest_is_read() {
        let kept = jsonl(
            &b"{\"text\": \"a\"}\n\n{\"text\": \"canary\n\xFF\n[1]\n{\"text\": \"b\"}"[..],
            Source::File,
        );
        assert_eq!(kept.rows(), [1, 3, 4, 5, 6]);
        let faults = kept.faults();
        assert_eq!(faults.len(), 3);
        assert!(!faults[0].contains("canary"));
        assert!(faults[1].starts_with("not UTF-8 from byte 0 of the line on"));
        assert_eq!(faults[2], "the line holds no JSON object");
        let deep = format!("{{\"x\": {}{}}}\n", "[".repeat(10_000), "]".repeat(10_000));
        let faults = jsonl(deep.as_bytes(), Source::File).faults();
        assert!(faults[0].starts_with("JSON nested too deep"), "{faults:?}");
    }

    #[test]
    fn a_byte_order_mark_before_a_line_is_left_out() {
        let line = "\u{feff}{\"text\": \"a\"}\n";
        assert_eq!(jsonl(line.repeat(2).as_bytes(), Source::File).values("text"), ["a", "a"]);
    }

    #[test]
    fn half_a_surrogate_pair_costs_a_character_and_not_the_row() {
        for (escaped, expected) in [
            (r"\ud83d\ude00", "\u{1f600}"),
            (r"te laat \ud83d", "te laat \u{fffd}"),
            (r"\uDE00\uD83D\uD83D\ude00.", "\u{fffd}\u{fffd}\u{1f600}."),
            (r"\\ud83d \ud83d\n", "\\ud83d \u{fffd}\n"),
        ] {
            let line = format!("{{\"text\": \"{escaped}\"}}");
            assert_eq!(jsonl(line.as_bytes(), Source::File).values("text"), [expected]);
            let mut kept = Kept::default();
            let list = format!("[\n{line}\n]");
            read_document(list.as_bytes(), "-", &Times::default(), &mut kept).expect("readable");
            assert_eq!(kept.values("text"), [expected]);
        }
        for damaged in [r#"{"text": "\ud83d"#, r#"{"text": "\ud83"}"#, r#"{"text": "\ud83d\"#] {
            assert_eq!(jsonl(damaged.as_bytes(), Source::File).faults().len(), 1, "{damaged}");
        }
    }

    #[test]
    fn a_table_or_a_list_on_standard_input_is_told_how_it_is_read() {
        let faults = jsonl(&b"id;text\n1;canary\n"[..], Source::Pipe).faults();
        assert!(
            faults[0].contains("--format csv") && !faults[1].contains("--format"),
            "{faults:?}"
        );
        for (line, source) in [("{\"text\": ", Source::Pipe), ("id;text", Source::File)] {
            assert!(!jsonl(line.as_bytes(), source).faults()[0].contains("--format"), "{line}");
        }
        for list in ["[{\"text\": \"a\"}]", "[\n  {\"text\": \"a\"}\n]\n"] {
            let faults = jsonl(list.as_bytes(), Source::Pipe).faults();
            assert!(faults[0].ends_with("; of a list, jq -c '.[]' makes lines"), "{faults:?}");
        }
    }

    #[test]
    fn a_line_over_the_limit_is_an_error_of_its_row() {
        let mut bytes = vec![b'x'; MAX_ROW_BYTES + 10];
        bytes.extend(b"\n{\"text\": \"b\"}\n");
        let kept = jsonl(&*bytes, Source::File);
        assert_eq!((kept.rows(), kept.faults().len()), (vec![1, 2], 1));
    }

    #[test]
    fn what_can_be_no_lines_is_one_error() {
        let error = |bytes: &[u8]| {
            let (times, mut kept) = (Times::default(), Kept::default());
            let read = read_document(bytes, "call-7", &times, &mut kept);
            assert!(kept.records.is_empty());
            read.expect_err("refused").to_string()
        };
        let mut large = b"[\n".to_vec();
        large.resize(MAX_DOCUMENT_BYTES as usize - 1, b' ');
        large.extend(b"{\"text\": \"canary\"}\n]");
        let told = error(&large);
        assert!(told.starts_with("a JSON document of over 64 MiB; a file of one"), "{told}");
        for (text, expected) in [
            ("[{\"text\": \"a\"},\n{\"text\": \"canary\"},]", "not JSON from line 2 on, at column"),
            ("[{\"text\": \"canary", "not JSON from line 1 on, at column"),
            ("{\n\"tickets\": [\n{\"text\": \"canary\"}\n", "not JSON from line 4 on, at column"),
        ] {
            let told = error(text.as_bytes());
            assert!(told.starts_with(expected) && !told.contains("canary"), "{told}");
        }
        let deep =
            format!("[{{\"text\": \"canary\"}},\n{}{}]", "[".repeat(10_000), "]".repeat(10_000));
        let told = error(deep.as_bytes());
        assert!(told.starts_with("JSON nested too deep to be read from line 2 on"), "{told}");
        for (bytes, named) in
            [(&b"\x1F\x8B\x08\0"[..], "this is gzip"), (b"\x28\xB5\x2F\xFD", "this is Zstandard")]
        {
            assert!(error(bytes).starts_with(named));
            let read = read(bytes, Source::Pipe, &Times::default(), &mut Kept::default());
            assert!(read.expect_err("refused").to_string().starts_with(named));
        }
    }

    #[test]
    fn a_document_may_be_a_list_an_interaction_or_lines_after_all() {
        let read = |text: &str| {
            let mut kept = Kept::default();
            read_document(text.as_bytes(), "call-7", &Times::default(), &mut kept)
                .expect("readable");
            kept
        };
        assert_eq!(read("[{\"text\": \"a\"}, 3]").rows(), [1, 2]);
        assert_eq!(read("{\"text\": \"a\"}\n{\"text\": \"b\"}\n").rows(), [1, 2]);
        let call =
            read("{\"segments\": [{\"start\": 0.5, \"speaker\": \"klant\", \"text\": \"Hoi\"}]}");
        let fields = call.records[0].fields.as_ref().expect("a call");
        assert_eq!(fields["interaction"], "call-7");
        let nulls = read(
            "{\"interaction\": null, \"channel\": null, \"segments\": null, \"utterances\": [{\"text\": \"Hoi\"}]}",
        );
        let fields = nulls.records[0].fields.as_ref().expect("a call");
        assert_eq!(
            (&fields["interaction"], &fields["channel"]),
            (&"call-7".into(), &"phone".into())
        );
        assert_eq!(fields["messages"][0]["text"], "Hoi");
    }
}
