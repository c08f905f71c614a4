//! Which interactions are worth reading? The clearest ones, but of many kinds: three of the same teach less than
//! three of different roles and questions.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead, Read};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::collect::shortened;
use crate::line::{Place, Verdict};

/// So many are kept of each kind.
const OF_A_KIND: usize = 2;
/// So many kinds are kept.
const MAX_KINDS: usize = 500;
/// A line with texts that is longer is not searched.
const MAX_LINE_BYTES: u64 = 64 << 20;

/// An interaction worth reading: what happened, what was said, what was done, what it left behind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// Name of the interaction.
    pub interaction: String,
    /// Day it began, in UTC.
    pub day: Option<String>,
    /// Channel.
    pub channel: Option<String>,
    /// The likeliest intent.
    pub intent: Option<String>,
    /// Number of messages.
    pub messages: u64,
    /// Longest wait for an answer, in hours.
    pub longest_hours: Option<f64>,
    /// How often the role that answers changed.
    pub handoffs: u64,
    /// The message at which it turned.
    pub turned: Option<String>,
    /// The message that shows it most.
    pub worst: Option<String>,
    /// The role the customer reacts to.
    pub role: Option<String>,
    /// Whether the customer reacts to silence.
    pub silence: bool,
    /// The message of staff that the customer reacts to, or that waited for an answer.
    pub touchpoint: Option<String>,
    /// Kinds of reasons, strongest first, each once.
    pub reasons: Vec<String>,
    /// Mark from 1 to 5.
    pub experience: Option<u8>,
    /// Probability of a bad experience.
    pub risk: f64,
    /// Whether the customer may leave, has asked before, or asks for a manager (each from 0.5 on).
    pub leaves: Leaves,
    /// Whether it went bad and was put right.
    pub recovered: bool,
    /// Whether the customer thanks.
    pub praise: bool,
    /// Where the strongest reason stands in the worst message.
    #[serde(skip)]
    pub(crate) span: Option<[usize; 2]>,
    /// Text of the worst message; only where texts were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Quote>,
    /// Text of the touchpoint; only where texts were given and it is no silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Quote>,
}

/// Text of a message. It is customer data, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Quote(pub(crate) String);

impl std::fmt::Debug for Quote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Quote({} bytes)", self.0.len())
    }
}

/// What an interaction leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Leaves {
    /// The customer announces to leave, or has lost trust.
    pub relationship_at_risk: bool,
    /// The customer had to ask again.
    pub repeat_contact: bool,
    /// The customer asks for a manager or threatens steps.
    pub escalation: bool,
}

/// Candidates, best first, by kind.
#[derive(Default)]
pub(crate) struct Shelf {
    bad: BTreeMap<[String; 2], Vec<(f64, Moment)>>,
    good: BTreeMap<[String; 2], Vec<(f64, Moment)>>,
}

impl Shelf {
    pub(crate) fn offer(&mut self, verdict: Verdict, risk: f64) {
        let praised = verdict.praise && verdict.experience.is_some_and(|mark| mark >= 4);
        if verdict.flagged {
            let source = match &verdict.touchpoint {
                Some(touchpoint) if touchpoint.silence => "silence".to_owned(),
                Some(touchpoint) => touchpoint.role.clone().unwrap_or_default(),
                None => String::new(),
            };
            // An interaction that can be followed from cause to outcome teaches more.
            let signals =
                verdict.signals.map_or(0.0, |s| s.repeat_contact + s.relationship_at_risk);
            let told = f64::from(u8::from(verdict.touchpoint.is_some()));
            keep(&mut self.bad, source, risk + 0.2 * signals + 0.3 * told, verdict, risk);
        } else if verdict.recovered || praised {
            let kind = if verdict.recovered { "recovered" } else { "praise" };
            let mark = f64::from(verdict.experience.unwrap_or(3));
            let length = verdict.messages.min(9) as f64 / 10.0;
            keep(&mut self.good, kind.to_owned(), mark + length, verdict, risk);
        }
    }

    /// The best of each source in turn, at most `n`.
    pub(crate) fn bad(&self, n: usize) -> Vec<Moment> {
        in_turn(&self.bad, n)
    }

    pub(crate) fn good(&self, n: usize) -> Vec<Moment> {
        in_turn(&self.good, n)
    }
}

fn keep(
    shelf: &mut BTreeMap<[String; 2], Vec<(f64, Moment)>>,
    source: String,
    worth: f64,
    verdict: Verdict,
    risk: f64,
) {
    let kind = [shortened(&source), shortened(verdict.intent.as_deref().unwrap_or_default())];
    if shelf.len() >= MAX_KINDS && !shelf.contains_key(&kind) {
        return;
    }
    let kept = shelf.entry(kind).or_default();
    if kept.len() == OF_A_KIND && kept.last().is_some_and(|(least, _)| *least >= worth) {
        return;
    }
    let place = kept.partition_point(|(more, _)| *more >= worth);
    kept.insert(place, (worth, Moment::of(verdict, risk)));
    kept.truncate(OF_A_KIND);
}

