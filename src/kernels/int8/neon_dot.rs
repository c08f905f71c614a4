//! 8-bit dot products of AArch64 (SDOT): 6 rows by 16 outputs, 24 of 32 registers hold sums.

use std::arch::aarch64::*;
use std::arch::asm;
use std::array::from_fn;

use super::Tile;
use crate::kernels::cpu::NeonDot;
use crate::kernels::dense::{ROWS, by_rows};

const COLUMNS: usize = 16;

impl NeonDot {
    /// The dot products of a tile.
    pub(super) fn dot(self, tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
        // SAFETY: `self` exists only if detection saw the instruction.
        unsafe { by_rows!(tile, sums) }
    }
}

#[target_feature(enable = "dotprod")]
fn dot_rows<const R: usize>(tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
    let Tile { values, panel, steps, .. } = tile;
    let panel = panel.as_chunks().0;
    assert!(values.len() == R * steps && panel.len() == steps);
    let mut lanes = [[vdupq_n_s32(0); 4]; R];
    let (fours, rest) = panel.as_chunks::<4>();
    for (i, weights) in fours.iter().enumerate() {
        let mut four = [vdupq_n_s8(0); R];
        for (r, four) in four.iter_mut().enumerate() {
            // SAFETY: 4 steps of 4 bytes; the assertion above covers every `4 * i + 3 < steps` and `r < R`.
            *four = unsafe { vld1q_s8(values.as_ptr().add(r * steps + 4 * i).cast()) };
        }
        add_step::<R, 0>(&mut lanes, &weights[0], &four);
        add_step::<R, 1>(&mut lanes, &weights[1], &four);
        add_step::<R, 2>(&mut lanes, &weights[2], &four);
        add_step::<R, 3>(&mut lanes, &weights[3], &four);
    }
    for (i, weights) in rest.iter().enumerate() {
        let step = steps - rest.len() + i;
        let one = from_fn(|r| i32::from_ne_bytes(values[r * steps + step]));
        let one = one.map(|value| vreinterpretq_s8_s32(vdupq_n_s32(value)));
        add_step::<R, 0>(&mut lanes, weights, &one);
    }
    for (lanes, sums) in lanes.iter().zip(sums) {
        for (lane, sums) in lanes.iter().zip(sums.as_chunks_mut::<4>().0) {
            // SAFETY: 4 values of 4 bytes.
            unsafe { vst1q_s32(sums.as_mut_ptr(), *lane) };
        }
    }
}

/// Adds the products of one step, whose values are in the same lane of every row.
#[inline]
#[target_feature(enable = "dotprod")]
fn add_step<const R: usize, const LANE: usize>(
    lanes: &mut [[int32x4_t; 4]; R],
    weights: &[i8; COLUMNS * 4],
    values: &[int8x16_t; R],
) {
    for (c, weights) in weights.as_chunks::<16>().0.iter().enumerate() {
        // SAFETY: 16 bytes.
        let weights = unsafe { vld1q_s8(weights.as_ptr()) };
        for (lanes, values) in lanes.iter_mut().zip(values) {
            // The intrinsic of it is not stable yet.
            // SAFETY: detection saw the instruction; it touches these registers only.
            unsafe {
                asm!(
                    "sdot {sums:v}.4s, {weights:v}.16b, {values:v}.4b[{lane}]",
                    sums = inout(vreg) lanes[c],
                    weights = in(vreg) weights,
                    values = in(vreg) *values,
                    lane = const LANE,
                    options(pure, nomem, nostack, preserves_flags),
                );
            }
        }
    }
}
