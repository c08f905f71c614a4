//! The encoder in plain Rust, f32, packed.

use crate::batch::PackedBatch;
use crate::engine::Engine;
use crate::error::Result;
use crate::kernels::attention::{self, Shape};
use crate::kernels::cpu::Cpu;
use crate::kernels::gemm::{Panels, Rows};
use crate::kernels::norm::Norm;
use crate::model::config::EncoderConfig;
use crate::model::weights::{Matrix, Weights};

/// A BERT-family encoder, ready to run.
pub(crate) struct Native {
    cpu: Cpu,
    config: EncoderConfig,
    words: Matrix,
    positions: Matrix,
    /// The row that every token of a single text gets.
    token_type: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

struct Layer {
    /// Queries, keys and values in one product, `[H, 3 H]`.
    qkv: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

/// `x * weight + bias`
struct Linear {
    weight: Panels,
    bias: Vec<f32>,
}

impl Linear {
    /// Joins linear layers of equal input by their outputs.
    fn load(weights: &Weights<'_>, names: &[String]) -> Result<Self> {
        let (mut values, mut bias, mut k) = (Vec::new(), Vec::new(), 0);
        for name in names {
            let matrix = weights.matrix(&format!("{name}.weight"))?;
            k = matrix.columns;
            values.extend(matrix.to_f32());
            bias.extend(weights.vector(&format!("{name}.bias"))?);
        }
        Ok(Self { weight: Panels::from_weight(&values, bias.len(), k), bias })
    }

    /// Resizes `y` to `[M, N]` and fills it; `x` is `[M, K]`.
    fn apply(&self, cpu: Cpu, x: &[f32], m: usize, y: &mut Vec<f32>) {
        let n = self.bias.len();
        y.resize(m * n, 0.0);
        let rows = Rows { values: x, stride: x.len() / m.max(1) };
        self.weight.multiply(cpu, rows, m, Some(&self.bias), y, n);
    }
}

impl Native {
    pub(crate) fn load(config: &EncoderConfig, weights: &Weights<'_>) -> Result<Self> {
        let norm = |name: &str| -> Result<Norm> {
            Ok(Norm {
                weight: weights.vector(&format!("{name}.weight"))?,
                bias: weights.vector(&format!("{name}.bias"))?,
                eps: config.norm_eps,
            })
        };
        let layer = |n: usize| -> Result<Layer> {
            let name = |part: &str| format!("encoder.layer.{n}.{part}");
            let attention = |part: &str| name(&format!("attention.self.{part}"));
            let linear = |names: &[String]| Linear::load(weights, names);
            Ok(Layer {
                qkv: linear(&[attention("query"), attention("key"), attention("value")])?,
                attention_output: linear(&[name("attention.output.dense")])?,
                attention_norm: norm(&name("attention.output.LayerNorm"))?,
                intermediate: linear(&[name("intermediate.dense")])?,
                output: linear(&[name("output.dense")])?,
                output_norm: norm(&name("output.LayerNorm"))?,
            })
        };
        let mut token_type = vec![0.0; config.hidden];
        if config.types > 0 {
            weights.matrix("embeddings.token_type_embeddings.weight")?.copy_row(0, &mut token_type);
        }
        Ok(Self {
            cpu: Cpu::best(),
            words: weights.matrix("embeddings.word_embeddings.weight")?,
            positions: weights.matrix("embeddings.position_embeddings.weight")?,
            token_type,
            norm: norm("embeddings.LayerNorm")?,
            layers: (0..config.layers).map(layer).collect::<Result<_>>()?,
            config: config.clone(),
        })
    }

