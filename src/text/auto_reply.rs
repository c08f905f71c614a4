//! Whether a message was written by a machine: a notice of absence, of receipt or of delivery.
//!
//! A mark counts only where a machine puts it: as the head of the message or at the beginning of a sentence. A
//! customer who writes about an automatic answer has it in the middle of one, or in quotation marks.

use crate::text::quotes::{field, holds_message};

/// Characters that are looked at; such a message says what it is early.
const MAX_CHARS: usize = 1200;

/// Whether a message is an automatic answer.
pub(crate) fn is_auto_reply(text: &str) -> bool {
    let text: String = text.trim_start().chars().take(MAX_CHARS).collect();
    let text = text.to_lowercase().replace('’', "'");
    if has_head(&text, HEADS, LINE) || has_head(&text, WORDS, MARKS) {
        return true;
    }
    let sentences: Vec<&str> = sentences(&text).collect();
    if sentences.iter().any(|sentence| asks(sentence)) {
        return false;
    }
    let begins = |cues: &[&str]| {
        sentences.iter().any(|sentence| cues.iter().any(|cue| sentence.starts_with(cue)))
    };
    let has =
        |cues: &[&str]| cues.iter().any(|cue| text.split(cue).skip(1).any(|rest| !is_writer(rest)));
    let promises = || {
        let has = |sentence: &str, any: &[&str]| any.iter().any(|words| sentence.contains(words));
        sentences.iter().any(|sentence| has(sentence, PROMISES) && !has(sentence, WISHES))
    };
    // "Ik heb de monteur gesproken": a person answers, with words that receipts have too.
    let is_somebody = || {
        let mut words = text.split(|c: char| !c.is_alphanumeric());
        words.any(|word| ["ik", "i", "ich"].contains(&word))
    };
    // Between the two stands the head of the message that was read.
    let was_read = || {
        let is_about = text.starts_with("uw bericht") || text.starts_with("your message");
        is_about && begins(&["is gelezen op", "was read on"])
    };
    let answers = || has(MEANWHILE) || has(ELSEWHERE);
    // What a customer fills in, a site sends, and says that it does.
    if is_form(&text) && ![DELIVERY, RECEIVED, THANKS, CONFIRMS].into_iter().any(has) {
        return false;
    }
    // Who is there in person has such a sentence from a mail that they tell of, unless they are away.
    let is_machine = || !is_somebody() || [AWAY, ABSENT, MEANWHILE, THANKS].into_iter().any(has);
    was_read()
        || names_itself(&sentences)
        || begins(DELIVERY)
        || begins(SAYS_SO)
        || begins(NO_REPLY) && is_machine()
        || has(AWAY) && (answers() || has(THANKS) && has(BACK))
        || [THANKS, ABSENT, MEANWHILE, BACK].into_iter().all(has)
        || (has_head(&text, HEADS, SIGNS) || has_head(&text, WORDS, SIGNS))
            && (answers() || [THANKS, AWAY, ABSENT, UNTIL, RECEIVED].into_iter().any(has))
        || has(RECEIVED) && promises() && !is_somebody()
}

/// What follows a head as mail programs write it, where anything does.
const SIGNS: &[char] = &[':', ']', '*', '|', '\n', '\r', '–', '-', '('];
/// Those of them after which a head stands for itself. "Automatic reply - that is all I ever get" is somebody's.
const LINE: &[char] = &[':', ']', '*', '|', '\n', '\r'];
/// Those that a customer would not put after a word of their own.
const MARKS: &[char] = &[':', ']', '*', '|'];

