//! A model folder: what its files say, checked before anything is computed with them.

pub(crate) mod config;
pub(crate) mod files;
pub(crate) mod manifest;
pub(crate) mod tensors;
pub(crate) mod weights;
