//! Mail: mailboxes and single mails, threaded by their references.

pub(crate) mod html;
mod text;
mod threads;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;
use mail_parser::{
    Address, DateTime, HeaderForm, HeaderValue, Message, MessageParser, MimeHeaders,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::bytes::{Line, read_line};
use crate::input::{ReadOptions, hex};
use crate::record::{Fault, Origin, Record, Sink};
use crate::times::{Times, is_known};
use text::plain_text;
pub(crate) use threads::Threads;

/// Largest mail that is read, attachments and all.
const MAX_MAIL_BYTES: usize = 64 << 20;

/// Mails are cut into lines of at most this; attachments have short ones.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Bytes of the hash that names a mail without an id.
const NAME_BYTES: usize = 10;

/// Reads mails as messages.
pub(crate) struct Mails {
    threads: Threads,
    /// Name of each thread that was met: the id of its first mail.
    names: HashMap<usize, String>,
    staff: Vec<Staff>,
    times: Times,
}

/// Whom a rule says to be staff.
struct Staff {
    /// An address or a domain, in lower case.
    who: String,
    role: Option<String>,
    /// Whether anybody was met whom it names.
    met: Cell<bool>,
}

impl Mails {
    pub(crate) fn new(threads: Threads, options: &ReadOptions) -> Self {
        let rule = |(who, role): &(String, Option<String>)| Staff {
            who: who.to_lowercase(),
            role: role.clone(),
            met: Cell::new(false),
        };
        let (staff, times) = (options.staff.iter().map(rule).collect(), options.times.clone());
        Self { threads, names: HashMap::new(), staff, times }
    }

    /// Tells which rules name nobody who writes or is written to, now that all is read.
    pub(crate) fn tell_of_unmet(&self) {
        for Staff { who, .. } in self.staff.iter().filter(|rule| !rule.met.get()) {
            tracing::warn!("no mail is from or to `{who}` (--staff)");
        }
    }

    fn fields(&mut self, mail: &[u8]) -> Result<Map<String, Value>, Fault> {
        let message = parse(mail).ok_or_else(|| Fault::new("this is no mail"))?;
        let from = address(message.from());
        if from.is_none() && message.message_id().is_none() {
            return Err(Fault::new("this is no mail: it has neither `From` nor `Message-ID`"));
        }
        let id = match message.message_id() {
            Some(id) => id.to_owned(),
            // The same in every run: two that are the same byte for byte are one.
            None => {
                format!("without-id-{}", hex(&Sha256::digest(mail.trim_ascii_end())[..NAME_BYTES]))
            }
        };
        let any = message.message_id().or_else(|| references(&message).first().copied());
        let thread = any.and_then(|id| self.threads.of(id));
        let interaction = match thread {
            Some(thread) => self.names.entry(thread).or_insert_with(|| id.clone()).clone(),
            None => id.clone(),
        };
        let text = plain_text(&message);
        let mut fields = Map::new();
        fields.insert("text".to_owned(), Value::from(text.replace("\r\n", "\n")));
        fields.insert("id".to_owned(), Value::from(id));
        fields.insert("interaction".to_owned(), Value::from(interaction));
        fields.insert("channel".to_owned(), Value::from("email"));
        if let Some(at) = sent_at(&message, &self.times) {
            fields.insert("at".to_owned(), Value::from(at));
        }
        let to: Vec<String> = message.to().into_iter().flat_map(addresses).collect();
        let writer = from.map(|from| self.writer(&message, from, &to));
        let staff = writer.as_deref().and_then(|writer| self.staff_role(writer));
        // All are looked at, so that each rule is met that names one of them.
        let (_, outsiders): (Vec<String>, Vec<String>) =
            to.into_iter().partition(|address| self.staff_role(address).is_some());
        let outsider = outsiders.into_iter().next();
        let is_report = is_report(&message);
        let customer = if staff.is_some() { outsider } else { writer.filter(|_| !is_report) };
        fields.insert("customer".to_owned(), Value::from(customer));
        let automatic = message.header_raw("Auto-Submitted").unwrap_or("no").trim().to_lowercase();
        let is_notice = is_report || automatic.starts_with("auto-replied");
        let speaker = match (&*automatic, staff) {
            _ if is_notice => Some("system"),
            ("no", Some(_)) => Some("staff"),
            (_, Some(_)) => Some("bot"),
            (_, None) => (!self.staff.is_empty()).then_some("customer"),
        };
        if let Some(role) = staff {
            fields.insert("role".to_owned(), Value::from(role.clone()));
        }
        if let Some(speaker) = speaker {
            fields.insert("speaker".to_owned(), Value::from(speaker));
        }
        Ok(fields)
    }

    /// Who wrote a mail. Forms and mailing lists send under an address of the organisation, and name the customer
    /// beside it.
    fn writer(&self, message: &Message<'_>, from: String, to: &[String]) -> String {
        let is_staff = |address: &String| self.staff_role(address).is_some();
        if !is_staff(&from) {
            return from;
        }
        let original = message.header_as("X-Original-From", HeaderForm::Addresses);
        let original = original.into_iter().find_map(HeaderValue::into_address);
        // Answers to customers have it too, for instance with the address of a ticket system.
        let is_to_us = !to.is_empty() && to.iter().all(is_staff);
        let reply_to = message.reply_to().filter(|_| is_to_us);
        let named = [address(original.as_ref()), address(reply_to)];
        named.into_iter().flatten().find(|named| !is_staff(named)).unwrap_or(from)
    }

    /// The role of an address of the organisation; `None` if it is somebody else's.
    fn staff_role(&self, address: &str) -> Option<&Option<String>> {
        let (_, domain) = address.rsplit_once('@')?;
        let names = |Staff { who, .. }: &&Staff| {
            let parent = || domain.strip_suffix(&**who).is_some_and(|rest| rest.ends_with('.'));
            who == address || who == domain || parent()
        };
        let found = self.staff.iter().filter(names).inspect(|rule| rule.met.set(true));
        // A whole address says more than its domain.
        found.max_by_key(|rule| rule.who.len()).map(|rule| &rule.role)
    }
}

fn parse(mail: &[u8]) -> Option<Message<'_>> {
    // A mail is anybody's to make; a fault of the parser must not end the run.
    let parsed = || catch_unwind(AssertUnwindSafe(|| MessageParser::default().parse(mail)));
    crate::quietly(parsed).ok().flatten()
}

