//! Activation functions of feed-forward layers.

use super::cpu::{Cpu, Kernel, madd};

/// An activation function, by the names that `hidden_act` has in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `x * Phi(x)` with the exact normal distribution function.
    Gelu,
    /// The tanh approximation of GELU.
    GeluTanh,
    Relu,
}

impl Activation {
    /// Applies the function to every value.
    pub(crate) fn apply(self, cpu: Cpu, x: &mut [f32]) {
        match self {
            Self::Gelu => cpu.run(Gelu(x)),
            Self::GeluTanh => x.iter_mut().for_each(|v| *v = gelu_tanh(*v)),
            Self::Relu => x.iter_mut().for_each(|v| *v = v.max(0.0)),
        }
    }
}

struct Gelu<'a>(&'a mut [f32]);

impl Kernel for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for v in self.0 {
            *v = gelu::<FMA>(*v);
        }
    }
}

fn gelu_tanh(x: f32) -> f32 {
    let inner = (2.0 / std::f32::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
    0.5 * x * (1.0 + inner.tanh())
}

#[inline(always)]
fn gelu<const FMA: bool>(x: f32) -> f32 {
    0.5 * x * (1.0 + erf::<FMA>(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function as `x * P(x^2) / Q(x^2)`, within 5e-7.
///
/// Rational minimax approximation on `[-4, 4]`, beyond which erf is 1 in f32; the coefficients are
/// those that Eigen and XLA use (`generic_fast_erf_float`).
#[inline(always)]
fn erf<const FMA: bool>(x: f32) -> f32 {
    const P: [f32; 7] = [
        -2.726_142e-10,
        2.770_681_4e-8,
        -2.101_024e-6,
        -5.692_506_4e-5,
        -7.349_906e-4,
        -2.954_6e-3,
        -1.609_603_3e-2,
    ];
    const Q: [f32; 5] =
        [-1.456_607_2e-5, -2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_473_9e-2];
    let x = if x > 4.0 { 4.0 } else { x };
    let x = if x < -4.0 { -4.0 } else { x };
    let square = x * x;
    let mut p = P[0];
    for c in &P[1..] {
        p = madd::<FMA>(p, square, *c);
    }
    let mut q = Q[0];
    for c in &Q[1..] {
        q = madd::<FMA>(q, square, *c);
    }
    x * p / q
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::{self, Tol, assert_close};

    #[test]
    fn every_tier_agrees_with_the_exact_function() {
        let x: Vec<f32> = (-8000..8000).map(|i| i as f32 / 1000.0).collect();
        let exact: Vec<f32> = x.iter().map(|&v| reference::gelu(v)).collect();
        for cpu in Cpu::available() {
            let mut y = x.clone();
            Activation::Gelu.apply(cpu, &mut y);
            // 5e-7 of the approximation times |x| / 2 at the end of its range, 4 * sqrt(2).
            assert_close(&y, &exact, Tol { abs: 1.5e-6, rel: 2.0 * f32::EPSILON });
        }
    }

    #[test]
    fn tanh_form_is_near_the_exact_one() {
        let mut y = [-3.0, -0.5, 0.0, 0.5, 3.0];
        let exact = y.map(reference::gelu);
        Activation::GeluTanh.apply(Cpu::Portable, &mut y);
        // The approximation itself is off by at most 5e-4 (Hendrycks and Gimpel 2016).
        assert_close(&y, &exact, Tol::abs(5e-4));
    }
}
