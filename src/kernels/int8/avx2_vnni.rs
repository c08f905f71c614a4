//! 8-bit dot products of AVX-VNNI: 6 rows by 16 outputs, 12 of 16 registers hold sums.

use std::arch::x86_64::*;

use super::Tile;
use crate::kernels::cpu::Avx2Vnni;
use crate::kernels::dense::{ROWS, by_rows};

const COLUMNS: usize = 16;

impl Avx2Vnni {
    /// The dot products of a tile.
    pub(super) fn dot(self, tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
        // SAFETY: `self` exists only if detection saw AVX2 and AVX-VNNI.
        unsafe { by_rows!(tile, sums) }
    }
}

#[target_feature(enable = "avx2,avxvnni")]
fn dot_rows<const R: usize>(tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
    let Tile { values, panel, steps, .. } = tile;
    assert!(values.len() == R * steps && panel.len() == steps * COLUMNS * 4);
    let mut lanes = [[_mm256_setzero_si256(); 2]; R];
    for step in 0..steps {
        // SAFETY: the assertion above bounds both reads for every `step < steps` and `r < R`.
        unsafe {
            let weights = panel.as_ptr().add(step * COLUMNS * 4);
            let mut columns = [_mm256_setzero_si256(); 2];
            for (c, columns) in columns.iter_mut().enumerate() {
                *columns = _mm256_loadu_si256(weights.add(c * 32).cast());
            }
            for (r, lanes) in lanes.iter_mut().enumerate() {
                let value = values.as_ptr().add(r * steps + step).cast::<i32>().read_unaligned();
                let value = _mm256_set1_epi32(value);
                for (lane, columns) in lanes.iter_mut().zip(columns) {
                    *lane = _mm256_dpbusd_avx_epi32(*lane, value, columns);
                }
            }
        }
    }
    for (lanes, sums) in lanes.iter().zip(sums) {
        for (lane, sums) in lanes.iter().zip(sums.as_chunks_mut::<8>().0) {
            // SAFETY: 8 values of 4 bytes.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), *lane) };
        }
    }
}
