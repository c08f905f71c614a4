//! candle's BERT in f32.

use candle_core::{D, DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use peers::{Job, Runtime, padded};

struct Candle {
    model: BertModel,
    pad: u32,
}

/// All `[B, T]`.
struct Batch {
    ids: Tensor,
    types: Tensor,
    mask: Tensor,
}

impl Runtime for Candle {
    type Batch = Batch;
    type Hidden = Tensor;

    fn batch(&self, rows: &[Vec<u32>]) -> anyhow::Result<Batch> {
        let (ids, mask, width) = padded(rows, self.pad);
        let tensor = |values| Tensor::from_vec(values, (rows.len(), width), &Device::Cpu);
        let ids = tensor(ids)?;
        Ok(Batch { types: ids.zeros_like()?, ids, mask: tensor(mask)? })
    }

    fn encode(&self, batch: &Batch) -> anyhow::Result<Tensor> {
        Ok(self.model.forward(&batch.ids, &batch.types, Some(&batch.mask))?)
    }

    fn means(&self, hidden: Tensor, batch: &Batch) -> anyhow::Result<Vec<f32>> {
        let mask = batch.mask.to_dtype(DType::F32)?.unsqueeze(D::Minus1)?;
        let means = hidden.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)?;
        Ok(means.flatten_all()?.to_vec1()?)
    }
}

fn main() -> anyhow::Result<()> {
    let job = Job::from_args()?;
    let config: Config = serde_json::from_slice(&std::fs::read(job.folder.join("config.json"))?)?;
    let weights = std::fs::read(job.folder.join("model.safetensors"))?;
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
    let model = BertModel::load(weights, &config)?;
    // Its number of threads comes from RAYON_NUM_THREADS.
    let threads = candle_core::utils::get_num_threads();
    anyhow::ensure!(threads == job.threads, "candle has {threads} threads, not {}", job.threads);
    job.serve(&Candle { model, pad: config.pad_token_id as u32 }, &serde_json::json!({}))
}
