//! Matrix product in 8-bit integers: weights with a scale per output, tokens with a scale each.
//!
//! A token's value `x` becomes `round(x / scale) + 128` in an unsigned byte, with `scale` the largest
//! `|x|` over 127. The sum over `(q + 128) * w` starts at `-128 * sum(w)`, so it ends as the sum over
//! `q * w`, exact in 32 bits and the same integers in every tier.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx2_vnni;
#[cfg(target_arch = "x86_64")]
mod avx512_vnni;

use super::aligned::Aligned;
use super::cpu::{Cpu, Kernel, Simd, max_by};
use super::dense::{ROWS, Steps, Target, tiles};

/// What a token's integers are raised by to be unsigned.
const ZERO: i32 = 128;
/// Longest sum that 32 bits hold for certain: `2^31 / (255 * 128)`, rounded down.
pub(crate) const MAX_INPUTS: usize = 65_000;

/// How a tier wants weights laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Outputs of a panel.
    columns: usize,
    /// Inputs that one 32-bit lane takes: 4 bytes, or 2 bytes widened to 16 bits.
    pub(crate) group: usize,
}

impl Layout {
    pub(crate) fn of(cpu: Cpu) -> Self {
        match cpu {
            Cpu::Portable => Self { columns: 16, group: 4 },
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(_) | Cpu::Avx512(_) => Self { columns: 16, group: 2 },
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2Vnni(_) => Self { columns: 16, group: 4 },
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Vnni(_) => Self { columns: 64, group: 4 },
        }
    }
}

/// Weights `[K, N]` cut into panels of `columns` outputs, each `[K / group, columns, group]`; K and N
/// are filled up with zeros.
pub(crate) struct Panels {
    cpu: Cpu,
    layout: Layout,
    values: Aligned<i8>,
    /// Scale of each output's weights.
    scales: Vec<f32>,
    /// `-128` times the sum of each output's weights.
    starts: Vec<i32>,
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
        let layout = Layout::of(cpu);
        let Layout { columns, group } = layout;
        let steps = k.div_ceil(group);
        let padded = n.next_multiple_of(columns);
        let mut values = Aligned::zeros(padded * steps * group);
        let (mut scales, mut starts) = (vec![0.0; padded], vec![0; padded]);
        let mut weights = vec![0; steps * group];
        for output in 0..n {
            scales[output] = row(output, &mut weights[..k]);
            starts[output] = -ZERO * weights.iter().map(|&w| i32::from(w)).sum::<i32>();
            let panel = &mut values[output / columns * columns * steps * group..];
            let lanes = panel[output % columns * group..].chunks_mut(columns * group);
            for (lane, weights) in lanes.zip(weights.chunks_exact(group)) {
                lane[..group].copy_from_slice(weights);
            }
        }
        Self { cpu, layout, values, scales, starts, n, steps }
    }

    /// `x` times the weights, into `target` `[M, N]`. A row's bits do not depend on M.
    pub(crate) fn multiply(&self, x: &Steps, target: Target<'_>) {
        match self.cpu {
            Cpu::Portable => self.multiply_by::<16>(x, target, portable),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(avx2) => self.multiply_by::<16>(x, target, |tile, sums| avx2.dot(tile, sums)),
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512(avx512) => {
                self.multiply_by::<16>(x, target, |tile, sums| avx512.avx2().dot(tile, sums));
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2Vnni(vnni) => {
                self.multiply_by::<16>(x, target, |tile, sums| vnni.dot(tile, sums));
            }
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx512Vnni(vnni) => {
                self.multiply_by::<64>(x, target, |tile, sums| vnni.dot(tile, sums));
            }
        }
    }

    fn multiply_by<const COLUMNS: usize>(
        &self,
        x: &Steps,
        mut target: Target<'_>,
        dot: impl Fn(Tile<'_>, &mut [[i32; COLUMNS]; ROWS]),
    ) {
        let Layout { columns, group } = self.layout;
        assert_eq!((columns, x.steps, x.group), (COLUMNS, self.steps, group));
        target.check(x.rows(), self.n);
        let panels = self.values.chunks_exact((columns * self.steps * group).max(1));
        let mut sums = [[0; COLUMNS]; ROWS];
        for (panel, first) in panels.zip((0..self.n).step_by(columns)) {
            let starts = self.starts[first..].first_chunk().expect("filled up to whole panels");
            let scales = self.scales[first..].first_chunk().expect("filled up to whole panels");
            for rows in tiles(x.rows(), ROWS) {
                sums[..rows.len()].fill(*starts);
                let values = &x.values[rows.start * x.steps..rows.end * x.steps];
                dot(Tile { values, rows: rows.len(), panel, steps: self.steps }, &mut sums);
                let tokens = &x.scales[rows.clone()];
                let (sums, first_row) = (&sums[..rows.len()], rows.start);
                let (width, target) = (columns.min(self.n - first), target.reborrow());
                self.cpu.run(Scale { sums, scales, tokens, target, first_row, first, width });
            }
        }
    }
}

/// Some rows of tokens against one panel of weights.
#[derive(Clone, Copy)]
struct Tile<'a> {
    /// `[rows, steps]`
    values: &'a [[u8; 4]],
    /// 1 to [`ROWS`].
    rows: usize,
    /// `[steps, columns, group]`
    panel: &'a [i8],
    steps: usize,
}

/// The plain loop, and what the other tiers are compared with.
fn portable(tile: Tile<'_>, sums: &mut [[i32; 16]; ROWS]) {
    for (row, sums) in tile.values.chunks_exact(tile.steps).zip(sums) {
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
    scales: &'a [f32; COLUMNS],
    /// Scale of each row.
    tokens: &'a [f32],
    target: Target<'a>,
    first_row: usize,
    /// First output of the panel.
    first: usize,
    /// Outputs of the panel that are not filling.
    width: usize,
}

impl<const COLUMNS: usize> Kernel for Scale<'_, COLUMNS> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { sums, scales, tokens, mut target, first_row, first, width } = self;
        for (r, (sums, token)) in sums.iter().zip(tokens).enumerate() {
            let mut values = [0.0; COLUMNS];
            for ((value, &sum), scale) in values.iter_mut().zip(sums).zip(scales) {
                *value = sum as f32 * (scale * token);
            }
            target.put(first_row + r, first, width, &values);
        }
    }
}

/// Turns rows of `k` numbers into bytes with a scale per row.
pub(crate) struct Quantise<'a> {
    pub(crate) x: &'a [f32],
    pub(crate) k: usize,
    pub(crate) steps: &'a mut Steps,
}

impl Kernel for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the mantissa.
        const ROUND: f32 = 12_582_912.0 + ZERO as f32;
        let Self { x, k, steps: Steps { values, scales, steps, group } } = self;
        for ((x, values), scale) in
            x.chunks_exact(k).zip(values.chunks_exact_mut(*steps)).zip(scales)
        {
            let largest = max_by(x, 0.0, f32::abs);
            *scale = largest / 127.0;
            let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
            // Not fused: the same integers in every tier.
            let byte = |v: f32| (v * inverse + ROUND).to_bits() as u8;
            let bytes = values.as_flattened_mut();
            if *group == 4 {
                bytes.iter_mut().zip(x).for_each(|(byte_of, &v)| *byte_of = byte(v));
            } else {
                let words = bytes.as_chunks_mut::<2>().0;
                words.iter_mut().zip(x).for_each(|(word, &v)| *word = [byte(v), 0]);
            }
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
