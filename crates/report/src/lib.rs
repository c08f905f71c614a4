//! Tables and a readable page of judged customer interactions.

mod compare;
mod estimate;
mod line;

pub use compare::{Comparison, Difference, Finding};
pub use estimate::{CalibrationError, Checked, Estimate, Method, Sums};
pub use line::{Line, LineError, Verdict};
