//! Products of bytes, added in 16 bits where they fit ([`pairs`](super::pairs)) and then in 32: 4 rows by 16 outputs.

use std::arch::x86_64::*;

use super::Tile;
use super::pairs::{COLUMNS, Order, STEPS, Segment};
use crate::kernels::cpu::Avx2;

/// Rows of a tile: 8 sums, the weights of two steps and what is between them fill 16 registers.
pub(super) const ROWS: usize = 4;

/// Rows of a tile in the order of a segment, kept so that it need not be zeroed for every tile.
pub(super) type Ordered = [[[i32; 8]; STEPS / 8]; ROWS];

impl Avx2 {
    /// The dot products of a tile.
    pub(super) fn dot(
        self,
        tile: Tile<'_, &[Segment]>,
        ordered: &mut Ordered,
        sums: &mut [[i32; COLUMNS]; ROWS],
    ) {
        // SAFETY: `self` exists only if detection saw AVX2.
        unsafe {
            match tile.rows {
                1 => dot_rows::<1>(tile, ordered, sums),
                2 => dot_rows::<2>(tile, ordered, sums),
                3 => dot_rows::<3>(tile, ordered, sums),
                _ => dot_rows::<ROWS>(tile, ordered, sums),
            }
        }
    }
}

#[target_feature(enable = "avx2")]
fn dot_rows<const R: usize>(
    tile: Tile<'_, &[Segment]>,
    ordered: &mut Ordered,
    sums: &mut [[i32; COLUMNS]; ROWS],
) {
    let ordered = ordered.first_chunk_mut::<R>().expect("at most as many rows");
    let ones = _mm256_set1_epi16(1);
    let mut lanes = [[_mm256_setzero_si256(); 2]; R];
    let values = tile.values.as_chunks::<8>().0;
    let width = tile.steps / 8;
    assert_eq!(values.len(), R * width);
    let mut done = 0;
    for segment in tile.panel {
        assert!(segment.order.len() <= STEPS / 8 && done + segment.order.len() <= width);
        for (i, order) in segment.order.iter().enumerate() {
            for (r, ordered) in ordered.iter_mut().enumerate() {
                // SAFETY: the assertions above bound both for every `i < segment.order.len()` and `r < R`.
                let (row, ordered) = unsafe {
                    let row = values.get_unchecked(r * width + done + i);
                    (row, ordered.get_unchecked_mut(i))
                };
                put_in_order(row, order, ordered);
            }
        }
        done += segment.order.len();
        let start = halves(&segment.start);
        for lanes in &mut lanes {
            *lanes = [0, 1].map(|i| _mm256_add_epi32(lanes[i], start[i]));
        }
        let (twos, rest) = segment.weights.split_at(segment.twos.len() * 2);
        for (&[a, b], weights) in segment.twos.iter().zip(twos.as_chunks::<2>().0) {
            let [first, second] = [halves(&weights[0]), halves(&weights[1])];
            for (lanes, row) in lanes.iter_mut().zip(ordered.iter()) {
                let [a, b] = [at(row, a), at(row, b)];
                for (i, lane) in lanes.iter_mut().enumerate() {
                    let sums = _mm256_add_epi16(
                        _mm256_maddubs_epi16(a, first[i]),
                        _mm256_maddubs_epi16(b, second[i]),
                    );
                    *lane = _mm256_add_epi32(*lane, _mm256_madd_epi16(sums, ones));
                }
            }
        }
        for (&a, weights) in segment.ones.iter().zip(rest) {
            let columns = halves(weights);
            for (lanes, row) in lanes.iter_mut().zip(ordered.iter()) {
                let a = at(row, a);
                for (lane, columns) in lanes.iter_mut().zip(columns) {
                    let sums = _mm256_maddubs_epi16(a, columns);
                    *lane = _mm256_add_epi32(*lane, _mm256_madd_epi16(sums, ones));
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

/// Puts 8 steps of a row in order.
#[inline]
#[target_feature(enable = "avx2")]
fn put_in_order(row: &[[u8; 4]; 8], order: &Order, ordered: &mut [i32; 8]) {
    // SAFETY: 32 bytes each.
    unsafe {
        let row = _mm256_loadu_si256(row.as_ptr().cast());
        let shuffle = _mm256_loadu_si256(order.shuffle.as_ptr().cast());
        let turned = _mm256_loadu_si256(order.turned.as_ptr().cast());
        let row = _mm256_xor_si256(_mm256_shuffle_epi8(row, shuffle), turned);
        _mm256_storeu_si256(ordered.as_mut_ptr().cast(), row);
    }
}

/// Four inputs of a row, in every lane.
#[inline]
#[target_feature(enable = "avx2")]
fn at(row: &[[i32; 8]; STEPS / 8], step: u8) -> __m256i {
    _mm256_set1_epi32(row.as_flattened()[usize::from(step) % STEPS])
}

/// What belongs to the first 8 and to the last 8 outputs.
#[inline]
#[target_feature(enable = "avx2")]
fn halves<T>(values: &[T; COLUMNS]) -> [__m256i; 2] {
    assert_eq!(size_of::<T>(), 4);
    // SAFETY: 16 values of 4 bytes.
    unsafe {
        let values = values.as_ptr().cast::<__m256i>();
        [_mm256_loadu_si256(values), _mm256_loadu_si256(values.add(1))]
    }
}
