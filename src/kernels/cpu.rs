//! Which instructions this CPU has. A tier is a value that only detection makes.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;
use std::array::from_fn;
use std::fmt;
use std::str::FromStr;

#[cfg(target_arch = "x86_64")]
use super::amx::Amx;
use crate::error::{Error, ErrorKind, Result};

/// A set of CPU instructions that the native engine has code for, slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// What the target was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
    /// AVX2 and FMA; int8 by 16-bit products.
    Avx2,
    /// AVX2 with 8-bit dot products (AVX-VNNI).
    Avx2Vnni,
    /// AVX-512 F, BW, DQ and VL; int8 as AVX2.
    Avx512,
    /// AVX-512 with 8-bit dot products, and bf16 where the CPU has it.
    Avx512Vnni,
    /// The same with AMX tiles for products in 8 bits and bf16, on Linux, which is asked for them once for the
    /// whole process and from then on refuses signal stacks that are too small for them.
    Amx,
}

impl Tier {
    /// Every tier, slowest first.
    pub const ALL: [Self; 6] =
        [Self::Portable, Self::Avx2, Self::Avx2Vnni, Self::Avx512, Self::Avx512Vnni, Self::Amx];

    /// The name in lower case, as summaries print it and [`FromStr`] reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx2Vnni => "avx2-vnni",
            Self::Avx512 => "avx512",
            Self::Avx512Vnni => "avx512-vnni",
            Self::Amx => "amx",
        }
    }

    /// The tiers that this CPU has, slowest first; never empty.
    pub fn available() -> Vec<Self> {
        Cpu::available().into_iter().map(Cpu::tier).collect()
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Tier {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join("`, `");
            Error::new(ErrorKind::Unsupported, format!("no tier `{name}`, expected `{names}`"))
        })
    }
}

/// A [`Tier`] that this CPU was seen to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx2Vnni(Avx2Vnni),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni(Avx512Vnni),
    #[cfg(target_arch = "x86_64")]
    Amx(Amx),
}

/// Proof that AVX2 and FMA are usable. Made only by [`Avx2::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Proof that AVX2, FMA and AVX-VNNI are usable. Made only by [`Avx2Vnni::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2Vnni(Avx2);

/// Proof that AVX-512 F, BW, DQ and VL are usable. Made only by [`Avx512::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512(Avx2);

/// Proof that AVX-512 VNNI is usable beside [`Avx512`]. Made only by [`Avx512Vnni::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512Vnni(Avx512);

/// Proof that AVX-512 BF16 is usable beside [`Avx512`]. Made only by [`Cpu::bf16`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512Bf16(());

/// An operation that [`Cpu::run`] compiles once per instruction set.
///
/// `run` and all it calls must be `#[inline(always)]`, so that the body takes on the instruction set
/// of the caller.
pub(crate) trait Kernel {
    type Output;
    fn run<S: Simd>(self) -> Self::Output;
}

/// What the body of a [`Kernel`] needs to know of the instruction set it is compiled for.
pub(crate) trait Simd {
    /// Whether [`madd`] rounds once or twice.
    const FMA: bool;
    /// Rows of an f32 tile, at most [`MOST_ROWS`], and panels of 16 columns: what the registers hold.
    const ROWS: usize;
    const PANELS: usize;
    /// 16 values in registers.
    type Lanes: Copy;
    fn zero() -> Self::Lanes;
    /// `a * b + c`
    fn madd(a: f32, b: &[f32; LANES], c: Self::Lanes) -> Self::Lanes;
    fn store(lanes: Self::Lanes, values: &mut [f32; LANES]);

    /// Swaps rows and columns of a block.
    #[inline(always)]
    fn transpose(block: &[[f32; LANES]; LANES]) -> [[f32; LANES]; LANES] {
        from_fn(|row| from_fn(|column| block[column][row]))
    }
}

struct Plain;
#[cfg(target_arch = "x86_64")]
struct Fma256;
#[cfg(target_arch = "x86_64")]
struct Fma512;

impl Simd for Plain {
    // AArch64 has fused multiply-add in its base set; baseline x86-64 would call libm for it.
    const FMA: bool = cfg!(target_arch = "aarch64");
    const ROWS: usize = 4;
    const PANELS: usize = 1;
    type Lanes = [f32; LANES];

    #[inline(always)]
    fn zero() -> Self::Lanes {
        [0.0; LANES]
    }

    #[inline(always)]
    fn madd(a: f32, b: &[f32; LANES], mut c: Self::Lanes) -> Self::Lanes {
        for (c, b) in c.iter_mut().zip(b) {
            *c = madd::<Self>(a, *b, *c);
        }
        c
    }

    #[inline(always)]
    fn store(lanes: Self::Lanes, values: &mut [f32; LANES]) {
        *values = lanes;
    }
}

// SAFETY of the functions of each: only `Avx2::run` and `Avx512::run` give these types to a
// kernel, from code compiled for what `detect` saw; loads and stores are of whole arrays.
#[cfg(target_arch = "x86_64")]
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

#[cfg(target_arch = "x86_64")]
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

impl Cpu {
    /// The fastest tier of this CPU.
    pub(crate) fn best() -> Self {
        *Self::available().last().expect("the portable tier is always there")
    }

    /// Every tier of this CPU, slowest first.
    pub(crate) fn available() -> Vec<Self> {
        Tier::ALL.into_iter().filter_map(Self::detect).collect()
    }

    /// Every tier of this CPU, and AMX emulated where it has none.
    #[cfg(test)]
    pub(crate) fn proven() -> Vec<Self> {
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        return Self::available().into_iter().chain(Amx::emulated().map(Self::Amx)).collect();
        #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
        Self::available()
    }

