//! Words that say something beyond doubt: of a customer who had to ask again, of staff who promise.
//!
//! The encoder reads tone and meaning; these name the place. A cue that is often wrong is worse than
//! none: each list is followed by words alike that say something else. New words are worth having if
//! nine in ten of what they find in `training/written` is right.

mod customer;
mod staff;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::marks::{Mark, MarkKind};
use crate::message::Speaker;

struct Cue {
    kind: MarkKind,
    says: Regex,
    /// Words alike that say something else: what begins or ends within them is no hit.
    unless: Option<Regex>,
}

/// What the cues write in angle brackets.
const SHORT: &[(&str, &str)] = &[
    ("<w>", r"[^\s.?!]+"),
    ("<few>", r"(?:[^\s.?!]+ ){0,4}"),
    ("<near>", r"(?:'s|,)? (?:[^\s.?!]+ ){0,6}"),
    ("<nde>", r"(?:tweede|derde|vierde|vijfde|zesde|zevende|achtste|zoveelste|\d+(?:e|de|ste))"),
    (
        "<nth>",
        r"(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|umpteenth|\d+(?:nd|rd|th))",
    ),
    (
        "<keren>",
        r"(?:(?:twee|drie|vier|vijf|zes|zeven|acht|negen|tien|\d+|meerdere|verschillende) ?(?:keer|keren|maal|malen|x)|tweemaal|driemaal
            |meermaals|meermalen|herhaaldelijk)\b",
    ),
    (
        "<times>",
        r"(?:(?:two|three|four|five|six|seven|eight|nine|ten|a dozen|\d+|several|many|multiple|countless|numerous|loads of) times|twice|\d+x
            |repeatedly|again and again|over and over|time and again|(?:two|three|four|several|separate|\d+) (?:separate )?occasions)\b",
    ),
    (
        "<zoveel>",
        r"(?:twee|drie|vier|vijf|zes|zeven|\d+|meerdere|verschillende|herhaaldelijke|talloze)",
    ),
    (
        "<many>",
        r"(?:two|three|four|five|six|seven|\d+|several|many|multiple|numerous|countless|repeated)",
    ),
    (
        "<gevraagd>",
        r"(?:op|door|na|aan)?(?:gebeld|gemaild|gevraagd|gemeld|geschreven|gestuurd|uitgelegd|gezegd|verteld|doorgegeven|aangegeven
            |verzocht|ingevuld|ingediend|gecontacteerd|contact opgenomen)\b",
    ),
    ("<vraag>", r"(?:vraag|bel|mail|schrijf|stuur|meld|verzoek|herhaal|zeg|leg|voeg|vul)"),
    (
        "<asked>",
        r"(?:asked|told|called|rang|rung|phoned|e-?mailed|written|wrote|explained|reported|requested|chased|messaged|contacted|described
            |raised|brought)",
    ),
    (
        "<toen>",
        r"(?:vanochtend|vanmorgen|vanmiddag|gisteren|eergisteren|(?:maan|dins|woens|donder|vrij|zater|zon)dag
            |(?:vorige|deze|afgelopen) (?:week|maand|ochtend|middag|keer)|binnen|uiterlijk|tegen)\b",
    ),
    ("<nobody>", r"(?:nobody|no ?one|no-one|no body)"),
    (
        "<been>",
        r"(?:(?:been|being|get|got|getting|keep|(?:i|we) (?:was|were|am|are)|i'm|we're)(?: <w>)? )",
    ),
    ("<monteur>", r"(?:monteur|bezorger|koerier|chauffeur|aannemer|loodgieter|technieker)"),
    ("<engineer>", r"(?:engineer|driver|courier|plumber|technician|surveyor|nurse|delivery)"),
];

