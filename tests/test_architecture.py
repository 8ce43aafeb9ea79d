"""Who may import whom: the structure that is to stay."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def modules() -> list[Path]:
    return sorted((ROOT / "pipeline").rglob("*.py"))


def test_each_room_imports_only_what_stands_before_it() -> None:
    """The contracts of pyproject.toml, inside functions too; no circle between rooms."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_build_without_torch_matplotlib_or_a_server(tmp_path: Path) -> None:
    """With a run pinned and figures drawn, a build loads none of what other commands need."""
    code = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from support.second_talk import write_pinned_copy
from pathlib import Path
from pipeline.cli import main
root = write_pinned_copy(Path({str(tmp_path)!r}) / "talk")
arguments = ["--talk", str(root), "--out", str(root / "out")]
if "draw" in sys.argv:
    sys.exit(main(arguments))
status = main(arguments)
heavy = {{"torch", "transformers", "sklearn", "datasets", "matplotlib", "fontTools",
          "starlette", "uvicorn", "websockets", "anyio", "watchfiles"}} & sys.modules.keys()
assert not heavy, heavy
sys.exit(status)
"""
    draw = subprocess.run([sys.executable, "-c", code, "draw"], capture_output=True, text=True)
    assert draw.returncode == 0, draw.stderr
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr


def test_the_machine_knows_no_word_of_this_talk() -> None:
    """Title, speaker, event, labels, data and model stand in content, never in the machine."""
    settings = tomllib.loads((ROOT / "talk.toml").read_text(encoding="utf-8"))
    experiment = settings["experiment"]
    words = {
        settings["talk"]["title"],
        settings["talk"]["subtitle"],
        settings["talk"]["event"],
        experiment["data"]["positive"],
        experiment["data"]["negative"],
        experiment["data"]["name"],
        experiment["data"]["hub"],
        experiment["model"]["hub"],
        experiment["model"]["package"]["name"],
        experiment["model"]["package"]["model"],
        "SmolLM",
        "DistilGPT",
        "SMS",
    }
    files = [ROOT / "build.py", *modules(), *(ROOT / "templates").rglob("*.*")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for word in words:
            found = re.search(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", text, re.IGNORECASE)
            line = text.count("\n", 0, found.start()) + 1 if found else 0
            assert not found, f"{path.relative_to(ROOT)}:{line} says {word!r}"