/// What mail programs put before the subject or at the top, and nobody else.
const HEADS: &[&str] = &[
    "automatisch antwoord",
    "automatische antwoord",
    "automatisch bericht",
    "automatische reactie",
    "automatische beantwoording",
    "afwezigheidsbericht",
    "afwezigheidsmelding",
    "afwezigheidsassistent",
    "ontvangstbevestiging",
    "leesbevestiging",
    "automatic reply",
    "automated reply",
    "automated response",
    "auto-reply",
    "auto reply",
    "autoreply",
    "auto response",
    "out of office",
    "out-of-office",
    "read receipt",
    "undelivered mail returned to sender",
    "mail delivery failed",
    "delivery status notification",
    "automatische antwort",
    "abwesenheitsnotiz",
    "réponse automatique",
    "message d'absence",
    "absence du bureau",
];

/// What mail programs put there too, but a customer may begin with as well ("Gelezen. Maar …", "Onbestelbaar" of a parcel).
const WORDS: &[&str] =
    &["afwezig", "gelezen", "onbestelbaar", "undeliverable", "unzustellbar", "non remis"];

/// Sentences by which a message says that nobody may answer. A customer has them from a mail that they tell of.
const NO_REPLY: &[&str] = &[
    "gelieve niet te antwoorden op dit",
    "gelieve niet te antwoorden op deze",
    "u kunt niet op deze e-mail reageren",
    "u kunt niet reageren op deze e-mail",
    "u kunt niet antwoorden op deze e-mail",
    "op deze e-mail kunt u niet",
    "op dit bericht kunt u niet",
    "reageren op deze e-mail is niet mogelijk",
    "beantwoord deze e-mail niet",
    "please do not reply to this",
    "do not reply to this",
    "replies to this email",
    "bitte antworten sie nicht auf diese",
    "merci de ne pas répondre à ce",
];

/// Sentences by which a message says that a machine wrote it or that nobody reads the answer.
const SAYS_SO: &[&str] = &[
    "dit bericht is automatisch",
    "deze e-mail is automatisch",
    "deze mail is automatisch",
    "deze e-mail wordt automatisch",
    "dit bericht wordt automatisch",
    "u ontvangt dit automatisch",
    "u ontvangt deze automatisch",
    "dit e-mailadres wordt niet gelezen",
    "deze mailbox wordt niet gelezen",
    "this is an auto-generated",
    "this message was automatically",
    "this email was automatically",
    "this e-mail was automatically",
    "this email was sent automatically",
    "this message was generated automatically",
    "this mailbox is not monitored",
    "this inbox is not monitored",
    "diese e-mail wurde automatisch",
    "diese nachricht wurde automatisch",
    "ceci est un message automatique",
    "ceci est une réponse automatique",
];

/// Sentences by which a mail server says what became of a message; some say "I".
const DELIVERY: &[&str] = &[
    "uw bericht kon niet worden bezorgd",
    "uw bericht kon niet worden afgeleverd",
    "uw bericht is niet bezorgd",
    "uw bericht is gelezen op",
    "dit is een retourbericht voor de mail",
    "this is a return receipt for the mail",
    "this is the mail system at",
    "this is the qmail-send program",
    "delivery to the following recipient failed",
    "delivery to the following recipients failed",
    "de bezorging bij de volgende geadresseerden",
    "je bericht is niet bezorgd",
    "your message could not be delivered",
    "your message couldn't be delivered",
    "your message wasn't delivered",
    "delivery has failed to these recipients",
];

/// Beginnings of a sentence in which a message names itself, if one of [`MAILS`] follows: payments and doors are automatic too.
const AUTOMATIC: &[&str] = &[
    "dit is een automatisch",
    "dit is een geautomatiseerd",
    "this is an automated",
    "this is an automatic",
    "dies ist eine automatisch",
];

/// What a message may call itself.
const MAILS: &[&str] = &[
    "bericht",
    "mail",
    "antwoord",
    "reactie",
    "bevestiging",
    "melding",
    "mededeling",
    "notificatie",
    "message",
    "reply",
    "response",
    "notification",
    "acknowledg",
    "confirmation",
    "alert",
    "herinnering",
    "reminder",
    "sms",
    "brief",
    "erinnerung",
    "nachricht",
    "antwort",
    "benachrichtigung",
    "bestätigung",
];

