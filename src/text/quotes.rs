//! Lines of a message that are not of who sends it: quoted mail, and what mail programs and servers add.

use std::sync::LazyLock;

use regex::Regex;

use crate::text::notices::is_notice;

/// A quoted line of this length may have been wrapped by a mail program, and the line below be its rest.
const WRAPPED_FROM_CHARS: usize = 60;
/// An attribution ("On … wrote:") takes no more.
const ATTRIBUTION_BYTES: usize = 300;
/// "Please type your reply above this line" takes no more.
const MARKER_BYTES: usize = 100;
/// The head of a quoted mail has no more lines.
const HEAD_LINES: usize = 8;

/// For each line whether it is somebody else's, up to the line from which on all is; `lines` are trimmed.
pub(crate) fn foreign(lines: &[&str]) -> Vec<bool> {
    let mut foreign = Vec::with_capacity(lines.len());
    let (mut own, mut is_below_divider) = (false, false);
    // Of a text that lost its line ends nobody can tell where the quote ends and the answer begins.
    let in_one = lines.iter().filter(|line| !line.is_empty()).take(2).count() == 1;
    let is_answered = |line: &str| in_one && has_several_sentences(line);
    while foreign.len() < lines.len() {
        let n = foreign.len();
        if is_reply_marker(lines[n]) || is_notice(&lines[n..]) {
            break;
        }
        let attribution = attribution(&lines[n..]);
        let mut below = lines[n + attribution..].iter().filter(|line| !line.is_empty());
        if attribution > 0 && below.next().is_some_and(|line| line.starts_with('>')) {
            // Whoever answers below a quote, or between its lines, is read on.
            foreign.resize(n + attribution, true);
            continue;
        }
        let is_divider = is_divider(lines[n]);
        let head = match attribution {
            _ if is_divider => 1,
            0 => mail_head(&lines[n..], own || is_below_divider),
            attribution if is_programs(&lines[n..n + attribution]) => attribution,
            _ => 0,
        };
        if head > 0 && (own || is_answer(&lines[n..n + head])) {
            break;
        }
        if head > 0 {
            // Of a mail that was sent on, or put into a case, without a word above it, it is all there is.
            foreign.resize(n + head, true);
            is_below_divider = is_divider;
            continue;
        }
        is_below_divider &= lines[n].is_empty();
        let quoted = lines[n].starts_with('>') || is_rest_of_quote(lines, n);
        let added = is_rule(lines[n]) || BANNER.is_match(lines[n]);
        let is_device = is_device_line(lines[n]);
        foreign.push(is_device || (quoted || added) && !is_answered(lines[n]));
        // Who says no more than what they write with has sent an answer too, and the date may stand above the sender.
        let goes_on = is_head_line(lines[n]) && lines.get(n + 1).is_some_and(|l| is_head_line(l));
        own |= is_device || !foreign[n] && !lines[n].is_empty() && !goes_on;
    }
    foreign
}

fn has_several_sentences(line: &str) -> bool {
    let says = |rest: &str| rest.contains(char::is_alphanumeric);
    line.split_inclusive(['.', '?', '!']).filter(|sentence| says(sentence)).nth(1).is_some()
}

/// Where a quoted mail begins behind words of one's own in a text that lost its line ends; surer signs are asked than of a line of
/// its own.
pub(crate) fn run_in(text: &str) -> Option<usize> {
    let mut filled = text.lines().filter(|line| !line.trim().is_empty());
    let (Some(line), None) = (filled.next(), filled.next()) else { return None };
    let start = line.as_ptr() as usize - text.as_ptr() as usize;
    let found = [divider_in(line), mail_head_in(line), attribution_in(line)];
    let at = found.into_iter().flatten().min()?;
    line[..at].contains(char::is_alphanumeric).then_some(start + at)
}

/// "… -----Original Message----- …"
fn divider_in(line: &str) -> Option<usize> {
    static DIVIDER: LazyLock<Regex> = LazyLock::new(|| {
        let words = DIVIDERS.join("|").replace('\'', "['’]");
        Regex::new(&format!(r"(?i)-{{3,}} ?(?:{words}) ?-{{3,}}")).expect("a regular expression")
    });
    DIVIDER.find(line).map(|found| found.start())
}

