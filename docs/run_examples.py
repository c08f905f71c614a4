"""Runs the Python examples of pages as a reader would, each page in a process and folder of its own.

    python docs/run_examples.py docs/python.md …

A block that begins with ``# not run`` is left out.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main(pages: list[str]) -> None:
    for page in pages:
        text = Path(page).read_text()
        blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        blocks = [block for block in blocks if not block.startswith("# not run")]
        if not blocks:
            sys.exit(f"{page}: there is no example to run")
        here = {**os.environ, "PYSPARK_PYTHON": sys.executable}
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([sys.executable, "-c", "\n".join(blocks)], cwd=folder, env=here)
        if run.returncode:
            sys.exit(f"{page}: the examples end with status {run.returncode}")
        print(f"{page}: {len(blocks)} examples run")


main(sys.argv[1:])
