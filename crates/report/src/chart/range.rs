//! Groups below each other: a dot with its interval, or a bar; names and figures stand at the marks, so there is no
//! legend to look up.

use maud::{Markup, html};

use super::{Spoken, Width, at, both, fitted, scale, wide};

/// One row.
pub(crate) struct Row {
    pub(crate) name: String,
    /// What stands beside the mark.
    pub(crate) figure: String,
    pub(crate) value: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// How many it rests on.
    pub(crate) n: u64,
    pub(crate) tone: Tone,
}

/// Colour of a row, by what it says.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// Something went wrong, or went worse.
    Bad,
    /// Something went better.
    Good,
    /// Where it happened and how often; that is neither.
    Cool,
    /// Nothing can be said of it, or done about it.
    Quiet,
}

impl Tone {
    /// Class in the style sheet, where a row without one is bad.
    fn class(self) -> &'static str {
        match self {
            Self::Bad => "",
            Self::Good => "good",
            Self::Cool => "cool",
            Self::Quiet => "quiet",
        }
    }
}

/// So many rows are drawn: more are not taken in.
pub(crate) const MAX_ROWS: usize = 15;

/// The rows that rest on most, in their order.
pub(crate) fn largest(mut rows: Vec<Row>) -> Vec<Row> {
    let mut by_size: Vec<usize> = (0..rows.len()).collect();
    by_size.sort_by_key(|&at| std::cmp::Reverse(rows[at].n));
    by_size.truncate(MAX_ROWS);
    let mut at = 0..rows.len();
    rows.retain(|_| at.next().is_some_and(|at| by_size.contains(&at)));
    rows
}

/// How a value is drawn.
pub(crate) enum Mark {
    /// A dot, against the share of all.
    Dot { all: Option<(f64, String)> },
    /// A bar from nothing.
    Bar,
    /// A dot left or right of nothing; the two names say which side is which.
    Difference { names: [String; 2] },
}

/// Pixels that names beside the marks may take: those of a long role and what it says.
const NAMES: f64 = 352.0;
/// Half of what the name of the share of all takes, in either language.
const HALF_NOTE: f64 = 56.0;
/// Height of a row, wide and narrow.
const ROW: [f64; 2] = [30.0, 44.0];

