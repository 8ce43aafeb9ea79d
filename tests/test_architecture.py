"""Who may import whom: the structure that is to stay."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each part -> the parts of the project that it may import, lazily or not.
MAY_IMPORT = {
    "pipeline.errors": set(),
    "pipeline.config": {"pipeline.errors"},
    "pipeline.web": {"pipeline.errors"},
    "pipeline.experiment.results": {"pipeline.errors"},
    "pipeline.experiment": {"pipeline.errors", "pipeline.config", "pipeline.experiment.results"},
    "pipeline.talk": {"pipeline.errors", "pipeline.config", "pipeline.experiment.results"},
    "pipeline.site": {
        "pipeline.errors",
        "pipeline.web",
        "pipeline.config",
        "pipeline.experiment.results",
        "pipeline.talk",
    },
    "pipeline.rehearsal": {
        "pipeline.errors",
        "pipeline.web",
        "pipeline.config",
        "pipeline.experiment.results",
        "pipeline.talk",
    },
}
TORCH_FAMILY = {"torch", "transformers", "accelerate", "datasets", "sklearn", "gguf", "psutil"}


def modules() -> list[Path]:
    return sorted((ROOT / "pipeline").rglob("*.py"))


def part_of(module: str) -> str:
    """The longest entry of the table that a module belongs to."""
    return max((p for p in MAY_IMPORT if f"{module}.".startswith(f"{p}.")), key=len, default="")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_left_of_it(path: Path) -> None:
    """Errors and config, then results, talk, site: nothing imports to its right."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    own = part_of(module)
    for name in imports(path):
        if not name.startswith("pipeline.") or not own:
            continue
        other = part_of(name)
        assert other == own or other in MAY_IMPORT[own], f"{module} imports {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_experiment_imports_torch(path: Path) -> None:
    """torch and its family stay inside pipeline.experiment."""
    if "experiment" in path.parts:
        return
    roots = {name.split(".")[0] for name in imports(path)}
    assert not roots & TORCH_FAMILY, f"{path} imports {roots & TORCH_FAMILY}"


def test_pages_build_without_torch_or_matplotlib(tmp_path: Path) -> None:
    """With a run pinned and figures drawn, a build loads neither torch nor matplotlib."""
    code = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
from second_talk import write_pinned_copy
from pathlib import Path
import build
root = write_pinned_copy(Path({str(tmp_path)!r}) / "talk")
arguments = ["--talk", str(root), "--out", str(root / "out")]
if "draw" in sys.argv:
    sys.exit(build.main(arguments))
status = build.main(arguments)
heavy = [m for m in ("torch", "transformers", "sklearn", "datasets", "matplotlib", "fontTools")
         if m in sys.modules]
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
