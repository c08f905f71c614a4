//! Which interactions are worth reading? The clearest ones, but of many kinds: three of the same teach less than
//! three of different roles and questions.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead};

use beleving::{GroupSizes, Speaker};
use beleving_archive::{Numbered, text_of_html};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::collect::shortened;
use crate::line::{Place, Reason, Touchpoint, Verdict, each_line};
use crate::tables::Source;

/// So many are kept of each kind.
const OF_A_KIND: usize = 2;
/// So many kinds are kept.
const MAX_KINDS: usize = 500;

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
    /// The message that is quoted: the worst, or that of the praise where nothing was wrong.
    #[serde(skip)]
    pub(crate) said_at: Option<Place>,
    /// The message of the touchpoint; where it is silence, nothing was done in it, whoever wrote it.
    #[serde(skip)]
    pub(crate) done_at: Option<Place>,
    /// Where the strongest reason stands in the message that is quoted.
    #[serde(skip)]
    pub(crate) span: Option<[usize; 2]>,
    /// Text of the worst message, or of the praise; only where texts were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Quote>,
    /// Text of the touchpoint; only where texts were given and it is no silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<Quote>,
}

/// Text of a message. It is customer data, so `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Quote {
    pub(crate) text: String,
    /// Tag of its language, where the file has one.
    #[serde(skip)]
    pub(crate) language: Option<String>,
}

impl std::fmt::Debug for Quote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Quote({} bytes)", self.text.len())
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
    bad: BTreeMap<Kind, Vec<Candidate>>,
    good: BTreeMap<Kind, Vec<Candidate>>,
}

/// What moments have in common that teach the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    /// Where the bad moment comes from, or what was good.
    source: &'static str,
    /// The role of a source that has one, however it is spelled.
    role: String,
    intent: String,
}

struct Candidate {
    /// How much it teaches, beside others of its shelf.
    worth: f64,
    moment: Moment,
}

