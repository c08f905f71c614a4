//! Words that say something beyond doubt: of a customer who had to ask again, of staff who promise.
//!
//! The encoder reads tone and meaning; these name the place. Each list is short on purpose: a cue
//! that is often wrong is worse than none.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::marks::{Mark, MarkKind};
use crate::message::Speaker;

type Cue = (MarkKind, Regex);

/// Joins alternatives into one expression that ignores case and starts at a word.
fn cue(kind: MarkKind, alternatives: &[&str]) -> Cue {
    let any = alternatives.join("|");
    let regex = Regex::new(&format!(r"(?i)\b(?:{any})")).expect("the cues are well-formed");
    (kind, regex)
}

static CUSTOMER: LazyLock<[Cue; 6]> = LazyLock::new(|| {
    use MarkKind::{AskedBefore, GaveUp, Misunderstood, NoAnswer, PassedOn, PromiseBroken};
    [
        cue(
            AskedBefore,
            &[
                r"(?:voor de|al) (?:tweede|derde|vierde|vijfde|zesde|zoveelste) (?:keer|maal|mail|brief|bericht|telefoontje)",
                r"(?:tweede|derde|vierde|vijfde|zesde|zoveelste) keer dat ik",
                r"nogmaals\b",
                r"zoals (?:ik )?(?:al|eerder)\b[^.?!\n]{0,20}\b(?:zei|schreef|gezegd|geschreven|gemeld|aangegeven|vermeld)",
                r"(?:dat )?heb ik (?:u |je |jullie )?(?:net |al |eerder |gisteren |vorige week )+[^.?!\n]{0,20}(?:gezegd|gemeld|gestuurd|doorgegeven|gevraagd|geschreven|uitgelegd|ingevuld|opgestuurd)",
                r"al (?:twee|drie|vier|vijf|zes|\d+) (?:keer|maal) (?:gebeld|gemaild|gevraagd|gemeld|geschreven|gestuurd|uitgelegd)",
                r"opnieuw (?:moeten )?(?:bellen|mailen|vragen|uitleggen)",
                r"(?:ook|toch) al (?:verteld|gezegd|gemeld|doorgegeven|gestuurd|uitgelegd)",
                r"(?:stond|staat) (?:ook |toch |al )*in mijn (?:eerste |vorige |laatste )?(?:melding|mail|bericht|brief)",
                r"you(?:'ve| have) already asked",
                r"(?:second|third|fourth|fifth|umpteenth|\d+(?:nd|rd|th)) (?:time|email|mail|call|letter|message)\b",
                r"(?:as|like) i (?:already )?(?:said|wrote|mentioned|told|explained)",
                r"i(?:'ve| have)? (?:already|just) (?:said|told|sent|explained|asked|given|given you|provided|answered|done that|tried)",
                r"i asked (?:you )?(?:this |that )?(?:before|already|yesterday|last week)",
                r"(?:asking|asked|told|called|rang|emailed|written)(?: you)? (?:again|twice|three times|several times|\d+ times)",
                r"zum (?:zweiten|dritten|vierten|wiederholten) mal",
                r"wie ich (?:bereits|schon) ",
                r"pour la (?:deuxième|troisième|énième|\d+e) fois",
                r"(?:je vous ai|j'ai) déjà (?:dit|écrit|demandé|envoyé|expliqué)",
            ],
        ),
        cue(
            PromiseBroken,
            &[
                r"(?:was|is|werd|had|hadden|heeft|hebt|hebben)\b[^.?!\n]{0,40}\b(?:beloofd|toegezegd|afgesproken|gegarandeerd)",
                r"(?:beloofd|toegezegd)(?:e)? (?:was|werd|had|hebt)",
                r"(?:zou|zouden) (?:ik |u |je |jullie |men |mij |er |vandaag |gisteren |vorige week |deze week |binnen )*[^.?!\n]{0,40}\b(?:terug(?:ge)?beld|terugbellen|gebeld|bellen|hebben|horen|krijgen|komen|worden|regelen|oplossen|sturen|laten weten)",
                r"(?:u|je|jij|jullie|uw collega|je collega|ze|zij|die) (?:zei|zeiden|zegt)\b[^.?!\n]{0,30}\b(?:dat|ook|vorige|gisteren|toch)",
                r"(?:promised|guaranteed|assured)\b",
                r"(?:you|he|she|they|your colleague) (?:said|told me (?:i|it|that|the|this|we|you|he|she|they)|were going to|was going to)\b",
                r"(?:was|were) (?:told|supposed to|meant to|due to)\b",
                r"(?:said|told)[^.?!\n]{0,30}\bwould\b",
                r"(?:niemand|nooit)[^.?!\n]{0,25}(?:geweest|gekomen|komen opdagen|verschenen)",
                r"(?:monteur|bezorger|koerier|chauffeur|aannemer|loodgieter|installateur)\b[^.?!\n]{0,25}\bniet (?:gekomen|geweest|verschenen|komen opdagen)",
                r"(?:u|ge|je|jullie|ze|zij|hij) ging(?:en|t)? (?:mij |me |ons )?(?:terug)?bellen",
                r"(?:nobody|no one|no-one|never)[^.?!\n]{0,25}(?:came|turned up|showed up|arrived)",
                r"(?:versprochen|zugesagt|zugesichert)",
                r"(?:promis|deviez|devait|aviez dit|avait dit)\b",
            ],
        ),
        cue(
            NoAnswer,
            &[
                r"(?:geen|nooit|nergens) (?:\w+ ){0,2}(?:reactie|bericht|terugkoppeling|respons|gehoor)",
                r"(?:nog (?:steeds |altijd )?geen|nooit|nergens) (?:\w+ )?antwoord",
                r"(?:heb|hebben|kreeg|kregen|krijg|krijgen|ontving|kwam|komt|volgde)\b[^.?!\n]{0,25}\bgeen (?:\w+ )?antwoord",
                r"geen (?:\w+ )?antwoord (?:gekregen|gehad|ontvangen|gehoord)",
                r"niemand[^.?!\n]{0,25}(?:antwoord|aan de lijn)",
                r"(?:neemt|nam|nemen) (?:er )?(?:toch )?niemand op\b",
                r"niet teruggebeld|(?:ben|werd|word|wordt) (?:ik )?(?:ook |nog |nog steeds )?niet gebeld",
                r"(?:niets|niks|nooit)(?: meer)?(?: iets)? (?:van (?:u|jullie|je|iemand) )?(?:gehoord|vernomen|ontvangen)",
                r"(?:niemand|nooit)[^.?!\n]{0,25}(?:gebeld|gereageerd|teruggebeld|geantwoord|belt|reageert)",
                r"wacht (?:ik )?(?:nu |hier )?(?:nog steeds|al|inmiddels)",
                r"(?:no|never|without)(?: \w+)? (?:reply|answer|response|call ?back|news|word)\b",
                r"(?:nobody|no one|no-one|never)[^.?!\n]{0,25}(?:called|replied|answered|rang|got back|responded|contacted|been in touch|gets back|picks up)",
                r"heard nothing\b",
                r"(?:haven't|have not|hasn't|not) (?:heard|received (?:a|any) (?:reply|answer|response))",
                r"still (?:waiting|nothing|no )",
                r"keine (?:antwort|reaktion|rückmeldung)",
                r"(?:aucune|pas de|sans) (?:réponse|nouvelle|nouvelles|réaction)",
            ],
        ),
        cue(
            PassedOn,
            &[
                r"kastje naar de muur",
                r"(?:verwijst|verwijzen|wijst|wijzen|stuurt|sturen)\b[^.?!\n]{0,25}\bnaar elkaar\b",
                r"(?:doorverbonden|doorverwezen|doorgestuurd)",
                r"(?:weer|wéér|elke keer|telkens|steeds|opnieuw) (?:een |iemand )(?:andere?|anders)\b",
                r"(?:passed|sent|bounced|pushed|shoved) (?:around|from|between|back and forth)",
                r"(?:transferred|put through|passed on) (?:to|again|twice|three)",
                r"(?:pillar to post|round in circles|yet another (?:person|colleague|department))",
                r"(?:weiterverbunden|weitergeleitet|hin und her)",
                r"(?:renvoyée?|baladée?|transférée?) (?:de|d'un|à|vers)",
            ],
        ),
        cue(
            GaveUp,
            &[
                r"laat (?:u |je |het )?(?:dan )?maar(?: (?:hoor|zitten|zo|dan)\b|\s*[^\s\w]|\s*$)",
                r"laat u (?:het|dat) (?:verder |dan )*maar",
                r"laat (?:u |je )?(?:die|de|dat|mijn)\b[^.?!\n]{0,25}\bmaar zitten",
                r"i(?:'m| am) done with (?:this|you)\b",
                r"(?:hoeft|hoef) (?:al |nu |voor mij |dan )*niet meer",
                r"dan niet\b",
                r"(?:ik )?(?:geef|gaf) het op\b",
                r"(?:het )?heeft (?:toch )?geen zin",
                r"ik (?:regel|zoek|los)\b[^.?!\n]{0,15}\b(?:zelf|elders|ergens anders|wel)\b",
                r"ik neem (?:er|daar|dit|het) (?:nota|kennis|akte)? ?(?:van|ter kennisgeving)",
                r"never ?mind",
                r"forget (?:it|about it|this)\b",
                r"(?:i|i'll|i will) (?:give|gave|giving) up",
                r"(?:don't|do not|no need to) (?:bother|worry about it)",
                r"i'll (?:sort|find|try|look|do|go|manage)\b[^.?!\n]{0,20}\b(?:myself|elsewhere|somewhere else|another)",
                r"what(?:'s| is) the point",
                r"(?:just leave it|leave it (?:then|there|at that|be))\b|leave it\s*(?:[.,;!…]|$)",
                r"(?:vergessen sie es|lassen sie es|egal dann|hat keinen sinn)",
                r"(?:laissez tomber|tant pis|laisse tomber|peu importe)",
            ],
        ),
        cue(
            Misunderstood,
            &[
                r"(?:dat|dit) (?:was|is) (?:niet|helemaal niet) (?:mijn vraag|wat ik (?:vroeg|bedoel|bedoelde|vraag))",
                r"dat (?:vroeg|bedoelde|bedoel) ik (?:helemaal )?niet",
                r"mijn (?:mail|bericht|brief|vraag) (?:niet|wel) (?:\w+ )?gelezen",
                r"did you (?:even|actually) read",
                r"nee,? (?:ik|dat|dit) (?:bedoel|bedoelde|vroeg|zei|is niet|was niet)",
                r"(?:u|je|jullie) (?:begrijpt|begrijp|snapt|leest|luistert|luister)[^.?!\n]{0,20}\bniet\b",
                r"(?:dat|dit) is geen antwoord",
                r"no,? (?:i (?:said|asked|meant|want|wanted|need)|that's not|that is not|not (?:that|this|the|what|my)\b)",
                r"that(?:'s| is|'s| was)(?: not|n't) (?:what i|my question|right|correct|it\b)",
                r"i (?:didn't|did not|don't|do not) (?:ask|say|mean)\b",
                r"(?:you (?:are|'re) not (?:listening|understanding|reading|getting)|you (?:didn't|did not|don't) (?:answer|read|understand|listen))",
                r"(?:not what i (?:asked|said|meant|wanted|want)|i meant\b)",
                r"(?:das war nicht meine frage|nein, ich (?:meinte|sagte|wollte))",
                r"(?:ce n'est pas ce que|non, je (?:voulais|parle|demande))",
            ],
        ),
    ]
});

