//! How does the share that went wrong move, of all conversations and by channel?

use maud::{Markup, html};

use super::figures::{Figure, ends, share_cells, share_columns};
use crate::chart::{Spoken, handovers, lines, small_lines, told};
use crate::tables::{Period, Point, ReaderRow, Tables};
use crate::voice::Voice;

pub(super) fn time(tables: &Tables, voice: Voice) -> Option<Markup> {
    let shown = tables.over_time.iter().filter(|point| point.estimate.is_some()).count();
    (shown > 1).then(|| {
        html! {
            (whole(tables, voice))
            @if tables.channels_over_time.len() > 1 { (by_channel(tables, voice)) }
        }
    })
}

fn whole(tables: &Tables, voice: Voice) -> Markup {
    let step = step(voice, tables.period);
    let heading = voice
        .say(
            "Deel van de gesprekken dat misging, per {step}",
            "Share of conversations that went wrong, by {step}",
        )
        .replace("{step}", step);
    let (first, last) = ends_of(&tables.over_time);
    let described = spoken_ends(voice, first, last);
    let spoken = Spoken { id: "time-chart", title: &heading, description: &described };
    let handovers = handovers(&tables.over_time);
    let note = match handovers.iter().all(|[last, first]| last <= first) {
        _ if handovers.is_empty() => None,
        true => Some(voice.tell(
            "De lijn is onderbroken waar een ander model of andere regels kwamen. Vergelijk niet over die breuk heen.",
            "The line is broken where another model or policy took over. Do not compare across the break.",
        )),
        false => Some(voice.tell(
            "Elk model met zijn regels heeft een eigen lijn, ook waar twee dezelfde tijd lazen. Vergelijk die lijnen niet met elkaar.",
            "Each model with its policy has a line of its own, also where two read the same time. Do not compare these lines with each other.",
        )),
    };
    Figure {
        heading: &heading,
        sub: voice.tell(
            "Binnenste band: wat toeval kan doen. Buitenste band: met de fouten van het model erbij; die schuiven de hele lijn omhoog of omlaag.",
            "Inner band: what chance can do. Outer band: with the model’s errors as well, which shift the whole line up or down.",
        ),
        drawing: lines(voice, &spoken, &tables.over_time, tables.period),
        columns: columns(tables, voice),
        rows: tables.over_time.iter().map(|point| cells(tables, voice, point)).collect(),
        note,
    }
    .show(voice)
}

fn by_channel(tables: &Tables, voice: Voice) -> Markup {
    let points = tables
        .channels_over_time
        .iter()
        .flat_map(|series| series.points.iter().map(|point| (&series.name, point)));
    let rows = points.map(|(channel, point)| {
        let mut row = vec![voice.name(channel)];
        row.extend(cells(tables, voice, point));
        row
    });
    let mut heads = vec![voice.say("kanaal", "channel")];
    heads.extend(columns(tables, voice));
    Figure {
        heading: voice.say("Hetzelfde per kanaal", "The same by channel"),
        sub: voice.tell(
            "De grootste kanalen, alle op dezelfde schaal. Per kanaal zijn er minder gesprekken, dus toeval doet meer.",
            "The largest channels, all on one scale. Each has fewer conversations, so chance does more.",
        ),
        drawing: small_lines(voice, "channel-chart", &tables.channels_over_time, tables.period),
        columns: heads,
        rows: rows.collect(),
        note: None,
    }
    .show_named(voice, 2)
}

/// The heads of [`cells`].
fn columns(tables: &Tables, voice: Voice) -> Vec<&'static str> {
    let mut columns = share_columns(voice, step(voice, tables.period));
    if tables.readers.len() > 1 {
        columns.push(voice.say("gelezen door", "read by"));
    }
    columns
}

/// A period, and who read it where several did.
fn cells(tables: &Tables, voice: Voice, point: &Point) -> Vec<String> {
    let name = step_name(voice, tables.period, point);
    let mut cells = share_cells(voice, name, point.n, point.flagged, point.estimate.as_ref());
    if tables.readers.len() > 1 {
        cells.push(tables.readers.get(point.reader).map(ReaderRow::name).unwrap_or_default());
    }
    cells
}

fn step(voice: Voice, period: Period) -> &'static str {
    match period {
        Period::Week => voice.say("week", "week"),
        Period::Month => voice.say("maand", "month"),
        Period::Year => voice.say("jaar", "year"),
    }
}

/// "januari 2026", or the first day of a week.
fn step_name(voice: Voice, period: Period, point: &Point) -> String {
    match period {
        Period::Week => voice.date(point.day),
        Period::Month => format!("{} {}", voice.month(point.day.month()), point.day.year()),
        Period::Year => point.day.year().to_string(),
    }
}

fn ends_of(points: &[Point]) -> (Option<&Point>, Option<&Point>) {
    let mut shown = points.iter().filter(|point| point.estimate.is_some());
    let first = shown.next();
    (first, told(points).or(shown.next_back()).or(first))
}

fn spoken_ends(voice: Voice, first: Option<&Point>, last: Option<&Point>) -> String {
    let at = |point: Option<&Point>| {
        point
            .and_then(|point| Some((voice.date(point.day), point.estimate?)))
            .map(|(day, found)| {
                format!(
                    "{day}: {} ({})",
                    voice.percent(found.share),
                    ends(|share| voice.percent(share), found.low, found.high)
                )
            })
            .unwrap_or_default()
    };
    let table =
        voice.say("De tabel hieronder geeft alle cijfers.", "The table below gives all figures.");
    format!("{}; {}. {table}", at(first), at(last))
}
