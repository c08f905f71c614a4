"""A checkpoint out of a shipped folder, to train on from where the checkpoints themselves are gone.

    python restore.py --from ../models/beleving-small --to work/restored

Matrices have the precision that they were shipped in, int8 rows; everything else is what it was.
"""
import argparse
import pathlib
import shutil

from safetensors.numpy import load_file, save_file

from export import dequantised


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--from", dest="source", type=pathlib.Path, required=True)
    parser.add_argument("--to", type=pathlib.Path, required=True)
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)
    save_file(dequantised(load_file(args.source / "model.safetensors")), args.to / "model.safetensors", metadata={"format": "pt"})
    shutil.copy(args.source / "config.json", args.to)


if __name__ == "__main__":
    main()
