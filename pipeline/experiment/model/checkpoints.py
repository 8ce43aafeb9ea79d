"""Checkpoints of a training: which are whole, and what the run had taken when they were made."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

MARK = "complete.json"
STATE = "trainer_state.json"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the training took up to a checkpoint, all attempts together."""

    seconds: float = 0.0
    evaluation_seconds: float = 0.0
    peak_memory_bytes: int = 0


def mark_complete(checkpoint: Path, spent: Spent) -> None:
    """Say that all files of a checkpoint are written: the last of them, renamed into place."""
    part = checkpoint / (MARK + ".part")
    part.write_text(json.dumps(asdict(spent)), encoding="utf-8")
    part.replace(checkpoint / MARK)


def newest_whole(folder: Path) -> tuple[Path, Spent] | None:
    """The newest whole checkpoint; half-written ones are deleted.

    The trainer remembers its best checkpoint by full path: it is set to where it is now.
    """
    found: list[tuple[int, Path, Spent]] = []
    for checkpoint in folder.glob("checkpoint-*"):
        spent = _spent(checkpoint)
        step = checkpoint.name.rpartition("-")[2]
        if spent is None or not step.isdigit():
            shutil.rmtree(checkpoint, ignore_errors=True)
        else:
            found.append((int(step), checkpoint, spent))
    for _, checkpoint, spent in sorted(found, reverse=True):
        state = _state(checkpoint)
        best = folder / f"checkpoint-{state.get('best_global_step')}"
        if state.get("best_global_step") and not best.is_dir():
            # Without its best model the rest of the run could not be what it would have been.
            shutil.rmtree(checkpoint, ignore_errors=True)
            continue
        if state.get("best_global_step") and state.get("best_model_checkpoint") != str(best):
            state["best_model_checkpoint"] = str(best)
            (checkpoint / STATE).write_text(json.dumps(state, indent=2) + "\n", encoding="utf-8")
        return checkpoint, spent
    return None


def _spent(checkpoint: Path) -> Spent | None:
    """What the mark says; None where the checkpoint is not whole."""
    if not _state(checkpoint) or not _whole_weights(checkpoint / "model.safetensors"):
        return None
    try:
        return msgspec.json.decode((checkpoint / MARK).read_bytes(), type=Spent)
    except (OSError, msgspec.DecodeError):
        return None


def _state(checkpoint: Path) -> dict[str, Any]:
    try:
        state = json.loads((checkpoint / STATE).read_bytes())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _whole_weights(file: Path) -> bool:
    from pipeline.experiment.sources import whole_safetensors

    return whole_safetensors(file)
