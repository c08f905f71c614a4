//! Where does it go wrong: at which touchpoint, over which answers, and for which intent, channel and sector?

use maud::{Markup, html};

use super::across;
use super::figures::{
    Figure, ends, group_cells, group_note, group_rows, in_a_row, not_drawn, share_columns,
    share_row, spoken_rows,
};
use crate::chart::{Mark, Row, Spoken, Tone, largest, ranges};
use crate::tables::{Groups, Source, Tables, TouchpointRow, Touchpoints};
use crate::voice::Voice;

pub(super) fn places(tables: &Tables, voice: Voice) -> Option<Markup> {
    let figures: Vec<Markup> = [
        touchpoints(&tables.touchpoints, voice),
        across::changes(tables, voice),
        groups(tables, voice, By::Intent),
        groups(tables, voice, By::Channel),
        groups(tables, voice, By::Sector),
    ]
    .into_iter()
    .flatten()
    .collect();
    if figures.is_empty() {
        return None;
    }
    Some(html! {
        p {
            (voice.tell(
                "Waar een slecht moment zichtbaar wordt, is niet altijd waar het is ontstaan. Dit gaat over rollen en routes, niet over personen: samenhang is geen schuld.",
                "Where a bad moment shows is not always where it began. This is about roles and routes, not about people: correlation is not blame.",
            ))
        }
        @for figure in figures { (figure) }
    })
}

fn touchpoints(touchpoints: &Touchpoints, voice: Voice) -> Option<Markup> {
    let heading = voice.say("Waar het gesprek kantelde", "Where the conversation turned");
    let note = touchpoints_note(touchpoints, voice);
    if touchpoints.rows.is_empty() {
        return note.map(|note| html! { h3 { (heading) } p class="note-line" { (note) } });
    }
    let rows: Vec<Row> = touchpoints.rows.iter().map(|row| touchpoint_row(row, voice)).collect();
    let table = touchpoints
        .rows
        .iter()
        .zip(&rows)
        .map(|(counted, row)| {
            let ends = ends(|share| voice.percent(share), row.low, row.high);
            vec![row.name.clone(), voice.count(counted.n), row.figure.clone(), ends]
        })
        .collect();
    let rows = largest(rows);
    let described = spoken_rows(voice, &rows);
    let spoken = Spoken { id: "touchpoint-chart", title: heading, description: &described };
    let figure = Figure {
        heading,
        sub: voice
            .tell(
                "Waar de {one} op reageerde als een gesprek is gemeld ({n}). Streep: 95\u{a0}%-interval.",
                "What the {one} reacted to where a conversation is flagged ({n}). Line: 95% interval.",
            )
            .replace("{n}", &voice.conversations(touchpoints.flagged)),
        drawing: ranges(&spoken, &rows, &Mark::Bar, |share| voice.step(share)),
        columns: vec![
            voice.say("contactpunt", "touchpoint"),
            voice.say("gesprekken", "conversations"),
            voice.say("deel", "share"),
            voice.interval(),
        ],
        rows: table,
        note,
    };
    Some(figure.show(voice))
}

fn touchpoint_row(row: &TouchpointRow, voice: Voice) -> Row {
    let name = match (row.source, &row.role) {
        (Source::Role, Some(role)) => voice.name(role),
        (Source::Silence, _) => {
            voice.say("Stilte: nog geen antwoord", "Silence: no answer yet").to_owned()
        }
        (Source::Opening, _) => {
            voice.say("Was er al bij het begin", "Was there from the start").to_owned()
        }
        _ => voice
            .say("Rol onbekend of van één persoon", "Role not known, or one person’s")
            .to_owned(),
    };
    let tone = match row.source {
        Source::Role | Source::Staff => Tone::Cool,
        Source::Silence => Tone::Bad,
        Source::Opening => Tone::Quiet,
    };
    share_row(voice, name, row.share, row.n, tone)
}