/// "… Van: Acme <service@acme.nl> Verzonden: maandag 3 maart Aan: Anna Onderwerp: uw vraag …": all four, in this order, with the address or
/// the time, and no form.
fn mail_head_in(line: &str) -> Option<usize> {
    static SENT: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:Verzonden|Sent|Gesendet|Envoyé)[ \u{a0}]?:")
            .expect("a regular expression")
    });
    static FROM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:Van|From|Von|De)[ \u{a0}]?:").expect("a regular expression")
    });
    static REST: LazyLock<Regex> = LazyLock::new(|| {
        let rest =
            r"\b(?:Aan|To|An|À)[ \u{a0}]?:.*\b(?:Onderwerp|Subject|Betreff|Objet)[ \u{a0}]?:";
        Regex::new(rest).expect("a regular expression")
    });
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        let field = format!(r"(?i)\b\w*(?:{})(?:en|s)?[ \u{{a0}}]?:", FIELDS.join("|"));
        Regex::new(&field).expect("a regular expression")
    });
    // With the first word, which may be the label of a field too.
    static SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
        let answers = r"(?:(?i:re|fwd?|antw|aw|wg|tr)[ \u{a0}]?:\s*)*";
        let subject = format!(r"\b(?:Onderwerp|Subject|Betreff|Objet)[ \u{{a0}}]?:\s*{answers}\S*");
        Regex::new(&subject).expect("a regular expression")
    });
    SENT.find_iter(line).find_map(|sent| {
        let start = line.floor_char_boundary(sent.start().saturating_sub(ATTRIBUTION_BYTES));
        let end = line.floor_char_boundary(sent.end() + ATTRIBUTION_BYTES);
        let from = FROM.find_iter(&line[start..sent.start()]).last()?;
        let (whole, rest) = (&line[start + from.start()..end], &line[sent.end()..end]);
        let is_sure = whole.contains('@') || has_clock_time(whole);
        let below = SUBJECT.find(rest).map_or("", |subject| &rest[subject.end()..]);
        (is_sure && REST.is_match(rest) && !FIELD.is_match(below)).then_some(start + from.start())
    })
}

/// "… Op ma 3 mrt 2025 om 10:02 schreef Acme <service@acme.nl>: …": with the address, the time and the year.
fn attribution_in(line: &str) -> Option<usize> {
    static ENDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"@[^<>\s@]+>[ \u{a0}]?(?:wrote|het volgende geschreven|a écrit)?[ \u{a0}]?:")
            .expect("a regular expression")
    });
    static STARTS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:On|Op|Am|Le) ").expect("a regular expression"));
    // Between quoted lines there may be an answer.
    let is_whole = |ends: &regex::Match| !line[ends.end()..].trim_start().starts_with('>');
    ENDS.find_iter(line).filter(is_whole).find_map(|ends| {
        let start = line.floor_char_boundary(ends.end().saturating_sub(ATTRIBUTION_BYTES));
        let stretch = &line[start..ends.end()];
        let whole = |at: usize| {
            let words = &stretch[at..];
            has_clock_time(words)
                && has_year(words)
                && attribution(&[words]) == 1
                && is_programs(&[words])
        };
        let starts: Vec<usize> = STARTS.find_iter(stretch).map(|found| found.start()).collect();
        starts.into_iter().rev().find(|&at| whole(at)).map(|at| start + at)
    })
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

/// Whether a line is drawn, as above the head of a quoted mail.
fn is_rule(line: &str) -> bool {
    line.len() >= 10 && line.bytes().all(|byte| b"_-=*".contains(&byte))
}

