//! Transcripts of calls: WebVTT, SRT and diarised JSON. One file or object is one interaction, one turn
//! of a speaker one message.
//!
//! Times are relative to the start of the call; they become times of day only where the transcript says when the call began.

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Once;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::bytes::{Line, MAX_ROW_BYTES, read_line};
use crate::record::{Fault, Origin, Record, Sink};
use crate::times::Times;

/// Bytes of one call that are read.
const MAX_CALL_BYTES: usize = 64 << 20;

/// Whole numbers by which a call would last longer than a day, or a word longer than this, are milliseconds.
const MAX_CALL_S: f64 = 86_400.0;
const MAX_WORD_S: f64 = 100.0;

/// As long as the name of a speaker is.
const MAX_LABEL_CHARS: usize = 48;
const MAX_LABEL_WORDS: usize = 5;

/// Words without a capital in names of people.
const PARTICLES: &[&str] = &[
    "van", "de", "den", "der", "het", "t", "ten", "ter", "te", "in", "von", "zu", "la", "le", "du",
    "da", "di", "del", "dos", "el", "al", "bin", "ibn", "y",
];

/// Words that sum up or announce what follows their colon, and are nobody's name.
const OPENINGS: &str = "kortom conclusie resultaat gevolg vraag antwoord voorbeeld probleem oplossing punt sorry \
                        summary conclusion result question answer example problem solution point";

/// As long as the tag of a speaker is: a longer one is none, and is not looked for to the end of the line.
const MAX_TAG_BYTES: usize = 256;

/// One turn: a speaker's words until another speaks.
struct Turn {
    speaker: Option<String>,
    start_ms: i64,
    text: String,
}

/// Whether a JSON object is a diarised transcript.
pub(crate) fn is_transcript(object: &Map<String, Value>) -> bool {
    let list = |key| object.get(key).is_some_and(Value::is_array);
    let no_messages = object.get("messages").is_none_or(Value::is_null);
    no_messages && (list("segments") || list("utterances"))
}

/// Makes an interaction of a diarised transcript: `segments` or `utterances` with `speaker`, `start` and `text` or
/// `transcript`. Times are seconds; whole numbers by which nobody would speak are milliseconds.
pub(crate) fn interaction(
    mut object: Map<String, Value>,
    times: &Times,
) -> Result<Map<String, Value>, Fault> {
    let list = ["segments", "utterances"].into_iter().find_map(|key| match object.remove(key) {
        Some(Value::Array(list)) => Some(list),
        _ => None,
    });
    let Some(segments) = list else {
        return Err(Fault::new("neither `segments` nor `utterances` is a list"));
    };
    let began = began(object.remove("at"), times)?;
    let milliseconds_each = if are_milliseconds(&segments) { 1.0 } else { 1000.0 };
    let (mut turns, mut unknown) = (Vec::new(), 0);
    for (n, segment) in segments.iter().enumerate() {
        let Some(text) = words_of(segment) else {
            return Err(Fault::new(format!("segment {n} has no `text`")));
        };
        let speaker = match segment.get("speaker") {
            Some(Value::String(speaker)) => Some(speaker.clone()),
            // 12.0 is the name 12.
            Some(Value::Number(number)) => {
                Some(number.to_string().trim_end_matches(".0").to_owned())
            }
            _ => None,
        };
        let start_ms = start_ms(segment, milliseconds_each);
        unknown += usize::from(start_ms.is_none());
        let start_ms = start_ms.unwrap_or(n as i64);
        add(&mut turns, Turn { speaker, start_ms, text: text.trim().to_owned() });
    }
    if unknown > 0 && began.is_some() {
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            tracing::warn!(
                "segments of a call have no `start` that is a number of seconds or such as 00:01:05, {unknown} of {} in the \
                 first such call; their times are those of the beginning",
                segments.len()
            );
        });
    }
    Ok(as_interaction(object, turns, began))
}

/// When a call began, where it says so.
fn began(at: Option<Value>, times: &Times) -> Result<Option<Timestamp>, Fault> {
    let at = match at {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(at)) if at.is_empty() => return Ok(None),
        Some(Value::String(at)) => at,
        Some(at) => at.to_string(),
    };
    times.read(&at).map(Some).map_err(|found| Fault::new(format!("`at` is {found}")))
}

