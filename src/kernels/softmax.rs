//! Exponentials of attention weights.

use super::cpu::{LANES, Simd, fold, madd, max_by};

/// Replaces a row by `e^((x - max) * scale)` and returns their sum. Negative infinity becomes less than
/// 1e-37.
#[inline(always)]
pub(crate) fn exponentials<S: Simd>(row: &mut [[f32; LANES]], scale: f32) -> f32 {
    let shift = -scale * max_by(row.as_flattened(), f32::NEG_INFINITY, |v| v);
    let mut sums = [0.0; LANES];
    for block in row {
        for (v, sum) in block.iter_mut().zip(&mut sums) {
            *v = exp::<S>(madd::<S>(*v, scale, shift));
            *sum += *v;
        }
    }
    fold(sums, |a, b| a + b)
}

/// `e^x` for `x` up to little above 0, below -87 treated as -87, within 2 units in the last place of f32.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`, Taylor polynomial of degree 7 in `r` (remainder
/// `r^8 / 8! < 6e-9`), times `2^n` put together from its bits.
#[inline(always)]
pub(crate) fn exp<S: Simd>(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts: the first has few bits, so that `n * LN2_HIGH` is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let rounded = madd::<S>(x, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = madd::<S>(n, -LN2_LOW, madd::<S>(n, -LN2_HIGH, x));
    let mut p = 1.0 / 5040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = madd::<S>(p, r, c);
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    p * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cpu::{Cpu, Kernel};
    use crate::kernels::reference::{self, Tol, assert_close, random};

    struct Softmax<'a>(&'a mut [[f32; LANES]]);
    impl Kernel for Softmax<'_> {
        type Output = ();
        #[inline(always)]
        fn run<S: Simd>(self) {
            let sum = exponentials::<S>(self.0, 0.5);
            self.0.as_flattened_mut().iter_mut().for_each(|v| *v /= sum);
        }
    }

    struct Exp(f32);
    impl Kernel for Exp {
        type Output = f32;
        #[inline(always)]
        fn run<S: Simd>(self) -> f32 {
            exp::<S>(self.0)
        }
    }

    #[test]
    fn every_tier_agrees_with_the_plain_loop_at_the_edges() {
        for cpu in Cpu::proven() {
            for n in [1, 15, 16, 17, 31, 33, 512] {
                let x: Vec<f32> = random(n, 7).iter().map(|v| v * 40.0).collect();
                let doubled = x.iter().map(|v| v * 2.0);
                let mut row = vec![[f32::NEG_INFINITY; LANES]; n.div_ceil(LANES)];
                row.iter_mut().flatten().zip(doubled).for_each(|(v, x)| *v = x);
                cpu.run(Softmax(&mut row));
                // The exponents reach 80 in size: their rounding alone moves a result by 80 epsilon.
                let tol = Tol { abs: 1e-7, rel: 80.0 * f32::EPSILON };
                assert_close(&row.as_flattened()[..n], &reference::softmax(&x), tol);
                assert!(row.as_flattened()[n..].iter().all(|v| *v < 1e-37));
            }
        }
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for i in 0..100_000 {
            let x = -87.0 * i as f32 / 100_000.0;
            let (exact, found) = (f64::from(x).exp(), Cpu::best().run(Exp(x)));
            let error = (f64::from(found) - exact).abs() / exact;
            assert!(error < 2.0 * f64::from(f32::EPSILON), "exp({x}) is off by {error:e}");
        }
    }
}
