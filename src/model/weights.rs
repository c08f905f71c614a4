//! `model.safetensors`: every tensor checked against the table before one is decoded.

use std::ops::Range;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensorError, SafeTensors};

use super::config::EncoderConfig;
use super::tensors::{self, TensorSpec};
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::int8;

/// The tensors of a model file, all known to be there in the right shape.
pub(crate) struct Weights<'a> {
    tensors: SafeTensors<'a>,
    config: &'a EncoderConfig,
}

/// A matrix `[rows, columns]`, row-major, as precise as the file stores it.
pub(crate) struct Matrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    values: Values,
}

enum Values {
    F32(Vec<f32>),
    /// `values[r][c] * scales[r]`
    I8 {
        values: Vec<i8>,
        scales: Vec<f32>,
    },
}

impl<'a> Weights<'a> {
    /// Reads the header of a safetensors file and checks that it holds what `config` and `heads` need.
    ///
    /// # Errors
    /// [`ErrorKind::Weights`], [`ErrorKind::MissingTensor`] or [`ErrorKind::Shape`].
    pub(crate) fn open(
        bytes: &'a [u8],
        config: &'a EncoderConfig,
        heads: &[TensorSpec],
    ) -> Result<Self> {
        let tensors = SafeTensors::deserialize(bytes).map_err(|e| {
            let text = format!(
                "`model.safetensors`, {} bytes, is not a whole safetensors file",
                bytes.len()
            );
            Error::new(ErrorKind::Weights, text).caused_by(e)
        })?;
        let weights = Self { tensors, config };
        for spec in tensors::encoder(config).iter().chain(heads) {
            weights.check(spec)?;
        }
        Ok(weights)
    }

    fn check(&self, spec: &TensorSpec) -> Result<()> {
        let view = self.view(&spec.name)?;
        if view.shape() != spec.shape {
            return Err(shape_error(&spec.name, view.shape(), &spec.shape));
        }
        let known = matches!(view.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16);
        if view.dtype() == Dtype::I8 && spec.shape.len() == 2 {
            let scale = self.view(&scale_name(&spec.name))?;
            if scale.shape() != &spec.shape[..1] || scale.dtype() != Dtype::F32 {
                let name = scale_name(&spec.name);
                return Err(shape_error(&name, scale.shape(), &spec.shape[..1]));
            }
        } else if !known {
            let text = format!(
                "tensor `{}` holds {:?}, expected F32, F16, BF16, or I8 with a scale per row",
                spec.name,
                view.dtype()
            );
            return Err(Error::new(ErrorKind::Shape, text));
        }
        Ok(())
    }

    /// Finds a tensor under any of the names it may have in files of this family.
    fn view(&self, name: &str) -> Result<TensorView<'_>> {
        let own = tensors::name_in_file(self.config.family, name);
        let prefixed = format!("{}{own}", tensors::prefix(self.config.family));
        // TensorFlow's names, which the oldest published checkpoints still carry.
        let old = prefixed
            .replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta");
        for candidate in [&own, &prefixed, &old] {
            match self.tensors.tensor(candidate) {
                Err(SafeTensorError::TensorNotFound(_)) => {}
                found => {
                    return found.map_err(|e| {
                        let text = format!("tensor `{candidate}` cannot be read");
                        Error::new(ErrorKind::Weights, text).caused_by(e)
                    });
                }
            }
        }
        Err(Error::new(ErrorKind::MissingTensor, format!("tensor `{prefixed}` is missing")))
    }

    /// Decodes a matrix of the table.
    ///
    /// # Errors
    /// [`ErrorKind::NonFinite`] if a value is NaN or infinite.
    pub(crate) fn matrix(&self, name: &str) -> Result<Matrix> {
        let view = self.view(name)?;
        let &[rows, columns] = view.shape() else {
            return Err(shape_error(name, view.shape(), &[0, 0]));
        };
        let values = if view.dtype() == Dtype::I8 {
            let scales = decode(&self.view(&scale_name(name))?);
            check_finite(&scale_name(name), &scales)?;
            Values::I8 { values: view.data().iter().map(|&byte| byte as i8).collect(), scales }
        } else {
            Values::F32(self.vector(name)?)
        };
        Ok(Matrix { rows, columns, values })
    }

    /// Decodes a vector of the table, or a matrix of floats as one.
    ///
    /// # Errors
    /// [`ErrorKind::NonFinite`] if a value is NaN or infinite.
    pub(crate) fn vector(&self, name: &str) -> Result<Vec<f32>> {
        let values = decode(&self.view(name)?);
        check_finite(name, &values)?;
        Ok(values)
    }

    /// Decodes a vector of the hidden size that the table does not ask for, if the file has it.
    ///
    /// # Errors
    /// [`ErrorKind::Shape`] or [`ErrorKind::NonFinite`] if it is there and wrong.
    pub(crate) fn find_vector(&self, name: &str) -> Result<Option<Vec<f32>>> {
        match self.view(name) {
            Err(e) if e.kind() == ErrorKind::MissingTensor => Ok(None),
            found => {
                found?;
                self.check(&TensorSpec { name: name.to_owned(), shape: vec![self.config.hidden] })?;
                self.vector(name).map(Some)
            }
        }
    }
}

impl Matrix {
    /// Writes row `r` to `out`.
    pub(crate) fn copy_row(&self, r: usize, out: &mut [f32]) {
        self.copy_part(r, 0..self.columns, out);
    }

    /// Writes the columns `part` of row `r` to `out`.
    pub(crate) fn copy_part(&self, r: usize, part: Range<usize>, out: &mut [f32]) {
        let range = r * self.columns + part.start..r * self.columns + part.end;
        match &self.values {
            Values::F32(values) => out.copy_from_slice(&values[range]),
            Values::I8 { values, scales } => {
                for (out, &q) in out.iter_mut().zip(&values[range]) {
                    *out = f32::from(q) * scales[r];
                }
            }
        }
    }

    /// Writes the columns `part` of row `r` to `out` as integers and returns their scale: as the file
    /// has them, or rounded.
    pub(crate) fn copy_part_i8(&self, r: usize, part: Range<usize>, out: &mut [i8]) -> f32 {
        let range = r * self.columns + part.start..r * self.columns + part.end;
        match &self.values {
            Values::F32(values) => int8::quantise_weights(&values[range], out),
            Values::I8 { values, scales } => {
                out.copy_from_slice(&values[range]);
                scales[r]
            }
        }
    }

    /// The whole matrix as f32, `[rows, columns]`.
    #[cfg(feature = "rust-bert")]
    pub(crate) fn to_f32(&self) -> Vec<f32> {
        let mut all = vec![0.0; self.rows * self.columns];
        for (r, row) in all.chunks_exact_mut(self.columns).enumerate() {
            self.copy_row(r, row);
        }
        all
    }
}

fn scale_name(name: &str) -> String {
    format!("{name}_scale")
}

fn decode(view: &TensorView<'_>) -> Vec<f32> {
    let data = view.data();
    match view.dtype() {
        Dtype::F16 => data.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        Dtype::BF16 => {
            data.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect()
        }
        _ => data.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
    }
}

fn check_finite(name: &str, values: &[f32]) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(at) => {
            let text =
                format!("tensor `{name}` holds {} at position {at}, expected finite", values[at]);
            Err(Error::new(ErrorKind::NonFinite, text))
        }
    }
}

fn shape_error(name: &str, found: &[usize], expected: &[usize]) -> Error {
    let text = format!("tensor `{name}` has shape {found:?}, expected {expected:?}");
    Error::new(ErrorKind::Shape, text)
}
