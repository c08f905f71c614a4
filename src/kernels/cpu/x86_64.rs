//! x86-64: what detection makes of AVX2, AVX-512 and their 8-bit dot products.

use std::arch::x86_64::*;

use super::{Kernel, LANES, Simd};

/// Proof that AVX2 and FMA are usable. Made only by [`Avx2::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Proof that AVX2, FMA and AVX-VNNI are usable. Made only by [`Avx2Vnni::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2Vnni(Avx2);

/// Proof that AVX-512 F, BW, DQ and VL are usable. Made only by [`Avx512::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512(Avx2);

/// Proof that AVX-512 VNNI is usable beside [`Avx512`]. Made only by [`Avx512Vnni::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512Vnni(Avx512);

/// Proof that AVX-512 BF16 is usable beside [`Avx512`]. Made only by [`Avx512Bf16::detect`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512Bf16(Avx512);

struct Fma256;
struct Fma512;

// SAFETY of the functions of each: only `Avx2::run` and `Avx512::run` give these types to a
// kernel, from code compiled for what `detect` saw; loads and stores are of whole arrays.
impl Simd for Fma256 {
    const FMA: bool = true;
    // 6 x 2 sums, 2 columns and 1 broadcast fill 15 of 16 registers.
    const ROWS: usize = 6;
    const PANELS: usize = 1;
    type Lanes = [__m256; 2];

    #[inline(always)]
    fn zero() -> Self::Lanes {
        // SAFETY: as above.
        unsafe { [_mm256_setzero_ps(); 2] }
    }

    #[inline(always)]
    fn madd(a: f32, b: &[f32; LANES], [low, high]: Self::Lanes) -> Self::Lanes {
        // SAFETY: as above.
        unsafe {
            let a = _mm256_set1_ps(a);
            let b = [_mm256_loadu_ps(b.as_ptr()), _mm256_loadu_ps(b.as_ptr().add(8))];
            [_mm256_fmadd_ps(a, b[0], low), _mm256_fmadd_ps(a, b[1], high)]
        }
    }

    #[inline(always)]
    fn store([low, high]: Self::Lanes, values: &mut [f32; LANES]) {
        // SAFETY: as above.
        unsafe {
            _mm256_storeu_ps(values.as_mut_ptr(), low);
            _mm256_storeu_ps(values.as_mut_ptr().add(8), high);
        }
    }
}

impl Simd for Fma512 {
    const FMA: bool = true;
    // 16 sums keep two multipliers of latency 4 busy, and 8 rows have their addresses in registers.
    const ROWS: usize = 8;
    const PANELS: usize = 2;
    type Lanes = __m512;

    #[inline(always)]
    fn zero() -> Self::Lanes {
        // SAFETY: as above.
        unsafe { _mm512_setzero_ps() }
    }

    #[inline(always)]
    fn madd(a: f32, b: &[f32; LANES], c: Self::Lanes) -> Self::Lanes {
        // SAFETY: as above.
        unsafe { _mm512_fmadd_ps(_mm512_set1_ps(a), _mm512_loadu_ps(b.as_ptr()), c) }
    }

    #[inline(always)]
    fn store(lanes: Self::Lanes, values: &mut [f32; LANES]) {
        // SAFETY: as above.
        unsafe { _mm512_storeu_ps(values.as_mut_ptr(), lanes) };
    }

    #[inline(always)]
    fn transpose(block: &[[f32; LANES]; LANES]) -> [[f32; LANES]; LANES] {
        // SAFETY: as above.
        unsafe {
            // Plain loops: intrinsics in a closure are not always inlined.
            let mut rows = [_mm512_setzero_ps(); LANES];
            let (mut pairs, mut fours) = ([_mm512_setzero_pd(); LANES], rows);
            for (row, values) in rows.iter_mut().zip(block) {
                *row = _mm512_loadu_ps(values.as_ptr());
            }
            // Within each quarter of a register: pairs of rows, then rows by four.
            for i in (0..LANES).step_by(2) {
                pairs[i] = _mm512_castps_pd(_mm512_unpacklo_ps(rows[i], rows[i + 1]));
                pairs[i + 1] = _mm512_castps_pd(_mm512_unpackhi_ps(rows[i], rows[i + 1]));
            }
            for i in (0..LANES).step_by(4) {
                for half in 0..2 {
                    let (first, second) = (pairs[i + half], pairs[i + half + 2]);
                    fours[i + 2 * half] = _mm512_castpd_ps(_mm512_unpacklo_pd(first, second));
                    fours[i + 2 * half + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(first, second));
                }
            }
            // Then the quarters: even and odd ones of two registers, and again.
            let mut columns = [[0.0; LANES]; LANES];
            for c in 0..4 {
                let [a, b, d, e] = [fours[c], fours[c + 4], fours[c + 8], fours[c + 12]];
                let even = (_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(d, e, 0x88));
                let odd = (_mm512_shuffle_f32x4(a, b, 0xDD), _mm512_shuffle_f32x4(d, e, 0xDD));
                Self::store(_mm512_shuffle_f32x4(even.0, even.1, 0x88), &mut columns[c]);
                Self::store(_mm512_shuffle_f32x4(odd.0, odd.1, 0x88), &mut columns[c + 4]);
                Self::store(_mm512_shuffle_f32x4(even.0, even.1, 0xDD), &mut columns[c + 8]);
                Self::store(_mm512_shuffle_f32x4(odd.0, odd.1, 0xDD), &mut columns[c + 12]);
            }
            columns
        }
    }
}

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }

    #[inline]
    pub(super) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2,fma")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Fma256>()
        }
        // SAFETY: `self` exists only if `detect` saw both features that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

impl Avx2Vnni {
    pub(super) fn detect() -> Option<Self> {
        let avx2 = Avx2::detect()?;
        is_x86_feature_detected!("avxvnni").then_some(Self(avx2))
    }

    /// AVX-VNNI is asked for with AVX2.
    pub(super) fn avx2(self) -> Avx2 {
        self.0
    }
}

impl Avx512 {
    pub(super) fn detect() -> Option<Self> {
        let avx2 = Avx2::detect()?;
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        found.then_some(Self(avx2))
    }

    /// AVX-512 implies AVX2.
    pub(crate) fn avx2(self) -> Avx2 {
        self.0
    }

    #[inline]
    pub(super) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Fma512>()
        }
        // SAFETY: `self` exists only if `detect` saw every feature that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

impl Avx512Vnni {
    pub(crate) fn detect() -> Option<Self> {
        let avx512 = Avx512::detect()?;
        is_x86_feature_detected!("avx512vnni").then_some(Self(avx512))
    }

    pub(crate) fn avx512(self) -> Avx512 {
        self.0
    }
}

impl Avx512Bf16 {
    pub(super) fn detect() -> Option<Self> {
        let avx512 = Avx512::detect()?;
        is_x86_feature_detected!("avx512bf16").then_some(Self(avx512))
    }
}
