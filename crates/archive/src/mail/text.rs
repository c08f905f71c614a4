//! The text of a mail: what its writer wrote, of all its parts.

use std::collections::HashSet;

use encoding_rs::WINDOWS_1252;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders, PartType};

use super::{html, references};

/// The text of a mail; of one whose plain form is missing, empty or a mere stub, that of its HTML.
pub(super) fn plain_text(message: &Message<'_>) -> String {
    let plain = text_of_parts(message, &message.text_body);
    if plain.trim().is_empty() {
        return text_of_parts(message, &message.html_body);
    }
    if is_stub(&plain) {
        let html = text_of_parts(message, &message.html_body);
        return if html.len() > plain.len() { html } else { plain };
    }
    plain
}

/// "To view the message, please use an HTML compatible email viewer!", as programs put where a plain form ought to be.
fn is_stub(plain: &str) -> bool {
    let mut filled = plain.lines().filter(|line| !line.trim().is_empty());
    match (filled.next(), filled.next()) {
        (Some(line), None) => line.to_ascii_lowercase().contains("html"),
        _ => false,
    }
}

/// The text of these parts, as before and after a picture; one that another form has said already is left out.
fn text_of_parts(message: &Message<'_>, parts: &[u32]) -> String {
    let parts = parts.iter().filter_map(|part| message.parts.get(*part as usize)).enumerate();
    let own = parts.filter(|(n, part)| *n == 0 || part.attachment_name().is_none());
    let (mut said, mut texts) = (HashSet::new(), Vec::new());
    for (_, part) in own {
        let (is_html, text) = (part.is_text_html(), text_of_part(message, part));
        let words: Vec<_> = text.split_whitespace().collect();
        let words = words.join(" ");
        if !words.is_empty() && !said.contains(&(!is_html, words.clone())) {
            said.insert((is_html, words));
            texts.push(text);
        }
    }
    texts.join("\n")
}

/// The text of a part; of HTML, a line for each block.
fn text_of_part(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let recoded = undeclared(message, part);
    match &part.body {
        PartType::Html(html) => html::text(recoded.as_deref().unwrap_or(html), is_reply(message)),
        PartType::Text(text) => recoded.unwrap_or_else(|| text.to_string()),
        _ => String::new(),
    }
}

/// The text of a part that declares no charset and is not UTF-8, as Windows-1252.
fn undeclared(message: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset"));
    if charset.is_some() || !part.text_contents()?.contains('\u{fffd}') {
        return None;
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize)?;
    let bytes = match part.encoding {
        Encoding::None => raw.to_vec(),
        Encoding::QuotedPrintable => quoted_printable_decode(raw)?,
        Encoding::Base64 => base64_decode(raw)?,
    };
    let is_foreign = std::str::from_utf8(&bytes).is_err();
    is_foreign.then(|| WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned())
}

/// Whether a mail answers or forwards another, by its references or, as ticket systems drop those, by its subject.
fn is_reply(message: &Message<'_>) -> bool {
    let subject = message.subject().map(str::trim);
    !references(message).is_empty() || subject.is_some_and(|s| message.thread_name() != Some(s))
}
