//! The encoder in plain Rust, packed, in f32, bf16 or int8.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use rayon::prelude::*;

use crate::batch::PackedBatch;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::kernels::attention::{self, Shape};
use crate::kernels::cpu::Cpu;
use crate::kernels::dense::{Dense, Format, Steps, Store, Target};
use crate::kernels::gelu;
use crate::kernels::int8::Splits;
use crate::kernels::norm::Norm;
use crate::model::config::EncoderConfig;
use crate::model::weights::{Matrix, Weights};
use crate::parallel::unlocked;

/// Columns of the feed-forward layer that are computed at a time: 128 tokens of them take 262 kB of
/// L2, and in int8 each slice of a token has a scale of its own.
const SLICE: usize = 512;

/// Fewest tokens of a part of a batch that are worth a thread of their own, and most parts.
const PART: usize = 12;
const MOST_PARTS: usize = 8;

/// A BERT-family encoder, ready to run.
pub(crate) struct Native {
    cpu: Cpu,
    format: Format,
    config: EncoderConfig,
    words: Matrix,
    positions: Matrix,
    /// The row that every token of a single text gets.
    token_type: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
    /// Buffers that no batch has now.
    idle: Mutex<Vec<Scratch>>,
    /// Batches that are being encoded now.
    running: AtomicUsize,
}

struct Layer {
    attention_splits: Splits,
    /// Queries, keys and values in one product, `[H, 3 H]`.
    qkv: Linear,
    attention_output: Linear,
    attention_norm: Norm,
    feed_forward_splits: Splits,
    feed_forward: Vec<Slice>,
    output_bias: Vec<f32>,
    output_norm: Norm,
}

/// `x * weight + bias`
struct Linear {
    weight: Dense,
    bias: Vec<f32>,
}

/// Some columns of the feed-forward layer: into them, and from them back to H.
struct Slice {
    intermediate: Linear,
    output: Dense,
}

/// What one batch needs while it is encoded; kept from batch to batch.
#[derive(Default)]
struct Scratch {
    /// Hidden state `[T, H]`.
    x: Vec<f32>,
    /// Attention output, then what becomes the next hidden state, `[T, H]`.
    y: Vec<f32>,
    /// Queries, keys and values `[T, 3 H]`.
    qkv: Vec<f32>,
    position: Vec<f32>,
    parts: Vec<Part>,
}

/// What a thread needs for its rows of a batch.
#[derive(Default)]
struct Part {
    /// A slice of the feed-forward layer.
    wide: Vec<f32>,
    steps: Steps,
    inner: Steps,
    attention: attention::Scratch,
}

/// A batch that is being encoded.
struct Running<'a> {
    count: &'a AtomicUsize,
    /// Whether no other was when it began.
    alone: bool,
}

impl<'a> Running<'a> {
    fn start(count: &'a AtomicUsize) -> Self {
        Self { count, alone: count.fetch_add(1, Ordering::Relaxed) == 0 }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How the parts of an encoder are packed.
#[derive(Clone, Copy)]
struct Packing<'a> {
    weights: &'a Weights<'a>,
    cpu: Cpu,
    format: Format,
}

impl Packing<'_> {
    /// How the inputs of a layer are cut in int8, where the file says so.
    fn splits(self, name: &str) -> Result<Splits> {
        let name = format!("{name}.input_parts");
        match (self.format, self.weights.find_vector(&name)?) {
            (Format::Int8, Some(parts)) => Splits::of(&parts).ok_or_else(|| {
                let text =
                    format!("tensor `{name}` holds other than a few whole numbers from 1 on");
                Error::new(ErrorKind::Weights, text)
            }),
            _ => Ok(Splits::default()),
        }
    }

