//! A share over time: a line, within it what chance does and around that what the model's error adds. The line is
//! broken where there are too few interactions and where another model or policy took over.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Spoken, Width, at, both, fitted, scale, svg};
use crate::estimate::Estimate;
use crate::tables::{Period, Point, Series};
use crate::voice::Voice;

/// Pixels that the name of a month or a year takes under the axis.
const TICK_ROOM: f64 = 36.0;

/// Where days and shares lie in a drawing.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    days: [Date; 2],
    most: f64,
}

impl Frame {
    fn x(&self, day: Date) -> f64 {
        let from_first = |day: Date| {
            self.days[0].until(day).map(|span| f64::from(span.get_days())).unwrap_or(0.0)
        };
        let all = from_first(self.days[1]);
        if all <= 0.0 {
            return (self.left + self.right) / 2.0;
        }
        self.left + (self.right - self.left) * from_first(day) / all
    }

    fn y(&self, share: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * share / self.most
    }
}

/// Points with an estimate that follow each other without a gap.
fn stretches(points: &[Point], period: Period) -> Vec<Vec<(Date, Estimate)>> {
    let mut stretches: Vec<Vec<(Date, Estimate)>> = Vec::new();
    let mut before: Option<(usize, Date)> = None;
    for point in points {
        let Some(estimate) = point.estimate else {
            before = None;
            continue;
        };
        let follows = before.is_some_and(|(reader, day)| {
            reader == point.reader && period.next(day).is_some_and(|next| next >= point.day)
        });
        if !follows {
            stretches.push(Vec::new());
        }
        if let Some(stretch) = stretches.last_mut() {
            stretch.push((point.day, estimate));
        }
        before = Some((point.reader, point.day));
    }
    stretches
}

/// The point whose share is told: the last of a period that the data fill.
pub(crate) fn told(points: &[Point]) -> Option<&Point> {
    points.iter().rev().find(|point| point.is_filled && point.estimate.is_some())
}

/// The last day of each reader and the first of the one after it, which lies before it where both read the same periods.
pub(crate) fn handovers(points: &[Point]) -> Vec<[Date; 2]> {
    let pairs = points.windows(2).filter(|pair| pair[0].reader != pair[1].reader);
    pairs.map(|pair| [pair[0].day, pair[1].day]).collect()
}

fn first_and_last(points: &[Point]) -> Option<[Date; 2]> {
    let days = points.iter().map(|point| point.day);
    Some([days.clone().min()?, days.max()?])
}

/// The top of a drawing: `room` says how much of a band it takes in, the rest is cut off.
fn highest(points: &[Point], room: fn(&Estimate) -> f64) -> f64 {
    points.iter().filter_map(|point| point.estimate).map(|found| room(&found)).fold(0.02, f64::max)
}

fn curve(frame: &Frame, stretch: &[(Date, Estimate)]) -> String {
    let mut path = String::new();
    for (i, (day, found)) in stretch.iter().enumerate() {
        path.push(if i == 0 { 'M' } else { 'L' });
        path.push_str(&format!("{} {}", at(frame.x(*day)), at(frame.y(found.share))));
    }
    path
}

fn band(frame: &Frame, stretch: &[(Date, Estimate)], ends: fn(&Estimate) -> [f64; 2]) -> String {
    let point = |day: Date, share: f64| {
        format!("{} {}", at(frame.x(day)), at(frame.y(share.min(frame.most))))
    };
    let above = stretch.iter().map(|(day, found)| point(*day, ends(found)[1]));
    let below = stretch.iter().rev().map(|(day, found)| point(*day, ends(found)[0]));
    format!("M{}Z", above.chain(below).collect::<Vec<_>>().join("L"))
}

