"""A run is kept, shown and pinned; nothing of it is lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.locked import let_go_when_asked
from support.measuring import Bench

from pipeline.measure import store
from pipeline.measured import Value, read_measurement, write_measurement
from pipeline.problems import TalkError

PICTURE = "Path('plot.svg').write_text(f'<svg>{count}</svg>')\nprint(f'insert: {40 + count} ns')\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A script that prints one number and leaves a picture; it was run once."""
    made = Bench(tmp_path)
    made.script(PICTURE)
    made.table('command = "PYTHON bench.py"\npictures = ["plot.svg"]')
    made.measure()
    return made


def pin(bench: Bench) -> None:
    store.pin(bench.config, bench.folders.out, bench.folders.cache, "hash")


def unpin(bench: Bench) -> bool:
    return store.unpin(bench.config, bench.folders.cache, "hash")


def test_pages_show_a_pinned_run_until_it_is_unpinned(bench: Bench) -> None:
    """Whatever changed; what changed is known."""
    pin(bench)
    assert (bench.root / "deck/measured/hash/plot.svg").read_text() == "<svg>1</svg>"
    bench.script(PICTURE + "#")
    bench.measure()
    found = bench.shown()
    assert (bench.runs, found.changed) == (1, {"hash": ("bench.py",)})
    assert "is pinned" in bench.said[-1]
    assert unpin(bench)
    assert not (bench.root / "deck/measured/hash").exists()
    bench.measure()
    assert bench.shown().measurements["hash"].values == {"insert": Value(42, unit="ns")}
    assert not unpin(bench)


def test_a_pinned_run_is_not_run_again(bench: Bench) -> None:
    pin(bench)
    with pytest.raises(TalkError, match="hash is pinned"):
        bench.measure("hash")


def test_a_run_that_came_pinned_goes_to_the_cache(bench: Bench) -> None:
    """With its pictures: pinned elsewhere, it is the only one of its kind."""
    pin(bench)
    pinned = read_measurement(store.pinned_file(bench.config, "hash"))
    kept = store.kept_folder(bench.folders.cache, "hash", pinned.run.id)
    for file in kept.rglob("*.*"):
        file.unlink()
    assert unpin(bench)
    assert read_measurement(kept / "measured.json") == pinned
    assert (kept / "files/plot.svg").read_text() == "<svg>1</svg>"


def test_a_file_is_pinned_as_it_is_now(bench: Bench) -> None:
    (bench.root / "poll.csv").write_text("yes,no\n3,4\n")
    bench.table('file = "poll.csv"')
    pin(bench)
    (bench.root / "poll.csv").write_text("yes,no\n5,6\n")
    found = bench.shown()
    assert found.changed == {"hash": ("poll.csv",)}
    assert Value(3) in found.measurements["hash"].values["rows"][0].values()  # type: ignore


def test_what_was_never_measured_can_not_be_pinned(bench: Bench) -> None:
    bench.table('command = "PYTHON bench.py"', "other")
    with pytest.raises(TalkError, match="was not measured yet"):
        store.pin(bench.config, bench.folders.out, bench.folders.cache, "other")


def test_the_newest_runs_are_kept(bench: Bench) -> None:
    for number in range(14):
        folder = store.kept_folder(bench.folders.cache, "hash", f"run{number}")
        folder.mkdir()
        os.utime(folder, (number, number))
    store.drop_old(bench.folders.cache, "hash", "run0")
    left = {path.name for path in (bench.folders.cache / "measured/hash").iterdir()}
    assert len(left) == 11
    assert {"run0", "run13", "run5"} <= left
    assert "run4" not in left


def test_a_run_edited_by_hand_is_refused(bench: Bench) -> None:
    shown = store.shown_file(bench.folders.out, "hash")
    shown.write_text(shown.read_text().replace("41", "31"))
    with pytest.raises(TalkError, match="edited by hand"):
        bench.shown()
    bench.measure()
    assert bench.shown().measurements["hash"].values == {"insert": Value(41, unit="ns")}
    kept = next(bench.folders.cache.glob("measured/hash/*/measured.json"))
    kept.write_text(kept.read_text().replace("41", "31"))
    bench.measure()
    assert bench.runs == 1  # its one repeat is whole, and gives the same again
    assert read_measurement(kept).values == {"insert": Value(41, unit="ns")}


def test_a_run_of_another_name_is_refused(bench: Bench) -> None:
    """A file that was copied would show another measurement's values."""
    shown = store.shown_file(bench.folders.out, "hash")
    bench.table('command = "PYTHON bench.py"', "other")
    shown.rename(shown.with_name("other.json"))
    with pytest.raises(TalkError, match="the values of `hash`, not of `other`"):
        bench.shown()


def test_two_builds_do_not_measure_at_once(bench: Bench) -> None:
    bench.script(PICTURE + "#")
    lock = bench.folders.cache / "locks" / "measure-hash"
    said: list[str] = []
    with let_go_when_asked(lock, said) as say:
        bench.measure(say=say)
    assert "another build is measuring hash now" in "".join(said)
    assert bench.runs == 2  # the other one made none that fits


def test_a_run_from_elsewhere_is_said_to_be_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A kept run that came with the talk is used, and not silently."""
    bench.measure()
    assert "came with the talk" not in bench.said[-1]
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    bench.measure()
    assert "it was not made on this machine: it came with the talk" in bench.said[-1]
    assert bench.runs == 1


@pytest.mark.parametrize("name", ["../../../pwned", "/tmp/pwned", "..", "a\\b", "C:b", ""])
def test_a_run_whose_pictures_lead_elsewhere_is_refused(bench: Bench, name: str) -> None:
    """One that came with a talk could write over any file, though nobody let it run anything."""
    kept = next(bench.folders.cache.glob("measured/hash/*/measured.json"))
    found = read_measurement(kept)
    forged = replace(found, run=replace(found.run, pictures={name: "0" * 64}))
    write_measurement(forged, kept)
    with pytest.raises(TalkError, match="leads out of its folder"):
        read_measurement(kept)
    write_measurement(replace(found, run=replace(found.run, id=name)), kept)
    with pytest.raises(TalkError, match="leads out of its folder"):
        read_measurement(kept)
