//! Did a change help: what differs between two periods, in all, by intent and by channel?

use maud::{Markup, html};

use super::figures::{Figure, alike, difference_row, ends, in_a_row, not_drawn, spoken_rows};
use crate::chart::{Mark, Row, Spoken, largest, ranges};
use crate::compare::{self, Comparison, Difference, Finding};
use crate::voice::Voice;

pub(super) fn comparison(voice: Voice, comparison: &Comparison) -> Markup {
    let Comparison { standardised, crude, .. } = comparison;
    type Name = fn(Voice, &str) -> String;
    let groups = [
        (
            "change-intent",
            voice.say("Verschil per soort vraag", "Difference by intent"),
            voice.say("soort vraag", "intent"),
            &comparison.by_intent,
            Voice::intent as Name,
        ),
        (
            "change-channel",
            voice.say("Verschil per kanaal", "Difference by channel"),
            voice.say("kanaal", "channel"),
            &comparison.by_channel,
            Voice::name as Name,
        ),
    ];
    html! {
        p { strong { (answer(voice, comparison.finding)) } " "
            (voice.say(
                "Een verschil na een verandering bewijst nog niet dat de verandering de oorzaak was: er kan meer tegelijk zijn gebeurd.",
                "A difference after a change does not prove that the change caused it: other things may have happened at the same time.",
            ))
        }
        (Differences {
            id: "change-chart",
            heading: voice.say("Verschil in gesprekken die misgingen", "Difference in conversations that went wrong"),
            column: voice.say("berekend", "computed"),
            found: vec![
                (voice.say("Met gelijke vragen en kanalen", "Same questions and channels").to_owned(), standardised),
                (voice.say("Zoals het was", "As it was").to_owned(), crude),
            ],
            withheld: None,
        }.show(voice))
        p class="note-line" {
            (voice.say("Met gelijke vragen en kanalen: ", "With the same questions and channels: ")) (in_words(voice, standardised)) ". "
            (voice.say("Deel van de gesprekken dat zo te vergelijken was: ", "Share of the conversations that could be compared like this: "))
            (voice.percent(comparison.comparable)) "."
        }
        @for (id, heading, column, by, name) in groups {
            // All in one group is nothing to see.
            @if by.rows.len() as u64 + by.withheld > 1 {
                (Differences {
                    id,
                    heading,
                    column,
                    found: by.rows.iter().map(|(group, found)| (name(voice, group), found)).collect(),
                    withheld: withheld(voice, by),
                }.show(voice))
            }
        }
    }
}

/// What of a comparison by group is not shown.
fn withheld(voice: Voice, found: &compare::Differences) -> Option<String> {
    let note = voice.say(
        "Niet getoond, omdat er in een van de periodes te weinig van zijn om te vergelijken: {groups}, met {n}.",
        "Not shown, because one of the periods has too few of them to compare: {groups}, with {n}.",
    );
    (found.withheld > 0).then(|| {
        note.replace("{groups}", &voice.groups(found.withheld))
            .replace("{n}", &voice.conversations(found.withheld_n))
    })
}

fn answer(voice: Voice, finding: Finding) -> String {
    match finding {
        Finding::Better => voice.tell("Ja, daar ziet het naar uit.", "Yes, it looks that way."),
        Finding::Worse => {
            voice.tell("Nee. Er ging daarna meer mis.", "No. More went wrong afterwards.")
        }
        Finding::Unclear => voice.tell(
            "Dat is niet te zeggen: het verschil kan toeval zijn.",
            "It cannot be told: the difference may be chance.",
        ),
    }
}

fn in_words(voice: Voice, found: &Difference) -> String {
    format!(
        "{} ({} {} {})",
        voice.points(found.difference),
        voice.points(found.low),
        voice.say("tot", "to"),
        voice.points(found.high)
    )
}

/// A figure of differences between the periods.
struct Differences<'a> {
    id: &'a str,
    heading: &'a str,
    /// Head of the column of names.
    column: &'a str,
    found: Vec<(String, &'a Difference)>,
    /// What is not shown.
    withheld: Option<String>,
}

impl Differences<'_> {
    fn show(self, voice: Voice) -> Markup {
        let Self { id, heading, column, found, withheld } = self;
        if found.is_empty() {
            return html! { h3 { (heading) } @if let Some(note) = withheld { p class="note-line" { (note) } } };
        }
        let rows: Vec<Row> = found
            .iter()
            .map(|(name, d)| {
                difference_row(voice, name.clone(), [d.difference, d.low, d.high], d.n)
            })
            .collect();
        let table = rows.iter().map(|row| {
            let ends = ends(|points| voice.points(points), row.low, row.high);
            vec![row.name.clone(), row.figure.clone(), ends]
        });
        let table = table.collect();
        let alike = alike(found.iter().map(|(_, d)| d.difference)).then(|| {
            voice.tell(
                "Tussen deze groepen verschilt het verschil niet meer dan door toeval; daarom staan ze gelijk.",
                "The difference varies between these groups no more than by chance, so they are drawn alike.",
            )
        });
        let rows = largest(rows);
        let described = spoken_rows(voice, &rows);
        let spoken = Spoken { id, title: heading, description: &described };
        let names =
            [voice.say("beter", "better").to_owned(), voice.say("slechter", "worse").to_owned()];
        let mark = Mark::Difference { names };
        let figure = Figure {
            heading,
            sub: voice
                .say(
                    "Verschil in procentpunten, na min voor.",
                    "Difference in percentage points, after minus before.",
                )
                .to_owned(),
            drawing: ranges(&spoken, &rows, &mark, |share| voice.step_points(share)),
            columns: vec![column, voice.say("verschil", "difference"), voice.interval()],
            rows: table,
            note: in_a_row([alike, withheld, not_drawn(voice, found.len())]),
        };
        figure.show(voice)
    }
}
