"""One training in several processes, as `accelerate launch` and `torchrun` start them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.tiny_model import tiny_options, tiny_talk

from pipeline.config import Config
from pipeline.experiment import together
from pipeline.experiment.run import run_experiment
from pipeline.problems import TalkError
from pipeline.results import Results, read_results

ROOT = Path(__file__).resolve().parents[2]
# What `build` does of the experiment, in each process.
SCRIPT = """
import sys
from pathlib import Path

from support.tiny_model import tiny_experiment, tiny_options

from pipeline.config import Config, TalkInfo
from pipeline.experiment import together
from pipeline.experiment.run import help_training, run_experiment

root = Path(sys.argv[1])
config = Config(root, TalkInfo("A tiny talk", "Nobody"), experiment=tiny_experiment())
options = tiny_options(config, cache=root / "shared")
if together.is_first():
    print("run", run_experiment(config, options, lambda said: print("first:", said)).run.id)
else:
    help_training(config, options)
"""


@pytest.mark.fast
def test_a_batch_is_shared_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two processes takes half a batch; three can't share eight messages."""
    assert (together.share_of(8), together.is_first()) == (8, True)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("RANK", "1")
    assert (together.share_of(8), together.is_first()) == (4, False)
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(TalkError, match="can't be shared by 3 processes"):
        together.share_of(8)


@pytest.mark.slow
def test_two_processes_make_the_run_of_one(tmp_path: Path) -> None:
    """The same steps on the same batches, up to rounding; the second says and writes nothing.

    An epoch's last batch is filled from its beginning where it can't be shared evenly.
    """
    config = tiny_talk(tmp_path, "llama")
    alone = run_experiment(config, tiny_options(config), lambda _: None)
    said, both = _launched(config)
    assert said.count("run ") == 1
    assert both.training.steps == alone.training.steps
    assert both.run.id == alone.run.id
    for one, other in zip(alone.training.history, both.training.history, strict=True):
        assert other.train_loss == pytest.approx(one.train_loss, rel=0.02)
        assert other.validation_loss == pytest.approx(one.validation_loss, rel=0.02)
    assert both.finetuned.matrix == alone.finetuned.matrix


def _launched(config: Config) -> tuple[str, Results]:
    (config.root / "launched.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", str(config.root / "launched.py"), str(config.root)]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    (file,) = (config.root / "shared" / "runs").glob("*/results.json")
    return done.stdout, read_results(file)
