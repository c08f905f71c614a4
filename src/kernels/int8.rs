//! Matrix product in 8-bit integers: weights with a scale per output, tokens with a scale each.
//!
//! A token's value `x` becomes `round(x / scale) + zero` in an unsigned byte; `scale` and `zero` spread
//! its smallest and largest value over 1..=254, so that rounding needs no clamp; a tier that takes signed bytes has
//! both 128 lower. The sum over `(q + zero) * w` less `zero * sum(w)` is the sum over `q * w`, exact in 32 bits and
//! the same integers in every tier.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx2_vnni;
#[cfg(target_arch = "x86_64")]
mod avx512_vnni;
#[cfg(target_arch = "aarch64")]
mod neon_dot;
#[cfg(target_arch = "aarch64")]
mod neon_i8mm;
#[cfg(target_arch = "x86_64")]
mod pairs;
mod splits;

use std::array::from_fn;

use super::aligned::Aligned;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::cpu::{Cpu, Kernel, LANES, Simd, max_by};
use super::dense::{Layout, ROWS, Steps, Store, Target, tiles};
pub(crate) use splits::{MOST_EXTRAS, Splits};

/// Steps between the smallest and the largest value of a token.
const SPREAD: f32 = 253.0;
/// Longest sum that 32 bits hold on the way and at the end: `2^31 / (2 * 255 * 128)`, rounded down.
pub(crate) const MAX_INPUTS: usize = 32_000;

pub(crate) fn layout(cpu: Cpu) -> Layout {
    let plain = Layout { columns: 16, group: 4, lane: 4, ..Layout::default() };
    match cpu {
        Cpu::Portable => plain,
        #[cfg(target_arch = "aarch64")]
        Cpu::NeonDot(_) => Layout { least: -128, ..plain },
        #[cfg(target_arch = "aarch64")]
        Cpu::NeonI8mm(_) => Layout { lane: 8, ..plain },
        // Two blocks, which are put in order at a time.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) | Cpu::Avx512(_) => Layout { lane: 32, ..plain },
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2Vnni(_) => plain,
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512Vnni(_) => Layout { columns: 64, ..plain },
        #[cfg(target_arch = "x86_64")]
        Cpu::Amx(_) => Layout { columns: amx::COLUMNS, fill: amx::ROWS, ..plain },
    }
}

/// Weights `[K, N]` cut into panels of `columns` outputs; K and N are filled up with zeros.
pub(crate) struct Panels {
    cpu: Cpu,
    layout: Layout,
    packed: Packed,
    /// Scale of each output's weights.
    scales: Vec<f32>,
    /// Sum of each output's weights.
    weight_sums: Vec<i32>,
    n: usize,
    steps: usize,
}

enum Packed {
    /// Each `[K / lane, columns, lane]`.
    Panels(Aligned<i8>),
    /// Those of one panel after those of another.
    #[cfg(target_arch = "x86_64")]
    Segments(Vec<pairs::Segment>),
}

impl Packed {
    fn new(cpu: Cpu, len: usize) -> Self {
        match cpu {
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(_) | Cpu::Avx512(_) => Self::Segments(Vec::new()),
            _ => Self::Panels(Aligned::zeros(len)),
        }
    }
}

impl Panels {
    /// Packs N rows of K weights: `row(n, out)` writes the integers of output `n` and returns their scale.
    pub(crate) fn pack(
        cpu: Cpu,
        n: usize,
        k: usize,
        mut row: impl FnMut(usize, &mut [i8]) -> f32,
    ) -> Self {
        assert!(k <= MAX_INPUTS, "{k} inputs do not fit a sum of 32 bits");
        let layout = layout(cpu);
        let (columns, steps) = (layout.columns, layout.steps(k));
        let (padded, width) = (n.next_multiple_of(columns), steps * layout.group);
        let (mut scales, mut weight_sums) = (vec![0.0; padded], vec![0; padded]);
        let mut packed = Packed::new(cpu, padded * width);
        let mut rows = vec![0; columns * width];
        for first in (0..n).step_by(columns) {
            let outputs = first..n.min(first + columns);
            rows[outputs.len() * width..].fill(0);
            for (output, weights) in outputs.zip(rows.chunks_exact_mut(width)) {
                scales[output] = row(output, &mut weights[..k]);
                weight_sums[output] = weights.iter().map(|&w| i32::from(w)).sum();
            }
            match &mut packed {
                Packed::Panels(values) => {
                    let panel = &mut values[first * width..][..columns * width];
                    match layout.lane {
                        4 => lay_out::<4>(&rows, width, panel),
                        8 => lay_out::<8>(&rows, width, panel),
                        lane => unreachable!("no tier takes {lane} inputs together"),
                    }
                }
                #[cfg(target_arch = "x86_64")]
                Packed::Segments(segments) => {
                    segments.extend(pairs::segments(cpu, &rows, width, k))
                }
            }
        }
        Self { cpu, layout, packed, scales, weight_sums, n, steps }
    }