fn touchpoints_note(touchpoints: &Touchpoints, voice: Voice) -> Option<String> {
    let withheld = (touchpoints.withheld > 0).then(|| {
        voice
            .say(
                "Niet getoond omdat ze te klein zijn (minder dan {min} gesprekken), geen rol hebben of van één persoon zijn, of omdat zo’n groep anders uit te rekenen was: {groups}, met {n}.",
                "Not shown because they are too small (fewer than {min} conversations), have no role or are one person’s, or because such a group could be worked out otherwise: {groups}, with {n}.",
            )
            .replace("{min}", &voice.count(touchpoints.min_group))
            .replace("{groups}", &voice.groups(touchpoints.withheld))
            .replace("{n}", &voice.conversations(touchpoints.withheld_n))
    });
    in_a_row([withheld, not_drawn(voice, touchpoints.rows.len())])
}

/// What conversations are grouped by.
#[derive(Clone, Copy)]
enum By {
    Intent,
    Channel,
    Sector,
}

impl By {
    fn groups(self, tables: &Tables) -> &Groups {
        match self {
            Self::Intent => &tables.by_intent,
            Self::Channel => &tables.by_channel,
            Self::Sector => &tables.by_sector,
        }
    }

    fn heading(self, voice: Voice) -> String {
        match self {
            Self::Intent => voice.tell("Wat de {one} kwam doen", "What the {one} came for"),
            Self::Channel => voice.tell("Langs welk kanaal", "Through which channel"),
            Self::Sector => voice.tell("In welke sector", "In which sector"),
        }
    }

    /// Head of the column of names.
    fn column(self, voice: Voice) -> &'static str {
        match self {
            Self::Intent => voice.say("soort vraag", "intent"),
            Self::Channel => voice.say("kanaal", "channel"),
            Self::Sector => "sector",
        }
    }

    fn chart_id(self) -> &'static str {
        match self {
            Self::Intent => "intent-chart",
            Self::Channel => "by-channel-chart",
            Self::Sector => "sector-chart",
        }
    }

    fn name(self, name: &str, voice: Voice) -> String {
        match self {
            Self::Intent => voice.intent(name),
            Self::Channel | Self::Sector => voice.name(name),
        }
    }
}

fn groups(tables: &Tables, voice: Voice, by: By) -> Option<Markup> {
    let groups = by.groups(tables);
    // All in one group is nothing to see.
    if groups.rows.len() as u64 + groups.withheld < 2 {
        return None;
    }
    let heading = by.heading(voice);
    let note = group_note(voice, groups);
    if groups.rows.is_empty() {
        return note.map(|note| html! { h3 { (heading) } p class="note-line" { (note) } });
    }
    let name = |name: &str| by.name(name, voice);
    let rows = group_rows(voice, groups, name, Tone::Bad);
    let described = spoken_rows(voice, &rows);
    let spoken = Spoken { id: by.chart_id(), title: &heading, description: &described };
    let all = tables
        .overall
        .map(|found| (found.share, voice.say("alle gesprekken", "all conversations").to_owned()));
    let sub = voice.say(
        "Deel dat misging, met 95\u{a0}%-interval. Kleine groepen zijn naar het gemiddelde getrokken.",
        "Share that went wrong, with 95% interval. Small groups are drawn towards the mean.",
    );
    let once = match by {
        By::Intent => voice.say(
            " Elk gesprek telt één keer, bij de vraag die er het meest in zit.",
            " Each conversation counts once, with its main intent.",
        ),
        By::Channel | By::Sector => "",
    };
    let figure = Figure {
        heading: &heading,
        sub: format!("{sub}{once}"),
        drawing: ranges(&spoken, &rows, &Mark::Dot { all }, |share| voice.step(share)),
        columns: share_columns(voice, by.column(voice)),
        rows: group_cells(voice, groups, name),
        note,
    };
    Some(figure.show(voice))
}
