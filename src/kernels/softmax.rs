//! Softmax over the rows of a matrix.

use super::cpu::{LANES, madd, sum_by};

/// Replaces each row of `n` values by its softmax.
#[inline(always)]
pub(crate) fn softmax_rows<const FMA: bool>(x: &mut [f32], n: usize) {
    for row in x.chunks_exact_mut(n) {
        let largest = max(row);
        for v in row.iter_mut() {
            *v = exp::<FMA>(*v - largest);
        }
        let scale = 1.0 / sum_by(row, |v| v);
        for v in row.iter_mut() {
            *v *= scale;
        }
    }
}

#[inline(always)]
fn max(x: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &v) in lanes.iter_mut().zip(block) {
            *lane = if v > *lane { v } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| a.max(b))
}

/// `e^x` for `x <= 0`, below -87 treated as -87, within 2 units in the last place of f32.
///
/// `x = n ln 2 + r` with `|r| <= ln 2 / 2`, Taylor polynomial of degree 7 in `r` (remainder
/// `r^8 / 8! < 6e-9`), times `2^n` put together from its bits.
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits of the mantissa.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts: the first has few bits, so that `n * LN2_HIGH` is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let rounded = madd::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = rounded - ROUND;
    let r = madd::<FMA>(n, -LN2_LOW, madd::<FMA>(n, -LN2_HIGH, x));
    let mut p = 1.0 / 5040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = madd::<FMA>(p, r, c);
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    p * f32::from_bits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cpu::{Cpu, Kernel};
    use crate::kernels::reference::{self, Tol, assert_close, random};

    struct Softmax<'a>(&'a mut [f32], usize);
    impl Kernel for Softmax<'_> {
        type Output = ();
        #[inline(always)]
        fn run<const FMA: bool>(self) {
            softmax_rows::<FMA>(self.0, self.1);
        }
    }

    #[test]
    fn every_tier_agrees_with_the_plain_loop_at_the_edges() {
        for cpu in Cpu::available() {
            for n in [1, 15, 16, 17, 31, 33, 512] {
                let mut x: Vec<f32> = random(3 * n, 7).iter().map(|v| v * 40.0).collect();
                let expected: Vec<f32> = x.chunks(n).flat_map(reference::softmax).collect();
                cpu.run(Softmax(&mut x, n));
                // The exponents reach 80 in size: their rounding alone moves a result by 80 epsilon.
                assert_close(&x, &expected, Tol { abs: 1e-7, rel: 80.0 * f32::EPSILON });
            }
        }
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for i in 0..100_000 {
            let x = -87.0 * i as f32 / 100_000.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp::<true>(x)) - exact).abs() / exact;
            assert!(error < 2.0 * f64::from(f32::EPSILON), "exp({x}) is off by {error:e}");
        }
    }
}
