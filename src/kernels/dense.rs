//! A linear layer's product in any precision: weights packed once, tokens prepared once per input.

use std::ops::Range;

use super::cpu::{Cpu, LANES, Simd};
use super::int8::Splits;
use super::{bf16, gemm, int8};

/// Most rows of a tile whose sums stay in vector registers, of the integer and bf16 products.
pub(crate) const ROWS: usize = 6;

/// Calls `dot_rows::<R>` for a tile of R rows. A macro, since no value names a function for every `R`.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! by_rows {
    ($tile:expr, $sums:expr) => {
        match $tile.rows {
            1 => dot_rows::<1>($tile, $sums),
            2 => dot_rows::<2>($tile, $sums),
            3 => dot_rows::<3>($tile, $sums),
            4 => dot_rows::<4>($tile, $sums),
            5 => dot_rows::<5>($tile, $sums),
            _ => dot_rows::<ROWS>($tile, $sums),
        }
    };
}
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) use by_rows;

/// Number format that an encoder computes products in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    F32,
    Bf16,
    Int8,
}

impl Format {
    /// The name as summaries and manifests print it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }
}

/// How a tier takes the two sides of a product that is not in f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Outputs of a panel of weights.
    pub(crate) columns: usize,
    /// Inputs that a step of 4 bytes takes.
    pub(crate) group: usize,
    /// Inputs of one output that stand together, or are put in order together: those of a step, or of several.
    /// Rows are filled up to a multiple of it.
    pub(crate) lane: usize,
    /// Rows of tokens and steps are filled up to a multiple of this.
    pub(crate) fill: usize,
    /// The smallest value of a token's byte: 0, or -128 where they are signed.
    pub(crate) least: i32,
}

impl Default for Layout {
    fn default() -> Self {
        Self { columns: 1, group: 1, lane: 1, fill: 1, least: 0 }
    }
}

impl Layout {
    /// Steps of a row of `k` inputs.
    pub(crate) fn steps(self, k: usize) -> usize {
        (k.div_ceil(self.lane) * (self.lane / self.group)).next_multiple_of(self.fill)
    }
}

/// Weights `[N, K]`, packed for one tier and format.
pub(crate) enum Dense {
    F32(Cpu, gemm::Panels),
    Bf16(bf16::Panels),
    Int8(int8::Panels),
}

/// Rows of tokens as a [`Dense`] wants them.
#[derive(Clone, Copy)]
pub(crate) enum Input<'a> {
    F32(&'a [f32]),
    Steps(&'a Steps),
}

/// Rows cut into steps of 4 bytes: what one lane of a dot product takes at a time.
#[derive(Default)]
pub(crate) struct Steps {
    /// `[M, steps]`, M filled up.
    pub(crate) values: Vec<[u8; 4]>,
    /// Scale of each row; 1 where the format needs none.
    pub(crate) scales: Vec<f32>,
    /// The integer that stands for 0 in each row; 0 where the format needs none.
    pub(crate) zeros: Vec<i32>,
    /// A row while it is prepared.
    pub(crate) held: Vec<f32>,
    /// Steps of a row.
    pub(crate) steps: usize,
    pub(crate) layout: Layout,
}

impl Steps {
    pub(crate) fn rows(&self) -> usize {
        self.scales.len()
    }

    /// The values of some rows, filled up.
    pub(crate) fn tile(&self, rows: &Range<usize>) -> &[[u8; 4]] {
        let filled = rows.len().next_multiple_of(self.layout.fill);
        &self.values[rows.start * self.steps..][..filled * self.steps]
    }

    /// Prepares `x`, rows of `k` values, keeping the allocation; `splits` are those that the weights were packed with.
    pub(crate) fn prepare<'a>(
        &'a mut self,
        cpu: Cpu,
        format: Format,
        x: &'a [f32],
        k: usize,
        splits: &Splits,
    ) -> Input<'a> {
        let layout = match format {
            Format::F32 => return Input::F32(x),
            Format::Bf16 => bf16::layout(cpu),
            Format::Int8 => int8::layout(cpu),
        };
        let rows = x.len() / k;
        (self.layout, self.steps) = (layout, layout.steps(k + splits.extras()));
        self.values.resize(rows.next_multiple_of(layout.fill) * self.steps, [0; 4]);
        self.scales.resize(rows, 1.0);
        self.zeros.resize(rows, 0);
        match format {
            Format::Int8 => cpu.run(int8::Quantise { x, k, splits, steps: self }),
            _ => cpu.run(bf16::Round { x, k, steps: self }),
        }
        Input::Steps(self)
    }
}