impl Shelf {
    pub(crate) fn offer(&mut self, verdict: Verdict, risk: f64) {
        let praised = verdict.praise
            && !verdict.went_bad()
            && verdict.experience.is_some_and(|mark| mark >= 4);
        if verdict.flagged {
            let source = match &verdict.touchpoint {
                Some(touchpoint) if touchpoint.silence => Source::Silence,
                Some(Touchpoint { role: Some(_), .. }) => Source::Role,
                Some(_) => Source::Staff,
                None => Source::Opening,
            };
            // An interaction that can be followed from cause to outcome teaches more.
            let signals =
                verdict.signals.map_or(0.0, |s| s.repeat_contact + s.relationship_at_risk);
            let told = f64::from(verdict.touchpoint.is_some());
            keep(&mut self.bad, source.name(), risk + 0.2 * signals + 0.3 * told, verdict, risk);
        } else if verdict.recovered || praised {
            let kind = if verdict.recovered { "recovered" } else { "praise" };
            let mark = f64::from(verdict.experience.unwrap_or(3));
            let length = verdict.messages.min(9) as f64 / 10.0;
            keep(&mut self.good, kind, mark + length, verdict, risk);
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
    shelf: &mut BTreeMap<Kind, Vec<Candidate>>,
    source: &'static str,
    worth: f64,
    verdict: Verdict,
    risk: f64,
) {
    let intent = verdict.intent.as_deref().unwrap_or_default();
    let role = verdict.touchpoint.as_ref().and_then(|touchpoint| touchpoint.role.as_deref());
    let role = role.filter(|_| source == Source::Role.name()).unwrap_or_default();
    let role = GroupSizes::folded(&shortened(role));
    let kind = Kind { source, role, intent: shortened(intent) };
    if shelf.len() >= MAX_KINDS && !shelf.contains_key(&kind) {
        return;
    }
    let kept = shelf.entry(kind).or_default();
    // Equals by name: which came first depends on how an archive was split.
    let before = |other: &Candidate| {
        let more = other.worth.total_cmp(&worth);
        more.then_with(|| verdict.interaction.cmp(&other.moment.interaction)) != Ordering::Less
    };
    if kept.len() == OF_A_KIND && kept.last().is_some_and(before) {
        return;
    }
    let place = kept.partition_point(before);
    kept.insert(place, Candidate { worth, moment: Moment::of(verdict, risk) });
    kept.truncate(OF_A_KIND);
}

fn in_turn(shelf: &BTreeMap<Kind, Vec<Candidate>>, n: usize) -> Vec<Moment> {
    let mut by_source: BTreeMap<(&str, &str), Vec<&Candidate>> = BTreeMap::new();
    for (kind, kept) in shelf {
        by_source.entry((kind.source, &kind.role)).or_default().extend(kept);
    }
    let mut sources: Vec<Vec<&Candidate>> = by_source.into_values().collect();
    for kept in &mut sources {
        kept.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    }
    sources.sort_by(|a, b| b[0].worth.total_cmp(&a[0].worth));
    let longest = sources.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|round| sources.iter().filter_map(move |kept| kept.get(round)))
        .map(|candidate| candidate.moment.clone())
        .take(n)
        .collect()
}

impl Moment {
    fn of(verdict: Verdict, risk: f64) -> Self {
        let worst = verdict.worst.as_ref().or(verdict.turned.as_ref());
        let strongest = |a: &&Reason, b: &&Reason| a.weight.total_cmp(&b.weight);
        let said_at = worst.cloned().or_else(|| {
            let praise = verdict.reasons.iter().filter(|reason| reason.kind == "praise");
            praise.max_by(strongest).map(|reason| reason.place.clone())
        });
        let span = verdict
            .reasons
            .iter()
            .filter(|reason| said_at.as_ref().is_some_and(|at| at.message == reason.place.message))
            .filter(|reason| reason.span.is_some())
            .max_by(strongest)
            .and_then(|reason| reason.span);
        let mut reasons: Vec<String> = Vec::new();
        for reason in &verdict.reasons {
            let kind = shortened(&reason.kind);
            if !reasons.contains(&kind) && reasons.len() < 5 {
                reasons.push(kind);
            }
        }
        let (role, silence, touchpoint) = match verdict.touchpoint {
            Some(touchpoint) => (touchpoint.role, touchpoint.silence, Some(touchpoint.place)),
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
            touchpoint: touchpoint.as_ref().map(Place::name),
            said_at,
            done_at: touchpoint,
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
}

/// How many moments got a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextsFound {
    /// Moments that got one.
    pub found: usize,
    /// Moments that name a message to quote.
    pub wanted: usize,
    /// Why others got none, as far as the file shows it.
    pub why: Option<&'static str>,
}

/// A message of a moment's interaction in a file of texts.
struct Told {
    /// The line on which it stands.
    line: u64,
    id: Option<String>,
    /// What tells it from others of its number, if the id is its number within its line.
    numbered: Option<String>,
    /// Whether its id was made up as [`Numbered`] does.
    is_told_apart: bool,
    /// Whether the organisation answers, by a person or a program.
    answers: bool,
    text: Option<String>,
    language: Option<String>,
}

impl Told {
    fn of(line: u64, fields: &Map<String, Value>) -> Self {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        // A line of `score` has the text as it was read.
        let was_read = fields.contains_key("assessable");
        let html = text("text").filter(|_| !was_read).and_then(text_of_html);
        Self {
            line,
            id: text_of(fields, "id"),
            numbered: None,
            is_told_apart: false,
            answers: matches!(
                text("speaker").and_then(Speaker::of_label),
                Some(Speaker::Staff | Speaker::Bot)
            ),
            text: html.or_else(|| text("text").map(str::to_owned)),
            language: text("language").filter(|tag| is_language(tag)).map(str::to_owned),
        }
    }

    /// The messages of a nested interaction. One without an id is called by its number, as `judge` does.
    fn all_of(line: u64, messages: &[Value]) -> Vec<Self> {
        let nothing = Map::new();
        let fields = || messages.iter().map(|message| message.as_object().unwrap_or(&nothing));
        let ids: HashSet<String> = fields().filter_map(|fields| text_of(fields, "id")).collect();
        let told = |(index, fields): (usize, &Map<String, Value>)| {
            let told = Self::of(line, fields);
            let number = Some(index.to_string()).filter(|number| !ids.contains(number));
            if told.id.is_some() || number.is_none() {
                return told;
            }
            Self { id: number, numbered: serde_json::to_string(fields).ok(), ..told }
        };
        fields().enumerate().map(told).collect()
    }
}

/// Calls messages without an id that stand on several lines as `judge` does.
fn tell_apart(messages: &mut [Told]) {
    if messages.windows(2).all(|two| two[0].line == two[1].line) {
        return;
    }
    let with_id = messages.iter().filter(|told| told.numbered.is_none());
    let mut names = Numbered::beside(with_id.filter_map(|told| told.id.clone()).collect());
    for told in messages {
        if let (Some(id), Some(same)) = (&mut told.id, told.numbered.take()) {
            *id = names.name(id, same).to_owned();
            told.is_told_apart = true;
        }
    }
}

/// The message of an id, where there is one text of it: another interaction may have the same name.
fn of_id<'a>(messages: &'a [Told], id: &str) -> Option<&'a Told> {
    let mut found =
        messages.iter().filter(|told| told.id.as_deref() == Some(id) && told.text.is_some());
    let first = found.next()?;
    found.all(|other| other.text == first.text).then_some(first)
}

