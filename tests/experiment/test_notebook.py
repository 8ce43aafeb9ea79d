"""The notebook runs from top to bottom, quickly, and is committed without what it printed."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest
from support.needs import ROOT, need

NOTEBOOK = ROOT / "deck" / "demo" / "live-demo.ipynb"


def test_it_is_committed_without_output_or_path() -> None:
    """No result of an older run, no counter, no folder of anybody's machine."""
    text = NOTEBOOK.read_text("utf-8")
    cells = json.loads(text)["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert len(code) >= 7
    for cell in code:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    assert not re.search(r"/(home|Users|root|work|tmp)/|[A-Z]:\\\\", text)


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell ends without an error; on a tiny model, in the folder of another talk."""
    try:
        import nbformat
        import torch  # noqa: F401
        from nbclient import NotebookClient
    except ImportError as error:
        need(False, f"{error.name} is not installed")
    from support.tiny_model import tiny_options, tiny_talk

    from pipeline.experiment.run import run_experiment
    from pipeline.results import write_results

    config = tiny_talk(tmp_path / "talk")
    options = tiny_options(config, cache=config.root / ".cache")
    results = run_experiment(config, options, lambda _: None)
    write_results(results, config.root / "out" / "results.json")
    (config.root / "talk.toml").write_text(_settings(config.root), encoding="utf-8")
    folder = config.root / "deck" / "demo"
    folder.mkdir(parents=True)
    shutil.copy(NOTEBOOK, folder)
    monkeypatch.setenv("TALK_DATA", str(config.root / "messages.tsv"))
    monkeypatch.setenv("TALK_MODEL", str(config.root / "model"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT)]))
    notebook = nbformat.read(folder / NOTEBOOK.name, as_version=4)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    shown = [
        str(output["data"].get("text/html", output["data"]))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    assert len(shown) == sum(cell.cell_type == "code" for cell in notebook.cells)
    assert results.run.id in shown[0]
    assert "Fine-tuned" in shown[3]
    assert "not here" not in shown[4]
    assert "step 50" in shown[-1]


def _settings(root: Path) -> str:
    """talk.toml for the tiny talk."""
    return (
        '[talk]\ntitle = "A tiny talk"\nspeaker = "Nobody"\n'
        "[experiment]\n"
        '[experiment.data]\npositive = "spam"\nnegative = "ham"\n'
        'sample = "sample.tsv"\nsample_name = "the second set"\n'
        "[experiment.training]\nmax_tokens = 32\nfrozen_layers = 1\nepochs = 2\nbatch_size = 8\n"
    )
