//! Archives of customer messages: every format that they come in, read as records, and tables written.
//!
//! A bad record is data: it comes out as a [`Fault`] that says what was found and what was expected,
//! never what the record holds, and the rest is read. Memory is bounded by the longest record, which a JSON document of
//! up to 64 MiB and a call are as a whole; mails take some hundred bytes each, by which they are threaded.
//!
//! ```
//! use beleving_archive::{Inputs, ReadOptions, Record, Sink};
//!
//! struct Count(usize);
//! impl Sink for Count {
//!     fn take(&mut self, record: Record) -> anyhow::Result<()> {
//!         self.0 += usize::from(record.fields.is_ok());
//!         Ok(())
//!     }
//! }
//!
//! let folder = std::env::temp_dir().join(format!("beleving-archive-{}", std::process::id()));
//! std::fs::create_dir_all(&folder)?;
//! std::fs::write(folder.join("a.csv"), "id;text\n1;Waar blijft mijn pakket?\n")?;
//! let mut count = Count(0);
//! Inputs::find(&[folder.clone()], None)?.read(&ReadOptions::default(), &mut count)?;
//! assert_eq!(count.0, 1);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok::<(), anyhow::Error>(())
//! ```

mod bytes;
mod columnar;
mod columns;
mod csv;
mod input;
mod jsonl;
mod mail;
mod names;
mod numbered;
mod reading;
mod record;
mod rewrite;
mod table;
#[cfg(test)]
mod testing;
mod times;
mod transcript;

pub use columns::{Columns, FIELDS, likely_text};
pub use input::{FilePrint, Format, Inputs, ReadOptions, hex, is_stop, sha256_of};
pub use mail::html::text_of_html;
pub use numbered::Numbered;
pub use record::{Fault, Origin, Record, Sink, Stopped};
pub use rewrite::{Filter, each_line, rewrite};
pub use table::{Column, Kind, Table, TableFormat, unarmed};
pub use times::{DateOrder, Times, shape};

use std::cell::Cell;
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught and stays unsaid.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs work whose panics are caught, without the panic's message, which may quote what was read.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let done = work();
    QUIET.set(before);
    done
}
