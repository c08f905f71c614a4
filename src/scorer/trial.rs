//! Whether a model bears int8: a trial at load against bf16 or f32, for folders that do not say.

use crate::batch::PackedBatch;
use crate::engine::Engine;
use crate::error::Result;
use crate::heads::Heads;
use crate::model::config::EncoderConfig;

/// How far a logit may move: near even odds, 0.1 moves a probability by 0.025.
const MOST_LOGIT_CHANGE: f32 = 0.1;
/// Lengths of the windows that are tried.
const LENGTHS: [usize; 8] = [3, 8, 12, 16, 24, 32, 48, 64];

/// Whether `int8` gives nearly the logits of `exact` on windows of arbitrary pieces of the vocabulary.
///
/// # Errors
/// As [`Engine::encode`].
pub(super) fn passes(
    exact: &dyn Engine,
    int8: &dyn Engine,
    heads: &Heads,
    config: &EncoderConfig,
) -> Result<bool> {
    let mut piece = 1u32;
    let windows: Vec<Vec<u32>> = LENGTHS
        .iter()
        .map(|&length| {
            let ids = (0..length.min(config.max_tokens())).map(|_| {
                // Numerical Recipes' generator; the upper bits, as the lower ones repeat soon.
                piece = piece.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((u64::from(piece) * config.vocab as u64) >> 32) as u32
            });
            ids.collect()
        })
        .collect();
    let batch = PackedBatch::pack(windows.iter().map(Vec::as_slice));
    let exact = heads.logits(&exact.encode(&batch, 1)?, &batch);
    let int8 = heads.logits(&int8.encode(&batch, 1)?, &batch);
    // The vector comes last, and is no logit. Written so that NaN does not pass.
    Ok(exact.iter().zip(&int8).all(|(exact, int8)| {
        let mut pairs = exact.iter().zip(int8).take(exact.len() - config.hidden);
        pairs.all(|(a, b)| (a - b).abs() <= MOST_LOGIT_CHANGE)
    }))
}