/// The ids that a mail refers to, oldest first.
fn references<'m>(message: &'m Message<'_>) -> Vec<&'m str> {
    let ids = |value: &'m HeaderValue<'_>| match value {
        HeaderValue::Text(id) => vec![id.as_ref()],
        HeaderValue::TextList(ids) => ids.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    let mut found = ids(message.references());
    found.extend(ids(message.in_reply_to()));
    found
}

/// Whether a mail says what became of another: that it could not be delivered, or was read (RFC 6522).
fn is_report(message: &Message<'_>) -> bool {
    let kind = message.content_type();
    kind.is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    })
}

fn address(header: Option<&Address<'_>>) -> Option<String> {
    Some(header?.first()?.address()?.to_lowercase())
}

fn addresses(header: &Address<'_>) -> Vec<String> {
    header.iter().filter_map(|one| one.address()).map(str::to_lowercase).collect()
}

/// When a mail was sent. Without an offset it is read by the clock of the zone that was stated.
fn sent_at(message: &Message<'_>, times: &Times) -> Option<String> {
    let raw = message.header_raw("Date").unwrap_or_default().trim();
    let zone = raw.rsplit(' ').next().unwrap_or_default();
    if zone.contains(':') && zone.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
        let clock = DateTime::parse_rfc822(&format!("{raw} +0000")).filter(DateTime::is_valid)?;
        let clock = clock.to_rfc3339();
        return times.read(clock.trim_end_matches('Z')).ok().map(|at| at.to_string());
    }
    let date = *message.date()?;
    // RFC 5322 does not know these two, and the parser takes what it does not know for UTC.
    let date = match zone {
        "CET" => DateTime { tz_hour: 1, ..date },
        "CEST" => DateTime { tz_hour: 2, ..date },
        _ => date,
    };
    // Valid by that may still be 31 February or 1970, and a mail is not to be lost for its date.
    let at = date.is_valid().then(|| date.to_rfc3339())?;
    at.parse().is_ok_and(is_known).then_some(at)
}