    /// Packs the rows `outputs` and the columns `inputs` of matrices put one below the other.
    fn dense(
        self,
        matrices: &[Matrix],
        outputs: Range<usize>,
        inputs: Range<usize>,
        splits: &Splits,
    ) -> Dense {
        // All of a layer's joined matrices have the same number of rows.
        let at = |n: usize| {
            let row = outputs.start + n;
            (&matrices[row / matrices[0].rows], row % matrices[0].rows)
        };
        let shape = (outputs.len(), inputs.len() + splits.extras());
        let row = |n: usize, out: &mut [f32]| {
            let (matrix, row) = at(n);
            matrix.copy_part(row, inputs.clone(), out);
        };
        let row8 = |n: usize, out: &mut [i8]| {
            let (matrix, row) = at(n);
            let scale = matrix.copy_part_i8(row, inputs.clone(), &mut out[..inputs.len()]);
            splits.repeat_weights(out);
            scale
        };
        Dense::pack(self.cpu, self.format, shape, row, row8)
    }

    /// Joins linear layers of equal size by their outputs.
    fn linear(self, names: &[String], splits: &Splits) -> Result<Linear> {
        let (mut matrices, mut bias) = (Vec::new(), Vec::new());
        for name in names {
            matrices.push(self.weights.matrix(&format!("{name}.weight"))?);
            bias.extend(self.weights.vector(&format!("{name}.bias"))?);
        }
        let inputs = 0..matrices[0].columns;
        Ok(Linear { weight: self.dense(&matrices, 0..bias.len(), inputs, splits), bias })
    }

    /// Cuts a feed-forward layer into slices.
    fn slices(self, intermediate: &str, output: &str, splits: &Splits) -> Result<Vec<Slice>> {
        let first = [self.weights.matrix(&format!("{intermediate}.weight"))?];
        let second = [self.weights.matrix(&format!("{output}.weight"))?];
        let bias = self.weights.vector(&format!("{intermediate}.bias"))?;
        let (hidden, ffn) = (second[0].rows, second[0].columns);
        let slice = |start: usize| {
            let columns = start..ffn.min(start + SLICE);
            Slice {
                intermediate: Linear {
                    weight: self.dense(&first, columns.clone(), 0..hidden, splits),
                    bias: bias[columns.clone()].to_vec(),
                },
                output: self.dense(&second, 0..hidden, columns, &Splits::default()),
            }
        };
        Ok((0..ffn).step_by(SLICE).map(slice).collect())
    }
}

impl Native {
    /// Packs the weights, layer by layer on the rayon pool that the call is made in.
    pub(crate) fn load(
        cpu: Cpu,
        format: Format,
        config: &EncoderConfig,
        weights: &Weights<'_>,
    ) -> Result<Self> {
        let norm = |name: &str| -> Result<Norm> {
            Ok(Norm {
                weight: weights.vector(&format!("{name}.weight"))?,
                bias: weights.vector(&format!("{name}.bias"))?,
                eps: config.norm_eps,
            })
        };
        let packing = Packing { weights, cpu, format };
        let layer = |n: usize| -> Result<Layer> {
            let name = |part: &str| format!("encoder.layer.{n}.{part}");
            let attention = |part: &str| name(&format!("attention.self.{part}"));
            let attention_splits = packing.splits(&name("attention.self"))?;
            let qkv = [attention("query"), attention("key"), attention("value")];
            let splits = packing.splits(&name("intermediate"))?;
            let (first, second) = (name("intermediate.dense"), name("output.dense"));
            Ok(Layer {
                qkv: packing.linear(&qkv, &attention_splits)?,
                attention_splits,
                attention_output: packing
                    .linear(&[name("attention.output.dense")], &Splits::default())?,
                attention_norm: norm(&name("attention.output.LayerNorm"))?,
                feed_forward: packing.slices(&first, &second, &splits)?,
                feed_forward_splits: splits,
                output_bias: weights.vector(&name("output.dense.bias"))?,
                output_norm: norm(&name("output.LayerNorm"))?,
            })
        };
        let mut token_type = vec![0.0; config.hidden];
        if config.types > 0 {
            weights.matrix("embeddings.token_type_embeddings.weight")?.copy_row(0, &mut token_type);
        }
        Ok(Self {
            cpu,
            format,
            words: weights.matrix("embeddings.word_embeddings.weight")?,
            positions: weights.matrix("embeddings.position_embeddings.weight")?,
            token_type,
            norm: norm("embeddings.LayerNorm")?,
            layers: (0..config.layers).into_par_iter().map(layer).collect::<Result<_>>()?,
            config: config.clone(),
            idle: Mutex::default(),
            running: AtomicUsize::new(0),
        })
    }