static STAFF: LazyLock<[Cue; 5]> = LazyLock::new(|| {
    use MarkKind::{Apologised, CitedRule, Promised, ReferredElsewhere, SaidSolved};
    [
        cue(
            Promised,
            &[
                r"(?:ik|wij|we|u|je|collega|monteur|planner)\b[^.?!\n]{0,30}\b(?:bel|bellen|belt|mail|mailen|stuur|sturen|zal|zullen|ga|gaan|kom|komen|komt|laat|laten|hoort|krijgt|ontvangt|neemt|neem|zorg|zorgen|regel|regelen|zet|pak|kijk|vraag|geef|koppel)\b",
                r"(?:wordt|worden)\b[^.?!\n]{0,40}\b(?:gebeld|teruggebeld|aangepast|verwerkt|opgepakt|geleverd|bezorgd|gestuurd|verzonden|opgelost|hersteld|behandeld|teruggestort|ingepland|gecorrigeerd)",
                r"(?:binnen|uiterlijk|voor het einde van|in de loop van) [^.?!\n]{0,25}(?:uur|dag|dagen|werkdag|werkdagen|week|weken|maand|maanden|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|morgen)",
                r"(?:i|we|you|they|it|he|she|engineer|colleague|someone|somebody)(?:'ll| will|'re going to|'m going to| shall)\b",
                r"(?:within|by|in) (?:the next )?(?:\d+|one|two|three|four|five|ten|a few|a couple of)(?:-| to | or )?\w* ?(?:working |business )?(?:hours?|days?|weeks?|minutes?)",
                r"(?:guarantee|promise|booked (?:in|for)|scheduled for|locked in)",
                r"(?:wir|ich) (?:werde|werden|melde|melden|rufe|schicke)",
                r"(?:nous (?:allons|vous)|je vais|sera|serez)\b",
            ],
        ),
        cue(
            SaidSolved,
            &[
                r"(?:is|zijn|heb|hebben|werd)\b[^.?!\n]{0,40}\b(?:opgelost|verholpen|hersteld|gesloten|afgehandeld|afgesloten|afgerond|aangepast|verwerkt|geregeld|gecorrigeerd|geannuleerd|teruggestort|rechtgezet)\b",
                r"(?:resolved|fixed|closed|sorted|completed|processed|corrected|cancelled|refunded|updated|restored|all done|done for you)\b",
                r"(?:gelöst|behoben|erledigt|abgeschlossen)",
                r"(?:résolu|réglé|clôturé|corrigé)",
            ],
        ),
        cue(
            CitedRule,
            &[
                r"(?:conform|volgens|krachtens|op grond van|op basis van|ingevolge|overeenkomstig)\b",
                r"(?:voorwaarden|beleid|regels|regelgeving|procedure|protocol|artikel \d|polisvoorwaarden|richtlijn|reglement|termijn is|wettelijk)",
                r"(?:kunnen|kan|mag|mogen) (?:wij|we|ik|u|je)? ?(?:helaas |hier |daar |er )*(?:niets|niet|geen|alleen)\b",
                r"helaas\b[^.?!\n]{0,40}\b(?:niet|geen|alleen)\b",
                r"(?:policy|terms|conditions|regulations?|guidelines?|clause|according to|in line with|in accordance|procedure|eligible|not covered|excluded)\b",
                r"(?:unable to|can't|cannot|can not|not able to|not possible|unfortunately)\b",
                r"(?:gemäß|laut|bedingungen|vorschrift|leider)",
                r"(?:conformément|conditions générales|règlement|malheureusement)",
            ],
        ),
        cue(
            Apologised,
            &[
                r"(?:sorry|excuses|verontschuldig|pardon|spijt|vervelend|onze fout|jammer|betreur)",
                r"(?:apolog|regret|our (?:mistake|fault|error))",
                r"(?:entschuldig|tut (?:uns|mir) leid|bedauer)",
                r"(?:désolée?s?|excus|navrée?s?)",
            ],
        ),
        cue(
            ReferredElsewhere,
            &[
                r"(?:neem|neemt|opnemen|contacteer|contact)\b[^.?!\n]{0,30}\b(?:contact|op met|met)\b",
                r"(?:kunt|kan|dient|moet|gelieve|verwijs|doorverbind|verbind|stuur)[^.?!\n]{0,60}\b(?:terecht|bellen|wenden|door|zelf|website|site|formulier|portaal|app|mijn \w+|afdeling|collega)\b",
                r"(?:niet van ons|niet onze|andere afdeling|een andere dienst|gaan wij niet over|daar ga ik niet over)",
                r"(?:please|you (?:can|need to|have to|should|must|may)|you'll need to)\b[^.?!\n]{0,50}\b(?:contact|call|ring|speak|write|use|visit|fill|complete|submit|raise|online|website|app|form|portal)\b",
                r"(?:transfer(?:ring)? you|put you through|pass(?:ed|ing)? (?:this|you|it)|(?:different|another|other) (?:team|department|desk)|not (?:us|our|something we))",
                r"(?:wenden sie sich|zuständig)",
                r"(?:adressez|contactez|veuillez contacter)",
            ],
        ),
    ]
});

