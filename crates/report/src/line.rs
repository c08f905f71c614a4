//! What does one line of `judge` say? Errors name the field and the kind of value, never the value:
//! a file that is mixed up with another may hold message text.

use std::io::{self, BufRead, Read};

use beleving::{Contact, Intent};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Version of the lines that this crate reads.
const SCHEMA: u64 = 1;
/// A line longer than this is not read.
const MAX_LINE_BYTES: u64 = 16 << 20;

/// Hands over the lines that hold anything, numbered from 1 and without a byte order mark; one that is too long as an error.
pub(crate) fn each_line(
    mut lines: impl BufRead,
    mut take: impl FnMut(u64, Result<&[u8], LineError>) -> io::Result<()>,
) -> io::Result<()> {
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        let found = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if found == 0 {
            break;
        }
        if found as u64 == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
            lines.skip_until(b'\n')?;
            take(row, Err(LineError::new("is longer than 16 MiB")))?;
            continue;
        }
        let line = line.trim_ascii();
        let line = if row == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        if !line.is_empty() {
            take(row, Ok(line))?;
        }
    }
    Ok(())
}

/// One line of `judge`.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// A judged interaction.
    Verdict(Box<Verdict>),
    /// A row that could not be scored.
    Failed(Failure),
}

/// What a report reads of a row that could not be scored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failure {
    /// Kind of its error.
    pub(crate) kind: String,
    pub(crate) file: Option<String>,
    /// What the message or its interaction is called.
    pub(crate) name: Option<String>,
    pub(crate) row: Option<u64>,
}

/// What a report reads of a judged interaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub(crate) interaction: String,
    pub(crate) customer: Option<String>,
    pub(crate) channel: Option<String>,
    /// Only where `judge` passed it through (`--keep sector`).
    pub(crate) sector: Option<String>,
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
    pub(crate) messages: u64,
    pub(crate) failed: u64,
    /// `None` where nothing could be assessed.
    pub(crate) risk: Option<f64>,
    pub(crate) flagged: bool,
    pub(crate) experience: Option<u8>,
    pub(crate) turned: Option<Place>,
    pub(crate) worst: Option<Place>,
    pub(crate) touchpoint: Option<Touchpoint>,
    pub(crate) signals: Option<Signals>,
    /// The likeliest intent.
    pub(crate) intent: Option<String>,
    /// Known intents of at least [`Contact::INTENT_AT`].
    pub(crate) intents: Vec<Intent>,
    pub(crate) recovered: bool,
    pub(crate) rework: bool,
    pub(crate) praise: bool,
    pub(crate) longest_hours: Option<f64>,
    pub(crate) handoffs: u64,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) model: String,
    pub(crate) policy: String,
    /// Of what the policy says; two may have one name.
    pub(crate) policy_hash: Option<String>,
}

impl Verdict {
    /// Whether it went bad at any time, however it ended.
    pub(crate) fn went_bad(&self) -> bool {
        self.flagged || self.recovered || self.turned.is_some()
    }
}

/// A message of an interaction, by its place and, where it has one, its id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    pub(crate) message: u64,
    pub(crate) id: Option<String>,
}

impl Place {
    /// The id, or else the place: messages without ids are named by their place.
    pub(crate) fn name(&self) -> String {
        self.id.clone().unwrap_or_else(|| self.message.to_string())
    }

