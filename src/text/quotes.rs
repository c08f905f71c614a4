//! Lines of a message that are not of who sends it: quoted mail, and what mail programs and servers add.

use std::sync::LazyLock;

use regex::Regex;

/// A quoted line of this length may have been wrapped by a mail program, and the line below be its rest.
const WRAPPED_FROM_CHARS: usize = 60;
/// An attribution ("On … wrote:") takes no more.
const ATTRIBUTION_BYTES: usize = 300;
/// The head of a quoted mail has no more lines.
const HEAD_LINES: usize = 8;

/// For each line whether it is somebody else's, up to the line from which on all is; `lines` are trimmed.
pub(crate) fn foreign(lines: &[&str]) -> Vec<bool> {
    let mut foreign = Vec::with_capacity(lines.len());
    let mut own = false;
    while foreign.len() < lines.len() {
        let n = foreign.len();
        if is_quote_head(lines[n]) || is_notice(&lines[n..]) || is_mail_head(&lines[n..], own) {
            break;
        }
        let attribution = attribution(&lines[n..]);
        let mut below = lines[n + attribution..].iter().filter(|line| !line.is_empty());
        if attribution > 0 && below.next().is_some_and(|line| line.starts_with('>')) {
            // Whoever answers below a quote, or between its lines, is read on.
            foreign.resize(n + attribution, true);
            continue;
        }
        if attribution > 0 && is_programs(&lines[n..n + attribution]) {
            break;
        }
        let quoted = lines[n].starts_with('>') || is_rest_of_quote(lines, n);
        foreign.push(quoted || is_device_line(lines[n]) || BANNER.is_match(lines[n]));
        own |= !foreign[n] && !lines[n].is_empty();
    }
    foreign
}

/// Whether a line belongs to the quoted one above it, which was wrapped, and the quote goes on below.
fn is_rest_of_quote(lines: &[&str], n: usize) -> bool {
    let quotes = |n: usize| lines.get(n).is_some_and(|line| line.starts_with('>'));
    n > 0
        && !lines[n].is_empty()
        && quotes(n - 1)
        && quotes(n + 1)
        && lines[n - 1].chars().count() >= WRAPPED_FROM_CHARS
        && !lines[n - 1].ends_with(['.', '?', '!', ':'])
}

/// How many lines say who wrote the quote below ("Acme schreef op 3 maart:"): one, two where it was wrapped, or none.
fn attribution(lines: &[&str]) -> usize {
    const WROTE: &[&str] = &["wrote", "schreef", "geschreven", "schrieb", "a écrit"];
    let wrote = |line: &str| WROTE.iter().any(|wrote| line.contains(wrote));
    let short = |line: &str| line.len() <= ATTRIBUTION_BYTES;
    match lines {
        [line, ..] if line.ends_with(':') => usize::from(short(line) && wrote(line)),
        [line, next, ..] if next.ends_with(':') && short(line) && short(next) => {
            let is_wrapped =
                wrote(line) || next.contains('@') || WROTE.iter().any(|w| next.starts_with(w));
            let whole = is_wrapped && (wrote(line) || wrote(next)) && is_programs(&lines[..2]);
            if whole { 2 } else { 0 }
        }
        _ => 0,
    }
}

/// Whether a mail program wrote this attribution: it gives the time or the address. "Op 12 maart schreef u mij:" is the customer's
/// own sentence.
fn is_programs(attribution: &[&str]) -> bool {
    const STARTS: &[&str] = &["On ", "Op ", "Am ", "Le "];
    static PERSON: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:schreef|heeft|hebt|heb|hebben) (?:ik|u|je|jij|jullie|wij|we|uw)\b|\b(?:you|i|we) wrote\b")
            .expect("a regular expression")
    });
    STARTS.iter().any(|start| attribution[0].starts_with(start))
        && !attribution[0].ends_with(['.', '!', '?'])
        && !attribution.iter().any(|line| PERSON.is_match(line))
        && attribution.iter().any(|line| line.contains('@') || has_clock_time(line))
}

fn has_clock_time(line: &str) -> bool {
    let clock = |three: &[u8]| matches!(three, [b'0'..=b'9', b':', b'0'..=b'9']);
    line.as_bytes().windows(3).any(clock)
}

/// "-----Original Message-----", "Begin forwarded message:", "##- Please type your reply above this line -##".
fn is_quote_head(line: &str) -> bool {
    const DIVIDERS: &[&str] = &[
        "original message",
        "oorspronkelijk bericht",
        "origineel bericht",
        "doorgestuurd bericht",
        "forwarded message",
        "ursprüngliche nachricht",
        "weitergeleitete nachricht",
        "message d'origine",
        "message transféré",
    ];
    let ruled = line.starts_with("--") || line.starts_with("__");
    let begins = line.starts_with("Begin ") && line.ends_with(':');
    if line.starts_with("##-") && line.ends_with("-##") {
        return true;
    }
    let line = line.to_lowercase();
    (ruled || begins) && DIVIDERS.iter().any(|divider| line.contains(divider))
}