/// How many lines say who wrote the quote below ("Acme schreef op 3 maart:"): one, two or three where it was wrapped, or none.
fn attribution(lines: &[&str]) -> usize {
    const WROTE: &[&str] = &["wrote", "schreef", "geschreven", "schrieb", "a écrit"];
    let wrote = |line: &str| WROTE.iter().any(|wrote| line.contains(wrote));
    let ends_in_wrote =
        |line: &str| WROTE.iter().any(|wrote| line.trim_end_matches([':', ' ']).ends_with(wrote));
    let short = |line: &&str| !line.is_empty() && line.len() <= ATTRIBUTION_BYTES;
    let most = lines.iter().take(3).take_while(|line| short(line)).count();
    let Some(last) = lines[..most].iter().position(|line| line.ends_with(':')) else { return 0 };
    let whole = match &lines[..=last] {
        [line] => wrote(line) || DATED.is_match(line),
        [line, next] => {
            let is_wrapped =
                wrote(line) || next.contains('@') || WROTE.iter().any(|w| next.starts_with(w));
            is_wrapped && (wrote(line) || wrote(next)) && is_programs(&lines[..2])
        }
        three => {
            let has = |of: &dyn Fn(&str) -> bool| three.iter().any(|line| of(line));
            // People write so much above a colon too: all is asked that a program gives.
            has(&wrote)
                && has(&|line| line.contains('<'))
                && has(&|line| line.contains('@'))
                && has(&has_clock_time)
                && !three[1].ends_with(['.', '!', '?'])
                && (three[2].ends_with(">:") || ends_in_wrote(three[2]))
                && is_programs(three)
        }
    };
    if whole { last + 1 } else { 0 }
}

/// "2016-03-03 10:12 GMT+01:00 Acme <service@acme.nl>:", as Gmail wrote.
static DATED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\d{4}-\d\d-\d\d \d{1,2}:\d\d .{0,200}<[^<>\s]+@[^<>\s]+>:$")
        .expect("a regular expression")
});

/// Whether a mail program wrote this attribution: it gives the address, or the time and the year. "Op 12 maart om 10:30 schreef Jan
/// van de planning:" is the customer's own sentence.
fn is_programs(attribution: &[&str]) -> bool {
    const STARTS: &[&str] = &["On ", "Op ", "Am ", "Le "];
    // Words for who writes or reads, as they stand within a sentence: names have capitals ("Uw Bakker").
    const PERSONS: &str = "ik mij me mijn u uw je jij jullie wij we ons onze I my you your us our ich mir mich wir uns schrieben \
        vous votre nous notre m'a m’a j'ai j’ai";
    // "Acme <service@acme.nl> wrote".
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^[^<>]{0,60}<[^<>\s]+@[^<>\s]+> (?:wrote|schreef|schrieb|a écrit)\b")
            .expect("a regular expression")
    });
    let has = |of: &dyn Fn(&str) -> bool| attribution.iter().any(|line| of(line));
    let names_person = |line: &str| {
        let mut words = line.split_whitespace().map(|word| word.trim_end_matches([',', ':']));
        words.any(|word| PERSONS.split(' ').any(|person| person == word))
    };
    (STARTS.iter().any(|start| attribution[0].starts_with(start))
        || ADDRESS.is_match(attribution[0])
        || DATED.is_match(attribution[0]))
        && !attribution[0].ends_with(['.', '!', '?'])
        && !has(&names_person)
        && (has(&|line| line.contains('@')) || has(&has_clock_time) && has(&has_year))
}

fn has_clock_time(line: &str) -> bool {
    let clock = |three: &[u8]| matches!(three, [b'0'..=b'9', b':', b'0'..=b'9']);
    line.as_bytes().windows(3).any(clock)
}

/// "2026", or 26 as the last of three numbers.
fn has_year(line: &str) -> bool {
    static YEAR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b(?:19|20)\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d\d\b")
            .expect("a regular expression")
    });
    YEAR.is_match(line)
}

/// What stands between a message and the mail it answers or sends on.
const DIVIDERS: &[&str] = &[
    "original message",
    "original appointment",
    "reply message",
    "oorspronkelijk bericht",
    "oorspronkelijke bericht",
    "oorspronkelijk e-mail",
    "oorspronkelijke e-mail",
    "origineel bericht",
    "originele bericht",
    "doorgestuurd bericht",
    "doorgestuurde e-mail",
    "doorgestuurde mail",
    "forwarded message",
    "ursprüngliche nachricht",
    "weitergeleitete nachricht",
    "weitergeleiteten nachricht",
    "message d'origine",
    "message transféré",
];

/// What a form calls the message below its sender and subject, or the stem of it, in lower case.
const FIELDS: &[&str] = &[
    "bericht",
    "vraag",
    "klacht",
    "melding",
    "boodschap",
    "toelichting",
    "omschrijving",
    "beschrijving",
    "opmerking",
    "reactie",
    "reden",
    "tekst",
    "inhoud",
    "probleem",
    "verzoek",
    "feedback",
    "message",
    "question",
    "comment",
    "description",
    "details",
    "complaint",
    "nachricht",
    "anliegen",
    "remarque",
];