/// Phrases of which a message can consist without saying anything of how things went. Not among them: yes, please, and what
/// praises.
static FORMALITY: LazyLock<Regex> = LazyLock::new(|| {
    let phrases = [
        r"ok(?:ay|e|é|ee)?|all ?right|right|noted|understood|got it|genoteerd|begrepen|duidelijk|helder",
        r"no|nope|nee(?: hoor)?|nothing else|verder (?:niets|niks)|(?:that's|thats|that is|that was) (?:all|it)|dat (?:was|is) (?:het|alles)",
        r"thanks?|thank you|thx|ty|cheers|(?:alvast )?(?:dank|bedankt)(?: u| je)?(?: wel)?|dank(?:je|u)(?:wel)?|merci",
        r"for your (?:time|reply|response|help)|voor (?:uw|je|jouw|de) (?:tijd|reactie|antwoord|hulp|moeite)",
        r"bye|goodbye|dag|doei|tot ziens|fijne (?:dag|avond)|sir|madam|meneer|mevrouw|mvg|groet(?:en|jes)?",
        r"so|and|en|dan",
    ];
    let phrase = format!("(?:{})", phrases.join("|"));
    Regex::new(&format!(r"(?i)\A\W*{phrase}(?:\W+{phrase})*\W*\z")).expect("valid")
});

