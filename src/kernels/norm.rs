//! Layer normalisation.

use super::cpu::{Cpu, Kernel, Simd, madd, sum_by};

/// Scale and shift of a layer normalisation, `[H]` each.
#[derive(Debug, Clone)]
pub(crate) struct Norm {
    pub(crate) weight: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    /// Added to the variance.
    pub(crate) eps: f32,
}

impl Norm {
    /// Normalises every row of `x` `[T, H]` in place.
    pub(crate) fn normalise(&self, cpu: Cpu, x: &mut [f32]) {
        cpu.run(Normalise { norm: self, x });
    }
}

struct Normalise<'a> {
    norm: &'a Norm,
    x: &'a mut [f32],
}

impl Kernel for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        let h = self.norm.weight.len();
        for row in self.x.chunks_exact_mut(h) {
            let mean = sum_by(row, |v| v) / h as f32;
            let variance = sum_by(row, |v| (v - mean) * (v - mean)) / h as f32;
            let scale = 1.0 / (variance + self.norm.eps).sqrt();
            for ((v, w), b) in row.iter_mut().zip(&self.norm.weight).zip(&self.norm.bias) {
                *v = madd::<S>((*v - mean) * scale, *w, *b);
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
        for cpu in Cpu::proven() {
            for h in [2, 15, 16, 17, 32, 384] {
                let norm = Norm { weight: random(h, 1), bias: random(h, 2), eps: 1e-12 };
                let mut x = random(3 * h, 3);
                let expected: Vec<f32> = x
                    .chunks(h)
                    .flat_map(|row| reference::layer_norm(row, &norm.weight, &norm.bias, 1e-12))
                    .collect();
                norm.normalise(cpu, &mut x);
                assert_close(&x, &expected, Tol::sum_of(h));
            }
        }
    }
}
