//! Sentences of a text, as far as a reader needs them to find one back.

use std::ops::Range;

/// Byte ranges of the sentences within `read`, without the white space around them.
///
/// A sentence ends at a line's end, or at `.`, `!` or `?` before white space. "a.u.b. morgen" comes apart in
/// two, which harms nobody: each part is still a place in the text.
pub(crate) fn sentences(text: &str, read: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for range in read {
        let part = &text[range.clone()];
        let mut start = 0;
        let mut ends = false;
        for (at, c) in part.char_indices() {
            if c == '\n' || (ends && c.is_whitespace()) {
                push(&mut found, text, range.start + start..range.start + at);
                start = at;
            }
            ends = matches!(c, '.' | '!' | '?' | '…')
                || (ends && matches!(c, '"' | '\'' | ')' | '”' | '’'));
        }
        push(&mut found, text, range.start + start..range.end);
    }
    found
}

fn push(found: &mut Vec<Range<usize>>, text: &str, range: Range<usize>) {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    if part.chars().any(char::is_alphanumeric) {
        found.push(start..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_marks_before_space_and_at_lines() {
        let text = "Ik betaalde € 3.50. \"Hoe dan?\" vroeg ik!\n\n Één week… en nu\n--";
        let ranges = sentences(text, std::slice::from_ref(&(0..text.len())));
        let found: Vec<&str> = ranges.into_iter().map(|range| &text[range]).collect();
        assert_eq!(
            found,
            ["Ik betaalde € 3.50.", "\"Hoe dan?\"", "vroeg ik!", "Één week…", "en nu"]
        );
    }
}