/// Where a product goes: rows `[M, N]`, row `m` from `m * stride` on.
pub(crate) struct Target<'a> {
    pub(crate) y: &'a mut [f32],
    pub(crate) stride: usize,
    pub(crate) store: Store<'a>,
}

/// What is stored with a product.
#[derive(Clone, Copy)]
pub(crate) enum Store<'a> {
    /// The product and a bias `[N]`.
    Biased(&'a [f32]),
    /// What was there, the product, and a bias `[N]`.
    AddBiased(&'a [f32]),
    /// What was there and the product.
    Add,
}

impl Target<'_> {
    /// Panics unless there is room for `m` rows of `n` values; the kernels rely on nothing else.
    pub(crate) fn check(&self, m: usize, n: usize) {
        if let Store::Biased(bias) | Store::AddBiased(bias) = self.store {
            assert_eq!(bias.len(), n);
        }
        assert!(self.stride >= n && (m == 0 || self.y.len() >= (m - 1) * self.stride + n));
    }

    pub(crate) fn reborrow(&mut self) -> Target<'_> {
        Target { y: self.y, stride: self.stride, store: self.store }
    }

    /// Stores the first `width` of `values` as columns `first..` of a row.
    #[inline(always)]
    pub(crate) fn put<const COLUMNS: usize>(
        &mut self,
        row: usize,
        first: usize,
        width: usize,
        values: &[f32; COLUMNS],
    ) {
        let y = &mut self.y[row * self.stride + first..][..width];
        match self.store {
            Store::Biased(bias) => put(y, values, |_, v, b| v + b, Some(&bias[first..])),
            Store::AddBiased(bias) => put(y, values, |y, v, b| y + (v + b), Some(&bias[first..])),
            Store::Add => put(y, values, |y, v, _| y + v, None),
        }
    }

    /// As [`Self::put`], of values that are still in registers.
    #[inline(always)]
    pub(crate) fn put_lanes<S: Simd>(
        &mut self,
        row: usize,
        first: usize,
        width: usize,
        lanes: S::Lanes,
    ) {
        let bias = match self.store {
            Store::Biased(bias) | Store::AddBiased(bias) => bias.get(first..first + LANES),
            Store::Add => Some(&NONE[..LANES]),
        };
        let y = self.y.get_mut(row * self.stride + first..).and_then(|y| y.first_chunk_mut());
        match (width, bias.and_then(|bias| bias.first_chunk()), y) {
            // Adding as `1 * b + c` rounds once, like a sum.
            (LANES, Some(bias), Some(y)) => match self.store {
                Store::Biased(_) => S::store(S::madd(1.0, bias, lanes), y),
                Store::AddBiased(_) => S::store(S::madd(1.0, y, S::madd(1.0, bias, lanes)), y),
                Store::Add => S::store(S::madd(1.0, y, lanes), y),
            },
            _ => {
                let mut values = [0.0; LANES];
                S::store(lanes, &mut values);
                self.put(row, first, width, &values);
            }
        }
    }
}

/// No bias.
const NONE: [f32; 64] = [0.0; 64];

#[inline(always)]
fn put<const COLUMNS: usize>(
    y: &mut [f32],
    values: &[f32; COLUMNS],
    combine: impl Fn(f32, f32, f32) -> f32,
    bias: Option<&[f32]>,
) {
    let bias = bias.unwrap_or(&NONE);
    // Whole panels in code of their own: their length is known when it is compiled.
    match (y.first_chunk_mut::<COLUMNS>(), bias.first_chunk::<COLUMNS>()) {
        (Some(y), Some(bias)) => {
            for i in 0..COLUMNS {
                y[i] = combine(y[i], values[i], bias[i]);
            }
        }
        _ => {
            for ((y, &v), &b) in y.iter_mut().zip(values).zip(bias) {
                *y = combine(*y, v, b);
            }
        }
    }
}

