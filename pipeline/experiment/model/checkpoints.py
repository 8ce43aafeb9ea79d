"""Checkpoints of a training: which are whole, and what the run had taken when they were made."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipeline.experiment.seals import seal, sealed

STATE = "trainer_state.json"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the training took up to a checkpoint, all attempts together."""

    seconds: float = 0.0
    evaluation_seconds: float = 0.0
    peak_memory_bytes: int = 0


def newest_whole(folder: Path) -> tuple[Path, Spent] | None:
    """The newest checkpoint whose files are what they were; those that are not are deleted.

    The trainer remembers its best checkpoint by full path: it is set to where it is now.
    """
    whole: dict[int, tuple[Path, Spent]] = {}
    for checkpoint in folder.glob("checkpoint-*"):
        number, spent = checkpoint.name.rpartition("-")[2], sealed(checkpoint, Spent)
        if spent and number.isdigit():
            whole[int(number)] = (checkpoint, spent)
        else:
            shutil.rmtree(checkpoint, ignore_errors=True)
    for step in sorted(whole, reverse=True):
        checkpoint, spent = whole[step]
        state = json.loads((checkpoint / STATE).read_bytes())
        best_step = state.get("best_global_step")
        if best_step and best_step not in whole:
            # Without its best model the rest of the run could not be what it would have been.
            shutil.rmtree(checkpoint, ignore_errors=True)
            continue
        best = str(folder / f"checkpoint-{best_step}")
        if best_step and state.get("best_model_checkpoint") != best:
            state["best_model_checkpoint"] = best
            (checkpoint / STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
            seal(checkpoint, spent)
        return checkpoint, spent
    return None
