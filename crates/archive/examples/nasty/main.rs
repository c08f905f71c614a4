//! Writes 200 files that no archive should hold: `cargo run --example nasty FOLDER`.

mod files;

use std::path::PathBuf;

fn main() -> anyhow::Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).unwrap_or("target/nasty".into()).into();
    std::fs::create_dir_all(&folder)?;
    for (name, bytes) in files::all(&folder)? {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
