"""Which runs are compared: by the name of a measurement, by id, by file."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.measured import hash_tables, poll, two_measurements

from pipeline.checks.runs import Run, runs_to_compare, shown_runs
from pipeline.measured import Measured, Measurement, Value, write_measurement
from pipeline.problems import TalkError
from pipeline.results import write_results


def run_of(one: Measurement, id: str, made: str, digest: str) -> Run:  # noqa: A002
    return Run(one.name, id, replace(one, run=replace(one.run, id=id, made=made), digest=digest))


OLD = run_of(hash_tables(), "0a0a0a0a", "2026-11-01T00:00:00Z", "old")
MID = run_of(hash_tables(), "1b1b1b1b", "2026-11-10T00:00:00Z", "mid")
NEW = run_of(hash_tables(), "1c1c1c1c", "2026-11-20T00:00:00Z", "new")
POLL = run_of(poll(), "5e6f7a8b", "2026-11-01T00:00:00Z", "poll")
KEPT = {"hash": (NEW, MID, OLD), "poll": ()}
SHOWN = {"hash": NEW, "poll": POLL}
TRAINED = Run("", "madeup01", made_up_results())

CHOSEN = [
    ("", MID, NEW),
    ("hash", MID, NEW),
    ("0a0a0a0a", OLD, NEW),
    ("hash 0a", OLD, NEW),
    ("hash 0a 1b", OLD, MID),
    ("1c 0a", NEW, OLD),
]


@pytest.mark.parametrize(("said", "old", "new"), CHOSEN, ids=[c[0] or "-" for c in CHOSEN])
def test_runs_are_chosen_by_name_and_id(said: str, old: Run, new: Run) -> None:
    """Without an id the last two; one id against what is shown; two against each other."""
    assert runs_to_compare(said.split(), KEPT, SHOWN) == (old, new)


def test_what_is_shown_is_the_new_one() -> None:
    """Pages that show an earlier run again are compared with the one before it."""
    assert runs_to_compare(["hash"], KEPT, {"hash": MID}) == (OLD, MID)
    assert runs_to_compare(["hash"], KEPT, {"hash": OLD}) == (NEW, OLD)


REFUSED = [
    ("poll", "poll is a file, read as it is"),
    ("1", "several runs begin with `1`"),
    ("hsah", "there is no run `hsah`"),
    ("hash 5e6f", "there is no run `5e6f`"),
    ("0a 5e", "run 0a0a0a0a is of hash, run 5e6f7a8b of poll"),
    ("hash 0a 1b 1c", "two runs are compared"),
]


@pytest.mark.parametrize(("said", "message"), REFUSED, ids=[r[0] for r in REFUSED])
def test_what_is_no_run_is_said(said: str, message: str) -> None:
    with pytest.raises(TalkError, match=message):
        runs_to_compare(said.split(), KEPT, SHOWN)


def test_the_same_id_of_two_measurements_is_refused() -> None:
    """Which is meant, nobody knows; with the name it is known."""
    twin = run_of(poll(), "0a0a0a0a", "2026-11-01T00:00:00Z", "twin")
    kept = {**KEPT, "poll": (twin,)}
    with pytest.raises(TalkError, match="several runs begin") as caught:
        runs_to_compare(["0a0a"], kept, SHOWN)
    assert caught.value.hint == "0a0a0a0a of hash, 0a0a0a0a of poll"
    assert runs_to_compare(["poll", "0a0a"], kept, SHOWN)[0] == twin


def test_the_experiment_comes_first() -> None:
    """Where there is one, a plain `diff` is of it; `experiment` names it."""
    better = replace(made_up_results(), tokenized=())
    kept = {"": (Run("", "better02", better), TRAINED), **KEPT}
    shown = {"": TRAINED, **SHOWN}
    for said in ((), ("experiment",), ("bett",)):
        old, new = runs_to_compare(said, kept, shown)
        assert (old.id, new.id) == ("better02", "madeup01")
    with pytest.raises(TalkError, match="there is only one run"):
        runs_to_compare((), {"": (TRAINED,)}, {"": TRAINED})
    with pytest.raises(TalkError, match="no results to compare with"):
        runs_to_compare((), {"": (TRAINED,)}, {})
    with pytest.raises(TalkError, match="measures nothing"):
        runs_to_compare((), {}, {})


def test_a_run_is_named_by_its_file(tmp_path: Path) -> None:
    """The copy of a measurement's run, or of results, wherever it lies."""
    sealed = write_measurement(poll(yes=Value(1, unit="share")), tmp_path / "poll.json")
    old, new = runs_to_compare(["poll", str(tmp_path / "poll.json")], KEPT, SHOWN)
    assert (old.values, new) == (sealed, POLL)
    write_results(made_up_results(), tmp_path / "results.json")
    found, _ = runs_to_compare([str(tmp_path / "results.json")], {}, {"": TRAINED})
    assert found.id == "madeup01"
    with pytest.raises(TalkError, match="holds a run of `poll`"):
        runs_to_compare(["hash", str(tmp_path / "poll.json")], KEPT, SHOWN)


def test_a_run_takes_the_place_of_the_shown_one() -> None:
    """The other measurements stay; nothing is stale in a comparison."""
    shown = two_measurements("bench.py")
    within = OLD.within(shown)
    assert (within.measurements["hash"], within.changed) == (OLD.values, {})
    assert within.measurements["poll"] is shown.measurements["poll"]
    assert TRAINED.within(shown).experiment is TRAINED.values
    assert list(shown_runs(shown)) == ["hash", "poll"]
    assert shown_runs(Measured()) == {}
