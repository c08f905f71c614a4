//! Self-attention of one message.

use super::cpu::{Cpu, Kernel};
use super::gemm::{Panels, Rows};
use super::softmax::softmax_rows;

/// Shape of an attention layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Width H of the hidden state.
    pub(crate) hidden: usize,
    /// Number of heads A; each has H / A columns.
    pub(crate) heads: usize,
}

/// Buffers that one thread reuses from message to message.
#[derive(Default)]
pub(crate) struct Scratch {
    keys: Panels,
    values: Panels,
    /// Weights of one head, `[n, n]`.
    weights: Vec<f32>,
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
    fn run<const FMA: bool>(self) {
        let Self { shape: Shape { hidden, heads }, qkv, n, out, scratch } = self;
        let (width, stride) = (hidden / heads, 3 * hidden);
        // Scaling the keys costs n * width products, scaling the weights n * n.
        let scale = 1.0 / (width as f32).sqrt();
        scratch.weights.resize(n * n, 0.0);
        for head in 0..heads {
            let (q, k, v) = (head * width, hidden + head * width, 2 * hidden + head * width);
            scratch.keys.pack(width, n, |i, token| qkv[token * stride + k + i] * scale);
            let queries = Rows { values: &qkv[q..], stride };
            scratch.keys.multiply_inline::<FMA>(queries, n, None, &mut scratch.weights, n);
            softmax_rows::<FMA>(&mut scratch.weights, n);
            scratch.values.pack(n, width, |token, i| qkv[token * stride + v + i]);
            let weights = Rows { values: &scratch.weights, stride: n };
            scratch.values.multiply_inline::<FMA>(weights, n, None, &mut out[q..], hidden);
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
        for cpu in Cpu::available() {
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
