//! From hidden states to logits: pooling and the heads.

use crate::batch::PackedBatch;
use crate::error::Result;
use crate::kernels::cpu::Cpu;
use crate::kernels::dense::{Store, Target};
use crate::kernels::gemm::Panels;
use crate::model::config::{EncoderConfig, Family};
use crate::model::manifest::Pooling;
use crate::model::tensors::TensorSpec;
use crate::model::weights::Weights;
use crate::sketch::Sketch;

/// One dense layer of a head, by the name of its tensors.
#[derive(Debug, Clone)]
struct DenseSpec {
    name: String,
    outputs: usize,
    inputs: usize,
    activation: Activation,
}

/// Activation functions between the layers of classification heads.
#[derive(Debug, Clone, Copy)]
enum Activation {
    None,
    Tanh,
    Relu,
}

/// The layers that turn a pooled vector into logits, before they are loaded.
pub(crate) struct HeadsSpec {
    pooling: Pooling,
    /// Per head its layers, in the order of the logits.
    heads: Vec<Vec<DenseSpec>>,
}

impl HeadsSpec {
    /// This project's heads: one linear layer each, named `heads.NAME`.
    pub(crate) fn own<'a>(
        pooling: Pooling,
        hidden: usize,
        heads: impl IntoIterator<Item = (&'a str, usize)>,
    ) -> Self {
        let heads = heads
            .into_iter()
            .map(|(name, classes)| {
                vec![dense(&format!("heads.{name}"), classes, hidden, Activation::None)]
            })
            .collect();
        Self { pooling, heads }
    }

    /// The sequence classification head of a family, as transformers 4 builds it.
    pub(crate) fn of_family(config: &EncoderConfig, classes: usize) -> Self {
        let h = config.hidden;
        let (first, activation, last) = match config.family {
            Family::Bert => ("pooler.dense", Activation::Tanh, "classifier"),
            Family::Roberta => ("classifier.dense", Activation::Tanh, "classifier.out_proj"),
            Family::DistilBert => ("pre_classifier", Activation::Relu, "classifier"),
        };
        let head = vec![dense(first, h, h, activation), dense(last, classes, h, Activation::None)];
        Self { pooling: Pooling::First, heads: vec![head] }
    }

    /// The tensors that [`Heads::load`] reads.
    pub(crate) fn tensors(&self) -> Vec<TensorSpec> {
        let specs = self.heads.iter().flatten().flat_map(|dense| {
            [("weight", vec![dense.outputs, dense.inputs]), ("bias", vec![dense.outputs])]
                .map(|(part, shape)| TensorSpec { name: format!("{}.{part}", dense.name), shape })
        });
        specs.collect()
    }
}

fn dense(name: &str, outputs: usize, inputs: usize, activation: Activation) -> DenseSpec {
    DenseSpec { name: name.to_owned(), outputs, inputs, activation }
}

/// Loaded heads.
pub(crate) struct Heads {
    cpu: Cpu,
    pooling: Pooling,
    hidden: usize,
    heads: Vec<Vec<Dense>>,
    sketch: Dense,
}

struct Dense {
    weight: Panels,
    bias: Vec<f32>,
    activation: Activation,
}

impl Heads {
    pub(crate) fn load(
        cpu: Cpu,
        spec: &HeadsSpec,
        hidden: usize,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        let layer = |spec: &DenseSpec| -> Result<Dense> {
            let weight = weights.matrix(&format!("{}.weight", spec.name))?;
            Ok(Dense {
                weight: Panels::pack(spec.outputs, spec.inputs, |n, out| weight.copy_row(n, out)),
                bias: weights.vector(&format!("{}.bias", spec.name))?,
                activation: spec.activation,
            })
        };
        let heads = spec.heads.iter().map(|head| head.iter().map(layer).collect());
        let directions = Sketch::directions(hidden);
        Ok(Self {
            cpu,
            pooling: spec.pooling,
            hidden,
            heads: heads.collect::<Result<_>>()?,
            sketch: Dense {
                weight: Panels::pack(Sketch::BITS, hidden, |n, out| {
                    out.copy_from_slice(&directions[n * hidden..][..hidden]);
                }),
                bias: vec![0.0; Sketch::BITS],
                activation: Activation::None,
            },
        })
    }

    /// Logits of every window of a batch, all heads side by side, then the vector that they are made of,
    /// `[B][C + H]`.
    ///
    /// `hidden` is `[T, H]`. A window's logits do not depend on the others in the batch.
    pub(crate) fn logits(&self, hidden: &[f32], batch: &PackedBatch) -> Vec<Vec<f32>> {
        batch
            .starts
            .windows(2)
            .map(|w| self.window(&hidden[w[0] * self.hidden..w[1] * self.hidden]))
            .collect()
    }

    fn window(&self, hidden: &[f32]) -> Vec<f32> {
        let pooled = match self.pooling {
            Pooling::First => hidden[..self.hidden].to_vec(),
            Pooling::Mean => mean_rows(hidden, self.hidden),
        };
        let mut logits = Vec::new();
        for head in &self.heads {
            let values = head.iter().fold(pooled.clone(), |x, layer| layer.apply(self.cpu, &x));
            logits.extend(values);
        }
        logits.extend(pooled);
        logits
    }

    /// The projections of a vector `[H]` for a [`Sketch`], `[128]`.
    pub(crate) fn projections(&self, vector: &[f32]) -> Vec<f32> {
        self.sketch.apply(self.cpu, vector)
    }
}

impl Dense {
    fn apply(&self, cpu: Cpu, x: &[f32]) -> Vec<f32> {
        let mut y = vec![0.0; self.bias.len()];
        let store = Store::Biased(&self.bias);
        self.weight.multiply(cpu, x, Target { stride: y.len(), y: &mut y, store });
        match self.activation {
            Activation::None => {}
            Activation::Tanh => y.iter_mut().for_each(|v| *v = v.tanh()),
            Activation::Relu => y.iter_mut().for_each(|v| *v = v.max(0.0)),
        }
        y
    }
}

/// Mean of the rows of `[n, H]`, summed in order. Same rule as mean pooling in sentence-transformers 3.0.
pub(crate) fn mean_rows(hidden: &[f32], h: usize) -> Vec<f32> {
    let mut sum = vec![0.0; h];
    for row in hidden.chunks_exact(h) {
        for (s, v) in sum.iter_mut().zip(row) {
            *s += v;
        }
    }
    let n = (hidden.len() / h) as f32;
    sum.iter().map(|s| s / n).collect()
}
