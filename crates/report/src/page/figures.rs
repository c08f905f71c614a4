//! What the figures of the page have in common: each has a sentence before it and its numbers as a table after it.

use maud::{Markup, html};

use crate::chart::{MAX_ROWS, Row, Tone, largest};
use crate::estimate::Estimate;
use crate::tables::Groups;
use crate::voice::Voice;

/// A figure: heading, what it shows, drawing, numbers.
pub(super) struct Figure<'a> {
    pub(super) heading: &'a str,
    pub(super) sub: String,
    pub(super) drawing: Markup,
    /// Column heads and rows of the table behind it.
    pub(super) columns: Vec<&'a str>,
    pub(super) rows: Vec<Vec<String>>,
    /// What the reader has to know of what is missing.
    pub(super) note: Option<String>,
}

impl Figure<'_> {
    pub(super) fn show(&self, voice: Voice) -> Markup {
        self.show_named(voice, 1)
    }

    /// As [`Figure::show`], with so many columns that name a row of the table together.
    pub(super) fn show_named(&self, voice: Voice, names: usize) -> Markup {
        html! {
            figure {
                figcaption { h3 { (self.heading) } p class="sub" { (self.sub) } }
                (self.drawing)
                @if let Some(note) = &self.note { p class="note-line" { (note) } }
                (table(voice, self.heading, &self.columns, names, &self.rows))
            }
        }
    }
}

/// The numbers behind a figure, folded away.
fn table(
    voice: Voice,
    caption: &str,
    columns: &[&str],
    names: usize,
    rows: &[Vec<String>],
) -> Markup {
    html! {
        details {
            summary { (voice.say("Cijfers als tabel", "Figures as a table")) }
            div class="scroll" tabindex="0" role="region" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead { tr { @for column in columns { th scope="col" { (column) } } } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (i, cell) in row.iter().enumerate() {
                                    @if i < names { th scope="row" { bdi { (cell) } } } @else { td { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// An interval by its ends.
pub(super) fn ends(show: impl Fn(f64) -> String, low: f64, high: f64) -> String {
    format!("{} – {}", show(low), show(high))
}

/// Cells of a group or period: its name, how many it has, and the share that went wrong.
pub(super) fn share_cells(
    voice: Voice,
    name: String,
    n: u64,
    flagged: u64,
    found: Option<&Estimate>,
) -> Vec<String> {
    let (share, ends) = match found {
        Some(found) => {
            (voice.percent(found.share), ends(|share| voice.percent(share), found.low, found.high))
        }
        None => (voice.say("te weinig", "too few").to_owned(), "–".to_owned()),
    };
    vec![name, voice.count(n), voice.count(flagged), share, ends]
}

/// The heads of [`share_cells`].
pub(super) fn share_columns(voice: Voice, first: &str) -> Vec<&str> {
    vec![
        first,
        voice.say("beoordeeld", "assessed"),
        voice.say("gemeld", "flagged"),
        voice.say("ging mis", "went wrong"),
        voice.interval(),
    ]
}

/// A row of a share with its ends.
pub(super) fn share_row(
    voice: Voice,
    name: String,
    [value, low, high]: [f64; 3],
    n: u64,
    tone: Tone,
) -> Row {
    Row { name, figure: voice.percent(value), value, low, high, n, tone }
}

/// A row of a difference with its ends; below zero is better.
pub(super) fn difference_row(
    voice: Voice,
    name: String,
    [value, low, high]: [f64; 3],
    n: u64,
) -> Row {
    let tone = match () {
        () if low > 0.0 => Tone::Bad,
        () if high < 0.0 => Tone::Good,
        () => Tone::Quiet,
    };
    Row { name, figure: voice.points(value), value, low, high, n, tone }
}

/// Says in words what the top and the bottom of a chart are.
pub(super) fn spoken_rows(voice: Voice, rows: &[Row]) -> String {
    let table =
        voice.say("De tabel hieronder geeft alle cijfers.", "The table below gives all figures.");
    let say = |row: &Row| format!("{}: {}", row.name, row.figure);
    match rows {
        [] => table.to_owned(),
        [only] => format!("{}. {table}", say(only)),
        [first, .., last] => format!(
            "{} {}; {} {}. {table}",
            voice.say("Bovenaan", "At the top"),
            say(first),
            voice.say("onderaan", "at the bottom"),
            say(last)
        ),
    }
}

/// Says that not all rows are drawn, where that is so.
pub(super) fn not_drawn(voice: Voice, rows: usize) -> Option<String> {
    (rows > MAX_ROWS).then(|| {
        voice
            .say(
                "Getekend zijn de {drawn} grootste van {all}; de tabel heeft ze alle.",
                "The {drawn} largest of {all} are drawn; the table has all.",
            )
            .replace("{drawn}", &voice.count(MAX_ROWS as u64))
            .replace("{all}", &voice.count(rows as u64))
    })
}

/// The notes that there are, one behind another.
pub(super) fn in_a_row<const N: usize>(notes: [Option<String>; N]) -> Option<String> {
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

/// How many groups are withheld.
pub(super) fn withheld(voice: Voice, groups: u64, n: u64) -> String {
    voice
        .say("Te klein om te tonen: {groups}, met {n}.", "Too small to show: {groups}, with {n}.")
        .replace("{groups}", &voice.groups(groups))
        .replace("{n}", &voice.conversations(n))
}

/// Whether three or more values have been drawn together altogether.
pub(super) fn alike(values: impl Iterator<Item = f64> + Clone) -> bool {
    let (least, most) = (values.clone().fold(1.0, f64::min), values.clone().fold(-1.0, f64::max));
    values.count() > 2 && most - least < 1e-6
}

/// What is not shown, and what does not show.
pub(super) fn group_note(voice: Voice, groups: &Groups) -> Option<String> {
    let alike = alike(groups.rows.iter().map(|group| group.estimate.share)).then(|| {
        voice.tell(
            "Tussen deze groepen is geen verschil te zien dat groter is dan toeval; daarom staan ze gelijk.",
            "No difference larger than chance shows between these groups, so they are drawn alike.",
        )
    });
    let withheld =
        (groups.withheld > 0).then(|| withheld(voice, groups.withheld, groups.withheld_n));
    let unnamed = (groups.unnamed > 0).then(|| {
        let n = voice.conversations(groups.unnamed);
        format!("{} {n}.", voice.say("Niet bekend:", "Not known:"))
    });
    in_a_row([alike, withheld, unnamed, not_drawn(voice, groups.rows.len())])
}

/// The largest groups as rows.
pub(super) fn group_rows(
    voice: Voice,
    groups: &Groups,
    name: impl Fn(&str) -> String,
    tone: Tone,
) -> Vec<Row> {
    let rows = groups.rows.iter().map(|group| {
        let Estimate { share, low, high, .. } = group.estimate;
        share_row(voice, name(&group.name), [share, low, high], group.n, tone)
    });
    largest(rows.collect())
}

/// All groups as cells of a table.
pub(super) fn group_cells(
    voice: Voice,
    groups: &Groups,
    name: impl Fn(&str) -> String,
) -> Vec<Vec<String>> {
    let cells = groups.rows.iter().map(|group| {
        share_cells(voice, name(&group.name), group.n, group.flagged, Some(&group.estimate))
    });
    cells.collect()
}