/// The writer says that they, or their office, are away now.
const AWAY: &[&str] = &[
    "ben ik afwezig",
    "ik ben afwezig",
    "ben momenteel afwezig",
    "ben tijdelijk afwezig",
    "ben ik niet aanwezig",
    "ik ben niet aanwezig",
    "ben ik niet bereikbaar",
    "ik ben niet bereikbaar",
    "ik ben momenteel niet bereikbaar",
    "ben niet op kantoor",
    "ben ik niet op kantoor",
    "ben momenteel niet op kantoor",
    "ben op dit moment niet op kantoor",
    "ben momenteel niet aanwezig",
    "ben met vakantie",
    "ben op vakantie",
    "ben ik met vakantie",
    "ben ik op vakantie",
    "ben met verlof",
    "ben ik met verlof",
    "ben momenteel met verlof",
    "ben met zwangerschapsverlof",
    "geniet van mijn vakantie",
    "geniet van een vakantie",
    "ik werk niet op",
    "niet meer werkzaam bij",
    "kantoor is gesloten",
    "kantoren zijn gesloten",
    "wij zijn gesloten",
    "zijn wij gesloten",
    "met ouderschapsverlof",
    "i am out of office",
    "i am out of the office",
    "i'm out of office",
    "i'm out of the office",
    "i am currently out",
    "i'm currently out",
    "i will be out of",
    "i am on annual leave",
    "i'm on annual leave",
    "on leave until",
    "on holiday until",
    "on vacation until",
    "away from my desk",
    "i am away until",
    "i'm away until",
    "i will be away",
    "i'll be away",
    "i am currently on leave",
    "i'm currently on leave",
    "i am currently on annual leave",
    "i'm currently on annual leave",
    "on maternity leave",
    "on parental leave",
    "i am not in the office",
    "i'm not in the office",
    "no longer works for",
    "office is closed",
    "nicht im büro",
    "bin ich abwesend",
    "ich bin abwesend",
    "im urlaub",
    "absent du bureau",
    "absente du bureau",
    "suis en congé",
    "suis actuellement en congé",
];

/// That somebody is away.
const ABSENT: &[&str] = &["op vakantie", "met vakantie", "met verlof", "on leave", "im urlaub"];

/// How long.
const UNTIL: &[&str] = &["tot en met", "t/m"];

/// When the writer is back. A customer who thanks for a mail and says that they are away on Tuesday does not.
const BACK: &[&str] = &[
    " tot ",
    "t/m",
    "weer aanwezig",
    "weer bereikbaar",
    "er weer",
    "until ",
    "will return",
    "be back",
    "my return",
    " bis ",
    "wieder",
    "jusqu'",
    "de retour",
    "mon retour",
];

/// What to do, or what becomes of the message, in the meantime.
const MEANWHILE: &[&str] = &[
    "voor dringende",
    "bij dringende",
    "in dringende",
    "voor spoed",
    "bij spoed",
    "spoedeisende",
    "bij terugkomst",
    "na terugkomst",
    "na mijn terugkeer",
    "wordt niet doorgestuurd",
    "wordt niet gelezen",
    "worden niet gelezen",
    "urgent matter",
    "urgent request",
    "urgent enquir",
    "urgent quer",
    "if urgent",
    "for urgent",
    "anything urgent",
    "voor urgente",
    "bij urgente",
    "immediate assistance",
    "limited access to",
    "when i return",
    "on my return",
    "upon my return",
    "nach meiner rückkehr",
    "à mon retour",
    "dès mon retour",
    "en cas d'urgence",
    "toute urgence",
];

