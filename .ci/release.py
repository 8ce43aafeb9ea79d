"""Makes what a release consists of, the same bytes from the same commit.

python .ci/release.py DIR   # an empty or a new folder

The wheel; requirements.txt, what it needs for `publish` by version and hash; a bill of materials in
CycloneDX's JSON of an environment with just these; SHA256SUMS.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from lock import OWN_BUILD, ROOT, needed


def run(*command: str | Path) -> None:
    """A step, from the project's folder; no clock: what asks for a time gets none."""
    known = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=True, env=known)


def bill(requirements: Path, to: Path) -> None:
    """What stands in an environment that has what the wheel needs, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=False)
        pip = ("pip", "--disable-pip-version-check", "--python", folder, "install", "-q")
        run(*pip, "--no-compile", "--no-deps", "--require-hashes", "-r", requirements)
        # Of the wheel itself pyproject.toml tells: where it lies here is nobody's business.
        form = ("--output-reproducible", "--mc-type", "application", "-o", to)
        run("cyclonedx_py", "environment", folder, "--pyproject", "pyproject.toml", *form)


def main(words: list[str]) -> int:
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    to = Path(words[0]).absolute()
    to.mkdir(parents=True, exist_ok=True)
    if any(to.iterdir()):
        print(f"{to} isn't empty", file=sys.stderr)
        return 1
    run("hatchling", "build", "-t", "wheel", "-d", to)
    (wheel,) = to.glob("*.whl")
    requirements = to / "requirements.txt"
    lines = "".join(one.text for one in needed(("publish",), OWN_BUILD))
    requirements.write_text(lines, "utf-8")
    bill(requirements, to / f"{wheel.name.removesuffix('.whl')}.cdx.json")
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in to.iterdir()}
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (to / "SHA256SUMS").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