/// Cuts `0..m` into tiles of nearly equal size, at most `most`.
pub(crate) fn tiles(m: usize, most: usize) -> impl Iterator<Item = Range<usize>> + Clone {
    let rows = m.div_ceil(m.div_ceil(most).max(1)).max(1);
    (0..m).step_by(rows).map(move |first| first..m.min(first + rows))
}

impl Dense {
    /// Packs N rows of K weights: `row(n, out)` writes the weights of output `n`, `row8` its integers
    /// and returns their scale.
    pub(crate) fn pack(
        cpu: Cpu,
        format: Format,
        (n, k): (usize, usize),
        row: impl FnMut(usize, &mut [f32]),
        row8: impl FnMut(usize, &mut [i8]) -> f32,
    ) -> Self {
        match format {
            Format::F32 => Self::F32(cpu, gemm::Panels::pack(n, k, row)),
            Format::Bf16 => Self::Bf16(bf16::Panels::pack(cpu, n, k, row)),
            Format::Int8 => Self::Int8(int8::Panels::pack(cpu, n, k, row8)),
        }
    }

    /// The product of `x` and the weights, into `target`.
    ///
    /// A row's bits do not depend on the rows beside it.
    pub(crate) fn multiply(&self, x: Input<'_>, target: Target<'_>) {
        match (self, x) {
            (Self::F32(cpu, panels), Input::F32(x)) => panels.multiply(*cpu, x, target),
            (Self::Bf16(panels), Input::Steps(x)) => panels.multiply(x, target),
            (Self::Int8(panels), Input::Steps(x)) => panels.multiply(x, target),
            _ => unreachable!("an input is prepared for the format that its weights are packed in"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernels::int8::quantise_weights;
    use crate::kernels::reference::{self, Tol, assert_close, random};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        /// Nothing beside the target is touched, and no row depends on the rows beside it.
        #[test]
        fn every_tier_and_format_agrees_with_the_plain_loop_at_any_shape(
            (m, n, k) in (1..40_usize, 1..200_usize, 1..300_usize),
            gap in 0..9_usize,
            seed in any::<u64>(),
        ) {
            let (x, w, bias) = (random(m * k, seed), random(n * k, seed ^ 1), random(n, seed ^ 2));
            let (before, stride) = (random(m * n, seed ^ 3), n + gap);
            let product = reference::linear(&x, &w, &bias, m, n, k);
            let expected: Vec<f32> = product.iter().zip(&before).map(|(p, b)| p + b).collect();
            for cpu in Cpu::proven() {
                for format in [Format::F32, Format::Bf16, Format::Int8] {
                    let weights = Dense::pack(
                        cpu,
                        format,
                        (n, k),
                        |row, out| out.copy_from_slice(&w[row * k..][..k]),
                        |row, out| quantise_weights(&w[row * k..][..k], out),
                    );
                    let run = |rows: Range<usize>| {
                        let mut y = vec![f32::NAN; rows.len() * stride];
                        for (y, before) in y.chunks_mut(stride).zip(before[rows.start * n..].chunks(n)) {
                            y[..n].copy_from_slice(before);
                        }
                        let mut steps = Steps::default();
                        let input = steps.prepare(cpu, format, &x[rows.start * k..rows.end * k], k, &Splits::default());
                        let store = Store::AddBiased(&bias);
                        weights.multiply(input, Target { y: &mut y, stride, store });
                        prop_assert!(y.chunks(stride).all(|y| y[n..].iter().all(|v| v.is_nan())));
                        Ok(y.chunks(stride).flat_map(|y| y[..n].to_vec()).collect::<Vec<_>>())
                    };
                    let found = run(0..m)?;
                    // Half a step of every factor, all at their worst: 8 bits of mantissa, or of the range.
                    let tol = match format {
                        Format::F32 => Tol::sum_of(k),
                        Format::Bf16 => Tol::abs(k as f32 * (1.0 / 256.0 + 1e-5)),
                        Format::Int8 => Tol::abs(k as f32 * (1.0 / 253.0 + 0.5 / 127.0 + 1e-4)),
                    };
                    assert_close(&found, &expected, tol);
                    prop_assert_eq!(run(m / 2..m / 2 + 1)?, &found[m / 2 * n..][..n]);
                }
            }
        }
    }
}
