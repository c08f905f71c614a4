//! What had to be done again, and what does that cost?

use maud::{Markup, html};

use super::across;
use super::figures::{
    Figure, ends, group_cells, group_note, group_rows, share_columns, spoken_rows,
};
use crate::chart::{Mark, Spoken, Tone, ranges};
use crate::tables::{Cost, Tables};
use crate::voice::Voice;

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
    let name = |name: &str| voice.intent(name);
    let rows = group_rows(voice, &rework.by_intent, name, Tone::Cool);
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
        rows: group_cells(voice, &rework.by_intent, name),
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
