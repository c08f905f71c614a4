//! Tables and a readable page of judged customer interactions.

mod chart;
mod collect;
mod compare;
mod error;
mod estimate;
mod export;
mod line;
mod moments;
mod page;
mod tables;
mod voice;

pub use collect::{Collected, Unreadable};
pub use compare::{Comparison, Difference, Finding};
pub use error::ReportError;
pub use estimate::{CalibrationError, Checked, Estimate, Method, Sums};
pub use line::{Line, LineError, Verdict};
pub use moments::{Leaves, Moment, Quote};
pub use tables::*;
pub use voice::{Audience, Language, Voice};
