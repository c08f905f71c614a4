//! What the customer says now: the text without quoted replies, signatures and notices.

use std::ops::Range;

use crate::text::quotes;

/// Lines that may follow a closing ("Met vriendelijke groet,") and still be a signature, twice as many where two of them say how
/// to reach somebody.
const SIGNATURE_LINES: usize = 8;
/// A line of a signature is a name, a function, a street: short, or twice as long with telephone numbers and addresses. Longer ones
/// are text.
const SIGNATURE_LINE_CHARS: usize = 60;
/// Lines that may follow the last address of a long signature.
const LINES_BELOW: usize = 3;
/// As many words in lower case say something, though an address be among them.
const SENTENCE_WORDS: usize = 5;
/// Digits of a telephone number.
const NUMBER_DIGITS: usize = 9;

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
    // What is quoted below a signature is no part of it, nor are answers below and between quotes.
    let is_quoted = |n: &usize| at(*n).starts_with('>');
    let below = |n: usize| (n + 1..end).take_while(|n| !is_quoted(n)).filter(|&n| !foreign[n]);
    let dashes = (0..end).find(|&n| at(n) == "--" && starts_signature(below(n).map(at)));
    let quote_below = |n: usize| (n..end).find(is_quoted).unwrap_or(end);
    let without = dashes.map_or(end..end, |dashes| dashes..quote_below(dashes));
    let mut own: Vec<usize> = (0..end).filter(|n| !foreign[*n] && !without.contains(n)).collect();
    let own_below = |n: usize| below(n).filter(|n| !without.contains(n)).map(at);
    if let Some(closing) = own.iter().rposition(|&n| is_closing(at(n), place(n))) {
        // A text that is only a closing ("groetjes") is kept: it is all there is.
        let alone = own.iter().all(|&n| n == own[closing] || at(n).is_empty());
        if !alone && starts_signature(own_below(own[closing])) {
            // In Belgium one in each language may stand above another.
            let mut above = own[..closing].iter();
            let text = above.rposition(|&n| !at(n).is_empty() && !is_closing(at(n), place(n)));
            let quote = quote_below(own[closing]);
            own.drain(text.map_or(0, |text| text + 1)..own.partition_point(|&n| n < quote));
        }
    } else if let Some(thanks) =
        own.iter().rposition(|&n| place(n) == Place::Below && is_thanks(at(n)))
    {
        let below = || own_below(own[thanks]).filter(|line| !line.is_empty());
        let is_from_somebody = below().next().is_some_and(is_full_name) && below().any(is_contact);
        if is_from_somebody && starts_signature(below()) {
            let quote = quote_below(own[thanks]);
            own.drain(thanks + 1..own.partition_point(|&n| n < quote));
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
        "met vr. groet",
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
        "herzliche grüsse",
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
        let part = part.trim_matches(['*', '_', ' ']).to_lowercase().replace('ß', "ss");
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

/// Whether a line thanks, as people do instead of a closing: "Alvast bedankt,". It says something, and stays.
fn is_thanks(line: &str) -> bool {
    const THANKS: &[&str] = &[
        "bedankt",
        "alvast bedankt",
        "alvast dank",
        "bij voorbaat dank",
        "dank u",
        "dank je",
        "thanks",
        "thank you",
        "many thanks",
        "thanks in advance",
        "cheers",
        "danke",
        "vielen dank",
        "danke im voraus",
        "merci",
        "merci d'avance",
    ];
    let line = line.to_lowercase().replace('’', "'");
    THANKS.contains(&line.trim_end_matches([',', '.', '!', ' ']))
}

/// Whether a line is a name and nothing else: "Jan van den Berg".
fn is_full_name(line: &str) -> bool {
    let is_of_it = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '-' | '\'' | '’');
    line.split_whitespace().count() <= 4
        && line.chars().all(is_of_it)
        && line.contains(char::is_lowercase)
        && is_name(line)
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
    const POSTSCRIPTS: &[&str] = &["ps", "p.s", "pps", "p.p.s"];
    const ADDED: &[&str] = &["nb:", "n.b.:", "update:", "edit:", "toevoeging:"];
    // No more than decide it: the lines below every `--` are asked about.
    let lines = lines.map(without_links).filter(|line| !line.is_empty());
    let filled: Vec<String> = lines.take(2 * SIGNATURE_LINES + 1).collect();
    let is_postscript = |line: &str| {
        let line = line.to_lowercase();
        let mut rests = POSTSCRIPTS.iter().filter_map(|mark| line.strip_prefix(mark));
        rests.any(|rest| !rest.starts_with(char::is_alphanumeric))
            || ADDED.iter().any(|mark| line.starts_with(mark))
    };
    let is_long = |line: &String| {
        let words = line.split_whitespace().filter(|word| word.starts_with(char::is_lowercase));
        let most = if is_contact(line) && words.count() < SENTENCE_WORDS { 2 } else { 1 };
        line.chars().count() > most * SIGNATURE_LINE_CHARS
    };
    let says = |line: &String| {
        line.contains('?') || is_postscript(line) || is_sentence(line) || is_long(line)
    };
    let contacts = || filled.iter().enumerate().filter(|(_, line)| is_contact(line));
    let ends_in_contacts = || {
        contacts().count() > 1
            && contacts().next_back().is_some_and(|(n, _)| filled.len() <= n + 1 + LINES_BELOW)
    };
    filled.len() <= if ends_in_contacts() { 2 } else { 1 } * SIGNATURE_LINES
        && !filled.iter().any(says)
}

/// A line of a signature as it is seen: behind an address a mail program writes where it leads, `<mailto:…>`, and a picture is
/// `[cid:…]`.
fn without_links(line: &str) -> String {
    let mut parts = line.split('<');
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>') {
            Some((_, after)) => shown.push_str(after),
            None => shown.extend(["<", part]),
        }
    }
    let shown = shown.trim();
    let is_picture = ["[cid:", "[image", "[afbeelding", "[logo"]
        .iter()
        .any(|picture| shown.starts_with(picture));
    if is_picture { String::new() } else { shown.to_owned() }
}

/// Whether a line has an address, or telephone numbers and little else.
fn is_contact(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    line.contains('@') || line.contains("www.") || digits >= NUMBER_DIGITS && letters <= digits
}

/// Whether a line has a word that sentences have, and no name, function or address, or ends as they do.
fn is_sentence(line: &str) -> bool {
    // Not "our": a signature says what "our website" is.
    const WORDS: &[&str] = &[
        "ik", "mij", "mijn", "wij", "we", "ons", "onze", "us", "is", "zijn", "niet", "nog", "geen",
        "me", "my", "are", "not", "still", "ich", "mir", "mich", "mein", "meine", "wir", "ist",
        "sind", "nicht", "noch", "je", "moi", "nous", "est", "ne", "pas", "jullie", "nooit",
        "niemand", "dit", "nobody", "never", "jamais",
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
mod tests;
