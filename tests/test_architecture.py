"""The structure that is to stay: who imports whom, how long a function is, what a test asserts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from support.needs import ROOT
from support.second_talk import write_pinned_copy

from pipeline.cli import main

LONGEST = 50  # lines


def modules() -> list[Path]:
    return sorted((ROOT / "pipeline").rglob("*.py"))


def test_each_room_imports_only_what_stands_before_it() -> None:
    """The contracts of pyproject.toml, inside functions too; no circle between rooms."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_build_without_torch_matplotlib_or_a_server(tmp_path: Path) -> None:
    """With a run pinned and figures drawn, a build loads none of what other commands need."""
    root = write_pinned_copy(tmp_path / "talk")
    assert main(["--talk", str(root)]) == 0  # draws
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pipeline.cli import main
status = main(["--talk", {str(root)!r}])
heavy = {{"torch", "transformers", "sklearn", "datasets", "matplotlib", "fontTools",
          "starlette", "uvicorn", "websockets", "anyio", "watchfiles",
          "babel", "yaml", "pyphen", "text_to_num",
          "ftfy", "pygments", "asyncio", "http.client", "urllib.request", "email",
          "importlib.metadata", "pipeline.measure.readers", "pipeline.pictures.own.drawing",
          "pipeline.checks.diff", "pipeline.cli.formats"}} & sys.modules.keys()
assert not heavy, heavy
sys.exit(status)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_to_do_is_known_before_anything_is_loaded() -> None:
    """What tells it needs little of the standard library, and nothing else of ours."""
    code = """
import sys
before = {*sys.modules}  # an environment may load more for itself
from pipeline import stamp
stamp.said_again(stamp.place_of(["check"]), ["check"])
print(*{name.partition(".")[0] for name in sys.modules.keys() - before})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    loaded = {name for name in done.stdout.split() if not name.startswith("_")}
    assert loaded <= {
        "pipeline",
        "json",
        "hashlib",
        "re",
        "enum",
        "types",
        "functools",
        "itertools",
        "collections",
        "keyword",
        "operator",
        "reprlib",
        "copyreg",
        "codecs",
    }, loaded


def test_no_function_is_longer_than_a_screen() -> None:
    """At most 50 lines each."""
    long = []
    for path in [ROOT / "build.py", *modules()]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {lines} lines")
    assert long == []


def test_no_test_asserts_a_time() -> None:
    """A busy machine is no fault: times are measured by the benchmarks."""
    clocks = re.compile(r"\b(monotonic|perf_counter|process_time|time\.time)(_ns)?\(")
    found = []
    for path in sorted((ROOT / "tests").rglob("*.py")):
        text = path.read_text("utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Assert) and clocks.search(ast.unparse(node)):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


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