pub(crate) fn read_eml(
    input: impl Read,
    mails: &mut Mails,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let fields = whole(input)?.and_then(|mail| mails.fields(&mail));
    sink.take(Record { file: None, row: 1, origin: Origin::Mail, fields })
}

pub(crate) fn read_mbox(
    input: impl Read,
    mails: &mut Mails,
    sink: &mut dyn Sink,
) -> anyhow::Result<()> {
    let mut row = 0;
    each_mail(input, |mail| {
        row += 1;
        let fields = mail.and_then(|mail| mails.fields(mail));
        sink.take(Record { file: None, row, origin: Origin::Mail, fields })
    })
}

/// A mail as a whole; one that is too large is a fault of its own, and not of the files beside it.
fn whole(input: impl Read) -> anyhow::Result<Result<Vec<u8>, Fault>> {
    let mut mail = Vec::new();
    input.take(MAX_MAIL_BYTES as u64 + 1).read_to_end(&mut mail).context("cannot read the file")?;
    let is_too_large = mail.len() > MAX_MAIL_BYTES;
    let fault = || Fault::new(format!("the mail has over {MAX_MAIL_BYTES} bytes"));
    Ok(if is_too_large { Err(fault()) } else { Ok(mail) })
}

/// Whether a line that begins so stands before a mail and is no sentence: it has a time of day with its seconds, or nothing,
/// as Thunderbird writes it.
fn is_separator(line: &[u8]) -> bool {
    let is_time = |eight: &[u8]| {
        let colon = |place: usize| matches!(place, 2 | 5);
        eight
            .iter()
            .enumerate()
            .all(|(n, b)| if colon(n) { *b == b':' } else { b.is_ascii_digit() })
    };
    line.strip_prefix(b"From ")
        .is_some_and(|rest| rest.trim_ascii().is_empty() || rest.windows(8).any(is_time))
}