/// Sends the reader to somebody else, where the next word is not "me" or "us".
const ELSEWHERE: &[&str] = &[
    "contact opnemen met ",
    "contact op met ",
    "contact op te nemen met ",
    "kunt u terecht bij ",
    "please contact ",
    "please reach out to ",
    "wenden sie sich ",
    "kontaktieren sie ",
    "veuillez contacter ",
    "vous adresser à ",
];

/// Thanks for the message that it answers.
const THANKS: &[&str] = &[
    "bedankt voor uw bericht",
    "bedankt voor je bericht",
    "bedankt voor uw e-mail",
    "bedankt voor je e-mail",
    "bedankt voor uw mail",
    "bedankt voor je mail",
    "dank voor uw bericht",
    "dank u voor uw bericht",
    "dank voor uw e-mail",
    "thank you for your message",
    "thank you for your email",
    "thank you for your e-mail",
    "thanks for your message",
    "thanks for your email",
    "hartelijk dank voor uw bericht",
    "hartelijk dank voor uw e-mail",
    "danke für ihre nachricht",
    "danke für ihre e-mail",
    "vielen dank für ihre nachricht",
    "vielen dank für ihre e-mail",
    "merci pour votre message",
    "merci de votre message",
];

/// The message that it answers has come in; of a message, not of goods or money.
const RECEIVED: &[&str] = &[
    "hebben uw bericht ontvangen",
    "hebben je bericht ontvangen",
    "hebben uw e-mail ontvangen",
    "hebben je e-mail ontvangen",
    "hebben uw vraag ontvangen",
    "hebben uw aanvraag ontvangen",
    "hebben uw melding ontvangen",
    "hebben uw bericht in goede orde ontvangen",
    "hebben uw e-mail in goede orde ontvangen",
    "uw bericht is ontvangen",
    "uw bericht is goed ontvangen",
    "uw bericht is in goede orde ontvangen",
    "uw e-mail is ontvangen",
    "uw aanvraag is ontvangen",
    "uw melding is ontvangen",
    "uw vraag is ontvangen",
    "uw verzoek is ontvangen",
    "we have received your message",
    "we have received your email",
    "we have received your e-mail",
    "we have received your enquiry",
    "we have received your inquiry",
    "we have received your request",
    "we have received your application",
    "we've received your message",
    "we've received your email",
    "we've received your enquiry",
    "we've received your request",
    "we received your message",
    "we received your email",
    "your request has been received",
    "your message has been received",
    "your email has been received",
    "your enquiry has been received",
    "a ticket has been created",
    "your ticket has been created",
    "ist bei uns eingegangen",
    "haben ihre nachricht erhalten",
    "haben ihre anfrage erhalten",
    "avons bien reçu votre message",
    "avons bien reçu votre demande",
    "votre demande a bien été",
];

/// What a confirmation calls itself, which copies what was filled in.
const CONFIRMS: &[&str] = &[
    "automatische bevestiging",
    "ontvangstbevestiging",
    "automatic confirmation",
    "automated confirmation",
    "automatische bestätigung",
];

/// What will happen with it.
const PROMISES: &[&str] = &[
    "werkdagen",
    "binnen 24 uur",
    "binnen twee",
    "zo spoedig mogelijk",
    "zo snel mogelijk",
    "in behandeling",
    "nemen contact met u op",
    "ticketnummer",
    "zaaknummer",
    "referentienummer",
    "get back to you",
    "be in touch",
    "respond within",
    "reply within",
    "response within",
    "working days",
    "business days",
    "within 24 hours",
    "as soon as possible",
    "reference number",
    "case number",
    "ticket number",
    "so schnell wie möglich",
    "schnellstmöglich",
    "innerhalb von",
    "werktagen",
    "dans les plus brefs délais",
    "dans les meilleurs délais",
    "jours ouvrables",
];

/// Who wishes something "as soon as possible" promises nothing.
const WISHES: &[&str] = &[
    "graag",
    "gelieve",
    "verzoek",
    "verwacht",
    "please",
    "expect",
    "would like",
    "want",
    "bitte",
    "merci de",
    "veuillez",
];

