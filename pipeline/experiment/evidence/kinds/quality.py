"""Few clean labels or many messy ones: F1 by the share of wrong labels, and where few win."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.config import EvidenceSettings, Rung
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.lessons import trial
from pipeline.experiment.evidence.trees import Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import Trials, repeats
from pipeline.measured import Tree, Value

RUNGS: tuple[Rung, ...] = ("linear", "frozen")
CLEAN = (50, 100, 200)
SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
AGAINST = 100  # clean messages that the crossing is with
SIDES = {"random": "of all labels", "one_sided": "of the positive messages, called negative,"}
QUICK_SHARES = (0.0, 0.3)
RESAMPLES = 2000


class Quality(Trials):
    """All training messages with wrong labels against a balanced draw without one."""

    name = "quality"

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        """Both sides at each share, and the clean draws."""
        rungs = settings.rungs or RUNGS
        shares = [s for s in settings.shares or SHARES if not quick or s in QUICK_SHARES]
        noisy = (
            cell
            for rung in rungs
            for side in SIDES
            for share in shares
            for cell in _noisy(rung, side, share, settings, quick)
        )
        clean = (
            cell
            for rung in rungs
            for n in settings.clean or CLEAN
            for cell in _clean(rung, n, settings, quick)
        )
        return self.ordered((*noisy, *clean))

    def values(self, settings: EvidenceSettings, outcomes: Outcomes) -> dict[str, Tree]:
        """`random["20"]`, `one_sided["20"]`, `clean["100"]`, `crossing.RUNG`."""
        rungs, found = settings.rungs or RUNGS, dict[str, Tree | None]()
        for side, of in SIDES.items():
            rows: dict[str, Tree] = {}
            for share in settings.shares or SHARES:
                what = f"F1 with {share:.0%} {of} wrong"
                scores = {
                    rung: seen(outcomes, _noisy(rung, side, share, settings), what, "test", "f1")
                    for rung in rungs
                }
                if any(scores.values()):
                    at = Value(share, unit="share")
                    rows[f"{100 * share:g}"] = branch(share=at, **scores)
            found[side] = rows
        clean: dict[str, Tree] = {}
        for n in settings.clean or CLEAN:
            what = f"F1 after learning from {n:,} clean messages, each label equally often"
            scores = {
                rung: seen(outcomes, _clean(rung, n, settings), what, "test", "f1")
                for rung in rungs
            }
            if any(scores.values()):
                clean[str(n)] = branch(n=Value(n), **scores)
        crossing: dict[str, Tree] = {
            rung: branch(**{side: _crossing(rung, side, settings, outcomes) for side in SIDES})
            for rung in rungs
        }
        return branch(**found, clean=clean, crossing={r: c for r, c in crossing.items() if c})


def _noisy(
    rung: str, side: str, share: float, settings: EvidenceSettings, quick: bool = False
) -> list[Cell]:
    side = side if share else "random"  # without a wrong label both sides are one
    seeds = min(settings.seeds, 2) if quick else settings.seeds
    return [trial(rung, seed, wrong=share, side=side) for seed in range(1, seeds + 1)]


def _clean(rung: str, n: int, settings: EvidenceSettings, quick: bool = False) -> list[Cell]:
    return [trial(rung, seed, n=n) for seed in repeats(rung, settings.seeds, quick)]


def _crossing(rung: str, side: str, settings: EvidenceSettings, outcomes: Outcomes) -> Value | None:
    """From which share on the clean draw has the better mean; None: from none that was tried."""
    shares = [
        share
        for share in sorted(settings.shares or SHARES)
        if any(cell in outcomes for cell in _noisy(rung, side, share, settings))
    ]
    columns = [_clean(rung, AGAINST, settings)[: settings.seeds]]
    columns += [_noisy(rung, side, share, settings) for share in shares]
    # One row a seed: F1 of the clean draw, then with each share; those that are whole.
    rows = [numbers(outcomes, row, "test", "f1") for row in zip(*columns, strict=True)]
    found = np.array([row for row in rows if len(row) == len(columns)])
    if not len(found) or len(shares) < 2:
        return None
    middle = crossed(shares, found.mean(0))
    if middle is None:
        return None
    draws = np.random.default_rng(0).integers(0, len(found), (RESAMPLES, len(found)))
    each = [crossed(shares, found[draw].mean(0)) for draw in draws]
    ends = np.percentile([shares[-1] if at is None else at for at in each], [2.5, 97.5])
    how = (
        f"where the mean F1 falls below that of {AGAINST} clean messages, between the shares that "
        f"were tried by a straight line; {len(found)} seeds, 95% interval by bootstrap over them"
    )
    low, high = float(min(middle, ends[0])), float(max(middle, ends[1]))
    alone = len(found) == 1
    return Value(
        middle, None if alone else low, None if alone else high, n=len(found), unit="share", how=how
    )


def crossed(shares: Sequence[float], means: np.ndarray) -> float | None:
    """The share at which means[1:] first fall below means[0], interpolated; None: nowhere."""
    over = means[1:] - means[0]
    below = np.flatnonzero(over < 0)
    if not len(below):
        return None
    at = int(below[0])
    if at == 0:
        return float(shares[0])
    step = over[at - 1] / (over[at - 1] - over[at])
    return float(shares[at - 1] + step * (shares[at] - shares[at - 1]))


KIND = Quality()