/// Whether lines begin with the head of a quoted mail, as Outlook and others write them. A letter and a form have some of these lines
/// too: with `Verzonden` one of the others is asked, or the time or an address, and without it three, below words of one's own.
fn is_mail_head(lines: &[&str], own_above: bool) -> bool {
    const FROM: &[&str] = &["Van:", "From:", "Von:", "De :"];
    const SENT: &[&str] = &["Verzonden:", "Sent:", "Gesendet:", "Envoyé :"];
    const DATE: &[&str] = &["Datum:", "Date:"];
    const OTHERS: &[&str] = &[
        "Aan:",
        "To:",
        "An:",
        "À :",
        "Onderwerp:",
        "Subject:",
        "Betreff:",
        "Objet :",
        "Cc:",
        "CC:",
    ];
    let starts = |line: &str, heads: &[&str]| {
        heads.iter().any(|head| line.trim_start_matches('*').starts_with(head))
    };
    let is_head = |line: &&&str| {
        [FROM, SENT, OTHERS].iter().any(|heads| starts(line, heads))
            || starts(line, DATE) && has_clock_time(line)
    };
    let head: Vec<&str> = lines.iter().take_while(is_head).take(HEAD_LINES).copied().collect();
    // A system may have made one line of them.
    let sent = |line: &&str| SENT.iter().any(|sent| line.contains(sent));
    let is_programs = |line: &&str| {
        starts(line, OTHERS)
            || has_clock_time(line)
            || line.contains(['@', '<'])
            || starts(line, FROM) && sent(line)
    };
    head.iter().any(|line| starts(line, FROM))
        && (head.iter().any(sent) && head.iter().any(is_programs) || own_above && head.len() >= 3)
}

/// The first line of a legal notice that mail servers put under a message.
fn is_notice(lines: &[&str]) -> bool {
    static NOTICE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:
            disclaimer\b | confidentiality\ notice | vertrouwelijkheidsclausule
            | denk\ aan\ het\ milieu\ voor | please\ consider\ the\ environment
            | de\ (?:informatie|inhoud)\ (?:in|van|verzonden\ met|opgenomen\ in)\ (?:dit|deze)\ (?:e-?mail|bericht)
            | aan\ (?:dit|deze)\ (?:e-?mail\w*|bericht)\ kunnen\ geen\ rechten
            | (?:dit|deze)\ (?:e-?mail\w*|bericht)\ (?:
                \(?(?:inclusief|met|en)\ (?:de\ |alle\ |eventuele\ )*bijlage
                | (?:is|zijn)\ (?:vertrouwelijk\ en\ )?(?:uitsluitend|alleen)\ bestemd\ (?:voor\ )?(?:(?:de\ |het\ )?(?:geadres|ontvang|gebruik|beoogde)|degene|u\b)
                | kan\ (?:vertrouwelijke|informatie\ bevatten\ die\ niet))
            | the\ information\ (?:contained\ |transmitted\ )?(?:in|by)\ this\ (?:e-?mail|message|communication)
            | this\ (?:e-?mail|message|communication)(?:\ message)?\ (?:
                \(?(?:and|including)\ any\ attach
                | (?:is|are|may\ be)\ (?:confidential|(?:intended\ )?(?:only|solely)\ (?:intended\ )?for)
                | is\ intended\ (?:only|solely)\ for
                | (?:may\ contain|contains)\ (?:confidential|privileged))
            | diese\ e-?mail\ (?:enthält|kann)\ vertrauliche
            | ce\ message\ et\ (?:ses|les|toutes\ les)\ (?:éventuelles\ )?pièces\ jointes)",
        )
        .expect("a regular expression")
    });
    // What the law asks for is said in such words, here or on the line to which it was wrapped.
    static LEGAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)vertrouwelijk|uitsluitend|geadres|ontvanger|ontleend|niet\ voor\ u|voor\ u\ is|confiden|privileged|addressee|recipient|intended
            |environment|milieu|vertrauliche|confidentiel|destin",
        )
        .expect("a regular expression")
    });
    NOTICE.is_match(lines[0]) && lines.iter().take(2).any(|line| LEGAL.is_match(line))
}

/// What a mail server puts above mail from outside.
static BANNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\[?(?:caution|warning|external|extern(?:e\ e-?mail)?|let\ op|waarschuwing|achtung)\b.{0,20}
        \b(?:this|the|deze|dit|diese)\ (?:e-?mail|message|bericht|nachricht)\w*\ (?:originate[sd]?|came|comes|is|komt|stammt|kommt)\b.{0,40}
        \b(?:outside|external|buiten|externe?|externen|außerhalb)\b",
    )
    .expect("a regular expression")
});

/// "Verzonden vanaf mijn iPhone" and its like.
fn is_device_line(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "verzonden vanaf mijn",
        "verstuurd vanaf mijn",
        "verzonden vanaf outlook",
        "download outlook voor",
        "outlook voor ios downloaden",
        "outlook voor android downloaden",
        "sent from my",
        "get outlook for",
        "von meinem iphone gesendet",
        "envoyé de mon",
    ];
    let line = line.split('<').next().unwrap_or_default().to_lowercase();
    STARTS.iter().any(|start| line.starts_with(start)) && line.chars().count() <= 40
}
