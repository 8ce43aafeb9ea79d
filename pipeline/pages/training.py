"""The run's training as a film: a script that the deck loads when it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

from pipeline.resources import TEMPLATES
from pipeline.results import Results

TRAINING = "training.js"


def training_file(results: Results | None, templates: Path = TEMPLATES) -> dict[str, bytes]:
    """The script with its data: loss by step, F1 by epoch; nothing for a talk without a run."""
    if results is None or not results.training.log:
        return {}
    training = results.training
    per_epoch = training.steps / training.epochs
    data = {
        "run": results.run.id,
        "steps": training.steps,
        "seconds": round(training.seconds, 1),
        "log": [[point.step, round(point.loss, 5)] for point in training.log],
        "epochs": [
            {
                "step": round(epoch.epoch * per_epoch),
                "f1": None if epoch.validation_f1 is None else round(epoch.validation_f1, 4),
                "best": epoch.epoch == training.best_epoch,
            }
            for epoch in training.history
        ],
    }
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    code = (templates / "deck" / TRAINING).read_text("utf-8").replace('"THE DATA"', text)
    return {TRAINING: code.encode()}
