//! A folder of one's own and the command in it, on the tiny model.

use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) const CANARY: &str = "kanariepiet";
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
pub(crate) const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny");

pub(crate) struct Folder(TempDir);

/// How the command ended, and what it wrote.
pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Done {
    pub(crate) fn lines(&self) -> Vec<Value> {
        lines_of(&self.out)
    }
}

impl From<Output> for Done {
    fn from(Output { status, stdout, stderr }: Output) -> Self {
        Self {
            status: status.code().expect("no signal"),
            out: String::from_utf8(stdout).expect("UTF-8"),
            errors: String::from_utf8(stderr).expect("UTF-8"),
        }
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path
    }

    /// A file of JSON lines.
    pub(crate) fn rows(&self, name: &str, rows: impl IntoIterator<Item: Display>) {
        self.file(name, rows.into_iter().map(|row| format!("{row}\n")).collect::<String>());
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).expect("UTF-8")
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        lines_of(&self.text(name))
    }

    /// What lies in it, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let found = fs::read_dir(self.0.path()).expect("readable");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = found.map(|entry| name(entry.expect("readable"))).collect();
        names.sort();
        names
    }

    /// The command, not started yet.
    pub(crate) fn beleving(&self, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beleving"));
        command.current_dir(self.0.path()).env("BELEVING_MODEL", TINY).args(args);
        command
    }

    pub(crate) fn done(&self, args: impl IntoIterator<Item: AsRef<OsStr>>) -> Done {
        self.beleving(args).output().expect("runs").into()
    }

    /// `beleving COMMAND FILE`, with `input` on standard input.
    pub(crate) fn call(&self, command: &str, file: &str, more: &[&str], input: &[u8]) -> Done {
        let mut command = self.beleving([&[command, file], more].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        // One that refuses to run does not read it.
        let _ = child.stdin.take().expect("piped").write_all(input);
        child.wait_with_output().expect("ended").into()
    }

    /// Runs a line of arguments. Gives the status and the errors.
    pub(crate) fn run(&self, args: &str) -> (i32, String) {
        let Done { status, errors, .. } = self.done(args.split_whitespace());
        (status, errors)
    }

    pub(crate) fn succeeds(&self, args: &str) {
        let (status, errors) = self.run(args);
        assert_eq!(status, 0, "{args}: {errors}");
    }
}

fn lines_of(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