/// Whether the message, or its subject, opens with one of the heads and one of the signs, or is nothing else.
fn has_head(text: &str, heads: &[&str], signs: &[char]) -> bool {
    // No "re:": an answer to an automatic reply is somebody's own.
    const SUBJECTS: &[&str] =
        &["onderwerp:", "subject:", "betreff:", "objet:", "objet :", "[", "*"];
    let mut head = text;
    while let Some(rest) = SUBJECTS.iter().find_map(|subject| head.strip_prefix(subject)) {
        head = rest.trim_start();
    }
    heads.iter().filter_map(|mark| head.strip_prefix(mark)).any(|rest| {
        let rest = rest.trim_start_matches(' ');
        rest.is_empty() || rest.starts_with(signs) || rest.starts_with("re:")
    })
}

/// Whether a message says of itself that it is automatic, be the sentence wrapped.
fn names_itself(sentences: &[&str]) -> bool {
    let is_mail = |word: &str| MAILS.iter().any(|mail| word.contains(mail));
    sentences.iter().enumerate().any(|(n, sentence)| {
        let goes_on = !sentence.ends_with(['.', '!', '?', ';']);
        let parts = sentences[n..].iter().take(1 + usize::from(goes_on));
        // Right behind it: of what else is automatic a customer says more.
        let mut named = parts.flat_map(|part| part.split_whitespace()).skip(4).take(3);
        AUTOMATIC.iter().any(|cue| sentence.starts_with(cue)) && named.any(is_mail)
    })
}

/// Whether these are the lines of a form: who writes, and the message. A receipt that copies them says so above.
fn is_form(text: &str) -> bool {
    const COPIES: &[&str] = &[
        "bedankt",
        "dank ",
        "thank",
        "danke",
        "merci",
        "geregistreerd",
        "registered",
        "wij nemen",
        "we will",
        "wir melden",
        "uw melding",
        "uw aanvraag",
        "uw ticket",
        "your case",
        "your ticket",
        "your request",
        "ihre anfrage",
        "votre demande",
    ];
    const WHO: &[&str] = &[
        "naam",
        "name",
        "voornaam",
        "achternaam",
        "e-mail",
        "e-mailadres",
        "email",
        "melder",
        "afzender",
        "telefoon",
        "van",
        "from",
        "von",
        "nom",
    ];
    let mut fields = text.lines().filter_map(field);
    let mut above = text.lines().take_while(|line| field(line).is_none());
    !above.any(|line| COPIES.iter().any(|copies| line.contains(copies)))
        && fields.clone().any(|(label, _)| WHO.contains(&label))
        && fields.any(|(label, value)| holds_message(label, value))
}

/// "Please contact me" sends the reader nowhere else, nor does "my daughter".
fn is_writer(rest: &str) -> bool {
    const KIN: &[&str] = &[
        "man",
        "vrouw",
        "zoon",
        "dochter",
        "moeder",
        "vader",
        "wife",
        "husband",
        "son",
        "daughter",
        "mother",
        "father",
        "mari",
        "femme",
        "tochter",
        "sohn",
        "mutter",
        "frau",
        "mann",
        "buurman",
        "buurvrouw",
        "buren",
        "neighbour",
        "neighbours",
        "voisin",
        "voisine",
        "nachbar",
        "nachbarn",
        "nachbarin",
    ];
    let mut words = rest.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let word = words.next().unwrap_or_default();
    let is_kin = |word: &str| KIN.contains(&word);
    ["me", "us", "mij", "ons", "mich", "uns", "moi", "nous"].contains(&word)
        || ["mijn", "onze", "my", "our", "mein", "meine", "meinen", "mon", "ma"].contains(&word)
            && words.next().is_some_and(is_kin)
}