/// When a segment starts, as a clock or in units of which so many milliseconds are one.
fn start_ms(segment: &Value, milliseconds_each: f64) -> Option<i64> {
    match segment.get("start") {
        Some(Value::String(clock)) => {
            milliseconds(clock).or_else(|| milliseconds(&format!("{clock}.000")))
        }
        _ => time(segment, "start").map(|start| (start * milliseconds_each) as i64),
    }
}

fn words_of(segment: &Value) -> Option<&str> {
    ["text", "transcript"].iter().find_map(|name| segment.get(name)?.as_str())
}

fn time(segment: &Value, name: &str) -> Option<f64> {
    segment.get(name)?.as_f64().filter(|time| time.is_finite())
}

/// Whether the times of segments are milliseconds. Nobody counts in parts of one.
fn are_milliseconds(segments: &[Value]) -> bool {
    let both = segments.iter().map(|one| (time(one, "start"), time(one, "end")));
    let times = || both.clone().flat_map(|(start, end)| [start, end]).flatten();
    let spoken: f64 = both.clone().filter_map(|(start, end)| Some(end? - start?)).sum();
    let words = segments.iter().filter_map(words_of).flat_map(str::split_whitespace).count();
    let is_too_long = times().any(|time| time > MAX_CALL_S) || spoken > MAX_WORD_S * words as f64;
    is_too_long && times().all(|time| time.fract() == 0.0)
}

fn add(turns: &mut Vec<Turn>, turn: Turn) {
    match turns.last_mut() {
        // A cue that names nobody goes on with who spoke last.
        Some(last) if turn.speaker.is_none() || last.speaker == turn.speaker => {
            last.text.push(' ');
            last.text.push_str(&turn.text);
        }
        _ => turns.push(turn),
    }
}

fn as_interaction(
    mut object: Map<String, Value>,
    turns: Vec<Turn>,
    began: Option<Timestamp>,
) -> Map<String, Value> {
    let messages: Vec<Value> = turns
        .into_iter()
        .enumerate()
        .map(|(n, turn)| {
            let at = began.and_then(|began| {
                began.checked_add(SignedDuration::from_millis(turn.start_ms)).ok()
            });
            // Times may be equal or go back; the order of the file is the order of speaking.
            json!({"id": n.to_string(), "speaker": turn.speaker, "text": turn.text, "seq": n,
                   "at": at.map(|at| at.to_string())})
        })
        .collect();
    object.insert("messages".to_owned(), Value::Array(messages));
    fill(&mut object, "channel", "phone");
    object
}

/// Gives a field a value where it has none, or null.
pub(crate) fn fill(object: &mut Map<String, Value>, field: &str, value: &str) {
    let held = object.entry(field).or_insert(Value::Null);
    if held.is_null() {
        *held = Value::from(value);
    }
}

/// A line of a cue.
struct CueLine {
    start_ms: i64,
    is_first: bool,
    text: String,
}

/// Reads WebVTT or SRT; they differ in what the lines between the cues hold, which is not read. `stated` are labels of
/// speakers whatever they look like.
pub(crate) fn read_cues(
    input: impl Read,
    name: &str,
    stated: &[String],
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let (lines, end) = cue_lines(input, sink)?;
    let turns = turns(&lines, stated);
    if turns.is_empty() {
        return fault(end, "the transcript has no cue with words".to_owned(), sink);
    }
    let cues = lines.iter().filter(|line| line.is_first).count();
    if cues > 1 && turns.iter().all(|turn| turn.speaker.is_none()) {
        tracing::warn!(
            "the transcript `{name}` names nobody in {cues} cues: all of it counts as one message of the customer"
        );
    }
    let object = Map::from_iter([("interaction".to_owned(), Value::from(name))]);
    let fields = Ok(as_interaction(object, turns, None));
    sink.take(Record { file: None, row: 1, origin: Origin::Call, fields })
}

