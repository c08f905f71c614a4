//! Interactions worth reading, as cards: what happened, what was said, what was done, what it left behind.

use maud::{Markup, html};

use super::figures::Figure;
use crate::chart::{Part, Spoken, stack};
use crate::collect::shortened;
use crate::moments::{Moment, Quote};
use crate::tables::Tables;
use crate::voice::{Voice, plain_name, spaced};

/// So many characters of a message are quoted.
const QUOTED_CHARS: usize = 360;

pub(super) fn bad(tables: &Tables, voice: Voice) -> Option<Markup> {
    if tables.moments.is_empty() {
        return None;
    }
    Some(html! {
        p {
            (voice.tell(
                "Een cijfer vertelt niet hoe het was. Deze gesprekken zijn gekozen omdat ze duidelijk zijn en van elkaar verschillen. Ze zijn niet het gemiddelde. Lees ze samen met wie er werkt.",
                "A figure does not tell how it was. These conversations were chosen because they are clear and differ from each other. They are not the average. Read them with the people who do the work.",
            ))
        }
        @if tables.counts.flagged > tables.moments.len() as u64 {
            p class="note-line" {
                (voice
                    .say(
                        "Getoond: {n} van de {all} gemelde gesprekken, van elke soort vraag bij elke bron hoogstens twee. Alle staan in de uitvoer van judge, met flagged op true.",
                        "Shown: {n} of the {all} flagged conversations, at most two of each intent at each source. All are in the output of judge, with flagged set to true.",
                    )
                    .replace("{n}", &voice.count(tables.moments.len() as u64))
                    .replace("{all}", &voice.count(tables.counts.flagged)))
            }
        }
        div class="cards" { @for moment in &tables.moments { (card(moment, voice)) } }
    })
}

fn card(moment: &Moment, voice: Voice) -> Markup {
    let intent = moment.intent.as_deref().map(|name| voice.intent(name));
    let channel = moment.channel.as_deref().map(plain_name);
    let day = moment.day.as_deref().and_then(|day| day.parse().ok()).map(|day| voice.date(day));
    let heading = intent.unwrap_or_else(|| voice.say("Een gesprek", "A conversation").to_owned());
    html! {
        article class=(if moment.recovered || moment.praise && moment.turned.is_none() { "card good" } else { "card" }) {
            header {
                h3 { (heading) }
                p class="meta" {
                    (voice.say("gesprek ", "conversation ")) code { bdi { (shortened(&moment.interaction)) } }
                    @for part in [channel, day].into_iter().flatten() { " · " bdi { (part) } }
                }
            }
            dl {
                dt { (voice.say("Wat er gebeurde", "What happened")) }
                dd { (happened(moment, voice)) }
                @if moment.worst.is_some() || !moment.reasons.is_empty() {
                    dt { (voice.say("Wat er werd gezegd", "What was said")) }
                    dd { (said(moment, voice)) }
                }
                @if moment.silence || moment.touchpoint.is_some() {
                    dt { (voice.say("Wat er werd gedaan", "What was done")) }
                    dd { (done(moment, voice)) }
                }
                dt { (voice.say("Wat het achterliet", "What it left behind")) }
                dd { (left(moment, voice)) }
            }
        }
    }
}

fn happened(moment: &Moment, voice: Voice) -> String {
    let mut text = voice.messages(moment.messages);
    if let Some(hours) = moment.longest_hours.filter(|hours| *hours >= 1.0) {
        let wait = voice.wait(hours);
        text.push_str(&match voice.language {
            crate::Language::Dutch => format!(", langste wachttijd {wait}"),
            crate::Language::English => format!(", longest wait {wait}"),
        });
    }
    if moment.handoffs > 0 {
        let times = voice.times(moment.handoffs);
        text.push_str(&match voice.language {
            crate::Language::Dutch => format!(", {times} doorgegeven"),
            crate::Language::English => format!(", passed on {times}"),
        });
    }
    text.push('.');
    text
}

fn said(moment: &Moment, voice: Voice) -> Markup {
    // That it was bad goes without saying where there is more to say.
    let told =
        moment.reasons.iter().filter(|kind| moment.reasons.len() == 1 || *kind != "bad_experience");
    let reasons: Vec<String> = told.map(|kind| voice.reason(kind)).collect();
    html! {
        @if let Some(quote) = &moment.said { (quoted(quote, moment.span)) }
        @if !reasons.is_empty() { (voice.tell("De {one} ", "The {one} ")) (reasons_in_a_row(&reasons, voice)) ". " }
        @if let Some(worst) = moment.said_at.as_ref().filter(|_| moment.worst.is_some() && moment.said.is_none()) {
            (voice.say("Het duidelijkst in bericht ", "Clearest in message ")) code { bdi { (shortened(&worst.spoken())) } } "."
        }
    }
}

fn reasons_in_a_row(reasons: &[String], voice: Voice) -> String {
    match reasons {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), voice.say("en", "and")),
    }
}

fn done(moment: &Moment, voice: Voice) -> Markup {
    let role = moment.role.as_deref().map(spaced);
    html! {
        @if moment.silence {
            (voice.tell("De {one} schreef opnieuw en had nog niets gehoord", "The {one} had heard nothing yet when writing again"))
        } @else {
            @if let Some(quote) = &moment.done { (quoted(quote, None)) }
            // A role without an article would pass for somebody's name.
            @match role {
                Some(role) => {
                    (voice.tell(
                        "De {one} reageerde op een antwoord vanuit de rol ",
                        "The {one} reacted to an answer from the ",
                    ))
                    bdi { (role) }
                    (voice.say("", " role"))
                }
                None => (voice.tell(
                    "De {one} reageerde op een antwoord van een medewerker",
                    "The {one} reacted to an answer from a member of staff",
                )),
            }
        }
        @if let Some(message) = &moment.done_at {
            @let place = if moment.silence {
                voice.say("na bericht ", "after message ")
            } else {
                voice.say("bericht ", "message ")
            };
            " (" (place) code { bdi { (shortened(&message.spoken())) } } ")"
        }
        "."
    }
}

