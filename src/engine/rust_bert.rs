//! The encoder as rust-bert's model structs on libtorch.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use rust_bert::Activation as RustBertActivation;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use rust_bert::distilbert::{DistilBertConfig, DistilBertModel};
use rust_bert::roberta::RobertaEmbeddings;
use tch::{Kind, Tensor, nn};

use crate::batch::PackedBatch;
use crate::engine::{Device, Engine};
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::gelu::Activation;
use crate::model::config::{EncoderConfig, Family};
use crate::model::tensors;
use crate::model::weights::Weights;

/// An encoder on libtorch.
///
/// rust-bert takes `layer_norm_eps` as 1e-12 whatever the configuration says, so a model with 1e-5
/// comes out some 1e-5 apart from the native engine.
pub(crate) struct RustBert {
    config: EncoderConfig,
    device: tch::Device,
    /// The weights by the names of rust-bert's variables; every worker's model shares them.
    weights: Mutex<Vec<(String, Tensor)>>,
    /// Models at rest. rust-bert's models are not `Sync`, so each call takes one or makes one.
    idle: Mutex<Vec<Model>>,
}

enum Model {
    Bert(BertModel<BertEmbeddings>),
    Roberta(BertModel<RobertaEmbeddings>),
    DistilBert(DistilBertModel),
}

impl RustBert {
    pub(crate) fn load(
        device: Device,
        config: &EncoderConfig,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        let device = match device {
            Device::Cpu => tch::Device::Cpu,
            Device::Cuda(n) if n < tch::Cuda::device_count().max(0) as usize => {
                tch::Device::Cuda(n)
            }
            Device::Cuda(n) => {
                let found = tch::Cuda::device_count();
                let text = format!(
                    "CUDA device {n} is asked for and libtorch sees {found}; set LIBTORCH to a libtorch \
                     2.4 built for CUDA, or use the CPU"
                );
                return Err(Error::new(ErrorKind::Unsupported, text));
            }
        };
        let tensor = |spec: tensors::TensorSpec| -> Result<(String, Tensor)> {
            let values = match spec.shape.len() {
                2 => weights.matrix(&spec.name)?.to_f32(),
                _ => weights.vector(&spec.name)?,
            };
            let shape: Vec<i64> = spec.shape.iter().map(|&n| n as i64).collect();
            let tensor = Tensor::from_slice(&values).reshape(shape).to_device(device);
            Ok((variable_name(config.family, &spec.name), tensor))
        };
        Ok(Self {
            config: config.clone(),
            device,
            weights: Mutex::new(
                tensors::encoder(config).into_iter().map(tensor).collect::<Result<_>>()?,
            ),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// A model of its own for one call, on the shared weights.
    fn take_model(&self) -> Result<Model> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.make_model(), Ok)
    }

    fn make_model(&self) -> Result<Model> {
        let store = nn::VarStore::new(self.device);
        let model = match self.config.family {
            Family::Bert => Model::Bert(BertModel::new_with_optional_pooler(
                store.root(),
                &bert_config(&self.config),
                false,
            )),
            Family::Roberta => Model::Roberta(BertModel::new_with_optional_pooler(
                store.root(),
                &bert_config(&self.config),
                false,
            )),
            Family::DistilBert => Model::DistilBert(DistilBertModel::new(
                store.root(),
                &distilbert_config(&self.config),
            )),
        };
        let mut variables = store.variables();
        let weights = self.weights.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, tensor) in weights.iter() {
            let variable = variables.get_mut(name).ok_or_else(|| {
                Error::new(ErrorKind::MissingTensor, format!("rust-bert has no variable `{name}`"))
            })?;
            tch::no_grad(|| variable.set_data(&tensor.shallow_clone()));
        }
        Ok(model)
    }

    fn forward(&self, model: &Model, batch: &PackedBatch) -> Result<Vec<f32>> {
        let input = Padded::new(batch, self.config.first_position, self.device);
        let (ids, mask) = (Some(&input.ids), Some(&input.mask));
        let positions = Some(&input.positions);
        let output = match model {
            Model::Bert(model) => model
                .forward_t(ids, mask, None, positions, None, None, None, false)
                .map(|output| output.hidden_state),
            Model::Roberta(model) => model
                .forward_t(ids, mask, None, positions, None, None, None, false)
                .map(|output| output.hidden_state),
            Model::DistilBert(model) => {
                model.forward_t(ids, mask, None, false).map(|output| output.hidden_state)
            }
        };
        let hidden =
            output.map_err(|e| engine_error("rust-bert refuses the batch").caused_by(e))?;
        let hidden: Tensor = hidden.to_device(tch::Device::Cpu).to_kind(Kind::Float).contiguous();
        let padded = Vec::<f32>::try_from(hidden.reshape([-1]))
            .map_err(|e| engine_error("libtorch gives no hidden state back").caused_by(e))?;
        let (h, width) = (self.config.hidden, input.width);
        let rows = batch
            .windows()
            .enumerate()
            .flat_map(|(b, window)| &padded[b * width * h..(b * width + window.len()) * h]);
        Ok(rows.copied().collect())
    }
}

