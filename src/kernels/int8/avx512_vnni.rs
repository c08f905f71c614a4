//! 8-bit dot products of AVX-512 VNNI: 6 rows by 64 outputs, 24 of 32 registers hold sums.

use std::arch::x86_64::*;

use super::Tile;
use crate::kernels::cpu::Avx512Vnni;
use crate::kernels::dense::{ROWS, by_rows};

const COLUMNS: usize = 64;

impl Avx512Vnni {
    /// The dot products of a tile.
    pub(super) fn dot(self, tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
        // SAFETY: `self` exists only if detection saw AVX-512 F and VNNI.
        unsafe { by_rows!(tile, sums) }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn dot_rows<const R: usize>(tile: Tile<'_>, sums: &mut [[i32; COLUMNS]; ROWS]) {
    let Tile { values, panel, steps, .. } = tile;
    assert!(values.len() == R * steps && panel.len() == steps * COLUMNS * 4);
    let mut lanes = [[_mm512_setzero_si512(); 4]; R];
    for step in 0..steps {
        // SAFETY: the assertion above bounds both reads for every `step < steps` and `r < R`.
        unsafe {
            let weights = panel.as_ptr().add(step * COLUMNS * 4);
            let mut columns = [_mm512_setzero_si512(); 4];
            for (c, columns) in columns.iter_mut().enumerate() {
                *columns = _mm512_loadu_si512(weights.add(c * 64).cast());
                // The panel behind this one comes next; there need not be one.
                _mm_prefetch::<_MM_HINT_T1>(weights.wrapping_add(panel.len() + c * 64));
            }
            for (r, lanes) in lanes.iter_mut().enumerate() {
                let value = values.as_ptr().add(r * steps + step).cast::<i32>().read_unaligned();
                let value = _mm512_set1_epi32(value);
                for (lane, columns) in lanes.iter_mut().zip(columns) {
                    *lane = _mm512_dpbusd_epi32(*lane, value, columns);
                }
            }
        }
    }
    for (lanes, sums) in lanes.iter().zip(sums) {
        for (lane, sums) in lanes.iter().zip(sums.as_chunks_mut::<16>().0) {
            // SAFETY: 16 values of 4 bytes.
            unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), *lane) };
        }
    }
}