    /// The id, or, of messages that are named by their place, how people count it: from 1.
    pub(crate) fn spoken(&self) -> String {
        let place = self.message.to_string();
        self.id.clone().filter(|id| *id != place).unwrap_or_else(|| (self.message + 1).to_string())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Touchpoint {
    pub(crate) place: Place,
    pub(crate) role: Option<String>,
    pub(crate) silence: bool,
}

/// Probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signals {
    pub(crate) repeat_contact: f64,
    pub(crate) relationship_at_risk: f64,
    pub(crate) escalation: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reason {
    pub(crate) kind: String,
    pub(crate) place: Place,
    /// `[start, end)` in Unicode scalar values.
    pub(crate) span: Option<[usize; 2]>,
    pub(crate) weight: f64,
}

/// Why a line cannot be read: which field, what was found, what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LineError(String);

impl LineError {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Line {
    /// Reads a line of JSON.
    ///
    /// # Errors
    /// If it is no JSON object, or a field is missing or has a value that cannot be.
    pub fn parse(json: &[u8]) -> Result<Self, LineError> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Self::of(&fields),
            Ok(other) => Err(LineError(format!("is {}, expected an object", kind(&other)))),
            Err(e) if e.is_eof() => Err(LineError(format!("ends early, at byte {}", json.len()))),
            Err(e) => Err(LineError(format!("is not JSON from byte {} on", e.column()))),
        }
    }

    fn of(fields: &Map<String, Value>) -> Result<Self, LineError> {
        let top = Fields { fields, within: None };
        if let Some(error) = top.object("error")? {
            return Ok(Self::Failed(Failure {
                kind: error.text("kind")?.unwrap_or_else(|| "unknown".to_owned()),
                file: top.text("file")?,
                name: top.text("id")?.or(top.text("interaction")?),
                row: top.count("row")?,
            }));
        }
        if let Some(found) = top.count("schema")?.filter(|found| *found != SCHEMA) {
            return Err(LineError(format!("`schema` is {found}, expected {SCHEMA}")));
        }
        if !fields.contains_key("reasons") && fields.contains_key("sentiment") {
            return Err(LineError("is a line of `score`, expected one of `judge`".to_owned()));
        }
        let assessable = top.required(top.truth("assessable")?, "assessable")?;
        let risk = top.fraction("risk")?;
        if assessable && risk.is_none() {
            return Err(LineError("`risk` is null although `assessable` is true".to_owned()));
        }
        let waiting = top.object("waiting")?;
        let longest_hours = match waiting {
            Some(waiting) => waiting.number("longest_hours")?.filter(|hours| *hours >= 0.0),
            None => None,
        };
        let intents = top.object("intents")?;
        let (intent, intents) = match intents {
            Some(intents) => intents.intents()?,
            None => (None, Vec::new()),
        };
        Ok(Self::Verdict(Box::new(Verdict {
            interaction: top.required(top.text("interaction")?, "interaction")?,
            customer: top.text("customer")?,
            channel: top.text("channel")?,
            sector: top.text("sector")?,
            start: top.time("start")?,
            end: top.time("end")?,
            messages: top.count("messages")?.unwrap_or(0),
            failed: top.count("failed")?.unwrap_or(0),
            risk: risk.filter(|_| assessable),
            flagged: top.required(top.truth("flagged")?, "flagged")?,
            experience: match top.count("experience")? {
                Some(mark @ 1..=5) => Some(mark as u8),
                Some(_) => return Err(top.wrong("experience", "out of range", "1 to 5")),
                None => None,
            },
            turned: top.object("turned")?.map(|turned| turned.place()).transpose()?,
            worst: top.object("worst")?.map(|worst| worst.place()).transpose()?,
            touchpoint: top.object("touchpoint")?.map(|t| t.touchpoint()).transpose()?,
            signals: top.object("signals")?.map(|s| s.signals()).transpose()?,
            intent,
            intents,
            rework: top.truth("rework")?.unwrap_or(false),
            recovered: top.truth("recovered")?.unwrap_or(false),
            praise: top.truth("praise")?.unwrap_or(false),
            longest_hours,
            handoffs: top.count("handoffs")?.unwrap_or(0),
            reasons: top.reasons()?,
            model: top.required(top.text("model")?, "model")?,
            policy: top.required(top.text("policy")?, "policy")?,
            policy_hash: top.text("policy_hash")?,
        })))
    }
}

/// The fields of an object, read by name and kind. Null and a missing field are the same.
struct Fields<'a> {
    fields: &'a Map<String, Value>,
    /// The field of the line that holds them; `None` for the line itself.
    within: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// A field's name in errors.
    fn path(&self, name: &str) -> String {
        self.within.map_or_else(|| name.to_owned(), |within| format!("{within}.{name}"))
    }

    fn wrong(&self, name: &str, found: &str, expected: &str) -> LineError {
        LineError(format!("`{}` is {found}, expected {expected}", self.path(name)))
    }