/// The message at a place, counted as `judge` does: in the order of the input, each id once. That it is the right one is
/// only likely if there are as many as were judged, and the speaker is the right one.
fn at_place(messages: &[Told], place: u64, judged: u64, answers: bool) -> Option<&Told> {
    let all = each_once(messages);
    let found = all.get(usize::try_from(place).ok()?)?;
    (all.len() as u64 == judged && found.answers == answers).then_some(found)
}

/// The messages, each id once.
fn each_once(messages: &[Told]) -> Vec<&Told> {
    let mut ids = HashSet::new();
    messages.iter().filter(|told| told.id.as_ref().is_none_or(|id| ids.insert(id))).collect()
}

/// Finds the texts of moments in a file of messages or of lines of `score` with `text`, and puts them in.
/// Lines that hold none are passed over.
///
/// # Errors
/// If the reader fails.
pub(crate) fn fill_in_texts(moments: &mut [Moment], lines: impl BufRead) -> io::Result<TextsFound> {
    let mut told: HashMap<String, Vec<Told>> =
        moments.iter().map(|moment| (moment.interaction.clone(), Vec::new())).collect();
    let (mut any_json, mut any_text, mut any_name) = (false, false, false);
    each_line(lines, |number, line| {
        let Ok(Ok(Value::Object(fields))) = line.map(serde_json::from_slice) else { return Ok(()) };
        any_json = true;
        let messages: Vec<Told> = match fields.get("messages") {
            Some(Value::Array(messages)) => Told::all_of(number, messages),
            _ => vec![Told::of(number, &fields)],
        };
        any_text |= messages.iter().any(|message| message.text.is_some());
        let name = text_of(&fields, "interaction").or_else(|| text_of(&fields, "id"));
        any_name |= name.is_some();
        if let Some(known) = name.and_then(|name| told.get_mut(&name)) {
            known.extend(messages);
        }
        Ok(())
    })?;
    told.values_mut().for_each(|messages| tell_apart(messages));
    let (mut found, mut wanted) = (0, 0);
    for moment in moments {
        let messages = &told[&moment.interaction];
        let text = |place: &Option<Place>, answers: bool| {
            let place = place.as_ref()?;
            let message = match &place.id {
                // That a made-up name is the one that `judge` gave is only likely if there are as many as were judged.
                Some(id) => of_id(messages, id).filter(|told| {
                    !told.is_told_apart || each_once(messages).len() as u64 == moment.messages
                })?,
                None => at_place(messages, place.message, moment.messages, answers)?,
            };
            Some(Quote { text: message.text.clone()?, language: message.language.clone() })
        };
        let done_at = moment.done_at.clone().filter(|_| !moment.silence);
        let (said, done) = (text(&moment.said_at, false), text(&done_at, true));
        wanted += usize::from(moment.said_at.is_some() || done_at.is_some());
        found += usize::from(said.is_some() || done.is_some());
        (moment.said, moment.done) = (said, done);
    }
    let any_known = told.values().any(|messages| !messages.is_empty());
    let why = match () {
        () if found == wanted => None,
        () if !any_json => Some(
            "it holds no JSON lines; `beleving score ARCHIVE --with-text -o FILE.jsonl` makes them of any format",
        ),
        () if !any_text => Some("none of its lines has a `text`"),
        () if !any_name => Some("its lines have neither `interaction` nor `id`"),
        () if !any_known => Some(
            "it names none of these interactions: is it of the same messages, and under the same key?",
        ),
        () => Some(
            "of some interactions it lacks the message, has several under its id, or more or fewer than were judged",
        ),
    };
    Ok(TextsFound { found, wanted, why })
}

/// Whether it may be the tag of a known language, such as `nl` or `nl-BE`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && first != "und"
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// A name as `judge` reads it: 12.0 is the name 12.
fn text_of(fields: &Map<String, Value>, name: &str) -> Option<String> {
    match fields.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
            _ => number.to_string(),
        }),
        _ => None,
    }
}