    /// `x` times the weights, into `target` `[M, N]`. A row's bits do not depend on M.
    pub(crate) fn multiply(&self, x: &Steps, target: Target<'_>) {
        let values = match &self.packed {
            Packed::Panels(values) => values,
            #[cfg(target_arch = "x86_64")]
            Packed::Segments(segments) => return self.multiply_segments(segments, x, target),
        };
        let panels =
            values.chunks_exact((self.layout.columns * self.steps * self.layout.group).max(1));
        match self.cpu {
            #[cfg(target_arch = "aarch64")]
            Cpu::NeonDot(neon) => {
                self.multiply_by(x, target, panels, |tile, sums| neon.dot(tile, sums))
            }
            #[cfg(target_arch = "aarch64")]
            Cpu::NeonI8mm(neon) => {
                self.multiply_by(x, target, panels, |tile, sums| neon.dot(tile, sums))
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2Vnni(vnni) => {
                self.multiply_by(x, target, panels, |tile, sums| vnni.dot(tile, sums))
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Vnni(vnni) => {
                self.multiply_by(x, target, panels, |tile, sums| vnni.dot(tile, sums))
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Amx(amx) => {
                let tiles = amx.configure();
                self.multiply_by(x, target, panels, |Tile { values, panel, .. }, sums| {
                    tiles.dot_int8(values, panel, sums);
                });
            }
            Cpu::Portable => {
                self.multiply_by(x, target, panels, |tile, sums| portable(tile, sums));
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(_) | Cpu::Avx512(_) => unreachable!("these pack segments"),
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn multiply_segments(&self, segments: &[pairs::Segment], x: &Steps, target: Target<'_>) {
        let avx2 = match self.cpu {
            Cpu::Avx2(avx2) => avx2,
            Cpu::Avx512(avx512) => avx512.avx2(),
            _ => unreachable!("only these tiers pack segments"),
        };
        let panels = segments.chunks(self.steps.div_ceil(pairs::STEPS).max(1));
        let mut ordered = avx2::Ordered::default();
        self.multiply_by(x, target, panels, |tile, sums| avx2.dot(tile, &mut ordered, sums));
    }

    fn multiply_by<P: Copy, const COLUMNS: usize, const ROWS: usize>(
        &self,
        x: &Steps,
        target: Target<'_>,
        panels: impl Iterator<Item = P>,
        dot: impl FnMut(Tile<'_, P>, &mut [[i32; COLUMNS]; ROWS]),
    ) {
        assert_eq!((COLUMNS, x.layout), (self.layout.columns, self.layout));
        assert_eq!(x.steps, self.steps);
        target.check(x.rows(), self.n);
        self.cpu.run(Product { weights: self, x, target, panels, dot });
    }
}

/// Some rows of tokens against one panel of weights.
#[derive(Clone, Copy)]
struct Tile<'a, P = &'a [i8]> {
    /// `[rows, steps]`, filled up.
    values: &'a [[u8; 4]],
    /// As many as the tier's `dot` takes, or fewer.
    rows: usize,
    panel: P,
    steps: usize,
}

/// Lays out the rows of a panel `[columns, width]` as `[width / LANE, columns, LANE]`.
fn lay_out<const LANE: usize>(rows: &[i8], width: usize, panel: &mut [i8]) {
    let columns = rows.len() / width;
    let places = panel.as_chunks_mut::<LANE>().0;
    for (column, weights) in rows.chunks_exact(width).enumerate() {
        let places = places[column..].iter_mut().step_by(columns);
        for (place, weights) in places.zip(weights.as_chunks().0) {
            *place = *weights;
        }
    }
}

/// The plain loop, and what the other tiers are compared with.
fn portable(tile: Tile<'_>, sums: &mut [[i32; 16]; ROWS]) {
    for (row, sums) in tile.values.chunks_exact(tile.steps).zip(sums) {
        sums.fill(0);
        for (values, weights) in row.iter().zip(tile.panel.as_chunks::<64>().0) {
            for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<4>().0) {
                for (&v, &w) in values.iter().zip(weights) {
                    *sum += i32::from(v) * i32::from(w);
                }
            }
        }
    }
}

/// Every panel with every tile of rows; the sums are turned into numbers.
struct Product<'a, I, D, const COLUMNS: usize, const ROWS: usize> {
    weights: &'a Panels,
    x: &'a Steps,
    target: Target<'a>,
    panels: I,
    dot: D,
}

impl<I, D, const COLUMNS: usize, const ROWS: usize> Kernel for Product<'_, I, D, COLUMNS, ROWS>
where
    I: Iterator<Item: Copy>,
    D: FnMut(Tile<'_, I::Item>, &mut [[i32; COLUMNS]; ROWS]),
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        match self.target.store {
            Store::Biased(_) => self.store(|_, value| value),
            Store::AddBiased(_) | Store::Add => self.store(|before, value| before + value),
        }
    }
}

impl<I, D, const COLUMNS: usize, const ROWS: usize> Product<'_, I, D, COLUMNS, ROWS>
where
    I: Iterator<Item: Copy>,
    D: FnMut(Tile<'_, I::Item>, &mut [[i32; COLUMNS]; ROWS]),
{
    #[inline(always)]
    fn store(self, combine: impl Fn(f32, f32) -> f32) {
        let Self { weights, x, target, panels, mut dot } = self;
        let &Panels { n, steps, ref scales, ref weight_sums, .. } = weights;
        let mut sums = [[0; COLUMNS]; ROWS];
        for (panel, first) in panels.zip((0..n).step_by(COLUMNS)) {
            let weight_sums: &[i32; COLUMNS] =
                weight_sums[first..].first_chunk().expect("whole panels");
            let scales: &[f32; COLUMNS] = scales[first..].first_chunk().expect("whole panels");
            let width = COLUMNS.min(n - first);
            let mut bias = [0.0; COLUMNS];
            if let Store::Biased(all) | Store::AddBiased(all) = target.store {
                bias[..width].copy_from_slice(&all[first..first + width]);
            }
            for rows in tiles(x.rows(), ROWS) {
                dot(Tile { values: x.tile(&rows), rows: rows.len(), panel, steps }, &mut sums);
                for (row, sums) in rows.zip(&sums) {
                    let (token, zero) = (x.scales[row], x.zeros[row]);
                    let value = |i: usize| {
                        (sums[i] - zero * weight_sums[i]) as f32 * (scales[i] * token) + bias[i]
                    };
                    let y = &mut target.y[row * target.stride + first..][..width];
                    match y.first_chunk_mut::<COLUMNS>() {
                        // Whole panels in code of their own: their length is known when it is compiled.
                        Some(y) => {
                            for (part, y) in y.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                                // All before the first is stored, so that they stay in registers.
                                let values: [f32; LANES] = from_fn(|i| value(part * LANES + i));
                                for i in 0..LANES {
                                    y[i] = combine(y[i], values[i]);
                                }
                            }
                        }
                        None => {
                            for (i, y) in y.iter_mut().enumerate() {
                                *y = combine(*y, value(i));
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Turns rows of `k` numbers into bytes with a scale per row.
pub(crate) struct Quantise<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) k: usize,
    pub(crate) splits: &'a Splits,
    pub(crate) steps: &'a mut Steps,
}

impl Kernel for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the mantissa.
        const ROUND: f32 = 12_582_912.0;
        let Self { x, k, splits, steps: Steps { values, scales, zeros, held, steps, layout } } =
            self;
        let rows = x.chunks_exact(k).zip(values.chunks_exact_mut(*steps));
        for ((whole, values), (scale, zero)) in rows.zip(scales.iter_mut().zip(zeros)) {
            let x = splits.narrowed(whole, held);
            // Both with 0 among the values, so that `zero` is a byte too.
            let (lowest, highest) = (-max_by(x, 0.0, |v| -v), max_by(x, 0.0, |v| v));
            let inverse = if highest > lowest { SPREAD / (highest - lowest) } else { 0.0 };
            *scale = (highest - lowest) / SPREAD;
            let raised = (1.0 - lowest * inverse).round_ties_even() + layout.least as f32;
            *zero = raised as i32;
            // Not fused: the same integers in every tier.
            let byte = |v: f32| (v * inverse + (ROUND + raised)).to_bits() as u8;
            let bytes = values.as_flattened_mut();
            bytes.iter_mut().zip(x).for_each(|(byte_of, &v)| *byte_of = byte(v));
            splits.each_part(whole, inverse, |place, part| {
                bytes[place] = (part + *zero).clamp(layout.least, layout.least + 255) as u8;
            });
        }
    }
}

/// Rounds a row of weights to integers, `|w| <= 127`, and returns their scale.
pub(crate) fn quantise_weights(weights: &[f32], out: &mut [i8]) -> f32 {
    let largest = max_by(weights, 0.0, f32::abs);
    let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
    for (out, w) in out.iter_mut().zip(weights) {
        *out = (w * inverse).round_ties_even() as i8;
    }
    largest / 127.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::dense::{Format, Input, Store};
    use crate::kernels::reference::{self, Tol, assert_close, random};

    fn pack(cpu: Cpu, w: &[f32], n: usize, k: usize) -> Panels {
        Panels::pack(cpu, n, k, |row, out| quantise_weights(&w[row * k..(row + 1) * k], out))
    }

    fn multiply(panels: &Panels, x: &[f32], k: usize, bias: &[f32]) -> Vec<f32> {
        let mut steps = Steps::default();
        let Input::Steps(x) = steps.prepare(panels.cpu, Format::Int8, x, k, &Splits::default())
        else {
            unreachable!("int8 is prepared in steps");
        };
        let mut y = vec![f32::NAN; x.rows() * bias.len()];
        panels.multiply(x, Target { y: &mut y, stride: bias.len(), store: Store::Biased(bias) });
        y
    }

    const SIZES: [(usize, usize, usize); 9] = [
        (1, 1, 1),
        (2, 63, 3),
        (3, 64, 4),
        (4, 65, 5),
        (5, 15, 31),
        (6, 16, 32),
        (7, 17, 33),
        (13, 130, 384),
        (25, 40, 1536),
    ];

    /// The same rounding in plain loops, then exact sums.
    fn plain(x: &[f32], w: &[f32], bias: &[f32], n: usize, k: usize) -> Vec<f32> {
        let mut y = Vec::new();
        for x in x.chunks(k) {
            let (low, high) = x.iter().fold((0f32, 0f32), |(l, h), &v| (l.min(v), h.max(v)));
            let inverse = 253.0 / (high - low);
            let zero = (1.0 - low * inverse).round_ties_even() as i64;
            let bytes: Vec<i64> =
                x.iter().map(|v| (v * inverse + zero as f32).round_ties_even() as i64).collect();
            assert!(bytes.iter().all(|b| (0..=255).contains(b)));
            for (w, bias) in w.chunks(k).zip(bias) {
                let mut weights = vec![0; k];
                let scale = quantise_weights(w, &mut weights);
                let sum: i64 =
                    bytes.iter().zip(&weights).map(|(b, &w)| (b - zero) * i64::from(w)).sum();
                y.push(sum as f32 * (scale * ((high - low) / 253.0)) + bias);
            }
        }
        assert_eq!(y.len() % n, 0);
        y
    }

    #[test]
    fn every_tier_gives_the_integers_of_the_plain_loop_at_the_edges() {
        for cpu in Cpu::proven() {
            for (m, n, k) in SIZES {
                let (x, w, b) = (random(m * k, 1), random(n * k, 2), random(n, 3));
                let found = multiply(&pack(cpu, &w, n, k), &x, k, &b);
                // Two roundings of the scaled sum; one value in thousands may round to the next byte.
                let step = (2.0 / 253.0) * (k as f32).sqrt().min(4.0);
                let close = Tol { abs: 1e-6 * k as f32, rel: 4.0 * f32::EPSILON };
                let expected = plain(&x, &w, &b, n, k);
                let off = found.iter().zip(&expected).filter(|(f, e)| (*f - *e).abs() > close.abs);
                assert!(off.count() * 50 <= found.len(), "{cpu:?} {m} {n} {k}");
                assert_close(&found, &expected, Tol::abs(step));
            }
        }
    }

    #[test]
    fn every_tier_gives_the_same_bits_where_rounding_is_the_same() {
        let (m, n, k) = (13, 130, 384);
        let (x, w, b) = (random(m * k, 1), random(n * k, 2), vec![0.0; n]);
        let expected = multiply(&pack(Cpu::Portable, &w, n, k), &x, k, &b);
        for cpu in Cpu::proven() {
            assert_eq!(multiply(&pack(cpu, &w, n, k), &x, k, &b), expected, "{cpu:?}");
        }
    }

    #[test]
    fn the_product_is_near_that_of_f32() {
        for cpu in Cpu::proven() {
            for (m, n, k) in SIZES {
                let (x, w, b) = (random(m * k, 1), random(n * k, 2), random(n, 3));
                let found = multiply(&pack(cpu, &w, n, k), &x, k, &b);
                // Half a step of 2 / 253 for a token and of 1 / 127 for a weight, every time at its worst.
                let worst = k as f32 * (1.0 / 253.0 + 0.5 / 127.0 + 1e-4);
                assert_close(&found, &reference::linear(&x, &w, &b, m, n, k), Tol::abs(worst));
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_among_others() {
        let (m, n, k) = (20, 70, 100);
        let (x, b) = (random(m * k, 1), random(n, 3));
        for cpu in Cpu::proven() {
            let panels = pack(cpu, &random(n * k, 2), n, k);
            let all = multiply(&panels, &x, k, &b);
            for row in 0..m {
                let alone = multiply(&panels, &x[row * k..(row + 1) * k], k, &b);
                assert_eq!(alone, all[row * n..(row + 1) * n], "{cpu:?}");
            }
        }
    }

    #[test]
    fn an_input_that_is_cut_leaves_the_others_a_scale_of_their_own() {
        let (m, n, k) = (9, 70, 100);
        let (mut x, w) = (random(m * k, 1), random(n * k, 2));
        for (row, x) in x.chunks_mut(k).enumerate() {
            x[40] = if row % 3 == 0 { -30.0 } else { 30.0 };
            x[99] = row as f32;
        }
        let bias = vec![0.0; n];
        let exact = reference::linear(&x, &w, &bias, m, n, k);
        let mut parts = vec![1.0; k];
        (parts[40], parts[99]) = (30.0, 8.0);
        let run = |cpu: Cpu, splits: &Splits| {
            let wide = k + splits.extras();
            let panels = Panels::pack(cpu, n, wide, |row, out| {
                let scale = quantise_weights(&w[row * k..][..k], &mut out[..k]);
                splits.repeat_weights(out);
                scale
            });
            let mut steps = Steps::default();
            let Input::Steps(x) = steps.prepare(cpu, Format::Int8, &x, k, splits) else {
                unreachable!("int8 is prepared in steps");
            };
            let mut y = vec![f32::NAN; m * n];
            panels.multiply(x, Target { y: &mut y, stride: n, store: Store::Biased(&bias) });
            y
        };
        // Of the inputs alone: weights as the product has them.
        let splits = Splits::of(&parts).expect("valid");
        let cut = run(Cpu::Portable, &splits);
        let error = |found: &[f32]| -> f32 {
            found.iter().zip(&exact).map(|(f, e)| (f - e).abs()).sum::<f32>() / found.len() as f32
        };
        let whole = run(Cpu::Portable, &Splits::default());
        assert!(error(&cut) < error(&whole) / 2.0, "{} {}", error(&cut), error(&whole));
        for cpu in Cpu::proven() {
            assert_eq!(run(cpu, &splits), cut, "{cpu:?}");
        }
    }

    #[test]
    fn extremes_do_not_wrap_around() {
        for cpu in Cpu::proven() {
            for x in [
                vec![0.0; 8],
                vec![1.0; 8],
                vec![-1.0; 8],
                vec![1e30, -1e-30, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0],
                vec![-1.5, 2.5, -0.5, 0.5, 1e-9, 2.5, -1.5, 0.0],
            ] {
                let w: Vec<f32> = (0..8).map(|i| if i == 0 { 1.0 } else { 0.0 }).collect();
                let found = multiply(&pack(cpu, &w, 1, 8), &x, 8, &[0.0]);
                let range = x.iter().fold(0f32, |a, v| a.max(v.abs())) * 2.0;
                assert_close(&found, &x[..1], Tol::abs(range / 253.0));
            }
        }
    }
}
