//! From logits to scores, and from scores to a verdict. Knows no tokens and no engines.

pub(crate) mod aggregate;
pub(crate) mod calibrate;
