//! `cargo task NAME`: the project's checks, the same on a desk and in CI.

mod archive;
mod disk;
mod fuzz;

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

const HELP: &str = "cargo task NAME

  check    formatting, clippy, docs, licences and sources of the dependencies, the written text
  test     the tests that need nothing but Rust, those of Arrow too
  arrow    the tests of the feature `arrow`
  golden   both engines against PyTorch, and the rust-bert engine's tests; sets libtorch up first
  neon     the native engine's tests on AArch64, emulated: cargo task neon [RUSTC], a compiler with its library
  pin      pins what the shipped model says of the examples, after new weights (tests/drift.rs)
  bench    the benchmarks
  report-pages  invented reports in a headless browser; needs node with npm, and chromium
  nasty    200 broken files through `beleving score`, in bounded time and memory
  kills    runs of 60,000 messages, killed 20 times and resumed: cargo task kills [MESSAGES [KILLS]]
  disk-full  runs onto a disk that is too small, resumed when there is room; needs root
  fuzz     every reader of archives on made-up bytes: cargo task fuzz [SECONDS]
  archive  makes an archive of invented text in target/archive: cargo task archive N
  python   the Python wheel, and its tests and examples in a fresh environment under target/
  spark    the tests and examples on Spark, executors as processes of their own; needs Java 17
  package  the size of the published crate";

/// What a registry crate may hold.
const MAX_PACKAGE_BYTES: u64 = 10 << 20;
/// What a wheel may hold.
const MAX_WHEEL_BYTES: u64 = 90_000_000;