/// Whether somebody asks something of the reader; machines ask rhetorically ("Spoed? Bel …").
fn asks(sentence: &str) -> bool {
    const ASKS: &[&str] = &[
        "kunt u",
        "kunnen jullie",
        "kan iemand",
        "kun je",
        "wilt u",
        "willen jullie",
        "wanneer",
        "waarom",
        "can you",
        "could you",
        "would you",
        "when ",
        "why ",
        "können sie",
        "warum",
        "pouvez-vous",
    ];
    sentence.ends_with('?') && ASKS.iter().any(|word| sentence.contains(word))
}

/// Sentences and lines, each with its closing sign, without what stands before its first letter unless that
/// is a quotation mark.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '\n', ';']).map(|sentence| {
        sentence.trim().trim_start_matches(|c: char| {
            matches!(c, '*' | '-' | '–' | '_' | '(' | '[' | '#' | '=' | ' ')
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_known() {
        for text in [
            "Automatisch antwoord: Offerte zonnepanelen",
            "Afwezig: Re: factuur 2219",
            "  Out of Office Re: your order",
            "[Automatic reply] Delivery slot",
            "Subject: Undeliverable: Invoice 8812\n\nDelivery has failed to these recipients.",
            "Abwesenheitsnotiz: Termin am Freitag",
            "Réponse automatique : votre commande",
            "Ontvangstbevestiging\n\nWij hebben uw formulier verwerkt.",
            "Gelezen: Planning week 14",
            "Afwezig",
            "[Afwezig] Factuur 2219",
            "*Afwezig* Factuur 2219",
            "Afwezig: tot en met 3 mei",
            "Afwezig - op vakantie tot en met 12 augustus",
            "Undeliverable\n\nDelivery has failed to these recipients or groups:",
            "Afwezig\n\nBedankt voor uw e-mail. Ik lees die na 3 mei.",
            "Afwezig - voor dringende zaken belt u de receptie",
            "Onbestelbaar: Factuur 8812",
            "Subject: Undeliverable: Invoice 8812",
            "Unzustellbar: Rechnung 8812",
            "Non remis : votre facture",
            "Out of office\n\nI will be back on Monday.",
            "Automatische Antwort: Termin",
            "Undelivered Mail Returned to Sender\n\nThis is the mail system at host mx.example.",
            "Beste relatie,\n\nDit is een automatisch verzonden mail van onze receptie.",
            "Geachte heer,\nUw order staat klaar.\n\n*** Deze e-mail is automatisch aangemaakt. ***",
            "Dit is een automatisch gegenereerd\nbericht, u kunt er niet op antwoorden.",
            "Dit is een geautomatiseerde ontvangstbevestiging.",
            "This is an automatic notification from the booking desk",
            "Dit is een automatische herinnering. U heeft nog een openstaande factuur.",
            "This is an automated reminder: your invoice is due.",
            "Dies ist eine automatisch generierte Nachricht.",
            "Thanks for reaching out! This is an automated response.",
            "Your ticket was updated. Please do not reply to this email.",
            "Diese E-Mail wurde automatisch erstellt. Bitte nicht antworten.",
            "Ceci est un message automatique, inutile d'y répondre.",
            "Bedankt voor uw bericht. Ik ben afwezig tot 3 mei. Voor dringende zaken belt u de receptie.",
            "Dank voor je bericht. Wegens ziekte ben ik niet bereikbaar. Spoed? Neem contact op met Ans.",
            "Thank you for your email. I am out of the office until Monday. Please contact Ann.",
            "I’m on annual leave and will answer when I return.",
            "Ich bin bis Montag nicht im Büro. In dringenden Fällen wenden Sie sich an Frau Weber.",
            "Je suis en congé jusqu'au 12. Veuillez contacter Mme Petit.",
            "Your message\n\nTo: Anna\nSent: 3 March 2026\n\nwas read on 3 March 2026 10:05.",
            "Uw bericht\n\nAan: Anna\n\n is gelezen op maandag 3 maart 2026 10:05.",
            "This is a Return Receipt for the mail that you sent to a@b.nl.",
            "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.",
            "This is the mail system at host mx.example.\nYour message could not\nbe delivered.",
            "De bezorging bij de volgende geadresseerden of groepen is mislukt:\na@b.nl",
            "Thank you for your email. I am currently on annual leave and will return on 3 May.",
            "Wij hebben uw aanvraag ontvangen. U hoort binnen vijf werkdagen van ons.",
            "Bedankt voor uw e-mail. Ik ben van 3 tot en met 17 mei met vakantie. Uw e-mail wordt niet doorgestuurd.",
            "Wij hebben uw melding ontvangen en nemen die zo spoedig mogelijk in behandeling.\nNaam: Jan\nUw melding: lekkage\n\
             Dit bericht is automatisch verzonden.",
            "Dit is een automatisch antwoord. Ik lees uw mail na 3 mei.",
            "Beste,\nBedankt voor uw e-mail. Ik lees mijn mail een keer per dag.\nDit bericht is automatisch verzonden.",
            "I am out of the office until 12 May. Please contact my manager Tom.",
            "Ik ben met verlof tot 3 juni. U kunt contact opnemen met onze buurtregisseur.",
            "Hallo,\nTot en met 5 mei ben ik er niet. Mail mijn collega Ruben.\nDit bericht is automatisch verzonden.",
            "I have retired from Baker Ltd. This mailbox is not monitored. Please write to office@baker.example.",
            "Uw melding is geregistreerd.\nNaam: J. de Vries\nMelding: stoeptegel\nDit is een automatisch bericht.",
            "Dit is een automatisch antwoord.\nWij zijn weer open op maandag.\nSpoedmelding: 010-1234567\nE-mail: a@b.nl",
            "Dit is een automatische bevestiging van uw aanvraag.\nNaam: Jan\nUw bericht: lekkage",
            "Uw bericht kon niet worden bezorgd.\nVan: a@b.nl\nReden: postvak vol",
            "I have left Acme, please write to sales@acme.example. This is an automated response.",
            "Your message could not be delivered.\nFrom: a@b.nl\nMessage-ID: <1@b.nl>",
            "We have received your enquiry and will respond within two business days.",
            "Ihre Nachricht ist bei uns eingegangen. Wir melden uns schnellstmöglich.",
        ] {
            assert!(is_auto_reply(text), "{text}");
        }
    }

    #[test]
    fn customers_are_not_machines() {
        for text in [
            "",
            "ok",
            "Naam: Piet\nE-mail: p@x.nl\nBericht: Niemand doet iets.\n\n\
             Dit bericht is automatisch verzonden via het contactformulier op x.nl.",
            "Dit is een automatisch gegenereerde e-mail\nNaam *: Piet\nUw klacht *: Niemand doet iets.",
            "Name | Tom\nYour message | Nobody came.\nPlease do not reply to this email.",
            "Niemand doet iets, en ik krijg steeds dit:\nBeste klant, wij kijken ernaar.\nGelieve niet te antwoorden op dit bericht.",
            "Beantwoord deze e-mail niet weer met een standaardtekst. Ik wacht al zes weken.",
            "Please do not reply to this with another template. I want my money back.",
            "Bedankt voor uw bericht. De lekkage was er van maandag t/m woensdag en bij spoed neemt niemand op.",
            "Dank voor uw bericht. Ik ben volgende week met vakantie, dus bij spoed graag mijn vrouw bellen.",
            "Thanks for your message. While I was on leave nobody handled my urgent request.",
            "Overdag ben ik niet bereikbaar, u kunt contact opnemen met mijn dochter.",
            "Het lekt. Ik ben op vakantie. U kunt contact opnemen met mijn zoon.",
            "Gelezen\nMaar niemand belt mij terug over de lekkage.",
            "Gelezen - maar dit is geen antwoord op mijn vraag",
            "Gelezen.",
            "Dit is een automatische incasso die ik nooit heb goedgekeurd.\nGraag antwoord.",
            "Dit is een automatische incasso die ik nooit heb goedgekeurd\nGraag antwoord",
            "Dit is een automatische incasso waarvoor ik geen bericht kreeg.",
            "This is an automated payment that I never agreed to, please reply.",
            "Dies ist eine automatische Abbuchung, die ich nie erlaubt habe.",
            "Gelezenheid is geen antwoord",
            "Afwezig - niemand deed open toen ik om tien uur kwam.",
            "Afwezig (dat staat op het kaartje), maar ik was de hele dag thuis.",
            "Onbestelbaar\nDat staat al drie dagen bij mijn pakket.",
            "Undeliverable - says the tracking page, and I was at home all day.",
            "Unzustellbar\nSo steht es seit drei Tagen bei meinem Paket.",
            "Non remis - et pourtant j'étais chez moi.",
            "Ik krijg steeds weer een nietszeggend automatisch antwoord van jullie",
            "Automatisch antwoord gekregen en verder niets.",
            "Out of office again, every single time I write to you",
            "Op mijn klacht kwam alleen \"Dit is een automatisch bericht\" terug.",
            "\"Please do not reply to this email\", says your mail. Then who do I ask?",
            "Jullie stuurden: we have received your message, within 24 hours. Wanneer hoor ik iets?",
            "Ik ben op vakantie tot 3 mei, kunt u het pakket daarna bezorgen?",
            "I was on leave until Monday and nobody answered. Please call me.",
            "I'm on annual leave next week, so please contact me on my mobile.",
            "Uw collega is met verlof en voor dringende zaken neemt niemand op.",
            "Ik wil geen automatische reactie meer, ik wil een mens.",
            "De winkel is gesloten terwijl er op de deur staat dat u open bent.",
            "Read receipt says you opened it on Friday. Still nothing.",
            "Wij hebben uw factuur ontvangen en betalen die binnen 14 dagen.",
            "Ontvangstbevestiging - nooit gekregen. Ik wacht al drie weken op mijn geld.",
            "Automatische reactie (de derde al!) en verder niets.",
            "Automatic reply - that is all I ever get from you.",
            "Mijn mail van 3 maart\nis gelezen op 5 maart, en verder niets.",
            "Wij hebben uw bericht ontvangen, dank. Ik heb de monteur gesproken: binnen twee werkdagen droog.",
            "Thank you for contacting us. I looked at your order: it comes within three working days.",
            "Thank you for contacting me. The parcel still has not arrived after ten working days.",
            "Bedankt voor het invullen van het formulier, maar het zou binnen twee dagen zijn.",
            "Je suis absent mardi, veuillez contacter mon voisin pour la livraison.",
            "I'm away from the office, please contact my neighbour for the delivery.",
            "Delivery to the following recipient never happened: my mother",
            "Wij hebben uw bericht ontvangen, maar het klopt niet. Graag zo snel mogelijk aanpassen.",
            "Uw bericht is ontvangen. Ik verwacht binnen tien werkdagen mijn geld terug.",
            "We have received your invoice but the amount is wrong. Please correct it as soon as possible.",
            "We have received your letter, reference number 44. We do not accept this.",
            "Bedankt voor uw e-mail. Ik ben niet aanwezig op dinsdag, liever een andere dag.",
            "Bedankt voor je mail. Ik ben op vakantie, maar de buurman zegt dat het lekt. Het is urgent.",
            "Danke für Ihre Nachricht. Ich bin im Urlaub und kann das Paket nicht annehmen.",
            "Please do not reply with another template.",
            "Onderwerp: RE: Automatisch antwoord: afwezig\n\nDan bel ik wel iemand anders.",
        ] {
            assert!(!is_auto_reply(text), "{text}");
        }
    }
}
