#!/usr/bin/env bash
# Sets up libtorch 2.4.0 for the CPU out of PyPI wheels, for the cargo feature `rust-bert`.
#
#   scripts/libtorch.sh [DEST]        DEST is target/libtorch unless given; .cargo/config.toml points there
#
# Needs python3 with pip, and gcc. On a machine with a GPU, point LIBTORCH at an unpacked libtorch 2.4 with CUDA instead.
# Only libtorch_cpu and libc10 are kept of the wheel; libtorch_cpu wants cudart and cupti (15 MB), and libtorch.so, which
# tch links, becomes an empty library that pulls in libtorch_cpu, so that libtorch_cuda is not needed.
set -euo pipefail
cd "$(dirname "$0")/.."
dest=${1:-target/libtorch}
if [ -e "$dest/lib/libtorch.so" ] && [ "$(cat "$dest/build-version" 2>/dev/null)" = 2.4.0 ]; then
    echo "libtorch 2.4.0 is in $dest"
    exit 0
fi
wheels=$(mktemp -d)
trap 'rm -rf "$wheels"' EXIT
python3 -m pip download -q --no-deps -d "$wheels" --only-binary :all: --python-version 311 --platform manylinux1_x86_64 \
    torch==2.4.0 nvidia-cuda-runtime-cu12==12.1.105 nvidia-cuda-cupti-cu12==12.1.105
rm -rf "$dest"
mkdir -p "$dest/lib"
python3 - "$wheels" "$dest" <<'PYTHON'
import pathlib, sys, zipfile

wheels, dest = map(pathlib.Path, sys.argv[1:])
for wheel in wheels.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            base = name.rsplit("/", 1)[-1]
            if name.startswith("torch/include/"):
                out = dest / name.removeprefix("torch/")
            elif base in ("libtorch_cpu.so", "libc10.so") or base.startswith(("libgomp", "libcudart.so", "libcupti.so")):
                out = dest / "lib" / base
            else:
                continue
            if not name.endswith("/"):
                out.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, open(out, "wb") as target:
                    while block := source.read(1 << 20):
                        target.write(block)
PYTHON
gcc -shared -o "$dest/lib/libtorch.so" -x c /dev/null -Wl,--no-as-needed -L"$dest/lib" -ltorch_cpu -lc10 '-Wl,-rpath,$ORIGIN'
echo 2.4.0 > "$dest/build-version"
echo "libtorch 2.4.0 is in $dest"
