//! Charts as SVG. Each is drawn twice, wide and narrow, because letters must not shrink with the window; the style
//! sheet shows one. Colours come from classes, so that light, dark and print need no second drawing.

mod line;
mod range;

pub(crate) use line::{handovers, lines, small_lines, told};
pub(crate) use range::{MAX_ROWS, Mark, Part, Row, Tone, largest, ranges, stack};

use maud::{Markup, html};

/// Width of a drawing in its own units, which are pixels at the size it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    Wide,
    Narrow,
}

impl Width {
    pub(crate) fn pixels(self) -> f64 {
        match self {
            Self::Wide => 720.0,
            Self::Narrow => 344.0,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }
}

/// What a screen reader says of a drawing.
pub(crate) struct Spoken<'a> {
    /// Different for every chart of a page.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// Draws once wide and once narrow.
fn both(spoken: &Spoken<'_>, draw: impl Fn(Width) -> (f64, Markup)) -> Markup {
    html! {
        @for width in [Width::Wide, Width::Narrow] {
            @let (height, drawing) = draw(width);
            (svg(spoken, width.class(), width.pixels(), height, drawing))
        }
    }
}

fn svg(spoken: &Spoken<'_>, class: &str, width: f64, height: f64, drawing: Markup) -> Markup {
    let title = format!("{}-{class}-t", spoken.id);
    let description = format!("{}-{class}-d", spoken.id);
    html! {
        svg class=(class) role="img" aria-labelledby=(title) aria-describedby=(description)
            viewBox=(format!("0 0 {} {}", at(width), at(height)))
            width=(at(width)) height=(at(height)) {
            title id=(title) { (spoken.title) }
            desc id=(description) { (spoken.description) }
            (drawing)
        }
    }
}

/// A coordinate: two decimals are finer than a screen.
fn at(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Steps of an axis from 0 that take in `most`, at most `steps` of them.
fn scale(most: f64, steps: usize) -> Vec<f64> {
    let rough = most.max(0.01) / steps as f64;
    let step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5]
        .into_iter()
        .find(|step| *step >= rough - 1e-9)
        .unwrap_or(0.5);
    let n = (most / step - 1e-9).ceil().max(1.0) as usize;
    (0..=n).map(|i| i as f64 * step).collect()
}

/// Pixels that a letter of 14 takes at most, in the widest of the style sheet's fonts.
fn letter(c: char) -> f64 {
    match c {
        // From here on scripts and signs are as wide as they are high.
        '\u{2e80}'.. => 15.0,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 13.5,
        'f' | 'i' | 'j' | 'l' | 'r' | 't' | 'I' | ' ' | '.' | ',' | ':' | '\'' | '’' | '-' => 5.5,
        c if c.is_uppercase() => 11.0,
        _ => 8.0,
    }
}

/// Pixels that a name takes at most.
fn wide(name: &str) -> f64 {
    name.chars().map(letter).sum()
}

/// A name cut to the pixels that there are.
fn fitted(name: &str, pixels: f64) -> String {
    if wide(name) <= pixels {
        return name.to_owned();
    }
    let mut room = pixels - letter('…');
    let fits = name.chars().take_while(|&c| {
        room -= letter(c);
        room >= 0.0
    });
    format!("{}…", fits.collect::<String>().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_take_in_the_most_and_have_few_steps() {
        for most in [0.0, 0.004, 0.03, 0.16, 0.4, 0.77, 1.0] {
            let steps = scale(most, 4);
            assert!(steps.last().is_some_and(|last| *last >= most), "{most}: {steps:?}");
            assert!((2..=6).contains(&steps.len()), "{most}: {steps:?}");
        }
        assert_eq!(at(12.0), "12");
        assert_eq!(at(0.126), "0.13");
    }

    #[test]
    fn a_name_that_is_cut_fits_whatever_its_letters() {
        for name in ["klantenservice", "WONINGBEHEER NOORD EN WEST", "中文客服渠道", "📞📞📞📞", ""]
        {
            assert_eq!(fitted(name, wide(name)), name);
            for pixels in [20.0, 60.0, 100.0] {
                let cut = fitted(name, pixels);
                assert!(wide(&cut) <= pixels && cut.ends_with('…') == (cut != name), "{cut}");
            }
        }
    }
}
