//! From logits to scores, and from scores to a verdict. Knows no tokens and no engines.

pub(crate) mod calendar;
pub(crate) mod calibrate;
pub(crate) mod course;
pub(crate) mod head;
pub(crate) mod judge;
pub(crate) mod reasons;
pub(crate) mod state;
