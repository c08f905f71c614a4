//! What many interactions show together: change over an answer, what was meant against what was felt, contacts that
//! came back, and what is at stake. Never about one person.

use beleving::{Compared, Group};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::figures::{
    Figure, difference_row, ends, in_a_row, not_drawn, share_row, spoken_rows, withheld,
};
use crate::across::{AtStake, Returns};
use crate::chart::{Mark, Row, Spoken, Tone, largest, ranges};
use crate::export::{claim, gap};
use crate::tables::Tables;
use crate::voice::{Voice, plain_name, spaced};

/// How the customer's risk changes over an answer, by role and channel.
pub(super) fn changes(tables: &Tables, voice: Voice) -> Option<Markup> {
    let answers = tables.answers.as_ref()?;
    let heading = voice.say("Wat er na een antwoord veranderde", "What changed over an answer");
    let sub = voice.tell(
        "Hoeveel punten de kans op een slechte ervaring stijgt of daalt van het ene bericht van de {one} naar het volgende, met het antwoord ertussen. Met 95\u{a0}%-interval. Dit is samenhang en geen oorzaak: een rol kan ook onderaan staan omdat zij de moeilijkste zaken krijgt.",
        "By how many points the risk of a bad experience rises or falls from one message of the {one} to the next, with the answer in between. With 95% interval. This is association, not cause: a role may also stand at the bottom because it gets the hardest cases.",
    );
    let name = |group: &Group| {
        let role = plain_name(&group.role);
        let channel = group.channel.as_deref().map(|channel| format!(", {}", spaced(channel)));
        role + &channel.unwrap_or_default()
    };
    let value = |group: &Group| {
        let [low, high] = group.interval;
        [group.risk_change, low, high]
    };
    let first = voice.say("rol en kanaal", "role and channel");
    let sides = [voice.say("beter", "better"), voice.say("slechter", "worse")];
    Differences {
        id: "answers-chart",
        heading,
        sub,
        columns: [first, voice.say("verschil", "change")],
        sides,
        found: &answers.by_role,
        name,
        value,
    }
    .show(voice)
}

/// What customers show after a claim, by role.
pub(super) fn claims(tables: &Tables, voice: Voice) -> Option<Markup> {
    let claims = tables.answers.as_ref()?.by_claim.as_ref()?;
    let heading = voice.say("Na wat de organisatie zei", "After what the organisation said");
    let sub = voice.tell(
        "Na welk deel van deze antwoorden het volgende bericht van de {one} is gemeld, min datzelfde deel van alle antwoorden. In punten, met 95\u{a0}%-interval. Het gaat over soorten antwoorden en niet over wie ze gaf.",
        "After what share of these answers the next message of the {one} is flagged, less the same share of all answers. In points, with 95% interval. This is about kinds of answers and not about who gave them.",
    );
    let name = |group: &Group| {
        format!("{}: {}", plain_name(&group.role), voice.claim(claim(group.claim)).to_lowercase())
    };
    let first = voice.say("rol en antwoord", "role and answer");
    let sides = [
        voice.say("minder vaak mis", "less often wrong"),
        voice.say("vaker mis", "more often wrong"),
    ];
    Differences {
        id: "claims-chart",
        heading,
        sub,
        columns: [first, voice.say("kloof", "gap")],
        sides,
        found: claims,
        name,
        value: gap,
    }
    .show(voice)
}

/// A figure of how much groups differ from none.
struct Differences<'a, N, V> {
    id: &'a str,
    heading: &'a str,
    sub: String,
    /// Of the names and of the values.
    columns: [&'a str; 2],
    /// What values under and over 0 mean.
    sides: [&'a str; 2],
    found: &'a Compared,
    name: N,
    value: V,
}

impl<N: Fn(&Group) -> String, V: Fn(&Group) -> [f64; 3]> Differences<'_, N, V> {
    fn show(self, voice: Voice) -> Option<Markup> {
        let Self { id, heading, sub, columns, sides, found, name, value } = self;
        let mut groups: Vec<&Group> = found.groups.iter().collect();
        groups.sort_by(|a, b| value(a)[0].total_cmp(&value(b)[0]));
        let kept_back = (found.withheld > 0).then(|| {
            voice
                .say(
                    "Niet getoond omdat ze te klein zijn, geen rol hebben of van één persoon zijn: {n}, met {answers}.",
                    "Not shown because they are too small, have no role or are one person’s: {n}, with {answers}.",
                )
                .replace("{n}", &voice.groups(found.withheld as u64))
                .replace("{answers}", &voice.answers(found.withheld_answers))
        });
        if groups.is_empty() {
            return kept_back.map(|note| html! { h3 { (heading) } p class="note-line" { (note) } });
        }
        let rows: Vec<Row> = groups
            .iter()
            .map(|group| difference_row(voice, name(group), value(group), group.answers))
            .collect();
        let table = groups
            .iter()
            .zip(&rows)
            .map(|(group, row)| {
                let ends = ends(|points| voice.points(points), row.low, row.high);
                let [interactions, answers] =
                    [group.interactions, group.answers].map(|n| voice.count(n));
                vec![row.name.clone(), interactions, answers, row.figure.clone(), ends]
            })
            .collect();
        let rows = largest(rows);
        let described = spoken_rows(voice, &rows);
        let spoken = Spoken { id, title: heading, description: &described };
        let mark = Mark::Difference { names: sides.map(str::to_owned) };
        let [first, second] = columns;
        let figure = Figure {
            heading,
            sub,
            drawing: ranges(&spoken, &rows, &mark, |points| voice.step_points(points)),
            columns: vec![
                first,
                voice.say("gesprekken", "conversations"),
                voice.say("antwoorden", "answers"),
                second,
                voice.interval(),
            ],
            rows: table,
            note: in_a_row([kept_back, not_drawn(voice, groups.len())]),
        };
        Some(figure.show(voice))
    }
}