/// Rows below each other on one scale.
pub(crate) fn ranges(
    spoken: &Spoken<'_>,
    rows: &[Row],
    mark: &Mark,
    axis: impl Fn(f64) -> String,
) -> Markup {
    let reach = rows.iter().fold(0.01_f64, |most, row| most.max(row.high).max(-row.low));
    let longest = rows.iter().map(|row| wide(&row.name)).fold(0.0, f64::max).min(NAMES);
    both(spoken, |width| {
        let is_wide = width == Width::Wide;
        let (row_height, left) = if is_wide { (ROW[0], longest + 14.0) } else { (ROW[1], 4.0) };
        let right = width.pixels() - if is_wide { 74.0 } else { 58.0 };
        let steps = scale(reach.min(1.0), if is_wide { 5 } else { 3 });
        let most = steps.last().copied().unwrap_or(1.0);
        let least = if matches!(mark, Mark::Difference { .. }) { -most } else { 0.0 };
        let x = |value: f64| left + (right - left) * (value - least) / (most - least);
        let top = 30.0;
        let bottom = top + row_height * rows.len() as f64;
        let grid: Vec<f64> = if least < 0.0 { vec![-most, 0.0, most] } else { steps };
        let drawing = html! {
            @for step in &grid {
                line class=(if *step == 0.0 { "base" } else { "grid" }) x1=(at(x(*step))) x2=(at(x(*step)))
                    y1=(at(top - 6.0)) y2=(at(bottom)) {}
                text class="axis" x=(at(x(*step))) y=(at(bottom + 17.0)) text-anchor="middle" { (axis(*step)) }
            }
            @match mark {
                Mark::Dot { all: Some((share, name)) } => {
                    line class="all" x1=(at(x(*share))) x2=(at(x(*share))) y1=(at(top - 6.0)) y2=(at(bottom)) {}
                    text class="note" x=(at(x(*share).min(right - 30.0).max(HALF_NOTE))) y=(at(top - 13.0)) text-anchor="middle" { (name) }
                }
                Mark::Difference { names } => {
                    text class="note good" x=(at(x(0.0) - 10.0)) y=(at(top - 13.0)) text-anchor="end" { "← " (names[0]) }
                    text class="note bad" x=(at(x(0.0) + 10.0)) y=(at(top - 13.0)) { (names[1]) " →" }
                }
                _ => {}
            }
            @for (i, row) in rows.iter().enumerate() {
                @let middle = top + row_height * (i as f64 + if is_wide { 0.5 } else { 0.68 });
                @if is_wide {
                    text class="name" x="0" y=(at(middle + 5.0)) { (fitted(&row.name, NAMES)) }
                } @else {
                    @let room = width.pixels() - left - 6.0;
                    text class="name" x=(at(left + 6.0)) y=(at(middle - 13.0)) { (fitted(&row.name, room)) }
                }
                @if matches!(mark, Mark::Bar) {
                    rect class=(format!("bar {}", row.tone.class())) x=(at(x(0.0))) y=(at(middle - 8.0))
                        width=(at((x(row.value) - x(0.0)).max(1.0))) height="16" {}
                    line class="whisker" x1=(at(x(row.low))) x2=(at(x(row.high.min(most)))) y1=(at(middle)) y2=(at(middle)) {}
                } @else {
                    line class=(format!("range {}", row.tone.class())) x1=(at(x(row.low))) x2=(at(x(row.high.min(most))))
                        y1=(at(middle)) y2=(at(middle)) {}
                    circle class=(format!("dot {}", row.tone.class())) cx=(at(x(row.value))) cy=(at(middle)) r="5" {}
                }
                text class="value" x=(at(x(row.high.min(most)).max(x(row.value)) + 8.0)) y=(at(middle + 5.0)) { (row.figure) }
            }
        };
        (bottom + 24.0, drawing)
    })
}

/// One part of a whole.
pub(crate) struct Part {
    /// Class of its colour.
    pub(crate) tone: &'static str,
    pub(crate) share: f64,
    pub(crate) figure: String,
    pub(crate) name: String,
}

/// Parts of a whole in one bar.
pub(crate) fn stack(spoken: &Spoken<'_>, parts: &[Part]) -> Markup {
    both(spoken, |width| {
        let all = width.pixels();
        // Words need room; where a part is narrower they are left to the table.
        let room = if width == Width::Wide { 74.0 } else { 62.0 };
        let mut x = 0.0;
        let placed: Vec<(f64, f64, &Part)> = parts
            .iter()
            .map(|part| {
                let from = x;
                x += part.share * all;
                (from, part.share * all, part)
            })
            .collect();
        let drawing = html! {
            @for (from, long, part) in placed.iter().filter(|(_, long, _)| *long > 0.0) {
                rect class=(format!("part {}", part.tone)) x=(at(*from)) y="0" width=(at((long - 2.0).max(0.5))) height="30" {}
                @if *long >= room {
                    text class="value" x=(at(*from)) y="50" { (part.figure) }
                    text class="axis" x=(at(*from)) y="67" { (part.name) }
                }
            }
        };
        (74.0, drawing)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_role_and_what_it_says_are_drawn_whole() {
        let name = "Debiteurenadministratie: zegt dat het is opgelost";
        let row = Row {
            name: name.to_owned(),
            figure: String::new(),
            value: 0.0,
            low: -0.1,
            high: 0.1,
            n: 1,
            tone: Tone::Quiet,
        };
        let spoken = Spoken { id: "a", title: "", description: "" };
        let drawn = ranges(&spoken, &[row], &Mark::Bar, |_| String::new()).into_string();
        let wide = drawn.split("</svg>").next().expect("the wide one");
        assert!(wide.contains(name), "{wide}");
    }
}