impl Engine for RustBert {
    fn encode(&self, batch: &PackedBatch, _: usize) -> Result<Vec<f32>> {
        if batch.ids.is_empty() {
            return Ok(Vec::new());
        }
        // Threads are ours: libtorch keeps to one in each. The setting belongs to the calling thread.
        tch::set_num_threads(1);
        // Inside rust-bert, a failing libtorch call panics.
        let call = || -> Result<Vec<f32>> {
            let model = self.take_model()?;
            let hidden = tch::no_grad(|| self.forward(&model, batch))?;
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(model);
            Ok(hidden)
        };
        catch_unwind(AssertUnwindSafe(call))
            .unwrap_or_else(|_| Err(engine_error("libtorch failed in the middle of a batch")))
    }

    fn tier(&self) -> &'static str {
        match self.device {
            tch::Device::Cuda(_) => "libtorch-cuda",
            _ => "libtorch-cpu",
        }
    }

    fn precision(&self) -> &'static str {
        "f32"
    }
}

/// A batch as libtorch takes it: `[B, width]` each, Int64.
struct Padded {
    ids: Tensor,
    /// 1 for a token, 0 for padding. Without it a score would depend on the rest of the batch.
    mask: Tensor,
    positions: Tensor,
    width: usize,
}

impl Padded {
    fn new(batch: &PackedBatch, first_position: usize, device: tch::Device) -> Self {
        let width = batch.windows().map(<[u32]>::len).max().unwrap_or(0);
        let (mut ids, mut mask, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        for window in batch.windows() {
            let padding = width - window.len();
            ids.extend(
                window.iter().map(|&id| i64::from(id)).chain(std::iter::repeat_n(0, padding)),
            );
            mask.extend(
                std::iter::repeat_n(1i64, window.len()).chain(std::iter::repeat_n(0, padding)),
            );
            positions.extend((0..width).map(|n| (first_position + n) as i64));
        }
        let tensor = |values: &[i64]| {
            Tensor::from_slice(values).reshape([-1, width as i64]).to_device(device)
        };
        Self { ids: tensor(&ids), mask: tensor(&mask), positions: tensor(&positions), width }
    }
}

fn engine_error(text: &str) -> Error {
    Error::new(ErrorKind::Engine, text)
}

/// The name rust-bert gives to the variable of a tensor.
fn variable_name(family: Family, name: &str) -> String {
    match family {
        Family::Bert | Family::Roberta => name.to_owned(),
        Family::DistilBert => {
            format!("{}{}", tensors::prefix(family), tensors::name_in_file(family, name))
        }
    }
}

fn activation(activation: Activation) -> RustBertActivation {
    match activation {
        Activation::Gelu => RustBertActivation::gelu,
        Activation::GeluTanh => RustBertActivation::gelu_new,
        Activation::Relu => RustBertActivation::relu,
    }
}

fn bert_config(config: &EncoderConfig) -> BertConfig {
    BertConfig {
        hidden_act: activation(config.activation),
        hidden_size: config.hidden as i64,
        intermediate_size: config.ffn as i64,
        max_position_embeddings: config.positions as i64,
        num_attention_heads: config.heads as i64,
        num_hidden_layers: config.layers as i64,
        type_vocab_size: config.types as i64,
        vocab_size: config.vocab as i64,
        ..BertConfig::default()
    }
}

fn distilbert_config(config: &EncoderConfig) -> DistilBertConfig {
    DistilBertConfig {
        activation: activation(config.activation),
        dim: config.hidden as i64,
        hidden_dim: config.ffn as i64,
        max_position_embeddings: config.positions as i64,
        n_heads: config.heads as i64,
        n_layers: config.layers as i64,
        sinusoidal_pos_embds: false,
        vocab_size: config.vocab as i64,
        ..DistilBertConfig::default()
    }
}