    /// Looks for this tier alone: asking for AMX changes what the process may do.
    fn detect(tier: Tier) -> Option<Self> {
        match tier {
            Tier::Portable => Some(Self::Portable),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2 => Avx2::detect().map(Self::Avx2),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx2Vnni => Avx2Vnni::detect().map(Self::Avx2Vnni),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512 => Avx512::detect().map(Self::Avx512),
            #[cfg(target_arch = "x86_64")]
            Tier::Avx512Vnni => Avx512Vnni::detect().map(Self::Avx512Vnni),
            #[cfg(target_arch = "x86_64")]
            Tier::Amx => Amx::detect().map(Self::Amx),
            #[cfg(not(target_arch = "x86_64"))]
            _ => None,
        }
    }

    /// The tier asked for, if this CPU has it.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] naming the tiers there are.
    pub(crate) fn of(tier: Tier) -> Result<Self> {
        Self::detect(tier).ok_or_else(|| {
            let names: Vec<_> = Self::available().iter().map(|cpu| cpu.tier().name()).collect();
            let text =
                format!("this CPU has no tier `{tier}`, expected one of `{}`", names.join("`, `"));
            Error::new(ErrorKind::Unsupported, text)
        })
    }

    pub(crate) fn tier(self) -> Tier {
        match self {
            Self::Portable => Tier::Portable,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => Tier::Avx2,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Vnni(_) => Tier::Avx2Vnni,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => Tier::Avx512,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni(_) => Tier::Avx512Vnni,
            #[cfg(target_arch = "x86_64")]
            Self::Amx(_) => Tier::Amx,
        }
    }

    /// Dot products of bf16 in vectors, which come with no tier of their own.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn bf16(self) -> Option<Avx512Bf16> {
        let wide = matches!(self, Self::Avx512(_) | Self::Avx512Vnni(_));
        (wide && is_x86_feature_detected!("avx512bf16")).then_some(Avx512Bf16(()))
    }

    /// Whether there is an instruction for products in bf16.
    pub(crate) fn has_bf16(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return matches!(self, Self::Amx(_)) || self.bf16().is_some();
        #[cfg(not(target_arch = "x86_64"))]
        false
    }

    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            Self::Portable => kernel.run::<Plain>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) | Self::Avx2Vnni(Avx2Vnni(avx2)) => avx2.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) | Self::Avx512Vnni(Avx512Vnni(avx512)) => avx512.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Amx(amx) => amx.avx512().run(kernel),
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }

    #[inline]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx2,fma")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Fma256>()
        }
        // SAFETY: `self` exists only if `detect` saw both features that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx2Vnni {
    fn detect() -> Option<Self> {
        let avx2 = Avx2::detect()?;
        is_x86_feature_detected!("avxvnni").then_some(Self(avx2))
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    fn detect() -> Option<Self> {
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
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<Fma512>()
        }
        // SAFETY: `self` exists only if `detect` saw every feature that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512Vnni {
    pub(crate) fn detect() -> Option<Self> {
        let avx512 = Avx512::detect()?;
        is_x86_feature_detected!("avx512vnni").then_some(Self(avx512))
    }

    pub(crate) fn avx512(self) -> Avx512 {
        self.0
    }
}

/// `a * b + c`, rounded once where the tier has fused multiply-add.
#[inline(always)]
pub(crate) fn madd<S: Simd>(a: f32, b: f32, c: f32) -> f32 {
    if S::FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Most rows of an f32 tile of any instruction set.
pub(crate) const MOST_ROWS: usize = 8;
/// Lanes of a portable vector: two AVX2 registers, four of SSE2 or NEON.
pub(crate) const LANES: usize = 16;

/// Sums `f(x)` over a row in a fixed order: lane by lane, then as [`fold`] does.
#[inline(always)]
pub(crate) fn sum_by(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (blocks, rest) = x.as_chunks::<LANES>();
    for block in blocks {
        for (lane, &v) in lanes.iter_mut().zip(block) {
            *lane += f(v);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane += f(v);
    }
    fold(lanes, |a, b| a + b)
}

/// The largest `f(x)` of a row, at least `floor`.
#[inline(always)]
pub(crate) fn max_by(x: &[f32], floor: f32, f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [floor; LANES];
    let mut take = |block: &[f32]| {
        for (lane, &v) in lanes.iter_mut().zip(block) {
            let v = f(v);
            *lane = if v > *lane { v } else { *lane };
        }
    };
    let (blocks, rest) = x.as_chunks::<LANES>();
    blocks.iter().for_each(|block| take(block));
    take(rest);
    fold(lanes, |a, b| if b > a { b } else { a })
}

/// Folds one half of the lanes into the other until one is left: the same order in every tier.
#[inline(always)]
pub(crate) fn fold(lanes: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> f32 {
    // New arrays, not one that changes: they stay in registers.
    let eight: [f32; 8] = from_fn(|i| f(lanes[i], lanes[i + 8]));
    let four: [f32; 4] = from_fn(|i| f(eight[i], eight[i + 4]));
    f(f(four[0], four[2]), f(four[1], four[3]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_go_by_their_names() {
        for tier in Tier::ALL {
            assert_eq!(tier.to_string().parse::<Tier>().expect("known"), tier);
        }
        let error = "mmx".parse::<Tier>().expect_err("unknown");
        assert!(error.to_string().contains("`mmx`"), "{error}");
    }

    #[test]
    fn the_portable_tier_is_always_there_and_tiers_are_in_order() {
        let tiers = Tier::available();
        assert_eq!(tiers[0], Tier::Portable);
        assert!(tiers.is_sorted());
    }
}