fn shapes(frame: &Frame, stretches: &[Vec<(Date, Estimate)>]) -> Markup {
    html! {
        @for stretch in stretches {
            @if let [(day, found)] = stretch.as_slice() {
                line class="band-edge" x1=(at(frame.x(*day))) x2=(at(frame.x(*day)))
                    y1=(at(frame.y(found.low))) y2=(at(frame.y(found.high.min(frame.most)))) {}
                circle class="dot" cx=(at(frame.x(*day))) cy=(at(frame.y(found.share))) r="3" {}
            } @else {
                path class="band" d=(band(frame, stretch, |e| [e.low, e.high])) {}
                path class="band chance" d=(band(frame, stretch, |e| [e.low_by_chance, e.high_by_chance])) {}
                path class="line" d=(curve(frame, stretch)) {}
            }
        }
    }
}

/// A dot with its share, beside the end of the line or above it.
fn share_told(voice: Voice, frame: &Frame, points: &[Point], r: f64) -> Markup {
    let Some((day, share)) =
        told(points).and_then(|point| Some((point.day, point.estimate?.share)))
    else {
        return html! {};
    };
    let (x, y) = (frame.x(day), frame.y(share));
    let goes_on = points.iter().any(|point| point.day > day && point.estimate.is_some());
    let (right, down, anchor) =
        if goes_on { (0.0, -r - 6.0, "middle") } else { (r + 5.0, r + 1.0, "start") };
    html! {
        circle class="dot" cx=(at(x)) cy=(at(y)) r=(at(r)) {}
        text class="value" x=(at(x + right)) y=(at(y + down)) text-anchor=(anchor) { (voice.percent(share)) }
    }
}

/// The share over time, in one frame.
pub(crate) fn lines(voice: Voice, spoken: &Spoken<'_>, points: &[Point], period: Period) -> Markup {
    let Some(days) = first_and_last(points) else { return html! {} };
    let stretches = stretches(points, period);
    both(spoken, |width| {
        let (right, height) = match width {
            Width::Wide => (62.0, 316.0),
            Width::Narrow => (46.0, 256.0),
        };
        let steps = scale(highest(points, |e| e.high).min(1.0), 4);
        let frame = Frame {
            left: 2.0,
            right: width.pixels() - right,
            top: 34.0,
            bottom: height - 46.0,
            days,
            most: steps.last().copied().unwrap_or(1.0),
        };
        let drawing = html! {
            @for step in &steps {
                line class=(if *step == 0.0 { "base" } else { "grid" }) x1="0" x2=(at(frame.right + 8.0))
                    y1=(at(frame.y(*step))) y2=(at(frame.y(*step))) {}
                @if *step > 0.0 {
                    text class="axis" x="0" y=(at(frame.y(*step) - 4.0)) { (voice.step(*step)) }
                }
            }
            (ticks(voice, &frame, points, width))
            (shapes(&frame, &stretches))
            (takeovers(voice, &frame, points, width))
            (share_told(voice, &frame, points, 4.0))
        };
        (height, drawing)
    })
}

/// Names of months or years under the axis; as many as there is room for.
fn ticks(voice: Voice, frame: &Frame, points: &[Point], width: Width) -> Markup {
    let mut days: Vec<Date> = points.iter().map(|point| point.day.first_of_month()).collect();
    days.sort();
    days.dedup();
    let room = if width == Width::Wide { 12 } else { 5 };
    let every = days.len().div_ceil(room).max(1);
    let at_step = days.into_iter().step_by(every);
    let mut ticks: Vec<(Date, f64)> =
        at_step.map(|day| (day, frame.x(day.max(frame.days[0])))).collect();
    // A first week may begin on the last day of a month.
    if let [(_, first), (_, second), ..] = ticks[..]
        && second - first < TICK_ROOM
    {
        ticks.remove(0);
    }
    let mut year = None;
    html! {
        @for (day, x) in ticks {
            line class="tick" x1=(at(x)) x2=(at(x)) y1=(at(frame.bottom)) y2=(at(frame.bottom + 5.0)) {}
            text class="axis" x=(at(x)) y=(at(frame.bottom + 20.0))
                text-anchor=(if x < 12.0 { "start" } else { "middle" }) {
                (voice.short_month(day.month()))
            }
            @if year.replace(day.year()) != Some(day.year()) {
                text class="axis" x=(at(x)) y=(at(frame.bottom + 36.0))
                    text-anchor=(if x < 12.0 { "start" } else { "middle" }) { (day.year()) }
            }
        }
    }
}