    fn required<T>(&self, value: Option<T>, name: &str) -> Result<T, LineError> {
        value.ok_or_else(|| LineError(format!("`{}` is missing", self.path(name))))
    }

    fn get<T>(
        &self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, LineError> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => match read(value) {
                Some(found) => Ok(Some(found)),
                None => Err(self.wrong(name, kind(value), expected)),
            },
        }
    }

    /// A text that is not empty.
    fn text(&self, name: &str) -> Result<Option<String>, LineError> {
        let text = self.get(name, "a string", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })?;
        Ok(text.filter(|text| !text.trim().is_empty()))
    }

    fn truth(&self, name: &str) -> Result<Option<bool>, LineError> {
        self.get(name, "true or false", Value::as_bool)
    }

    fn count(&self, name: &str) -> Result<Option<u64>, LineError> {
        self.get(name, "a whole number", Value::as_u64)
    }

    fn number(&self, name: &str) -> Result<Option<f64>, LineError> {
        self.get(name, "a number", |value| value.as_f64().filter(|number| number.is_finite()))
    }

    fn fraction(&self, name: &str) -> Result<Option<f64>, LineError> {
        match self.number(name)? {
            Some(p) if !(0.0..=1.0).contains(&p) => Err(self.wrong(name, "out of range", "0 to 1")),
            p => Ok(p),
        }
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, LineError> {
        self.get(name, "a time such as 2026-01-31T09:30:00Z", |value| value.as_str()?.parse().ok())
    }

    fn object(&self, name: &'a str) -> Result<Option<Fields<'a>>, LineError> {
        let object = self.get(name, "an object", Value::as_object)?;
        Ok(object.map(|fields| Fields { fields, within: Some(name) }))
    }

    fn place(&self) -> Result<Place, LineError> {
        Ok(Place {
            message: self.required(self.count("message")?, "message")?,
            id: self.text("id")?,
        })
    }

    fn touchpoint(&self) -> Result<Touchpoint, LineError> {
        Ok(Touchpoint {
            place: self.place()?,
            role: self.text("role")?,
            silence: self.truth("silence")?.unwrap_or(false),
        })
    }

    fn signals(&self) -> Result<Signals, LineError> {
        let p = |name| Ok(self.fraction(name)?.unwrap_or(0.0));
        Ok(Signals {
            repeat_contact: p("repeat_contact")?,
            relationship_at_risk: p("relationship_at_risk")?,
            escalation: p("escalation")?,
        })
    }

    /// The likeliest intent, and the known ones of at least [`Contact::INTENT_AT`].
    fn intents(&self) -> Result<(Option<String>, Vec<Intent>), LineError> {
        let mut best: Option<(f64, &String)> = None;
        let mut likely = Vec::new();
        for name in self.fields.keys() {
            let Some(p) = self.fraction(name)? else { continue };
            if best.is_none_or(|(most, _)| p > most) {
                best = Some((p, name));
            }
            if p >= Contact::INTENT_AT.into() {
                likely.extend(name.parse::<Intent>());
            }
        }
        likely.sort();
        Ok((best.map(|(_, name)| name.clone()), likely))
    }

    fn reasons(&self) -> Result<Vec<Reason>, LineError> {
        let list = self.get("reasons", "a list", Value::as_array)?;
        list.into_iter().flatten().map(|reason| self.reason(reason)).collect()
    }

    fn reason(&self, value: &'a Value) -> Result<Reason, LineError> {
        let Some(fields) = value.as_object() else {
            return Err(self.wrong("reasons", "a list of other things", "a list of objects"));
        };
        let reason = Fields { fields, within: Some("reasons") };
        let span = reason.get("span", "two whole numbers", |value| {
            let [start, end] = value.as_array()?.as_slice() else { return None };
            let span = [start.as_u64()?.try_into().ok()?, end.as_u64()?.try_into().ok()?];
            (span[0] <= span[1]).then_some(span)
        })?;
        Ok(Reason {
            kind: reason.required(reason.text("kind")?, "kind")?,
            place: reason.place()?,
            span,
            weight: reason.number("weight")?.unwrap_or(0.0),
        })
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"schema":1,"interaction":"i1","customer":"c9","channel":"email",
        "start":"2026-01-05T09:00:00Z","end":"2026-01-09T09:00:00Z","messages":5,"failed":0,
        "assessable":true,"risk":0.91,"flagged":true,"experience":2,
        "turned":{"message":1,"id":"m2","risk_before":0.22,"risk_after":0.71},
        "worst":{"message":3,"id":"m4","risk":0.88},
        "touchpoint":{"message":0,"id":"m1","role":"planner","silence":false},
        "signals":{"repeat_contact":0.95,"relationship_at_risk":0.4,"escalation":0.1,"problem_stated":0.8},
        "intents":{"status_chase":0.6,"complaint":0.7},"recovered":false,"praise":false,
        "waiting":{"longest_hours":312.5,"no_answer_seen":false},"handoffs":1,
        "reasons":[{"kind":"customer_says_promise_broken","message":3,"id":"m4","span":[12,48],"weight":0.4}],
        "model":"m@1","policy":"p@1"}"#;

    fn verdict(json: &str) -> Verdict {
        match Line::parse(json.as_bytes()).expect("reads") {
            Line::Verdict(verdict) => *verdict,
            Line::Failed(failure) => panic!("{failure:?}"),
        }
    }

    #[test]
    fn a_whole_line_is_read() {
        let found = verdict(WHOLE);
        assert_eq!(found.intent.as_deref(), Some("complaint"));
        assert_eq!(found.intents, [Intent::Complaint, Intent::StatusChase]);
        assert_eq!(found.customer.as_deref(), Some("c9"));
        assert_eq!(found.turned.map(|turned| turned.name()).as_deref(), Some("m2"));
        assert_eq!(found.touchpoint.and_then(|t| t.role).as_deref(), Some("planner"));
        assert_eq!(found.longest_hours, Some(312.5));
        assert_eq!(
            (found.reasons[0].place.name(), found.reasons[0].span),
            ("m4".to_owned(), Some([12, 48]))
        );
        assert_eq!(found.experience, Some(2));
    }

    #[test]
    fn a_row_that_failed_is_no_verdict() {
        let line = r#"{"id":"m1","row":17,"error":{"kind":"input","message":"`text` is missing"}}"#;
        let (kind, name) = ("input".to_owned(), Some("m1".to_owned()));
        let failure = Failure { kind, file: None, name, row: Some(17) };
        assert_eq!(Line::parse(line.as_bytes()), Ok(Line::Failed(failure)));
        let odd = Line::parse(br#"{"error":{"kind":{}}}"#).expect_err("no kind").to_string();
        assert!(odd.starts_with("`error.kind` is an object"), "{odd}");
    }

    #[test]
    fn errors_name_the_field_and_quote_no_value() {
        for (from, to, says) in [
            ("\"risk\":0.91", "\"risk\":\"canary\"", "`risk` is a string, expected a number"),
            ("\"risk\":0.91", "\"risk\":1.5", "`risk` is out of range, expected 0 to 1"),
            ("\"risk\":0.91", "\"risk\":null", "`risk` is null although"),
            ("\"schema\":1", "\"schema\":9", "`schema` is 9, expected 1"),
            ("\"span\":[12,48]", "\"span\":[48,12]", "`reasons.span` is a list"),
            ("\"start\":\"2026-01-05T09:00:00Z\"", "\"start\":\"canary\"", "`start` is a string"),
            ("\"flagged\":true,", "", "`flagged` is missing"),
            ("\"experience\":2", "\"experience\":9", "`experience` is out of range"),
            ("\"role\":\"planner\"", "\"role\":{\"canary\":1}", "`touchpoint.role` is an object"),
            ("{\"schema\"", "{canary\"schema\"", "is not JSON from byte 2 on"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let error =
                Line::parse(WHOLE.replace(from, to).as_bytes()).expect_err(says).to_string();
            assert!(error.contains(says) && !error.contains("canary"), "{error}");
        }
        let scored = br#"{"schema":1,"id":"m1","sentiment":{},"risk":0.2}"#;
        let error = Line::parse(scored).expect_err("a score line").to_string();
        assert!(error.contains("line of `score`"), "{error}");
    }
}