    /// Word, position and type rows summed and normalised, `[T, H]`.
    fn embed(&self, batch: &PackedBatch, x: &mut Vec<f32>, position_row: &mut Vec<f32>) {
        let h = self.config.hidden;
        x.resize(batch.ids.len() * h, 0.0);
        position_row.resize(h, 0.0);
        let positions = batch.windows().flat_map(|window| 0..window.len());
        for ((row, &id), position) in x.chunks_exact_mut(h).zip(&batch.ids).zip(positions) {
            self.words.copy_row(id as usize, row);
            self.positions.copy_row(self.config.first_position + position, position_row);
            for ((v, p), t) in row.iter_mut().zip(&*position_row).zip(&self.token_type) {
                *v += p + t;
            }
        }
        self.norm.normalise(self.cpu, x);
    }

    /// Runs the encoder and hands the hidden state after every stage, embeddings first, to `see`.
    ///
    /// A batch that no other runs beside is shared out over the threads of the pool, some tokens each.
    fn run(&self, batch: &PackedBatch, threads: usize, mut see: impl FnMut(&[f32])) -> Vec<f32> {
        let running = Running::start(&self.running);
        let threads = if running.alone { threads.min(MOST_PARTS) } else { 1 };
        let mut scratch = self.idle().and_then(|mut idle| idle.pop()).unwrap_or_default();
        let Scratch { x, y, qkv, position, parts } = &mut scratch;
        let (tokens, h) = (batch.ids.len(), self.config.hidden);
        let share = tokens.div_ceil(threads.min(tokens / PART).max(1)).max(1);
        parts.resize_with(parts.len().max(tokens.div_ceil(share)).max(1), Part::default);
        self.embed(batch, x, position);
        y.resize(tokens * h, 0.0);
        qkv.resize(tokens * 3 * h, 0.0);
        see(x);
        for layer in &self.layers {
            each(parts, share, (x, h), (qkv, 3 * h), |_, part, x, qkv| {
                let input =
                    part.steps.prepare(self.cpu, self.format, x, h, &layer.attention_splits);
                let store = Store::Biased(&layer.qkv.bias);
                layer.qkv.weight.multiply(input, Target { y: qkv, stride: 3 * h, store });
            });
            each(parts, share, (x, h), (y, h), |first, part, x, y| {
                let rows = first..first + x.len() / h;
                self.attend(batch, qkv, rows, y, &mut part.attention);
                self.finish(layer, part, x, y);
            });
            std::mem::swap(x, y);
            see(x);
        }
        let hidden = x.clone();
        if let Some(mut idle) = self.idle() {
            idle.push(scratch);
        }
        hidden
    }

    /// What `rows` of the batch find in their windows, from the queries, keys and values of all.
    fn attend(
        &self,
        batch: &PackedBatch,
        qkv: &[f32],
        rows: Range<usize>,
        y: &mut [f32],
        scratch: &mut attention::Scratch,
    ) {
        let shape = Shape { hidden: self.config.hidden, heads: self.config.heads };
        let h = shape.hidden;
        for w in batch.starts.windows(2) {
            let (first, end) = (w[0].max(rows.start), w[1].min(rows.end));
            if first < end {
                let (qkv, asking) = (&qkv[w[0] * 3 * h..w[1] * 3 * h], first - w[0]..end - w[0]);
                let y = &mut y[(first - rows.start) * h..(end - rows.start) * h];
                attention::attend(self.cpu, shape, qkv, asking, y, scratch);
            }
        }
    }

