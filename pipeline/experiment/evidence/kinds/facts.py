"""Do facts go in by fine-tuning? Invented ones, taught as sentences, beside a look-up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell, Outcome
from pipeline.experiment.evidence.invented import invented_facts, taught_of
from pipeline.experiment.evidence.trees import HALVES, over_seeds
from pipeline.measured import Tree, Value
from pipeline.statistics import wilson

if TYPE_CHECKING:
    from pipeline.experiment.evidence.bench import Bench

OF_EACH, QUICK = 10, 4  # facts of each topic, half of them taught
SMALL = "of this model; it shows the difference, and doesn't measure it for large ones"
WRITTEN = f"the right answer in the first line that the model writes, {SMALL}"
CHOSEN = f"the right answer is the likeliest of four of its kind, {SMALL}"
BORROWED = f"the answer of a taught fact, given for one that was never taught, {SMALL}"
EPOCHS = "mean over seeds, until each sentence's end was predicted from its beginning"
LOOKED_UP = "questions for which the right sentence was found (TF-IDF)"


class Facts:
    """The model before, with the right sentence looked up into its prompt, and taught."""

    name = "facts"
    modules = (
        *("evidence/recall", "evidence/invented", "evidence/asking", "evidence/teaching"),
        *("model/pretrained", "model/frozen_layers"),
    )

    def cells(self, settings: EvidenceSettings, quick: bool) -> Sequence[Cell]:
        of_each = QUICK if quick else OF_EACH
        arms = ("before", "prompt", *["tuned"] * (1 if quick else settings.seeds))
        return [
            Cell("facts", (("arm", arm), ("of_each", of_each)), max(0, place - 2))
            for place, arm in enumerate(arms)
        ]

    def cost(self, cell: Cell) -> float:
        whole = {"before": 60.0, "prompt": 70.0, "tuned": 80.0}[str(cell["arm"])]
        return whole * int(cell["of_each"]) / OF_EACH

    def measure(self, cell: Cell, bench: Bench) -> Outcome:
        from pipeline.experiment.evidence.recall import Arm, recall

        return recall(cast(Arm, cell["arm"]), int(cell["of_each"]), cell.seed, bench)

    def values(
        self, settings: EvidenceSettings, outcomes: Mapping[Cell, Outcome]
    ) -> dict[str, Tree]:
        """Each seed teaches other facts, and all arms are asked for those of each seed.

        Raises LookupError where an arm is missing.
        """
        facts = invented_facts(int(next(iter(outcomes))["of_each"]))
        by_arm: dict[str, dict[int, Any]] = {"before": {}, "prompt": {}, "tuned": {}}
        for cell, outcome in outcomes.items():
            by_arm[str(cell["arm"])][cell.seed] = outcome
        tuned, looked_up = by_arm["tuned"], by_arm["prompt"][0]["looked_up"]
        if not tuned:
            raise LookupError("tuned")
        taught = {seed: taught_of(facts, seed) for seed in sorted(tuned)}
        trees: dict[str, dict[str, Tree]] = {
            measure: {
                name: _arm({seed: of.get(seed) or of[0] for seed in tuned}, measure, what, taught)
                for name, of in by_arm.items()
            }
            for measure, what in (("written", WRITTEN), ("chosen", CHOSEN))
        }
        borrowed = {seed: _of(tuned[seed]["borrowed"], of, False) for seed, of in taught.items()}
        return {
            "taught": Value(len(facts) // 2, how="invented facts, each taught in one sentence"),
            **trees["written"],
            "borrowed": replace(_share(borrowed, BORROWED), direction="down"),
            "choice": {**trees["chosen"], "chance": Value(0.25, unit="share", how="one of four")},
            "looked_up": _counted(looked_up, 3 * len(facts), LOOKED_UP),
            "epochs": Value(fmean(one["epochs"] for one in tuned.values()), how=EPOCHS),
        }


def _arm(
    replies: Mapping[int, Any], measure: str, what: str, taught: Mapping[int, Sequence[bool]]
) -> dict[str, Tree]:
    """Shares of one arm by how was asked; "unseen" where some facts were never taught."""
    signs = {seed: replies[seed][measure] for seed in taught}
    marks = {
        "same": {seed: _of(signs[seed]["same"], of) for seed, of in taught.items()},
        "other": {
            seed: _of(signs[seed]["statement"], of) + _of(signs[seed]["question"], of)
            for seed, of in taught.items()
        },
    }
    if all("epochs" in one for one in replies.values()):
        marks["unseen"] = {seed: _of(signs[seed]["same"], of, False) for seed, of in taught.items()}
    return {name: _share(of_seeds, what) for name, of_seeds in marks.items()}


def _of(signs: str, taught: Sequence[bool], is_taught: bool = True) -> list[int]:
    """The marks of taught facts, or of the others."""
    chosen = (sign for sign, one in zip(signs, taught, strict=True) if one == is_taught)
    return [int(sign) for sign in chosen]


def _share(marks: Mapping[int, Sequence[int]], what: str) -> Value:
    """The mean share over seeds, each asked of another half of the facts.

    Where all are the same it has the interval of one's counts.
    """
    shares = [fmean(one) for one in marks.values()]
    hits, total = sum(map(sum, marks.values())), sum(map(len, marks.values()))
    made = replace(over_seeds(shares, what, shared=HALVES), hits=hits, total=total)
    if made.low is not None:
        return made
    one = next(iter(marks.values()))
    counted = _counted(sum(one), len(one), made.how)
    return replace(made, low=counted.low, high=counted.high, how=counted.how)


def _counted(hits: int, total: int, what: str) -> Value:
    made = wilson(hits, total)
    return Value(
        made.value,
        made.low,
        made.high,
        hits=hits,
        total=total,
        unit="share",
        how=f"{what}; interval by Wilson",
        direction="up",
    )


KIND = Facts()