fn left(moment: &Moment, voice: Voice) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(mark) = moment.experience {
        parts.push(match voice.language {
            crate::Language::Dutch => format!("ervaring {mark} van 5, {}", voice.mark(mark.into())),
            crate::Language::English => {
                format!("experience {mark} of 5, {}", voice.mark(mark.into()))
            }
        });
    }
    if moment.recovered {
        parts.push(voice.say("het is weer goedgekomen", "it was put right").to_owned());
    }
    if moment.praise {
        parts.push(voice.tell("de {one} bedankt", "the {one} says thanks"));
    }
    if moment.leaves.relationship_at_risk {
        parts.push(voice.tell(
            "de {one} dreigt weg te gaan of is het vertrouwen kwijt",
            "the {one} may leave or has lost trust",
        ));
    }
    if moment.leaves.repeat_contact {
        parts.push(voice.tell("werk dat nog eens moest", "work that had to be done again"));
    }
    if moment.leaves.escalation {
        parts.push(voice.tell("de {one} wil hogerop", "the {one} wants it taken higher up"));
    }
    let mut text = parts.join("; ");
    if let Some(first) = text.chars().next() {
        let capital: String = first.to_uppercase().collect();
        text.replace_range(..first.len_utf8(), &capital);
        text.push('.');
    }
    text
}

/// A message in its own language and direction, which need not be those of the page.
fn quoted(quote: &Quote, span: Option<[usize; 2]>) -> Markup {
    html! { blockquote lang=[&quote.language] dir="auto" { (excerpt(quote, span)) } }
}

/// Part of a message around what it was judged by, which is marked.
fn excerpt(quote: &Quote, span: Option<[usize; 2]>) -> Markup {
    let chars: Vec<char> = quote.text.trim_end().chars().collect();
    let [start, end] = span.unwrap_or([0, 0]).map(|at| at.min(chars.len()));
    // A whole message is no place in it.
    let marked = end > start && end - start < chars.len() * 3 / 4 && end - start <= QUOTED_CHARS;
    let from =
        if marked && end > QUOTED_CHARS { start.saturating_sub(QUOTED_CHARS / 4) } else { 0 };
    let to = chars.len().min(from + QUOTED_CHARS);
    let text = |from: usize, to: usize| chars[from.min(to)..to].iter().collect::<String>();
    html! {
        @if from > 0 { "… " }
        @if marked {
            (text(from, start)) mark { (text(start, end.min(to))) } (text(end.min(to), to))
        } @else {
            (text(from, to))
        }
        @if to < chars.len() { " …" }
    }
}

pub(super) fn good(tables: &Tables, voice: Voice) -> Option<Markup> {
    let well = &tables.well;
    let marked: u64 = well.experience.iter().sum();
    if well.praise == 0 && well.recovered == 0 && marked == 0 {
        return None;
    }
    let praised = voice.tell(
        "In {praise} bedankt of prijst de {one}, zonder dat het misging.",
        "In {praise} the {one} gives thanks or praise and nothing went wrong.",
    );
    let put_right = match well.recovered {
        0 => "",
        _ => voice.say(
            " In {bad} ging het ooit mis, en in {recovered} daarvan kwam het weer goed. Daar is iets van te leren: iemand heeft het opgelost.",
            " In {bad} it went wrong at some time, and in {recovered} of these it was put right. There is something to learn there: somebody solved it.",
        ),
    };
    let text = (praised + put_right)
        .replace("{praise}", &voice.conversations(well.praise))
        .replace("{bad}", &voice.conversations(well.went_bad))
        .replace("{recovered}", &voice.count(well.recovered));
    Some(html! {
        p { (text) }
        @if marked > 0 { (experience(&well.experience, marked, voice)) }
        @if !tables.good_moments.is_empty() {
            div class="cards" { @for moment in &tables.good_moments { (card(moment, voice)) } }
        }
    })
}

fn experience(counts: &[u64; 5], all: u64, voice: Voice) -> Markup {
    const TONES: [&str; 5] = ["m1", "m2", "m3", "m4", "m5"];
    let parts: Vec<Part> = counts
        .iter()
        .enumerate()
        .map(|(i, n)| {
            let share = *n as f64 / all as f64;
            let (figure, name) = (voice.percent(share), voice.mark(i + 1).to_owned());
            Part { tone: TONES[i], share, figure, name }
        })
        .collect();
    let heading = voice.tell("Hoe de {one} het beleefde", "How the {one} lived it");
    let described = parts
        .iter()
        .map(|part| format!("{} {}", part.name, part.figure))
        .collect::<Vec<_>>()
        .join(", ");
    let spoken = Spoken { id: "experience-chart", title: &heading, description: &described };
    Figure {
        heading: &heading,
        sub: voice.tell(
            "Alle beoordeelde gesprekken, van heel slecht tot heel goed, zoals het model ze las.",
            "All assessed conversations, from very bad to very good, as the model read them.",
        ),
        drawing: stack(&spoken, &parts),
        columns: vec![
            voice.say("ervaring", "experience"),
            voice.say("gesprekken", "conversations"),
            voice.say("deel", "share"),
        ],
        rows: parts
            .iter()
            .zip(counts)
            .map(|(part, n)| vec![part.name.clone(), voice.count(*n), part.figure.clone()])
            .collect(),
        note: None,
    }
    .show(voice)
}
