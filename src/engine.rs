//! What runs the encoder: `PackedBatch` in, hidden states out.

pub(crate) mod native;
#[cfg(feature = "rust-bert")]
pub(crate) mod rust_bert;

use crate::batch::PackedBatch;
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::cpu::{Cpu, Tier};
use crate::kernels::dense::Format;
use crate::kernels::int8;
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;
use crate::names::names;

/// Which engine runs the encoder. Both give the same scores within 0.001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum EngineKind {
    /// Pure Rust on the CPU; needs nothing installed.
    #[default]
    Native,
    /// rust-bert's models on libtorch; needs the cargo feature `rust-bert`.
    RustBert,
}

/// Where [`EngineKind::RustBert`] computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Device {
    /// The CPU.
    #[default]
    Cpu,
    /// The CUDA device of this number.
    Cuda(usize),
}

/// Number format of the products in the encoder. Everything between them is f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Precision {
    /// Int8 where the CPU has code for it and the model is known to bear it: its `beleving.json` says
    /// what it cost when it was measured, or a trial at load finds it close enough. Else bf16 where the CPU has it, else
    /// f32.
    #[default]
    Auto,
    /// 32-bit floating point.
    F32,
    /// Weights and tokens in 16 bits, sums in 32; needs a CPU with AVX-512 BF16 or AMX.
    Bf16,
    /// Weights with a scale per output and tokens with a scale each in 8 bits, sums in 32.
    Int8,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Int8, Self::Bf16, Self::F32];

    /// The name in lower case, as [`FromStr`](std::str::FromStr) reads it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }
}

names!(Precision, "precision");

/// How an encoder is to be run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Settings {
    pub(crate) kind: EngineKind,
    pub(crate) device: Device,
    pub(crate) precision: Precision,
    /// The fastest tier of this CPU if none is named.
    pub(crate) tier: Option<Tier>,
}

/// A loaded encoder.
pub(crate) trait Engine: Send + Sync {
    /// Hidden states of the last layer, `[T, H]`, in the order of the batch's tokens.
    ///
    /// `threads` of the rayon pool that the call is made in may share the work; the bits do not depend on it.
    ///
    /// Ids are below the model's vocabulary and windows no longer than its positions: the tokenizer
    /// and the windows see to that.
    fn encode(&self, batch: &PackedBatch, threads: usize) -> Result<Vec<f32>>;

    /// CPU tier or device, such as `avx2`.
    fn tier(&self) -> &'static str;

    /// Number format, such as `int8`.
    fn precision(&self) -> &'static str;
}

impl Settings {
    /// The CPU tier that native code runs on.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if this CPU does not have the tier asked for.
    pub(crate) fn cpu(self) -> Result<Cpu> {
        self.tier.map_or_else(|| Ok(Cpu::best()), Cpu::of)
    }

    /// Whether [`Precision::Auto`] may choose int8: where this CPU has code for it and the model fits it.
    pub(crate) fn may_choose_int8(self, config: &EncoderConfig) -> Result<bool> {
        let auto = self.kind == EngineKind::Native && self.precision == Precision::Auto;
        Ok(auto && self.cpu()? != Cpu::Portable && fits_int8(config))
    }

    /// The precision asked for; where none is, bf16 if this CPU has it, else f32.
    pub(crate) fn without_int8(self) -> Result<Precision> {
        let auto = self.kind == EngineKind::Native && self.precision == Precision::Auto;
        Ok(if auto && self.cpu()?.has_bf16() { Precision::Bf16 } else { self.precision })
    }
}

fn fits_int8(config: &EncoderConfig) -> bool {
    config.hidden + int8::MOST_EXTRAS <= int8::MAX_INPUTS
}

/// Loads an encoder into the engine asked for; [`Precision::Auto`] gives f32 here.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for an engine, device, tier or precision that this build or machine does
/// not have.
pub(crate) fn load(
    settings: Settings,
    config: &EncoderConfig,
    weights: &Weights<'_>,
) -> Result<Box<dyn Engine>> {
    let unsupported = |text: &str| Err(Error::new(ErrorKind::Unsupported, text));
    match settings.kind {
        EngineKind::Native if settings.device == Device::Cpu => {
            let cpu = settings.cpu()?;
            let format = match settings.precision {
                Precision::Auto | Precision::F32 => Format::F32,
                Precision::Bf16 if cpu.has_bf16() => Format::Bf16,
                Precision::Bf16 => {
                    return unsupported("this CPU tier has no bf16 products (AVX-512 BF16, AMX)");
                }
                Precision::Int8 if fits_int8(config) => Format::Int8,
                Precision::Int8 => {
                    let (width, most) = (config.hidden, int8::MAX_INPUTS - int8::MOST_EXTRAS);
                    return unsupported(&format!(
                        "`hidden_size` is {width}, at most {most} fit a sum of int8"
                    ));
                }
            };
            Ok(Box::new(native::Native::load(cpu, format, config, weights)?))
        }
        EngineKind::Native => {
            unsupported("the native engine runs on the CPU; use the rust-bert engine for a GPU")
        }
        EngineKind::RustBert
            if settings.tier.is_some()
                || !matches!(settings.precision, Precision::Auto | Precision::F32) =>
        {
            unsupported("the rust-bert engine computes in f32 and has no CPU tiers to choose from")
        }
        #[cfg(feature = "rust-bert")]
        EngineKind::RustBert => {
            Ok(Box::new(rust_bert::RustBert::load(settings.device, config, weights)?))
        }
        #[cfg(not(feature = "rust-bert"))]
        EngineKind::RustBert => unsupported(
            "this build has no rust-bert engine: run `scripts/libtorch.sh` and build with \
             `--features rust-bert`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precisions_are_read_by_the_names_they_show() {
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse::<Precision>().expect("a name"), precision);
        }
        let error = "INT8".parse::<Precision>().expect_err("no name").to_string();
        assert!(error.contains("no precision `INT8`, expected `auto`"), "{error}");
    }
}