/// Joins alternatives into one expression that ignores case, starts at a word and takes either apostrophe, in "don't",
/// "I've" and the like also none.
///
/// An alternative may go on on the next line, before a `|`. Words are bounded as in ASCII: with Unicode's boundaries one accent
/// in a text makes reading it several times as slow.
fn regex(alternatives: &[&str]) -> Regex {
    let any =
        SHORT.iter().fold(alternatives.join("|"), |any, (short, words)| any.replace(short, words));
    let any: String = any.lines().map(str::trim_start).collect();
    let any = any.replace('\'', "['’]");
    let any = ["n['’]t", "['’]ve", "['’]s", "['’]m", "['’]re", "i['’]ll"]
        .iter()
        .fold(any, |any, short| any.replace(short, &short.replace("['’]", "['’]?")));
    let any = format!(r"(?i)\b(?:{any})").replace(r"\b", r"(?-u:\b)");
    Regex::new(&any).expect("the cues are well-formed")
}

fn cue(kind: MarkKind, says: &[&str], unless: &[&str]) -> Cue {
    let unless = (!unless.is_empty()).then(|| regex(unless));
    Cue { kind, says: regex(says), unless }
}

impl Cue {
    fn find(&self, text: &str) -> Option<Range<usize>> {
        // Words alike are looked for only where there is a hit: most texts have none.
        let mut hits = self.says.find_iter(text).map(|hit| hit.range()).peekable();
        hits.peek()?;
        let alike = self.unless.iter().flat_map(|unless| unless.find_iter(text));
        let alike: Vec<Range<usize>> = alike.map(|alike| alike.range()).collect();
        let is_within_alike = |at: usize| {
            let next = alike.partition_point(|alike| alike.end <= at);
            alike.get(next).is_some_and(|alike| alike.start <= at)
        };
        hits.find(|hit| !is_within_alike(hit.start) && !is_within_alike(hit.end.saturating_sub(1)))
    }
}

static CUSTOMER: LazyLock<[Cue; 6]> = LazyLock::new(customer::cues);
static STAFF: LazyLock<[Cue; 5]> = LazyLock::new(staff::cues);

/// Bytes of a message that can be a formality: a longer one says something.
const MOST_FORMAL: usize = 300;

/// Phrases of which a message can consist without saying anything of how things went. Not among them: yes, please, and what
/// praises.
static FORMALITY: LazyLock<Regex> = LazyLock::new(|| {
    let phrases = [
        r"ok(?:ay|ie|é|e|ee|i)?|kk?|all ?right|right(?: you are)?|noted|understood|got it|i see|received|rec'?d|will do|fair enough|fine",
        r"👍\u{fe0f}?|👌|🙏",
        r"genoteerd|begrepen|duidelijk|helder|ontvangen|gelezen|akkoord|in orde|(?:dat )?is goed|goed|tja|zal ik doen",
        r"alles klar|in ordnung|verstanden|notiert|d['’]accord|entendu|compris|(?:c['’]est )?(?:bien )?noté",
        r"no|nope|nee(?: hoor)?|nothing else|verder (?:niets|niks)|(?:that['’]?s|that (?:is|was|will be)) (?:all|it|everything)",
        r"dat (?:was|is) (?:het|alles)|nein|non|sonst nichts|das (?:war|ist|wäre) (?:es|alles)|das war['’]?s|rien d['’]autre",
        r"c['’](?:est|était) tout|(?:with |many )?thanks?(?: anyway)?|thank (?:you|u)(?: anyway)?|thx|ty|ta|cheers",
        r"(?:alvast |hartelijk |toch |zeer )?(?:dank|bedankt)(?: u| je)?(?: wel)?|dank(?:je|u)(?:wel)?|merci(?: hé)?|danke(?: ?schön)?",
        r"(?:vielen|besten) dank|(?:ich|wir) danke(?:n)? ihnen|je vous remercie",
        r"for (?:your|the) (?:kind |quick |prompt )?(?:time|reply|response|help|update|information|info|attention|confirmation)",
        r"for (?:letting me know|getting back to me|confirming)",
        r"voor (?:uw|je|jouw|jullie|de|het) (?:snelle )?(?:tijd|reactie|antwoord|hulp|moeite|informatie|info|bericht|terugkoppeling)",
        r"voor (?:uw|je|jouw|jullie|de|het) (?:uitleg|update|bevestiging)",
        r"für (?:ihre|deine|die) (?:zeit|antwort|rückmeldung|hilfe|mühe)|(?:pour|de) (?:votre|ta|ton) (?:temps|réponse|retour|aide)",
        r"bye|goodbye|have a (?:nice|good) (?:day|evening|weekend)|(?:kind|best) regards|yours (?:sincerely|faithfully)|sir|madam|you too",
        r"da+g|doei|tot (?:ziens|dan|horens)|(?:een )?(?:fijne|prettige|goede) (?:dag|avond)(?: nog| verder)?|goeiedag|insgelijks",
        r"(?:fijn|prettig|goed) weekend|(?:u|jij|jullie) ook|(?:met )?(?:vriendelijke |hartelijke )?groet(?:en|jes)?|mvg",
        r"meneer|mevrouw|heer|tschü(?:ss|ß)|auf wiedersehen|schönen (?:tag|abend)(?: noch)?|au revoir|bonne (?:journée|soirée)",
        r"monsieur|madame|cordialement|so|and|then|en|dan|und|et|dann",
    ];
    let salutation = r"(?:geachte|beste|hallo|hoi|hi|hello|dear|dag|good (?:morning|afternoon|evening)|goede(?:morgen|n?middag|navond|ndag))\b";
    let closing = r"(?:(?:kind |best |warm )?regards|(?:met )?(?:vriendelijke |hartelijke )?groet(?:en|jes)?|mvg|faithfully|sincerely)";
    let phrase = format!("(?:{})", phrases.join("|"));
    // Titles and names, and no more: a complaint may begin with "hello" too.
    let titles = "heer|mevrouw|meneer|mijnheer|mr|mrs|ms|sir|madam|team|allen|all|en|of|or|and|van|de|der|den";
    let name = r"(?-i:[A-Z])[^\s,!./]*\.?";
    let greeting =
        format!(r"(?:{salutation}(?:[\s/]+(?:(?:{titles})\b|{name})){{0,6}}\s*[,!.\n]\s*)?");
    let signed = format!(r"(?:{closing}[,.]?\s+{name}(?: (?:van|de|der|den|{name})){{0,3}})?");
    let whole = format!(r"(?i)\A\s*{greeting}\W*{phrase}(?:\W+{phrase})*\W*{signed}\W*\z");
    Regex::new(&whole).expect("valid")
});

