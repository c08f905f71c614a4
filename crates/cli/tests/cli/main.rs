//! The command as a user meets it: one program of tests, since each links the whole of what it tests with.

mod archive;
mod folder;
mod forget;
mod mailbox;
mod report;
mod rows;
mod schema;
mod tools;
