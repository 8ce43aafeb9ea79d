"""Nothing of a talk runs here before somebody said yes to exactly that."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from support.measuring import Bench

from pipeline.measure.consent import Consent, Wish
from pipeline.measure.run import Wanted, measure
from pipeline.problems import TalkError

WISH = Wish("[measure.hash] of talk.toml", "python3 bench.py", ("bench.py",))


@pytest.fixture(autouse=True)
def _nothing_was_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


class Person:
    """Says yes or no; what was said and how often it was asked."""

    def __init__(self, answer: bool = True) -> None:
        self.answer, self.asked, self.said = answer, 0, list[str]()

    def ask(self, _: str) -> bool:
        self.asked += 1
        return self.answer

    @property
    def consent(self) -> Consent:
        return Consent("Tables", Path("/talk"), self.said.append, self.ask)


def test_it_is_asked_once() -> None:
    """What runs, where and with what is shown; the answer is remembered."""
    person = Person()
    person.consent.require([WISH])
    person.consent.require([WISH])
    assert person.asked == 1
    said = "\n".join(person.said)
    assert "\n    python3 bench.py\n      for [measure.hash] of talk.toml, in /talk\n" in said
    assert "with bench.py" in said


@pytest.mark.parametrize("runs", ["python3 other.py", "python3 bench.py "])
def test_another_command_is_asked_for_again(runs: str) -> None:
    person = Person()
    person.consent.require([WISH])
    person.consent.require([replace(WISH, runs=runs)])
    assert person.asked == 2


def test_the_same_command_of_another_talk_is_asked_for_again() -> None:
    person = Person()
    person.consent.require([WISH])
    replace(person.consent, title="Another").require([WISH])
    assert person.asked == 2


def test_a_talk_with_the_same_title_elsewhere_is_asked_for_itself() -> None:
    """Many talks begin as the same template, with the same command."""
    person = Person()
    person.consent.require([WISH])
    replace(person.consent, folder=Path("/downloads/talk")).require([WISH])
    assert person.asked == 2


def test_no_is_no() -> None:
    person = Person(answer=False)
    for _ in range(2):
        with pytest.raises(TalkError, match="not allowed, so nothing was run"):
            person.consent.require([WISH])
    assert person.asked == 2


def test_where_nobody_is_there_only_yes_allows() -> None:
    nobody = replace(Person().consent, ask=None)
    with pytest.raises(TalkError, match=r"nobody is here to allow `python3 bench\.py`") as caught:
        nobody.require([WISH])
    assert "--yes" in caught.value.hint
    replace(nobody, yes=True).require([WISH])
    nobody.require([WISH])


def test_what_turns_a_terminal_around_is_shown_as_it_is() -> None:
    """A command can't hide a part of itself from who is asked."""
    person = Person()
    person.consent.require([replace(WISH, runs="echo safe\x1b[2K\rrm -r x\u202e")])
    assert "    echo safe\\x1b[2K\\x0drm -r x\\x202e" in "\n".join(person.said)


def test_nor_does_a_title_or_the_name_of_a_file() -> None:
    person = Person()
    wish = replace(WISH, inputs=("a\x1b[1A.csv",))
    replace(person.consent, title="Talk\x1b[8m").require([wish])
    assert "\x1b" not in "".join(person.said)


def test_a_talk_that_came_from_elsewhere_runs_nothing_unasked(tmp_path: Path) -> None:
    """Nor anything of it after a no."""
    bench = Bench(tmp_path)
    bench.script("print('a: 1')")
    bench.table('command = "PYTHON bench.py"')
    person = Person(answer=False)
    consent = Consent("Tables", tmp_path, person.said.append, person.ask)
    with pytest.raises(TalkError, match="not allowed"):
        measure(bench.config, bench.folders, Wanted(), consent, person.said.append)
    assert bench.runs == 0


def test_what_is_drawn_later_is_asked_for_with_the_commands(tmp_path: Path) -> None:
    """Nobody waits for a question behind a long command; nothing is asked where none runs."""
    bench = Bench(tmp_path)
    bench.script("print('a: 1')")
    bench.table('command = "PYTHON bench.py"')
    person = Person()
    figure = Wish("the figure `load`", "python deck/figures/load.py")
    consent = Consent("Tables", tmp_path, person.said.append, person.ask)
    measure(bench.config, bench.folders, Wanted(), consent, person.said.append, [figure])
    consent.require([figure])
    assert person.asked == 1
    other = replace(figure, runs="python deck/figures/other.py")
    measure(bench.config, bench.folders, Wanted(), consent, person.said.append, [other])
    assert person.asked == 1


def test_where_nothing_can_be_remembered_it_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("a file in the way")
    person = Person()
    person.consent.require([WISH])
    person.consent.require([WISH])
    assert person.asked == 2
