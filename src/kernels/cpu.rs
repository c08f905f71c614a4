//! Which instructions this CPU has. A tier is a value that only detection makes.

/// A CPU tier: the instruction set that kernels are run with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// What the target was compiled for: SSE2 on x86-64, NEON on AArch64.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

/// Proof that AVX2 and FMA are usable. Made only by [`Avx2::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// Proof that AVX-512 F, BW, DQ and VL are usable. Made only by [`Avx512::detect`].
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Avx512(());

/// An operation that [`Cpu::run`] compiles once per tier.
///
/// `run` and all it calls must be `#[inline(always)]`, so that the body takes on the instruction set
/// of the caller. `FMA` tells whether [`madd`] rounds once or twice.
pub(crate) trait Kernel {
    type Output;
    fn run<const FMA: bool>(self) -> Self::Output;
}

impl Cpu {
    /// The fastest tier of this CPU.
    pub(crate) fn best() -> Self {
        *Self::available().last().expect("the portable tier is always there")
    }

    /// Every tier of this CPU, slowest first.
    pub(crate) fn available() -> Vec<Self> {
        let mut tiers = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        tiers.extend(Avx2::detect().map(Self::Avx2));
        #[cfg(target_arch = "x86_64")]
        tiers.extend(Avx512::detect().map(Self::Avx512));
        tiers
    }

    /// The tier and its number format, as summaries and manifests print them.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable-f32",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2-f32",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512-f32",
        }
    }

    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            // AArch64 has fused multiply-add in its base set; baseline x86-64 would call libm for it.
            Self::Portable => kernel.run::<{ cfg!(target_arch = "aarch64") }>(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => avx2.run(kernel),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) => avx512.run(kernel),
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
            kernel.run::<true>()
        }
        // SAFETY: `self` exists only if `detect` saw both features that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        (found && Avx2::detect().is_some()).then_some(Self(()))
    }

    #[inline]
    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        fn with_features<K: Kernel>(kernel: K) -> K::Output {
            kernel.run::<true>()
        }
        // SAFETY: `self` exists only if `detect` saw every feature that `with_features` enables.
        unsafe { with_features(kernel) }
    }
}

/// `a * b + c`, rounded once where the tier has fused multiply-add.
#[inline(always)]
pub(crate) fn madd<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Lanes of a portable vector: two AVX2 registers, four of SSE2 or NEON.
pub(crate) const LANES: usize = 16;

/// Sums `f(x)` over a row in a fixed order: lane by lane, then over the lanes.
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
    lanes.iter().sum()
}
