//! Self-attention of one message.
//!
//! A few queries at a time meet all keys, so no matrix of `[n, n]` is ever there: the weights of 8
//! queries of 512 tokens take 16 kB.

use std::ops::Range;

use super::cpu::{Cpu, Kernel, MOST_ROWS, Simd};
use super::dense::tiles;
use super::gemm::{COLS, multiply_rows};
use super::softmax::exponentials;

/// Shape of an attention layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Width H of the hidden state.
    pub(crate) hidden: usize,
    /// Number of heads A; each has H / A columns.
    pub(crate) heads: usize,
}

/// Buffers that one thread reuses from message to message, of one head.
#[derive(Default)]
pub(crate) struct Scratch {
    /// Keys in panels of 16 tokens, each `[H / A, 16]`.
    keys: Vec<[f32; COLS]>,
    /// Values in panels of 16 columns, each `[n, 16]`.
    values: Vec<[f32; COLS]>,
    /// Weights of some queries, each `[n]` filled up to whole panels.
    weights: Vec<[f32; COLS]>,
}

/// Writes `softmax(Q K^T / sqrt(H / A)) V` of the tokens `asking` of one message of `n` to `out`, a row of H each.
///
/// `qkv` is `[n, 3 H]`: queries, keys and values of a token side by side.
pub(crate) fn attend(
    cpu: Cpu,
    shape: Shape,
    qkv: &[f32],
    asking: Range<usize>,
    out: &mut [f32],
    scratch: &mut Scratch,
) {
    let n = qkv.len() / (3 * shape.hidden);
    assert_eq!((out.len(), qkv.len()), (asking.len() * shape.hidden, 3 * n * shape.hidden));
    assert!(asking.end <= n);
    cpu.run(Attend { shape, qkv, n, asking, out, scratch });
}

struct Attend<'a> {
    shape: Shape,
    qkv: &'a [f32],
    n: usize,
    asking: Range<usize>,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { shape: Shape { hidden, heads }, qkv, n, asking, out, scratch } = self;
        let Scratch { keys, values, weights } = scratch;
        let (width, stride) = (hidden / heads, 3 * hidden);
        let key_panels = n.div_ceil(COLS);
        keys.resize(key_panels * width, [0.0; COLS]);
        values.resize(width.div_ceil(COLS) * n, [0.0; COLS]);
        weights.resize(key_panels * S::ROWS, [0.0; COLS]);
        let scale = 1.0 / (width as f32).sqrt();
        for head in 0..heads {
            let first = head * width;
            pack_keys::<S>(&qkv[hidden + first..], stride, n, width, keys);
            pack_values(&qkv[2 * hidden + first..], stride, n, width, values);
            for rows in tiles(asking.len(), S::ROWS) {
                let queries = &qkv[(asking.start + rows.start) * stride + first..];
                for (at, panels) in keys.chunks(S::PANELS * width).enumerate() {
                    multiply_rows::<S>(rows.len(), queries, stride, panels, width, |r, p, sums| {
                        S::store(sums, &mut weights[r * key_panels + at * S::PANELS + p]);
                    });
                }
                let mut shares = [0.0; MOST_ROWS];
                let of_rows = weights.chunks_exact_mut(key_panels).take(rows.len());
                for (weights, share) in of_rows.zip(&mut shares) {
                    // Keys that fill the last panel up are no tokens.
                    weights.as_flattened_mut()[n..].fill(f32::NEG_INFINITY);
                    *share = 1.0 / exponentials::<S>(weights, scale);
                }
                let (weights, weight_stride) = (weights.as_flattened(), key_panels * COLS);
                for (at, panels) in values.chunks(S::PANELS * n).enumerate() {
                    multiply_rows::<S>(
                        rows.len(),
                        weights,
                        weight_stride,
                        panels,
                        n,
                        |r, p, sums| {
                            let columns = (at * S::PANELS + p) * COLS..;
                            let out =
                                &mut out[(rows.start + r) * hidden + first..][..width][columns];
                            match out.first_chunk_mut() {
                                Some(whole) => S::store(sums, whole),
                                None => {
                                    let mut values = [0.0; COLS];
                                    S::store(sums, &mut values);
                                    out.copy_from_slice(&values[..out.len()]);
                                }
                            }
                        },
                    );
                }
                for (row, share) in rows.zip(shares) {
                    let out = &mut out[row * hidden + first..][..width];
                    out.iter_mut().for_each(|v| *v *= share);
                }
            }
        }
    }
}

/// Transposes the keys into panels.
#[inline(always)]
fn pack_keys<S: Simd>(
    keys: &[f32],
    stride: usize,
    n: usize,
    width: usize,
    panels: &mut [[f32; COLS]],
) {
    let mut block = [[0.0; COLS]; COLS];
    for (panel, first) in panels.chunks_exact_mut(width).zip((0..n).step_by(COLS)) {
        for (rows, column) in panel.chunks_mut(COLS).zip((0..width).step_by(COLS)) {
            for (token, line) in (first..n.min(first + COLS)).zip(&mut block) {
                let key = &keys[token * stride + column..][..rows.len()];
                match key.first_chunk() {
                    Some(whole) => *line = *whole,
                    None => line[..key.len()].copy_from_slice(key),
                }
            }
            rows.copy_from_slice(&S::transpose(&block)[..rows.len()]);
        }
    }
}

#[inline(always)]
fn pack_values(values: &[f32], stride: usize, n: usize, width: usize, panels: &mut [[f32; COLS]]) {
    for (panel, first) in panels.chunks_exact_mut(n).zip((0..width).step_by(COLS)) {
        let columns = first..width.min(first + COLS);
        for (token, row) in panel.iter_mut().enumerate() {
            let values = &values[token * stride..][columns.clone()];
            match values.first_chunk() {
                Some(whole) => *row = *whole,
                None => row[..values.len()].copy_from_slice(values),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::{self, Tol, assert_close, random};

    #[test]
    fn every_tier_agrees_with_the_plain_loop_at_the_edges() {
        let shape = Shape { hidden: 24, heads: 3 };
        for cpu in Cpu::proven() {
            let mut scratch = Scratch::default();
            for n in [1, 2, 15, 16, 17, 33, 130] {
                let qkv = random(n * 72, n as u64);
                let mut out = vec![f32::NAN; n * 24];
                attend(cpu, shape, &qkv, 0..n, &mut out, &mut scratch);
                assert_close(&out, &reference::attention(&qkv, n, 24, 3), Tol::sum_of(n.max(8)));

                let some = n / 3..n - n / 4;
                let mut part = vec![f32::NAN; some.len() * 24];
                attend(cpu, shape, &qkv, some.clone(), &mut part, &mut scratch);
                assert_eq!(part, &out[some.start * 24..some.end * 24]);
            }
        }
    }
}
