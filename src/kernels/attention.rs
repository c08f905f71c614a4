//! Self-attention of one message.
//!
//! A few queries at a time meet all keys, so no matrix of `[n, n]` is ever there: the weights of 12
//! queries of 512 tokens take 24 kB.

use super::cpu::{Cpu, Kernel, Simd};
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

/// Writes `softmax(Q K^T / sqrt(H / A)) V` of one message of `n` tokens to `out`, `[n, H]`.
///
/// `qkv` is `[n, 3 H]`: queries, keys and values of a token side by side.
pub(crate) fn attend(cpu: Cpu, shape: Shape, qkv: &[f32], out: &mut [f32], scratch: &mut Scratch) {
    let n = out.len() / shape.hidden;
    assert_eq!((out.len(), qkv.len()), (n * shape.hidden, 3 * n * shape.hidden));
    cpu.run(Attend { shape, qkv, n, out, scratch });
}

struct Attend<'a> {
    shape: Shape,
    qkv: &'a [f32],
    n: usize,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl Kernel for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let Self { shape: Shape { hidden, heads }, qkv, n, out, scratch } = self;
        let Scratch { keys, values, weights } = scratch;
        let (width, stride) = (hidden / heads, 3 * hidden);
        let key_panels = n.div_ceil(COLS);
        keys.resize(key_panels * width, [0.0; COLS]);
        values.resize(width.div_ceil(COLS) * n, [0.0; COLS]);
        weights.resize(key_panels * S::ROWS, [0.0; COLS]);
        for head in 0..heads {
            let first = head * width;
            pack_keys(&qkv[hidden + first..], stride, n, width, keys);
            pack_values(&qkv[2 * hidden + first..], stride, n, width, values);
            for rows in tiles(n, S::ROWS) {
                let queries = &qkv[rows.start * stride + first..];
                for (p, panel) in keys.chunks_exact(width).enumerate() {
                    multiply_rows::<S>(rows.len(), queries, stride, panel, |r, sums| {
                        S::store(sums, &mut weights[r * key_panels + p]);
                    });
                }
                let mut scales = [0.0; 12];
                for (weights, scale) in weights.chunks_exact_mut(key_panels).zip(&mut scales) {
                    // Keys that fill the last panel up are no tokens.
                    weights.as_flattened_mut()[n..].fill(f32::NEG_INFINITY);
                    *scale = 1.0 / exponentials::<S>(weights);
                }
                let weights = weights.as_flattened();
                for (p, panel) in values.chunks_exact(n).enumerate() {
                    let columns = p * COLS..width.min((p + 1) * COLS);
                    multiply_rows::<S>(rows.len(), weights, key_panels * COLS, panel, |r, sums| {
                        let out = &mut out[(rows.start + r) * hidden + first..][columns.clone()];
                        match out.first_chunk_mut() {
                            Some(whole) => S::store(sums, whole),
                            None => {
                                let mut values = [0.0; COLS];
                                S::store(sums, &mut values);
                                out.copy_from_slice(&values[..out.len()]);
                            }
                        }
                    });
                }
                for (row, scale) in rows.zip(scales) {
                    let out = &mut out[row * hidden + first..][..width];
                    out.iter_mut().for_each(|v| *v *= scale);
                }
            }
        }
    }
}

/// Transposes the keys into panels, scaled: that costs `n * width` products, the weights `n * n`.
#[inline(always)]
fn pack_keys(keys: &[f32], stride: usize, n: usize, width: usize, panels: &mut [[f32; COLS]]) {
    let scale = 1.0 / (width as f32).sqrt();
    for (panel, first) in panels.chunks_exact_mut(width).zip((0..n).step_by(COLS)) {
        for token in first..n.min(first + COLS) {
            for (row, key) in panel.iter_mut().zip(&keys[token * stride..][..width]) {
                row[token - first] = key * scale;
            }
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
                attend(cpu, shape, &qkv, &mut out, &mut scratch);
                assert_close(&out, &reference::attention(&qkv, n, 24, 3), Tol::sum_of(n.max(8)));
            }
        }
    }
}
