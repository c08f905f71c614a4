//! What the customer says now: the text without quoted replies, signatures and notices.

use std::ops::Range;

use crate::text::quotes;

/// Lines that may follow a closing ("Met vriendelijke groet,") and still be a signature.
const SIGNATURE_LINES: usize = 8;
/// A line of a signature is a name, a function, a street: short. Longer ones are text.
const SIGNATURE_LINE_CHARS: usize = 60;

/// Byte ranges of the lines of `text` that are the customer's own words, in order.
///
/// Left out are lines that quote (`> `), a quoted mail, notices of mail programs and a signature. What is left out is
/// decided line by line, but for a mail that is quoted on the only line; nothing inside a line is changed.
pub(crate) fn own_words(text: &str) -> Vec<Range<usize>> {
    let text = &text[..quotes::run_in(text).unwrap_or(text.len())];
    let lines: Vec<Range<usize>> = lines(text).collect();
    let at = |n: usize| text[lines[n].clone()].trim();
    let foreign = quotes::foreign(&(0..lines.len()).map(at).collect::<Vec<_>>());
    let end = foreign.len();
    let mut filled = (0..end).filter(|&n| !foreign[n] && !at(n).is_empty());
    // Above this line there is a salutation ("Beste mevrouw,") at most.
    let top =
        filled.next().and_then(|n| if is_salutation(at(n)) { filled.next() } else { Some(n) });
    let place = |n: usize| if top.is_none_or(|top| n <= top) { Place::Top } else { Place::Below };
    // What is quoted below a signature is no part of it.
    let end = (0..end)
        .find(|&n| {
            let below = (n + 1..end).filter(|&n| !foreign[n]).map(at);
            at(n) == "--" && starts_signature(below)
        })
        .unwrap_or(end);
    let mut own: Vec<usize> = (0..end).filter(|&n| !foreign[n]).collect();
    if let Some(closing) = own.iter().rposition(|&n| is_closing(at(n), place(n))) {
        // A text that is only a closing ("groetjes") is kept: it is all there is.
        let alone = own.iter().all(|&n| n == own[closing] || at(n).is_empty());
        let below = own[closing + 1..].iter().map(|&n| at(n));
        if !alone && starts_signature(below) {
            // In Belgium one in each language may stand above another.
            let mut above = own[..closing].iter();
            let text = above.rposition(|&n| !at(n).is_empty() && !is_closing(at(n), place(n)));
            own.truncate(text.map_or(0, |text| text + 1));
        }
    }
    own.into_iter()
        .map(|n| lines[n].clone())
        .filter(|line| text[line.clone()].chars().any(is_seen))
        .collect()
}

/// Leaves of ranges of [`own_words`] the first so many bytes, and tells whether that is less than all.
pub(crate) fn cut_off(ranges: &mut Vec<Range<usize>>, text: &str, bytes: usize) -> bool {
    let mut left = bytes;
    for (n, range) in ranges.iter_mut().enumerate() {
        if range.len() > left {
            range.end = text.floor_char_boundary(range.start + left);
            let shows = text[range.clone()].chars().any(is_seen);
            ranges.truncate(n + usize::from(shows));
            return true;
        }
        left -= range.len();
    }
    false
}

/// Whether a character shows: white space, controls, the blank of Braille and what Unicode calls default ignorable do not. The
/// last are what is left of emoji by a system that drops them.
fn is_seen(c: char) -> bool {
    let is_ignorable = matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}');
    !(is_ignorable || c == '\u{2800}' || c.is_whitespace() || c.is_control())
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split_inclusive('\n').scan(0, |start, line| {
        let range = *start..*start + line.len();
        *start = range.end;
        Some(range)
    })
}

/// Where a line stands that may begin a signature. At the top all of the message would be one, so it has to be plain: else it is
/// the customer who begins that way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Below,
}