/// The lines of all cues, and the number of the line at which reading ended.
fn cue_lines(input: impl Read, sink: &mut dyn Sink) -> anyhow::Result<(Vec<CueLine>, u64)> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let (mut line, mut number, mut bytes) = (Vec::new(), 0, 0);
    let mut lines = Vec::new();
    // When the cue began that is open.
    let mut cue: Option<i64> = None;
    let mut is_first = true;
    loop {
        number += 1;
        match read_line(&mut input, MAX_ROW_BYTES, &mut line).context("cannot read on")? {
            Line::End => break,
            Line::TooLong => {
                fault(number, format!("the line has over {MAX_ROW_BYTES} bytes"), sink)?;
                continue;
            }
            Line::Whole => {}
        }
        let Ok(text) = std::str::from_utf8(&line) else {
            fault(number, "the line is not UTF-8; --encoding states another".to_owned(), sink)?;
            continue;
        };
        let text = text.trim().trim_start_matches('\u{feff}');
        if text.is_empty() {
            cue = None;
        } else if let Some((start, _)) = text.split_once("-->")
            // Within a cue it may be spoken: "Settings --> Account".
            && (cue.is_none() || milliseconds(start.trim()).is_some())
        {
            (cue, is_first) = (milliseconds(start.trim()), true);
            if cue.is_none() {
                fault(number, "the line is no time code; its cue was left out".to_owned(), sink)?;
            }
        } else if let Some(start_ms) = cue {
            bytes += text.len();
            if bytes > MAX_CALL_BYTES {
                fault(number, format!("the call has over {MAX_CALL_BYTES} bytes"), sink)?;
                break;
            }
            for text in by_voice(text) {
                lines.push(CueLine { start_ms, is_first, text: text.to_owned() });
                is_first = false;
            }
        }
    }
    Ok((lines, number))
}

fn fault(row: u64, text: String, sink: &mut dyn Sink) -> anyhow::Result<()> {
    let fields = Err(Fault::new(text));
    sink.take(Record { file: None, row, origin: Origin::Call, fields })
}

/// `01:02:03.004`, `02:03.004` or with a comma, in milliseconds.
fn milliseconds(code: &str) -> Option<i64> {
    let (clock, fraction) = code.split_once(['.', ','])?;
    let mut total: i64 = 0;
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    for part in parts {
        let value: u32 = part.parse().ok()?;
        total = total.checked_mul(60)?.checked_add(value.into())?;
    }
    let millis: u32 = fraction.get(..3)?.parse().ok()?;
    total.checked_mul(1000)?.checked_add(millis.into())
}

/// The turns of a call, by who is named in the lines of its cues: `<v Klant>Goedemorgen</v>` or `Klant: Goedemorgen`.
fn turns(lines: &[CueLine], stated: &[String]) -> Vec<Turn> {
    let mut times_first: HashMap<String, usize> = HashMap::new();
    for line in lines.iter().filter(|line| line.is_first) {
        if let Some((label, _)) = labelled(&plain(&line.text)).filter(|(label, _)| is_label(label))
        {
            *times_first.entry(label.to_owned()).or_default() += 1;
        }
    }
    let stated: HashSet<String> = stated.iter().map(|label| label.to_lowercase()).collect();
    let is_stated = |label: &str| stated.contains(&label.to_lowercase());
    let comes_back = |label: &str| times_first.get(label).is_some_and(|times| *times > 1);
    let is_speaker = |label: &str| match label.starts_with(char::is_lowercase) {
        // `klant`, `spk_0`: a sentence seldom begins twice with a small letter and a colon.
        true => !label.contains(' ') && !is_opening(label) && comes_back(label),
        false => is_label(label) && (is_name(label) || comes_back(label)),
    };
    let mut turns = Vec::new();
    let mut has_voice = false;
    for line in lines {
        has_voice &= !line.is_first;
        let (speaker, words) = match voice(&line.text) {
            Some((name, words)) => {
                has_voice = true;
                (Some(name.to_owned()), plain(words))
            }
            None => {
                let words = plain(&line.text);
                // What is named by a tag needs no label: a colon there is the speaker's own.
                match labelled(&words) {
                    Some((label, rest)) if is_stated(label) || !has_voice && is_speaker(label) => {
                        (Some(label.to_owned()), rest.to_owned())
                    }
                    _ => (None, words),
                }
            }
        };
        if !words.is_empty() {
            add(&mut turns, Turn { speaker, start_ms: line.start_ms, text: words });
        }
    }
    turns
}

