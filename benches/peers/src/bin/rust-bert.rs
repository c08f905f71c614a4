//! rust-bert's BERT on libtorch, in f32.

use anyhow::Context;
use peers::{Job, Runtime, padded};
use rust_bert::Config;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::{Device, Kind, Tensor, nn};

struct RustBert {
    model: BertModel<BertEmbeddings>,
    pad: u32,
}

/// Both `[B, T]`.
struct Batch {
    ids: Tensor,
    mask: Tensor,
}

impl Runtime for RustBert {
    type Batch = Batch;
    type Hidden = Tensor;

    fn batch(&self, rows: &[Vec<u32>]) -> anyhow::Result<Batch> {
        let (ids, mask, _) = padded(rows, self.pad);
        let tensor = |values: Vec<u32>| {
            let values: Vec<i64> = values.into_iter().map(i64::from).collect();
            Tensor::from_slice(&values).reshape([rows.len() as i64, -1])
        };
        Ok(Batch { ids: tensor(ids), mask: tensor(mask) })
    }

    fn encode(&self, batch: &Batch) -> anyhow::Result<Tensor> {
        let (ids, mask) = (Some(&batch.ids), Some(&batch.mask));
        let output =
            tch::no_grad(|| self.model.forward_t(ids, mask, None, None, None, None, None, false));
        Ok(output?.hidden_state)
    }

    fn means(&self, hidden: Tensor, batch: &Batch) -> anyhow::Result<Vec<f32>> {
        let mask = batch.mask.to_kind(Kind::Float).unsqueeze(-1);
        let sum = |tensor: &Tensor| tensor.sum_dim_intlist(1, false, Kind::Float);
        Ok(Vec::try_from((sum(&(hidden * &mask)) / sum(&mask)).reshape([-1]))?)
    }
}

fn main() -> anyhow::Result<()> {
    let job = Job::from_args()?;
    tch::set_num_threads(i32::try_from(job.threads)?);
    let path = job.folder.join("config.json");
    let config: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
    let pad = config["pad_token_id"].as_u64().context("no `pad_token_id`")?;
    let mut store = nn::VarStore::new(Device::Cpu);
    let config = BertConfig::from_file(path);
    let model = BertModel::new_with_optional_pooler(store.root(), &config, false);
    store.load(job.folder.join("model.safetensors"))?;
    job.serve(&RustBert { model, pad: u32::try_from(pad)? }, &serde_json::json!({}))
}