/// Cuts a mailbox into mails: each starts at a line `From …` after an empty one, the first at any such line, or without one where
/// the file begins.
fn each_mail(
    input: impl Read,
    mut take: impl FnMut(Result<&[u8], Fault>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let (mut line, mut mail) = (Vec::new(), Vec::new());
    let (mut started, mut after_empty, mut too_large) = (false, true, false);
    let mut hand_over = |started: bool, mail: &[u8], too_large: bool| {
        if !started && !too_large && mail.trim_ascii().is_empty() {
            return Ok(());
        }
        take(if too_large {
            Err(Fault::new(format!(
                "the mail has over {MAX_MAIL_BYTES} bytes or a line over {MAX_LINE_BYTES}"
            )))
        } else {
            Ok(mail)
        })
    };
    loop {
        // Where this fails, what was read of the mail in hand is not a whole mail.
        let found = read_line(&mut input, MAX_LINE_BYTES, &mut line).context("cannot read on")?;
        let is_whole = matches!(found, Line::Whole);
        match found {
            Line::End => break,
            Line::TooLong => too_large = true,
            Line::Whole
                if after_empty
                    && (is_separator(&line)
                        || line.starts_with(b"From ") && mail.trim_ascii().is_empty()) =>
            {
                hand_over(started, &mail, too_large)?;
                (started, too_large) = (true, false);
                mail.clear();
            }
            Line::Whole => {
                // `>From ` was `From ` before it came into the mailbox.
                let quoted = line.iter().take_while(|byte| **byte == b'>').count();
                let own = if quoted > 0 && line[quoted..].starts_with(b"From ") {
                    &line[1..]
                } else {
                    &line
                };
                if mail.len() + own.len() < MAX_MAIL_BYTES && !too_large {
                    mail.extend_from_slice(own);
                    mail.push(b'\n');
                } else {
                    too_large = true;
                }
            }
        }
        after_empty = is_whole && line.is_empty();
    }
    hand_over(started, &mail, too_large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Kept;

    fn read(mbox: &str, staff: &[&str]) -> Kept {
        let staff = staff.iter().map(|who| ((*who).to_owned(), None)).collect();
        read_with(mbox.as_bytes(), &ReadOptions { staff, ..ReadOptions::default() })
    }

    fn read_with(mbox: &[u8], options: &ReadOptions) -> Kept {
        let mut threads = Threads::default();
        each_mail(mbox, |mail| {
            threads.add_mail(mail.ok());
            Ok(())
        })
        .expect("readable");
        let mut kept = Kept::default();
        read_mbox(mbox, &mut Mails::new(threads, options), &mut kept).expect("readable");
        kept
    }

    fn mail(id: &str, from: &str, refers: &str, body: &str) -> String {
        let refers =
            if refers.is_empty() { String::new() } else { format!("References: {refers}\n") };
        format!(
            "From x Mon Mar  2 09:00:00 2026\nFrom: {from}\nTo: hulp@bedrijf.example\n\
             Date: Mon, 2 Mar 2026 09:00:00 +0100\nMessage-ID: <{id}>\n{refers}\n{body}\n\n"
        )
    }

    #[test]
    fn mails_are_threaded_by_their_references_and_staff_is_known_by_its_domain() {
        let mbox = mail("a@x", "Klant <K@klant.example>", "", "Waar blijft het?\n>From nu af aan")
            + &mail("b@x", "hulp@bedrijf.example", "<a@x>", "Morgen.")
            + &mail("c@x", "ander@klant.example", "", "Iets anders.")
            + &mail("d@x", "k@klant.example", "<a@x> <b@x>", "Niet dus.");
        let kept = read(&mbox, &["bedrijf.example"]);
        assert_eq!(kept.values("interaction"), ["a@x", "a@x", "c@x", "a@x"]);
        assert_eq!(kept.values("speaker"), ["customer", "staff", "customer", "customer"]);
        assert_eq!(kept.values("customer")[0], "k@klant.example");
        assert_eq!(kept.values("text")[0].trim_end(), "Waar blijft het?\nFrom nu af aan");
        assert_eq!(kept.values("at")[0], "2026-03-02T09:00:00+01:00");
    }

    #[test]
    fn references_in_a_circle_end_and_make_one_thread() {
        let mbox = mail("a@x", "k@x", "<b@x>", "een") + &mail("b@x", "k@x", "<a@x> <b@x>", "twee");
        assert_eq!(read(&mbox, &[]).values("interaction"), ["a@x", "a@x"]);
    }

    #[test]
    fn a_mail_without_an_id_has_a_name_of_its_own_in_every_run() {
        let mail = |text: &str| format!("From \nFrom: k@x\n\n{text}\n\n");
        let names = |mbox: &str| read(mbox, &[]).values("interaction");
        let both = names(&(mail("een") + &mail("twee")));
        assert_eq!([names(&mail("een")), names(&mail("twee"))].concat(), both);
        assert_ne!(both[0], both[1]);
    }

    #[test]
    fn a_mail_that_is_too_large_is_a_row_that_fails() {
        let mut kept = Kept::default();
        let mut mails = Mails::new(Threads::default(), &ReadOptions::default());
        read_eml(std::io::repeat(b'x'), &mut mails, &mut kept).expect("a row");
        assert_eq!(kept.faults(), [format!("the mail has over {MAX_MAIL_BYTES} bytes")]);
    }

    #[test]
    fn an_html_mail_gives_its_text() {
        let mbox = "From x\nFrom: k@x\nMessage-ID: <a@x>\nContent-Type: text/html; charset=utf-8\n\n\
                    <p>Ik wacht <b>nog</b> steeds</p>\n";
        assert_eq!(read(mbox, &[]).values("text")[0].trim(), "Ik wacht nog steeds");
        let blocks = mbox.replace(
            "<p>Ik wacht <b>nog</b> steeds</p>",
            "<div>Ik wacht<div>nog</div>steeds</div><DIV>&gt; wat zij schreven</DIV>",
        );
        let text = "Ik wacht\nnog\nsteeds\n> wat zij schreven";
        assert_eq!(read(&blocks, &[]).values("text")[0].trim(), text);
    }

    #[test]
    fn a_quote_in_html_is_none_of_the_writers_words() {
        let mbox = "From x\nFrom: k@x\nMessage-ID: <b@x>\nIn-Reply-To: <a@x>\n\
                    Content-Type: text/html; charset=utf-8\n\n\
                    <p>Dat klopt niet.</p><blockquote>Wij komen morgen.</blockquote>\n";
        let text = read(mbox, &[]).values("text").remove(0);
        assert_eq!(text.trim(), "Dat klopt niet.\n> Wij komen morgen.");
        // Ticket systems drop the references.
        for (subject, line) in
            [("Re: monteur", "> Wij"), ("AW: Monteur", "> Wij"), ("Monteur", "Wij")]
        {
            let header = format!("Subject: {subject}");
            let text =
                read(&mbox.replace("In-Reply-To: <a@x>", &header), &[]).values("text").remove(0);
            assert!(text.contains(&format!("\n{line}")), "{subject}: {text}");
        }
    }

    #[test]
    fn a_mail_with_an_impossible_date_is_a_mail_without_one() {
        let mbox = mail("a@x", "k@x", "", "een") + &mail("b@x", "k@x", "", "twee");
        for date in ["31 Feb 2026", "1 Jan 1970"] {
            let kept = read(&mbox.replacen("2 Mar 2026", date, 1), &[]);
            assert_eq!(kept.values("text").len(), 2);
            assert_eq!(kept.values("at"), ["2026-03-02T09:00:00+01:00"]);
        }
    }

    #[test]
    fn the_writer_of_a_form_or_a_list_is_who_it_names_and_not_who_sends_it() {
        for (to, headers, speaker, customer) in [
            (
                "hulp@acme.example",
                "Reply-To: Jan <jan@klant.example>",
                "customer",
                "jan@klant.example",
            ),
            (
                "hulp@acme.example",
                "X-Original-From: Jan <jan@klant.example>\nReply-To: hulp@acme.example",
                "customer",
                "jan@klant.example",
            ),
            (
                "hulp@acme.example",
                "Reply-To: jan@klant.example\nAuto-Submitted: auto-generated",
                "customer",
                "jan@klant.example",
            ),
            // An answer whose replies go to a ticket system.
            ("k@klant.example", "Reply-To: acme@tickets.example", "staff", "k@klant.example"),
            ("k@klant.example", "Reply-To: hulp@acme.example", "staff", "k@klant.example"),
            ("k@klant.example", "X-Header: x", "staff", "k@klant.example"),
        ] {
            let mbox =
                format!("From: hulp@acme.example\nTo: {to}\nMessage-ID: <a@x>\n{headers}\n\nHoi\n");
            let kept = read(&mbox, &["acme.example"]);
            assert_eq!(kept.values("speaker"), [speaker], "{headers}");
            assert_eq!(kept.values("customer"), [customer], "{headers}");
        }
    }

    #[test]
    fn an_automatic_answer_or_report_is_a_notice_whoever_it_is_from() {
        let report = "From: mailer-daemon@mx.example\nMessage-ID: <a@x>\n\
                      Content-Type: Multipart/Report; report-type=delivery-status; boundary=b\n\n\
                      --b\n\nUw bericht kan niet worden bezorgd.\n--b--\n";
        let kept = read(report, &["acme.example"]);
        assert_eq!(
            (&*kept.values("speaker")[0], &*kept.values("text")[0]),
            ("system", "Uw bericht kan niet worden bezorgd.")
        );
        assert!(kept.values("customer").is_empty(), "a mail server is no customer");
        for (from, automatic, speaker) in [
            ("k@klant.example", "auto-replied", "system"),
            ("hulp@acme.example", "Auto-Replied (vacation)", "system"),
            ("hulp@acme.example", "auto-generated", "bot"),
            ("k@klant.example", "auto-generated", "customer"),
            ("k@klant.example", "No", "customer"),
            ("hulp@acme.example", "no", "staff"),
        ] {
            let mbox =
                format!("From: {from}\nMessage-ID: <a@x>\nAuto-Submitted: {automatic}\n\nHoi\n");
            assert_eq!(read(&mbox, &["acme.example"]).values("speaker"), [speaker], "{automatic}");
        }
    }

    #[test]
    fn a_date_without_an_offset_is_read_by_the_clock_of_the_zone() {
        let dutch = Times::new(Some("Europe/Amsterdam"), None).expect("a zone");
        for (date, times, expected) in [
            ("Mon, 5 Jan 2026 09:12:44 CET", Times::default(), Some("2026-01-05T09:12:44+01:00")),
            ("Mon, 6 Jul 2026 09:12:44 CEST", Times::default(), Some("2026-07-06T09:12:44+02:00")),
            ("Mon, 5 Jan 2026 09:12:44 EST", dutch.clone(), Some("2026-01-05T09:12:44-05:00")),
            (
                "Mon, 5 Jan 2026 09:12:44 +0100 (CET)",
                dutch.clone(),
                Some("2026-01-05T09:12:44+01:00"),
            ),
            ("Mon, 5 Jan 2026 09:12:44", dutch.clone(), Some("2026-01-05T08:12:44Z")),
            ("6 Jul 2026 09:12:44 ", dutch, Some("2026-07-06T07:12:44Z")),
            ("Mon, 5 Jan 2026 09:12:44", Times::default(), None),
        ] {
            let mbox = format!("From: k@x\nMessage-ID: <a@x>\nDate: {date}\n\nHoi\n");
            let kept = read_with(mbox.as_bytes(), &ReadOptions { times, ..ReadOptions::default() });
            assert_eq!(kept.values("at"), expected.as_slice(), "{date}");
        }
    }

    #[test]
    fn text_of_no_declared_charset_that_is_not_utf8_is_windows_1252() {
        for (headers, body, expected) in [
            (
                "Content-Type: text/plain",
                &b"co\xf6rdinatie \x80 5"[..],
                "co\u{f6}rdinatie \u{20ac} 5",
            ),
            ("X-Header: x", b"caf\xe9", "caf\u{e9}"),
            ("X-Header: x", "caf\u{e9} \u{fffd}".as_bytes(), "caf\u{e9} \u{fffd}"),
            (
                "Content-Transfer-Encoding: quoted-printable",
                b"caf=E9 =80=\n 5",
                "caf\u{e9} \u{20ac} 5",
            ),
            ("Content-Transfer-Encoding: base64", b"Y2Fm6Q==", "caf\u{e9}"),
            ("Content-Type: text/html", b"<p>caf\xe9</p>", "caf\u{e9}"),
            ("Content-Type: text/plain; charset=utf-8", b"caf\xe9", "caf\u{fffd}"),
        ] {
            let head = format!("From: k@x\nMessage-ID: <a@x>\n{headers}\n\n");
            let kept = read_with(&[head.as_bytes(), body].concat(), &ReadOptions::default());
            assert_eq!(kept.values("text")[0].trim(), expected, "{headers}");
        }
    }

    #[test]
    fn every_part_that_its_writer_wrote_is_read_once() {
        let part = |head: &str, body: &str| format!("--b\nContent-Type: {head}\n\n{body}\n");
        let (plain, html) = (|body| part("text/plain", body), |body| part("text/html", body));
        let picture = part("image/png; name=a.png\nContent-Disposition: inline", "AAAA");
        for (kind, parts, expected) in [
            ("mixed", vec![plain("Voor."), picture.clone(), plain("Na.")], "Voor.\nNa."),
            ("mixed", vec![html("<p>Voor.</p>"), picture, html("<p>Na.</p>")], "Voor.\nNa."),
            ("mixed", vec![plain("Hoi."), html("<p>Hoi.</p>")], "Hoi."),
            (
                "mixed",
                vec![plain("Zie onder."), html("<p>Mijn klacht.</p>")],
                "Zie onder.\nMijn klacht.",
            ),
            ("mixed", vec![plain("Hoi."), part("text/plain; name=log.txt", "canary")], "Hoi."),
            (
                "mixed",
                vec![
                    plain("Hoi."),
                    part("text/plain\nContent-Disposition: inline; filename=log.txt", "canary"),
                ],
                "Hoi.",
            ),
            ("mixed", vec![plain("Hoi."), part("text/calendar; method=REQUEST", "canary")], "Hoi."),
            ("mixed", vec![plain("Hoi."), part("message/rfc822", "From: x@x\n\ncanary")], "Hoi."),
            ("alternative", vec![plain("Hoi."), html("<p>Hoi.</p>")], "Hoi."),
            ("alternative", vec![plain(" "), html("<p>Hoi.</p>")], "Hoi."),
            (
                "alternative",
                vec![
                    plain("Please use an HTML compatible viewer!"),
                    html(&"<p>Hoi.</p>".repeat(9)),
                ],
                &["Hoi."; 9].join("\n"),
            ),
            (
                "alternative",
                vec![plain("De html is stuk."), html("<p>stuk</p>")],
                "De html is stuk.",
            ),
        ] {
            let mbox = format!(
                "From: k@x\nMessage-ID: <a@x>\nContent-Type: multipart/{kind}; boundary=b\n\n{}--b--\n",
                parts.concat()
            );
            let lines = read(&mbox, &[]).values("text").remove(0);
            let lines: Vec<&str> = lines.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
            assert_eq!(lines.join("\n"), expected, "{mbox}");
        }
    }

    #[test]
    fn charsets_of_the_whole_world_are_decoded() {
        for (charset, body, expected) in [
            ("iso-2022-jp", &b"\x1b$B2YJ*\x1b(B"[..], "荷物"),
            ("gb2312", b"\xb0\xfc\xb9\xfc", "包裹"),
            ("big5", b"\xa5\x5d\xbb\x71", "包裹"),
            ("iso-8859-15", b"\xa4 5", "€ 5"),
        ] {
            let head = format!(
                "From: k@x\nMessage-ID: <a@x>\nContent-Type: text/plain; charset={charset}\n\n"
            );
            let kept = read_with(&[head.as_bytes(), body].concat(), &ReadOptions::default());
            assert_eq!(kept.values("text")[0].trim(), expected, "{charset}");
        }
    }

    #[test]
    fn a_mailbox_is_cut_at_separators_and_not_at_sentences() {
        let body = "Hello,\n\nFrom now on I want nothing from you.\n\nFrom 09:00 to 12:00 nobody came.\n\nFrom Jan";
        let kept = read(&(mail("a@x", "k@x", "", body) + &mail("b@x", "k@x", "", "twee")), &[]);
        assert_eq!(
            kept.values("text").iter().map(|text| text.trim()).collect::<Vec<_>>(),
            [body, "twee"]
        );
        let headless = mail("a@x", "k@x", "", "een") + &mail("b@x", "k@x", "", "twee");
        let (_, headless) = headless.split_once('\n').expect("a separator");
        assert_eq!(read(headless, &[]).values("id"), ["a@x", "b@x"]);
        assert_eq!(read(&format!("\n \n{}", mail("a@x", "k@x", "", "een")), &[]).rows(), [1]);
        let thunderbird = "From \r\nFrom: k@x\r\nMessage-ID: <a@x>\r\n\r\nHoi\r\n\r\n".repeat(2);
        assert_eq!(read(&thunderbird, &[]).values("text").len(), 2);
    }
}