/// The cues of a message within the ranges that were read, at most one of each kind.
pub(crate) fn find(text: &str, read: &[Range<usize>], speaker: Speaker) -> Vec<Mark> {
    let cues: &[Cue] = match speaker {
        Speaker::Customer => &*CUSTOMER,
        Speaker::Staff | Speaker::Bot => &*STAFF,
        Speaker::System => &[],
    };
    let passages = passages(text, read);
    let found = cues
        .iter()
        .filter_map(|cue| Some((cue.kind, passages.iter().find_map(|passage| passage.find(cue))?)));
    let formality = match (speaker, read.first(), read.last()) {
        (Speaker::Customer, Some(first), Some(last)) if is_formality(text, read) => {
            Some((MarkKind::Formality, first.start..last.end))
        }
        _ => None,
    };
    let mark = |(kind, at)| Mark { kind, span: scalars(text, at), weight: 100 };
    found.chain(formality).map(mark).collect()
}

fn is_formality(text: &str, read: &[Range<usize>]) -> bool {
    let bytes: usize = read.iter().map(Range::len).sum();
    bytes <= MOST_FORMAL && {
        let own: Vec<&str> = read.iter().map(|range| &text[range.clone()]).collect();
        FORMALITY.is_match(&own.join("\n"))
    }
}

/// A line, or those into which a mail program or a typist broke one.
struct Passage {
    /// The lines, joined by spaces.
    joined: String,
    /// Where each line begins, in `joined` and in the text that it is from.
    starts: Vec<[usize; 2]>,
}

impl Passage {
    fn find(&self, cue: &Cue) -> Option<Range<usize>> {
        let hit = cue.find(&self.joined)?;
        // A cue may end in a space, which a joint is not in the text.
        let end = hit.start + self.joined[hit.clone()].trim_end().len();
        let place = |at: usize| {
            let line = self.starts.partition_point(|[start, _]| *start <= at) - 1;
            let [start, place] = self.starts[line];
            place + (at - start)
        };
        Some(place(hit.start)..place(end.saturating_sub(1)) + 1)
    }
}

