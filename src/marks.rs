use serde::{Deserialize, Serialize};

use crate::names::names;

/// A place in a message's text that says something by its words.
///
/// Found when the message is read, so that a verdict can point at it after the text is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// What is said there.
    pub kind: MarkKind,
    /// Where, `[start, end)` in Unicode scalar values of the message's text.
    pub span: [u32; 2],
    /// For [`MarkKind::Heaviest`]: by how much the risk falls without the sentence, in percent points,
    /// 0 to 100. 100 for words.
    pub weight: u8,
}

/// What a [`Mark`] says. The words are listed in `src/text/cues/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarkKind {
    /// The customer says to have asked or said it before.
    AskedBefore,
    /// The customer says that a promise was not kept.
    PromiseBroken,
    /// The customer says that no answer came.
    NoAnswer,
    /// The customer says to have been passed on.
    PassedOn,
    /// The customer gives up.
    GaveUp,
    /// The customer corrects what was understood.
    Misunderstood,
    /// The whole message is a formality, such as "ok" or "thank you for your time": it ends the talk and does not say how
    /// it went.
    Formality,
    /// The sentence without which the risk falls most.
    Heaviest,
    /// Staff promise something.
    Promised,
    /// Staff say that it is solved.
    SaidSolved,
    /// Staff cite a rule.
    CitedRule,
    /// Staff apologise.
    Apologised,
    /// Staff refer the customer elsewhere.
    ReferredElsewhere,
}

impl Mark {
    /// What the mark points at, given the text of its message as it was read; `None` where that is shorter, so another text.
    pub fn quote<'t>(&self, text: &'t str) -> Option<&'t str> {
        part(text, self.span.map(|n| n as usize))
    }
}

/// The part of a text from one place to another, in Unicode scalar values; `None` where it has none there.
pub(crate) fn part(text: &str, [start, end]: [usize; 2]) -> Option<&str> {
    let length = end.checked_sub(start)?;
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let from = places.nth(start)?;
    let to = length.checked_sub(1).map_or(Some(from), |n| places.nth(n))?;
    Some(&text[from..to])
}

names!(MarkKind, "kind of mark");

impl MarkKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::AskedBefore,
        Self::PromiseBroken,
        Self::NoAnswer,
        Self::PassedOn,
        Self::GaveUp,
        Self::Misunderstood,
        Self::Formality,
        Self::Heaviest,
        Self::Promised,
        Self::SaidSolved,
        Self::CitedRule,
        Self::Apologised,
        Self::ReferredElsewhere,
    ];

    /// The kind in snake case, as serde writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AskedBefore => "asked_before",
            Self::PromiseBroken => "promise_broken",
            Self::NoAnswer => "no_answer",
            Self::PassedOn => "passed_on",
            Self::GaveUp => "gave_up",
            Self::Misunderstood => "misunderstood",
            Self::Formality => "formality",
            Self::Heaviest => "heaviest",
            Self::Promised => "promised",
            Self::SaidSolved => "said_solved",
            Self::CitedRule => "cited_rule",
            Self::Apologised => "apologised",
            Self::ReferredElsewhere => "referred_elsewhere",
        }
    }

    /// What staff can claim, in the order that tables of claims have.
    pub const CLAIMS: [Self; 5] = [
        Self::Promised,
        Self::SaidSolved,
        Self::CitedRule,
        Self::Apologised,
        Self::ReferredElsewhere,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_counted_in_characters_and_none_beyond_the_text() {
        let text = "Één 🚲 weg";
        for (span, expected) in [
            ([0, 3], Some("Één")),
            ([4, 5], Some("🚲")),
            ([6, 9], Some("weg")),
            ([0, 9], Some(text)),
            ([9, 9], Some("")),
            ([6, 10], None),
            ([10, 10], None),
            ([5, 4], None),
            ([0, usize::MAX], None),
        ] {
            assert_eq!(part(text, span), expected, "{span:?}");
        }
        assert_eq!(part("", [0, 0]), Some(""));
    }
}
