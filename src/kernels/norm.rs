//! Layer normalisation.

use super::cpu::{Cpu, Kernel, madd, sum_by};

/// Scale and shift of a layer normalisation, `[H]` each.
#[derive(Debug, Clone)]
pub(crate) struct Norm {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// Added to the variance.
    pub(crate) eps: f32,
}

impl Norm {
    /// Adds `residual` to `x`, both `[T, H]`, and normalises every row of the sum in place.
    pub(crate) fn add_and_normalise(&self, cpu: Cpu, x: &mut [f32], residual: &[f32]) {
        assert_eq!(x.len(), residual.len());
        cpu.run(AddNorm { norm: self, x, residual: Some(residual) });
    }

    /// Normalises every row of `x` `[T, H]` in place.
    pub(crate) fn normalise(&self, cpu: Cpu, x: &mut [f32]) {
        cpu.run(AddNorm { norm: self, x, residual: None });
    }
}

struct AddNorm<'a> {
    norm: &'a Norm,
    x: &'a mut [f32],
    residual: Option<&'a [f32]>,
}

impl Kernel for AddNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let h = self.norm.weight.len();
        for (t, row) in self.x.chunks_exact_mut(h).enumerate() {
            if let Some(residual) = self.residual {
                for (v, r) in row.iter_mut().zip(&residual[t * h..(t + 1) * h]) {
                    *v += r;
                }
            }
            let mean = sum_by(row, |v| v) / h as f32;
            let variance = sum_by(row, |v| (v - mean) * (v - mean)) / h as f32;
            let scale = 1.0 / (variance + self.norm.eps).sqrt();
            for ((v, w), b) in row.iter_mut().zip(&self.norm.weight).zip(&self.norm.bias) {
                *v = madd::<FMA>((*v - mean) * scale, *w, *b);
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
        for cpu in Cpu::available() {
            for h in [2, 15, 16, 17, 32, 384] {
                let norm = Norm { weight: random(h, 1), bias: random(h, 2), eps: 1e-12 };
                let (mut x, residual) = (random(3 * h, 3), random(3 * h, 4));
                let sum: Vec<f32> = x.iter().zip(&residual).map(|(a, b)| a + b).collect();
                let expected: Vec<f32> = sum
                    .chunks(h)
                    .flat_map(|row| reference::layer_norm(row, &norm.weight, &norm.bias, 1e-12))
                    .collect();
                norm.add_and_normalise(cpu, &mut x, &residual);
                assert_close(&x, &expected, Tol::sum_of(h));
            }
        }
    }
}
