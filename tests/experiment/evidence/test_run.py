"""Experiments of many cells: each is kept as it ends, and gives the same however it is run."""

from __future__ import annotations

import subprocess
import sys
from multiprocessing import active_children

import pytest
from msgspec.structs import replace
from support.evidence_kind import BREAKS, DIES, HANGS, Drawn
from support.evidence_lab import Lab, values_of

from pipeline.config import EvidenceSettings
from pipeline.experiment.evidence.cell import Cell
from pipeline.experiment.evidence.run import TooMuchError
from pipeline.problems import TalkError

pytestmark = pytest.mark.slow  # each run starts processes
LOADED = pytest.mark.usefixtures("loaded")  # the others start them as a talk's run does


@LOADED
def test_cells_become_one_measurement(lab: Lab) -> None:
    """Every size has the mean of its seeds with their interval, and says where it comes from."""
    found = lab.run(processes=1)
    assert not found.failed
    five = values_of(found)['amount["5"].mean']
    assert len(five.repeats) == five.n == 3
    assert five.low is not None
    assert five.low < five.value
    run = found.measurements[0].run
    assert (run.form, run.repeats) == ("evidence amount", 3)
    assert run.command == "talkwright evidence amount"
    assert run.source == "messages.tsv"
    assert run.fingerprint.keys() >= {"data", "model", "settings", "code", "grid"}


def test_one_by_one_and_in_parallel_it_is_the_same(lab: Lab) -> None:
    """However many processes there are, values are the same and each has one thread."""
    one = values_of(lab.run(processes=1))
    threads = [file.read_text() for file in lab.kept]
    assert all('"threads":"1 1"' in text for text in threads)
    for file in lab.kept:
        file.unlink()
    assert values_of(lab.run(processes=2)) == one


@LOADED
def test_what_is_kept_is_not_measured_again(lab: Lab) -> None:
    """A larger grid measures what it adds; a file that was changed is made again."""
    lab.run(processes=1)
    before = {file: file.stat().st_mtime_ns for file in lab.kept}
    changed = lab.kept[0]
    changed.write_bytes(changed.read_bytes().replace(b"mean", b"meen"))
    lab.settings = replace(lab.settings, sizes=(2, 3, 5, 6))
    lab.run(processes=1)
    assert "evidence: 4 cells to measure, 8 are kept" in " ".join(lab.said)
    same = [file for file in lab.kept if file != changed and file in before]
    assert len(same) == 8
    assert all(file.stat().st_mtime_ns == before[file] for file in same)
    lab.said.clear()
    lab.run(processes=1)
    assert "to measure" not in " ".join(lab.said)


@LOADED
def test_a_cell_that_fails_is_named_and_the_rest_goes_on(lab: Lab) -> None:
    """A bug in a cell, and a process that is killed, cost those cells alone."""
    lab.settings = EvidenceSettings(sizes=(BREAKS, DIES, 10), seeds=2)
    found = lab.run(processes=2)
    errors = {(one.cell["size"], one.error.partition(":")[0]) for one in found.failed}
    assert errors == {(BREAKS, "ZeroDivisionError"), (DIES, "its process was ended")}
    assert "no luck" in next(one.trace for one in found.failed if one.cell["size"] == BREAKS)
    assert f"drawn: size {BREAKS}, seed 0: ZeroDivisionError: no luck" in lab.said
    assert [*values_of(found)] == ['amount["10"].mean']


@LOADED
def test_what_gives_no_value_is_no_measurement(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as new messages where the talk has no second set: it is named, and nothing is shown."""
    monkeypatch.setattr(Drawn, "values", lambda *_: {})
    found = lab.run(processes=1)
    assert (found.measurements, found.failed, found.unmade) == ((), (), ("amount",))


def test_a_million_cells_are_asked_for(lab: Lab) -> None:
    """What nobody meant to start is refused with what it would take; who is sure may."""
    lab.settings = EvidenceSettings(sizes=tuple(range(100, 2600)), seeds=5)
    with pytest.raises(TooMuchError, match="12,500 cells take about") as refused:
        lab.run(processes=1)
    assert "--yes" in refused.value.hint
    asked: list[str] = []

    def no(much: str) -> bool:
        asked.append(much)
        return False

    with pytest.raises(TooMuchError):
        lab.run(processes=1, sure=no)
    assert "12,500 cells" in asked[0]


def test_a_grid_that_its_kind_refuses_is_named(lab: Lab) -> None:
    """The table of talk.toml is said with what is wrong with it."""
    (lab.root / "talk.toml").write_text("[evidence.amount]\nsizes = [13]\n")
    lab.settings = EvidenceSettings(sizes=(13,))
    with pytest.raises(TalkError, match=r"\[evidence.amount\]: 13 brings no luck") as refused:
        lab.run()
    assert refused.value.where is not None
    assert refused.value.where.line


@LOADED
def test_quick_is_a_run_of_its_own(lab: Lab) -> None:
    """A quick run has another id, and says that it is one; cells that are the same are shared."""
    quick, whole = lab.run(processes=1, quick=True), lab.run(processes=1)
    assert quick.measurements[0].run.fingerprint["quick"] == "yes"
    assert quick.measurements[0].run.command.endswith("--quick")
    assert quick.measurements[0].run.id != whole.measurements[0].run.id
    assert "6 cells to measure, 3 are kept" in " ".join(lab.said)


def test_a_cell_is_called_as_people_read_it() -> None:
    """A title names kind, coordinates and seed."""
    assert Cell("amount", (("n", 10),), 3).title == "amount: n 10, seed 3"


def test_whatever_ends_a_run_ends_its_processes(lab: Lab) -> None:
    """Ctrl-C, or an error in between: no process is left that works on a cell."""
    lab.settings = EvidenceSettings(sizes=(HANGS,), seeds=1)
    with pytest.raises(KeyboardInterrupt):
        lab.run(processes=1)
    assert active_children() == []
    assert "interrupted; 1 cell is left, what was measured is kept" in lab.said


def test_kinds_are_known_without_what_trains() -> None:
    """A build looks at the grids of its evidence: no library that computes is loaded."""
    code = (
        "import sys; from pipeline.experiment.evidence.kinds import MODULES, kind_in\n"
        "from pipeline.config import EvidenceSettings\n"
        "for one in MODULES.values(): assert kind_in(one).cells(EvidenceSettings(), True)\n"
        "heavy = {'numpy', 'torch', 'transformers', 'sklearn', 'scipy', 'peft', 'ray'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
