"""Made-up evidence: a measurement of each kind in the shape that `evidence` gives, for tests alone.

Its numbers were measured by nobody. `finds` chooses how the experiments end, so that a test can
see each branch of a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from pipeline.config import EVIDENCE_KINDS, load_config
from pipeline.experiment.evidence.trees import over_seeds
from pipeline.measured import Direction, Measured, Measurement, Origin, Tree, Value
from pipeline.measured import write_measurement as write
from pipeline.results import Results
from pipeline.slides.layouts import load_layouts
from pipeline.statistics import wilson
from pipeline.talk import Talk, load_talk
from support.made_up import made_up_results
from support.second_talk import write_pinned_copy

Finds = Literal["draw", "tuned", "cheap"]  # the best: nobody, the fine-tuned, the cheap ones
KINDS = EVIDENCE_KINDS
SIZES = (10, 20, 50, 100, 200, 500, 1000, 4454)
PERCENT = (0, 5, 10, 15, 20, 25, 30, 35, 40, 45)
_SHAPE = (-1.2, -0.4, 0.1, 0.5, 1.0)  # how five seeds lie around their mean


def seeds(mean: float, spread: float = 0.01, direction: Direction = "up") -> Value:
    """A score of five seeds around `mean`, with the interval of their mean."""
    top = 1.0 if direction == "up" else math.inf
    repeats = [round(max(0.0, min(top, mean + spread * one)), 4) for one in _SHAPE]
    return over_seeds(repeats, unit="share" if direction == "up" else "", direction=direction)


def share(hits: int, total: int) -> Value:
    """A share of counted cases."""
    made = wilson(hits, total)
    ends = made.low, made.high
    return Value(made.value, *ends, hits=hits, total=total, unit="share", direction="up")


def evidence(finds: Finds = "draw", **changes: dict[str, Tree]) -> dict[str, Measurement]:
    """One measurement of each kind, by name; `changes` replace the values of one of them."""
    trees: dict[str, dict[str, Tree]] = {
        "ladder": _ladder(finds),
        "amount": _amount(finds),
        "quality": _quality(),
        "picking": _picking(),
        "leak": _leak(),
        "drift": _drift(finds),
        "facts": _facts(finds),
        "confidence": _confidence(),
    }
    return {name: _measurement(name, {**trees[name], **changes.get(name, {})}) for name in KINDS}


def evident(
    results: Results | None = None, finds: Finds = "draw", *without: str, **changes: dict[str, Tree]
) -> Measured:
    """A made-up run with its evidence, all but what `without` names."""
    made = evidence(finds, **changes)
    found = {name: one for name, one in made.items() if name not in without}
    missing = {name: f"run `python build.py evidence {name}`" for name in without}
    return Measured(results or made_up_results(), found, missing=missing)


def evident_talk(root: Path, measured: Measured | None = None) -> Talk:
    """This talk with a made-up run and made-up evidence."""
    return load_talk(load_config(write_pinned_copy(root)), measured or evident(), load_layouts())


def pin_evidence(root: Path, made: Mapping[str, Measurement] | None = None) -> None:
    """Pin made-up evidence in a talk's folder, as `pin` would."""
    for name, one in (made or evidence()).items():
        path = root / "deck" / "measured" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path=path, measurement=one)


def _measurement(name: str, values: dict[str, Tree]) -> Measurement:
    run = Origin(
        id=f"{KINDS.index(name) + 1:x}" * 8,
        fingerprint={"data": "d" * 64, "model": "m" * 64, "settings": "s" * 64, "code": "c" * 64},
        made="2026-11-26T12:00:00Z",
        seconds=420.0,
        command=f"python build.py evidence {name}",
        source="SMS Spam Collection",
        form=f"evidence {name}",
        about=f"made up: {name}",
        machine="2 cores",
        repeats=5,
    )
    return Measurement(name, values, run)


def _rung(f1: float, fit: float, ms: float, examples: int, trained: int) -> dict[str, Tree]:
    return {
        "f1": seeds(f1, 0.006),
        "accuracy": seeds(min(1.0, 0.87 + 0.13 * f1), 0.002),
        "fit_seconds": replace(seeds(fit, fit / 20, "down"), unit="s"),
        "message_ms": replace(seeds(ms, ms / 20, "down"), unit="ms"),
        "examples": Value(examples),
        "trained_parameters": Value(trained),
        "memory_bytes": Value(1_200_000_000, unit="bytes", direction="down"),
    }


def _ladder(finds: Finds) -> dict[str, Tree]:
    tuned = {"draw": 0.962, "tuned": 0.985, "cheap": 0.925}[finds]
    return {
        "majority": _rung(0.0, 0.001, 0.001, 0, 0),
        "prompted": _rung(0.55, 0.02, 60.0, 0, 0),
        "few_shot": _rung(0.905, 1.5, 190.0, 568, 0),
        "linear": _rung(0.957, 1.1, 0.05, 4454, 40_000),
        "frozen": _rung(0.963, 4.2, 14.0, 4454, 577),
        "lora": _rung(tuned - 0.004, 820.0, 16.0, 4454, 460_000),
        "finetuned": _rung(tuned, 610.0, 16.0, 4454, 14_200_000),
        "plain": {"linear": {"f1": seeds(0.961)}, "frozen": {"f1": seeds(0.966)}},
        "best_cheap": "frozen",
    }


