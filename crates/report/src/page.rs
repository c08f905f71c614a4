//! The page: one HTML file that needs nothing else, no network and no script. Everything that comes from the input is
//! escaped by maud; a content policy in the page forbids whatever might slip through.

mod across;
mod cards;
mod change;
mod figures;
mod method;
mod places;
mod rework;
mod time;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::collect::shortened;
use crate::compare::{Comparison, Finding};
use crate::estimate::Estimate;
use crate::tables::{Counts, Tables};
use crate::voice::Voice;

const STYLE: &str = include_str!("style.css");
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

impl Tables {
    /// Renders the page.
    pub fn html(&self, voice: Voice) -> String {
        let title = self.title(voice);
        let parts = self.parts(voice);
        let page = html! {
            (DOCTYPE)
            html lang=(voice.code()) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(CONTENT_POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a class="skip" href="#main" { (voice.say("Naar de inhoud", "Skip to the content")) }
                    div class="sheet" {
                        header {
                            p class="kicker" { span { "Beleving" } span { (when(voice, self.days.as_ref())) } }
                            h1 { (title) }
                            p class="lead" { (self.lead(voice)) }
                            (self.facts(voice))
                            @for note in self.notes(voice) {
                                p class="note-line" { strong { (voice.say("Let op: ", "Note: ")) } (note) }
                            }
                        }
                        nav aria-label=(voice.say("Inhoud", "Contents")) {
                            ul { @for (id, heading, _) in &parts { li { a href=(format!("#{id}")) { (heading) } } } }
                        }
                        main id="main" {
                            @for (id, heading, body) in &parts {
                                section aria-labelledby=(id) { h2 id=(id) { (heading) } (body) }
                            }
                        }
                        footer { (self.colophon(voice)) }
                    }
                }
            }
        };
        page.into_string()
    }

    /// Id, heading and body of each section that has something to say.
    fn parts(&self, voice: Voice) -> Vec<(&'static str, &'static str, Markup)> {
        let mut parts = Vec::new();
        if let Some(comparison) = &self.comparison {
            let heading = voice.say("Hielp de verandering?", "Did the change help?");
            parts.push(("change", heading, change::comparison(voice, comparison)));
        }
        let mut add = |id, dutch, english, body: Option<Markup>| {
            if let Some(body) = body {
                parts.push((id, voice.say(dutch, english), body));
            }
        };
        add("time", "Hoe het beweegt", "How it moves", time::time(self, voice));
        add("where", "Waar het misgaat", "Where it goes wrong", places::places(self, voice));
        add("felt", "Bedoeld en gevoeld", "Meant and felt", across::claims(self, voice));
        add("rework", "Herstelwerk", "Rework", rework::rework(self, voice));
        add("stake", "Wat er op het spel staat", "What is at stake", across::at_stake(self, voice));
        add("moments", "Momenten om te lezen", "Moments to read", cards::bad(self, voice));
        add("well", "Wat goed ging", "What went well", cards::good(self, voice));
        add(
            "unassessed",
            "Wat we niet konden beoordelen",
            "What could not be assessed",
            Some(method::unassessed(self, voice)),
        );
        add("words", "Woordenlijst", "Glossary", Some(method::glossary(voice)));
        add(
            "method",
            "Hoe dit is berekend",
            "How this was computed",
            Some(method::method(self, voice)),
        );
        parts
    }

    fn title(&self, voice: Voice) -> String {
        let Some(overall) = &self.overall else {
            return voice
                .say("Er was niets te beoordelen", "There was nothing to assess")
                .to_owned();
        };
        match &self.comparison {
            _ if self.is_small() => voice
                .say(
                    "Te weinig gesprekken voor een schatting",
                    "Too few conversations for an estimate",
                )
                .to_owned(),
            Some(comparison) => comparison_title(comparison, voice),
            None => voice.went_wrong(overall.share),
        }
    }

    fn lead(&self, voice: Voice) -> String {
        let Some(overall) = &self.overall else {
            return voice.tell(
                "De gegevens bevatten geen enkel gesprek dat het model kon lezen. Onderaan staat waarom.",
                "The input holds no conversation that the model could read. The reasons are given below.",
            );
        };
        let few = voice
            .say(
                "Bij minder dan {min} beoordeelde gesprekken zou een schatting toeval zijn. Ook de cijfers hieronder zeggen dan weinig.",
                "Of fewer than {min} assessed conversations an estimate would be chance. The figures below say little then, too.",
            )
            .replace("{min}", &voice.count(self.min_group));
        if let Some(comparison) = &self.comparison {
            let (before, after) =
                (voice.count(comparison.n[0]), voice.conversations(comparison.n[1]));
            let compared = voice
                .tell(
                    "We vergeleken {after} van na de verandering ({days}) met {before} van ervoor ({days_before}). Soort vraag en kanaal hielden we gelijk: drukte met andere vragen telt dus niet mee.",
                    "We compared {after} after the change ({days}) with {before} before it ({days_before}). Intent and channel were held still, so a busier time with other questions does not count.",
                )
                .replace("{before}", &before)
                .replace("{after}", &after)
                .replace("{days}", &when(voice, self.days.as_ref()))
                .replace("{days_before}", &when(voice, comparison.days_before.as_ref()));
            return if self.is_small() { format!("{compared} {few}") } else { compared };
        }
        let read = if self.counts.assessed == self.counts.interactions {
            voice.tell(
                "We lazen {all} zoals de {one} {them} beleefde.",
                "We read {all} as the {one} lived {them}.",
            )
        } else {
            voice.tell(
                "We lazen {all} zoals de {one} {them} beleefde, en konden er {n} beoordelen.",
                "We read {all} as the {one} lived {them}, and could assess {n}.",
            )
        };
        let rest = if self.is_small() {
            few
        } else {
            voice
                .say(
                    "De schatting is niet exact: het echte aantal ligt, met 95\u{a0}% zekerheid, {between}. Dat is inclusief de fouten die het model maakt.",
                    "The estimate is not exact: with 95% certainty the true number lies {between}. That includes the errors the model makes.",
                )
                .replace("{between}", &voice.between(overall.low, overall.high))
        };
        let them = match self.counts.interactions {
            1 => voice.say("dat", "it"),
            _ => voice.say("die", "them"),
        };
        let read = read
            .replace("{them}", them)
            .replace("{all}", &voice.conversations(self.counts.interactions))
            .replace("{n}", &voice.count(self.counts.assessed));
        format!("{read} {rest}")
    }

    /// What a reader has to know before the figures.
    fn notes(&self, voice: Voice) -> Vec<String> {
        let mut notes = Vec::new();
        let before = self.comparison.as_ref().map(|comparison| &comparison.before);
        let of_all = |n: fn(&Counts) -> u64| n(&self.counts) + before.map(n).unwrap_or_default();
        let counted_twice = of_all(|counts| counts.counted_twice);
        if counted_twice > 0 {
            let note = voice.say(
                "Gesprekken die er al waren, met dezelfde naam en hetzelfde begin: {n}. Ze tellen niet nog eens mee; is een bestand twee keer opgegeven?",
                "Conversations that came before, with the same name and start: {n}. They are not counted again; was a file given twice?",
            );
            notes.push(note.replace("{n}", &voice.count(counted_twice)));
        }
        if let Some(answers) = &self.answers
            && answers.interactions > self.counts.interactions
        {
            let note = voice.say(
                "Wat er na een antwoord veranderde rust op {states} gesprekken, en dat zijn er meer dan de {n} beoordelingen. Staan gesprekken er onder twee namen in, dan lijken groepen groter dan ze zijn.",
                "What changed over an answer rests on {states} conversations, which are more than the {n} verdicts. If some are there under two names, groups seem larger than they are.",
            );
            notes.push(
                note.replace("{states}", &voice.count(answers.interactions))
                    .replace("{n}", &voice.count(self.counts.interactions)),
            );
        }
        let misdated = of_all(|counts| counts.misdated);
        if misdated > 0 {
            let note = voice.say(
                "Gesprekken met een datum die niet kan kloppen, van voor 1990 of in de toekomst: {n}. Ze tellen mee, maar niet in wat over tijd gaat.",
                "Conversations with a date that cannot be right, before 1990 or in the future: {n}. They count, but not in what goes by time.",
            );
            notes.push(note.replace("{n}", &voice.count(misdated)));
        }
        if let Some([from, to]) = self.comparison.as_ref().and_then(|found| found.overlap.as_ref())
        {
            let note = voice.say(
                "De twee periodes overlappen, van {from} tot en met {to}. Wat in beide zit, kan geen verschil laten zien.",
                "The two periods overlap, from {from} to {to}. What is in both cannot show a difference.",
            );
            let day = |day: &str| day.parse().map(|day| voice.date(day)).unwrap_or_default();
            notes.push(note.replace("{from}", &day(from)).replace("{to}", &day(to)));
        }
        for (policy, hashes) in self.policies_of_one_name() {
            let note = voice.say(
                "Onder de naam {policy} zijn verschillende regels gebruikt ({hashes}). Hun uitkomsten staan hier bij elkaar.",
                "Different policies of the name {policy} were used ({hashes}). Their results stand together here.",
            );
            notes.push(
                note.replace("{hashes}", &hashes.join(", "))
                    .replace("{policy}", &shortened(&policy)),
            );
        }
        notes
    }

    fn facts(&self, voice: Voice) -> Markup {
        let counts = &self.counts;
        let share = |found: Option<Estimate>| {
            found.filter(|_| !self.is_small()).map(|found| voice.percent(found.share))
        };
        let (overall, repeat) = (share(self.overall), share(self.rework.repeat));
        html! {
            dl class="facts" {
                @if let Some(overall) = overall {
                    div {
                        dt {
                            @if self.comparison.is_some() {
                                (voice.say("ging mis na de verandering", "went wrong after the change"))
                            } @else {
                                (voice.say("ging mis, naar schatting", "went wrong, estimated"))
                            }
                        }
                        dd { (overall) }
                    }
                }
                @if let Some(repeat) = repeat {
                    div {
                        dt { (voice.tell("{one} moest het opnieuw vragen", "{one} had to ask again")) }
                        dd { (repeat) }
                    }
                }
                div {
                    dt { (voice.say("ging mis en kwam toch goed", "went wrong and was put right")) }
                    dd { (voice.count(self.well.recovered)) }
                }
                div {
                    dt { (voice.say("kon het model niet beoordelen", "could not be assessed")) }
                    dd { (voice.count(counts.not_assessable)) }
                }
            }
        }
    }

    fn colophon(&self, voice: Voice) -> Markup {
        html! {
            p {
                (voice.say("Gemaakt met Beleving. ", "Made with Beleving. "))
                @for (i, reader) in self.readers.iter().enumerate().take(6) {
                    @if i > 0 { ", " } @else { (voice.say("Gelezen door ", "Read by ")) }
                    code { (reader.model) } (voice.say(" met regels ", " with policy ")) code { (reader.policy) }
                }
                @if !self.readers.is_empty() { ". " }
                (voice.say(
                    "Dit bestand haalt niets van internet en bevat geen volgcode.",
                    "This file loads nothing from the network and tracks nobody.",
                ))
            }
        }
    }
}

/// First and last day of a period.
fn when(voice: Voice, days: Option<&[String; 2]>) -> String {
    let Some(days) = days else {
        return voice.say("zonder datums", "without dates").to_owned();
    };
    let [from, to] =
        days.each_ref().map(|day| day.parse().map(|day| voice.date(day)).unwrap_or_default());
    if from == to { from } else { format!("{from} – {to}") }
}

fn comparison_title(comparison: &Comparison, voice: Voice) -> String {
    let by = voice.number(comparison.standardised.difference.abs() * 100.0, 1);
    let title = match comparison.finding {
        Finding::Better => voice.say(
            "Na de verandering gingen er per 100 gesprekken {by} minder mis",
            "After the change, {by} fewer in 100 conversations went wrong",
        ),
        Finding::Worse => voice.say(
            "Na de verandering gingen er per 100 gesprekken {by} méér mis",
            "After the change, {by} more in 100 conversations went wrong",
        ),
        Finding::Unclear => voice.say(
            "Of de verandering hielp, is niet te zeggen",
            "Whether the change helped cannot be told",
        ),
    };
    title.replace("{by}", &by)
}
