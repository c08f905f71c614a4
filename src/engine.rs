//! What runs the encoder: `PackedBatch` in, hidden states out.

pub(crate) mod native;
#[cfg(feature = "rust-bert")]
pub(crate) mod rust_bert;

use crate::batch::PackedBatch;
use crate::error::{Error, ErrorKind, Result};
use crate::model::config::EncoderConfig;
use crate::model::weights::Weights;

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

/// A loaded encoder.
pub(crate) trait Engine: Send + Sync {
    /// Hidden states of the last layer, `[T, H]`, in the order of the batch's tokens.
    ///
    /// Ids are below the model's vocabulary and windows no longer than its positions: the tokenizer
    /// and the windows see to that.
    fn encode(&self, batch: &PackedBatch) -> Result<Vec<f32>>;

    /// CPU tier and number format, such as `avx2-f32`.
    fn arithmetic(&self) -> &'static str;
}

/// Loads an encoder into the engine asked for.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for an engine or device that this build or machine does not have.
pub(crate) fn load(
    kind: EngineKind,
    device: Device,
    config: &EncoderConfig,
    weights: &Weights<'_>,
) -> Result<Box<dyn Engine>> {
    match kind {
        EngineKind::Native if device == Device::Cpu => {
            Ok(Box::new(native::Native::load(config, weights)?))
        }
        EngineKind::Native => {
            let text = "the native engine runs on the CPU; use the rust-bert engine for a GPU";
            Err(Error::new(ErrorKind::Unsupported, text))
        }
        #[cfg(feature = "rust-bert")]
        EngineKind::RustBert => Ok(Box::new(rust_bert::RustBert::load(device, config, weights)?)),
        #[cfg(not(feature = "rust-bert"))]
        EngineKind::RustBert => {
            let text = "this build has no rust-bert engine: run `scripts/libtorch.sh` and build with \
                        `--features rust-bert`";
            Err(Error::new(ErrorKind::Unsupported, text))
        }
    }
}
