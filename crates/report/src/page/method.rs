//! What could not be assessed, what the words mean, and how the figures came about.

use maud::{Markup, html};

use crate::tables::{Counts, MethodUsed, Tables};
use crate::voice::Voice;

/// So many kinds of errors are named.
const MAX_KINDS: usize = 6;

pub(super) fn unassessed(tables: &Tables, voice: Voice) -> Markup {
    let periods = match &tables.comparison {
        None => {
            vec![(voice.say("Niet beoordeeld", "Not assessed"), missing(&tables.counts, voice))]
        }
        Some(comparison) => vec![
            (voice.say("Na de verandering", "After the change"), missing(&tables.counts, voice)),
            (voice.say("Ervoor", "Before it"), missing(&comparison.before, voice)),
        ],
    };
    html! {
        @if periods.iter().all(|(_, rows)| rows.is_empty()) {
            p { (voice.say("Alles kon worden gelezen en beoordeeld.", "Everything could be read and assessed.")) }
        } @else {
            p {
                (voice.say(
                    "Wat hier staat, telt niet mee als goed en niet als slecht. We weten het niet.",
                    "What stands here counts neither as good nor as bad. We do not know.",
                ))
            }
        }
        @for (caption, rows) in periods.iter().filter(|(_, rows)| !rows.is_empty()) {
            div class="scroll" tabindex="0" role="region" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead { tr { th scope="col" { (voice.say("wat", "what")) } th scope="col" { (voice.say("aantal", "number")) } } }
                    tbody { @for (name, n) in rows { tr { th scope="row" { (name) } td { (n) } } } }
                }
            }
        }
    }
}

/// What of a period could not be read, assessed or dated, with its number.
fn missing(counts: &Counts, voice: Voice) -> Vec<(String, String)> {
    let of_all = |n: u64| {
        let share = n as f64 / counts.interactions.max(1) as f64;
        format!("{} ({})", voice.count(n), voice.percent(share))
    };
    let failed: u64 = counts.failed_rows.iter().map(|(_, n)| n).sum();
    let kinds = counts.failed_rows.iter().map(|(kind, n)| format!("{kind} {}", voice.count(*n)));
    let kinds: Vec<String> = kinds.take(MAX_KINDS).collect();
    [
        (
            voice.tell("Geen oordeel: een taal die het model niet kent, geen tekst van de {one}, of een automatisch antwoord", "No verdict: a language the model does not know, no text of the {one}, or an automatic reply"),
            counts.not_assessable > counts.none_scored,
            of_all(counts.not_assessable - counts.none_scored),
        ),
        (
            voice.tell("Geen oordeel: geen van de berichten kon gelezen worden", "No verdict: none of the messages could be read"),
            counts.none_scored > 0,
            of_all(counts.none_scored),
        ),
        (
            voice.tell("Zonder datum: telt mee, maar niet in de lijn", "Without a date: counted, but not in the line"),
            counts.undated > 0,
            of_all(counts.undated),
        ),
        (
            voice.tell("Met een datum die niet kan kloppen: telt mee, maar niet in wat over tijd gaat", "With a date that cannot be right: counted, but not in what goes by time"),
            counts.misdated > 0,
            of_all(counts.misdated),
        ),
        (
            voice.tell("Berichten die niet gelezen konden worden", "Messages that could not be read"),
            counts.messages_failed > 0,
            format!("{} / {}", voice.count(counts.messages_failed), voice.count(counts.messages)),
        ),
        (
            format!("{}: {}", voice.say("Rijen die mislukten, naar fout", "Rows that failed, by error"), kinds.join(", ")),
            failed > 0,
            voice.count(failed),
        ),
        (
            voice.tell("Regels die geen uitvoer van judge zijn", "Lines that are no output of judge"),
            counts.unreadable > 0,
            voice.count(counts.unreadable),
        ),
        (
            voice.tell("Gesprekken met een naam die al voorkwam en een ander begin; alle tellen mee", "Conversations with a name that came before and another start; all are counted"),
            counts.repeated_names > counts.counted_twice,
            voice.count(counts.repeated_names - counts.counted_twice),
        ),
        (
            voice.tell("Regels over een gesprek dat er al was, met dezelfde naam en hetzelfde begin", "Lines on a conversation that came before, with the same name and start"),
            counts.counted_twice > 0,
            voice.count(counts.counted_twice),
        ),
    ]
    .into_iter()
    .filter_map(|(name, shown, n)| shown.then_some((name, n)))
    .collect()
}

pub(super) fn glossary(voice: Voice) -> Markup {
    let words = [
        (
            voice.tell("Gesprek", "Conversation"),
            voice.tell(
                "Alles wat een {one} en de organisatie elkaar over één zaak schreven of zeiden, langs één kanaal.",
                "Everything a {one} and the organisation wrote or said to each other about one matter, through one channel.",
            ),
        ),
        (
            voice.tell("Misgaan", "Going wrong"),
            voice.tell(
                "Een zorgvuldige lezer zou zeggen: dit was een slechte ervaring voor de {one}. Dat iets kapot is, telt niet; hoe ermee is omgegaan wel.",
                "A careful reader would say: this was a bad experience for the {one}. That something is broken does not count; how it was handled does.",
            ),
        ),
        (
            voice.tell("Kantelmoment", "Turning point"),
            voice.tell(
                "Het eerste bericht waaruit blijkt dat het voor de {one} niet meer goed zit.",
                "The first message that shows the {one} no longer feels well treated.",
            ),
        ),
        (
            voice.tell("Herstelwerk", "Rework"),
            voice.tell(
                "Werk dat er alleen is omdat het de eerste keer niet goed ging: nog eens vragen, nog eens uitleggen, doorgeven.",
                "Work that exists only because it did not go right the first time: asking again, explaining again, passing on.",
            ),
        ),
        (
            voice.tell("Samenhang is geen schuld", "Correlation is not blame"),
            voice.tell(
                "Ziet u veel slechte momenten bij één rol, dan kan dat komen doordat die rol het slechte nieuws van anderen brengt. Vraag het na voor u iets besluit.",
                "Many bad moments with one role may mean that this role brings the bad news of others. Ask before you decide.",
            ),
        ),
        (
            voice.interval().to_owned(),
            voice.tell(
                "Waar het echte getal waarschijnlijk tussen ligt. Bij honderd van zulke intervallen zit het er ongeveer 95 keer in.",
                "Where the true number probably lies. Of a hundred such intervals about 95 hold it.",
            ),
        ),
    ];
    html! { dl class="glossary" { @for (word, meaning) in words { div { dt { (word) } dd { (meaning) } } } } }
}