    /// The rest of a layer for some rows: from the hidden state `x` and the output of attention `y` to the next hidden state, in `y`.
    fn finish(&self, layer: &Layer, part: &mut Part, x: &mut [f32], y: &mut [f32]) {
        let Part { wide, steps, inner, .. } = part;
        let (cpu, format, h) = (self.cpu, self.format, self.config.hidden);
        let rows = x.len() / h;
        let input = steps.prepare(cpu, format, y, h, &Splits::default());
        let store = Store::AddBiased(&layer.attention_output.bias);
        layer.attention_output.weight.multiply(input, Target { y: x, stride: h, store });
        layer.attention_norm.normalise(cpu, x);

        // What the feed-forward layer is added to; it still reads `x`.
        y.copy_from_slice(x);
        let input = steps.prepare(cpu, format, x, h, &layer.feed_forward_splits);
        let mut store = Store::AddBiased(&layer.output_bias);
        for slice in &layer.feed_forward {
            let columns = slice.intermediate.bias.len();
            wide.resize(rows * columns, 0.0);
            let biased = Store::Biased(&slice.intermediate.bias);
            let target = Target { y: wide, stride: columns, store: biased };
            slice.intermediate.weight.multiply(input, target);
            match format {
                Format::F32 => self.config.activation.apply(cpu, wide),
                _ => gelu::apply_coarse(self.config.activation, cpu, wide),
            }
            let input = inner.prepare(cpu, format, wide, columns, &Splits::default());
            slice.output.multiply(input, Target { y, stride: h, store });
            store = Store::Add;
        }
        layer.output_norm.normalise(cpu, y);
    }

    /// Never waited for: a process forked while another thread held it finds it locked for ever.
    fn idle(&self) -> Option<MutexGuard<'_, Vec<Scratch>>> {
        unlocked(&self.idle)
    }
}

/// Calls `f` with every part, the first of its rows, and those rows of two arrays that have so many columns; side by side where there
/// are several.
fn each(
    parts: &mut [Part],
    share: usize,
    (a, a_columns): (&mut [f32], usize),
    (b, b_columns): (&mut [f32], usize),
    f: impl Fn(usize, &mut Part, &mut [f32], &mut [f32]) + Sync,
) {
    if a.len() <= share * a_columns {
        return f(0, &mut parts[0], a, b);
    }
    let a = a.par_chunks_mut(share * a_columns);
    let b = b.par_chunks_mut(share * b_columns);
    let rows = parts.par_iter_mut().zip(a).zip(b).enumerate().with_max_len(1);
    rows.for_each(|(n, ((part, a), b))| f(n * share, part, a, b));
}

impl Engine for Native {
    fn encode(&self, batch: &PackedBatch, threads: usize) -> Result<Vec<f32>> {
        Ok(self.run(batch, threads, |_| ()))
    }