/// A line goes on in the next if no sign ends it and that one begins small.
fn passages(text: &str, read: &[Range<usize>]) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut goes_on_at = None;
    for range in read {
        let line = &text[range.clone()];
        let (start, line) = (range.start + line.len() - line.trim_start().len(), line.trim());
        let goes_on = goes_on_at == Some(range.start) && line.starts_with(char::is_lowercase);
        if !goes_on {
            passages.push(Passage { joined: String::new(), starts: Vec::new() });
        }
        let passage = passages.last_mut().expect("one was begun");
        if goes_on {
            passage.joined.push(' ');
        }
        passage.starts.push([passage.joined.len(), start]);
        passage.joined.push_str(line);
        let ends = line.ends_with(['.', '?', '!', '…', ':', ';']);
        goes_on_at = (!ends).then_some(range.end);
    }
    passages
}

/// A byte range in Unicode scalar values.
pub(crate) fn scalars(text: &str, bytes: Range<usize>) -> [u32; 2] {
    let count = |end: usize| u32::try_from(text[..end].chars().count()).unwrap_or(u32::MAX);
    [count(bytes.start), count(bytes.end)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, speaker: Speaker) -> Vec<MarkKind> {
        find(text, std::slice::from_ref(&(0..text.len())), speaker).iter().map(|m| m.kind).collect()
    }

    #[test]
    fn a_cue_is_found_with_its_place() {
        let text = "Één ding: u zou mij vandaag terugbellen. Niemand heeft gebeld.";
        let marks = find(text, std::slice::from_ref(&(0..text.len())), Speaker::Customer);
        let found = (marks[0].kind, marks[0].quote(text));
        assert_eq!(found, (MarkKind::PromiseBroken, Some("zou mij vandaag terugbellen")));
        assert_eq!(marks[1].kind, MarkKind::NoAnswer);
    }

    #[test]
    fn customers_and_staff_have_cues_of_their_own() {
        use MarkKind::{Apologised, AskedBefore, GaveUp, Misunderstood, PassedOn, Promised};
        for (text, kind) in [
            ("Dit is de derde keer dat ik het vraag", AskedBefore),
            ("no, I said Tuesday", Misunderstood),
            ("Laat maar.", GaveUp),
            ("Ik word van het kastje naar de muur gestuurd", PassedOn),
        ] {
            assert!(kinds(text, Speaker::Customer).contains(&kind), "{kind:?}");
            assert!(!kinds(text, Speaker::Staff).contains(&kind), "{kind:?}");
        }
        let staff = kinds("Sorry for that, we will call you within two days.", Speaker::Staff);
        assert_eq!(staff, [Promised, Apologised]);
        assert!(kinds("Ticket gesloten, sorry", Speaker::System).is_empty());
        assert!(kinds("Waar vind ik het formulier?", Speaker::Customer).is_empty());
    }

    #[test]
    fn a_message_of_nothing_but_formalities_is_one() {
        for text in [
            "ok",
            "Oké.",
            "Genoteerd, dank u.",
            "Bedankt voor uw tijd.",
            "Thank you for your time",
            "Nee hoor, dat was het. Fijne dag!",
            "No thanks, that's all. Bye",
            "that’s it thanks",
            "Alles klar, danke. Schönen Tag noch!",
            "Nein, das war alles. Vielen Dank für Ihre Zeit.",
            "D'accord, merci.",
            "Non, c'est tout. Merci de votre réponse, bonne journée",
            "Noted with thanks.",
            "Many thanks for letting me know, kind regards, J. Hall",
            "Geachte heer,\n\nHartelijk dank voor uw antwoord.\n\nMet vriendelijke groet,\nJ. de Boer",
            "👍",
            "U ook een fijne dag.",
            "Beste mevrouw De Vries, bedankt",
            "Hi John and team, thanks",
        ] {
            assert_eq!(kinds(text, Speaker::Customer), [MarkKind::Formality], "{text}");
            assert!(!kinds(text, Speaker::Staff).contains(&MarkKind::Formality), "{text}");
        }
        for text in [
            "No reply.",
            "Nog geen antwoord",
            "Right, so nobody comes.",
            "ja",
            "yes please",
            "Super bedankt!",
            "Dank voor niets!",
            "Thank you very much!",
            "Bedankt, hij werkt weer.",
            "Danke für nichts!",
            "Nein, keine Antwort.",
            "Non, toujours rien.",
            "Merci, ça marche.",
            "Beste mevrouw, er is weer niemand gekomen.",
            "Hi, thanks, it works.",
            "Groetjes aan de monteur, die was geweldig",
            "Hallo waar blijft mijn pakket, bedankt",
            "Dag het is nog steeds niet opgelost. Bedankt",
            "Hi it is still broken, thanks",
            "Bedankt.\nGroet,\nHet werkt nog niet",
            "?",
        ] {
            assert!(!kinds(text, Speaker::Customer).contains(&MarkKind::Formality), "{text}");
        }
    }

    #[test]
    fn words_alike_that_say_something_else_are_told_apart() {
        use MarkKind::{Misunderstood, NoAnswer, PromiseBroken};
        for (text, kind) in [
            ("Ik heb nog steeds geen antwoord.", NoAnswer),
            ("We kregen daarop geen enkel antwoord", NoAnswer),
            ("Dat is geen antwoord op mijn vraag.", Misunderstood),
            ("Er is woensdag niemand geweest.", PromiseBroken),
            ("Nobody turned up on Friday.", PromiseBroken),
            ("They told me it was posted", PromiseBroken),
            ("No, not the blue one", Misunderstood),
        ] {
            assert_eq!(kinds(text, Speaker::Customer), [kind], "{text}");
        }
        for text in [
            "I'll leave it, it is not worth it",
            "Laat maar",
            "Laat maar.",
            "laat dan maar zitten",
            "Oké… laat maar 🙄",
        ] {
            assert_eq!(kinds(text, Speaker::Customer), [MarkKind::GaveUp], "{text}");
        }
        for text in [
            "Laat maar weten wanneer.",
            "Laat u het maar weten.",
            "Never mind, it just arrived",
            "never mind the parcel is here now, it came",
            "Ik regel het zelf wel even in de app.",
            "Ik geef het op bij de balie.",
            "Nee, dat is niet nodig.",
            "The touchscreen doesn't respond",
            "De app reageert niet",
            "The card was transferred twice",
            "Mijn pakket zou vandaag bezorgd worden, hoe laat ongeveer?",
            "No news is good news",
            "They told me to call you.",
            "No, not again please",
            "Great, I'll leave it out.",
            "I don't want to make trouble",
            "Ik hoef geen antwoord.",
        ] {
            assert!(kinds(text, Speaker::Customer).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_lack_of_answer_and_broken_promises_are_said_in_many_ways() {
        use MarkKind::{AskedBefore, GaveUp, Misunderstood, NoAnswer, PassedOn, PromiseBroken};
        for (kind, texts) in [
            (
                NoAnswer,
                &[
                    "Niemand heeft antwoord gegeven.",
                    "geen enkele inhoudelijke reactie gezien",
                    "daarna nooit meer iets gehoord",
                    "Er neemt niemand op.",
                    "ik ben niet teruggebeld",
                    "Nobody has been in touch.",
                    "heard nothing back",
                    "No one picks up",
                    "Nobody answers the phone.",
                    "Niemand neemt de telefoon op",
                    "Jullie bellen nooit terug.",
                    "Ik zit al een uur in de wacht",
                    "40 minutes on hold",
                    "Jullie klantenservice is onbereikbaar",
                    "Sindsdien radiostilte.",
                    "I can't reach anyone.",
                    "I never got a reply.",
                    "Er reageert niemand.",
                    "We have been on hold for an hour",
                    "Ik heb nog geen bevestiging gehad",
                    "Ich warte immer noch.",
                    "Personne ne répond.",
                ][..],
            ),
            (
                PassedOn,
                &[
                    "Iedereen verwijst naar iemand anders.",
                    "Telkens krijg ik iemand anders aan de lijn.",
                    "Every time I get a different person.",
                    "De een zegt dit, de ander zegt dat.",
                    "Bij wie moet ik nu zijn?",
                    "I keep getting fobbed off",
                    "Ich werde nur weitergeleitet.",
                ],
            ),
            (
                AskedBefore,
                &[
                    "dat had ik ook al verteld",
                    "Hoe vaak moet ik dit nog vragen?",
                    "I've already sent the documents.",
                    "For the third time: no.",
                    "Zie mijn eerdere mails",
                    "Stond in mijn melding.",
                    "You've already asked me that",
                    "Dit is de derde mail die ik stuur.",
                    "Dit is de derde keer dat ik over de huur bel",
                    "Dit is de derde keer dat ik hiervoor naar de winkel moet komen",
                    "This is the third time I come to you with this problem",
                    "Vorige week ook al gebeld",
                    "Al vaker gemeld bij de balie",
                    "Na vier telefoontjes nog niets",
                    "Despite numerous phone calls nothing happens.",
                    "Ich habe schon dreimal angerufen.",
                    "J'ai déjà appelé trois fois.",
                ],
            ),
            (
                Misunderstood,
                &[
                    "Dat vroeg ik niet.",
                    "Dat was mijn vraag niet",
                    "U heeft mijn mail niet gelezen",
                    "Did you even read it?",
                    "You still haven't answered my question",
                ],
            ),
            (
                PromiseBroken,
                &[
                    "De monteur is niet gekomen.",
                    "De monteur kwam niet opdagen.",
                    "Niemand kwam opdagen.",
                    "The engineer didn't come.",
                    "Jullie komen jullie afspraken niet na.",
                    "Le technicien n'est pas venu.",
                    "Ge ging mij bellen.",
                    "Vorige week zei u dat het geregeld was",
                    "You confirmed it was blocked",
                    "The callback never happened.",
                ],
            ),
            (
                GaveUp,
                &[
                    "Laat die vergoeding maar zitten.",
                    "I'm done with this.",
                    "Zoek het maar uit.",
                    "thanks for nothing",
                    "ill sort it myself",
                    "Hier laat ik het bij.",
                    "Ik ben er helemaal klaar mee",
                    "J'abandonne.",
                ],
            ),
        ] {
            for text in texts {
                assert!(kinds(text, Speaker::Customer).contains(&kind), "{kind:?}: {text}");
            }
        }
        for text in [
            "De monteur is gekomen.",
            "Ik ging u bellen.",
            "I'm done with it, thanks",
            "Dit is de derde keer dat ik bij jullie bestel.",
            "This is the third time I order here.",
            "Dit is de tweede brief die ik van u krijg.",
            "Jullie hebben mij al drie keer gebeld met een aanbieding.",
            "Bij geen gehoor achter de schuur leggen.",
            "If nobody answers, leave it with the neighbours.",
            "Das Paket wurde an den Nachbarn weitergeleitet.",
            "Niemand kwam zeggen dat het te druk was.",
            "Ich gebe auf dem Formular alles an",
            "Ik ben overdag telefonisch niet bereikbaar, graag per mail",
            "Ik ben klaar met jullie vragenlijst",
            "Ik stuur de foto's mee, bekijk het maar.",
            "Ik heb al twee brieven van u ontvangen",
            "You sent several emails with offers",
            "After two reminders I paid",
            "Vandaag is de tweede brief gekomen",
            "J'ai déjà appelé un plombier",
            "I was unable to reach a conclusion",
            "The delivery hasn't been paid",
            "Alle afspraken zijn bij jullie niet na vijf uur mogelijk",
        ] {
            assert!(kinds(text, Speaker::Customer).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_customers_say_is_told_from_words_alike() {
        use MarkKind::{AskedBefore, GaveUp, Misunderstood, NoAnswer, PassedOn, PromiseBroken};
        for (kind, says, alike) in [
            (
                AskedBefore,
                &[
                    "Dit is nu mijn vierde mail hierover. / Ik heb al drie keer gebeld. / dat schreef ik toch al",
                    "Ik bel nog een keer over die vergunning. / Voor de tweede maal stuur ik u de akte.",
                    "Ge vraagt het, maar ik heb dat al eens aan uw collega uitgelegd. / My second letter about the hedge",
                    "I have reported this on three occasions. / I’ve told you twice / I am asking yet again.",
                    "I had to explain it from scratch",
                ][..],
                &[
                    "Nogmaals dank voor de hulp. / Nogmaals gefeliciteerd met de verbouwing. / Ik heb u al eerder geschreven om te bedanken.",
                    "Second time we have stayed here, lovely again / This is the third time this week the lift stopped.",
                    "Hij heeft het mij drie keer uitgelegd, heel geduldig.",
                ][..],
            ),
            (
                PromiseBroken,
                &[
                    "U zou mij vrijdag een offerte sturen. / Er zou gisteren iemand langskomen.",
                    "Uw collega verzekerde mij dat het geregeld was. / Ge hadt gezegd dat ge ging bellen.",
                    "Er is geen technieker gezien. / Dat was drie weken geleden. / We were promised a call.",
                    "You said it would be ready by noon. / She told me Tuesday at the latest / No engineer has been.",
                    "It was supposed to be fixed / I was told by your colleague it would be free. / No sign of the courier",
                ],
                &[
                    "Zou u mij een kopie kunnen sturen? / Ik zou graag een afspraak krijgen. / Zoals beloofd de foto's.",
                    "Mijn buurvrouw zei dat er vandaag iemand kwam. / As promised, the drawings are attached.",
                    "My neighbour was told the same. / I was told by a friend to ask. / The delay was due to snow.",
                    "I promised you a photo. / Rest assured, all is well.",
                    "De monteur heeft gebeld zoals afgesproken en was op tijd.",
                ],
            ),
            (
                NoAnswer,
                &[
                    "Daar heb ik niets meer van vernomen. / Op mijn brief is niet gereageerd. / Mijn mails blijven onbeantwoord.",
                    "Aan de telefoon krijg ik niemand te pakken. / Ge neemt de telefoon nooit op.",
                    "Ik krijg alleen automatische mails. / Als ik bel krijg ik geen gehoor. / I have had no acknowledgement.",
                    "My letters go unanswered. / I haven’t had a reply / you dont reply / I have yet to hear from you.",
                    "All I get is an automated reply.",
                ],
                &[
                    "Een reactie is niet nodig, geen antwoord nodig. / No reply needed. / Still no luck with the printer.",
                    "We were upgraded without a word! / Als ik niets hoor, kom ik dinsdag.",
                    "If I hear nothing I'll come on Tuesday. / I never called the garage.",
                    "Nobody has ever replied so fast, thanks! / Niemand heeft ooit zo goed gereageerd.",
                    "Geen bericht is goed bericht. / Nog nooit zo'n vriendelijke reactie gehad.",
                ],
            ),
            (
                PassedOn,
                &[
                    "De winkel verwijst me naar de website. / Techniek zegt dat ik bij u moet zijn.",
                    "Ik ben nu drie keer doorverbonden. / Ik heb al met vier verschillende mensen gesproken.",
                    "Ze sturen mij van Pontius naar Pilatus. / Sales put me back to you; you sent me back to sales",
                    "The branch says ring the helpline, the helpline says ask the branch. / They told me it's you",
                    "I was bounced between two teams",
                ],
                &[
                    "Ik heb uw mail doorgestuurd naar mijn zus. / Mijn huisarts heeft mij doorverwezen.",
                    "The parcel was sent from Leeds. / I was put through to a lovely man.",
                    "Stuur mij het formulier naar mijn werk.",
                ],
            ),
            (
                GaveUp,
                &[
                    "Goed, dan niet. / Ik leg me erbij neer. / Dan zoek ik het zelf wel uit. / Voor mij hoeft het al niet meer.",
                    "Ik stop ermee. / I've given up on you. / I don't know why I bother / There is no point.",
                    "I have stopped asking. / ok, whatever",
                ],
                &[
                    "Kan dat ook of dan niet? / U hoeft niet meer te bellen, het is er. / Laat maar, ik heb hem gevonden.",
                    "Never mind, it works now. / I'll try another browser. / Don't bother sending a letter. / We won't forget it!",
                    "Just leave it in the porch.",
                ],
            ),
            (
                Misunderstood,
                &[
                    "Nee, niet de rekening, de offerte. / U begrijpt me niet. / Dat vraag ik niet.",
                    "Het gaat niet om de prijs, het gaat om de datum. / thats not my question",
                    "You're looking at the wrong order. / You're not getting it / That doesn't answer anything.",
                ],
                &[
                    "U begrijpt dat wij niet blij zijn. / I booked Friday but I meant Saturday.",
                    "There is a charge I didn't ask for.",
                ],
            ),
        ] {
            let has = |text| kinds(text, Speaker::Customer).contains(&kind);
            for text in says.iter().flat_map(|line| line.split(" / ")) {
                assert!(has(text), "{kind:?}: {text}");
            }
            for text in alike.iter().flat_map(|line| line.split(" / ")) {
                assert!(!has(text), "{kind:?}: {text}");
            }
        }
    }

    #[test]
    fn what_staff_claim_is_told_from_words_alike() {
        use MarkKind::{Apologised, CitedRule, Promised, ReferredElsewhere, SaidSolved};
        for (kind, says, alike) in [
            (
                Promised,
                &[
                    "Er komt morgen iemand langs. / De expert neemt contact met u op. / Hij is er binnen tien minuten.",
                ][..],
                &["You'll need to ask your landlord. / Te voldoen binnen 14 dagen."][..],
            ),
            (
                SaidSolved,
                &["Your order has been corrected."],
                &[
                    "Fees cannot be refunded. / Refunds are processed on Fridays. / Please wait until it is fixed.",
                ],
            ),
            (CitedRule, &["We cannot refund that."], &["I can't see the earlier chat."]),
            (Apologised, &["Excuus, dat ging mis."], &[]),
            (
                ReferredElsewhere,
                &["Neem hiervoor contact op met de gemeente."],
                &["Een collega neemt contact met u op. / Ik had u moeten bellen."],
            ),
        ] {
            let has = |text| kinds(text, Speaker::Staff).contains(&kind);
            for text in says.iter().flat_map(|line| line.split(" / ")) {
                assert!(has(text), "{kind:?}: {text}");
            }
            for text in alike.iter().flat_map(|line| line.split(" / ")) {
                assert!(!has(text), "{kind:?}: {text}");
            }
        }
    }

    #[test]
    fn a_cue_is_found_where_its_line_was_broken() {
        let text =
            "Één ding: ik heb u nu al drie \r\n keer gebeld over de\nlekkage. Het is nog\nnat.\n";
        let lines: Vec<Range<usize>> = text
            .split_inclusive('\n')
            .scan(0, |end, line| {
                *end += line.len();
                Some(*end - line.len()..*end)
            })
            .collect();
        let marks = find(text, &lines, Speaker::Customer);
        assert_eq!((marks.len(), marks[0].kind), (1, MarkKind::AskedBefore));
        assert_eq!(marks[0].quote(text), Some("ik heb u nu al drie \r\n keer gebeld"));
        // Not over a line that was left out, nor where a sentence ends or a new one begins.
        assert!(find(text, &[lines[0].clone(), lines[2].clone()], Speaker::Customer).is_empty());
        let unlike = "Dit is de derde keer dat ik\nbij jullie bestel, altijd prima.";
        for text in ["al drie.\nkeer gebeld", "al drie\nKeer gebeld", unlike] {
            let (first, second) = text.split_at(text.find('\n').expect("two lines") + 1);
            let lines = [0..first.len(), first.len()..first.len() + second.len()];
            let kinds: Vec<_> =
                find(text, &lines, Speaker::Customer).iter().map(|mark| mark.kind).collect();
            assert!(!kinds.contains(&MarkKind::AskedBefore), "{text}");
        }
    }

    #[test]
    fn only_the_ranges_that_were_read_count() {
        let text = "> laat maar\nWanneer komt u?";
        assert!(find(text, std::slice::from_ref(&(12..text.len())), Speaker::Customer).is_empty());
        let lines = [0..3, 3..11];
        let kind = |text| find(text, &lines, Speaker::Customer).first().map(|mark| mark.kind);
        assert_eq!(kind("ok\nbedankt."), Some(MarkKind::Formality));
        assert_eq!(kind("ok\nniet ok."), None);
    }
}