    /// Word, position and type rows summed and normalised, `[T, H]`.
    fn embed(&self, batch: &PackedBatch) -> Vec<f32> {
        let h = self.config.hidden;
        let mut x = vec![0.0; batch.ids.len() * h];
        let mut position_row = vec![0.0; h];
        let positions = batch.windows().flat_map(|window| 0..window.len());
        for ((row, &id), position) in x.chunks_exact_mut(h).zip(&batch.ids).zip(positions) {
            self.words.copy_row(id as usize, row);
            self.positions.copy_row(self.config.first_position + position, &mut position_row);
            for ((v, p), t) in row.iter_mut().zip(&position_row).zip(&self.token_type) {
                *v += p + t;
            }
        }
        self.norm.normalise(self.cpu, &mut x);
        x
    }

    /// Runs the encoder and hands the hidden state after every stage, embeddings first, to `see`.
    fn run(&self, batch: &PackedBatch, mut see: impl FnMut(&[f32])) -> Vec<f32> {
        let (cpu, tokens) = (self.cpu, batch.ids.len());
        let shape = Shape { hidden: self.config.hidden, heads: self.config.heads };
        let (h, mut scratch) = (shape.hidden, attention::Scratch::default());
        let (mut wide, mut context, mut added) = (Vec::new(), vec![0.0; tokens * h], Vec::new());
        let mut x = self.embed(batch);
        see(&x);
        for layer in &self.layers {
            layer.qkv.apply(cpu, &x, tokens, &mut wide);
            for w in batch.starts.windows(2) {
                let qkv = &wide[w[0] * 3 * h..w[1] * 3 * h];
                attention::attend(cpu, shape, qkv, &mut context[w[0] * h..w[1] * h], &mut scratch);
            }
            layer.attention_output.apply(cpu, &context, tokens, &mut added);
            layer.attention_norm.add_and_normalise(cpu, &mut x, &added);
            layer.intermediate.apply(cpu, &x, tokens, &mut wide);
            self.config.activation.apply(cpu, &mut wide);
            layer.output.apply(cpu, &wide, tokens, &mut added);
            layer.output_norm.add_and_normalise(cpu, &mut x, &added);
            see(&x);
        }
        x
    }
}

impl Engine for Native {
    fn encode(&self, batch: &PackedBatch) -> Result<Vec<f32>> {
        Ok(self.run(batch, |_| ()))
    }

    fn arithmetic(&self) -> &'static str {
        self.cpu.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::{Tol, assert_close};
    use crate::model::config;
    use crate::model::files::ModelFiles;

    /// PyTorch's hidden states of `models/tiny`, made by `training/golden.py`.
    fn golden() -> serde_json::Value {
        serde_json::from_slice(include_bytes!("../../tests/golden/tiny.json")).expect("JSON")
    }

    fn floats(values: &serde_json::Value) -> Vec<f32> {
        values
            .as_array()
            .expect("values")
            .iter()
            .map(|v| v.as_f64().expect("a number") as f32)
            .collect()
    }

    #[test]
    fn hidden_states_are_pytorchs_stage_by_stage_on_every_tier() {
        let files = ModelFiles::read("models/tiny").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        let weights = Weights::open(&files.weights, &config, &[]).expect("whole");
        let golden = golden();
        let texts = golden["texts"].as_array().expect("texts");
        let ids: Vec<Vec<u32>> =
            texts.iter().map(|t| floats(&t["ids"]).iter().map(|id| *id as u32).collect()).collect();
        // All texts in one batch: what a text gets there is what PyTorch gives it alone.
        let batch = PackedBatch::pack(ids.iter().map(Vec::as_slice));
        for cpu in Cpu::available() {
            let engine = Native { cpu, ..Native::load(&config, &weights).expect("loads") };
            let mut stages = Vec::new();
            engine.run(&batch, |hidden| stages.push(hidden.to_vec()));
            assert_eq!(stages.len(), config.layers + 1);
            for (stage, found) in stages.iter().enumerate() {
                for (text, range) in texts.iter().zip(batch.starts.windows(2)) {
                    let found = &found[range[0] * config.hidden..range[1] * config.hidden];
                    // Six decimals in the file; values up to 4 after sums of 64 products.
                    assert_close(found, &floats(&text["hidden"][stage]), Tol::abs(2e-5));
                }
            }
        }
    }
}