fn is_closing(line: &str, place: Place) -> bool {
    const CLOSINGS: &[&str] = &[
        "met vriendelijke groet",
        "vriendelijke groet",
        "met groet",
        "groet",
        "groetjes",
        "mvg",
        "m.v.g",
        "vr. gr",
        "vr.gr",
        "hoogachtend",
        "hartelijke groet",
        "met hartelijke groet",
        "beste groet",
        "warme groet",
        "lieve groet",
        "vriendelijk groetend",
        "grt",
        "kind regards",
        "with kind regards",
        "best regards",
        "regards",
        "warm regards",
        "best wishes",
        "yours sincerely",
        "yours faithfully",
        "sincerely",
        "mit freundlichen grüssen",
        "mit freundlichem gruss",
        "freundliche grüsse",
        "viele grüsse",
        "beste grüsse",
        "liebe grüsse",
        "mit besten grüssen",
        "hochachtungsvoll",
        "cordialement",
        "bien cordialement",
        "cordiales salutations",
        "meilleures salutations",
        "sincères salutations",
        "salutations distinguées",
        "bien à vous",
        "mfg",
    ];
    let begins = |part: &str, most: usize| {
        let part = part.trim().to_lowercase().replace('ß', "ss");
        let part = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        CLOSINGS.iter().filter_map(|closing| part.strip_prefix(closing)).any(|rest| {
            // "groeten" and "groetekes Anja" are closings, "groetenwinkel" is a word; a sentence that begins like one is longer.
            let ending = rest.chars().take_while(|c| c.is_alphanumeric()).count();
            let is_word_of_it = ending <= 5 && rest.chars().count() <= ending + most;
            // "Best wishes for your recovery" says something.
            is_word_of_it
                && ![" for ", " voor ", " für ", " pour "].iter().any(|to| rest.contains(to))
        })
    };
    // "Met vriendelijke groet / Kind regards" and "Groet, Anja".
    let is_one_of_many = || {
        let mut parts = line.split([',', '/', '|', '–']);
        parts.next().is_some_and(|part| begins(part, 0))
            && parts.all(|part| begins(part, 0) || is_name(part))
    };
    is_one_of_many() || place == Place::Below && begins(line, 25)
}

/// Whether a line greets and says no more: "Beste mevrouw De Vries,", "Goedemorgen!", "Hallo".
fn is_salutation(line: &str) -> bool {
    const GREETINGS: &[&str] = &[
        "beste",
        "geachte",
        "hallo",
        "hoi",
        "dag",
        "goedemorgen",
        "goedemiddag",
        "goedenavond",
        "goedendag",
        "dear",
        "hello",
        "hi",
        "hey",
        "sehr",
        "liebe",
        "lieber",
        "guten",
        "bonjour",
        "bonsoir",
        "madame",
        "monsieur",
    ];
    let first = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    line.split_whitespace().count() <= 5
        && (line.ends_with(',') || GREETINGS.contains(&&*first.to_lowercase()))
        && !line.contains('?')
        && !is_sentence(line)
}

/// Whether words may be somebody's name: "Jan van den Berg", or nothing.
fn is_name(words: &str) -> bool {
    const PARTICLES: &[&str] =
        &["van", "de", "den", "der", "ten", "ter", "von", "zu", "le", "la", "du"];
    words
        .split_whitespace()
        .all(|word| !word.starts_with(char::is_lowercase) || PARTICLES.contains(&word))
}