pub(super) fn method(tables: &Tables, voice: Voice) -> Markup {
    let estimate = match tables.method {
        MethodUsed::Calibrated { odds_factor } => voice
            .tell(
                "Het model geeft elk gesprek een kans dat het misging. Het gemiddelde van die kansen is de schatting. Het model kan over de hele linie te streng of te mild zijn; we rekenen ermee dat de verhouding tussen mis en goed tot {factor} keer zo groot of zo klein kan zijn. Die marge komt van ander materiaal dan het uwe. Wilt u een smallere marge, laat dan mensen een steekproef lezen en geef de uitkomst op (--checked).",
                "The model gives each conversation a probability that it went wrong. The mean of these is the estimate. The model as a whole may be too strict or too mild; we allow for the odds of wrong against right being up to {factor} times as large or small. That margin comes from other material than yours. For a narrower one, let people read a sample and state the outcome (--checked).",
            )
            .replace("{factor}", &voice.number(odds_factor, 2)),
        MethodUsed::Checked { flagged_bad, flagged_fine, missed_bad, left_fine } => voice
            .tell(
                "Mensen lazen een steekproef van {n} gesprekken. Daaruit weten we hoe vaak het model iets mist en hoe vaak het te veel meldt. Daarmee is het deel gemelde gesprekken verbeterd (Rogan en Gladen). Het interval telt mee dat de steekproef klein is (Lang en Reiczigel).",
                "People read a sample of {n} conversations. It tells how often the model misses and how often it flags too much, and the flagged share was corrected by that (Rogan and Gladen). The interval allows for the sample being small (Lang and Reiczigel).",
            )
            .replace("{n}", &voice.count(flagged_bad + flagged_fine + missed_bad + left_fine)),
    };
    let points = [
        estimate,
        voice.tell(
            "Een model dat twijfelt, laat een verandering kleiner lijken dan zij is. In de lijn en in de vergelijking is dat rechtgezet. Daardoor wordt ook de marge groter.",
            "A model in doubt makes a change look smaller than it is. The line and the comparison are corrected for that, which widens their margins too.",
        ),
        voice
            .tell(
                "Groepen met minder dan {min} gesprekken tonen we niet: het cijfer zou toeval zijn. Een rol die uit de andere cijfers te herleiden is, tonen we ook niet, want zij kan van één persoon zijn. Andere kleine groepen zijn naar het gemiddelde getrokken (empirical Bayes).",
                "Groups of fewer than {min} conversations are not shown: the figure would be chance. A role that the other figures would give away is not shown either, since it may be one person’s. Other small groups are drawn towards the mean (empirical Bayes).",
            )
            .replace("{min}", &voice.count(tables.min_group)),
        voice.tell(
            "Een gesprek telt in de week of maand waarin het begon (UTC). Gesprekken van de laatste dagen kunnen nog kantelen of goedkomen.",
            "A conversation counts in the week or month in which it began (UTC). Those of the last days may still turn or be put right.",
        ),
    ];
    let limits = [
        voice.tell(
            "Het model leest alleen tekst. Het hoort geen stem en weet niet wat er na het laatste bericht gebeurde.",
            "The model reads text only. It hears no voice and does not know what happened after the last message.",
        ),
        voice.tell(
            "Wie niets schrijft, telt niet mee. Stille {many} staan niet in dit rapport.",
            "Those who write nothing are not counted. Silent {many} are not in this report.",
        ),
        voice.tell(
            "Ironie, dialect en teksten van wie een andere moedertaal heeft, leest het model minder goed.",
            "The model reads irony, dialect and second-language writing less well.",
        ),
        voice.tell(
            "De cijfers zijn er om van te leren. Gebruik ze niet om een {one} of een medewerker te beoordelen.",
            "The figures are there to learn from. Do not use them to judge a {one} or a member of staff.",
        ),
    ];
    html! {
        ul class="plain" { @for point in points { li { (point) } } }
        h3 { (voice.say("Wat dit rapport niet kan", "What this report cannot do")) }
        ul class="plain" { @for limit in limits { li { (limit) } } }
        p class="note-line" {
            (voice
                .tell(
                    "Gelezen: {messages} in {interactions}; {assessed} beoordeeld, {flagged} gemeld.",
                    "Read: {messages} in {interactions}; {assessed} assessed, {flagged} flagged.",
                )
                .replace("{messages}", &voice.messages(tables.counts.messages))
                .replace("{interactions}", &voice.conversations(tables.counts.interactions))
                .replace("{assessed}", &voice.count(tables.counts.assessed))
                .replace("{flagged}", &voice.count(tables.counts.flagged)))
        }
    }
}