/// A mark where another model or policy took over.
fn takeovers(voice: Voice, frame: &Frame, points: &[Point], width: Width) -> Markup {
    let changes: Vec<Date> = handovers(points)
        .into_iter()
        .filter_map(|[last, first]| (last <= first).then_some(first))
        .collect();
    let label = match width {
        Width::Wide => voice.say("ander model of andere regels", "another model or policy"),
        Width::Narrow => voice.say("ander model", "another model"),
    };
    html! {
        @for (i, day) in changes.iter().enumerate() {
            @let x = frame.x(*day) - 4.0;
            line class="takeover" x1=(at(x)) x2=(at(x)) y1=(at(frame.top - 14.0)) y2=(at(frame.bottom)) {}
            @if i == 0 {
                @let end = x > frame.right * 0.6;
                text class="note" x=(at(if end { x - 6.0 } else { x + 6.0 })) y=(at(frame.top - 18.0))
                    text-anchor=(if end { "end" } else { "start" }) { (label) }
            }
        }
    }
}

/// One small drawing per series, all to the same scale.
pub(crate) fn small_lines(voice: Voice, id: &str, series: &[Series], period: Period) -> Markup {
    const SIZE: [f64; 2] = [220.0, 120.0];
    let all: Vec<Point> = series.iter().flat_map(|series| series.points.clone()).collect();
    let Some(days) = first_and_last(&all) else { return html! {} };
    let steps = scale(highest(&all, |e| e.share * 1.1).min(1.0), 3);
    let frame = Frame {
        left: 2.0,
        right: SIZE[0] - 46.0,
        top: 14.0,
        bottom: SIZE[1] - 20.0,
        days,
        most: steps.last().copied().unwrap_or(1.0),
    };
    html! {
        div class="multiples" {
            @for (i, series) in series.iter().enumerate() {
                @let stretches = stretches(&series.points, period);
                @let name = voice.name(&series.name);
                @let shares: Vec<f64> =
                    stretches.iter().flatten().map(|(_, found)| found.share).collect();
                @let described = format!(
                    "{} {}, {} {}.",
                    voice.say("Begin:", "Start:"),
                    shares.first().map(|share| voice.percent(*share)).unwrap_or_default(),
                    voice.say("eind:", "end:"),
                    told(&series.points)
                        .and_then(|point| Some(point.estimate?.share))
                        .or(shares.last().copied())
                        .map(|share| voice.percent(share))
                        .unwrap_or_default(),
                );
                @let spoken = Spoken {
                    id: &format!("{id}{i}"),
                    title: &name,
                    description: &described,
                };
                div {
                    p class="small-title" { bdi { (fitted(&name, 220.0)) } }
                    (svg(&spoken, "small", SIZE[0], SIZE[1], html! {
                        @for step in &steps {
                            line class=(if *step == 0.0 { "base" } else { "grid" }) x1="0" x2=(at(frame.right + 6.0))
                                y1=(at(frame.y(*step))) y2=(at(frame.y(*step))) {}
                            @if *step > 0.0 && i == 0 {
                                text class="axis" x="0" y=(at(frame.y(*step) - 3.0)) { (voice.step(*step)) }
                            }
                        }
                        @for (day, anchor) in [(days[0], "start"), (days[1], "end")] {
                            text class="axis" x=(at(frame.x(day))) y=(at(frame.bottom + 15.0)) text-anchor=(anchor) {
                                (voice.short_month(day.month())) " " (day.year())
                            }
                        }
                        (shapes(&frame, &stretches))
                        (share_told(voice, &frame, &series.points, 3.0))
                    }))
                }
            }
        }
    }
}