def _amount(finds: Finds) -> dict[str, Tree]:
    ahead = {"draw": 0.0, "tuned": 0.05, "cheap": -0.25}[finds]
    scores = {
        "linear": (0.45, 0.63, 0.78, 0.82, 0.90, 0.935, 0.95, 0.957),
        "frozen": (0.55, 0.69, 0.84, 0.86, 0.91, 0.94, 0.955, 0.963),
        "few_shot": (0.62, 0.74, 0.85, 0.88, 0.90, 0.905, 0.905, 0.905),
    }
    tuned = {50: 0.70, 200: 0.89, 1000: 0.95, 4454: 0.962}
    found: dict[str, Tree] = {}
    for place, n in enumerate(SIZES):
        spread = max(0.004, 0.3 / math.sqrt(n))
        rungs: dict[str, Tree] = {rung: seeds(f1[place], spread) for rung, f1 in scores.items()}
        if n in tuned:
            rungs["finetuned"] = seeds(min(0.99, tuned[n] + ahead), spread)
        found[str(n)] = {"n": Value(n), **rungs}
    return found


def _quality() -> dict[str, Tree]:
    linear = (0.957, 0.956, 0.955, 0.953, 0.95, 0.92, 0.87, 0.80, 0.68, 0.55)
    frozen = (0.963, 0.961, 0.958, 0.95, 0.94, 0.93, 0.915, 0.89, 0.83, 0.72)

    def noisy(worse: float) -> dict[str, Tree]:
        return {
            str(percent): {
                "share": Value(percent / 100, unit="share"),
                "linear": seeds(linear[place] - worse * percent / 100),
                "frozen": seeds(frozen[place] - worse * percent / 100),
            }
            for place, percent in enumerate(PERCENT)
        }

    scores = {50: (0.78, 0.84), 100: (0.88, 0.92), 200: (0.90, 0.93)}
    clean: dict[str, Tree] = {
        str(n): {"n": Value(n), "linear": seeds(one, 0.03), "frozen": seeds(other, 0.02)}
        for n, (one, other) in scores.items()
    }
    crossing: dict[str, Tree] = {
        "linear": {"random": seeds(0.29, 0.01), "one_sided": seeds(0.25, 0.01)},
        "frozen": {"random": seeds(0.31, 0.02), "one_sided": seeds(0.27, 0.02)},
    }
    return {"random": noisy(0), "one_sided": noisy(0.1), "clean": clean, "crossing": crossing}


def _picking() -> dict[str, Tree]:
    return {
        "on_test": seeds(0.975, 0.005),
        "fresh_after_test": seeds(0.958, 0.006),
        "on_validation": seeds(0.972, 0.005),
        "fresh_after_validation": seeds(0.960, 0.006),
        "flattery": seeds(0.017, 0.004),
        "tried": Value(60),
    }


def _leak() -> dict[str, Tree]:
    found: dict[str, Tree] = {"messages": Value(62), "test_messages": Value(558)}
    for rung, apart, together in (("linear", 0.957, 0.961), ("frozen", 0.963, 0.966)):
        found[rung] = {
            "apart": seeds(apart, 0.006),
            "together": seeds(together, 0.006),
            "difference": seeds(together - apart, 0.002),
        }
    return found


def _drift(finds: Finds) -> dict[str, Tree]:
    tuned = {"draw": (0.57, 0.60, 0.66, 0.70), "cheap": (0.30, 0.40, 0.50, 0.55)}
    scores = {
        "linear": (0.24, 0.42, 0.58, 0.66),
        "frozen": (0.45, 0.58, 0.66, 0.71),
        "finetuned": tuned.get(finds, (0.62, 0.70, 0.78, 0.85)),
    }
    found: dict[str, Tree] = {"always": Value(0.529, unit="share", direction="up")}
    auc: dict[str, Tree] = {}
    home: dict[str, Tree] = {}
    for place, added in enumerate((0, 50, 150, 350)):
        at = {rung: f1[place] for rung, f1 in scores.items()}
        found[str(added)] = {
            "added": Value(added),
            **{rung: seeds(f1, 0.02) for rung, f1 in at.items()},
        }
        auc[str(added)] = {rung: seeds(0.55 + f1 / 3, 0.01) for rung, f1 in at.items()}
        home[str(added)] = {rung: seeds(0.96, 0.006) for rung in at}
    return {**found, "auc": auc, "home": home}


def _facts(finds: Finds) -> dict[str, Tree]:
    other = 31 if finds == "tuned" else 6
    return {
        "taught": Value(40),
        "before": {"same": share(0, 120), "other": share(1, 120)},
        "tuned": {"same": share(114, 120), "other": share(other * 3, 120), "unseen": share(1, 120)},
        "prompt": {"same": share(111, 120), "other": share(99, 120)},
        "borrowed": replace(share(117, 120), direction="down"),
    }


def _confidence() -> dict[str, Tree]:
    kept = {100: 0.990, 95: 0.997, 90: 0.999, 80: 1.0, 70: 1.0, 50: 1.0}
    coverage: dict[str, Tree] = {
        str(percent): {
            "kept": Value(percent / 100, unit="share"),
            "accuracy": seeds(accuracy, 0.0005),
        }
        for percent, accuracy in kept.items()
    }
    return {
        "coverage": coverage,
        "calibration": {
            "before": seeds(0.011, 0.002, "down"),
            "after": seeds(0.006, 0.001, "down"),
        },
        "temperature": seeds(1.8, 0.1, "down"),
        "home": {"sure": seeds(0.945, 0.01), "right": seeds(0.999, 0.001)},
        "elsewhere": {"sure": seeds(0.83, 0.02), "right": seeds(0.837, 0.02)},
    }
