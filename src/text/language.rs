//! The language a text is read in, or that it is none of the model's.

use whatlang::Lang;

use crate::message::Message;

/// Letters below which a detector says nothing.
const MIN_LETTERS: usize = 25;
/// Letters from which a detector is believed that a text is in a language the model does not know.
/// Shorter Dutch is often taken for Afrikaans or a Scandinavian language.
const MIN_LETTERS_TO_REFUSE: usize = 40;
/// Confidence from which it is believed (whatlang's own bound for "reliable" is 0.9).
const MIN_CONFIDENCE_TO_REFUSE: f64 = 0.9;

/// Bytes of a text that are looked at: enough for any language, whatever the length of the mail.
const MAX_BYTES: usize = 2000;

/// What is known of the language of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Language {
    /// One of the model's: the message's own tag, or a detected ISO 639-1 code.
    Known(String),
    /// Not clear; the model reads it.
    Unclear,
    /// None of the model's.
    Unsupported,
}

/// Decides the language of `text`: the message's own tag if it has one, else what a detector finds.
pub(crate) fn language(message: &Message, text: &str, supported: &[String]) -> Language {
    match message.language.as_deref().filter(|tag| *tag != "und") {
        Some(tag) => {
            let primary = tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase();
            if supported.is_empty() || supported.contains(&primary) {
                Language::Known(tag.to_owned())
            } else {
                Language::Unsupported
            }
        }
        None if supported.is_empty() => Language::Unclear,
        None => detect(text, supported),
    }
}

fn detect(text: &str, supported: &[String]) -> Language {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let Some(info) = whatlang::detect(text).filter(|_| letters > 0) else {
        return Language::Unclear;
    };
    let allowed: Vec<Lang> = supported.iter().filter_map(|code| lang_of(code)).collect();
    if !info.script().langs().iter().any(|lang| allowed.contains(lang)) {
        return Language::Unsupported;
    }
    if letters < MIN_LETTERS {
        return Language::Unclear;
    }
    if allowed.contains(&info.lang()) {
        return code_of(info.lang())
            .map_or(Language::Unclear, |code| Language::Known(code.to_owned()));
    }
    let sure = letters >= MIN_LETTERS_TO_REFUSE && info.confidence() >= MIN_CONFIDENCE_TO_REFUSE;
    if sure && info.lang() != Lang::Afr { Language::Unsupported } else { Language::Unclear }
}

/// The languages by ISO 639-1 code that models of this project may name.
const CODES: [(&str, Lang); 4] =
    [("nl", Lang::Nld), ("en", Lang::Eng), ("de", Lang::Deu), ("fr", Lang::Fra)];

fn lang_of(code: &str) -> Option<Lang> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, lang)| *lang)
}

fn code_of(lang: Lang) -> Option<&'static str> {
    CODES.iter().find(|(_, known)| *known == lang).map(|(code, _)| *code)
}