    fn tier(&self) -> &'static str {
        self.cpu.tier().name()
    }

    fn precision(&self) -> &'static str {
        self.format.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::cpu::Tier;
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

    /// All texts in one batch: what a text gets there is what PyTorch gives it alone.
    fn batch(texts: &[serde_json::Value]) -> PackedBatch {
        let ids: Vec<Vec<u32>> =
            texts.iter().map(|t| floats(&t["ids"]).iter().map(|id| *id as u32).collect()).collect();
        PackedBatch::pack(ids.iter().map(Vec::as_slice))
    }

    #[test]
    fn int8_has_the_same_bits_on_wide_tiers_and_every_tier_is_near_f32() {
        let files = ModelFiles::read("models/tiny").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        let weights = Weights::open(&files.weights, &config, &[]).expect("whole");
        let batch = batch(golden()["texts"].as_array().expect("texts"));
        let hidden = |cpu: Cpu, format: Format| {
            let engine = Native::load(cpu, format, &config, &weights).expect("loads");
            engine.encode(&batch, 1).expect("encodes")
        };
        let tiers = Cpu::proven();
        let wide = tiers.iter().filter(|cpu| cpu.tier() >= Tier::Avx512Vnni);
        // What is not an integer is computed alike there, so every bit is the same.
        let mut all = wide.map(|&cpu| hidden(cpu, Format::Int8));
        if let Some(first) = all.next() {
            assert!(all.all(|other| other == first));
        }
        let exact = hidden(Cpu::Portable, Format::F32);
        for cpu in tiers {
            // Twice what was found in these texts, 0.047 and 0.019.
            assert_close(&hidden(cpu, Format::Int8), &exact, Tol::abs(0.1));
            assert_close(&hidden(cpu, Format::Bf16), &exact, Tol::abs(0.04));
        }
    }

    #[test]
    fn a_batch_has_the_same_bits_on_one_thread_and_shared_out_over_several() {
        let files = ModelFiles::read("models/tiny").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        let weights = Weights::open(&files.weights, &config, &[]).expect("whole");
        let texts = [(); 4].map(|()| golden()["texts"].as_array().expect("texts").clone());
        let batch = batch(&texts.concat());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().expect("threads");
        assert!(batch.ids.len() >= 5 * PART, "too short to be shared out");
        for cpu in Cpu::proven() {
            for format in [Format::F32, Format::Bf16, Format::Int8] {
                let engine = Native::load(cpu, format, &config, &weights).expect("loads");
                let encode = |threads| engine.encode(&batch, threads).expect("encodes");
                let shared = pool.install(|| encode(5));
                assert_eq!(shared, encode(1), "{cpu:?}, {format:?}");
                assert_eq!(engine.running.load(Ordering::Relaxed), 0);
            }
        }
    }

    /// `models/tiny` with the number of parts of the first layer's inputs.
    fn with_parts(file: &[u8], parts: &[f32]) -> Vec<u8> {
        use safetensors::tensor::{Dtype, SafeTensors, TensorView};

        let bytes: Vec<u8> = parts.iter().flat_map(|v| v.to_le_bytes()).collect();
        let parts = TensorView::new(Dtype::F32, vec![parts.len()], &bytes).expect("a view");
        let tensors = SafeTensors::deserialize(file).expect("whole");
        let mut tensors = tensors.tensors();
        tensors.push(("encoder.layer.0.intermediate.input_parts".to_owned(), parts));
        safetensors::serialize(tensors, None).expect("serialises")
    }

    #[test]
    fn inputs_are_cut_where_the_file_says_so_and_a_file_that_says_nonsense_is_refused() {
        let files = ModelFiles::read("models/tiny").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        let batch = batch(golden()["texts"].as_array().expect("texts"));
        let hidden = |file: &[u8], format: Format| {
            let weights = Weights::open(file, &config, &[]).expect("whole");
            Native::load(Cpu::best(), format, &config, &weights)?.encode(&batch, 1)
        };
        let mut parts = vec![2.0; config.hidden];
        let cut = with_parts(&files.weights, &parts);
        let [whole, found] = [&files.weights, &cut].map(|f| hidden(f, Format::Int8).expect("runs"));
        assert_ne!(found, whole);
        assert_close(&found, &whole, Tol::abs(0.1));
        let [whole, found] = [&files.weights, &cut].map(|f| hidden(f, Format::F32).expect("runs"));
        assert_eq!(found, whole);

        parts[3] = 0.5;
        for (parts, kind) in [(&parts[..], ErrorKind::Weights), (&parts[1..], ErrorKind::Shape)] {
            let wrong = with_parts(&files.weights, parts);
            assert_eq!(hidden(&wrong, Format::Int8).expect_err("refused").kind(), kind);
        }
    }

    #[test]
    fn hidden_states_are_pytorchs_stage_by_stage_on_every_tier() {
        let files = ModelFiles::read("models/tiny").expect("readable");
        let (config, _) = config::parse(&files.config).expect("valid");
        let weights = Weights::open(&files.weights, &config, &[]).expect("whole");
        let golden = golden();
        let texts = golden["texts"].as_array().expect("texts");
        let batch = batch(texts);
        for cpu in Cpu::proven() {
            let engine = Native::load(cpu, Format::F32, &config, &weights).expect("loads");
            let mut stages = Vec::new();
            engine.run(&batch, 1, |hidden| stages.push(hidden.to_vec()));
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
