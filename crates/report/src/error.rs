//! What can go wrong in making a report?

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Several models or policies read the input, where one is needed.
    #[error("{why}, but the input was read by {found}")]
    Mixed {
        /// Why one is needed.
        why: &'static str,
        /// What was found.
        found: String,
    },
    /// Nothing can be compared.
    #[error("no intent and channel occur both before and after: there is nothing to compare")]
    NothingInCommon,
    /// The output failed.
    #[error("the report cannot be written")]
    Write(#[source] std::io::Error),
    /// What was put on the disk meanwhile cannot be read.
    #[error("the contacts of customers cannot be read back from the disk")]
    Contacts(#[source] std::io::Error),
    /// States cannot be counted: the disk fails, or together they have no order or more roles than there can be functions.
    #[error("what changes over an answer cannot be counted")]
    States(#[source] std::io::Error),
    /// A text file failed.
    #[error("the file with texts cannot be read")]
    Texts(#[source] std::io::Error),
}
