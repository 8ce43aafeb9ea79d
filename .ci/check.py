"""All checks, with what is installed in the environment that runs this; nothing is installed.

python .ci/check.py         # style, types, docs, all tests; who imports whom is a test
python .ci/check.py fast    # the same, with the tests that take no more than a minute
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def steps(fast: bool) -> dict[str, list[str]]:
    """What is checked -> the command that does it."""
    python, npm = sys.executable, shutil.which("npm")
    has_tools = npm and (ROOT / "node_modules").is_dir()
    node = [npm, "run", "--silent", "check"] if npm and has_tools else []
    return {
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "style": [python, "-m", "ruff", "check", "."],
        "types": [python, "-m", "mypy", "--num-workers", str(min(4, os.cpu_count() or 1))],
        "docs": [python, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", "out/docs"],
        **({"browser code": node} if fast else {}),  # among all tests it is one
        "tests": [python, "-m", "pytest", "-q", *(["-m", "fast"] if fast else [])],
    }


def passes(name: str, command: list[str]) -> bool:
    """Run one step; one whose tools aren't there is left out, unless REQUIRE_ALL=1."""
    print(f"\n== {name}", flush=True)
    if not command:
        print("left out: it needs Node and `npm ci`")
        return os.environ.get("REQUIRE_ALL") != "1"
    began = time.monotonic()
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    print(f"== {name}: {'passed' if status == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    return status == 0


def main(words: list[str]) -> int:
    if words not in ([], ["fast"]):
        print(__doc__, file=sys.stderr)
        return 2
    failed = [name for name, command in steps(bool(words)).items() if not passes(name, command)]
    print(f"\nfailed: {', '.join(failed)}" if failed else "\nall checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
