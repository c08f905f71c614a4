//! The figures of the page, each with a sentence before it and its numbers as a table after it.

use maud::{Markup, html};

use super::across;
use crate::chart::{MAX_ROWS, Mark, Row, Spoken, largest, lines, ranges, small_lines};
use crate::compare::{Comparison, Difference};
use crate::estimate::Estimate;
use crate::tables::{Cost, Groups, Period, Point, ReaderRow, Source, Tables, Touchpoints};
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
    fn show_named(&self, voice: Voice, names: usize) -> Markup {
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

fn numbers_of(
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

fn share_columns(voice: Voice, first: &str) -> Vec<&str> {
    vec![
        first,
        voice.say("beoordeeld", "assessed"),
        voice.say("gemeld", "flagged"),
        voice.say("ging mis", "went wrong"),
        voice.interval(),
    ]
}

pub(super) fn time(tables: &Tables, voice: Voice) -> Option<Markup> {
    let shown = tables.over_time.iter().filter(|point| point.estimate.is_some()).count();
    if shown < 2 {
        return None;
    }
    let step = match tables.period {
        Period::Week => voice.say("week", "week"),
        Period::Month => voice.say("maand", "month"),
        Period::Year => voice.say("jaar", "year"),
    };
    let broken = tables.readers.len() > 1;
    let row = |point: &Point| {
        let mut row = numbers_of(
            voice,
            step_name(voice, tables.period, point),
            point.n,
            point.flagged,
            point.estimate.as_ref(),
        );
        if broken {
            let reader = tables.readers.get(point.reader);
            row.push(reader.map(ReaderRow::name).unwrap_or_default());
        }
        row
    };
    let mut columns = share_columns(voice, step);
    if broken {
        columns.push(voice.say("gelezen door", "read by"));
    }
    let sub = voice.tell(
        "Donkere band: wat toeval kan doen. Lichte band: met de fouten van het model erbij; die schuiven de hele lijn omhoog of omlaag.",
        "Dark band: what chance can do. Light band: with the model’s errors as well, which shift the whole line up or down.",
    );
    let heading = match (voice.language, tables.period) {
        (crate::Language::Dutch, _) => format!("Deel van de gesprekken dat misging, per {step}"),
        (crate::Language::English, _) => {
            format!("Share of conversations that went wrong, by {step}")
        }
    };
    let note = broken.then(|| {
        voice.tell(
            "De lijn is onderbroken waar een ander model of andere regels kwamen. Vergelijk niet over die breuk heen.",
            "The line is broken where another model or policy took over. Do not compare across the break.",
        )
    });
    let (first, last) = ends_of(&tables.over_time);
    let described = spoken_ends(voice, first, last);
    let spoken = Spoken { id: "time-chart", title: &heading, description: &described };
    let whole = Figure {
        heading: &heading,
        sub,
        drawing: lines(voice, &spoken, &tables.over_time, tables.period),
        columns: columns.clone(),
        rows: tables.over_time.iter().map(row).collect(),
        note,
    };
    let channels = (tables.channels_over_time.len() > 1).then(|| {
        let mut columns = vec![voice.say("kanaal", "channel")];
        columns.extend(share_columns(voice, step));
        Figure {
            heading: voice.say("Hetzelfde per kanaal", "The same by channel"),
            sub: voice.tell(
                "De grootste kanalen, alle op dezelfde schaal. Per kanaal zijn er minder gesprekken, dus toeval doet meer.",
                "The largest channels, all on one scale. Each has fewer conversations, so chance does more.",
            ),
            drawing: small_lines(voice, "channel-chart", &tables.channels_over_time, tables.period),
            columns,
            rows: tables
                .channels_over_time
                .iter()
                .flat_map(|series| {
                    series.points.iter().map(|point| {
                        let mut cells = vec![voice.name(&series.name)];
                        cells.extend(numbers_of(
                            voice,
                            step_name(voice, tables.period, point),
                            point.n,
                            point.flagged,
                            point.estimate.as_ref(),
                        ));
                        cells
                    })
                })
                .collect(),
            note: None,
        }
    });
    Some(
        html! { (whole.show(voice)) @if let Some(channels) = channels { (channels.show_named(voice, 2)) } },
    )
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
    (first, shown.next_back().or(first))
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

pub(super) fn places(tables: &Tables, voice: Voice) -> Option<Markup> {
    let figures: Vec<Markup> = [
        touchpoints(&tables.touchpoints, voice),
        across::changes(tables, voice),
        groups(tables, voice, "intent", &tables.by_intent),
        groups(tables, voice, "channel", &tables.by_channel),
        groups(tables, voice, "sector", &tables.by_sector),
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
    let rows: Vec<Row> = touchpoints
        .rows
        .iter()
        .map(|row| {
            let name = match (row.source, &row.role) {
                (Source::Role, Some(role)) => voice.name(role),
                (Source::Silence, _) => {
                    voice.say("Stilte: geen antwoord", "Silence: no answer").to_owned()
                }
                (Source::Opening, _) => {
                    voice.say("Was er al bij het begin", "Was there from the start").to_owned()
                }
                _ => voice
                    .say("Rol onbekend of van één persoon", "Role not known, or one person’s")
                    .to_owned(),
            };
            let tone = match row.source {
                Source::Role | Source::Staff => "cool",
                Source::Silence => "",
                Source::Opening => "quiet",
            };
            let [value, low, high] = row.share;
            let figure = voice.percent(value);
            Row { name, figure, value, low, high, n: row.n, tone }
        })
        .collect();
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

pub(super) fn in_a_row<const N: usize>(notes: [Option<String>; N]) -> Option<String> {
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join(" "))
}

pub(super) fn withheld(voice: Voice, groups: u64, n: u64) -> String {
    voice
        .say("Te klein om te tonen: {groups}, met {n}.", "Too small to show: {groups}, with {n}.")
        .replace("{groups}", &voice.groups(groups))
        .replace("{n}", &voice.conversations(n))
}

/// Whether three or more values have been drawn together altogether.
fn alike(values: impl Iterator<Item = f64> + Clone) -> bool {
    let (least, most) = (values.clone().fold(1.0, f64::min), values.clone().fold(-1.0, f64::max));
    values.count() > 2 && most - least < 1e-6
}

/// What is not shown, and what does not show.
fn group_note(voice: Voice, groups: &Groups) -> Option<String> {
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

fn group_rows(
    voice: Voice,
    groups: &Groups,
    name: impl Fn(&str) -> String,
    tone: &'static str,
) -> Vec<Row> {
    let rows = groups.rows.iter().map(|group| Row {
        name: name(&group.name),
        figure: voice.percent(group.estimate.share),
        value: group.estimate.share,
        low: group.estimate.low,
        high: group.estimate.high,
        n: group.n,
        tone,
    });
    largest(rows.collect())
}

fn groups(tables: &Tables, voice: Voice, kind: &'static str, groups: &Groups) -> Option<Markup> {
    // All in one group is nothing to see.
    if groups.rows.len() as u64 + groups.withheld < 2 {
        return None;
    }
    let (heading, first, id) = match kind {
        "intent" => (
            voice.tell("Wat de {one} kwam doen", "What the {one} came for"),
            voice.say("soort vraag", "intent"),
            "intent-chart",
        ),
        "channel" => (
            voice.tell("Langs welk kanaal", "Through which channel"),
            voice.say("kanaal", "channel"),
            "by-channel-chart",
        ),
        _ => (voice.tell("In welke sector", "In which sector"), "sector", "sector-chart"),
    };
    let note = group_note(voice, groups);
    if groups.rows.is_empty() {
        return note.map(|note| html! { h3 { (heading) } p class="note-line" { (note) } });
    }
    let name = |name: &str| if kind == "intent" { voice.intent(name) } else { voice.name(name) };
    let rows = group_rows(voice, groups, name, "");
    let described = spoken_rows(voice, &rows);
    let spoken = Spoken { id, title: &heading, description: &described };
    let all = tables
        .overall
        .map(|found| (found.share, voice.say("alle gesprekken", "all conversations").to_owned()));
    let figure = Figure {
        heading: &heading,
        sub: {
            let main = voice.say(
                " Elk gesprek telt één keer, bij de vraag die er het meest in zit.",
                " Each conversation counts once, with its main intent.",
            );
            let sub = voice.say(
                "Deel dat misging, met 95\u{a0}%-interval. Kleine groepen zijn naar het gemiddelde getrokken.",
                "Share that went wrong, with 95% interval. Small groups are drawn towards the mean.",
            );
            format!("{sub}{}", if kind == "intent" { main } else { "" })
        },
        drawing: ranges(&spoken, &rows, &Mark::Dot { all }, |share| voice.step(share)),
        columns: share_columns(voice, first),
        rows: groups
            .rows
            .iter()
            .map(|group| {
                numbers_of(voice, name(&group.name), group.n, group.flagged, Some(&group.estimate))
            })
            .collect(),
        note,
    };
    Some(figure.show(voice))
}

pub(super) fn rework(tables: &Tables, voice: Voice) -> Option<Markup> {
    let rework = &tables.rework;
    let repeat = rework.repeat?;
    let [count, low, high] = rework.repeat_count?.map(|n| voice.number(n, 0));
    let text = voice
        .tell(
            "In naar schatting {count} van {n} moest de {one} iets opnieuw vragen of nog eens vertellen (95\u{a0}%-interval {low} tot {high}). {Many} werden daarnaast {handoffs} doorgegeven aan een andere rol.",
            "In an estimated {count} of {n} the {one} had to ask or explain again (95% interval {low} to {high}). {Many} were also passed on to another role {handoffs}.",
        )
        .replace("{count}", &count)
        .replace("{n}", &voice.conversations(rework.n))
        .replace("{low}", &low)
        .replace("{high}", &high)
        .replace("{handoffs}", &voice.times(rework.handoffs));
    let heading = voice.say("Waarvoor men terug moest komen", "What people had to come back for");
    let rows = group_rows(voice, &rework.by_intent, |name| voice.intent(name), "cool");
    let described = spoken_rows(voice, &rows);
    let spoken = Spoken { id: "rework-chart", title: heading, description: &described };
    let all = Some((repeat.share, voice.say("alle gesprekken", "all conversations").to_owned()));
    let mut columns = share_columns(voice, voice.say("soort vraag", "intent"));
    columns[2] = voice.say("waarschijnlijk opnieuw", "probably again");
    columns[3] = voice.say("deel", "share");
    let figure = Figure {
        heading,
        sub: voice.tell(
            "Deel van de gesprekken waarin de {one} het opnieuw moest vragen, met 95\u{a0}%-interval.",
            "Share of conversations in which the {one} had to ask again, with 95% interval.",
        ),
        drawing: ranges(&spoken, &rows, &Mark::Dot { all }, |share| voice.step(share)),
        columns,
        rows: rework
            .by_intent
            .rows
            .iter()
            .map(|g| numbers_of(voice, voice.intent(&g.name), g.n, g.flagged, Some(&g.estimate)))
            .collect(),
        note: group_note(voice, &rework.by_intent),
    };
    Some(html! {
        p { (text) }
        @if let Some(money) = &rework.cost { (cost(money, voice)) }
        @if rows.len() > 1 { (figure.show(voice)) }
        @if let Some(returns) = &tables.returns { (across::returns(returns, voice)) }
    })
}

fn cost(cost: &Cost, voice: Voice) -> Markup {
    let currency = cost.rates.currency.as_str();
    let money = |amount: f64| voice.money(currency, amount);
    let between = |[_, low, high]: [f64; 3]| ends(money, low, high);
    let rate = |rate: Option<f64>| {
        rate.map(|rate| format!("{currency}\u{a0}{}", voice.number(rate, 2))).unwrap_or_default()
    };
    let parts = [
        (voice.say("Opnieuw contact", "Contact again"), cost.rates.contact, cost.contacts),
        (
            voice.say("Doorgegeven", "Passed on"),
            cost.rates.handoff,
            cost.handoffs.map(|all| [all; 3]),
        ),
        (
            voice.say("Wil hogerop", "Wants it taken higher up"),
            cost.rates.escalation,
            cost.escalations,
        ),
    ];
    html! {
        h3 { (voice.say("Wat dat kost, tegen uw eigen tarieven", "What that costs, at your own rates")) }
        div class="scroll" tabindex="0" role="region" aria-label=(voice.say("Kosten", "Cost")) {
            table {
                caption { (voice.say("Kosten", "Cost")) }
                thead { tr {
                    th scope="col" { (voice.say("herstelwerk", "rework")) }
                    th scope="col" { (voice.say("tarief", "rate")) }
                    th scope="col" { (voice.say("kosten", "cost")) }
                    th scope="col" { (voice.interval()) }
                } }
                tbody {
                    @for (name, price, amount) in parts {
                        @if let Some(amount) = amount {
                            tr { th scope="row" { (name) } td { (rate(price)) } td { (money(amount[0])) } td { (between(amount)) } }
                        }
                    }
                }
                tfoot { tr {
                    th scope="row" { (voice.say("Samen", "Together")) } td {} td { (money(cost.total[0])) } td { (between(cost.total)) }
                } }
            }
        }
        p class="note-line" {
            (voice.say(
                "Alleen herstelwerk dat in de tekst te zien is, tegen de tarieven die u opgaf. Wie weggaat, staat er niet in.",
                "Only rework that shows in the text, at the rates you gave. Those who leave are not in it.",
            ))
        }
    }
}

pub(super) fn comparison(voice: Voice, comparison: &Comparison) -> Markup {
    let say = |found: &Difference| {
        format!(
            "{} ({} {} {})",
            voice.points(found.difference),
            voice.points(found.low),
            voice.say("tot", "to"),
            voice.points(found.high)
        )
    };
    let row = |name: String, found: &Difference, tone: &'static str| Row {
        name,
        figure: voice.points(found.difference),
        value: found.difference,
        low: found.low,
        high: found.high,
        n: found.n,
        tone,
    };
    let tone = |found: &Difference| match found.finding() {
        crate::Finding::Better => "good",
        crate::Finding::Worse => "",
        crate::Finding::Unclear => "quiet",
    };
    let names =
        [voice.say("beter", "better").to_owned(), voice.say("slechter", "worse").to_owned()];
    let named = |id: &str,
                 heading: &str,
                 sub: String,
                 first: &str,
                 found: Vec<(String, &Difference)>| {
        let rows = found.iter().map(|(name, d)| row(name.clone(), d, tone(d)));
        let rows = largest(rows.collect());
        let alike = alike(found.iter().map(|(_, d)| d.difference)).then(|| {
            voice.tell(
                "Tussen deze groepen verschilt het verschil niet meer dan door toeval; daarom staan ze gelijk.",
                "The difference varies between these groups no more than by chance, so they are drawn alike.",
            )
        });
        let described = spoken_rows(voice, &rows);
        let spoken = Spoken { id, title: heading, description: &described };
        let mark = Mark::Difference { names: names.clone() };
        Figure {
            heading,
            sub,
            drawing: ranges(&spoken, &rows, &mark, |share| voice.step_points(share)),
            columns: vec![first, voice.say("verschil", "difference"), voice.interval()],
            rows: found
                .iter()
                .map(|(name, d)| {
                    let ends = ends(|points| voice.points(points), d.low, d.high);
                    vec![name.clone(), voice.points(d.difference), ends]
                })
                .collect(),
            note: in_a_row([alike, not_drawn(voice, found.len())]),
        }
        .show(voice)
    };
    let points = voice.say(
        "Verschil in procentpunten, na min voor.",
        "Difference in percentage points, after minus before.",
    );
    let answer = match comparison.finding {
        crate::Finding::Better => {
            voice.tell("Ja, daar ziet het naar uit.", "Yes, it looks that way.")
        }
        crate::Finding::Worse => {
            voice.tell("Nee. Er ging daarna meer mis.", "No. More went wrong afterwards.")
        }
        crate::Finding::Unclear => voice.tell(
            "Dat is niet te zeggen: het verschil kan toeval zijn.",
            "It cannot be told: the difference may be chance.",
        ),
    };
    let by_intent =
        comparison.by_intent.iter().map(|(n, d)| (voice.intent(n), d)).collect::<Vec<_>>();
    let by_channel =
        comparison.by_channel.iter().map(|(n, d)| (voice.name(n), d)).collect::<Vec<_>>();
    let crude_name = voice.say("Zoals het was", "As it was");
    html! {
        p { strong { (answer) } " "
            (voice.say(
                "Een verschil na een verandering bewijst nog niet dat de verandering de oorzaak was: er kan meer tegelijk zijn gebeurd.",
                "A difference after a change does not prove that the change caused it: other things may have happened at the same time.",
            ))
        }
        (named(
            "change-chart",
            voice.say("Verschil in gesprekken die misgingen", "Difference in conversations that went wrong"),
            points.to_owned(),
            voice.say("berekend", "computed"),
            vec![
                (voice.say("Met gelijke vragen en kanalen", "Same questions and channels").to_owned(), &comparison.standardised),
                (crude_name.to_owned(), &comparison.crude),
            ],
        ))
        p class="note-line" {
            (voice.say("Met gelijke vragen en kanalen: ", "With the same questions and channels: ")) (say(&comparison.standardised)) ". "
            (voice.say("Deel van de gesprekken dat zo te vergelijken was: ", "Share of the conversations that could be compared like this: "))
            (voice.percent(comparison.comparable)) "."
        }
        @if by_intent.len() > 1 {
            (named("change-intent", voice.say("Verschil per soort vraag", "Difference by intent"), points.to_owned(), voice.say("soort vraag", "intent"), by_intent))
        }
        @if by_channel.len() > 1 {
            (named("change-channel", voice.say("Verschil per kanaal", "Difference by channel"), points.to_owned(), voice.say("kanaal", "channel"), by_channel))
        }
    }
}
