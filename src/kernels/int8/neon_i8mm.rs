//! Products of 8-bit matrices of AArch64 (USMMLA), 2 rows by 2 outputs over 8 inputs: 6 rows by 16 outputs, 24 of 32
//! registers hold sums.

use std::arch::aarch64::*;
use std::arch::asm;
use std::array::from_fn;

use super::Tile;
use crate::kernels::cpu::NeonI8mm;
use crate::kernels::dense::{ROWS, by_rows};

const COLUMNS: usize = 16;

impl NeonI8mm {
    /// The dot products of a tile.
    pub(super) fn dot(self, tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
        // SAFETY: `self` exists only if detection saw the instruction.
        unsafe { by_rows!(tile, sums) }
    }
}

#[target_feature(enable = "neon,i8mm")]
fn dot_rows<const R: usize>(tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
    let Tile { values, panel, steps, .. } = tile;
    let panel = panel.as_chunks::<{ 8 * COLUMNS }>().0;
    assert!(values.len() == R * steps && 2 * panel.len() == steps);
    let pairs = R.div_ceil(2);
    // Of two rows and two outputs each; without a second row the last one is its own.
    let mut squares = [[vdupq_n_s32(0); COLUMNS / 2]; ROWS / 2];
    for (i, weights) in panel.iter().enumerate() {
        let two_rows: [uint8x16_t; ROWS / 2] = from_fn(|pair| {
            let [first, second] = [2 * pair, 2 * pair + 1].map(|r| {
                // SAFETY: 2 steps of 4 bytes; the assertion above covers every `2 * i + 1 < steps` and row below R.
                unsafe { vld1_u8(values.as_ptr().add(r.min(R - 1) * steps + 2 * i).cast()) }
            });
            vcombine_u8(first, second)
        });
        for (c, weights) in weights.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: 16 bytes.
            let weights = unsafe { vld1q_s8(weights.as_ptr()) };
            for (squares, two_rows) in squares[..pairs].iter_mut().zip(two_rows) {
                // The intrinsic of it is not stable yet.
                // SAFETY: detection saw the instruction; it touches these registers only.
                unsafe {
                    asm!(
                        "usmmla {sums:v}.4s, {values:v}.16b, {weights:v}.16b",
                        sums = inout(vreg) squares[c],
                        values = in(vreg) two_rows,
                        weights = in(vreg) weights,
                        options(pure, nomem, nostack, preserves_flags),
                    );
                }
            }
        }
    }
    for (squares, sums) in squares.iter().zip(sums[..R].chunks_mut(2)) {
        for (c, square) in squares.iter().enumerate() {
            for (sums, half) in sums.iter_mut().zip([vget_low_s32(*square), vget_high_s32(*square)])
            {
                // SAFETY: 2 values of 4 bytes.
                unsafe { vst1_s32(sums[2 * c..][..2].as_mut_ptr(), half) };
            }
        }
    }
}
