//! Tables and a readable page of judged customer interactions.
//!
//! ```
//! use beleving_report::{Audience, Collected, Language, Options, Voice};
//!
//! let line = r#"{"schema":1,"interaction":"i1","assessable":true,"risk":0.9,"flagged":true,
//!     "model":"m@1","policy":"p@1"}"#.replace('\n', "");
//! let mut collected = Collected::default();
//! collected.read(line.as_bytes())?;
//! let tables = collected.tables(&Options::default())?;
//! assert_eq!(tables.counts.flagged, 1);
//! let page = tables.html(Voice { language: Language::English, audience: Audience::Customer });
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `docs/report.md` explains every figure.

mod across;
mod chart;
mod collect;
mod compare;
mod error;
mod estimate;
mod export;
mod line;
mod moments;
mod page;
mod piles;
mod states;
mod tables;
mod text;
mod voice;

pub use across::{AtStake, CustomerAtStake, ReturnRow, Returns, Together};
pub use collect::{Collected, Unreadable};
pub use compare::{Comparison, Difference, Differences, Finding};
pub use error::ReportError;
pub use estimate::{CalibrationError, Checked, Estimate, Method, Sums, wilson};
pub use line::{Failure, Line, LineError, Verdict};
pub use moments::{Leaves, Moment, Quote, TextsFound};
pub use tables::*;
pub use voice::{Audience, Language, Voice};