/// Whether the lines read like the rest of a signature: few and short, and nobody says anything in them.
fn starts_signature<'a>(lines: impl Iterator<Item = &'a str>) -> bool {
    // No more than decide it: the lines below every `--` are asked about.
    let filled: Vec<&str> =
        lines.filter(|line| !line.is_empty()).take(SIGNATURE_LINES + 1).collect();
    let is_postscript = |line: &str| {
        let line = line.to_lowercase();
        let rest = line.strip_prefix("ps").or_else(|| line.strip_prefix("p.s"));
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    let says = |line: &&str| line.contains('?') || is_postscript(line) || is_sentence(line);
    filled.len() <= SIGNATURE_LINES
        && !filled.iter().any(says)
        && filled.iter().all(|line| line.chars().count() <= SIGNATURE_LINE_CHARS)
}

/// Whether a line has a word that sentences have, and no name, function or address, or ends as they do.
fn is_sentence(line: &str) -> bool {
    // Not "our": a signature says what "our website" is.
    const WORDS: &[&str] = &[
        "ik", "mij", "mijn", "wij", "we", "ons", "onze", "us", "is", "zijn", "niet", "nog", "geen",
        "me", "my", "are", "not", "still", "ich", "mir", "mich", "mein", "meine", "wir", "ist",
        "sind", "nicht", "noch", "je", "moi", "nous", "est", "ne", "pas",
    ];
    // No address: what is in `me@my-shop.nl` says nothing.
    let said = || {
        let words = line.split_whitespace();
        words.filter(|word| !word.trim_end_matches('.').contains(['@', '.', '/']))
    };
    let has_word = |word: &str| {
        // "I am" and "I've", not "I. Jansen".
        word.split(['\'', '’']).next() == Some("I")
            || word
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| WORDS.contains(&&*word.to_lowercase()))
    };
    said().any(has_word)
        || line.ends_with(['.', '!'])
            && said().filter(|word| word.starts_with(char::is_lowercase)).count() >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        own_words(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn ranges_are_cut_off_between_characters_and_each_shows_something() {
        let text = "ab\n> cd\neé\n \tfg";
        for (bytes, expected, cut) in [
            (usize::MAX, "ab\neé\n \tfg", false),
            (11, "ab\neé\n \tfg", false),
            (10, "ab\neé\n \tf", true),
            (9, "ab\neé\n", true),
            (7, "ab\neé\n", true),
            (5, "ab\ne", true),
            (3, "ab\n", true),
            (0, "", true),
        ] {
            let mut ranges = own_words(text);
            assert_eq!(cut_off(&mut ranges, text, bytes), cut, "{bytes}");
            assert!(ranges.iter().all(|range| text[range.clone()].chars().any(is_seen)));
            let kept: String = ranges.into_iter().map(|range| &text[range]).collect();
            assert_eq!(kept, expected);
        }
    }

    #[test]
    fn a_signature_above_a_quoted_mail_is_left_out() {
        for quoted in
            ["Op 3 mrt 2026 om 10:00 schreef Jan:\n> Komt u morgen?\n", "> Komt u morgen?\n"]
        {
            let text = format!("Dat is goed.\n\n-- \nAnneke\nDorpsstraat 12\n\n{quoted}");
            assert_eq!(kept(&text), "Dat is goed.\n");
        }
    }

    #[test]
    fn of_a_text_of_nothing_but_dashes_only_the_last_lines_are_a_signature() {
        // Its length: were all lines below each looked at, it would take minutes.
        let text = "--\n".repeat(87_000);
        assert_eq!(kept(&text).len(), text.len() - 9 * 3);
        let text = "a schreef:\n\n".repeat(87_000);
        assert_eq!(kept(&text).len(), text.len() - 87_000);
        assert_eq!(kept(&format!("a{}b", "\n".repeat(260_000))), "a\nb");
    }

    #[test]
    fn a_text_of_characters_that_do_not_show_is_none() {
        for text in [
            "",
            " \n\t",
            "\u{200B}\u{FEFF}\u{200D}",
            "\u{1}\u{2}\n\u{202E}",
            "\u{FE0F} \u{FE0F}",
            "\u{3164}\u{2800}\u{180E}",
            "\u{E0067}\u{E007F}",
        ] {
            assert!(own_words(text).is_empty(), "{text:?}");
        }
        assert_eq!(own_words("👨\u{200D}👩").len(), 1);
    }

    #[test]
    fn a_plain_text_is_kept_whole() {
        for text in [
            "",
            "Waar blijft mijn pakket?",
            "a\nb\nc",
            "Van: Utrecht\nNaar mijn moeder",
            "groetjes",
            "Op 12 maart heeft u mij het volgende beloofd:\nde monteur komt dinsdag.",
            "Op 3 maart schreef u:\ner komt niemand.",
            "On 3 March you wrote:\nnobody comes.",
            "Uw collega schreef op 3 maart om 10:00:\ner komt iemand.",
            "Op 3 maart om 10:00 belde ik.\nIk schreef u daarna aan info@acme.nl:\ngeen antwoord.",
            "Anna Visser\n\nAan: Acme B.V.\nDatum: 5 januari 2026\nBetreft: klacht\n\nIk wacht nog.",
            "To: Acme\nFrom: Anna Visser\nDate: 5 January 2026\n\nI am still waiting.",
            "From: Anna anna@example.com\nSubject: Parcel\n\nMessage Body:\nWhere is it?",
            "Reis\nDatum: 5-1-2026 09:12\nVan: Utrecht\nNaar: Assen\n\nDe trein viel uit.",
            "Dit bericht is uitsluitend bestemd voor de directie. Ik wacht nog.",
            "Dit bericht is vertrouwelijk, deel het niet.",
            "Let op: deze e-mail gaat over twee bestellingen.",
            "Let op: dit bericht is verstuurd namens mijn moeder, er is niemand gekomen.",
            "De informatie in deze e-mail klopt niet. Ik wacht al zes weken.",
            "Deze e-mail met bijlagen stuur ik nu voor de derde keer.",
            "The information in this email is wrong, nobody came.",
            "Disclaimer: ik ben geen jurist, maar er is niemand gekomen.",
            "Op 12 maart om 14:30 schreef u mij:\nde monteur komt dinsdag.\nEr is niemand gekomen.",
            "On 3 March at 10:00 you wrote:\nwe will call. Nobody called me.",
            "Van: de winkel\nVerzonden: 3 januari\nOntvangen: nooit.",
            "Sincerely disappointed.\nOrder 123 is still missing.\nPlease refund me.",
            "Sincerely, I am disappointed\nOrder 123",
            "Groeten aan de monteur\nHij is nog steeds niet geweest",
            "Hallo,\n\nGroeten aan de monteur\nHij is nog steeds niet geweest",
            "Hallo\n\nGroeten aan de monteur\nHij is nog steeds niet geweest",
            "Goedemorgen!\n--\nOrder 123 is nog niet geleverd.",
            "Beste Acme\n--\nIk wacht nog steeds",
            "Groetjes!\nde monteur is nog steeds niet geweest",
            "MFG defect on unit 3\nPlease call me.",
            "Groetenwinkel dicht\nAl drie dagen",
            "Ik sta voor de deur.\nGroetenwinkel dicht\nAl drie dagen",
            "--\nIk ben klant 123 en wacht op mijn geld",
            "Beste,\n--\nOrder 123 is nog niet geleverd.",
            "Jan de Boer\nAcme B.V.\n--\nIk wacht nog steeds.",
            "Dank.\nGroetjes Anja\n\nOh ja, de vorige bestelling is ook nooit aangekomen.",
            "Ik wacht.\nMvg, Jan\n\nBen echt klaar met jullie.",
            "Still waiting.\nRegards, Tom\n\nI will never order from you again.",
            "Ich warte.\nMit freundlichen Grüßen\nPetra\n\nIch kündige.",
            "J'attends.\nCordialement,\nMarie\n\nJe vais résilier.",
            "Pakje weg.\nGroet, Jan\n\nUpdate: het is nog altijd niet geleverd.\nGraag actie.",
            "Le 3 mars à 10:02, votre collègue m'a écrit :\nle technicien viendra. Personne.",
            "On 3 March at 10:02 your colleague wrote to me:\nit was sent.",
            "Am 3. März um 10:02 schrieb mir Ihr Kollege:\ner kommt morgen.",
            "De informatie in deze e-mail klopt niet, u heeft ten onrechte twee keer geld afgeschreven.",
            "De inhoud van deze e-mail heb ik al drie keer verteld, u geeft mij ten onrechte de schuld.",
            "The contents of this email are my third complaint. You billed me in error.",
            "Aan deze e-mail heb ik de foto's toegevoegd.\nDe ontvanger was niet thuis.",
            "Mocht dit bericht niet voor u bestemd zijn, stuur het dan door: ik wacht al zes weken.",
            "Als u dit bericht per ongeluk over het hoofd ziet: ik wacht al drie weken.",
            "Cet e-mail peut contenir des fautes. Vous m'avez débité par erreur deux fois.",
            "If you have received this message, please reply. It went to the wrong recipient.",
            "Diese Nachricht ist vertraulich: Ihr Fahrer hat mich beleidigt.",
            "Sent via email on 3 March",
            "Verzonden via e-mail op 3-3-2026",
            "Verzonden met UPS mobiel",
            "Sent via Outlook on Monday the 3rd",
            "Zie mijn antwoord boven deze lijn.\nDe koelkast is nog steeds kapot.",
            "Reply above this line does not work on my phone.\nMy order is lost.",
            "Kleid Artikel 4411:\nGr. 42 zu klein\nBitte Gr. 44 schicken",
            "Mijn dak lekt al weken\nBest wishes for your recovery\nNobody came today",
            "Groetjes!\nGraag bel ons terug",
            "Op 3 maart om 10:30 schreef Jan van de planning:\nu hoort het morgen.\nNiets gehoord.",
            "I want a refund.\n\nFrom: Leeds\nTo: York\nDate: 3 May 10:30\n\nIt was cancelled.",
            "Ik stuurde een mail naar Acme <a@b.nl> en die schreef:\nwij komen morgen.",
            "Verzonden via mail op 3 maart en niks gehoord",
            "Sent from Leeds by Acme, it never came to my mail",
            "Get my phone back",
            "This email is intended for your manager.",
            "De inhoud van deze e-mail is bestemd voor uw directie: er is niemand gekomen.",
            "De informatie in deze e-mail klopt niet, zie https://example.com/x.",
            "If you received this complaint twice, sorry.",
            "Als u dit bericht ontvangt, bel mij dan meteen.",
            "Ce message est destiné à votre directeur : personne ne répond.",
            "Niet schrijven boven deze regel\nIk wacht nog.",
            "Via het formulier:\nVan: a@b.nl\nAan: c@d.nl\nOnderwerp: klacht\n\nBericht:\nIk wacht.",
            "Formulier\nVan: a@b.nl\nAan: c@d.nl\nOnderwerp: klacht\nTelefoon: 06-1\nBericht: Ik wacht.",
            "New request\nFrom: Ann <a@b.uk>\nTo: Acme\nSubject: boiler\nMessage: it is cold here.",
        ] {
            assert_eq!(kept(text), text.replace("\n\n", "\n"));
        }
    }

    #[test]
    fn quotes_are_left_out_in_four_languages() {
        for head in [
            "> Geachte heer,",
            "Op ma 3 mrt 2025 om 10:02 schreef Klantenservice <a@b.nl>:\nBeste klant",
            "Op 3 mrt. 2025 om 10:02 heeft Service het volgende geschreven:\nBeste klant",
            "On Mon, 3 Mar 2025 at 10:02, Support wrote:\nDear customer",
            "Am 3. März 2025 um 10:02 schrieb Service:\nGuten Tag",
            "Le 3 mars 2025 à 10:02, Service a écrit :\nBonjour",
            "-----Oorspronkelijk bericht-----\nBeste klant",
            "Van: Service\nVerzonden: maandag 10:02\nBeste klant",
            "Van: Service\nVerzonden: maandag\nAan: Anna\nBeste klant",
            "Van: Service Verzonden: maandag Aan: Anna Onderwerp: uw vraag\nBeste klant",
            "Van: Service <a@b.nl>\nDatum: maandag 5 januari 2026 om 09:12\nAan: Anna\nBeste klant",
            "Gesendet: Montag\nVon: Service\nAn: Anna\nGuten Tag",
            "Begin doorgestuurd bericht:\n\nBeste klant",
            "##- Typ uw antwoord boven deze regel -##\nBeste klant",
            "Op di 6 jan 2026 om 10:00 schreef Service <\na@b.nl>:\n\nBeste klant",
            "On Tue, Jan 6, 2026 at 10:00 AM Service <a@b.nl>\nwrote:\n\nDear customer",
            "Acme schreef op ma 05-01-2026 om 09:12 [+0100]:\n> Beste klant",
            "Service schrieb am 3. März:\n\n> Guten Tag",
            "Service <a@b.nl> schreef op 3 maart:\n\nBeste klant",
            "Op 3 mrt 2025 om 10:02 schreef Uw Bakker <me@b.nl>:\nBeste klant",
            "De\u{a0}: Service <a@b.fr>\nEnvoyé\u{a0}: lundi 10:02\nÀ\u{a0}: Anna\nVotre colis",
            "Van: Service\nVerzonden: 3 mei 10:02\nAan: Anna\nOnderwerp: x\n\nOmschrijving: afgewezen",
            "*De :* Service\n*Envoyé :* lundi\n*Objet :* colis\nVotre colis",
            "Début du message transféré\u{a0}:\n\nVotre colis",
            "Anfang der weitergeleiteten Nachricht:\n\nIhr Paket",
            "________________________________\nVan: Service\nVerzonden: maandag\nAan: Anna\nBeste klant",
            "--------------- Originele Bericht ---------------\nBeste klant",
            "---- On Mon, 03 Mar 2025 10:02 Acme <a@b.nl> wrote ----\nBeste klant",
            "*** Oorspronkelijk bericht ***\nBeste klant",
            "--- Reply above this line ---\nYour ticket was closed.",
            "Reply above this line.\nYour ticket was closed.",
            "## In replies all text above this line is added to the ticket ##\nYour ticket was closed.",
            "=== Gelieve boven deze lijn te antwoorden ===\nUw ticket werd gesloten.",
            "##- Veuillez saisir votre réponse au-dessus de cette ligne -##\nVotre demande",
            "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##\nIhre Anfrage",
        ] {
            assert_eq!(kept(&format!("Dat klopt niet.\n{head}\n")), "Dat klopt niet.\n", "{head}");
        }
    }

    #[test]
    fn a_mail_quoted_on_the_same_line_is_left_out() {
        for quoted in [
            "-----Oorspronkelijk bericht----- Van: Service Beste klant, het is opgelost.",
            "---------- Forwarded message --------- From: Acme Dear customer",
            "----- Message d’origine ----- De : Acme Votre colis",
            "Van: Service <a@b.nl> Verzonden: maandag 3 maart Aan: Anna Onderwerp: uw vraag Beste klant",
            "From: Acme Sent: Monday, March 3 10:02 To: Ann Cc: X Subject: your question Dear Ann",
            "De\u{a0}: Acme Envoyé\u{a0}: lundi 10:02 À\u{a0}: Anna Objet\u{a0}: colis Bonjour",
            "Op ma 3 mrt 2025 om 10:02 schreef Service <a@b.nl>: Beste klant, het is opgelost.",
            "Op 3 mrt. 2025 om 10:02 heeft Service <a@b.nl> het volgende geschreven: Beste klant",
            "On Mon, 3 Mar 2025 at 10:02, Support <a@b.uk> wrote: Dear customer",
            "Am 03.03.2025 um 10:02 schrieb Service <a@b.de>: Guten Tag",
            "Le lun. 3 mars 2025 à 10:02, Service <a@b.fr> a écrit\u{a0}: Bonjour",
        ] {
            let own = "Op maandag kwam er niemand. Van wie hoor ik nu iets? ";
            assert_eq!(kept(&format!("{own}{quoted}")), own, "{quoted}");
        }
        for text in [
            "Het pakket. Van: Utrecht Verzonden: 3 maart Aan: mij Ontvangen: nooit.",
            "Colis perdu. De : Marie Envoyé : le 3 mars À : Paul Objet : livre. Toujours rien.",
            "Formulier Van: Anna <a@b.nl> Verzonden: 3 mei Aan: Acme Onderwerp: x Bericht: ik wacht.",
            "Formulier. Van: Jan <a@b.nl> Verzonden: 3 mei Aan: Acme Onderwerp: x Uw klacht: ik wacht.",
            "Op 3 maart om 10:30 schreef Jan <a@b.nl>: ik kom morgen. Niet dus.",
            "Ik mailde op 3 maart 2025 om 10:30 naar Jan <a@b.nl>: geen antwoord.",
            "The subject was --- original message lost --- and nobody looked.",
            "On Mon, 3 Mar 2025 at 10:02, Ann <a@b.uk> wrote: > Did he come? No, nobody came.",
            "> jullie komen om tien uur. Niemand gezien, de derde keer al.",
            "Mail: Van: Acme Verzonden: 3 mei 10:02 Aan: Anna Onderwerp: x. Nee!\nIk wil mijn geld.",
        ] {
            assert_eq!(kept(text), text);
        }
        assert_eq!(kept("> Uw afspraak is bevestigd voor dinsdag."), "");
        let text = "nee Van: Verzonden: Aan: ".repeat(50_000) + &"Op 3 a <b@c.nl>: ".repeat(50_000);
        assert_eq!(kept(&text).len(), text.len());
    }

    #[test]
    fn words_between_quotes_are_kept() {
        assert_eq!(kept("> uw vraag\nNee.\n> uw adres\nKade 3\n"), "Nee.\nKade 3\n");
        let long = "Wij hebben u op dinsdag 3 maart een monteur gestuurd zoals afgesproken.";
        assert_eq!(kept(&format!("> {long}\nNee.\n> Klopt dat?\nJa.")), "Nee.\nJa.");
        let head = "Op 5-1-2026 om 09:12 schreef Acme <a@b.nl>:\n";
        assert_eq!(kept(&format!("{head}> Wij zoeken het uit.\n\nLaat maar.")), "Laat maar.");
        assert_eq!(kept(&format!("{head}\n> uw vraag\nNee.\n> uw adres\nKade 3")), "Nee.\nKade 3");
        for divider in [
            "---------- Forwarded message ---------",
            "> On 3 Mar 2025 at 10:02, A <a@b.c> wrote: x",
        ] {
            assert_eq!(
                kept(&format!("{head}\n> Wij komen.\n> {divider}\n\nNiet dus.")),
                "Niet dus."
            );
        }
    }

    #[test]
    fn the_rest_of_a_wrapped_quote_is_quoted() {
        let text =
            format!("Prima.\n> {}\nzoeken het uit.\n> Groet\n", "Wij komen morgen en ".repeat(4));
        assert_eq!(kept(&text), "Prima.\n");
    }

    #[test]
    fn what_a_server_puts_above_and_below_is_left_out() {
        for banner in [
            "You don't often get email from a@b.nl. Learn why this is important<https://example.com>",
            "U ontvangt niet vaak e-mail van a@b.nl. Meer informatie over waarom dit belangrijk is",
            "CAUTION: This email originated from outside of the organization. Do not click links.",
            "[EXTERN] Let op: deze e-mail is afkomstig van buiten de organisatie.",
        ] {
            assert_eq!(kept(&format!("{banner}\n\nPrima.\n")), "Prima.\n", "{banner}");
        }
        for notice in [
            "Aan dit bericht kunnen geen rechten worden ontleend.",
            "Dit bericht kan informatie bevatten die niet voor u is bestemd.",
            "De informatie verzonden met dit e-mailbericht is uitsluitend bestemd voor u.",
            "Dit bericht (inclusief bijlagen) is vertrouwelijk.",
            "Dit e-mailbericht is uitsluitend bestemd voor de geadresseerde.",
            "Deze e-mail en eventuele bijlagen zijn vertrouwelijk.",
            "This communication is intended only for the addressee.",
            "This message is confidential.",
            "The information contained in this e-mail is confidential.",
            "CONFIDENTIALITY NOTICE: this is for the recipient.",
            "Denk aan het milieu voordat u deze e-mail print.",
            "P Please consider the environment before printing this e-mail.",
            "De inhoud van deze e-mail is vertrouwelijk.",
            "Deze e-mail is bedoeld voor de geadresseerde.",
            "Als u dit bericht ten onrechte ontvangt, meldt u dit dan aan de afzender.",
            "Indien u niet de beoogde ontvanger bent, wordt u verzocht dit te melden.",
            "Disclaimer: www.example.be/disclaimer",
            "This email and any files transmitted with it are confidential.",
            "This email, including attachments, is confidential.",
            "IMPORTANT: The contents of this email are confidential.",
            "The content of this email is intended for the recipient specified.",
            "If you are not the intended recipient, please notify the sender.",
            "If you have received this email in error, please delete it.",
            "Diese E-Mail und alle Anhänge sind vertraulich.",
            "Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender.",
            "Ce message et ses annexes sont confidentiels.",
            "Si vous avez reçu ce message par erreur, merci de le détruire.",
        ] {
            assert_eq!(
                kept(&format!("Prima.\n\n{notice}\nVerwijder het.\n")),
                "Prima.\n",
                "{notice}"
            );
        }
        for device in [
            "Download Outlook voor iOS<https://example.com/x>",
            "Verzonden vanuit Outlook voor Android",
            "Verstuurd vanuit Gmail op mijn telefoon",
            "Verzonden met Proton Mail voor Android",
            "Verzonden vanuit Mail voor Windows 10",
            "Sent from Yahoo Mail on Android",
            "Sent with Proton Mail secure email.",
            "Gesendet von Outlook für Android",
            "Von meinem Samsung Galaxy Smartphone gesendet.",
            "Envoyé à partir de Outlook pour Android",
            "Envoyé depuis mon appareil Galaxy",
            "______________________________",
        ] {
            assert_eq!(kept(&format!("Prima.\n\n{device}")), "Prima.\n", "{device}");
        }
    }

    #[test]
    fn a_signature_is_left_out_and_a_postscript_is_not() {
        assert_eq!(
            kept("Ik wacht nog.\nMet vriendelijke groet,\nA. Jansen\n06-12345678\n"),
            "Ik wacht nog.\n"
        );
        assert_eq!(kept("Ik wacht nog.\n-- \nA. Jansen"), "Ik wacht nog.\n");
        for closing in [
            "Vr. gr.",
            "Mit freundlichen Grüßen",
            "Liebe Grüsse aus Basel,",
            "Bien cordialement,",
            "Meilleures salutations",
        ] {
            let text = format!("Ik wacht nog.\n{closing}\nA. Jansen");
            assert_eq!(kept(&text), "Ik wacht nog.\n", "{closing}");
        }
        for cry in [
            "Waar blijft mijn pakket!\n",
            "Hoi, waar blijft mijn pakket\n",
            "Hallo waar blijft het?\n",
        ] {
            assert_eq!(kept(&format!("{cry}Groetjes Anja\n06-12345678")), cry);
        }
        let two_lines = "Graag de factuur opnieuw sturen, alvast bedankt,\n";
        assert_eq!(kept(&format!("{two_lines}\nMvg Jan de Boer\n06-12345678")), two_lines);
        for job in ["Psycholoog", "Psychiater bij Acme", "PSV-fan", "PS2000 B.V."] {
            assert_eq!(kept(&format!("Dank.\nMvg,\nAnja\n{job}")), "Dank.\n", "{job}");
        }
        for mark in ["PS", "PS:", "Ps.", "P.S.", "p.s. en"] {
            let text = format!("Dank.\nMvg,\nAnja\n{mark} Ik wacht nog.");
            assert_eq!(kept(&text), text, "{mark}");
        }
        for closing in [
            "Groetjes Anja",
            "Groetekes",
            "Vr. groeten",
            "mvg jan",
            "Met vriendelijke groeten van Anja",
            "Met vriendelijke groeten – Meilleures salutations – Kind regards",
            "Warme groet,",
            "Vriendelijk groetend,",
            "Grtz Anja",
            "Best wishes,",
            "Mit besten Grüßen",
            "Salutations distinguées",
            "Met vriendelijke groeten,\nBien à vous,\n\nKind regards,",
        ] {
            assert_eq!(kept(&format!("Dank.\n{closing}\nUtrecht")), "Dank.\n", "{closing}");
        }
        let with_question = "Dank.\nGroet, Anja\nWanneer hoor ik iets?";
        assert_eq!(kept(with_question), with_question);
        let long = format!(
            "Groet vooraf\nDag.\nGroet,\n{}",
            "Dit is nog een hele zin van mij. ".repeat(3)
        );
        assert_eq!(kept(&long), long);
    }

    #[test]
    fn a_signature_alone_a_disclaimer_and_a_device_are_nobodys_words() {
        for text in [
            "Met vriendelijke groet,\nA. Jansen\n06-12345678",
            "Vriendelijke groeten,\n\nAnneke de Vries\nSenior adviseur klantenservice\nAcme B.V.\nwww.acme.nl",
            "Groet, Anja\n06-12345678",
            "Groet, Jan van den Berg\n06-12345678",
            "Met vriendelijke groet / Kind regards,\nJan Jansen",
            "Met vriendelijke groet, | With kind regards,\nJan Jansen\nAanwezig op ma, di en do",
            "Vr. groet\nP. van der Berg",
            "Kind regards,\nTom Baker\nHead of Customer Care | Acme Ltd.\n+44 20 7946 0000",
            "Yours sincerely\nMrs A. Smith\n12 High Street",
            "Hoogachtend,\nmr. I. Jansen\nhoofd I&A",
            "Groet, Anja\nme@my-shop.nl\nwww.ik-ben.nl/is",
            "Mit freundlichen Grüßen\ni. A. Petra Müller\nMüller & Söhne GmbH\nTel. 030 1234567",
            "MfG\nJan Schmidt",
            "Cordialement,\nMarie Petit\nResponsable du service clients",
            "-- \nA. Jansen\nDorpsstraat 12\n1234 AB Utrecht",
            "Disclaimer: dit bericht is vertrouwelijk.",
            "Sent from my iPhone",
            "This e-mail and any attachments are confidential.\nPlease delete it.",
        ] {
            assert_eq!(kept(text), "", "{text}");
        }
        assert_eq!(kept("Ik wacht nog.\n\nVerzonden vanaf mijn iPhone"), "Ik wacht nog.\n");
        let about = "Sent from my old address by mistake, could you use the new one from now on?";
        assert_eq!(kept(about), about);
    }
}
