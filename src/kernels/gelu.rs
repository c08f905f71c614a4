//! Activation functions of feed-forward layers.

use super::cpu::{Cpu, Kernel, Simd, madd};

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
    /// Applies the function to every value, GELU within 2e-6.
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
    fn run<S: Simd>(self) {
        for v in self.0 {
            *v = gelu::<S>(*v);
        }
    }
}

/// The same for what is rounded to 8 bits afterwards: GELU within 3e-5, beyond 3.8 within 1e-4 of `|x|`.
pub(crate) fn apply_coarse(activation: Activation, cpu: Cpu, x: &mut [f32]) {
    match activation {
        Activation::Gelu => cpu.run(CoarseGelu(x)),
        other => other.apply(cpu, x),
    }
}

struct CoarseGelu<'a>(&'a mut [f32]);

impl Kernel for CoarseGelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self) {
        for v in self.0 {
            *v = coarse_gelu::<S>(*v);
        }
    }
}

/// `x * (1/2 + x * P(x^2))` with x clamped to `[-3.8, 3.8]` inside the bracket.
///
/// P fits `(Phi(x) - 1/2) / x` by least squares, reweighted until the largest error of the whole
/// expression on the interval no longer fell (2.1e-5).
#[inline(always)]
fn coarse_gelu<S: Simd>(x: f32) -> f32 {
    const P: [f32; 8] = [
        -1.750_012_8e-9,
        1.291_816_8e-7,
        -4.217_521e-6,
        8.132_548e-5,
        -1.047_214_4e-3,
        9.641_095e-3,
        -6.609_948e-2,
        3.987_832e-1,
    ];
    let inner = if x > 3.8 { 3.8 } else { x };
    let inner = if inner < -3.8 { -3.8 } else { inner };
    let square = inner * inner;
    let mut p = P[0];
    for c in &P[1..] {
        p = madd::<S>(p, square, *c);
    }
    x * madd::<S>(inner, p, 0.5)
}

fn gelu_tanh(x: f32) -> f32 {
    let inner = (2.0 / std::f32::consts::PI).sqrt() * (x + 0.044_715 * x * x * x);
    0.5 * x * (1.0 + inner.tanh())
}

#[inline(always)]
fn gelu<S: Simd>(x: f32) -> f32 {
    0.5 * x * (1.0 + erf::<S>(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// The error function as `x * P(x^2) / Q(x^2)`, within 5e-7.
///
/// Rational minimax approximation on `[-4, 4]`, beyond which erf is 1 in f32; the coefficients are
/// those that Eigen and XLA use (`generic_fast_erf_float`).
#[inline(always)]
fn erf<S: Simd>(x: f32) -> f32 {
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
        p = madd::<S>(p, square, *c);
    }
    let mut q = Q[0];
    for c in &Q[1..] {
        q = madd::<S>(q, square, *c);
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
        for cpu in Cpu::proven() {
            let mut y = x.clone();
            Activation::Gelu.apply(cpu, &mut y);
            // 5e-7 of the approximation times |x| / 2 at the end of its range, 4 * sqrt(2).
            assert_close(&y, &exact, Tol { abs: 1.5e-6, rel: 2.0 * f32::EPSILON });
        }
    }

    #[test]
    fn every_tier_of_the_coarse_form_keeps_its_bound() {
        let x: Vec<f32> = (-8000..8000).map(|i| i as f32 / 1000.0).collect();
        for cpu in Cpu::proven() {
            let mut y = x.clone();
            apply_coarse(Activation::Gelu, cpu, &mut y);
            for (&x, &y) in x.iter().zip(&y) {
                let bound = if x.abs() <= 3.8 { 3e-5 } else { 1e-4 * x.abs() };
                let error = (y - reference::gelu(x)).abs();
                assert!(error <= bound, "gelu({x}) is off by {error:e}");
            }
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
