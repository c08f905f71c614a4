//! What many interactions show together: never about one member of staff, and never as a cause.

pub(crate) mod repeats;
pub(crate) mod stake;
pub(crate) mod tally;