/// The parts of a line, of which each but the first begins with a speaker's tag.
fn by_voice(line: &str) -> Vec<&str> {
    let tags = line.match_indices("<v").filter(|(at, _)| voice(&line[*at..]).is_some());
    let mut cuts: Vec<usize> = tags.map(|(at, _)| at).collect();
    cuts.insert(0, 0);
    cuts.push(line.len());
    let parts = cuts.windows(2).map(|cut| line[cut[0]..cut[1]].trim());
    parts.filter(|part| !part.is_empty()).collect()
}

/// The speaker of WebVTT's own tag, and what follows it.
fn voice(line: &str) -> Option<(&str, &str)> {
    let tag = line.strip_prefix("<v")?;
    let end = tag.bytes().take(MAX_TAG_BYTES).position(|byte| byte == b'>')?;
    let (head, words) = (&tag[..end], &tag[end + 1..]);
    let (_, name) = head.split_once(' ').filter(|_| head.starts_with([' ', '.']))?;
    let name = name.trim();
    (!name.is_empty()).then_some((name, words))
}

/// What stands before the first colon of a line, without the brackets of WhisperX, and what follows it.
fn labelled(words: &str) -> Option<(&str, &str)> {
    let (label, rest) = words.split_once(": ")?;
    let inner = label.strip_prefix('[').and_then(|label| label.strip_suffix(']'));
    Some((inner.unwrap_or(label), rest.trim()))
}

/// Whether the words before a colon may be a speaker: few and short.
fn is_label(label: &str) -> bool {
    label.chars().count() <= MAX_LABEL_CHARS
        && label.split(' ').count() <= MAX_LABEL_WORDS
        && label.chars().any(char::is_alphabetic)
        && label.chars().all(|c| c.is_alphanumeric() || " _-().,'’&".contains(c))
        && label.starts_with(char::is_alphanumeric)
}

/// Whether a label is a name and no start of a sentence: each word has a capital or a number, but for those that names
/// have in the middle.
fn is_name(label: &str) -> bool {
    !is_opening(label)
        && label.split(' ').all(|word| {
            let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
            word.is_empty()
                || word.starts_with(|c: char| c.is_uppercase() || c.is_numeric())
                || PARTICLES.contains(&word)
        })
}

fn is_opening(label: &str) -> bool {
    OPENINGS.split(' ').any(|word| word == label.to_lowercase())
}