fn main() -> ExitCode {
    let name = env::args().nth(1).unwrap_or_default();
    let done = match name.as_str() {
        "check" => check(),
        "test" => test(),
        "arrow" => arrow(),
        "golden" => golden(),
        "neon" => neon(&env::args().nth(2).unwrap_or("rustc".to_owned())),
        "pin" => pin(),
        "bench" => cargo(&["bench", "--package", "beleving"]),
        "report-pages" => run(&mut command("bash", &["crates/report/tests/browser/run.sh"])),
        "python" => python(),
        "spark" => spark(),
        "package" => package(),
        "nasty" => archive::nasty(),
        "kills" => kills(),
        "disk-full" => disk::full(),
        "fuzz" => fuzz::all(&env::args().nth(2).unwrap_or("60".to_owned())),
        "archive" => archive::generate(&env::args().nth(2).unwrap_or("1000000".to_owned())),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("task {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn kills() -> anyhow::Result<()> {
    let mut more = env::args().skip(2);
    let rows = more.next().unwrap_or("60000".to_owned());
    let kills = more.next().map_or(Ok(20), |n| n.parse()).context("how many kills?")?;
    archive::kills(&rows, kills)
}

fn test() -> anyhow::Result<()> {
    cargo(&["test"])?;
    arrow()
}

fn arrow() -> anyhow::Result<()> {
    // The rest of the library is the same with the feature.
    let arrow = ["test", "--features", "beleving/arrow"];
    cargo(&[&arrow[..], &["--test", "arrow"]].concat())?;
    cargo(&[&arrow[..], &["--doc", "arrow"]].concat())
}

fn check() -> anyhow::Result<()> {
    cargo(&["fmt", "--all", "--check"])?;
    cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    let docs = ["doc", "--workspace", "--no-deps", "--document-private-items"];
    run(command("cargo", &docs).env("RUSTDOCFLAGS", "--deny warnings"))?;
    // Without the advisories: CI has no way to their database.
    cargo(&["deny", "check", "bans", "licenses", "sources"])?;
    run(&mut command("python3", &["training/check_written.py"]))
}

fn golden() -> anyhow::Result<()> {
    run(&mut command("bash", &["scripts/libtorch.sh"]))?;
    let libraries = root().join("target/libtorch/lib");
    let clippy = [
        "clippy",
        "--package", // by itself, so that what it needs stands in its own Cargo.toml
        "beleving",
        "--all-targets",
        "--features",
        "arrow,rust-bert",
        "--",
        "--deny",
        "warnings",
    ];
    run(command("cargo", &clippy).env("LD_LIBRARY_PATH", &libraries))?;
    // `--nocapture` shows the table of how far the engines are apart.
    let test = [
        "test",
        "--features",
        "beleving/rust-bert",
        "--test",
        "golden",
        "--test",
        "same_score",
        "--test",
        "engines_agree",
        "--",
        "--nocapture",
    ];
    run(command("cargo", &test).env("LD_LIBRARY_PATH", &libraries))
}

/// Kernels, golden values and the shipped model on another architecture, in a folder of its own under `target/`.
fn neon(rustc: &str) -> anyhow::Result<()> {
    let test = [
        "test",
        "--target",
        "aarch64-unknown-linux-gnu",
        "--target-dir",
        "target/aarch64",
        "--package",
        "beleving",
        "--lib",
        "--test",
        "golden",
        "--test",
        "drift",
        "--",
        "--skip",
        "as_pinned", // f32, which takes minutes there and which the golden values prove
    ];
    // The names that Debian gives them: gcc-aarch64-linux-gnu, g++-aarch64-linux-gnu, qemu-user-static.
    let tools = [
        ("RUSTC", rustc),
        ("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", "aarch64-linux-gnu-gcc"),
        ("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", "qemu-aarch64-static"),
        // By it a test fails where the emulator lacks the instructions.
        ("BELEVING_TIER", "neon-i8mm"),
    ];
    run(command("cargo", &test).envs(tools))
}

fn pin() -> anyhow::Result<()> {
    let test = ["test", "--test", "drift", "as_pinned"];
    run(command("cargo", &test).env("BELEVING_PIN", "1"))
}

fn package() -> anyhow::Result<()> {
    cargo(&["package", "--package", "beleving", "--no-verify", "--allow-dirty"])?;
    let name = format!("target/package/beleving-{}.crate", env!("CARGO_PKG_VERSION"));
    let bytes = root().join(&name).metadata().with_context(|| format!("no `{name}`"))?.len();
    eprintln!("{name}: {bytes} bytes");
    if bytes > MAX_PACKAGE_BYTES {
        bail!("{name} has {bytes} bytes, a registry takes {MAX_PACKAGE_BYTES}");
    }
    Ok(())
}

/// Builds the wheel, installs it without a network, and runs what a user of it would.
fn python() -> anyhow::Result<()> {
    let python = wheel()?;
    let versions = ["pandas>=2.2", "polars>=1.8", "pyarrow>=18", "duckdb>=1.1", "pytest>=8"];
    run(&mut command(&python, &[&["-m", "pip", "install", "--quiet"], &versions[..]].concat()))?;
    // The tests compare with it.
    cargo(&["build", "--release", "--package", "beleving-cli"])?;
    pytest(&python, &["-m", "not spark"])?;
    run(&mut command(&python, &["docs/run_examples.py", "docs/python.md", "docs/arrow.md"]))
}

fn spark() -> anyhow::Result<()> {
    if command("java", &["-version"]).output().is_err() {
        bail!("there is no `java`; install Java 17 (Debian: openjdk-17-jre-headless)");
    }
    let python = wheel()?;
    let versions = ["pandas>=2.2", "pyarrow>=18", "pyspark==4.0.1", "pytest>=8"];
    run(&mut command(&python, &[&["-m", "pip", "install", "--quiet"], &versions[..]].concat()))?;
    pytest(&python, &["-m", "spark"])?;
    run(&mut command(&python, &["docs/run_examples.py", "docs/spark.md"]))
}

/// Puts the wheel into an environment of its own under `target/` and returns its interpreter.
fn wheel() -> anyhow::Result<String> {
    let home = root().join("target/python");
    let python = home.join("bin/python").to_string_lossy().into_owned();
    if !home.join("bin/python").exists() {
        run(&mut command("python3", &["-m", "venv", "target/python"]))?;
    }
    run(&mut command(&python, &["-m", "pip", "install", "--quiet", "maturin>=1.8,<2"]))?;
    let wheels = root().join("target/wheels");
    let _ = std::fs::remove_dir_all(&wheels); // there may be none
    let manifest = "crates/python/Cargo.toml";
    let build =
        ["-m", "maturin", "build", "--release", "--locked", "-m", manifest, "-o", "target/wheels"];
    run(&mut command(&python, &build))?;
    let built = std::fs::read_dir(&wheels)?.next().context("maturin built no wheel")??;
    let bytes = built.metadata()?.len();
    eprintln!("{}: {bytes} bytes", built.path().display());
    if bytes > MAX_WHEEL_BYTES {
        bail!(
            "the wheel has {bytes} bytes, at most {MAX_WHEEL_BYTES} are meant to be carried about"
        );
    }
    let wheel = built.path().to_string_lossy().into_owned();
    let install = ["-m", "pip", "install", "--quiet", "--no-index", "--force-reinstall", &wheel];
    run(&mut command(&python, &install))?;
    Ok(python)
}

fn pytest(python: &str, args: &[&str]) -> anyhow::Result<()> {
    let all =
        [&["-m", "pytest", "-c", "crates/python/pyproject.toml", "crates/python/tests"], args]
            .concat();
    run(&mut command(python, &all))
}

/// Builds `target/debug/beleving`, as its tests need it and have built it.
fn debug_command() -> anyhow::Result<()> {
    cargo(&["test", "--no-run", "--test", "cli"])
}

/// Runs cargo without `--package` where it can: what is built with the features of one package alone is built anew.
fn cargo(args: &[&str]) -> anyhow::Result<()> {
    run(&mut command("cargo", args))
}

fn command(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    eprintln!("+ {command:?}");
    let status =
        command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{:?} ended with {status}", command.get_program());
    }
    Ok(())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
