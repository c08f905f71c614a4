//! Which instructions this CPU has. A tier is a value that only detection makes.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
mod x86_64;

use std::array::from_fn;

#[cfg(target_arch = "aarch64")]
pub(crate) use self::aarch64::{NeonDot, NeonI8mm};
#[cfg(target_arch = "x86_64")]
pub(crate) use self::x86_64::{Avx2, Avx2Vnni, Avx512, Avx512Bf16, Avx512Vnni};
#[cfg(target_arch = "x86_64")]
use super::amx::Amx;
use crate::error::{Error, ErrorKind, Result};
use crate::names::names;

/// A set of CPU instructions that the native engine has code for, slowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tier {
    /// What the target was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
    /// NEON with 8-bit dot products (FEAT_DotProd), on AArch64.
    NeonDot,
    /// NEON with products of 8-bit matrices (FEAT_I8MM), on AArch64.
    NeonI8mm,
    /// AVX2 and FMA; int8 by products of bytes, added in an order in which none overflows.
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
    pub const ALL: [Self; 8] = [
        Self::Portable,
        Self::NeonDot,
        Self::NeonI8mm,
        Self::Avx2,
        Self::Avx2Vnni,
        Self::Avx512,
        Self::Avx512Vnni,
        Self::Amx,
    ];

    /// The name in lower case, as summaries print it and [`FromStr`](std::str::FromStr) reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::NeonDot => "neon-dot",
            Self::NeonI8mm => "neon-i8mm",
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

names!(Tier, "tier");

/// A [`Tier`] that this CPU was seen to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    Portable,
    #[cfg(target_arch = "aarch64")]
    NeonDot(NeonDot),
    #[cfg(target_arch = "aarch64")]
    NeonI8mm(NeonI8mm),
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
            #[cfg(target_arch = "aarch64")]
            Tier::NeonDot => NeonDot::detect().map(Self::NeonDot),
            #[cfg(target_arch = "aarch64")]
            Tier::NeonI8mm => NeonI8mm::detect().map(Self::NeonI8mm),
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
            #[allow(unreachable_patterns, reason = "each architecture has tiers of its own")]
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
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot(_) => Tier::NeonDot,
            #[cfg(target_arch = "aarch64")]
            Self::NeonI8mm(_) => Tier::NeonI8mm,
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
        if wide { Avx512Bf16::detect() } else { None }
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
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot(_) | Self::NeonI8mm(_) => kernel.run::<aarch64::Neon>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Vnni(vnni) => vnni.avx2().run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) => avx512.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni(vnni) => vnni.avx512().run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Amx(amx) => amx.avx512().run(kernel),
        }
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
    fn a_tier_that_the_environment_asks_for_is_there() {
        if let Ok(name) = std::env::var("BELEVING_TIER") {
            assert!(Tier::available().contains(&name.parse().expect("a tier")), "no {name}");
        }
    }

    #[test]
    fn the_portable_tier_is_always_there_and_tiers_are_in_order() {
        let tiers = Tier::available();
        assert_eq!(tiers[0], Tier::Portable);
        assert!(tiers.is_sorted());
    }
}