/// The cues of a message within the ranges that were read, at most one of each kind.
pub(crate) fn find(text: &str, read: &[Range<usize>], speaker: Speaker) -> Vec<Mark> {
    let cues: &[Cue] = match speaker {
        Speaker::Customer => &*CUSTOMER,
        Speaker::Staff | Speaker::Bot => &*STAFF,
        Speaker::System => &[],
    };
    let found = cues.iter().filter_map(|(kind, regex)| {
        let at = read.iter().find_map(|range| {
            let hit = regex.find(&text[range.clone()])?;
            Some(range.start + hit.start()..range.start + hit.end())
        })?;
        Some((*kind, at))
    });
    let formality = match (speaker, read) {
        (Speaker::Customer, [all]) if FORMALITY.is_match(&text[all.clone()]) => {
            Some((MarkKind::Formality, all.clone()))
        }
        _ => None,
    };
    let mark = |(kind, at)| Mark { kind, span: scalars(text, at), weight: 100 };
    found.chain(formality).map(mark).collect()
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
        let [start, end] = marks[0].span.map(|n| n as usize);
        let found: String = text.chars().skip(start).take(end - start).collect();
        assert_eq!(
            (marks[0].kind, &*found),
            (MarkKind::PromiseBroken, "zou mij vandaag terugbellen")
        );
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
                ][..],
            ),
            (PassedOn, &["Iedereen verwijst naar elkaar."]),
            (
                AskedBefore,
                &[
                    "dat had ik ook al verteld",
                    "Stond in mijn melding.",
                    "You've already asked me that",
                ],
            ),
            (
                Misunderstood,
                &["Dat vroeg ik niet.", "U heeft mijn mail niet gelezen", "Did you even read it?"],
            ),
            (PromiseBroken, &["De monteur is niet gekomen.", "Ge ging mij bellen."]),
            (GaveUp, &["Laat die vergoeding maar zitten.", "I'm done with this."]),
        ] {
            for text in texts {
                assert!(kinds(text, Speaker::Customer).contains(&kind), "{kind:?}: {text}");
            }
        }
        for text in ["De monteur is gekomen.", "Ik ging u bellen.", "I'm done with it, thanks"] {
            assert!(kinds(text, Speaker::Customer).is_empty(), "{text}");
        }
    }

    #[test]
    fn only_the_ranges_that_were_read_count() {
        let text = "> laat maar\nWanneer komt u?";
        assert!(find(text, std::slice::from_ref(&(12..text.len())), Speaker::Customer).is_empty());
    }
}
