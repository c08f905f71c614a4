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
mod splits;

use std::ops::Range;

use super::aligned::Aligned;
#[cfg(target_arch = "x86_64")]
use super::amx;
use super::cpu::{Cpu, Kernel, Simd, max_by};
use super::dense::{Layout, ROWS, Steps, Target, tiles};
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
        // Pairs of bytes, each widened to 16 bits.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) | Cpu::Avx512(_) => Layout { group: 2, lane: 2, ..plain },
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2Vnni(_) => plain,
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx512Vnni(_) => Layout { columns: 64, ..plain },
        #[cfg(target_arch = "x86_64")]
        Cpu::Amx(_) => Layout { columns: amx::COLUMNS, fill: amx::ROWS, ..plain },
    }
}

/// Weights `[K, N]` cut into panels of `columns` outputs, each `[K / lane, columns, lane]`; K and N
/// are filled up with zeros.
pub(crate) struct Panels {
    cpu: Cpu,
    layout: Layout,
    values: Aligned<i8>,
    /// Scale of each output's weights.
    scales: Vec<f32>,
    /// Sum of each output's weights.
    weight_sums: Vec<i32>,
    n: usize,
    steps: usize,
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
        let Layout { columns, group, lane, .. } = layout;
        let steps = layout.steps(k);
        let padded = n.next_multiple_of(columns);
        let mut values = Aligned::zeros(padded * steps * group);
        let (mut scales, mut weight_sums) = (vec![0.0; padded], vec![0; padded]);
        let mut weights = vec![0; steps * group];
        for output in 0..n {
            scales[output] = row(output, &mut weights[..k]);
            weight_sums[output] = weights.iter().map(|&w| i32::from(w)).sum();
            let panel = &mut values[output / columns * columns * steps * group..];
            let places = panel[output % columns * lane..].chunks_mut(columns * lane);
            for (place, weights) in places.zip(weights.chunks_exact(lane)) {
                place[..lane].copy_from_slice(weights);
            }
        }
        Self { cpu, layout, values, scales, weight_sums, n, steps }
    }

    /// `x` times the weights, into `target` `[M, N]`. A row's bits do not depend on M.
    pub(crate) fn multiply(&self, x: &Steps, target: Target<'_>) {
        match self.cpu {
            Cpu::Portable => self.multiply_by(x, target, portable),
            #[cfg(target_arch = "aarch64")]
            Cpu::NeonDot(neon) => self.multiply_by(x, target, |tile, sums| neon.dot(tile, sums)),
            #[cfg(target_arch = "aarch64")]
            Cpu::NeonI8mm(neon) => self.multiply_by(x, target, |tile, sums| neon.dot(tile, sums)),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(avx2) => self.multiply_by(x, target, |tile, sums| avx2.dot(tile, sums)),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512(avx512) => {
                self.multiply_by(x, target, |tile, sums| avx512.avx2().dot(tile, sums));
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2Vnni(vnni) => self.multiply_by(x, target, |tile, sums| vnni.dot(tile, sums)),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Vnni(vnni) => self.multiply_by(x, target, |tile, sums| vnni.dot(tile, sums)),
            #[cfg(target_arch = "x86_64")]
            Cpu::Amx(amx) => {
                let tiles = amx.configure();
                self.multiply_by(x, target, |Tile { values, panel, .. }, sums| {
                    tiles.dot_int8(values, panel, sums);
                });
            }
        }
    }

    fn multiply_by<const COLUMNS: usize, const ROWS: usize>(
        &self,
        x: &Steps,
        mut target: Target<'_>,
        dot: impl Fn(Tile<'_>, &mut [[i32; COLUMNS]; ROWS]),
    ) {
        let columns = self.layout.columns;
        assert_eq!((columns, x.steps, x.layout), (COLUMNS, self.steps, self.layout));
        target.check(x.rows(), self.n);
        let panels = self.values.chunks_exact((columns * self.steps * self.layout.group).max(1));
        let mut sums = [[0; COLUMNS]; ROWS];
        for (panel, first) in panels.zip((0..self.n).step_by(columns)) {
            let weight_sums = self.weight_sums[first..].first_chunk().expect("whole panels");
            let scales = self.scales[first..].first_chunk().expect("whole panels");
            let width = columns.min(self.n - first);
            for rows in tiles(x.rows(), ROWS) {
                dot(
                    Tile { values: x.tile(&rows), rows: rows.len(), panel, steps: self.steps },
                    &mut sums,
                );
                let (sums, target) = (&sums[..rows.len()], target.reborrow());
                self.cpu.run(Scale { sums, weight_sums, scales, x, rows, target, first, width });
            }
        }
    }
}

/// Some rows of tokens against one panel of weights.
#[derive(Clone, Copy)]
struct Tile<'a> {
    /// `[rows, steps]`, filled up.
    values: &'a [[u8; 4]],
    /// As many as the tier's `dot` takes, or fewer.
    rows: usize,
    /// `[K / lane, columns, lane]`
    panel: &'a [i8],
    steps: usize,
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

/// Turns the sums of a tile into numbers.
struct Scale<'a, const COLUMNS: usize> {
    sums: &'a [[i32; COLUMNS]],
    weight_sums: &'a [i32; COLUMNS],
    scales: &'a [f32; COLUMNS],
    x: &'a Steps,
    rows: Range<usize>,
    target: Target<'a>,
    /// First output of the panel.
    first: usize,
    /// Outputs of the panel that are not filling.
    width: usize,
}

impl<const COLUMNS: usize> Kernel for Scale<'_, COLUMNS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { sums, weight_sums, scales, x, rows, mut target, first, width } = self;
        for (row, sums) in rows.zip(sums) {
            let (token, zero) = (x.scales[row], x.zeros[row]);
            let mut values = [0.0; COLUMNS];
            for i in 0..COLUMNS {
                values[i] = (sums[i] - zero * weight_sums[i]) as f32 * (scales[i] * token);
            }
            target.put(row, first, width, &values);
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
            if layout.group == 4 {
                bytes.iter_mut().zip(x).for_each(|(byte_of, &v)| *byte_of = byte(v));
            } else {
                let words = bytes.as_chunks_mut::<2>().0;
                words.iter_mut().zip(x).for_each(|(word, &v)| *word = [byte(v), 0]);
            }
            let width = 4 / layout.group;
            splits.each_part(whole, inverse, |place, part| {
                bytes[place * width] = (part + *zero).clamp(layout.least, layout.least + 255) as u8;
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
