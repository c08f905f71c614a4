//! A folder of one's own and the command in it, on the tiny model.

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const CANARY: &str = "kanariepiet";

pub(crate) struct Run {
    pub(crate) folder: TempDir,
}

pub(crate) struct Done {
    pub(crate) status: i32,
    pub(crate) lines: Vec<Value>,
    pub(crate) errors: String,
}

impl Run {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    /// Runs `beleving COMMAND FILE` on the tiny model.
    pub(crate) fn command(&self, command: &str, file: &str, more: &[&str], input: &[u8]) -> Done {
        let output = Command::cargo_bin("beleving")
            .expect("built")
            .current_dir(self.folder.path())
            .env("BELEVING_MODEL", concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/tiny"))
            .args([command, file])
            .args(more)
            .write_stdin(input)
            .output()
            .expect("runs");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        Done {
            status: output.status.code().expect("no signal"),
            lines: out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
            errors: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}
