"""Which rung is enough: each with its score, its seconds, its memory and its examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from pipeline.config import RUNGS, EvidenceSettings
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import CHEAP, Trials, trial
from pipeline.measured import Tree, Value

QUICK = ("majority", "linear", "frozen")
LORA_SEEDS = 3


class Ladder(Trials):
    """All rungs on the same splits, and what a plain split would have said of the cheap ones."""

    name = "ladder"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """Each rung on as many splits as there are seeds; LoRA on three."""
        rungs = [r for r in settings.rungs or RUNGS if not quick or r in QUICK]
        return self.ordered(c for r in rungs for c in (*_cells(r, settings), *_plain(r, settings)))

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`RUNG.{f1, accuracy, …}`, `plain.RUNG.f1`, and the best rung that trains no network."""
        rungs = settings.rungs or RUNGS
        found = {rung: _rung(outcomes, _cells(rung, settings)) for rung in rungs}
        plain: dict[str, Tree] = {
            rung: {"f1": value}
            for rung in rungs
            if (value := seen(outcomes, _plain(rung, settings), "F1 on plain splits", "test", "f1"))
        }
        cheap = {r: one["f1"] for r, one in found.items() if r not in ("lora", "finetuned") and one}
        scores = {rung: f1.value for rung, f1 in cheap.items() if isinstance(f1, Value)}
        best: str | None = max(scores, key=lambda rung: scores[rung]) if scores else None
        return branch(**found, plain=plain, best_cheap=best)


def _cells(rung: str, settings: EvidenceSettings) -> list[Cell]:
    seeds = min(settings.seeds, LORA_SEEDS) if rung == "lora" else settings.seeds
    return [trial(rung, seed) for seed in range(1, seeds + 1)]


def _plain(rung: str, settings: EvidenceSettings) -> list[Cell]:
    if rung not in CHEAP:
        return []
    return [trial(rung, seed, copies="left in") for seed in range(1, settings.seeds + 1)]


def _rung(outcomes: Outcomes, cells: Iterable[Cell]) -> dict[str, Tree]:
    done = [cell for cell in cells if cell in outcomes]
    where = f"{len(done)} splits" if len(done) > 1 else "one split"
    what = f"on the test sets of {where}, each message and its near copies once"
    return branch(
        f1=seen(outcomes, done, f"F1 {what}", "test", "f1"),
        accuracy=seen(outcomes, done, f"accuracy {what}", "test", "accuracy"),
        auc=seen(outcomes, done, f"area under the ROC curve {what}", "test", "auc"),
        fit_seconds=_cost(
            outcomes,
            done,
            "to learn, what a model reads for it included, on one core",
            "fit_seconds",
            "s",
        ),
        message_ms=_cost(outcomes, done, "for a message, on one core", "message_ms", "ms"),
        memory_bytes=_cost(
            outcomes, done, "the most that the process held, libraries too", "memory_bytes", "bytes"
        ),
        examples=_count(outcomes, done, "examples"),
        trained_parameters=_count(outcomes, done, "trained_parameters"),
    )


def _cost(
    outcomes: Outcomes, cells: Iterable[Cell], what: str, name: str, unit: str
) -> Value | None:
    return seen(outcomes, cells, what, name, unit=unit, direction="down", shared=0.0)


def _count(outcomes: Outcomes, cells: Iterable[Cell], name: str) -> Value | None:
    found = numbers(outcomes, cells, name)
    return Value(round(median(found))) if found else None


KIND = Ladder()
