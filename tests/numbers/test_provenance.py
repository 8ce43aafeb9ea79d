"""What stands behind a measured number: its own run, on the page's data and on paper."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace
from support.made_up import made_up_results
from support.measured import hash_tables, two_measurements

from pipeline.locale import locale_of
from pipeline.measured import Measured, Value, places_in
from pipeline.numbers.provenance import (
    measurement_rows,
    page_data,
    printed_line,
    rows_of,
    runs_behind,
)

MEDIAN = "median of the repeats, from the least to the largest"
BOTH = two_measurements()
ALL = replace(BOTH, experiment=made_up_results())


def test_each_number_opens_its_own_run() -> None:
    """Values of three sources beside each other, each run listed once."""
    data = page_data([], ["hash.insert.ns", "poll.yes", "finetuned.f1", "hash.keys"], ALL)
    values, runs = data["values"], data["runs"]
    assert [run["file"] for run in runs] == [
        "results.json",
        "measured/hash.json",
        "measured/poll.json",
    ]
    assert {at: value["runs"] for at, value in values.items()} == {
        "finetuned.f1": [0],
        "hash.insert.ns": [1],
        "hash.keys": [1],
        "poll.yes": [2],
    }
    assert values["hash.insert.ns"] == {
        "place": "insert.ns",
        "runs": [1],
        "value": 41.2,
        "low": 40.1,
        "high": 44.0,
        "unit": "ns",
        "direction": "down",
        "how": 1,  # the bootstrap of F1 is the other
        "repeats": [40.1, 41.2, 44.0],
    }
    assert data["hows"] == ["bootstrap over the messages", MEDIAN]
    assert (values["poll.yes"]["hits"], values["poll.yes"]["total"]) == (62, 100)


def test_only_runs_that_are_shown_are_on_the_page() -> None:
    """A talk's other measurements say nothing of themselves."""
    data = page_data([], ["poll.yes"], ALL)
    assert "bench.py" not in json.dumps(data)
    assert page_data([], [], ALL)["runs"] == []


def test_a_run_says_what_it_is_and_what_it_depends_on() -> None:
    """Name, about, command, file, id, date, machine, inputs with their hashes."""
    shown = {str(label): text for label, text, *_ in rows_of("hash", BOTH)}
    assert shown == {
        "measured": "hash: Insertion into hash tables, a million keys",
        "command": "python3 bench.py --keys 1000000",
        "file": "results/hash.json (json)",
        "run": "1a2b3c4d, 2026-11-20 09:30:00 UTC; 3 times",
        "machine": "AMD EPYC 7763, 8 cores",
        "inputs": "bench.py  sha256 bbbbbbbbbbbbbbbb…",
    }


def test_many_inputs_are_counted() -> None:
    """A hundred input files don't fill the dialog."""
    run = replace(hash_tables().run, fingerprint={f"f{n}": "x" for n in range(100)})
    found = Measured(None, {"hash": replace(hash_tables(), run=run)})
    rows = rows_of("hash", found)
    assert len(rows) < 20
    assert rows[-1][1] == "and 92 more"


LINES = [
    (("hash",), "measured on 2026-11-20 · hash 1a2b3c4d"),
    (("hash", "poll"), "measured on 2026-11-20 · hash 1a2b3c4d, on 2026-11-01 · poll 5e6f7a8b"),
    (("",), "measured on 2026-11-24 · run madeup01"),
    ((), ""),
]


@pytest.mark.parametrize(("names", "line"), LINES)
def test_paper_says_which_runs(names: tuple[str, ...], line: str) -> None:
    """Each run once, with its day."""
    assert printed_line(names, ALL) == line


BEHIND = [
    (["hash.insert.ns", "hash.keys"], ("hash",)),
    (["hash.insert.ns / poll.yes"], ("hash", "poll")),
    (["data.read - data.groups", "poll.yes"], ("", "poll")),
    (['hash["poll.yes"].insert'], ("hash",)),
    (["1 - poll.yes"], ("poll",)),
    ([""], ()),
]


@pytest.mark.parametrize(("places", "names"), BEHIND)
def test_the_runs_behind_an_expression(places: list[str], names: tuple[str, ...]) -> None:
    """Of every value that it names; a key that looks like a place is none."""
    assert runs_behind(places, ALL) == names


def test_places_of_an_expression() -> None:
    """Functions, numbers and quoted texts are none."""
    found = places_in('times(hash["a - b"].ns, x.y[0]) * 2.5 + fell(z.rows, "ns in hash")')
    assert list(found) == ['hash["a - b"].ns', "x.y[0]", "z.rows"]


def test_two_hundred_numbers_stay_small() -> None:
    """Runs and sentences stand on the page once, whatever number of values shares them."""
    how = "median of ten runs, interval between their second and ninth value"
    wide = {f"v{n}": Value(n + 0.5, n, n + 1, n=10, unit="ns", how=how) for n in range(200)}
    data = page_data([], [f"hash.wide.v{n}" for n in range(200)], two_measurements(wide=wide))
    assert len(data["values"]) == 200
    assert len(json.dumps(data)) < 30_000


def test_a_run_is_said_in_the_language_of_the_talk() -> None:
    """Its day, its cores and how its values were made; what is kept with it stays English."""
    hash_run = BOTH.measurements["hash"].run
    origin = replace(hash_run, made="2026-11-20T09:30:00Z", machine="x86_64, 2 cores")
    one = replace(BOTH.measurements["hash"], run=origin)
    shown = {str(label): text for label, text, *_ in measurement_rows(one, locale_of("de"))}
    assert shown["Lauf"] == f"{origin.id}, 20.11.2026 09:30:00 UTC; 3 Mal"
    assert shown["Rechner"] == "x86_64, 2 Kerne"
    hebrew = {str(label): text for label, text, *_ in measurement_rows(one, locale_of("he"))}
    assert str(hebrew["הרצה"]).startswith(f"\u2066{origin.id}\u2069, 20 ")
    assert "\u206609:30:00 UTC\u2069" in str(hebrew["הרצה"])
    assert hebrew["מחשב"] == "\u2066x86_64\u2069, 2 ליבות"
    data = page_data([], ["finetuned.f1", "model.memory_bytes"], ALL, locale_of("fr"))
    assert data["hows"] == ["bootstrap sur les messages"]
    assert printed_line(["hash"], BOTH, locale_of("fr")).startswith("mesuré le 20 nov. 2026")