/// Without tags and with its entities read.
fn plain(text: &str) -> String {
    let (mut words, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        // A tag is short and begins with its name; any other `<` is a sign of its own.
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
        match tag.bytes().take(65).position(|byte| byte == b'>').filter(|_| is_tag) {
            Some(end) => rest = &tag[end + 1..],
            None => {
                words.push('<');
                rest = tag;
            }
        }
    }
    words.push_str(rest);
    for (entity, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")] {
        words = words.replace(entity, sign);
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Kept;

    fn messages(kept: &Kept) -> Vec<(String, String)> {
        let fields = kept.records.last().expect("a record").fields.as_ref().expect("a call");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = fields["messages"].as_array().expect("messages");
        list.iter().map(|m| (text(&m["speaker"]), text(&m["text"]))).collect()
    }

    fn cues(text: &str) -> Kept {
        cues_with(text, &[])
    }

    fn cues_with(text: &str, stated: &[&str]) -> Kept {
        let stated: Vec<String> = stated.iter().map(|label| (*label).to_owned()).collect();
        let mut kept = Kept::default();
        read_cues(text.as_bytes(), "call", &stated, &mut kept).expect("readable");
        kept
    }

    /// Who speaks in a file of these cues, and what.
    fn spoken(cues: &[&str], stated: &[&str]) -> Vec<(String, String)> {
        let cue = |cue: &&str| format!("00:01.000 --> 00:02.000\n{cue}\n\n");
        let text = "WEBVTT\n\n".to_owned() + &cues.iter().map(cue).collect::<String>();
        messages(&cues_with(&text, stated))
    }

    #[test]
    fn turns_of_webvtt_and_srt_are_joined_per_speaker() {
        let expected =
            [("Agent", "Goedemorgen, waarmee kan ik helpen?"), ("Klant", "Ik wacht al weken.")]
                .map(|(who, what)| (who.to_owned(), what.to_owned()));
        let vtt = "\u{feff}WEBVTT\n\nNOTE iets\n\n1\n00:00.000 --> 00:02.000\n<v Agent>Goedemorgen,</v>\n\n\
                   00:02.000 --> 00:03.000 align:start\n<v.luid Agent>waarmee kan ik <i>helpen</i>?\n\n\
                   00:04.000 --> 00:05.000\n<v Klant>Ik wacht al weken.\n";
        assert_eq!(messages(&cues(vtt)), expected);
        let srt = "1\r\n00:00:00,000 --> 00:00:02,000\r\nAgent: Goedemorgen,\r\nwaarmee kan ik helpen?\r\n\r\n\
                   2\r\n00:00:04,000 --> 00:00:05,000\r\nKlant: Ik wacht al weken.\r\n";
        assert_eq!(messages(&cues(srt)), expected);
    }

    #[test]
    fn a_name_before_a_colon_is_a_speaker_and_the_start_of_a_sentence_is_none() {
        for name in [
            "SPEAKER_00",
            "Klant",
            "Speaker 1",
            "Piet Jansen",
            "Jan van den Berg",
            "Jan de Vries (Extern)",
            "J.P. de Vries",
            "Vries, Jan de",
            "Noor in 't Veld",
            "Sinéad O'Brien & Co.",
        ] {
            for label in [name.to_owned(), format!("[{name}]")] {
                let cues = ["Agent: Hallo.", &format!("{label}: Waar blijft het?")];
                let expected = [("Agent", "Hallo."), (name, "Waar blijft het?")]
                    .map(|(a, b)| (a.into(), b.into()));
                assert_eq!(spoken(&cues, &[]), expected, "{label}");
            }
        }
        for sentence in [
            "Let op: het is dicht.",
            "Ten eerste: niemand belt.",
            "I said: no.",
            "Eén ding: de rekening.",
            "Kortom: niemand belt.",
            "ik zei: nee.",
            "Weet je wat ik zei: nee.",
            "Wat ik u nog wilde zeggen: nee.",
            "Zij schreef \"Beste Jan\": en verder niets.",
        ] {
            let all = format!("Hallo. {sentence}");
            let expected = [("Agent".to_owned(), all)];
            assert_eq!(spoken(&["Agent: Hallo.", sentence], &[]), expected);
            assert_eq!(spoken(&[&format!("Agent: Hallo.\n{sentence}")], &[]), expected);
            assert_eq!(spoken(&[&format!("<v Agent>Hallo.\n{sentence}</v>")], &[]), expected);
        }
    }

    #[test]
    fn a_label_is_a_speaker_if_it_was_stated_or_comes_back() {
        let who = |cues: &[&str], stated: &[&str]| -> Vec<String> {
            spoken(cues, stated).into_iter().map(|(who, _)| who).collect()
        };
        let cues = ["Agent: Hoi.", "de klant aan de lijn vandaag: Hoi."];
        assert_eq!(who(&cues, &[]), ["Agent"]);
        assert_eq!(
            who(&cues, &["De klant aan de lijn vandaag"]),
            ["Agent", "de klant aan de lijn vandaag"]
        );
        let cues = ["Medewerker balie: Hoi.", "Klant: Hoi.", "Medewerker balie: Dag."];
        assert_eq!(who(&cues, &[]), ["Medewerker balie", "Klant", "Medewerker balie"]);
        let cues = ["Agent: Hoi.", "klant: Hoi.", "Agent: Dag.", "klant: Dag."];
        assert_eq!(who(&cues, &[]), ["Agent", "klant", "Agent", "klant"]);
        let cues = ["Agent: Hoi.", "vraag: wanneer?", "vraag: waar?", "nou ja: dag", "nou ja: hoi"];
        assert_eq!(who(&cues, &[]), ["Agent"]);
    }

    #[test]
    fn several_speakers_of_one_cue_are_told_apart() {
        let expected = [("Agent", "Hoi."), ("Klant", "Dag.")].map(|(a, b)| (a.into(), b.into()));
        assert_eq!(spoken(&["Agent: Hoi.\nKlant: Dag."], &[]), expected);
        assert_eq!(spoken(&["<v Agent>Hoi.</v>\n<v Klant>Dag.</v>"], &[]), expected);
        assert_eq!(spoken(&["<v Agent>Hoi.</v> <v Klant>Dag.</v>"], &[]), expected);
        assert_eq!(spoken(&["<v Agent>Hoi. <v.luid Klant>Dag."], &[]), expected);
        let unclosed = "<v ".repeat(1 << 19);
        assert_eq!(spoken(&[&unclosed], &[]).len(), 1, "found in time by its length alone");
        assert_eq!(spoken(&["<v Agent>Hoi.</v>\nKlant: Dag."], &["klant"]), expected);
        assert_eq!(spoken(&["<v Jan>Kort.\nVraag: waar blijft het?</v>"], &[]).len(), 1);
    }

    #[test]
    fn a_bad_time_code_is_an_error_of_its_line_and_the_rest_is_read() {
        let kept = cues(
            "WEBVTT\n\n00:xx --> 00:02.000\nKlant: Hoi\n\n00:02.000 --> 00:03.000\nKlant: Dag\n",
        );
        assert_eq!(kept.rows(), [3, 1]);
        assert_eq!(messages(&kept), [("Klant".to_owned(), "Dag".to_owned())]);
        assert_eq!(cues("WEBVTT\n").faults().len(), 1);
    }

    #[test]
    fn signs_that_are_spoken_are_no_tag_and_no_time_code() {
        let spoken = "Ga naar Instellingen --> Account als het < 50 euro is en > 20 euro";
        let kept =
            cues(&format!("WEBVTT\n\n00:01.000 --> 00:02.000\nKlant: <i>{spoken}</i>\nDag\n"));
        assert_eq!(messages(&kept), [("Klant".to_owned(), format!("{spoken} Dag"))]);
        assert!(kept.faults().is_empty());
    }

    #[test]
    fn diarised_json_has_times_where_the_call_has_one() {
        let object = json!({"interaction": "c1", "at": "2-3-2026 10:00", "segments": [
            {"speaker": "SPEAKER_00", "start": 0.5, "end": 1.0, "text": " Hallo"},
            {"speaker": "SPEAKER_00", "start": 1.5, "text": "daar"},
            {"speaker": 1, "start": 61.0, "transcript": "Dag"}]});
        let Value::Object(object) = object else { panic!("an object") };
        assert!(is_transcript(&object));
        let with = |messages: Value| {
            let mut object = object.clone();
            object.insert("messages".to_owned(), messages);
            is_transcript(&object)
        };
        assert!(with(Value::Null) && !with(json!([])));
        let error = interaction(object.clone(), &Times::default()).expect_err("no offset");
        assert!(error.0.starts_with("`at` is `9-9-9999 99:99`, a time without"), "{error}");
        let mut undated = object.clone();
        undated.insert("at".to_owned(), json!(""));
        let call = interaction(undated, &Times::default()).expect("a call without a time");
        assert!(call["messages"][0]["at"].is_null());
        let dutch = Times::new(Some("Europe/Amsterdam"), None).expect("a zone");
        let call = interaction(object, &dutch).expect("a call");
        assert_eq!(call["messages"][0]["text"], "Hallo daar");
        assert_eq!(call["messages"][1]["at"], "2026-03-02T09:01:01Z");
        assert_eq!(call["messages"][1]["speaker"], "1");
    }

    #[test]
    fn whole_numbers_that_make_no_call_in_seconds_are_milliseconds() {
        for (start, end, expected) in [
            (json!(61_000), json!(121_000), "2026-01-05T09:01:01Z"),
            (json!(61), json!(121), "2026-01-05T09:01:01Z"),
            (json!(1500), json!(1800), "2026-01-05T09:00:01.5Z"),
            (json!(61.0), json!(121.5), "2026-01-05T09:01:01Z"),
            (json!("00:01:01"), json!("00:02:01"), "2026-01-05T09:01:01Z"),
            (json!("01:01.500"), json!(null), "2026-01-05T09:01:01.5Z"),
            (json!("nu"), json!(null), "2026-01-05T09:00:00Z"),
            // Nobody counts in parts of a millisecond.
            (json!(3600), json!(90_000.5), "2026-01-05T10:00:00Z"),
        ] {
            let object = json!({"at": "2026-01-05T09:00:00Z", "utterances": [
                {"speaker": "A", "text": "Dag", "start": start, "end": end}]});
            let Value::Object(object) = object else { panic!("an object") };
            let call = interaction(object, &Times::default()).expect("a call");
            assert_eq!(call["messages"][0]["at"], expected, "{start} {end}");
        }
    }
}
