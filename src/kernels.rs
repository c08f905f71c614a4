//! The arithmetic of an encoder on the CPU: one operation per file; one body for every CPU
//! tier, but for the inner loops of products.
//!
//! Kernels never spawn threads and know nothing of messages. What a row becomes never depends on the
//! rows beside it, so a score is the same in any batch.
#![allow(unsafe_code)] // the calls into code compiled for CPU features; see `cpu`

pub(crate) mod aligned;
#[cfg(target_arch = "x86_64")]
pub(crate) mod amx;
pub(crate) mod attention;
pub(crate) mod bf16;
pub(crate) mod cpu;
pub(crate) mod dense;
pub(crate) mod gelu;
pub(crate) mod gemm;
pub(crate) mod int8;
pub(crate) mod norm;
#[cfg(test)]
pub(crate) mod reference;
pub(crate) mod softmax;