/// Words of the longest label of a field.
const LABEL_WORDS: usize = 4;

/// The label and the value of a line of a form: "Uw vraag" of "Uw vraag *: …".
pub(crate) fn field(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once([':', '|', '\t'])?;
    let label = label.trim_matches(|c: char| matches!(c, '*' | '#' | ' ' | '\u{a0}'));
    let words = label.split_whitespace().count();
    (1..=LABEL_WORDS).contains(&words).then_some((label, value.trim()))
}

/// Whether a field, its label in lower case, holds the message of a form, be it on the lines below. A number is none, nor is what it
/// is a message of: "Meldingsnummer", "Betreft melding".
pub(crate) fn holds_message(label: &str, value: &str) -> bool {
    let last = label.rsplit(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    let is_one = |word: &str| {
        let single = word.strip_suffix("en").or_else(|| word.strip_suffix('s')).unwrap_or(word);
        FIELDS.iter().any(|field| word.ends_with(field) || single.ends_with(field))
    };
    last.is_some_and(is_one)
        && !label.starts_with("betreft")
        && (value.is_empty() || value.contains(char::is_alphabetic))
}

/// How lines begin that are drawn.
const RULES: &[&str] = &["--", "__", "===", "***", "##"];

/// "-----Original Message-----", "Begin forwarded message:".
fn is_divider(line: &str) -> bool {
    const BEGINS: &[&str] = &["Begin ", "Début ", "Anfang "];
    let ruled = RULES.iter().any(|rule| line.starts_with(rule));
    if ruled && line.ends_with("--") && line.contains('@') {
        // "---- On Mon, 3 Mar 2025 10:02 Acme <service@acme.nl> wrote ----"
        return true;
    }
    let begins = BEGINS.iter().any(|begin| line.starts_with(begin)) && line.ends_with(':');
    (ruled || begins) && {
        let line = line.to_lowercase().replace('’', "'");
        let bare = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        // "-- I sent a reply message on Monday" is a point of a list.
        DIVIDERS.iter().any(|words| {
            line.contains(words) && (begins || !line.starts_with("-- ") || bare.starts_with(words))
        })
    }
}

/// "##- Please type your reply above this line -##": below it there is nothing of who replies.
fn is_reply_marker(line: &str) -> bool {
    const ABOVE: &[&str] = &[
        "above this line",
        "boven deze lijn",
        "boven deze regel",
        "oberhalb dieser zeile",
        "über dieser zeile",
        "au-dessus de cette ligne",
    ];
    const REPLY: &[&str] = &["repl", "respon", "antwoord", "reactie", "antwort", "répon"];
    const ASKS: &[&str] = &[
        "please ",
        "reply ",
        "type ",
        "in replies ",
        "gelieve ",
        "antwoord ",
        "beantwoord ",
        "typ ",
        "bitte ",
        "antwort",
        "veuillez ",
        "répond",
    ];
    let ruled = RULES.iter().any(|rule| line.starts_with(rule));
    if !ruled && line.len() > MARKER_BYTES {
        return false;
    }
    let line = line.to_lowercase().replace('’', "'");
    let has = |any: &[&str]| any.iter().any(|words| line.contains(words));
    let asks = || {
        let end = line.trim_end_matches(|c: char| !c.is_alphanumeric());
        ASKS.iter().any(|ask| line.starts_with(ask))
            && ABOVE.iter().any(|above| end.ends_with(above))
    };
    has(REPLY) && has(ABOVE) && (ruled || asks())
}

/// Whether the head of a mail says that it answers another, or that those sent it who help customers.
fn is_answer(head: &[&str]) -> bool {
    const ANSWERS: &[&str] = &["re:", "re :", "antw:", "aw:"];
    const HELPERS: &[&str] =
        &["klant", "service", "support", "help", "customer", "no-reply", "noreply", "donotreply"];
    let value = |heads: &[&str]| {
        let line = head.iter().find(|line| starts(line, heads))?;
        Some(line.split_once(':')?.1.trim_matches(['*', ' ', '\u{a0}']).to_lowercase())
    };
    let subject = value(SUBJECT).unwrap_or_default();
    // "[Extern] RE: …"
    let subject = subject.split_once(']').map_or(&*subject, |(_, rest)| rest.trim_start());
    let sender = value(FROM).unwrap_or_default();
    let address = sender.rsplit(['<', '(', ' ', '[']).find(|part| part.contains('@'));
    ANSWERS.iter().any(|answers| subject.starts_with(answers))
        || address.is_some_and(|address| HELPERS.iter().any(|who| address.starts_with(who)))
}

const FROM: &[&str] = &["Van", "From", "Von", "De"];
const SENT: &[&str] = &["Verzonden", "Sent", "Gesendet", "Envoyé"];
const DATE: &[&str] = &["Datum", "Date"];
const SUBJECT: &[&str] = &["Onderwerp", "Subject", "Betreff", "Objet"];
const OTHERS: &[&str] = &[
    "Aan",
    "To",
    "An",
    "À",
    "Cc",
    "CC",
    "Antwoord aan",
    "Beantwoorden",
    "Beantwoorden aan",
    "Reply-To",
    "Antwort an",
    "Répondre à",
];

/// Whether a colon comes next. French has a space before it, and it may be one that does not break.
fn is_named(rest: &str) -> bool {
    rest.trim_start().starts_with(':')
}

fn starts(line: &str, heads: &[&str]) -> bool {
    let line = line.trim_start_matches('*');
    heads.iter().filter_map(|head| line.strip_prefix(head)).any(is_named)
}

/// Whether a line may stand in the head of a mail.
fn is_head_line(line: &str) -> bool {
    [FROM, SENT, SUBJECT, OTHERS].iter().any(|heads| starts(line, heads))
        || starts(line, DATE) && has_clock_time(line)
}

/// Whether a line is what was wrapped of a list of addresses: "<service@acme.nl>", "Anna Visser <anna@example.nl>;".
fn ends_in_address(line: &str) -> bool {
    line.contains('@') && line.ends_with(['>', ';'])
}

/// How many lines are the head of a quoted mail, as Outlook and others write them; 0 if there is none. A letter and a form have
/// some of these lines too: with `Verzonden` one of the others is asked, or the time or an address, and without it three, below
/// words of one's own or a divider, with an address, or the time and the subject. A form has a field for the message below them.
fn mail_head(lines: &[&str], is_below: bool) -> usize {
    if !is_head_line(lines[0]) {
        return 0;
    }
    let is_head = |n: usize| lines.get(n).is_some_and(|line| is_head_line(line));
    // A system may have put an empty line between them.
    let step = if lines.get(1).is_some_and(|line| line.is_empty()) && is_head(2) { 2 } else { 1 };
    // Names and addresses may have been wrapped.
    let is_rest = |n: usize| {
        step == 1
            && is_head(n + 1)
            && ends_in_address(lines[n])
            && [FROM, OTHERS].iter().any(|heads| starts(lines[n - 1], heads))
    };
    let goes_on = |n: usize| step == 1 || n == 0 || lines[n - 1].is_empty();
    let numbers =
        (0..).step_by(step).take_while(|&n| is_head(n) && goes_on(n) || n > 0 && is_rest(n));
    let head: Vec<&str> = numbers.take(HEAD_LINES).map(|n| lines[n]).collect();
    let below = (head.len() - 1) * step + 1;
    // A system may have made one line of them.
    let sent = |line: &&str| SENT.iter().any(|sent| line.split(sent).skip(1).any(is_named));
    let is_programs = |line: &&str| {
        starts(line, OTHERS)
            || starts(line, SUBJECT)
            || has_clock_time(line)
            || line.contains(['@', '<'])
            || starts(line, FROM) && sent(line)
    };
    let is_mails = || {
        let has = |of: &dyn Fn(&str) -> bool| head.iter().any(|line| of(line));
        has(&|line| line.contains('@'))
            || has(&|line| starts(line, SUBJECT)) && has(&has_clock_time)
    };
    // "Telefoon: …" may stand above "Bericht: …".
    let is_form = || {
        let below = lines[below..].iter().copied().filter(|line| !line.is_empty());
        let mut fields = below.take(HEAD_LINES).map_while(field);
        fields.any(|(label, value)| holds_message(&label.to_lowercase(), value))
    };
    let is_sent = || {
        head.iter().any(sent)
            && head.iter().any(is_programs)
            && (is_below || is_answer(&head) || !is_form())
    };
    let has_three = || is_below && head.len() >= 3 && is_mails() && !is_form();
    // With empty lines between it may as well be a list of the customer's own.
    let is_dense =
        || step == 1 || head.iter().any(|line| line.contains('@') || has_clock_time(line));
    let is_one =
        head.iter().any(|line| starts(line, FROM)) && is_dense() && (is_sent() || has_three());
    if is_one { below } else { 0 }
}

/// What a mail server puts above mail from outside.
static BANNER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)^\[?(?:(?:you|some\ people\ who\ received\ this\ message)\ don['’]t\ often\ get\ e-?mail|(?:u|je)\ (?:ontvangt|krijgt)\ niet\ vaak\ e-?mail|sie\ erhalten\ nicht\ (?:oft|häufig)\ e-?mail)
        s?\ (?:from|van|von)\ \S+@
        |^\[?(?:caution|warning|external|extern(?:e\ e-?mail)?|let\ op|opgelet|waarschuwing|achtung)\b.{0,20}
        \b(?:this|the|deze|dit|diese)\ (?:e-?mail|message|bericht|nachricht)\w*\ (?:originate[sd]?|came|comes|is|komt|stammt|kommt)\b.{0,40}
        \b(?:outside|external|buiten|externe?|externen|außerhalb)\b
        |^\[?(?:this|deze|dit|diese)\ (?:e-?mail|message|bericht|nachricht)\ (?:originated|is\ afkomstig|komt|kommt|stammt)\ (?:from|van|von)
        \ (?:outside\ (?:of\ )?(?:the|our|your)|buiten\ (?:de|onze|uw|jouw)|außerhalb\ (?:der|unserer|ihrer))\ organi[sz]ati",
    )
    .expect("a regular expression")
});

/// "Verzonden vanaf mijn iPhone" and its like: a few words, and none that would make a sentence of them.
fn is_device_line(line: &str) -> bool {
    const BEGINS: &[&str] = &[
        "verzonden van",
        "verzonden m",
        "verzonden via ",
        "verstuurd van",
        "verstuurd m",
        "verstuurd via ",
        "sent from ",
        "sent with ",
        "sent via ",
        "get outlook ",
        "download outlook ",
        "outlook voor ",
        "outlook für ",
        "gesendet ",
        "von meinem ",
        "envoyé de ",
        "envoyé depuis ",
        "envoyé à partir d",
    ];
    const DEVICES: &[&str] = &[
        "outlook",
        "iphone",
        "ipad",
        "ios",
        "android",
        "galaxy",
        "samsung",
        "huawei",
        "smartphone",
        "gmail",
        "yahoo",
        "proton",
        "windows",
        "my phone",
        "my mobile",
        "mijn telefoon",
        "mijn mobiel",
        "meinem handy",
        "mon téléphone",
        "mon mobile",
    ];
    const ITS_WORDS: &[&str] =
        &["phone", "mobile", "mail", "telefoon", "mobiel", "tablet", "handy", "téléphone"];
    const SMALL: &str = "vanaf vanuit met via voor op mijn downloaden from with for on my the secure von mit für meinem gesendet \
        herunterladen de depuis à partir pour mon appareil";
    let line = line.split('<').next().unwrap_or_default();
    let lower = line.to_lowercase();
    let names = |text: &str, any: &[&str]| any.iter().any(|name| text.contains(name));
    // A name, one of these, or the version of Windows; no day on which something was sent.
    let is_its = |word: &str| {
        word.starts_with(char::is_uppercase)
            || ["10", "11"].contains(&word)
            || SMALL.split(' ').any(|small| small == word)
            || names(&word.to_lowercase(), DEVICES)
            || names(word, ITS_WORDS)
    };
    BEGINS.iter().any(|begin| lower.starts_with(begin))
        && names(&lower, DEVICES)
        && !line.contains([',', '?', '!'])
        && line.split_whitespace().skip(1).all(|word| is_its(word.trim_end_matches('.')))
}
