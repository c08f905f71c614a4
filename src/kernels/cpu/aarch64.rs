//! AArch64: NEON, which every CPU of it has, and its instructions for products in 8 bits.

use std::arch::aarch64::*;
use std::arch::is_aarch64_feature_detected;

use super::{LANES, Simd};

/// Proof that 8-bit dot products are usable. Made only by [`NeonDot::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NeonDot(());

/// Proof that products of 8-bit matrices are usable. Made only by [`NeonI8mm::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NeonI8mm(());

pub(super) struct Neon;

// SAFETY of the functions: NEON is in the base set; loads and stores are of whole arrays.
impl Simd for Neon {
    const FMA: bool = true;
    // 6 x 4 sums, 4 columns and 1 value fill 29 of 32 registers.
    const ROWS: usize = 6;
    const PANELS: usize = 1;
    type Lanes = [float32x4_t; 4];

    #[inline(always)]
    fn zero() -> Self::Lanes {
        // SAFETY: as above.
        unsafe { [vdupq_n_f32(0.0); 4] }
    }

    #[inline(always)]
    fn madd(a: f32, b: &[f32; LANES], mut c: Self::Lanes) -> Self::Lanes {
        for (c, b) in c.iter_mut().zip(b.as_chunks::<4>().0) {
            // SAFETY: as above.
            *c = unsafe { vfmaq_n_f32(*c, vld1q_f32(b.as_ptr()), a) };
        }
        c
    }

    #[inline(always)]
    fn store(lanes: Self::Lanes, values: &mut [f32; LANES]) {
        for (lanes, values) in lanes.iter().zip(values.as_chunks_mut::<4>().0) {
            // SAFETY: as above.
            unsafe { vst1q_f32(values.as_mut_ptr(), *lanes) };
        }
    }
}

impl NeonDot {
    pub(super) fn detect() -> Option<Self> {
        is_aarch64_feature_detected!("dotprod").then_some(Self(()))
    }
}

impl NeonI8mm {
    pub(super) fn detect() -> Option<Self> {
        is_aarch64_feature_detected!("i8mm").then_some(Self(()))
    }
}
