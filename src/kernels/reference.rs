//! Plain loops in f64 that the kernels are compared with, and the comparison itself.

/// How far two values may lie apart: `abs + rel * |expected|`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tol {
    pub(crate) abs: f32,
    pub(crate) rel: f32,
}

impl Tol {
    pub(crate) fn abs(abs: f32) -> Self {
        Self { abs, rel: 0.0 }
    }

    /// Rounding of a sum of `n` products of values up to about 1 in size: half an epsilon each,
    /// adding up like a random walk would give `sqrt(n)`; the bound is `n`.
    pub(crate) fn sum_of(n: usize) -> Self {
        Self { abs: n as f32 * f32::EPSILON, rel: 4.0 * f32::EPSILON }
    }
}

#[track_caller]
pub(crate) fn assert_close(found: &[f32], expected: &[f32], tol: Tol) {
    assert_eq!(found.len(), expected.len(), "lengths differ");
    for (i, (&f, &e)) in found.iter().zip(expected).enumerate() {
        let bound = tol.abs + tol.rel * e.abs();
        assert!((f - e).abs() <= bound, "value {i} is {f}, expected {e} within {bound}");
    }
}

/// `n` values in `[-1, 1)` from a linear congruential generator.
pub(crate) fn random(n: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        // Multiplier and increment of MMIX (Knuth).
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

pub(crate) fn linear(x: &[f32], w: &[f32], b: &[f32], m: usize, n: usize, k: usize) -> Vec<f32> {
    let dot = |row: usize, column: usize| -> f64 {
        (0..k).map(|i| f64::from(x[row * k + i]) * f64::from(w[column * k + i])).sum()
    };
    (0..m * n).map(|i| (dot(i / n, i % n) + f64::from(b[i % n])) as f32).collect()
}

pub(crate) fn softmax(row: &[f32]) -> Vec<f32> {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = row.iter().map(|v| f64::from(v - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|p| (p / sum) as f32).collect()
}

pub(crate) fn gelu(x: f32) -> f32 {
    let x = f64::from(x);
    (0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))) as f32
}

pub(crate) fn layer_norm(row: &[f32], weight: &[f32], bias: &[f32], eps: f64) -> Vec<f32> {
    let n = row.len() as f64;
    let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = row.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let scale = 1.0 / (variance + eps).sqrt();
    let normal = row.iter().map(|&v| (f64::from(v) - mean) * scale);
    normal
        .zip(weight.iter().zip(bias))
        .map(|(v, (&w, &b))| (v * f64::from(w) + f64::from(b)) as f32)
        .collect()
}

/// Attention of one message, `qkv` `[n, 3 h]`, as the formula reads.
pub(crate) fn attention(qkv: &[f32], n: usize, h: usize, heads: usize) -> Vec<f32> {
    let width = h / heads;
    let mut out = vec![0.0; n * h];
    for head in 0..heads {
        let at = |token: usize, part: usize, i: usize| {
            f64::from(qkv[token * 3 * h + part * h + head * width + i])
        };
        for query in 0..n {
            let row: Vec<f32> = (0..n)
                .map(|key| {
                    let dot: f64 = (0..width).map(|i| at(query, 0, i) * at(key, 1, i)).sum();
                    (dot / (width as f64).sqrt()) as f32
                })
                .collect();
            for (key, p) in softmax(&row).iter().enumerate() {
                for i in 0..width {
                    out[query * h + head * width + i] += (f64::from(*p) * at(key, 2, i)) as f32;
                }
            }
        }
    }
    out
}

mod tests {
    use super::*;

    #[test]
    fn close_values_pass() {
        assert_close(&[-1.0, 0.0], &[-1.0 + 1e-7, 1e-7], Tol::abs(2e-7));
    }

    #[test]
    #[should_panic(expected = "expected 0")]
    fn zero_is_not_close_to_more_than_the_tolerance() {
        assert_close(&[1e-3], &[0.0], Tol { abs: 1e-6, rel: 1.0 });
    }

    #[test]
    #[should_panic(expected = "value 0")]
    fn two_negative_values_apart_are_not_close() {
        assert_close(&[-2.0], &[-1.0], Tol::abs(0.5));
    }

    #[test]
    #[should_panic(expected = "value 0")]
    fn nan_is_close_to_nothing() {
        assert_close(&[f32::NAN], &[f32::NAN], Tol::abs(1.0));
    }

    #[test]
    #[should_panic(expected = "lengths differ")]
    fn unequal_lengths_are_not_close() {
        assert_close(&[], &[0.0], Tol::abs(1.0));
    }
}