/// Contacts that came back on earlier ones.
pub(super) fn returns(returns: &Returns, voice: Voice) -> Markup {
    let [_, low, high] = returns.share.map(|share| voice.percent(share));
    let text = voice
        .tell(
            "Soms komt de {one} terug in een nieuw gesprek. Van {contacts} met datum, beoordeeld of niet, van {customers}, ging er {repeats} een over hetzelfde als een gesprek dat hoogstens {days} eerder was afgelopen ({low} tot {high}, 95\u{a0}%-interval).",
            "Sometimes the {one} comes back in a new conversation. Among {contacts} with a date, assessed or not, of {customers}, it happened {repeats} that one was about the same as another that had ended at most {days} before ({low} to {high}, 95% interval).",
        )
        .replace("{contacts}", &voice.conversations(returns.contacts))
        .replace("{customers}", &voice.known_people(returns.customers))
        .replace("{repeats}", &voice.times(returns.repeats))
        .replace("{days}", &voice.days(returns.days.into()))
        .replace("{low}", &low)
        .replace("{high}", &high);
    let heading = voice.say("Waarvoor een nieuw gesprek nodig was", "What took a new conversation");
    let rows: Vec<Row> = returns
        .by_intent
        .iter()
        .map(|row| {
            let name = voice.intent(row.intent.name());
            share_row(voice, name, row.share, row.contacts, Tone::Cool)
        })
        .collect();
    let described = spoken_rows(voice, &rows);
    let spoken = Spoken { id: "returns-chart", title: heading, description: &described };
    let all =
        Some((returns.share[0], voice.say("alle gesprekken", "all conversations").to_owned()));
    let figure = Figure {
        heading,
        sub: voice.tell(
            "Deel van de gesprekken waarin de {one} terugkwam op een eerder gesprek, met 95\u{a0}%-interval. Een gesprek telt bij elke vraag waar het waarschijnlijk over gaat.",
            "Share of the conversations in which the {one} came back on an earlier one, with 95% interval. A conversation counts with every intent it is likely to be about.",
        ),
        drawing: ranges(&spoken, &rows, &Mark::Dot { all }, |share| voice.step(share)),
        columns: vec![
            voice.say("soort vraag", "intent"),
            voice.say("gesprekken", "conversations"),
            voice.say("teruggekomen", "came back"),
            voice.say("deel", "share"),
            voice.interval(),
        ],
        rows: returns
            .by_intent
            .iter()
            .zip(&rows)
            .map(|(counted, row)| {
                let ends = ends(|share| voice.percent(share), row.low, row.high);
                let n = [counted.contacts, counted.repeats].map(|n| voice.count(n));
                let [contacts, repeats] = n;
                vec![row.name.clone(), contacts, repeats, row.figure.clone(), ends]
            })
            .collect(),
        note: (returns.withheld > 0).then(|| withheld(voice, returns.withheld, returns.withheld_n)),
    };
    html! {
        p { (text) }
        @if rows.len() > 1 { (figure.show(voice)) }
    }
}

/// What is at stake with all customers together; the page names none.
pub(super) fn at_stake(tables: &Tables, voice: Voice) -> Option<Markup> {
    let AtStake { as_of, customers, together, half_life_days, .. } = tables.at_stake.as_ref()?;
    let together = together.as_ref().filter(|_| tables.counts.assessed > 0)?;
    let [_, _, half, heavy] = together.levels;
    let mean = together.mean;
    let parts = [
        (voice.say("slecht afgelopen gesprekken", "bad endings"), mean.bad_endings),
        (voice.say("nog eens terug moeten komen", "having to come back"), mean.rework),
        (voice.say("aankondigingen om weg te gaan", "announcements of leaving"), mean.leaving),
        (voice.say("stilte na een slecht gesprek", "silence after a bad ending"), mean.silence),
    ];
    let most = parts.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, sum)| *sum > 0.0);
    let text = voice
        .tell(
            "Gewogen op {day}, de dag van het laatste bericht. Bij {heavy} van {customers} staat er meer open dan na één slecht afgelopen gesprek van die dag, bij {half} minstens de helft daarvan. Wat gebeurde, telt na {days} nog voor de helft.",
            "As of {day}, the day of the last message: with {heavy} of {customers} more is open than after one bad ending of that day, with {half} at least half of that. What happened counts half after {days}.",
        )
        .replace("{day}", &voice.date(TimeZone::UTC.to_datetime(as_of.parse().ok()?).date()))
        .replace("{heavy}", &voice.count(heavy))
        .replace("{half}", &voice.count(half + heavy))
        .replace("{customers}", &voice.known_people(*customers))
        .replace("{days}", &voice.days((*half_life_days).into()));
    Some(html! {
        p {
            (text) " "
            @if let Some((what, _)) = most {
                (voice.say("Het meeste komt van ", "Most of it comes from ")) (what) ". "
            }
            (voice.tell(
                "Dit zegt waar iets goed te maken is. Het is geen kans dat een {one} weggaat.",
                "It says where there is something to make good. It is no probability that a {one} leaves.",
            ))
        }
    })
}
