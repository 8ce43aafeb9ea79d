"""Few clean labels or many messy ones: F1 by the share of wrong labels, and where few win."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.config import EvidenceSettings, Rung
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.trees import SHARED, Outcomes, branch, numbers, seen
from pipeline.experiment.evidence.trials import Trials, repeats, trial
from pipeline.measured import Tree, Value
from pipeline.statistics import interval_of_mean

RUNGS: tuple[Rung, ...] = ("linear", "frozen")
CLEAN = (50, 100, 200)
SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
AGAINST = 100  # clean messages that the crossing is with
SIDES = {"random": "of all labels", "one_sided": "of the positive messages, called negative,"}
QUICK_SHARES = (0.0, 0.3)


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
    found = [row for row in rows if len(row) == len(columns)]
    if not found or len(shares) < 2:
        return None
    apart = ([row[at + 1] - row[0] for row in found] for at in range(len(shares)))
    over = [interval_of_mean(some, shared=SHARED) for some in apart]
    middle = crossed(shares, [one.value for one in over])
    if middle is None:
        return None
    how = (
        f"where the mean F1 falls below that of {AGAINST} clean messages, between the shares that "
        f"were tried by a straight line; {len(found)} seeds"
    )
    if all(one.low is None for one in over):
        return Value(middle, n=len(found), unit="share", how=how)
    # Where the difference may be none, by its own interval at each share.
    low = crossed(shares, [one.value if one.low is None else one.low for one in over])
    high = crossed(shares, [one.value if one.high is None else one.high for one in over])
    how += ", interval where the ends of the difference's (Student's t, Nadeau & Bengio) cross"
    if high is None:
        how += f"; up to {shares[-1]:.0%}, the most that was tried, its upper end doesn't"
    low, high = middle if low is None else low, shares[-1] if high is None else high
    return Value(middle, low, high, n=len(found), unit="share", how=how)


def crossed(shares: Sequence[float], over: Sequence[float]) -> float | None:
    """The share at which what is over first falls below nothing, interpolated; None: nowhere."""
    at = next((place for place, one in enumerate(over) if one < 0), None)
    if at is None:
        return None
    if at == 0:
        return float(shares[0])
    step = over[at - 1] / (over[at - 1] - over[at])
    return float(shares[at - 1] + step * (shares[at] - shares[at - 1]))


KIND = Quality()