fn in_turn(shelf: &BTreeMap<[String; 2], Vec<(f64, Moment)>>, n: usize) -> Vec<Moment> {
    let mut by_source: BTreeMap<&str, Vec<&(f64, Moment)>> = BTreeMap::new();
    for ([source, _], kept) in shelf {
        by_source.entry(source).or_default().extend(kept);
    }
    let mut sources: Vec<Vec<&(f64, Moment)>> = by_source.into_values().collect();
    for kept in &mut sources {
        kept.sort_by(|a, b| b.0.total_cmp(&a.0));
    }
    sources.sort_by(|a, b| b[0].0.total_cmp(&a[0].0));
    let longest = sources.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|round| sources.iter().filter_map(move |kept| kept.get(round)))
        .map(|(_, moment)| moment.clone())
        .take(n)
        .collect()
}

impl Moment {
    fn of(verdict: Verdict, risk: f64) -> Self {
        let worst = verdict.worst.as_ref().or(verdict.turned.as_ref());
        let span = verdict
            .reasons
            .iter()
            .filter(|reason| worst.is_some_and(|worst| worst.message == reason.message))
            .filter(|reason| reason.span.is_some())
            .max_by(|a, b| a.weight.total_cmp(&b.weight))
            .and_then(|reason| reason.span);
        let mut reasons: Vec<String> = Vec::new();
        for reason in &verdict.reasons {
            let kind = shortened(&reason.kind);
            if !reasons.contains(&kind) && reasons.len() < 5 {
                reasons.push(kind);
            }
        }
        let (role, silence, touchpoint) = match verdict.touchpoint {
            Some(touchpoint) => {
                (touchpoint.role, touchpoint.silence, Some(touchpoint.place.name()))
            }
            None => (None, false, None),
        };
        let sure = |read: fn(&crate::line::Signals) -> f64| {
            verdict.signals.as_ref().is_some_and(|signals| read(signals) >= 0.5)
        };
        Self {
            leaves: Leaves {
                relationship_at_risk: sure(|s| s.relationship_at_risk),
                repeat_contact: sure(|s| s.repeat_contact),
                escalation: sure(|s| s.escalation),
            },
            worst: worst.map(Place::name),
            turned: verdict.turned.as_ref().map(Place::name),
            interaction: verdict.interaction,
            day: verdict.start.map(|at| jiff::tz::TimeZone::UTC.to_datetime(at).date().to_string()),
            channel: verdict.channel.as_deref().map(shortened),
            intent: verdict.intent.as_deref().map(shortened),
            messages: verdict.messages,
            longest_hours: verdict.longest_hours,
            handoffs: verdict.handoffs,
            role: role.as_deref().map(shortened),
            silence,
            touchpoint,
            reasons,
            experience: verdict.experience,
            risk,
            recovered: verdict.recovered,
            praise: verdict.praise,
            span,
            said: None,
            done: None,
        }
    }

    /// The messages whose text a card shows.
    fn wanted(&self) -> impl Iterator<Item = (&str, &str)> {
        let messages = [self.worst.as_deref(), self.touchpoint.as_deref()];
        messages.into_iter().flatten().map(|message| (self.interaction.as_str(), message))
    }
}

/// Finds the texts of moments in a file of messages or of lines of `score` with `text`, and puts them in.
/// Lines that hold none are passed over. Gives how many moments got a text.
///
/// # Errors
/// If the reader fails.
pub(crate) fn fill_in_texts(moments: &mut [Moment], mut lines: impl BufRead) -> io::Result<usize> {
    let wanted: HashSet<(String, String)> = moments
        .iter()
        .flat_map(Moment::wanted)
        .map(|(interaction, message)| (interaction.to_owned(), message.to_owned()))
        .collect();
    let mut texts: HashMap<(String, String), String> = HashMap::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(&line) else { continue };
        let mut keep = |interaction: &str, message: String, fields: &Map<String, Value>| {
            let Some(Value::String(text)) = fields.get("text") else { return };
            let key = (interaction.to_owned(), message);
            if wanted.contains(&key) {
                texts.entry(key).or_insert_with(|| text.clone());
            }
        };
        let id = text_of(&fields, "id");
        let Some(interaction) = text_of(&fields, "interaction").or(id.clone()) else { continue };
        if let Some(Value::Array(messages)) = fields.get("messages") {
            for (index, message) in messages.iter().enumerate() {
                let Some(message) = message.as_object() else { continue };
                let name = text_of(message, "id").unwrap_or_else(|| index.to_string());
                keep(&interaction, name, message);
            }
        } else if let Some(id) = id {
            keep(&interaction, id, &fields);
        }
    }
    let mut found = 0;
    for moment in moments {
        let text = |message: &Option<String>| {
            let message = message.clone()?;
            texts.get(&(moment.interaction.clone(), message)).cloned().map(Quote)
        };
        let (said, done) = (text(&moment.worst), text(&moment.touchpoint));
        found += usize::from(said.is_some() || done.is_some());
        moment.said = said;
        // Silence follows the customer's own message: there is nothing that was done.
        moment.done = done.filter(|_| !moment.silence);
    }
    Ok(found)
}

fn text_of(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
